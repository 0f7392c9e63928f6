//! Settings: what an administrator types to connect an instance, and what is set at the provider so that it tells us
//! everything that an inbox needs. Pure.

use serde_json::{Map, Value, json};

use crate::gateway::Hook;

/// The kinds of notification that an inbox needs (`reference/green-api.md` §2.9, last line).
pub(super) const SWITCHES_ON: &[&str] = &[
    "incomingWebhook",
    "outgoingWebhook",
    "outgoingMessageWebhook",
    "outgoingAPIMessageWebhook",
    "stateWebhook",
    "pollMessageWebhook",
    "editedMessageWebhook",
    "deletedMessageWebhook",
    "incomingCallWebhook",
];

/// Checks `id_instance`, `api_token_instance`, `api_url`, `media_url`. Addresses left empty follow from the first four
/// digits of the instance. The error names the field.
pub fn split_settings(input: &Value, before: &Value) -> Result<(Value, Value), String> {
    let id = match &input["id_instance"] {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    };
    if !(4..=12).contains(&id.len()) || !id.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("id_instance".to_owned());
    }
    let old = before["api_token_instance"].as_str().unwrap_or_default();
    let token = match input["api_token_instance"].as_str().map(str::trim) {
        None | Some("") => old,
        Some(new) => new,
    };
    // It becomes a part of a path.
    if token.is_empty() || token.len() > 200 || !token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    {
        return Err("api_token_instance".to_owned());
    }
    let pool = &id[..4];
    let api_url = host(&input["api_url"], format!("https://{pool}.api.greenapi.com")).ok_or("api_url")?;
    let media_url = host(&input["media_url"], format!("https://{pool}.media.greenapi.com")).ok_or("media_url")?;
    Ok((json!({"id_instance": id, "api_url": api_url, "media_url": media_url}), json!({"api_token_instance": token})))
}

/// An http(s) address without user, query and the slash at its end.
fn host(value: &Value, default: String) -> Option<String> {
    let text = match value {
        Value::Null => return Some(default),
        Value::String(text) => text.trim().trim_end_matches('/'),
        _ => return None,
    };
    if text.is_empty() {
        return Some(default);
    }
    let url = url::Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let plain = url.host().is_some()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    (plain && text.len() <= 300).then(|| text.to_owned())
}

/// Which settings differ from what an inbox needs. Only these are written, because writing reboots the instance.
pub(super) fn changes(settings: &Map<String, Value>, hook: Option<&Hook>) -> Map<String, Value> {
    let mut changes = Map::new();
    let (url, token) = hook.map_or(("", ""), |hook| (hook.url.as_str(), hook.authorization.as_str()));
    let now = |name: &str| settings.get(name).and_then(Value::as_str).unwrap_or_default();
    if now("webhookUrl") != url {
        changes.insert("webhookUrl".to_owned(), json!(url));
    }
    // Without an address nothing is called, so the token left behind does no harm.
    if hook.is_some() && now("webhookUrlToken") != token {
        changes.insert("webhookUrlToken".to_owned(), json!(token));
    }
    let on = |value: &Value| *value == "yes" || *value == true;
    // A switch that this server does not name cannot be changed either, and trying each time would reboot each time.
    for name in SWITCHES_ON {
        if settings.get(*name).is_some_and(|value| !on(value)) {
            changes.insert((*name).to_owned(), json!("yes"));
        }
    }
    if settings.get("enableLidMode").is_some_and(on) {
        changes.insert("enableLidMode".to_owned(), json!("no"));
    }
    changes
}
