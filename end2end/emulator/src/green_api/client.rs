//! What people do on the other side: clients who write, call, react, edit, vote and block, and the
//! owner who uses the phone. Each deed becomes a message, a journal row and a notification
//! (reference §3). For tests and the control API.

use std::sync::Arc;
use std::time::Instant;

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::chat_id;
use super::content::{self, Message};
use super::instance::{Inner, Instance};
use crate::files::Stored;
use crate::{hex, samples, unix_s};

/// A file in a message.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct File {
    /// Name with extension, which decides the kind (reference §6). `photo.jpg` when empty.
    pub name: String,
    /// Content type; guessed from the name when absent.
    pub mime: Option<String>,
    /// Content in base64 (control API).
    pub data: Option<String>,
    /// Content (Rust). With neither, a genuine sample is made: a picture, a voice note or a PDF.
    #[serde(skip)]
    pub bytes: Option<Bytes>,
}

/// A message written by a client or on the phone.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Write {
    /// Conversation: phone digits or chat id.
    pub chat: String,
    /// Author in a group; the chat itself when absent.
    pub from: Option<String>,
    /// `typeMessage`; when absent it follows from the rest.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Text, or caption of a file.
    pub text: String,
    /// A file.
    pub file: Option<File>,
    /// Fields of `messageData` as they are, for every kind, known or not.
    pub data: Option<Value>,
    /// `idMessage` that is replied to.
    pub quote: Option<String>,
    /// `idMessage`; made up when absent.
    pub id: Option<String>,
    /// Unix seconds; now when absent.
    pub timestamp: Option<i64>,
    /// Profile name of the author; remembered.
    pub sender_name: Option<String>,
    /// Whether it is forwarded.
    pub forwarded: bool,
    /// Whether the notification is lost and only the journal knows (reference §7.6).
    pub unheard: bool,
}

impl Write {
    /// A text in a chat.
    pub fn text(chat: &str, text: &str) -> Self {
        Self { chat: chat.to_owned(), text: text.to_owned(), ..Self::default() }
    }

    /// A file in a chat; without bytes a genuine sample is made.
    pub fn file(chat: &str, name: &str, bytes: Option<Bytes>) -> Self {
        let file = File { name: name.to_owned(), bytes, ..File::default() };
        Self { chat: chat.to_owned(), file: Some(file), ..Self::default() }
    }

    /// Any `messageData`, known or not.
    pub fn raw(chat: &str, kind: &str, data: Value) -> Self {
        Self { chat: chat.to_owned(), kind: Some(kind.to_owned()), data: Some(data), ..Self::default() }
    }

    /// As a reply to a message.
    #[must_use]
    pub fn quoting(mut self, id: &str) -> Self {
        self.quote = Some(id.to_owned());
        self
    }
}

impl Instance {
    /// A client writes a text; gives its `idMessage`.
    pub fn incoming_text(self: &Arc<Self>, chat: &str, text: &str) -> String {
        // A text has nothing that could fail.
        self.incoming(Write::text(chat, text)).unwrap_or_default()
    }

    /// A client writes anything; gives its `idMessage`.
    ///
    /// # Errors
    /// When the file's base64 is broken.
    pub fn incoming(self: &Arc<Self>, write: Write) -> anyhow::Result<String> {
        self.written(write, false)
    }

    /// The owner writes a text on the phone; gives its `idMessage`.
    pub fn phone_text(self: &Arc<Self>, chat: &str, text: &str) -> String {
        self.phone(Write::text(chat, text)).unwrap_or_default()
    }

    /// The owner writes anything on the phone; gives its `idMessage`. Statuses follow as for
    /// messages of the API.
    ///
    /// # Errors
    /// When the file's base64 is broken.
    pub fn phone(self: &Arc<Self>, write: Write) -> anyhow::Result<String> {
        self.written(write, true)
    }

    fn written(self: &Arc<Self>, write: Write, outgoing: bool) -> anyhow::Result<String> {
        let file = write.file.as_ref().map(|file| self.file_data(file, &write)).transpose()?;
        let chat = chat_id(&write.chat);
        let mut inner = self.lock();
        let own = format!("{}@c.us", inner.phone);
        let sender = match &write.from {
            _ if outgoing => own,
            Some(from) => chat_id(from),
            None => chat.clone(),
        };
        if let Some(name) = &write.sender_name {
            inner.contacts.entry(sender.clone()).or_default().name.clone_from(name);
        } else if sender.ends_with("@c.us") {
            inner.contacts.entry(sender.clone()).or_default();
        }
        let mut data = file.unwrap_or_else(|| content::text(&write.text, false, write.forwarded));
        if let Some(given) = &write.data {
            data = given.clone();
            if !data.is_object() {
                data = json!({});
            }
        }
        if let Some(kind) = &write.kind {
            data["typeMessage"] = json!(kind);
        }
        if let Some(quoted) = &write.quote {
            data = content::with_quote(&inner, data, &chat, quoted);
        }
        let id = write.id.unwrap_or_else(|| format!("3A{}", hex(18)));
        let timestamp = write.timestamp.unwrap_or_else(unix_s);
        let message = Message {
            outgoing,
            by_api: false,
            id: id.clone(),
            chat: chat.clone(),
            sender: sender.clone(),
            timestamp,
            at: Instant::now(),
            file: content::flat_file(&data, &self.world.url),
            data: data.clone(),
            status: if outgoing { "sent" } else { "" }.to_owned(),
            journaled: inner.on(if outgoing { "outgoingMessageWebhook" } else { "incomingWebhook" }),
            edited_by: String::new(),
            deleted_by: String::new(),
            read: inner.on("markIncomingMessagesReaded"),
        };
        self.mark(&mut inner, &chat, &id, &data);
        inner.keep(message);
        if !write.unheard {
            let body = if outgoing {
                inner.outgoing("outgoingMessageReceived", &chat, &id, timestamp, data)
            } else {
                inner.incoming(&chat, &sender, &id, timestamp, data)
            };
            self.emit(&mut inner, body);
        }
        if outgoing {
            self.ripen(&inner, &chat, &id);
        }
        Ok(id)
    }

    /// Marks the original of an edit or a deletion.
    fn mark(&self, inner: &mut Inner, chat: &str, id: &str, data: &Value) {
        let original = |key: &str| data[key]["stanzaId"].as_str().map(str::to_owned);
        if let Some(original) = original("editedMessageData")
            && let Some(message) = inner.message_mut(chat, &original)
        {
            id.clone_into(&mut message.edited_by);
        }
        if let Some(original) = original("deletedMessageData")
            && let Some(message) = inner.message_mut(chat, &original)
        {
            id.clone_into(&mut message.deleted_by);
        }
    }

    fn file_data(&self, file: &File, write: &Write) -> anyhow::Result<Value> {
        let name = if file.name.is_empty() { "photo.jpg" } else { &file.name };
        let kind = write.kind.as_deref().unwrap_or_else(|| content::file_kind(name));
        let ext = name.rsplit_once('.').map_or("", |(_, ext)| ext);
        let bytes = match (&file.bytes, &file.data) {
            (Some(bytes), _) => bytes.clone(),
            (None, Some(data)) => STANDARD.decode(data).context("file data is not base64")?.into(),
            (None, None) => match kind {
                "imageMessage" | "stickerMessage" => samples::picture(640, 480, rand::random(), ext),
                "audioMessage" => samples::voice(3),
                _ => samples::document(name),
            },
        };
        let thumbnail = super::thumbnail(kind, &bytes);
        let mime = file.mime.clone().unwrap_or_else(|| content::mime(name));
        let stored = Stored { name: name.to_owned(), mime: mime.clone(), bytes };
        let url = format!("{}{}", self.world.url, self.world.files.put(&self.scope(), stored));
        Ok(content::file(kind, &url, name, &mime, &write.text, &thumbnail))
    }

    /// A client edits a text of theirs; gives the event's id.
    pub fn incoming_edit(self: &Arc<Self>, chat: &str, original: &str, text: &str) -> String {
        let data = json!({"editedMessageData": {"textMessage": text, "stanzaId": original}});
        self.incoming(Write::raw(chat, "editedMessage", data)).unwrap_or_default()
    }

    /// A client deletes a message of theirs; gives the event's id.
    pub fn incoming_delete(self: &Arc<Self>, chat: &str, original: &str) -> String {
        let data = json!({"deletedMessageData": {"stanzaId": original}});
        self.incoming(Write::raw(chat, "deletedMessage", data)).unwrap_or_default()
    }

    /// A client reacts to a message; an empty reaction takes it back. Gives the event's id.
    pub fn incoming_reaction(self: &Arc<Self>, chat: &str, to: &str, reaction: &str) -> String {
        let participant = {
            let inner = self.lock();
            inner.message(&chat_id(chat), to).map(|m| inner.face(&m.sender)).unwrap_or_default()
        };
        let data = json!({"extendedTextMessageData": {"text": reaction},
            "quotedMessage": {"stanzaId": to, "participant": participant}});
        self.incoming(Write::raw(chat, "reactionMessage", data)).unwrap_or_default()
    }

    /// A call: `status` is `offer`, `pickUp`, `hangUp`, `missed` or `declined`; the same id goes
    /// through all of them. `outgoing` calls are made on the phone.
    pub fn call(&self, chat: &str, id: &str, status: &str, outgoing: bool) {
        let chat = chat_id(chat);
        let mut inner = self.lock();
        let kind = if outgoing { "outgoingCall" } else { "incomingCall" };
        let row = json!({"type": if outgoing { "outgoing" } else { "incoming" }, "idMessage": id,
            "timestamp": unix_s(), "typeMessage": kind, "chatId": inner.face(&chat),
            "isVideo": false, "status": status, "isGroup": false, "participants": []});
        inner.calls.retain(|known| known["idMessage"] != id);
        inner.calls.push(row);
        let body = json!({"typeWebhook": kind, "instanceData": inner.instance_data(),
            "from": inner.face(&chat), "status": status, "timestamp": unix_s(), "idMessage": id,
            "isVideo": false, "duration": 0, "participants": []});
        self.emit(&mut inner, body);
    }

    /// A client blocks or unblocks the account.
    pub fn block(&self, chat: &str, blocked: bool) {
        let mut inner = self.lock();
        let state = if blocked { "blocked" } else { "unblocked" };
        let body = json!({"typeWebhook": "incomingBlock", "instanceData": inner.instance_data(),
            "timestamp": unix_s(), "chatId": inner.face(&chat_id(chat)), "chatState": state});
        self.emit(&mut inner, body);
    }
}

impl Inner {
    /// Name of a chat or a group.
    pub fn title(&self, chat: &str) -> String {
        if let Some(group) = self.groups.get(chat) {
            return group.subject.clone();
        }
        let (name, contact_name) = self.names(chat);
        if contact_name.is_empty() { name } else { contact_name }
    }

    fn incoming(&self, chat: &str, sender: &str, id: &str, at: i64, data: Value) -> Value {
        let (name, contact_name) = self.names(sender);
        json!({"typeWebhook": "incomingMessageReceived", "instanceData": self.instance_data(),
            "timestamp": at, "idMessage": id,
            "senderData": {"chatId": self.face(chat), "sender": self.face(sender),
                "chatName": self.title(chat), "senderName": name,
                "senderContactName": contact_name},
            "messageData": data})
    }

    /// An outgoing event; the names describe the recipient (reference §3.1).
    pub fn outgoing(&self, kind: &str, chat: &str, id: &str, at: i64, data: Value) -> Value {
        let (name, contact_name) = self.names(chat);
        json!({"typeWebhook": kind, "instanceData": self.instance_data(), "timestamp": at,
            "idMessage": id,
            "senderData": {"chatId": self.face(chat), "sender": format!("{}@c.us", self.phone),
                "chatName": self.title(chat), "senderName": name,
                "senderContactName": contact_name},
            "messageData": data})
    }
}
