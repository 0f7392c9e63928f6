//! WhatsApp statuses ("stories", reference §2.1, last paragraph): kept and listed, because SDKs
//! call them. An inbox does not.

use serde_json::{Value, json};

use super::{Answer, Ask, Refusal, Reply};
use crate::{hex, unix_s};

const FONTS: &[&str] = &["SERIF", "SANS_SERIF", "NORICAN_REGULAR", "BRYNDAN_WRITE", "OSWALD_HEAVY"];

fn keep(ask: &Ask, kind: &str, mut story: Value) -> Reply {
    let id = format!("3EB0{}", hex(16));
    let mut inner = ask.instance.lock();
    story["type"] = json!("outgoing");
    story["idMessage"] = json!(id);
    story["timestamp"] = json!(unix_s());
    story["typeMessage"] = json!(kind);
    story["chatId"] = json!("status@broadcast");
    story["statusMessage"] = json!("sent");
    story["sendByApi"] = json!(true);
    inner.stories.push(story);
    Ok(Answer::Json(json!({"idMessage": id})))
}

/// `POST sendTextStatus`.
pub(super) fn text(ask: &Ask) -> Reply {
    let text = ask.text("message", 500)?;
    if let Some(font) = ask.body["font"].as_str()
        && !FONTS.contains(&font)
    {
        let text = format!("Validation failed. Details: 'font' must be one of {FONTS:?}");
        return Err(Refusal::Invalid(text));
    }
    keep(
        ask,
        "extendedTextMessage",
        json!({"textMessage": text, "extendedTextMessage": {
        "text": text, "backgroundColor": ask.body["backgroundColor"], "font": ask.body["font"]}}),
    )
}

fn file(ask: &Ask, kind: &str) -> Reply {
    let url = ask.text("urlFile", 2000)?;
    let name = ask.text("fileName", 500)?;
    keep(
        ask,
        kind,
        json!({"downloadUrl": url, "fileName": name,
        "caption": ask.body["caption"].as_str().unwrap_or_default(),
        "mimeType": super::content::mime(&name)}),
    )
}

/// `POST sendVoiceStatus`.
pub(super) fn voice(ask: &Ask) -> Reply {
    file(ask, "audioMessage")
}

/// `POST sendMediaStatus`.
pub(super) fn media(ask: &Ask) -> Reply {
    let kind = super::content::file_kind(ask.body["fileName"].as_str().unwrap_or_default());
    file(ask, kind)
}

/// `POST deleteStatus`: nothing is answered.
pub(super) fn delete(ask: &Ask) -> Reply {
    let id = ask.text("idMessage", 200)?;
    ask.instance.lock().stories.retain(|story| story["idMessage"] != id.as_str());
    Ok(Answer::Empty)
}

/// `GET getOutgoingStatuses?minutes=`.
pub(super) fn outgoing(ask: &Ask) -> Reply {
    let since = super::journal::since(ask);
    let inner = ask.instance.lock();
    let fresh = |story: &&Value| story["timestamp"].as_i64() >= Some(since);
    Ok(Answer::Json(inner.stories.iter().rev().filter(fresh).cloned().collect()))
}

/// `GET getIncomingStatuses?minutes=`: nobody posts any here.
pub(super) fn incoming(_: &Ask) -> Reply {
    Ok(Answer::Json(json!([])))
}

/// `GET getStatusStatistic?idMessage=`: nobody has looked yet.
pub(super) fn statistic(ask: &Ask) -> Reply {
    let id = ask.query.get("idMessage").ok_or_else(|| ask.missing("idMessage"))?;
    let inner = ask.instance.lock();
    if inner.stories.iter().any(|story| story["idMessage"] == id.as_str()) {
        return Ok(Answer::Json(json!([])));
    }
    Err(Refusal::Invalid(format!("Status not found by idMessage {id}")))
}
