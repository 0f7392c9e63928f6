//! Messages on their way to the server: shown at once, kept on this computer until the server has them, sent in order
//! chat by chat, tried again when the connection returns. The client id makes repeating harmless.

use std::time::Duration;

use domain::message::{MessageInput, Quote};
use domain::user::UserRef;
use domain::{
    ChatId, Direction, Failure, Fault, File, FileId, Kind, Message, MessageId, Moment, Origin, Reason, Status,
};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};

use super::attach::{self, State};
use super::room::Room;
use super::store::Chats;
use super::timeline::Source;
use super::{draft, history};
use crate::live::{LINE, Line};
use crate::ui::effect;
use crate::{api, i18n, state};

/// Pause before trying again what the server could not take just now, milliseconds.
const PAUSE: u64 = 5_000;

/// One message that the server does not have yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Unsent {
    chat: ChatId,
    at: Moment,
    input: MessageInput,
    files: Vec<File>,
    quote: Option<Quote>,
    /// Why the server does not want it; such a message waits for the person.
    refused: Option<String>,
}

fn storage_name(chats: Chats) -> String {
    let user = chats.session.me.with_untracked(|me| me.as_ref().map_or(0, |me| me.user.id.0));
    format!("unsent.{user}")
}

/// Takes up what was left when the page was closed, and follows the connection.
pub fn begin(chats: Chats) {
    if let Some(kept) = state::recall(&storage_name(chats)).and_then(|text| serde_json::from_str(&text).ok()) {
        chats.unsent.set(kept);
    }
    effect(move || {
        let waiting = chats.unsent.with(|list| list.iter().filter(|unsent| unsent.refused.is_none()).count());
        chats.session.queued.set(waiting);
    });
    effect(move || {
        if matches!(LINE.get(), Line::Online | Line::CatchingUp(_)) {
            untrack(|| flush(chats));
        }
    });
}

fn keep(chats: Chats) {
    let text = chats.unsent.with_untracked(|list| serde_json::to_string(list).unwrap_or_default());
    state::remember(&storage_name(chats), &text);
}

/// Sends what stands in a room's composer: the text, or each file with its caption as a message of its own.
pub fn send(chats: Chats, room: &Room) {
    let text = room.text.get_untracked().trim_end().to_owned();
    let files = room.tray.with_untracked(|tray| {
        tray.iter()
            .filter_map(|item| match &item.state {
                State::Ready(file) => Some((file.clone(), item.caption.clone())),
                _ => None,
            })
            .collect::<Vec<_>>()
    });
    if text.trim().is_empty() && files.is_empty() {
        return;
    }
    let quote = room.quote.get_untracked();
    let mut parts: Vec<(String, Vec<File>)> = Vec::new();
    // A note has words only; the files stay for the client.
    let note = room.note.get_untracked();
    if files.is_empty() || note {
        parts.push((text, Vec::new()));
    } else {
        let mut first = Some(text);
        parts.extend(files.into_iter().map(|(file, caption)| {
            let main = first.take().unwrap_or_default();
            (if main.trim().is_empty() { caption } else { main }, vec![file])
        }));
    }
    for (n, (text, files)) in parts.into_iter().enumerate() {
        let quoted = quote.as_ref().filter(|_| n == 0);
        push(chats, room, text, files, quoted);
    }
    room.text.set(String::new());
    room.quote.set(None);
    if !note {
        attach::clear(room);
    }
    room.note.set(false);
    draft::save(chats, room.chat, "");
    draft::flush(chats);
    history::to_end(chats, room);
    flush(chats);
}

fn push(chats: Chats, room: &Room, text: String, files: Vec<File>, quoted: Option<&Message>) {
    let unsent = Unsent {
        chat: room.chat,
        at: i18n::now(),
        input: MessageInput {
            client_id: fresh_id(),
            text,
            files: files.iter().map(|file| file.id).collect(),
            quote: quoted.map(|message| message.id),
            note: room.note.get_untracked(),
            ..MessageInput::default()
        },
        files,
        quote: quoted.map(|message| Quote {
            message: Some(message.id),
            author: super::author(chats, message),
            text: message.text.clone(),
            kind: message.kind,
        }),
        refused: None,
    };
    chats.unsent.update(|list| list.push(unsent.clone()));
    keep(chats);
    let message = local(chats, &unsent);
    room.timeline.update(|timeline| {
        if !timeline.newer {
            timeline.add_local(message);
        }
    });
}

/// 64 random bits and the time: unique for every browser that writes to this server.
pub fn fresh_id() -> String {
    let random = || (js_sys::Math::random() * f64::from(u32::MAX)) as u32;
    format!("web-{:x}-{:08x}{:08x}", i18n::now().0, random(), random())
}

/// What still has to leave for a chat, as messages to be shown.
pub fn local_messages(chats: Chats, chat: ChatId) -> Vec<Message> {
    chats.unsent.with_untracked(|list| {
        list.iter().filter(|unsent| unsent.chat == chat).map(|unsent| local(chats, unsent)).collect()
    })
}

fn local(chats: Chats, unsent: &Unsent) -> Message {
    let author = chats
        .session
        .me
        .with_untracked(|me| me.as_ref().map(|me| UserRef { id: me.user.id, name: me.user.name.clone() }));
    let account = chats.chat(unsent.chat).map_or(domain::AccountId(0), |chat| chat.with_untracked(|c| c.account));
    Message {
        id: MessageId(0),
        chat: unsent.chat,
        account,
        direction: Direction::Out,
        origin: Origin::Operator,
        kind: match unsent.files.first() {
            _ if unsent.input.note => Kind::Note,
            Some(file) => Kind::of_mime(&file.mime),
            None => Kind::Text,
        },
        text: unsent.input.text.clone(),
        status: if unsent.refused.is_some() { Status::Failed } else { Status::Queued },
        failure: unsent.refused.clone().map(|detail| Failure { reason: Reason::Rejected, detail }),
        sent_at: unsent.at,
        author,
        sender: None,
        quote: unsent.quote.clone(),
        reactions: Vec::new(),
        files: unsent.files.clone(),
        client_id: Some(unsent.input.client_id.clone()),
        forwarded: false,
        content: unsent.input.content.clone().map(Box::new),
        preview: None,
        mentions: Vec::new(),
        edited_at: None,
        deleted_at: None,
        raw_kind: None,
    }
}

/// Hands over everything that waits, each chat in its order.
pub fn flush(chats: Chats) {
    let mut waiting: Vec<ChatId> = Vec::new();
    chats.unsent.with_untracked(|list| {
        for unsent in list.iter().filter(|unsent| unsent.refused.is_none()) {
            if !waiting.contains(&unsent.chat) {
                waiting.push(unsent.chat);
            }
        }
    });
    for chat in waiting {
        if chats.sending.try_update_value(|busy| busy.insert(chat)) == Some(true) {
            spawn_local(hand_over(chats, chat));
        }
    }
}

async fn hand_over(chats: Chats, chat: ChatId) {
    let path = format!("/chats/{chat}/messages");
    loop {
        let next = chats.unsent.try_with_untracked(|list| {
            list.iter().find(|unsent| unsent.chat == chat && unsent.refused.is_none()).cloned()
        });
        let Some(Some(next)) = next else { break };
        match api::post::<Message>(&path, &next.input).await {
            Ok(message) => {
                confirmed(chats, &message);
                if let Some(room) = chats.known_room(chat) {
                    history::take(chats, &room, message, Source::Answer, false);
                }
            }
            Err(trouble) if trouble.is_passing() || trouble.is(Fault::SignedOut) => {
                set_timeout(
                    move || {
                        if !chats.sending.is_disposed() {
                            flush(chats);
                        }
                    },
                    Duration::from_millis(PAUSE),
                );
                break;
            }
            Err(trouble) => refuse(chats, &next, trouble.message),
        }
    }
    chats.sending.try_update_value(|busy| busy.remove(&chat));
}

fn refuse(chats: Chats, unsent: &Unsent, why: String) {
    let id = &unsent.input.client_id;
    let changed = chats.unsent.try_update(|list| {
        let unsent = list.iter_mut().find(|unsent| unsent.input.client_id == *id)?;
        unsent.refused = Some(why);
        Some(unsent.clone())
    });
    keep(chats);
    if let Some(Some(changed)) = changed {
        redraw(chats, &changed);
    }
}

fn redraw(chats: Chats, unsent: &Unsent) {
    let Some(room) = chats.known_room(unsent.chat) else { return };
    let shown = local(chats, unsent);
    room.timeline.with_untracked(|timeline| {
        if let Some(entry) =
            timeline.entries().iter().find(|entry| entry.message.with_untracked(|m| m.client_id == shown.client_id))
        {
            entry.message.update(|message| {
                message.status = shown.status;
                message.failure = shown.failure;
            });
        }
    });
}

/// The server has a message: it need not be kept here any more.
pub fn confirmed(chats: Chats, message: &Message) {
    let Some(id) = &message.client_id else { return };
    let ours = chats.unsent.try_with_untracked(|list| list.iter().any(|unsent| unsent.input.client_id == *id));
    if ours == Some(true) {
        chats.unsent.update(|list| list.retain(|unsent| unsent.input.client_id != *id));
        keep(chats);
    }
}

/// "Send again".
pub fn again(chats: Chats, room: &Room, message: &Message) {
    if message.id.0 < 0 {
        let changed = chats.unsent.try_update(|list| {
            let unsent = list.iter_mut().find(|unsent| Some(&unsent.input.client_id) == message.client_id.as_ref())?;
            unsent.refused = None;
            Some(unsent.clone())
        });
        keep(chats);
        if let Some(Some(changed)) = changed {
            redraw(chats, &changed);
            flush(chats);
        }
        return;
    }
    let Some(signal) = room.timeline.with_untracked(|t| t.find(message.id).map(|entry| entry.message.clone())) else {
        return;
    };
    let before = message.clone();
    signal.update(|message| {
        message.status = Status::Queued;
        message.failure = None;
    });
    let room = room.clone();
    spawn_local(async move {
        match api::act::<Message>(&format!("/messages/{}/again", before.id)).await {
            Ok(message) => history::take(chats, &room, message, Source::Answer, false),
            Err(trouble) => {
                signal.update(|message| {
                    if message.status == Status::Queued {
                        message.status = before.status;
                        message.failure.clone_from(&before.failure);
                    }
                });
                crate::ui::complain(&trouble);
            }
        }
    });
}

/// Takes back a message that the server did not want.
pub fn discard(chats: Chats, room: &Room, message: &Message) {
    chats.unsent.update(|list| list.retain(|unsent| Some(&unsent.input.client_id) != message.client_id.as_ref()));
    keep(chats);
    room.timeline.update(|timeline| timeline.drop_local(message.id));
}

/// Asks for a file again that could not be fetched.
pub fn fetch_again(room: &Room, message: MessageId, file: FileId) {
    let room = room.clone();
    spawn_local(async move {
        match api::act::<File>(&format!("/files/{file}/again")).await {
            Ok(file) => room.timeline.with_untracked(|timeline| {
                if let Some(entry) = timeline.find(message) {
                    entry.message.update(|message| {
                        if let Some(old) = message.files.iter_mut().find(|old| old.id == file.id) {
                            *old = file;
                        }
                    });
                }
            }),
            Err(trouble) => crate::ui::complain(&trouble),
        }
    });
}
