//! A colleague who is answering the same client just now: one is warned once before one's own answer goes.

use domain::{Direction, Message, Moment, UserId};
use leptos::prelude::*;

use super::room::Room;
use super::store::Chats;
use crate::i18n;

/// For so long after a colleague's answer another one is surprising, milliseconds.
const FRESH: i64 = 60_000;

/// The colleague's name, if there is one.
pub fn rival(chats: Chats, room: &Room) -> Option<String> {
    let typing = chats.typing.with_untracked(|typing| typing.get(&room.chat).map(|(name, _)| name.clone()));
    typing.or_else(|| {
        let me = chats.session.user_id()?;
        room.timeline.with_untracked(|timeline| {
            let last = timeline.entries().iter().rev().map(|entry| entry.message.get_untracked());
            answered(last.take(10), me, i18n::now())
        })
    })
}

/// Who answered within the last minute, if the client has said nothing since and neither has `me`. Newest first.
fn answered(messages: impl Iterator<Item = Message>, me: UserId, now: Moment) -> Option<String> {
    let mut said = messages.filter(|message| message.kind.is_said());
    let last = said.next()?;
    let author = last.author.filter(|author| author.id != me)?;
    (last.direction == Direction::Out && now.since(last.sent_at) < FRESH).then_some(author.name)
}
