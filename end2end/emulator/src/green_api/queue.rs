//! The send queue of an instance and what becomes of messages after it: the echo and the statuses
//! (reference §3.4, §5). What may enter the queue is in `send`.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::{Value, json};

use super::content::{Message, flat_file};
use super::instance::{Inner, Instance, Outcome};
use crate::{unix_ms, unix_s};

/// What a queued call does when its turn comes.
#[derive(Clone, Debug)]
pub(super) enum Deed {
    /// Sends messages: id and `messageData` of each.
    Send(Vec<(String, Value)>),
    /// Replaces the text of a message; the id is that of the edit event.
    Edit { id: String, original: String, text: String },
}

/// A queued call.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub method: &'static str,
    pub body: Value,
    pub chat: String,
    pub deed: Deed,
    pub typing_ms: u64,
    pub at: Instant,
    /// Whether the sender was told that the account is restricted.
    pub told: bool,
}

impl Job {
    /// The row of `showMessagesQueue` (reference §2.5).
    pub fn row(&self) -> Value {
        match &self.deed {
            Deed::Send(messages) if self.method == "forwardMessages" => json!({
                "messagesIDs": messages.iter().map(|(id, _)| id).collect::<Vec<_>>(),
                "type": "ForwardMessages", "body": self.body}),
            Deed::Send(messages) => json!({
                "messageID": messages.first().map(|(id, _)| id),
                "type": self.method, "body": self.body}),
            Deed::Edit { id, .. } => {
                json!({"messageID": id, "type": self.method, "body": self.body})
            }
        }
    }
}

/// A message that really left the queue: what the recipient would hold in hand. Exactly-once checks
/// count these.
#[derive(Clone, Debug, Serialize)]
pub struct Sent {
    /// `idMessage`.
    pub id: String,
    /// Conversation.
    pub chat: String,
    /// Method that queued it.
    pub method: String,
    /// Request body of that method, without file contents.
    pub body: Value,
    /// Text or caption.
    pub text: String,
    /// Path of the file on the emulator, if it has one of its own.
    pub file: Option<String>,
    /// When it left the queue, unix milliseconds.
    pub at_ms: u64,
}

impl Instance {
    /// Messages that left the queue, oldest first.
    pub fn sent(&self) -> Vec<Sent> {
        self.lock().sent.clone()
    }

    /// Calls that still wait in the send queue, as `showMessagesQueue` shows them.
    pub fn queued(&self) -> Vec<Value> {
        self.lock().jobs.iter().map(Job::row).collect()
    }

    /// Sets the status of an outgoing message and tells of it: `sent`, `delivered`, `read`,
    /// `failed`, … False when there is no such message.
    pub fn set_status(&self, id: &str, status: &str, description: Option<&str>) -> bool {
        let mut inner = self.lock();
        let Some(chat) = inner.messages.iter().rev().find(|m| m.outgoing && m.id == id).map(|m| m.chat.clone()) else {
            return false;
        };
        self.status(&mut inner, &chat, id, status, description);
        true
    }

    pub(super) fn status(&self, inner: &mut Inner, chat: &str, id: &str, status: &str, description: Option<&str>) {
        let mut by_api = true;
        if let Some(message) = inner.message_mut(chat, id) {
            status.clone_into(&mut message.status);
            by_api = message.by_api;
        }
        let mut body = json!({"typeWebhook": "outgoingMessageStatus", "chatId": inner.face(chat),
            "instanceData": inner.instance_data(), "timestamp": unix_s(), "idMessage": id,
            "status": status, "sendByApi": by_api});
        if let Some(description) = description {
            body["description"] = json!(description);
        }
        self.emit(inner, body);
    }

    /// Lets time pass over a sent message: `sent`, `delivered`, `read` after the pace's delays, or
    /// the outcome that is fixed for the chat.
    pub(super) fn ripen(self: &Arc<Self>, inner: &Inner, chat: &str, id: &str) {
        let outcome = inner.outcomes.get(chat).cloned();
        let pace = inner.pace.clone();
        let weak = Arc::downgrade(self);
        let (chat, id) = (chat.to_owned(), id.to_owned());
        tokio::spawn(async move {
            let after = |ms: u64| tokio::time::sleep(Duration::from_millis(ms));
            let tell = |status: &str, description: Option<&str>| {
                let Some(instance) = weak.upgrade() else { return };
                let mut inner = instance.lock();
                // A test may have set a status by hand meanwhile; time does not go back.
                let now = inner.message(&chat, &id).map_or(0, |message| rank(&message.status));
                if now < rank(status) {
                    instance.status(&mut inner, &chat, &id, status, description);
                }
            };
            let Some(sent_ms) = pace.sent_ms else { return };
            after(sent_ms).await;
            if let Some(Outcome { status, description }) = outcome {
                tell(&status, description.as_deref());
                return;
            }
            tell("sent", None);
            let Some(delivered_ms) = pace.delivered_ms else { return };
            after(delivered_ms).await;
            tell("delivered", None);
            let Some(read_ms) = pace.read_ms else { return };
            after(read_ms).await;
            tell("read", None);
        });
    }
}

fn rank(status: &str) -> u8 {
    match status {
        "" | "pending" => 0,
        "sent" => 1,
        "delivered" => 2,
        "read" => 3,
        _ => 4,
    }
}

/// Works the queue off: first in, first out, with the gap, while the account may send.
pub(super) async fn work(instance: Weak<Instance>) {
    loop {
        let Some(instance) = instance.upgrade() else { return };
        let wait = step(&instance);
        let bell = instance.queue_bell.notified();
        // Not forever, so that a dropped instance ends its task.
        let _ = tokio::time::timeout(wait.min(Duration::from_millis(500)), bell).await;
    }
}

/// Sends what may be sent now; gives the time until the next may be.
fn step(instance: &Arc<Instance>) -> Duration {
    let mut inner = instance.lock();
    let kept = Duration::from_millis(inner.pace.kept_ms);
    inner.jobs.retain(|job| job.at.elapsed() <= kept);
    loop {
        let restricted = matches!(inner.state.as_str(), "suspended" | "yellowCard");
        if restricted {
            tell_restricted(instance, &mut inner);
        }
        if inner.state != "authorized" || inner.jobs.is_empty() {
            return Duration::MAX;
        }
        let now = Instant::now();
        if inner.next_send > now {
            return inner.next_send - now;
        }
        let Some(job) = inner.jobs.pop_front() else { return Duration::MAX };
        let gap = inner
            .pace
            .send_gap_ms
            .unwrap_or_else(|| inner.settings["delaySendMessagesMilliseconds"].as_u64().unwrap_or(0).max(500));
        let typing = if inner.pace.typing { job.typing_ms } else { 0 };
        inner.next_send = now + Duration::from_millis(gap + typing);
        act(instance, &mut inner, job);
    }
}

/// A restricted account tells so once for each message and keeps it (reference §3.4).
fn tell_restricted(instance: &Instance, inner: &mut Inner) {
    let state = inner.state.clone();
    let mut untold = Vec::new();
    for job in inner.jobs.iter_mut().filter(|job| !job.told) {
        job.told = true;
        if let Deed::Send(messages) = &job.deed {
            untold.extend(messages.iter().map(|(id, _)| (job.chat.clone(), id.clone())));
        }
    }
    for (chat, id) in untold {
        instance.status(inner, &chat, &id, &state, None);
    }
}

fn act(instance: &Arc<Instance>, inner: &mut Inner, job: Job) {
    match job.deed {
        Deed::Send(messages) => {
            for (id, data) in messages {
                inner.sent.push(Sent {
                    id: id.clone(),
                    chat: job.chat.clone(),
                    method: job.method.to_owned(),
                    body: job.body.clone(),
                    text: said(&data),
                    file: flat_file(&data, &instance.world.url),
                    at_ms: unix_ms(),
                });
                go(instance, inner, &job.chat, &id, data);
                instance.ripen(inner, &job.chat, &id);
            }
        }
        Deed::Edit { id, original, text } => {
            if let Some(message) = inner.message_mut(&job.chat, &original) {
                message.edited_by.clone_from(&id);
            }
            let data = json!({"typeMessage": "editedMessage",
                "editedMessageData": {"textMessage": text, "stanzaId": original}});
            go(instance, inner, &job.chat, &id, data);
        }
    }
}

/// Puts a message of the API into the chat and echoes it.
pub(super) fn go(instance: &Arc<Instance>, inner: &mut Inner, chat: &str, id: &str, data: Value) {
    inner.sends += 1;
    let own = format!("{}@c.us", inner.phone);
    let message = Message {
        outgoing: true,
        by_api: true,
        id: id.to_owned(),
        chat: chat.to_owned(),
        sender: own,
        timestamp: unix_s(),
        at: Instant::now(),
        file: flat_file(&data, &instance.world.url),
        data: data.clone(),
        status: "pending".to_owned(),
        journaled: inner.on("outgoingAPIMessageWebhook"),
        edited_by: String::new(),
        deleted_by: String::new(),
        read: true,
    };
    inner.keep(message);
    let missing = inner.pace.echo_missing_every;
    if inner.pace.echo && (missing == 0 || !inner.sends.is_multiple_of(missing)) {
        let body = inner.outgoing("outgoingAPIMessageReceived", chat, id, unix_s(), data);
        instance.emit(inner, body);
    }
}

/// The words of a message: text, caption, question.
pub(super) fn said(data: &Value) -> String {
    [
        &data["textMessageData"]["textMessage"],
        &data["extendedTextMessageData"]["text"],
        &data["fileMessageData"]["caption"],
        &data["pollMessageData"]["name"],
        &data["interactiveButtons"]["contentText"],
    ]
    .into_iter()
    .find_map(Value::as_str)
    .unwrap_or_default()
    .to_owned()
}
