//! What one does with messages that are there: react, change, delete, forward, pick out. What is offered is decided in
//! `able`; the server decides again.

use domain::message::{EditInput, ForwardInput, ReactInput};
use domain::{ChatId, Message, MessageId};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::able::{Able, able};
use super::room::{Over, Room};
use super::store::Chats;
use super::timeline::Source;
use super::{author, composer, draft, history, send};
use crate::i18n::{self, Style};
use crate::ui::button::copy;
use crate::{api, ui};

/// The emoji offered at once, as in WhatsApp itself.
pub const QUICK: [&str; 6] = ["👍", "❤️", "😂", "😮", "😢", "🙏"];

/// What the person can do with a message now.
pub fn offered(chats: Chats, message: &Message) -> Able {
    let me =
        chats.session.me.with_untracked(|me| me.as_ref().map(|me| me.user.id)).filter(|_| untrack(|| chats.writes()));
    chats.session.accounts.with_untracked(|list| {
        let account = list.iter().find(|account| account.id == message.account);
        able(message, account, me, i18n::now())
    })
}

/// Reacts, or takes the reaction back when it is the same.
pub fn react(chats: Chats, room: &Room, id: MessageId, emoji: &str) {
    let (room, input) = (room.clone(), ReactInput { emoji: emoji.to_owned() });
    spawn_local(async move {
        match api::post::<Message>(&format!("/messages/{id}/react"), &input).await {
            Ok(message) => history::take(chats, &room, message, Source::Answer, false),
            Err(trouble) => ui::complain(&trouble),
        }
    });
}

/// Deletes messages for everyone, one after the other; stops at the first that cannot be.
pub fn delete(room: &Room, ids: Vec<MessageId>) {
    room.picked.set(None);
    spawn_local(async move {
        for id in ids {
            if let Err(trouble) = api::delete(&format!("/messages/{id}")).await {
                ui::complain(&trouble);
                return;
            }
        }
    });
}

/// Sends messages on. `done` hears whether they went.
pub fn forward(messages: Vec<MessageId>, chats: Vec<ChatId>, done: impl FnOnce(Result<(), api::Trouble>) + 'static) {
    let input = ForwardInput { messages, chats, client_id: send::fresh_id() };
    spawn_local(async move { done(api::order("/messages/forward", &input).await) });
}

/// Takes a message's text into the composer to be changed; what stood there is put by.
pub fn edit(room: &Room, message: &Message) {
    if room.editing.with_untracked(Option::is_none) {
        room.put_by.set_value(room.text.get_untracked());
    }
    room.quote.set(None);
    room.picked.set(None);
    room.editing.set(Some(message.clone()));
    room.text.set(message.text.clone());
    composer::focus();
}

/// The composer is for new messages again.
pub fn stop_editing(room: &Room) {
    if room.editing.with_untracked(Option::is_some) {
        room.editing.set(None);
        room.text.set(room.put_by.get_value());
    }
}

/// Saves the changed text. When it cannot be saved the text stays to be looked at again.
pub fn save_edit(chats: Chats, room: &Room) {
    let Some(message) = room.editing.get_untracked() else { return };
    let text = room.text.get_untracked().trim_end().to_owned();
    if text == message.text.trim_end() {
        stop_editing(room);
        return;
    }
    let room = room.clone();
    spawn_local(async move {
        match api::patch::<Message>(&format!("/messages/{}", message.id), &EditInput { text }).await {
            Ok(changed) => {
                history::take(chats, &room, changed, Source::Answer, false);
                if room.editing.with_untracked(|now| now.as_ref().is_some_and(|now| now.id == message.id)) {
                    stop_editing(&room);
                    draft::save(chats, room.chat, &room.text.get_untracked());
                }
            }
            Err(trouble) => ui::complain(&trouble),
        }
    });
}

/// Changes the last text of mine that can still be changed; false when there is none.
pub fn edit_last(chats: Chats, room: &Room) -> bool {
    let last = room.timeline.with_untracked(|timeline| {
        let mut entries = timeline.entries().iter().rev().map(|entry| entry.message.get_untracked());
        entries.find(|message| offered(chats, message).edit)
    });
    last.inspect(|message| edit(room, message)).is_some()
}

/// Picks a message out, or puts it back; begins picking if need be.
pub fn pick(room: &Room, id: MessageId) {
    if id.0 < 0 {
        return;
    }
    room.picked.update(|picked| {
        let list = picked.get_or_insert_default();
        match list.iter().position(|known| *known == id) {
            Some(at) => {
                list.remove(at);
            }
            None if list.len() < domain::message::MAX_FORWARD => list.push(id),
            None => {}
        }
    });
}

/// The messages that are picked out, oldest first.
pub fn picked(room: &Room) -> Vec<Message> {
    let picked = room.picked.get().unwrap_or_default();
    room.timeline.with(|timeline| {
        let all = timeline.entries().iter().map(|entry| entry.message.get());
        all.filter(|message| picked.contains(&message.id)).collect()
    })
}

/// Copies texts: of one message as it is, of several with who said it and when.
pub fn copy_texts(chats: Chats, messages: &[Message]) {
    match messages {
        [one] => copy(one.text.clone()),
        several => {
            let lines = several.iter().filter(|message| !message.text.trim().is_empty()).map(|message| {
                let when = i18n::moment(message.sent_at, Style::Full);
                format!("[{when}] {}: {}", author(chats, message), message.text)
            });
            copy(lines.collect::<Vec<_>>().join("\n"));
        }
    }
}

/// Opens what asks where to forward messages to.
pub fn ask_forward(room: &Room, ids: Vec<MessageId>) {
    room.over.set(Some(Over::Forward(ids)));
}
