//! What each event of the live line changes here.

use std::time::Duration;

use domain::Event;
use leptos::prelude::*;

use super::filter::View;
use super::store::Chats;
use super::timeline::Source;
use super::{history, marks, notify, send};
use crate::live;

/// After the line opens, lists read before that are looked over once more, milliseconds later.
const LOOK_OVER: u64 = 400;

/// Listens for as long as somebody is signed in.
pub fn begin(chats: Chats) {
    live::on_event(move |event| hear(chats, event));
}

fn hear(chats: Chats, event: &Event) {
    match event {
        Event::Message { message, chat, fresh } => {
            chats.put((**chat).clone());
            send::confirmed(chats, message);
            if let Some(room) = chats.known_room(message.chat) {
                history::take(chats, &room, (**message).clone(), Source::Live, *fresh);
            }
            if message.mentions.iter().any(|user| Some(user.id) == chats.session.user_id()) {
                mentioned(chats, message.chat);
            }
            if *fresh {
                notify::ring(chats, message, chat);
            }
            chats.count_soon();
        }
        Event::Chat { chat } => {
            chats.put((**chat).clone());
            chats.count_soon();
        }
        Event::AccountGone { id } => chats.forget_account(*id),
        Event::Typing { chat, name } => chats.types(*chat, name.clone()),
        // What happened between reading a list and the opening of the line was told to nobody.
        Event::Hello => set_timeout(move || look_over(chats), Duration::from_millis(LOOK_OVER)),
        Event::Reset => {
            chats.rooms.with_value(super::room::Rooms::all_stale);
            chats.reload();
            chats.count_soon();
            if let Some(room) = chats.open.get_untracked().and_then(|id| chats.known_room(id)) {
                history::reread(chats, &room);
            }
        }
        Event::Account { .. } | Event::Heartbeat | Event::Unknown => {}
    }
}

/// A note mentions one: where it is open it is seen, elsewhere the list of mentions has one more.
fn mentioned(chats: Chats, chat: domain::ChatId) {
    if chats.open.get_untracked() == Some(chat) && document().has_focus().unwrap_or(false) {
        marks::seen(chats, chat);
    } else if chats.wanted.with_untracked(|wanted| wanted.view == View::Mentioned) {
        chats.refresh();
    }
}

fn look_over(chats: Chats) {
    if chats.rooms.is_disposed() {
        return;
    }
    chats.refresh();
    chats.count_soon();
    if let Some(room) = chats.open.get_untracked().and_then(|id| chats.known_room(id)) {
        history::catch_up(chats, &room);
    }
}
