//! Journals: what was said, asked for afterwards (reference §2.3 `downloadFile`, §2.4).

use std::collections::HashMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::content::Message;
use super::instance::Inner;
use super::{Answer, Ask, Refusal, Reply};
use crate::unix_s;

/// Messages that the journals already show, newest first.
fn visible(inner: &Inner) -> impl Iterator<Item = &Message> {
    let lag = Duration::from_millis(inner.pace.journal_lag_ms);
    let mut shown: Vec<_> = inner.messages.iter().filter(|m| m.journaled && m.at.elapsed() >= lag).collect();
    // Stable, so that what came later within one second stays above.
    shown.reverse();
    shown.sort_by_key(|message| std::cmp::Reverse(message.timestamp));
    shown.into_iter()
}

/// `POST getChatHistory {chatId, count}`: newest first, 100 by default.
pub(super) fn history(ask: &Ask) -> Reply {
    let chat = ask.chat("chatId")?;
    let count = ask.body["count"].as_u64().unwrap_or(100);
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let inner = ask.instance.lock();
    let rows: Vec<Value> = visible(&inner).filter(|m| m.chat == chat).take(count).map(|m| m.row(&inner)).collect();
    Ok(Answer::Json(Value::Array(rows)))
}

/// `POST getMessage {chatId, idMessage}`.
pub(super) fn message(ask: &Ask) -> Reply {
    let chat = ask.chat("chatId")?;
    let id = ask.text("idMessage", 200)?;
    let inner = ask.instance.lock();
    let lag = Duration::from_millis(inner.pace.journal_lag_ms);
    match inner.message(&chat, &id).filter(|m| m.journaled && m.at.elapsed() >= lag) {
        Some(message) => Ok(Answer::Json(message.row(&inner))),
        None => Err(Refusal::Invalid(format!("Message not found by chatId {chat} and idMessage {id}"))),
    }
}

/// Unix seconds from which a journal of `?minutes=` reaches; the asynchronous Python client sends
/// them as a JSON body (reference §8).
pub(super) fn since(ask: &Ask) -> i64 {
    let minutes = ask
        .query
        .get("minutes")
        .and_then(|minutes| minutes.parse::<i64>().ok())
        .or_else(|| ask.body["minutes"].as_i64())
        .unwrap_or(1440);
    unix_s().saturating_sub(minutes.saturating_mul(60))
}

fn last(ask: &Ask, outgoing: bool) -> Reply {
    let since = since(ask);
    let inner = ask.instance.lock();
    let rows: Vec<Value> =
        visible(&inner).filter(|m| m.outgoing == outgoing && m.timestamp >= since).map(|m| m.row(&inner)).collect();
    Ok(Answer::Json(Value::Array(rows)))
}

/// `GET lastIncomingMessages?minutes=`.
pub(super) fn last_incoming(ask: &Ask) -> Reply {
    last(ask, false)
}

/// `GET lastOutgoingMessages?minutes=`.
pub(super) fn last_outgoing(ask: &Ask) -> Reply {
    last(ask, true)
}

fn last_calls(ask: &Ask, direction: &str) -> Reply {
    let since = since(ask);
    let inner = ask.instance.lock();
    let rows: Vec<Value> = inner
        .calls
        .iter()
        .rev()
        .filter(|call| call["type"] == direction && call["timestamp"].as_i64() >= Some(since))
        .cloned()
        .collect();
    Ok(Answer::Json(Value::Array(rows)))
}

/// `GET lastIncomingCalls?minutes=`.
pub(super) fn incoming_calls(ask: &Ask) -> Reply {
    last_calls(ask, "incoming")
}

/// `GET lastOutgoingCalls?minutes=`.
pub(super) fn outgoing_calls(ask: &Ask) -> Reply {
    last_calls(ask, "outgoing")
}

/// `GET getChats?count=`, latest activity first.
pub(super) fn chats(ask: &Ask) -> Reply {
    let count = ask.number("count").unwrap_or(usize::MAX);
    let inner = ask.instance.lock();
    let mut active: HashMap<&str, usize> = HashMap::new();
    for (at, message) in inner.messages.iter().enumerate() {
        active.insert(&message.chat, at);
    }
    let mut chats: Vec<_> = inner.chats.iter().collect();
    chats.sort_by_key(|(id, _)| std::cmp::Reverse(active.get(id.as_str()).copied()));
    let rows: Vec<Value> = chats
        .into_iter()
        .take(count)
        .map(|(id, chat)| {
            json!({"id": inner.face(id), "name": inner.title(id),
                "type": if id.ends_with("@g.us") { "group" } else { "user" },
                "archive": chat.archived, "ephemeralExpiration": chat.ephemeral,
                "ephemeralSettingTimestamp": chat.ephemeral_set})
        })
        .collect();
    Ok(Answer::Json(Value::Array(rows)))
}

/// `POST downloadFile {chatId, idMessage}`: a fresh link to the file of a message.
pub(super) fn download(ask: &Ask) -> Reply {
    let chat = ask.chat("chatId")?;
    let id = ask.text("idMessage", 200)?;
    let mut inner = ask.instance.lock();
    let Some(message) = inner.message_mut(&chat, &id).filter(|message| message.file.is_some()) else {
        return Err(Refusal::Invalid(format!(
            "File message encrypted url not found by chatId {chat} and idMessage {id}"
        )));
    };
    let path = message.file.clone().unwrap_or_default();
    let fresh = ask.instance.world.files.renew(&ask.instance.scope(), &path).ok_or_else(|| {
        Refusal::Invalid(format!("File message encrypted url not found by chatId {chat} and idMessage {id}"))
    })?;
    let url = ask.full(&fresh);
    message.data["fileMessageData"]["downloadUrl"] = json!(url);
    message.file = Some(fresh);
    Ok(Answer::Json(json!({"downloadUrl": url})))
}
