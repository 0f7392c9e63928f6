//! The inbox by keyboard: carries out what `keys` says. Arrows inside the list and the log are with those.

use domain::ChatState;
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::keys::{Act, Key, act};
use super::store::{Chats, Pane};
use super::{bubble, composer, gesture, head, list};
use crate::state::LETTERS;

/// The panes in the order of F6.
const PANES: [&str; 5] = ["filters", "list", "log", "composer", "card"];

/// Whether a key goes where text is typed.
pub fn in_text(event: &ev::KeyboardEvent) -> bool {
    event.target().and_then(|target| target.dyn_into::<Element>().ok()).is_some_and(|element| {
        element
            .matches("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]")
            .unwrap_or(false)
    })
}

/// Listens for as long as the inbox is shown.
pub fn listen(chats: Chats) {
    let heard = window_event_listener(ev::keydown, move |event| {
        // A dialog or a menu has the keyboard to itself.
        let taken = document().query_selector("dialog[open], [popover]:popover-open").ok().flatten().is_some();
        if event.default_prevented() || taken || event.is_composing() {
            return;
        }
        let code = event.code();
        let key = Key {
            code: &code,
            ctrl: event.ctrl_key() || event.meta_key(),
            alt: event.alt_key(),
            shift: event.shift_key(),
            in_text: in_text(&event),
            letters: LETTERS.get_untracked(),
        };
        if let Some(wanted) = act(key)
            && carry_out(chats, wanted)
        {
            event.prevent_default();
        }
    });
    on_cleanup(move || heard.remove());
}

/// Does it; false when there was nothing to do and the key is the browser's.
fn carry_out(chats: Chats, wanted: Act) -> bool {
    let open = chats.open.get_untracked();
    match wanted {
        Act::NextChat => list::step(chats, 1),
        Act::PreviousChat => list::step(chats, -1),
        Act::NewChat if untrack(|| chats.writes()) => chats.new_chat.set(true),
        Act::Search => return focus_on("#chat-search"),
        Act::Write => composer::focus(),
        Act::HandOver => return click(".chat-head .hand-over"),
        Act::Close => {
            let Some(chat) = open.and_then(|id| chats.chat(id)).filter(|_| untrack(|| chats.writes())) else {
                return false;
            };
            let (id, closed) = chat.with_untracked(|chat| (chat.id, chat.state == ChatState::Closed));
            head::close(chats, id, !closed);
        }
        Act::Quote | Act::Copy | Act::Forward | Act::Pick => return on_message(chats, wanted),
        Act::NextPane => step_pane(1),
        Act::PreviousPane => step_pane(-1),
        Act::Escape if chats.pane.get_untracked() != Pane::Usual => chats.pane.set(Pane::Usual),
        Act::Escape if stop_picking(chats) => {}
        // The rest belongs to the pane that has the focus.
        Act::NewChat | Act::Escape | Act::Down | Act::Up | Act::End => return false,
        Act::Send | Act::NewLine | Act::EditLast | Act::Far | Act::Open | Act::Help => return false,
    }
    true
}

/// Does something with the message that has the focus.
fn on_message(chats: Chats, wanted: Act) -> bool {
    let key = document()
        .active_element()
        .and_then(|element| element.closest("li.msg").ok().flatten())
        .and_then(|element| element.id().strip_prefix('m').and_then(|key| key.parse().ok()));
    let room = chats.open.get_untracked().and_then(|id| chats.known_room(id));
    let (Some(key), Some(room)) = (key, room) else { return false };
    let Some(message) = room.message(key) else { return false };
    let able = gesture::offered(chats, &message);
    match wanted {
        Act::Copy if able.copy => gesture::copy_texts(chats, std::slice::from_ref(&message)),
        Act::Quote if able.quote => bubble::quote(&room, &message),
        Act::Forward if able.forward => gesture::ask_forward(&room, vec![message.id]),
        Act::Pick if able.look && message.deleted_at.is_none() => gesture::pick(&room, message.id),
        _ => return false,
    }
    true
}

fn stop_picking(chats: Chats) -> bool {
    let room = chats.open.get_untracked().and_then(|id| chats.known_room(id));
    room.filter(|room| room.picked.with_untracked(Option::is_some)).inspect(|room| room.picked.set(None)).is_some()
}

fn focus_on(selector: &str) -> bool {
    let element = document().query_selector(selector).ok().flatten().and_then(|e| e.dyn_into::<HtmlElement>().ok());
    element.is_some_and(|element| element.focus().is_ok())
}

fn click(selector: &str) -> bool {
    let element = document().query_selector(selector).ok().flatten().and_then(|e| e.dyn_into::<HtmlElement>().ok());
    element.inspect(HtmlElement::click).is_some()
}

/// Puts the keyboard into a pane: where it was useful last, or on the pane itself.
pub fn focus_pane(name: &str) -> bool {
    match name {
        "composer" => focus_on("#composer"),
        "list" => focus_on(".rows a[tabindex=\"0\"]") || focus_on("[data-pane=list]"),
        "filters" => focus_on(".filters .nav-item[aria-current]") || focus_on("[data-pane=filters]"),
        "log" => focus_on("[data-pane=log]"),
        _ => focus_on("[data-pane=card]"),
    }
}

fn step_pane(by: isize) {
    let now = document()
        .active_element()
        .and_then(|element| element.closest("[data-pane]").ok().flatten())
        .and_then(|pane| pane.get_attribute("data-pane"));
    let shown = |name: &str| {
        let pane = document().query_selector(&format!("[data-pane={name}]")).ok().flatten();
        pane.and_then(|pane| pane.dyn_into::<HtmlElement>().ok()).is_some_and(|pane| pane.offset_width() > 0)
    };
    let panes: Vec<&str> = PANES.into_iter().filter(|name| shown(name)).collect();
    if panes.is_empty() {
        return;
    }
    let count = panes.len() as isize;
    let at = now.and_then(|now| panes.iter().position(|name| *name == now));
    let next = at.map_or(if by > 0 { 0 } else { count - 1 }, |at| (at as isize + by).rem_euclid(count));
    focus_pane(panes[next as usize]);
}
