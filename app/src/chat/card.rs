//! The contact's card beside the chat.

use domain::{Chat, ChatId, ChatState, Contact};
use leptos::prelude::*;

use super::face::face;
use super::head::{HandOver, phone, toggle_card};
use super::store::{Pane, chats};
use crate::i18n::{self, tw};
use crate::ui::{Avatar, icon, part};

/// The card of the open chat's contact.
#[component]
pub fn Card(
    /// Which chat.
    id: ChatId,
) -> impl IntoView {
    let chats = chats();
    let room = chats.known_room(id);
    let known = Memo::new(move |_| {
        if let Some(room) = &room {
            room.load.track();
        }
        chats.chat(id).is_some()
    });
    let hide = move |_| {
        if chats.pane.get_untracked() == Pane::Card {
            chats.pane.set(Pane::Usual);
        } else {
            toggle_card(chats);
        }
    };
    view! {
        <aside
            class="card-pane"
            class:open=move || chats.pane.get() == Pane::Card
            aria-label=tw().card
            data-pane="card"
            tabindex="-1"
        >
            <div class="pane-head">
                <button
                    type="button"
                    class="btn icon quiet only-phone"
                    aria-label=tw().to_chat
                    on:click=move |_| chats.pane.set(Pane::Usual)
                >
                    {icon("arrow-left")}
                </button>
                <h2>{tw().client}</h2>
                <button
                    type="button"
                    class="btn icon quiet not-phone"
                    aria-label=tw().hide_card
                    on:click=hide
                >
                    {icon("close")}
                </button>
            </div>
            <div class="scroll grow">
                {part(move || known.get().then(|| chats.chat(id)).flatten().map(|chat| view! { <Inside chat /> }))}
            </div>
        </aside>
    }
}

#[component]
fn Inside(chat: ArcRwSignal<Chat>) -> impl IntoView {
    let chats = chats();
    let contact = {
        let chat = chat.clone();
        Memo::new(move |_| chat.read().contact.clone())
    };
    let owner = {
        let chat = chat.clone();
        Memo::new(move |_| chat.read().assignee.clone())
    };
    let state = {
        let chat = chat.clone();
        move || {
            let chat = chat.read();
            match (chat.state, chat.unanswered) {
                (ChatState::Closed, _) => tw().state_closed.to_owned(),
                (_, Some(since)) => (tw().state_waits)(&i18n::day_and_time(since)),
                _ => tw().state_open.to_owned(),
            }
        }
    };
    let account = {
        let chat = chat.clone();
        Memo::new(move |_| chats.session.account(chat.read().account))
    };
    let owner_line = part(move || match owner.get() {
        Some(user) => view! {
            <Avatar name=user.name.clone() seed=user.id.0 size="s" />
            <div class="grow">
                <p class="sm">
                    <b>{user.name}</b>
                </p>
            </div>
        }
        .into_any(),
        None => view! {
            <span class="ava s none" aria-hidden="true">
                {icon("user")}
            </span>
            <div class="grow">
                <p class="sm soft">{tw().nobody}</p>
            </div>
        }
        .into_any(),
    });
    let hand_over = move || {
        chats
            .writes()
            .then(|| view! { <HandOver chat=chat.clone() class="btn small quiet hand-over card-hand-over" /> })
    };
    view! {
        <div class="card-top">
            <div class="line">
                {part(move || contact.with(|contact| face(contact, "l")))}
                <div class="grow">
                    <b class="card-name">{part(move || contact.with(Contact::title))}</b>
                    <p class="sm soft num">{part(move || contact.with(phone))}</p>
                </div>
            </div>
            {move || {
                contact
                    .with(phone)
                    .map(|phone| {
                        let digits = phone.clone();
                        view! {
                            <div class="line mt-3">
                                <button
                                    type="button"
                                    class="btn small grow"
                                    on:click=move |_| crate::ui::button::copy(digits.replace('\u{a0}', " "))
                                >
                                    {icon("copy")}
                                    {tw().copy_phone}
                                </button>
                            </div>
                        }
                    })
            }}
        </div>
        <details class="sec" open>
            <summary>{tw().owner} {icon("down")}</summary>
            <div class="b">
                <div class="line">{owner_line} {hand_over}</div>
                <dl class="kv mt-3">
                    <dt>{tw().state}</dt>
                    <dd>{state}</dd>
                </dl>
            </div>
        </details>
        <details class="sec" open>
            <summary>{tw().account} {icon("down")}</summary>
            <div class="b">
                {move || {
                    account
                        .get()
                        .map(|account| {
                            let dot = super::filters::dot(&account);
                            let (state, _) = domain::locale::state(i18n::language(), account.state);
                            view! {
                                <div class="item-line">
                                    <span class=format!("dot {dot}")></span>
                                    <span class="m">{account.name}</span>
                                    <span class="e">{state}</span>
                                </div>
                            }
                        })
                }}
            </div>
        </details>
    }
}
