//! Notifications: which are queued, the polling queue, and push with its retries (reference §2.3,
//! §4). What they say is made where things happen.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use axum::http::header;
use serde::Serialize;
use serde_json::{Value, json};

use super::instance::{Inner, Instance};
use super::{Answer, Ask, Refusal, Reply};
use crate::faults::Astray;
use crate::unix_ms;

/// Delivery attempts kept for tests.
const ATTEMPTS_KEPT: usize = 20_000;

/// A queued notification.
#[derive(Clone, Debug)]
pub(super) struct Note {
    pub receipt: i64,
    pub body: Value,
    pub at: Instant,
}

/// A notification that waits outside the queue because of a fault.
#[derive(Clone, Debug)]
pub(super) struct Held {
    body: Value,
    until: Instant,
    /// Goes out as soon as another notification has overtaken it.
    overtaken: bool,
}

/// One attempt to push a notification.
#[derive(Clone, Debug, Serialize)]
pub struct Delivered {
    /// When it was answered, unix milliseconds.
    pub at_ms: u64,
    /// How long the receiver took, milliseconds.
    pub took_ms: u64,
    /// `typeWebhook`.
    pub kind: String,
    /// `idMessage`, empty when it has none.
    pub id_message: String,
    /// HTTP status; `null` when nobody answered.
    pub status: Option<u16>,
}

impl Instance {
    /// Queues a notification if the settings ask for its kind, through the delivery faults.
    pub(super) fn emit(&self, inner: &mut Inner, body: Value) {
        if !wanted(inner, &body) {
            return;
        }
        let kind = body["typeWebhook"].as_str().unwrap_or_default();
        match self.world.faults.strike_delivery(&self.scope(), kind) {
            Some(Astray::Drop) => {}
            Some(Astray::Duplicate) => {
                enqueue(inner, body.clone());
                enqueue(inner, body);
            }
            Some(Astray::Reorder) => {
                // When nothing comes to overtake it, it goes out after all.
                let until = Instant::now() + Duration::from_millis(500);
                inner.held.push(Held { body, until, overtaken: true });
            }
            Some(Astray::Delay { delay_ms }) => {
                let until = Instant::now() + Duration::from_millis(delay_ms);
                inner.held.push(Held { body, until, overtaken: false });
            }
            None => enqueue(inner, body),
        }
        self.note_bell.notify_waiters();
        self.note_bell.notify_one();
    }

    /// Notifications not yet taken.
    pub fn notifications(&self) -> Vec<Value> {
        self.lock().notes.iter().map(|note| note.body.clone()).collect()
    }

    /// Queues any notification as it is, past the settings: for kinds nobody has seen yet.
    pub fn push_raw(&self, body: Value) {
        enqueue(&mut self.lock(), body);
        self.note_bell.notify_waiters();
        self.note_bell.notify_one();
    }

    /// Attempts to push notifications so far, oldest first.
    pub fn deliveries(&self) -> Vec<Delivered> {
        self.lock().delivered.iter().cloned().collect()
    }
}

/// Queues a notification and, behind it, those that it was to overtake.
fn enqueue(inner: &mut Inner, body: Value) {
    append(inner, body);
    release(inner, true);
}

fn append(inner: &mut Inner, body: Value) {
    inner.last_receipt += 1;
    let receipt = inner.last_receipt;
    inner.notes.push_back(Note { receipt, body, at: Instant::now() });
}

/// Moves held notifications whose time has come into the queue.
fn release(inner: &mut Inner, overtook: bool) {
    let now = Instant::now();
    let held = std::mem::take(&mut inner.held);
    for held in held {
        if held.until <= now || (overtook && held.overtaken) {
            append(inner, held.body);
        } else {
            inner.held.push(held);
        }
    }
}

/// Whether the settings let a notification be queued (reference §2.9, §3).
fn wanted(inner: &Inner, body: &Value) -> bool {
    let by_kind = match body["messageData"]["typeMessage"].as_str() {
        Some("pollMessage" | "pollUpdateMessage") => inner.on("pollMessageWebhook"),
        Some("editedMessage") => inner.on("editedMessageWebhook"),
        Some("deletedMessage") => inner.on("deletedMessageWebhook"),
        _ => true,
    };
    by_kind
        && match body["typeWebhook"].as_str().unwrap_or_default() {
            "outgoingMessageReceived" => inner.on("outgoingMessageWebhook"),
            "outgoingAPIMessageReceived" => inner.on("outgoingAPIMessageWebhook"),
            "outgoingMessageStatus" => {
                inner.on("outgoingWebhook") || matches!(body["status"].as_str(), Some("failed" | "noAccount"))
            }
            "stateInstanceChanged" => inner.on("stateWebhook"),
            "statusInstanceChanged" => inner.on("statusInstanceWebhook"),
            "deviceInfo" => inner.on("deviceWebhook"),
            "incomingCall" => inner.on("incomingWebhook") && inner.on("incomingCallWebhook"),
            "outgoingCall" => inner.on("outgoingCallWebhook"),
            "incomingBlock" => inner.on("incomingBlockWebhook"),
            "quotaExceeded" => inner.on("incomingBlockWebhook") && inner.on("incomingWebhook"),
            _ => inner.on("incomingWebhook"),
        }
}

impl Inner {
    /// The oldest notification that is not too old.
    fn head(&mut self) -> Option<Note> {
        release(self, false);
        let kept = Duration::from_millis(self.pace.kept_ms);
        while self.notes.front().is_some_and(|note| note.at.elapsed() > kept) {
            self.notes.pop_front();
        }
        self.notes.front().cloned()
    }
}

/// Delivers to `webhookUrl` while there is one: in order, the head again and again until it is
/// answered with exactly 200 (reference §4).
pub(super) async fn push(instance: Weak<Instance>) {
    loop {
        let Some(instance) = instance.upgrade() else { return };
        let next = {
            let mut inner = instance.lock();
            let url = inner.setting("webhookUrl").to_owned();
            let token = inner.setting("webhookUrlToken").to_owned();
            if url.is_empty() { None } else { inner.head().map(|note| (note, url, token)) }
        };
        let Some((note, url, token)) = next else {
            // The timeout releases held notifications that nothing rings for.
            let bell = instance.note_bell.notified();
            let _ = tokio::time::timeout(Duration::from_millis(100), bell).await;
            continue;
        };
        let (timeout, retry) = {
            let pace = &instance.lock().pace;
            (Duration::from_millis(pace.timeout_ms), Duration::from_millis(pace.retry_ms))
        };
        let mut request = instance.world.http.post(&url).timeout(timeout).json(&note.body);
        if let Some(value) = authorization(&token) {
            request = request.header(header::AUTHORIZATION, value);
        }
        let begun = Instant::now();
        let status = request.send().await.ok().map(|answer| answer.status().as_u16());
        let delivered = status == Some(200);
        {
            let mut inner = instance.lock();
            if delivered && inner.notes.front().is_some_and(|head| head.receipt == note.receipt) {
                inner.notes.pop_front();
            }
            if inner.delivered.len() == ATTEMPTS_KEPT {
                inner.delivered.pop_front();
            }
            let text = |name: &str| note.body[name].as_str().unwrap_or_default().to_owned();
            inner.delivered.push_back(Delivered {
                at_ms: unix_ms(),
                took_ms: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
                kind: text("typeWebhook"),
                id_message: text("idMessage"),
                status,
            });
        }
        if !delivered {
            drop(instance);
            tokio::time::sleep(retry).await;
        }
    }
}

/// The header for a stored `webhookUrlToken`: a bare token becomes `Bearer`, one that names its
/// scheme goes as written, an empty one sends nothing (reference §4).
fn authorization(token: &str) -> Option<String> {
    let scheme = token.split_once(' ').map(|(scheme, _)| scheme);
    match scheme {
        _ if token.is_empty() => None,
        Some(scheme) if ["bearer", "basic"].contains(&scheme.to_lowercase().as_str()) => Some(token.to_owned()),
        _ => Some(format!("Bearer {token}")),
    }
}

fn pushing() -> Refusal {
    Refusal::Invalid(
        "Message cannot be received because custom webhook url is set. Set webhookUrl to empty \
         to receive notifications by this method"
            .to_owned(),
    )
}

/// `GET receiveNotification?receiveTimeout=5…60`: waits for the head of the queue.
pub(super) async fn receive(instance: Arc<Instance>, seconds: Option<String>) -> Reply {
    let seconds = match seconds.as_deref().map(str::parse::<u64>) {
        None => 5,
        Some(Ok(seconds @ 5..=60)) => seconds,
        Some(_) => {
            return Err(Refusal::Invalid(
                "Validation failed. Details: 'receiveTimeout' must be between 5 and 60".to_owned(),
            ));
        }
    };
    let until = tokio::time::Instant::now() + Duration::from_secs(seconds);
    let mut closing = instance.world.closing.clone();
    loop {
        let bell = instance.note_bell.notified();
        tokio::pin!(bell);
        // Registers before looking, so that nothing queued in between is missed.
        bell.as_mut().enable();
        {
            let mut inner = instance.lock();
            if !inner.setting("webhookUrl").is_empty() {
                return Err(pushing());
            }
            if let Some(note) = inner.head() {
                return Ok(Answer::Json(json!({"receiptId": note.receipt, "body": note.body})));
            }
        }
        let soon = tokio::time::Instant::now() + Duration::from_millis(200);
        tokio::select! {
            () = bell => {}
            () = tokio::time::sleep_until(soon.min(until)) => {
                if tokio::time::Instant::now() >= until {
                    return Ok(Answer::Json(Value::Null));
                }
            }
            _ = closing.wait_for(|closing| *closing) => return Ok(Answer::Json(Value::Null)),
        }
    }
}

/// `DELETE deleteNotification/{token}/{receiptId}`. The asynchronous Python client puts the number
/// into the body instead (reference §8).
pub(super) fn delete(ask: &Ask) -> Reply {
    let given = match (ask.tail.as_str(), &ask.body) {
        ("", Value::Number(number)) => number.as_i64(),
        (tail, _) => tail.parse().ok(),
    };
    let Some(receipt) = given else {
        return Err(Refusal::Invalid("receiptId must be a Number".to_owned()));
    };
    let mut inner = ask.instance.lock();
    if !inner.setting("webhookUrl").is_empty() {
        return Err(pushing());
    }
    let before = inner.notes.len();
    inner.notes.retain(|note| note.receipt != receipt);
    let done = inner.notes.len() < before;
    let reason = if done { "" } else { "notification not found" };
    Ok(Answer::Json(json!({"result": done, "reason": reason})))
}

/// `GET getWebhooksCount` (the shape is unconfirmed, reference §2.5).
pub(super) fn count(ask: &Ask) -> Reply {
    Ok(Answer::Json(json!({"count": ask.instance.lock().notes.len()})))
}

/// `DELETE clearWebhooksQueue`, at most once a minute.
pub(super) fn clear(ask: &Ask) -> Reply {
    let mut inner = ask.instance.lock();
    if let Some(last) = inner.hooks_cleared
        && last.elapsed() < Duration::from_secs(60)
    {
        let left = 60 - last.elapsed().as_secs();
        return Ok(Answer::Json(json!({"isCleared": false, "reason": "Too many requests", "leftTime": left})));
    }
    inner.hooks_cleared = Some(Instant::now());
    inner.notes.clear();
    inner.held.clear();
    Ok(Answer::Json(json!({"isCleared": true, "reason": ""})))
}
