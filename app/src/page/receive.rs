//! How an account's notifications reach us: the way, the address and header for the provider's console, and the button
//! that sets them there.

use domain::{Account, Receive};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::account_form::AccountForm;
use crate::api;
use crate::i18n::ts;
use crate::state::session;
use crate::ui::field::fresh_id;
use crate::ui::state::provider_name;
use crate::ui::{CopyButton, complain, icon, part, toast};

/// Webhook, polling or nothing.
#[component]
pub fn ReceiveBox(
    /// The form that is being filled.
    form: AccountForm,
    /// The account as it is kept.
    account: RwSignal<Account>,
) -> impl IntoView {
    let (id, capabilities, provider) = account.with_untracked(|a| (a.id, a.capabilities, provider_name(a.provider)));
    let name = fresh_id("receive");
    let ways = [
        (Receive::Webhook, ts().webhook, capabilities.webhook),
        (Receive::Polling, ts().polling, capabilities.polling),
        (Receive::Off, ts().receive_off, true),
    ];
    let ways = ways
        .into_iter()
        .filter(|(.., able)| *able)
        .map(|(way, text, _)| {
            view! {
                <label>
                    <input
                        type="radio"
                        name=name.clone()
                        prop:checked=move || form.receive.get() == way
                        on:change=move |_| form.receive.set(way)
                    />
                    {text}
                </label>
            }
        })
        .collect_view();
    let body = part(move || match form.receive.get() {
        Receive::Polling => view! { <p class="sm soft">{ts().polling_text}</p> }.into_any(),
        Receive::Off => view! { <p class="sm warn-t">{ts().receive_off_text}</p> }.into_any(),
        Receive::Webhook => match account.with(|a| a.webhook_url.clone()) {
            None => view! {
                <div class="notice warn">
                    {icon("warn")} <div>
                        <b>{ts().no_public_url}</b>
                        " "
                        {ts().no_public_url_text}
                    </div>
                </div>
            }
            .into_any(),
            Some(url) => {
                let header = account.with(|a| a.webhook_authorization.clone());
                view! {
                    <CodeBox label=(ts().webhook_address)(provider) text=url />
                    {header.map(|header| view! { <CodeBox label=ts().webhook_header text=header /> })}
                    <p class="hint xs muted">{ts().webhook_hint}</p>
                    {capabilities.sets_webhook.then(|| view! { <SetWebhook id account /> })}
                }
                .into_any()
            }
        },
    });
    let unsaved = part(move || {
        (form.receive.get() != account.with(|a| a.receive))
            .then(|| view! { <p class="sm accent-t">{ts().unsaved_receive}</p> })
    });
    view! {
        <section class="box">
            <header>
                <h2>{ts().receiving}</h2>
                <div class="seg" role="radiogroup" aria-label=ts().way>
                    {ways}
                </div>
            </header>
            <div class="b stack mid">{unsaved} {body}</div>
        </section>
    }
}

#[component]
fn SetWebhook(id: domain::AccountId, account: RwSignal<Account>) -> impl IntoView {
    let session = session();
    let busy = RwSignal::new(false);
    let set = move |_| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            match api::act::<Account>(&format!("/accounts/{id}/webhook")).await {
                Ok(news) => {
                    toast("check", ts().webhook_was_set);
                    session.put_account(news.clone());
                    account.try_set(news);
                }
                Err(trouble) => complain(&trouble),
            }
            busy.try_set(false);
        });
    };
    view! {
        <div class="line wrap">
            <button type="button" class="btn" aria-busy=move || busy.get().then_some("true") on:click=set>
                {move || icon(if busy.get() { "spinner" } else { "bolt" })}
                {ts().set_webhook}
            </button>
        </div>
    }
}

/// A text to be copied elsewhere.
#[component]
pub fn CodeBox(
    /// What it is.
    #[prop(into)]
    label: String,
    /// The text.
    text: String,
) -> impl IntoView {
    view! {
        <div class="field">
            <span class="label">{label.clone()}</span>
            <div class="codebox">
                <span>{text.clone()}</span>
                <CopyButton text=text what=label />
            </div>
        </div>
    }
}
