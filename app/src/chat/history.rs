//! Reading a room's messages: its beginning, pages in both directions, the place of one message; and what events change
//! in rooms. The window itself is `timeline`; drawing and scrolling is `window`.

use domain::{Chat, ChatId, Message, MessageId, Page};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::layout::UnreadLine;
use super::room::{Hold, Room};
use super::send;
use super::store::{Chats, Load};
use super::timeline::{Change, FIRST, PAGE, Place, Source};
use crate::api;
use crate::i18n::t;

/// With more unread messages than this the first of them is read around, not from the end.
const FROM_THE_END: i32 = 25;

/// One comes into a room.
pub fn enter(chats: Chats, room: &Room) {
    room.below.set(0);
    room.said.set(String::new());
    let ready = room.load.with_untracked(|load| *load == Load::Ready) && !room.stale.get_value();
    let Some(chat) = chats.chat(room.chat) else {
        fetch(chats, room.clone());
        return;
    };
    let (first, count) = chat.with_untracked(|chat| (chat.first_unread.filter(|_| chat.unread > 0), chat.unread));
    room.line.set(first.map(|first| UnreadLine { first, count }));
    match first {
        Some(first) if ready && room.timeline.with_untracked(|timeline| timeline.find(first).is_some()) => {
            room.hold.set_value(Hold::Unread);
            room.settle();
        }
        Some(first) if count > FROM_THE_END => {
            room.hold.set_value(Hold::Unread);
            load(chats, room, Some(first));
        }
        Some(_) => {
            room.hold.set_value(Hold::Unread);
            load(chats, room, None);
        }
        None if ready => room.settle(),
        None => {
            room.hold.set_value(Hold::End);
            load(chats, room, None);
        }
    }
}

/// A chat that no page of the list has brought: its row first, then its messages.
fn fetch(chats: Chats, room: Room) {
    room.load.set(Load::Waiting);
    spawn_local(async move {
        match chats.fetch(room.chat).await {
            Ok(()) => enter(chats, &room),
            Err(trouble) => {
                let _ = room.load.try_set(Load::Failed(trouble));
            }
        }
    });
}

/// Reads the window anew: around a message, or from the end.
pub fn load(chats: Chats, room: &Room, around: Option<MessageId>) {
    let room = room.clone();
    room.wave.update_value(|wave| *wave += 1);
    let wave = room.wave.get_value();
    let empty = room.timeline.with_untracked(|timeline| timeline.entries().is_empty());
    if empty {
        room.load.set(Load::Waiting);
    }
    room.paging.set_value(true);
    room.heard.set_value(Vec::new());
    let around_part = around.map(|id| format!("&around={id}")).unwrap_or_default();
    spawn_local(async move {
        let path = format!("/chats/{}/messages?limit={FIRST}{around_part}", room.chat);
        let answer = api::get::<Page<Message>>(&path).await;
        if room.wave.get_value() != wave {
            return;
        }
        room.paging.set_value(false);
        match answer {
            Ok(page) => {
                let last = page.items.last().map(|m| m.id);
                let newer = around.is_some() && last != last_message(chats, room.chat);
                let older = around.is_some() || page.next.is_some();
                room.timeline.update_untracked(|timeline| timeline.replace(page.items, older, newer));
                room.stale.set_value(false);
                room.paging_failed.set(false);
                after_page(chats, &room);
                room.load.set(Load::Ready);
            }
            Err(trouble) if empty => room.load.set(Load::Failed(trouble)),
            Err(trouble) => crate::ui::complain(&trouble),
        }
    });
}

fn last_message(chats: Chats, chat: ChatId) -> Option<MessageId> {
    chats.chat(chat)?.with_untracked(|chat| chat.last_message.as_ref().map(|m| m.id))
}

/// Applies what was heard while a page was on its way, and shows what still has to leave.
fn after_page(chats: Chats, room: &Room) {
    let heard = room.heard.try_update_value(std::mem::take).unwrap_or_default();
    let unsent = send::local_messages(chats, room.chat);
    room.timeline.update(|timeline| {
        for message in heard {
            timeline.take(message, Source::Live);
        }
        if !timeline.newer {
            for message in unsent {
                timeline.add_local(message);
            }
        }
    });
}

/// Reads the page before the window.
pub fn older(chats: Chats, room: &Room) {
    let first = room.timeline.with_untracked(|timeline| timeline.older.then(|| timeline.first_id()).flatten());
    if let Some(first) = first {
        page(chats, room, format!("before={first}"), true);
    }
}

/// Reads the page after the window.
pub fn newer(chats: Chats, room: &Room) {
    let last = room.timeline.with_untracked(|timeline| timeline.newer.then(|| timeline.last_id()).flatten());
    if let Some(last) = last {
        page(chats, room, format!("after={last}"), false);
    }
}

/// Reads what came while the line was not open yet.
pub fn catch_up(chats: Chats, room: &Room) {
    let last = room.timeline.with_untracked(|timeline| (!timeline.newer).then(|| timeline.last_id()).flatten());
    if let Some(last) = last
        && room.load.with_untracked(|load| *load == Load::Ready)
    {
        page(chats, room, format!("after={last}"), false);
    }
}

fn page(chats: Chats, room: &Room, cursor: String, before: bool) {
    if room.paging.get_value() {
        return;
    }
    let room = room.clone();
    let wave = room.wave.get_value();
    room.paging.set_value(true);
    room.heard.set_value(Vec::new());
    spawn_local(async move {
        let answer = api::get::<Page<Message>>(&format!("/chats/{}/messages?limit={PAGE}&{cursor}", room.chat)).await;
        if room.wave.get_value() != wave {
            return;
        }
        room.paging.set_value(false);
        match answer {
            Ok(page) => {
                let more = page.next.is_some();
                room.timeline.update_untracked(|timeline| {
                    if before { timeline.prepend(page.items, more) } else { timeline.append(page.items, more) }
                });
                room.paging_failed.set(false);
                after_page(chats, &room);
            }
            Err(_) => room.paging_failed.set(true),
        }
    });
}

/// Goes to a message, wherever in the chat it stands.
pub fn show(chats: Chats, room: &Room, id: MessageId) {
    room.hold.set_value(Hold::Show(id));
    if room.timeline.with_untracked(|timeline| timeline.find(id).is_some()) {
        room.settle();
    } else {
        load(chats, room, Some(id));
    }
}

/// Goes to the last message.
pub fn to_end(chats: Chats, room: &Room) {
    room.hold.set_value(Hold::End);
    room.below.set(0);
    if room.timeline.with_untracked(|timeline| timeline.newer) {
        load(chats, room, None);
    } else {
        room.settle();
    }
}

/// The stream skipped events: the open room is read anew where one stands.
pub fn reread(chats: Chats, room: &Room) {
    let around = match room.hold.get_value() {
        Hold::At { key, .. } => room
            .timeline
            .with_untracked(|timeline| timeline.by_key(key).map(|entry| entry.message.with_untracked(|m| m.id)))
            .filter(|id| id.0 > 0),
        _ => None,
    };
    load(chats, room, around);
}

/// Takes news of a message into its room. `fresh`: the client has just said it.
pub fn take(chats: Chats, room: &Room, message: Message, source: Source, fresh: bool) {
    if room.reads() {
        room.heard.update_value(|heard| heard.push(message.clone()));
    }
    let id = message.id;
    let new = room.timeline.with_untracked(|timeline| timeline.find(id).is_none());
    let said = fresh.then(|| domain::text::one_line(&message.text, 200));
    let change = room.timeline.try_update_untracked(|timeline| {
        let change = timeline.take(message, source);
        if room.hold.get_value() == Hold::End {
            timeline.trim_top();
        }
        change
    });
    let detached = change == Some(Change::Outside) || room.hold.get_value() != Hold::End;
    if change == Some(Change::Added) {
        room.timeline.notify();
    }
    if !(fresh && new) || chats.open.get_untracked() != Some(room.chat) {
        return;
    }
    if detached {
        room.below.update(|below| *below += 1);
    }
    if !super::notify::is_watched() {
        room.line.update(|line| {
            *line = Some(match *line {
                Some(line) => UnreadLine { count: line.count + 1, ..line },
                None => UnreadLine { first: id, count: 1 },
            });
        });
        room.timeline.notify();
    }
    let name = chats.chat(room.chat).map(|chat| chat.with_untracked(|c| c.contact.title())).unwrap_or_default();
    let count = room.below.get_untracked();
    room.said.set(if count > 1 {
        (t().chat.new_below)(i64::from(count))
    } else {
        format!("{name}: {}", said.unwrap_or_default())
    });
}

/// Tells the server that everything up to here has been seen; nothing when it knows.
pub fn saw(chats: Chats, room: &Room, message: &Message) {
    let place = Place::of(message);
    let unread = chats.chat(room.chat).is_some_and(|chat| chat.with_untracked(|chat| chat.unread > 0));
    if message.id.0 < 0 || !unread || !chats.writes() || room.seen.get_value().is_some_and(|seen| seen >= place) {
        return;
    }
    room.seen.set_value(Some(place));
    let (room, up_to) = (room.clone(), message.id);
    spawn_local(async move {
        let path = format!("/chats/{}/read", room.chat);
        match api::post::<Chat>(&path, &domain::chat::ReadInput { up_to }).await {
            Ok(chat) => chats.put(chat),
            Err(_) => room.seen.set_value(None),
        }
        chats.count_soon();
    });
}
