//! The dialog that begins a conversation with a number.

use domain::chat::OpenInput;
use domain::{Account, Chat, Phone};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_split::wasm_split;

use super::store::{Chats, chats};
use crate::api;
use crate::i18n::{t, tw};
use crate::ui::field::Below;
use crate::ui::{Dialog, Field, Part, SubmitButton, later};

/// The accounts that can write: those that let staff begin come first.
pub fn usable(chats: Chats) -> Vec<Account> {
    let enabled = chats.session.accounts.get().into_iter().filter(|account| account.enabled);
    let (mut first, rest): (Vec<_>, Vec<_>) = enabled.partition(|account| account.switches.write_first);
    first.extend(rest);
    first
}

/// The dialog.
#[component]
pub fn NewChat() -> impl IntoView {
    let chats = chats();
    view! {
        <Dialog open=chats.new_chat title=Signal::stored(t().chat.new_chat.to_owned())>
            {later(form_part, "body")}
        </Dialog>
    }
}

#[wasm_split(window, wasm_split_path = leptos::wasm_split, fallible)]
fn form_part() -> Part {
    Ok(|| view! { <Form /> }.into_any())
}

#[component]
fn Form() -> impl IntoView {
    let chats = chats();
    let phone = RwSignal::new(String::new());
    let text = RwSignal::new(String::new());
    let account = RwSignal::new(untrack(|| usable(chats).first().map(|account| account.id)));
    let wrong = RwSignal::new(String::new());
    let trouble = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let may_begin = move || {
        chats.session.accounts.with(|list| {
            list.iter().find(|a| Some(a.id) == account.get()).is_some_and(|account| account.switches.write_first)
        })
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        trouble.set(String::new());
        let Some(number) = Phone::parse(&phone.get_untracked()) else {
            wrong.set(t().chat.phone_wrong.to_owned());
            return;
        };
        wrong.set(String::new());
        let Some(account) = account.get_untracked() else {
            trouble.set(t().chat.no_account.to_owned());
            return;
        };
        busy.set(true);
        let input = OpenInput { account, phone: format!("+{}", number.digits()) };
        spawn_local(async move {
            let answer = api::post::<Chat>("/chats", &input).await;
            let _ = busy.try_set(false);
            match answer {
                Ok(chat) => {
                    let words = text.try_get_untracked().unwrap_or_default();
                    chats.new_chat.set(false);
                    begin(chats, chat, words);
                }
                Err(fault) => {
                    let _ = trouble.try_set(fault.message);
                }
            }
        });
    };
    let accounts = move || {
        usable(chats)
            .into_iter()
            .map(|account| {
                let number = account
                    .phone
                    .as_deref()
                    .and_then(|digits| Phone::parse(&format!("+{digits}")))
                    .map(|phone| format!(" · {}", phone.pretty()))
                    .unwrap_or_default();
                view! { <option value=account.id.to_string()>{account.name} {number}</option> }
            })
            .collect_view()
    };
    view! {
        <form class="dlg-form" on:submit=submit novalidate>
            <div class="body stack mid">
                <Field
                    label=tw().phone
                    value=phone
                    error=wrong
                    kind="tel"
                    glyph="phone"
                    placeholder="+7 912 000-45-17"
                    autofocus=true
                    maxlength=40
                />
                <label class="field">
                    <span class="label">{tw().from_which}</span>
                    <select
                        class="input"
                        on:change=move |event| account.set(event_target_value(&event).parse().ok())
                    >
                        {accounts}
                    </select>
                </label>
                <label class="field">
                    <span class="label">{tw().message}</span>
                    <textarea
                        class="input"
                        rows="3"
                        maxlength="20000"
                        prop:value=text
                        on:input=move |event| text.set(event_target_value(&event))
                    ></textarea>
                </label>
                <Show when=move || !may_begin()>
                    <p class="xs muted">{tw().write_first_off}</p>
                </Show>
                <div class="field" aria-live="assertive">
                    <Below id="new-chat-trouble".to_owned() error=trouble hint=String::new() />
                </div>
            </div>
            <footer>
                <button type="button" class="btn quiet" on:click=move |_| chats.new_chat.set(false)>
                    {t().common.cancel}
                </button>
                <SubmitButton busy glyph="chat" text=Signal::stored(tw().open_chat.to_owned()) />
            </footer>
        </form>
    }
}

/// Goes into a chat that has just been opened, with a text to be looked over.
pub fn begin(chats: Chats, chat: Chat, text: String) {
    let id = chat.id;
    chats.put(chat);
    chats.count_soon();
    super::composer::put_text(chats, id, text);
    super::list::open(chats, id);
}
