//! The sending methods (reference §2.1) and acting on messages and chats (§2.2): what is asked for
//! is checked here and put into the queue; `queue` does the rest.

use std::time::Instant;

use serde_json::{Value, json};

use super::content::{self, Message};
use super::queue::{Deed, Job};
use super::{Answer, Ask, Refusal, Reply, chat_id};
use crate::{hex, unix_s};

/// Id of a message sent through the API.
fn new_id() -> String {
    format!("3EB0{}", hex(16))
}

/// Checks that the plan allows the chat, then queues the call and answers with its ids.
fn enqueue(ask: &Ask, method: &'static str, chat: String, deed: Deed) -> Result<(), Refusal> {
    let mut inner = ask.instance.lock();
    super::quota_of_chats(&ask.instance, &mut inner, method, &chat)?;
    if inner.on("markIncomingMessagesReadedOnReply") {
        for message in inner.messages.iter_mut().filter(|m| m.chat == chat) {
            message.read = true;
        }
    }
    let typing_ms = ask.body["typingTime"].as_u64().unwrap_or(0);
    let body = ask.body.clone();
    inner.jobs.push_back(Job { method, body, chat, deed, typing_ms, at: Instant::now(), told: false });
    ask.instance.queue_bell.notify_one();
    Ok(())
}

/// Queues one message, hanging the quote on it.
fn one(ask: &Ask, method: &'static str, chat: String, data: Value) -> Result<String, Refusal> {
    typing(ask)?;
    let id = new_id();
    let data = match ask.body["quotedMessageId"].as_str() {
        Some(quoted) if !quoted.is_empty() => content::with_quote(&ask.instance.lock(), data, &chat, quoted),
        _ => data,
    };
    enqueue(ask, method, chat, Deed::Send(vec![(id.clone(), data)]))?;
    Ok(id)
}

fn answered(id: String) -> Reply {
    Ok(Answer::Json(json!({"idMessage": id})))
}

/// `typingTime` is 1000 to 20000 ms where it is given; the Python client sends text in forms.
fn typing(ask: &Ask) -> Result<(), Refusal> {
    let given = &ask.body["typingTime"];
    let time = given.as_i64().or_else(|| given.as_str().and_then(|text| text.parse().ok()));
    match (given, time) {
        (Value::Null, _) | (_, Some(1000..=20_000)) => Ok(()),
        _ => {
            Err(Refusal::Invalid("Validation failed. Details: 'typingTime' must be between 1000 and 20000".to_owned()))
        }
    }
}

/// `POST sendMessage`.
pub(super) fn message(ask: &Ask) -> Reply {
    let chat = ask.chat("chatId")?;
    let text = ask.text("message", 20_000)?;
    answered(one(ask, "sendMessage", chat, content::text(&text, true, false))?)
}

fn caption(ask: &Ask) -> Result<String, Refusal> {
    if ask.body["caption"].as_str().unwrap_or_default().is_empty() {
        return Ok(String::new());
    }
    ask.text("caption", 1024)
}

/// `POST sendFileByUpload`, multipart, parts in any order.
pub(super) fn upload(ask: &Ask) -> Reply {
    let chat = ask.chat("chatId")?;
    let caption = caption(ask)?;
    let (file, path) = ask.keep_upload()?;
    let kind = content::file_kind(&file.name);
    let thumbnail = super::thumbnail(kind, &file.bytes);
    let url = ask.full(&path);
    let data = content::file(kind, &url, &file.name, &file.mime, &caption, &thumbnail);
    let id = one(ask, "sendFileByUpload", chat, data)?;
    Ok(Answer::Json(json!({"idMessage": id, "urlFile": url})))
}

/// `POST sendFileByUrl`. Files of the emulator itself (`uploadFile`) are taken over. Any other
/// private address is out of reach, as a self-hosted server's is for the real service (reference
/// §6). Public addresses are not fetched, because the emulator never leaves loopback: the message
/// carries the address itself.
pub(super) fn by_url(ask: &Ask) -> Reply {
    let chat = ask.chat("chatId")?;
    let url = ask.text("urlFile", 2000)?;
    let name = ask.text("fileName", 500)?;
    let caption = caption(ask)?;
    let host = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"))
        .and_then(|rest| rest.split(['/', ':', '?']).next());
    let Some(host) = host.filter(|_| !url.contains([' ', '~', '$', '€', '£'])) else {
        return Err(Refusal::Invalid("Validation failed. Details: 'urlFile' must be a URL address".to_owned()));
    };
    let own = url.strip_prefix(&ask.instance.world.url);
    let private =
        host == "localhost" || host.parse::<std::net::Ipv4Addr>().is_ok_and(|ip| ip.is_loopback() || ip.is_private());
    if own.is_none() && private {
        let text = format!("Validation failed. Details: file from url {url} is not available");
        return Err(Refusal::Invalid(text));
    }
    let stored = own.and_then(|path| ask.instance.world.files.get(path));
    if own.is_some() && stored.is_none() {
        let text = format!("Validation failed. Details: file from url {url} is not available");
        return Err(Refusal::Invalid(text));
    }
    let kind = content::file_kind(&name);
    let thumbnail = stored.map(|file| super::thumbnail(kind, &file.bytes)).unwrap_or_default();
    let data = content::file(kind, &url, &name, &content::mime(&name), &caption, &thumbnail);
    answered(one(ask, "sendFileByUrl", chat, data)?)
}

/// `POST uploadFile`: raw bytes with `GA-Filename`, or multipart.
pub(super) fn store(ask: &Ask) -> Reply {
    let path = ask.keep_upload()?.1;
    Ok(Answer::Json(json!({"urlFile": ask.full(&path)})))
}

/// `POST sendContact`.
pub(super) fn contact(ask: &Ask) -> Reply {
    let chat = ask.chat("chatId")?;
    let contact = &ask.body["contact"];
    let phone = match &contact["phoneContact"] {
        Value::Number(phone) => phone.to_string(),
        Value::String(phone) if phone.bytes().all(|b| b.is_ascii_digit()) => phone.clone(),
        _ => return Err(ask.missing("contact.phoneContact")),
    };
    let part = |name: &str| contact[name].as_str().unwrap_or_default();
    let name = ["firstName", "middleName", "lastName"].map(part).join(" ");
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let company = part("company");
    if name.is_empty() && company.is_empty() {
        return Err(ask.missing("contact.firstName"));
    }
    let shown = if name.is_empty() { company } else { &name };
    let data = json!({"typeMessage": "contactMessage", "contactMessageData": {
        "displayName": shown, "vcard": content::vcard(shown, &phone, company),
        "forwardingScore": 0, "isForwarded": false}});
    answered(one(ask, "sendContact", chat, data)?)
}

/// `POST sendLocation`.
pub(super) fn location(ask: &Ask) -> Reply {
    let chat = ask.chat("chatId")?;
    let (Some(latitude), Some(longitude)) = (ask.body["latitude"].as_f64(), ask.body["longitude"].as_f64()) else {
        return Err(ask.missing("latitude"));
    };
    let text = |name: &str| ask.body[name].as_str().unwrap_or_default();
    let data = json!({"typeMessage": "locationMessage", "locationMessageData": {
        "nameLocation": text("nameLocation"), "address": text("address"), "jpegThumbnail": "",
        "latitude": latitude, "longitude": longitude, "forwardingScore": 0,
        "isForwarded": false}});
    answered(one(ask, "sendLocation", chat, data)?)
}

/// `POST sendPoll`: 2 to 12 different options.
pub(super) fn poll(ask: &Ask) -> Reply {
    let chat = ask.chat("chatId")?;
    let question = ask.text("message", 255)?;
    let options = ask.body["options"].as_array().cloned().unwrap_or_default();
    let mut names: Vec<_> = options.iter().filter_map(|o| o["optionName"].as_str()).collect();
    let given = names.len();
    names.sort_unstable();
    names.dedup();
    if given != options.len() || names.len() != given || !(2..=12).contains(&given) {
        return Err(Refusal::Invalid(
            "Validation failed. Details: 'options' must contain from 2 to 12 unique values".to_owned(),
        ));
    }
    let many = ask.body["multipleAnswers"].as_bool().unwrap_or(false);
    let data = json!({"typeMessage": "pollMessage", "pollMessageData": {"name": question,
        "options": options, "multipleAnswers": many}});
    answered(one(ask, "sendPoll", chat, data)?)
}

/// `POST forwardMessages`: new ids in the same order.
pub(super) fn forward(ask: &Ask) -> Reply {
    let chat = ask.chat("chatId")?;
    let from = ask.chat("chatIdFrom")?;
    let Some(asked) = ask.body["messages"].as_array().filter(|ids| !ids.is_empty()) else {
        return Err(ask.missing("messages"));
    };
    let mut messages = Vec::new();
    {
        let inner = ask.instance.lock();
        for id in asked.iter().filter_map(Value::as_str) {
            let Some(message) = inner.message(&from, id) else {
                let text = format!("Message not found by chatId {from} and idMessage {id}");
                return Err(Refusal::Invalid(text));
            };
            let mut data = message.data.clone();
            if let Some(map) = data.as_object_mut() {
                map.remove("quotedMessage");
                for inner in map.values_mut().filter(|value| value.is_object()) {
                    inner["isForwarded"] = json!(true);
                    inner["forwardingScore"] = json!(1);
                }
            }
            if let Some(text) = data["textMessageData"]["textMessage"].as_str() {
                data = content::text(text, true, true);
            }
            messages.push((new_id(), data));
        }
    }
    let ids: Vec<_> = messages.iter().map(|(id, _)| id.clone()).collect();
    enqueue(ask, "forwardMessages", chat, Deed::Send(messages))?;
    Ok(Answer::Json(json!({"messages": ids})))
}

fn buttons(ask: &Ask, method: &'static str, reply: bool) -> Reply {
    let chat = ask.chat("chatId")?;
    let body = ask.text("body", 1024)?;
    let mut buttons = ask.body["buttons"].as_array().cloned().unwrap_or_default();
    if buttons.is_empty() || buttons.len() > 3 {
        let text = "Validation failed. Details: 'buttons' must contain from 1 to 3 items";
        return Err(Refusal::Invalid(text.to_owned()));
    }
    if reply {
        for button in buttons.iter_mut().filter(|button| button.is_object()) {
            button["type"] = json!("reply");
        }
    }
    let text = |name: &str| ask.body[name].as_str().unwrap_or_default();
    let data = json!({"typeMessage": "interactiveButtons", "interactiveButtons": {
        "titleText": text("header"), "contentText": body, "footerText": text("footer"),
        "buttons": buttons}});
    answered(one(ask, method, chat, data)?)
}

/// `POST sendInteractiveButtons`.
pub(super) fn interactive(ask: &Ask) -> Reply {
    buttons(ask, "sendInteractiveButtons", false)
}

/// `POST sendInteractiveButtonsReply`.
pub(super) fn interactive_reply(ask: &Ask) -> Reply {
    buttons(ask, "sendInteractiveButtonsReply", true)
}

/// `POST sendReaction`; an empty reaction takes it back.
pub(super) fn reaction(ask: &Ask) -> Reply {
    let chat = ask.chat("chatId")?;
    let stanza = ask.text("idMessage", 200)?;
    let Some(reaction) = ask.body["reaction"].as_str() else {
        return Err(ask.missing("reaction"));
    };
    let participant = {
        let inner = ask.instance.lock();
        inner.message(&chat, &stanza).map(|m| inner.face(&m.sender)).unwrap_or_default()
    };
    let data = json!({"typeMessage": "reactionMessage",
        "extendedTextMessageData": {"text": reaction},
        "quotedMessage": {"stanzaId": stanza, "participant": participant}});
    let id = new_id();
    enqueue(ask, "sendReaction", chat, Deed::Send(vec![(id.clone(), data)]))?;
    answered(id)
}

/// `POST sendTyping`: nothing is answered.
pub(super) fn typing_shown(ask: &Ask) -> Reply {
    ask.chat("chatId")?;
    typing(ask)?;
    Ok(Answer::Empty)
}

/// The own message that a call wants to change.
fn own(ask: &Ask, chat: &str) -> Result<Message, Refusal> {
    let id = ask.text("idMessage", 200)?;
    let inner = ask.instance.lock();
    match inner.message(chat, &id).filter(|message| message.outgoing) {
        Some(message) => Ok(message.clone()),
        None => Err(Refusal::Invalid(format!("Message not found by chatId {chat} and idMessage {id}"))),
    }
}

/// `POST editMessage`: own text, at most 15 minutes old; goes through the queue.
pub(super) fn edit(ask: &Ask) -> Reply {
    let chat = ask.chat("chatId")?;
    let text = ask.text("message", 20_000)?;
    let original = own(ask, &chat)?;
    if unix_s() - original.timestamp > 15 * 60 {
        let text = "message cannot be edited: more than 15 minutes have passed".to_owned();
        return Err(Refusal::Invalid(text));
    }
    let id = new_id();
    let deed = Deed::Edit { id: id.clone(), original: original.id, text };
    enqueue(ask, "editMessage", chat, deed)?;
    answered(id)
}

/// `POST deleteMessage`: at once, nothing is answered.
pub(super) fn delete(ask: &Ask) -> Reply {
    let chat = ask.chat("chatId")?;
    let id = ask.text("idMessage", 200)?;
    let only_here = ask.body["onlySenderDelete"].as_bool().unwrap_or(false);
    let mut inner = ask.instance.lock();
    if inner.message(&chat, &id).is_none() {
        // It may still wait in the queue; then it is never sent.
        inner.jobs.retain(|job| !matches!(&job.deed, Deed::Send(messages) if messages.iter().any(|(m, _)| *m == id)));
        return Ok(Answer::Empty);
    }
    let event = new_id();
    if let Some(message) = inner.message_mut(&chat, &id) {
        message.deleted_by.clone_from(&event);
    }
    if !only_here {
        let data = json!({"typeMessage": "deletedMessage", "deletedMessageData": {"stanzaId": id}});
        super::queue::go(&ask.instance, &mut inner, &chat, &event, data);
    }
    Ok(Answer::Empty)
}

/// `POST readChat`: one message or all of the chat, only those that came while `incomingWebhook`
/// was on.
pub(super) fn read(ask: &Ask) -> Reply {
    let chat = ask.chat("chatId")?;
    let id = ask.body["idMessage"].as_str();
    let mut inner = ask.instance.lock();
    let mut found = false;
    for message in inner.messages.iter_mut().filter(|m| !m.outgoing && m.chat == chat) {
        if message.journaled && id.is_none_or(|id| id.is_empty() || id == message.id) {
            message.read = true;
            found = true;
        }
    }
    Ok(Answer::Json(json!({"setRead": found})))
}

fn set_archived(ask: &Ask, archived: bool) -> Reply {
    let chat = ask.chat("chatId")?;
    ask.instance.lock().chats.entry(chat).or_default().archived = archived;
    Ok(Answer::Empty)
}

/// `POST archiveChat`.
pub(super) fn archive(ask: &Ask) -> Reply {
    set_archived(ask, true)
}

/// `POST unarchiveChat`.
pub(super) fn unarchive(ask: &Ask) -> Reply {
    set_archived(ask, false)
}

/// `POST setDisappearingChat`.
pub(super) fn disappearing(ask: &Ask) -> Reply {
    let chat = ask.chat("chatId")?;
    let seconds = match ask.body["ephemeralExpiration"].as_i64() {
        Some(seconds @ (0 | 86_400 | 604_800 | 7_776_000)) => seconds,
        _ => return Err(ask.missing("ephemeralExpiration")),
    };
    let mut inner = ask.instance.lock();
    let state = inner.chats.entry(chat_id(&chat)).or_default();
    state.ephemeral = seconds;
    state.ephemeral_set = unix_s();
    Ok(Answer::Json(json!({"chatId": chat, "disappearingMessagesInChat": seconds > 0,
        "ephemeralExpiration": seconds})))
}

/// `GET showMessagesQueue`.
pub(super) fn show_queue(ask: &Ask) -> Reply {
    Ok(Answer::Json(Value::Array(ask.instance.queued())))
}

/// `GET clearMessagesQueue`.
pub(super) fn clear_queue(ask: &Ask) -> Reply {
    ask.instance.lock().jobs.clear();
    Ok(Answer::Json(json!({"isCleared": true})))
}

/// `GET getMessagesCount` (the shape is unconfirmed, reference §2.5).
pub(super) fn count_queue(ask: &Ask) -> Reply {
    Ok(Answer::Json(json!({"count": ask.instance.lock().jobs.len()})))
}
