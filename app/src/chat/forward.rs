//! The dialog that asks to which chats messages are sent on: search, several at once.

use domain::{Chat, ChatId, MessageId, Page};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::face::face;
use super::gesture;
use super::room::Room;
use super::store::chats;
use crate::api;
use crate::i18n::{t, tw};
use crate::ui::{complain, icon, part, toast};

/// Chats shown at once; a search finds the others.
const SHOWN: usize = 30;
/// A pause in typing before the search is asked, milliseconds.
const PAUSE: u64 = 250;

/// The dialog's inside.
#[component]
pub fn Forward(
    /// Whose messages.
    room: Room,
    /// Which messages.
    ids: Vec<MessageId>,
) -> impl IntoView {
    let chats = chats();
    let found = RwSignal::new(None::<Vec<Chat>>);
    let chosen = RwSignal::new(Vec::<Chat>::new());
    let busy = RwSignal::new(false);
    let wave = StoredValue::new(0_u32);
    let search = move |text: String| {
        wave.update_value(|wave| *wave += 1);
        let asked = wave.get_value();
        spawn_local(async move {
            if asked > 1 {
                gloo_timers::future::TimeoutFuture::new(PAUSE as u32).await;
            }
            if wave.try_get_value() != Some(asked) {
                return;
            }
            let path = format!("/chats?limit={SHOWN}&text={}", api::encode(text.trim()));
            let answer = api::get::<Page<Chat>>(&path).await;
            if wave.try_get_value() != Some(asked) {
                return;
            }
            match answer {
                Ok(page) => found.set(Some(page.items)),
                Err(trouble) => complain(&trouble),
            }
        });
    };
    search(String::new());
    let toggle = move |chat: Chat| {
        chosen.update(|chosen| match chosen.iter().position(|known| known.id == chat.id) {
            Some(at) => {
                chosen.remove(at);
            }
            None if chosen.len() < domain::message::MAX_FORWARD => chosen.push(chat),
            None => {}
        });
    };
    let list = part(move || match found.get() {
        None => view! { <div class="pad sm muted" aria-busy="true">{t().common.loading}</div> }.into_any(),
        Some(list) if list.is_empty() => view! { <p class="pad sm muted">{tw().no_such_chat}</p> }.into_any(),
        Some(list) => list
            .into_iter()
            .map(|chat| {
                let id = chat.id;
                let on = Memo::new(move |_| chosen.with(|chosen| chosen.iter().any(|known| known.id == id)));
                let account = chats.session.account(chat.account).map(|account| account.name).unwrap_or_default();
                let title = chat.contact.title();
                let picture = face(&chat.contact, "s");
                view! {
                    <button
                        type="button"
                        class="menu-item"
                        role="option"
                        aria-selected=move || on.get().to_string()
                        on:click=move |_| toggle(chat.clone())
                    >
                        {picture}
                        <span class="trunc">{title}</span>
                        <span class="k">{account}</span>
                        <span class="tickbox">{move || on.get().then(|| icon("check"))}</span>
                    </button>
                }
            })
            .collect_view()
            .into_any(),
    });
    let names = part(move || {
        let names = chosen.with(|chosen| chosen.iter().map(|chat| chat.contact.title()).collect::<Vec<_>>().join(", "));
        view! { <span class="trunc sm soft grow">{names}</span> }
    });
    let send = {
        let room = room.clone();
        move |_| {
            let to: Vec<ChatId> = chosen.with_untracked(|chosen| chosen.iter().map(|chat| chat.id).collect());
            busy.set(true);
            let room = room.clone();
            let only = to.as_slice().first().copied().filter(|_| to.len() == 1);
            let count = to.len() as i64;
            gesture::forward(ids.clone(), to, move |answer| {
                let _ = busy.try_set(false);
                match answer {
                    Ok(()) => {
                        room.over.set(None);
                        room.picked.set(None);
                        toast("forward", (tw().forwarded_to)(count));
                        // One goes on where one has just sent something.
                        if let Some(chat) = only.filter(|chat| *chat != room.chat) {
                            super::list::open(chats, chat);
                        }
                    }
                    Err(trouble) => complain(&trouble),
                }
            });
        }
    };
    let over = room.over.clone();
    view! {
        <div class="body forward">
            <label class="with-icon">
                {icon("search")}
                <input
                    class="input"
                    type="search"
                    autofocus
                    placeholder=t().chat.search_placeholder
                    aria-label=tw().find_chat
                    on:input=move |event| search(event_target_value(&event))
                />
            </label>
            <div class="pick-list" role="listbox" aria-multiselectable="true" aria-label=tw().forward_to>
                {list}
            </div>
        </div>
        <footer>
            {names}
            <button type="button" class="btn quiet" on:click=move |_| over.set(None)>
                {t().common.cancel}
            </button>
            <button
                type="button"
                class="btn primary"
                disabled=move || busy.get() || chosen.with(Vec::is_empty)
                aria-busy=move || busy.get().then_some("true")
                on:click=send
            >
                {icon("forward")}
                {tw().forward}
            </button>
        </footer>
    }
}
