//! Messages and their three faces: `messageData` of a notification, the flat row of a journal
//! (reference §2.4) and the quote inside another message (§3.3). Who sends them is elsewhere.

use std::time::Instant;

use serde_json::{Map, Value, json};

use super::instance::Inner;

/// A message of a chat, either way.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub outgoing: bool,
    pub by_api: bool,
    pub id: String,
    pub chat: String,
    pub sender: String,
    pub timestamp: i64,
    pub at: Instant,
    /// `messageData` of reference §3.2.
    pub data: Value,
    pub status: String,
    /// Whether the settings let it into the journals (reference §2.4, last lines).
    pub journaled: bool,
    pub edited_by: String,
    pub deleted_by: String,
    /// Path of its file, if it has one.
    pub file: Option<String>,
    pub read: bool,
}

impl Message {
    pub fn kind(&self) -> &str {
        self.data["typeMessage"].as_str().unwrap_or_default()
    }

    /// The row of `getChatHistory` and its kin.
    pub fn row(&self, inner: &Inner) -> Value {
        let mut row = Map::new();
        let direction = if self.outgoing { "outgoing" } else { "incoming" };
        row.insert("type".into(), json!(direction));
        row.insert("idMessage".into(), json!(self.id));
        row.insert("timestamp".into(), json!(self.timestamp));
        row.insert("typeMessage".into(), json!(self.kind()));
        row.insert("chatId".into(), json!(inner.face(&self.chat)));
        if self.outgoing {
            row.insert("statusMessage".into(), json!(self.status));
            row.insert("sendByApi".into(), json!(self.by_api));
        } else {
            let (name, contact_name) = inner.names(&self.sender);
            row.insert("senderId".into(), json!(inner.face(&self.sender)));
            row.insert("senderName".into(), json!(name));
            row.insert("senderContactName".into(), json!(contact_name));
        }
        row.extend(flat(&self.data));
        row.insert("isEdited".into(), json!(!self.edited_by.is_empty()));
        row.insert("editedMessageId".into(), json!(self.edited_by));
        row.insert("isDeleted".into(), json!(!self.deleted_by.is_empty()));
        row.insert("deletedMessageId".into(), json!(self.deleted_by));
        Value::Object(row)
    }

    /// The same message quoted by another one.
    pub fn quote(&self, inner: &Inner) -> Value {
        let mut quote = Map::new();
        quote.insert("stanzaId".into(), json!(self.id));
        quote.insert("participant".into(), json!(inner.face(&self.sender)));
        quote.insert("typeMessage".into(), json!(self.kind()));
        let mut rest = flat(&self.data);
        rest.remove("quotedMessage");
        quote.extend(rest);
        Value::Object(quote)
    }
}

/// `messageData` without its nesting, as journals and quotes show it (reference §2.4).
fn flat(data: &Value) -> Map<String, Value> {
    let mut out = Map::new();
    let Some(data) = data.as_object() else { return out };
    for (key, value) in data {
        match key.as_str() {
            "typeMessage" => {}
            "textMessageData" => {
                out.insert("textMessage".into(), value["textMessage"].clone());
            }
            "extendedTextMessageData" if data["typeMessage"] == "reactionMessage" => {
                out.insert("extendedTextMessageData".into(), json!({"text": value["text"]}));
            }
            "extendedTextMessageData" => {
                out.insert("textMessage".into(), value["text"].clone());
                out.insert("extendedTextMessage".into(), value.clone());
            }
            "fileMessageData" => {
                out.extend(value.as_object().cloned().unwrap_or_default());
                for name in ["isAnimated", "videoNote"] {
                    out.entry(name).or_insert(json!(false));
                }
            }
            "locationMessageData" => {
                out.insert("location".into(), value.clone());
            }
            "contactMessageData" => {
                out.insert("contact".into(), value.clone());
            }
            "messageData" => {
                out.insert("contacts".into(), value["contacts"].clone());
            }
            _ => {
                out.insert(key.clone(), value.clone());
            }
        }
    }
    out
}

/// A plain text: `textMessage` when typed by a person without a link, otherwise
/// `extendedTextMessage`, which is also what API sends become (reference §3.2).
pub(super) fn text(text: &str, by_api: bool, forwarded: bool) -> Value {
    if !by_api && !text.contains("http://") && !text.contains("https://") && !forwarded {
        return json!({"typeMessage": "textMessage", "textMessageData": {"textMessage": text}});
    }
    json!({"typeMessage": "extendedTextMessage", "extendedTextMessageData": {
        "text": text, "description": "", "title": "", "previewType": "None", "jpegThumbnail": "",
        "forwardingScore": i32::from(forwarded), "isForwarded": forwarded}})
}

/// Hangs a quote on a message. A text becomes `quotedMessage`, the rest keeps its kind
/// (reference §3.2). An unknown original leaves only its id (§3.3).
pub(super) fn with_quote(inner: &Inner, mut data: Value, chat: &str, quoted: &str) -> Value {
    let quote = match inner.message(chat, quoted) {
        Some(message) => message.quote(inner),
        None => json!({"stanzaId": quoted, "participant": inner.face(chat), "typeMessage": ""}),
    };
    let said = data["textMessageData"]["textMessage"]
        .as_str()
        .or_else(|| data["extendedTextMessageData"]["text"].as_str())
        .map(str::to_owned);
    let is_text = matches!(data["typeMessage"].as_str(), Some("textMessage" | "extendedTextMessage"));
    if let (true, Some(text)) = (is_text, said) {
        return json!({"typeMessage": "quotedMessage",
            "extendedTextMessageData": {"text": text, "stanzaId": quoted,
                "participant": quote["participant"]},
            "quotedMessage": quote});
    }
    data["quotedMessage"] = quote;
    data
}

/// `typeMessage` for a file name (reference §6: by extension, not by content).
pub(super) fn file_kind(name: &str) -> &'static str {
    let ext = name.rsplit_once('.').map(|(_, ext)| ext.to_lowercase()).unwrap_or_default();
    match ext.as_str() {
        "jpg" | "jpeg" | "png" => "imageMessage",
        "mp4" | "mov" | "avi" | "mkv" | "3gp" | "m4v" => "videoMessage",
        "ogg" | "oga" | "opus" | "mp3" | "wav" | "m4a" | "aac" | "amr" | "weba" => "audioMessage",
        "webp" => "stickerMessage",
        _ => "documentMessage",
    }
}

/// `messageData` of a file.
pub(super) fn file(kind: &str, url: &str, name: &str, mime: &str, caption: &str, thumbnail: &str) -> Value {
    let mut data = json!({"downloadUrl": url, "caption": caption, "fileName": name,
        "jpegThumbnail": thumbnail, "mimeType": mime, "forwardingScore": 0, "isForwarded": false});
    if kind == "stickerMessage" || kind == "videoMessage" {
        data["isAnimated"] = json!(false);
    }
    json!({"typeMessage": kind, "fileMessageData": data})
}

/// Content type for a file name.
pub(super) fn mime(name: &str) -> String {
    match name.rsplit_once('.').map(|(_, ext)| ext.to_lowercase()).as_deref() {
        // Voice notes; the guess would be the bare container.
        Some("ogg" | "oga" | "opus") => "audio/ogg; codecs=opus".to_owned(),
        _ => mime_guess::from_path(name).first_or_octet_stream().to_string(),
    }
}

/// A vCard as WhatsApp writes it.
pub(super) fn vcard(name: &str, phone: &str, company: &str) -> String {
    let organisation = if company.is_empty() { String::new() } else { format!("ORG:{company}\n") };
    format!(
        "BEGIN:VCARD\nVERSION:3.0\nN:;{name};;;\nFN:{name}\n{organisation}\
         TEL;type=CELL;type=VOICE;waid={phone}:+{phone}\nEND:VCARD"
    )
}

/// Path of a message's file when the emulator serves it.
pub(super) fn flat_file(data: &Value, url: &str) -> Option<String> {
    data["fileMessageData"]["downloadUrl"].as_str()?.strip_prefix(url).map(str::to_owned)
}
