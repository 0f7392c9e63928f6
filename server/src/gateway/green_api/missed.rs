//! What the instance's journals tell of the last hours, for notifications that never came: the provider drops some
//! (`reference/green-api.md` §7.6). Each row becomes the notification that should have brought it, so that there is one
//! way to read a message. Pure but for the two questions.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::call::{Api, Ask};
use super::errors::{self, Nature};
use crate::gateway::Trouble;

/// The pause between two questions: these methods may be asked once a second (`reference/green-api.md` §5).
const PACE: Duration = Duration::from_millis(1200);
/// Ends of a send that failed: such a message may have been sent again since, and is no news (§3.4).
const FAILED: &[&str] = &["failed", "noAccount", "notInGroup"];

/// Notifications of the last `minutes`, oldest first. Rows younger than `settled` seconds are left out: their own
/// notification may be on its way, and journals lag behind.
pub(super) async fn missed(api: &Api, minutes: u32, now: i64, settled: i64) -> Result<Vec<String>, Trouble> {
    let tail = format!("?minutes={}", minutes.clamp(1, 1440));
    let mut rows = Vec::new();
    for (turn, name) in ["lastIncomingMessages", "lastOutgoingMessages"].into_iter().enumerate() {
        if turn > 0 {
            tokio::time::sleep(PACE).await;
        }
        match api.json(Ask { tail: &tail, ..Ask::get(name) }).await? {
            Value::Array(some) => rows.extend(some),
            // Nothing at all is told in several ways (§7.12).
            Value::Null => {}
            Value::Object(empty) if empty.is_empty() => {}
            other => return Err(errors::strange(200, &other.to_string(), Nature::Ask, &api.secrets)),
        }
    }
    let at = |row: &Value| row["timestamp"].as_i64().unwrap_or_default();
    rows.retain(|row| at(row) <= now - settled);
    // Within a second the order of the journal, which is newest first.
    rows.reverse();
    rows.sort_by_key(at);
    Ok(rows.iter().flat_map(|row| notifications(row, &api.id)).map(|body| body.to_string()).collect())
}

/// Notifications of the last messages of one chat, oldest first.
pub(super) async fn past(api: &Api, chat: &str, most: usize) -> Result<Vec<String>, Trouble> {
    let mut rows = match api.json(Ask::post("getChatHistory", json!({"chatId": chat, "count": most}))).await? {
        Value::Array(rows) => rows,
        Value::Null => Vec::new(),
        Value::Object(empty) if empty.is_empty() => Vec::new(),
        other => return Err(errors::strange(200, &other.to_string(), Nature::Ask, &api.secrets)),
    };
    rows.truncate(most);
    rows.reverse();
    rows.sort_by_key(|row| row["timestamp"].as_i64().unwrap_or_default());
    Ok(rows.iter().flat_map(|row| notifications(row, &api.id)).map(|body| body.to_string()).collect())
}

/// The notifications that a row of a journal stands for (§2.4 into §3.1 and §3.4).
pub(super) fn notifications(row: &Value, id: &str) -> Vec<Value> {
    let outgoing = row["type"] == "outgoing";
    let status = row["statusMessage"].as_str().unwrap_or_default();
    if outgoing && FAILED.contains(&status) {
        return Vec::new();
    }
    let instance = json!({"idInstance": id, "typeInstance": "whatsapp"});
    let kind = match (outgoing, row["sendByApi"] == true) {
        (false, _) => "incomingMessageReceived",
        (true, false) => "outgoingMessageReceived",
        (true, true) => "outgoingAPIMessageReceived",
    };
    let mut told = vec![json!({
        "typeWebhook": kind, "instanceData": instance, "timestamp": row["timestamp"], "idMessage": row["idMessage"],
        "senderData": {"chatId": row["chatId"], "sender": row["senderId"], "senderName": row["senderName"],
            "senderContactName": row["senderContactName"]},
        "messageData": data(row),
    })];
    if outgoing && !status.is_empty() {
        told.push(json!({"typeWebhook": "outgoingMessageStatus", "instanceData": instance, "chatId": row["chatId"],
            "timestamp": row["timestamp"], "idMessage": row["idMessage"], "status": status}));
    }
    told
}

/// `messageData` of a flat row: what is nested the same way in both is taken over as it is.
fn data(row: &Value) -> Value {
    let mut data = Map::new();
    for (name, value) in row.as_object().into_iter().flatten() {
        let told = match name.as_str() {
            "location" => "locationMessageData",
            "contact" => "contactMessageData",
            // Large, and shown by nobody: the file itself is fetched.
            "jpegThumbnail" => continue,
            other => other,
        };
        if value.is_object() || value.is_array() || name == "typeMessage" {
            data.insert(told.to_owned(), value.clone());
        }
    }
    let text = row["textMessage"].as_str().unwrap_or_default();
    let part = |name: &str| row[name].clone();
    match row["typeMessage"].as_str().unwrap_or_default() {
        "textMessage" => {
            data.insert("textMessageData".to_owned(), json!({"textMessage": text, "isForwarded": part("isForwarded")}));
        }
        "extendedTextMessage" | "quotedMessage" => {
            let mut extended = row["extendedTextMessage"].as_object().cloned().unwrap_or_default();
            if extended.get("text").and_then(Value::as_str).is_none_or(str::is_empty) {
                extended.insert("text".to_owned(), json!(text));
            }
            extended.remove("jpegThumbnail");
            data.remove("extendedTextMessage");
            data.insert("extendedTextMessageData".to_owned(), Value::Object(extended));
        }
        "imageMessage" | "videoMessage" | "audioMessage" | "documentMessage" | "stickerMessage" => {
            let file = json!({"downloadUrl": part("downloadUrl"), "caption": part("caption"),
                "fileName": part("fileName"), "mimeType": part("mimeType"), "isForwarded": part("isForwarded")});
            data.insert("fileMessageData".to_owned(), file);
        }
        _ => {}
    }
    Value::Object(data)
}
