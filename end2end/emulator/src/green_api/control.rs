//! The control API of Green-API, under `/_control/green-api/`. Every call is a JSON `POST` except
//! where `GET` or `DELETE` is named; `{id}` is `idInstance`; chats are phone digits or chat ids.
//!
//! | call | body → answer |
//! |---|---|
//! | `instances` | [`NewInstance`] → `{"id","token","url"}`; `GET` lists them |
//! | `DELETE {id}` | removes the instance |
//! | `GET {id}` | state, settings, pace, counts |
//! | `{id}/incoming` | [`Write`]: a client writes → `{"id"}`; an array writes one after another → `{"ids"}` |
//! | `{id}/phone` | [`Write`]: the owner writes on the phone |
//! | `{id}/edit` `{id}/delete` `{id}/react` | a client's `{"chat","id","text"}`: text is the new text or the reaction |
//! | `{id}/call` | `{"chat","id","status","outgoing"}` |
//! | `{id}/block` | `{"chat","blocked"}` |
//! | `{id}/notification` | any notification, queued as it is |
//! | `{id}/state` | `{"state"}` |
//! | `{id}/scan` | the phone scans the QR code or enters the code |
//! | `{id}/passkey` | `qr` answers `passkeyRequired` until the scan |
//! | `{id}/status` | `{"id","status","description"?}` of an outgoing message |
//! | `{id}/outcome` | `{"chat","status"\|null,"description"?}`: what becomes of messages to a chat |
//! | `{id}/contact` | [`NewContact`] |
//! | `{id}/group` | `{"subject","people":[]}` → `{"id"}` |
//! | `{id}/settings` | settings, without the reboot |
//! | `{id}/pace` | some fields of [`Pace`](super::Pace); `{"real":true}` first makes all real |
//! | `{id}/quota` | [`Quota`] |
//! | `{id}/closed` | `{"text":"Instance is deleted"\|null}` |
//! | `{id}/expire_files` | every link to its files dies |
//! | `GET {id}/sent` | messages that left the queue, oldest first: exactly-once checks count these |
//! | `GET {id}/queue` | what waits in the send queue |
//! | `GET {id}/notifications` | what waits to be taken or pushed |
//! | `GET {id}/deliveries` | attempts to push |

use std::sync::Arc;

use axum::http::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::client::Write;
use super::instance::{NewInstance, Outcome, Pace, Quota};
use super::{GreenApi, Instance, NewContact};
use crate::control::{Denied, parsed};

/// Calls, for the help of `GET /_control`.
pub(crate) const CALLS: &str = "instances, {id}, {id}/incoming, phone, edit, delete, react, call, \
    block, notification, state, scan, passkey, status, outcome, contact, group, settings, pace, \
    quota, closed, expire_files, sent, queue, notifications, deliveries";

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Deed {
    chat: String,
    id: String,
    text: String,
    status: Option<String>,
    description: Option<String>,
    outgoing: bool,
    blocked: bool,
    subject: String,
    people: Vec<String>,
}

pub(crate) async fn answer(green_api: &GreenApi, verb: &Method, path: &str, body: Value) -> Result<Value, Denied> {
    let (first, action) = path.trim_end_matches('/').split_once('/').unwrap_or((path, ""));
    let get = verb == Method::GET;
    if first == "instances" {
        if get {
            let all = green_api.instances();
            return Ok(json!(all.iter().map(|i| about(i)).collect::<Vec<_>>()));
        }
        let instance = green_api.add_instance(parsed::<NewInstance>(body)?);
        return Ok(json!({"id": instance.id, "token": instance.token(),
            "url": instance.world.url}));
    }
    let instance =
        first.parse().ok().and_then(|id| green_api.instance(id)).ok_or_else(|| Denied::unknown("instance"))?;
    match (action, get) {
        ("", true) => Ok(about(&instance)),
        ("", false) if verb == Method::DELETE => Ok(json!({"removed": green_api.remove_instance(instance.id)})),
        ("sent", true) => Ok(json!(instance.sent())),
        ("queue", true) => Ok(json!(instance.queued())),
        ("notifications", true) => Ok(json!(instance.notifications())),
        ("deliveries", true) => Ok(json!(instance.deliveries())),
        (_, false) => act(&instance, action, body),
        _ => Err(Denied::unknown("control call")),
    }
}

fn about(instance: &Instance) -> Value {
    let inner = instance.lock();
    json!({"id": inner.id, "token": inner.token, "url": instance.world.url, "state": inner.state,
        "phone": inner.phone, "settings": inner.settings, "pace": inner.pace,
        "sent": inner.sent.len(), "queued": inner.jobs.len(), "notifications": inner.notes.len(),
        "messages": inner.messages.len()})
}

fn act(instance: &Arc<Instance>, action: &str, body: Value) -> Result<Value, Denied> {
    let done = Ok(json!({}));
    match action {
        "incoming" => write(instance, body, Instance::incoming),
        "phone" => write(instance, body, Instance::phone),
        "notification" => {
            instance.push_raw(body);
            done
        }
        "settings" => {
            instance.set_settings(parsed::<Map<String, Value>>(body)?);
            done
        }
        "pace" => {
            let mut wanted = parsed::<Map<String, Value>>(body)?;
            let base = if wanted.remove("real") == Some(json!(true)) { Pace::real() } else { instance.pace() };
            let mut merged = serde_json::to_value(base).map_err(anyhow::Error::from)?;
            if let Some(merged) = merged.as_object_mut() {
                merged.extend(wanted);
            }
            let pace = parsed::<Pace>(merged)?;
            instance.set_pace(|old| *old = pace);
            done
        }
        "quota" => {
            instance.set_quota(parsed::<Quota>(body)?);
            done
        }
        "closed" => {
            instance.set_closed(body["text"].as_str().map(str::to_owned));
            done
        }
        "contact" => {
            instance.add_contact(parsed::<NewContact>(body)?);
            done
        }
        "scan" => {
            instance.scan_qr();
            done
        }
        "passkey" => {
            instance.require_passkey();
            done
        }
        "expire_files" => Ok(json!({"expired": instance.expire_files()})),
        "state" => match body["state"].as_str() {
            Some(state) => {
                instance.set_state(state);
                done
            }
            None => Err(Denied::unknown("state")),
        },
        _ => deed(instance, action, parsed::<Deed>(body)?),
    }
}

fn write(
    instance: &Arc<Instance>,
    body: Value,
    act: impl Fn(&Arc<Instance>, Write) -> anyhow::Result<String>,
) -> Result<Value, Denied> {
    if body.is_array() {
        let mut ids = Vec::new();
        for one in parsed::<Vec<Write>>(body)? {
            ids.push(act(instance, one)?);
        }
        return Ok(json!({"ids": ids}));
    }
    Ok(json!({"id": act(instance, parsed::<Write>(body)?)?}))
}

fn deed(instance: &Arc<Instance>, action: &str, deed: Deed) -> Result<Value, Denied> {
    let Deed { chat, id, text, status, description, outgoing, blocked, subject, people } = deed;
    let event = match action {
        "edit" => instance.incoming_edit(&chat, &id, &text),
        "delete" => instance.incoming_delete(&chat, &id),
        "react" => instance.incoming_reaction(&chat, &id, &text),
        "call" => {
            instance.call(&chat, &id, status.as_deref().unwrap_or("offer"), outgoing);
            id
        }
        "block" => {
            instance.block(&chat, blocked);
            String::new()
        }
        "status" => {
            let status = status.as_deref().unwrap_or("delivered");
            if !instance.set_status(&id, status, description.as_deref()) {
                return Err(Denied::unknown("message"));
            }
            id
        }
        "outcome" => {
            let outcome = status.map(|status| Outcome { status, description });
            instance.set_outcome(&chat, outcome);
            String::new()
        }
        "group" => {
            let people: Vec<_> = people.iter().map(String::as_str).collect();
            instance.add_group(&subject, &people)
        }
        _ => return Err(Denied::unknown("control call")),
    };
    Ok(json!({"id": event}))
}
