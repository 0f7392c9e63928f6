//! What stands above the text of the composer: from which account one writes, who else is typing, how many characters are
//! left, what is being answered.

use domain::Account;
use domain::message::{MAX_CAPTION, MAX_TEXT};
use leptos::prelude::*;

use super::room::Room;
use super::store::chats;
use super::{author, composer, gesture, preview};
use crate::i18n::{self, number, t, tw};
use crate::ui::{icon, part};

/// From so many characters before the limit on they are counted.
const NEAR: usize = 200;

/// From which account one writes, who else is typing, how many characters are left.
#[component]
pub fn Bar(
    /// Whose.
    room: Room,
    /// The account that writes.
    account: Memo<Option<Account>>,
) -> impl IntoView {
    let chats = chats();
    let chat = room.chat;
    let from = move || account.with(|account| account.as_ref().map(|a| (tw().from_account)(&a.name)));
    let state = move || {
        account.with(|account| {
            let account = account.as_ref().filter(|account| !account.state.sends())?;
            let (name, what) = domain::locale::state(i18n::language(), account.state);
            Some(view! {
                <span class="badge warn" title=what>
                    {icon("clock")}
                    {name}
                </span>
            })
        })
    };
    let typing = part(move || {
        let name = chats.typing.with(|typing| typing.get(&chat).map(|(name, _)| name.clone()))?;
        Some(view! { <span class="nowrap typing" role="status">{(t().chat.types)(&name)}</span> })
    });
    let left = {
        let room = room.clone();
        part(move || {
            let limit = if room.tray.with(Vec::is_empty) { MAX_TEXT } else { MAX_CAPTION };
            let letters = room.text.with(|text| text.chars().count());
            (letters + NEAR > limit).then(|| {
                let over = letters > limit;
                view! {
                    <span class="nowrap num" class:danger-t=over role="status">
                        {format!("{} / {}", number(letters as i64), number(limit as i64))}
                    </span>
                }
            })
        })
    };
    let whom = {
        let note = room.note.clone();
        move |to_note: bool| {
            let (note, set) = (note.clone(), note.clone());
            view! {
                <button
                    type="button"
                    aria-pressed=move || (note.get() == to_note).to_string()
                    title=if to_note { format!("{} (Alt+Z)", tw().note) } else { tw().to_client.to_owned() }
                    on:click=move |_| {
                        set.set(to_note);
                        composer::focus();
                    }
                >
                    {to_note.then(|| icon("note"))}
                    {if to_note { tw().note } else { tw().to_client }}
                </button>
            }
        }
    };
    let note = room.note.clone();
    let words = part(move || {
        if note.get() {
            view! { <span class="trunc">{tw().note_hint}</span> }.into_any()
        } else {
            let (from, state) = (from(), state());
            view! { <span class="trunc">{from} " " {state}</span> }.into_any()
        }
    });
    view! {
        <div class="comp-bar">
            <div class="seg" role="group" aria-label=tw().to_whom>{whom(false)} {whom(true)}</div>
            {words}
            {typing}
            {left}
        </div>
    }
}

/// What is being answered.
#[component]
pub fn Quoted(
    /// Whose.
    room: Room,
) -> impl IntoView {
    let chats = chats();
    part(move || {
        let quote = room.quote.get()?;
        let room = room.clone();
        let name = author(chats, &quote);
        Some(view! {
            <div class="ql">
                <span class="quoted grow">
                    <b>{name}</b>
                    <span>{preview::of_text(quote.kind, &quote.text)}</span>
                </span>
                <button
                    type="button"
                    class="btn icon small quiet"
                    aria-label=tw().drop_quote
                    on:click=move |_| {
                        room.quote.set(None);
                        composer::focus();
                    }
                >
                    {icon("close")}
                </button>
            </div>
        })
    })
}

/// The text that is being changed.
#[component]
pub fn Changing(
    /// Whose.
    room: Room,
) -> impl IntoView {
    part(move || {
        let message = room.editing.get()?;
        let room = room.clone();
        Some(view! {
            <div class="ql">
                {icon("edit")}
                <span class="quoted grow">
                    <b>{tw().changing}</b>
                    <span>{preview::of_text(message.kind, &message.text)}</span>
                </span>
                <button
                    type="button"
                    class="btn icon small quiet"
                    aria-label=tw().stop_changing
                    title=tw().stop_changing
                    on:click=move |_| {
                        gesture::stop_editing(&room);
                        composer::focus();
                    }
                >
                    {icon("close")}
                </button>
            </div>
        })
    })
}
