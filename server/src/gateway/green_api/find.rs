//! Looking for a message whose answer was lost: in the send queue, then in the journals (`reference/green-api.md` §2.4,
//! §2.5). Journals lag behind by up to two minutes, so finding nothing proves nothing at once.

use domain::Moment;
use serde_json::{Value, json};

use super::call::{Api, Ask, now};
use super::{becomes, same_text};
use crate::gateway::{Found, Parcel, Trouble};

/// How much the provider's clock may be behind ours, milliseconds. Its time is in whole seconds besides.
const CLOCKS: i64 = 5_000;
/// Rows of a chat's history that are looked through.
const ROWS: usize = 100;

/// Looks everywhere; `chat` is the conversation as Green-API writes it.
pub(super) async fn find(api: &Api, parcel: &Parcel, chat: &str, since: Moment) -> Result<Found, Trouble> {
    let queue = api.json(Ask::get("showMessagesQueue")).await?;
    if let Some(found) = in_queue(&queue, parcel, chat) {
        return Ok(found);
    }
    let minutes = now().since(since).max(0) / 60_000 + 2;
    let tail = format!("?minutes={minutes}");
    let journal = api.json(Ask { tail: &tail, ..Ask::get("lastOutgoingMessages") }).await?;
    if let Some(found) = in_journal(&journal, parcel, chat, since) {
        return Ok(found);
    }
    // It left the queue between the two questions, or the common journal lags: the chat's own tells more.
    let history = api.json(Ask::post("getChatHistory", json!({"chatId": chat, "count": ROWS}))).await?;
    if let Some(found) = in_journal(&history, parcel, chat, since) {
        return Ok(found);
    }
    // What was sent while this setting was off never enters the journals (§2.4): then their silence proves nothing.
    let settings = api.json(Ask::get("getSettings")).await?;
    Ok(if settings["outgoingAPIMessageWebhook"] == "yes" { Found::Nowhere } else { Found::Unclear })
}

pub(super) fn in_queue(queue: &Value, parcel: &Parcel, chat: &str) -> Option<Found> {
    let rows = queue.as_array()?;
    rows.iter().find_map(|row| {
        let body = &row["body"];
        let kind = row["type"].as_str().unwrap_or_default().to_ascii_lowercase();
        let text = |name: &str| body[name].as_str().unwrap_or_default();
        let same = match &parcel.file {
            None if let Some(content) = &parcel.content => {
                let method = super::part::request(content, chat).map(|(method, _)| method.to_ascii_lowercase());
                method.is_some_and(|method| method == kind) && super::part::same(content, body)
            }
            None => kind == "sendmessage" && same_text(text("message"), &parcel.text),
            Some(file) => {
                let named = text("fileName");
                kind.starts_with("sendfile")
                    && same_text(text("caption"), &parcel.text)
                    && (named.is_empty() || named == super::name_with_extension(&file.name, &file.mime))
            }
        };
        let id = row["messageID"].as_str().unwrap_or_default();
        let known = parcel.known.iter().any(|known| known == id);
        (same && text("chatId") == chat && !known)
            .then(|| Found::Queued { provider_id: Some(id.to_owned()).filter(|id| !id.is_empty()) })
    })
}

pub(super) fn in_journal(journal: &Value, parcel: &Parcel, chat: &str, since: Moment) -> Option<Found> {
    let rows = journal.as_array()?;
    let text = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let same = |row: &&Value| {
        let id = text(row, "idMessage");
        let at = Moment::from_seconds(row["timestamp"].as_i64().unwrap_or_default());
        let ours = row["sendByApi"] == true && text(row, "chatId") == chat && row["type"] != "incoming";
        if !ours || id.is_empty() || at < since.plus(-CLOCKS) || parcel.known.contains(&id) {
            return false;
        }
        let type_message = text(row, "typeMessage");
        if !becomes(parcel.kind, &type_message) {
            return false;
        }
        match &parcel.file {
            None if let Some(content) = &parcel.content => super::part::same(content, row),
            None => {
                let said = text(row, "textMessage");
                let said = if said.is_empty() { text(&row["extendedTextMessage"], "text") } else { said };
                same_text(&said, &parcel.text)
            }
            Some(file) => {
                // Only documents keep their names (§3.2).
                let named = text(row, "fileName");
                let name = super::name_with_extension(&file.name, &file.mime);
                same_text(&text(row, "caption"), &parcel.text)
                    && (type_message != "documentMessage" || named.is_empty() || named == name)
            }
        }
    };
    // The oldest that fits: if the same was said twice, the later one belongs to a later parcel.
    let row = rows.iter().filter(same).min_by_key(|row| row["timestamp"].as_i64().unwrap_or(i64::MAX))?;
    Some(Found::Sent { provider_id: text(row, "idMessage") })
}
