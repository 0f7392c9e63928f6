//! The account: state, settings, QR, token, profile (reference §2.8, §2.9).

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::ws::{Message, WebSocket};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::instance::{Inner, Instance};
use super::{Answer, Ask, Refusal, Reply};
use crate::{hex, samples};

/// `GET getStateInstance`.
pub(super) fn state(ask: &Ask) -> Reply {
    Ok(Answer::Json(json!({"stateInstance": ask.instance.state()})))
}

/// `GET getStatusInstance`.
pub(super) fn status(ask: &Ask) -> Reply {
    let online = if ask.instance.state() == "authorized" { "online" } else { "offline" };
    Ok(Answer::Json(json!({"statusInstance": online})))
}

/// `GET getStateInstanceHistory?count=`, newest first.
pub(super) fn history(ask: &Ask) -> Reply {
    let count = ask.number("count").unwrap_or(100);
    let inner = ask.instance.lock();
    let rows: Vec<Value> = inner
        .history
        .iter()
        .rev()
        .take(count)
        .map(|(state, at)| json!({"stateInstance": state, "timestamp": at, "phoneNumber": inner.phone}))
        .collect();
    Ok(Answer::Json(Value::Array(rows)))
}

/// `GET getWaSettings`.
pub(super) fn wa_settings(ask: &Ask) -> Reply {
    let inner = ask.instance.lock();
    let linked = inner.state != "notAuthorized";
    let phone = if linked { inner.phone.clone() } else { String::new() };
    let mut body = json!({"avatar": ask.full(&inner.own_avatar), "base64Avatar": "",
        "chatId": inner.wid(), "phone": phone, "deviceId": if linked { "7:1" } else { "" },
        "stateInstance": inner.state, "historySyncProgress": 100, "logoutProcess": false});
    if let Some(until) = inner.suspended_until {
        body["suspendedUntil"] = json!(until);
    }
    Ok(Answer::Json(body))
}

/// `GET getSettings`.
pub(super) fn settings(ask: &Ask) -> Reply {
    let inner = ask.instance.lock();
    let mut settings = match &inner.settings_shown {
        Some((old, until)) if *until > Instant::now() => old.clone(),
        _ => inner.settings.clone(),
    };
    settings.insert("wid".to_owned(), json!(inner.wid()));
    Ok(Answer::Json(Value::Object(settings)))
}

/// `POST setSettings` with any subset; the instance reboots.
pub(super) fn set_settings(ask: &Ask) -> Reply {
    let Some(wanted) = ask.body.as_object().filter(|wanted| !wanted.is_empty()) else {
        return Err(Refusal::Invalid("bad request data".to_owned()));
    };
    let mut inner = ask.instance.lock();
    for (name, value) in wanted {
        if name == "wid" {
            continue;
        }
        let Some(known) = inner.settings.get(name) else { continue };
        let fits = match name.as_str() {
            "delaySendMessagesMilliseconds" => {
                value.as_u64().is_some_and(|ms| ms == 0 || (500..=600_000).contains(&ms))
            }
            "autoTyping" => value.as_u64().is_some_and(|level| level <= 10),
            "linkPreview" | "enableLidMode" => value.is_boolean() || yes_no(value),
            _ if yes_no(known) => yes_no(value),
            _ => value.is_string(),
        };
        if !fits {
            let text = format!("Validation failed. Details: '{name}' has an invalid value");
            return Err(Refusal::Invalid(text));
        }
    }
    let shown_until = Instant::now() + Duration::from_millis(inner.pace.settings_ms);
    inner.settings_shown = Some((inner.settings.clone(), shown_until));
    for (name, value) in wanted {
        if name != "wid" {
            inner.settings.insert(name.clone(), value.clone());
        }
    }
    ask.instance.restart(&mut inner);
    ask.instance.note_bell.notify_waiters();
    ask.instance.note_bell.notify_one();
    Ok(Answer::Json(json!({"saveSettings": true})))
}

fn yes_no(value: &Value) -> bool {
    matches!(value.as_str(), Some("yes" | "no"))
}

/// `GET reboot`.
pub(super) fn reboot(ask: &Ask) -> Reply {
    ask.instance.restart(&mut ask.instance.lock());
    Ok(Answer::Json(json!({"isReboot": true})))
}

/// `GET logout`.
pub(super) fn logout(ask: &Ask) -> Reply {
    let mut inner = ask.instance.lock();
    ask.instance.change_state(&mut inner, "notAuthorized");
    Ok(Answer::Json(json!({"isLogout": true})))
}

/// `GET updateApiToken`: the old token stops working at once.
pub(super) fn update_token(ask: &Ask) -> Reply {
    let token = (hex(32) + &hex(18)).to_lowercase();
    ask.instance.lock().token.clone_from(&token);
    Ok(Answer::Json(json!({"apiTokenInstance": token})))
}

/// `POST setProfilePicture`, multipart `file`.
pub(super) fn set_picture(ask: &Ask) -> Reply {
    let path = ask.keep_upload()?.1;
    let url = ask.full(&path);
    ask.instance.lock().own_avatar = path;
    Ok(Answer::Json(json!({"setProfilePicture": true, "urlAvatar": url, "reason": null})))
}

/// `POST getAuthorizationCode {phoneNumber}`: the phone enters the code by the control API's scan.
pub(super) fn code(ask: &Ask) -> Reply {
    if ask.body["phoneNumber"].as_u64().is_none() {
        return Err(ask.missing("phoneNumber"));
    }
    if ask.instance.state() != "notAuthorized" {
        return Ok(Answer::Json(json!({"status": false, "code": ""})));
    }
    Ok(Answer::Json(json!({"status": true, "code": hex(8)})))
}

/// `GET getDeviceInfo`, deprecated.
pub(super) fn device(_: &Ask) -> Reply {
    Ok(Answer::Json(json!({"platform": "", "deviceManufacturer": "", "deviceModel": "",
        "osVersion": "", "waVersion": "", "battery": 100})))
}

/// `GET qr`.
pub(super) fn qr(ask: &Ask) -> Reply {
    Ok(Answer::Json(qr_now(&mut ask.instance.lock())))
}

/// What a scanner would see now: a code that lives for a while, or why there is none.
fn qr_now(inner: &mut Inner) -> Value {
    if inner.state == "starting" {
        return json!({"type": "error", "message": "instance in starting process try later"});
    }
    if inner.state != "notAuthorized" {
        return json!({"type": "alreadyLogged", "message": "instance account already authorized"});
    }
    if inner.passkey {
        return json!({"type": "passkeyRequired", "message": "passkey required"});
    }
    let life = Duration::from_millis(inner.pace.qr_ms);
    let text = match &inner.qr {
        Some((text, since)) if since.elapsed() < life => text.clone(),
        _ => {
            let text = format!("2@{}{},{},{}=", hex(32), hex(32), hex(32), hex(24));
            inner.qr = Some((text.clone(), Instant::now()));
            text
        }
    };
    match samples::qr(&text) {
        Ok(png) => json!({"type": "qrCode", "message": STANDARD.encode(png)}),
        Err(error) => json!({"type": "error", "message": error.to_string()}),
    }
}

/// The `scanqrcode` socket: codes as they change, the account once linked, `timeout` after 100 s.
pub(super) async fn scan_socket(instance: Arc<Instance>, mut socket: WebSocket) {
    let begun = Instant::now();
    let mut last = Value::Null;
    let mut shown = false;
    loop {
        let mut frame = qr_now(&mut instance.lock());
        if shown && frame["type"] == "alreadyLogged" {
            let wid = instance.lock().wid();
            frame = json!({"type": "accountData", "message": {"wid": wid}});
        } else if begun.elapsed() > Duration::from_secs(100) {
            frame = json!({"type": "timeout", "message": "scan timeout"});
        }
        let end = !matches!(frame["type"].as_str(), Some("qrCode" | "error" | "passkeyRequired"));
        shown |= frame["type"] == "qrCode";
        if frame != last {
            if socket.send(Message::text(frame.to_string())).await.is_err() {
                return;
            }
            last = frame;
        }
        if end {
            // The peer may be gone already.
            let _ = socket.send(Message::Close(None)).await;
            return;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
