//! One instance: a WhatsApp account behind Green-API. Here are its data, settings, states and the
//! handle that tests hold; what it does with messages is in `send`, `queue`, `webhook`, `client`.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use super::contacts::Contact;
use super::content::Message;
use super::groups::Group;
use super::queue::{Job, Sent};
use super::webhook::{Delivered, Held, Note};
use crate::faults::{Aim, AnswerFault, Astray, DeliveryFault, Spoil};
use crate::{World, hex, locked, unix_s};

/// How fast the emulated world turns. The default suits tests; [`Pace::real`] is what the service
/// does. All times are milliseconds.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pace {
    /// How long the state stays `starting` after a reboot or `setSettings`.
    pub reboot_ms: u64,
    /// How long `getSettings` still shows the old values after `setSettings`; the new ones act at
    /// once all the same.
    pub settings_ms: u64,
    /// Gap between sent messages; `null` obeys `delaySendMessagesMilliseconds`, at least 500.
    pub send_gap_ms: Option<u64>,
    /// Whether `typingTime` is added to the gap.
    pub typing: bool,
    /// Whether sent messages come back as `outgoingAPIMessageReceived`.
    pub echo: bool,
    /// Leaves out every n-th echo; 0 leaves out none (reference §7.4).
    pub echo_missing_every: u64,
    /// When a message becomes `sent`, counted from leaving the queue; `null` is never.
    pub sent_ms: Option<u64>,
    /// When it becomes `delivered`, counted from `sent`.
    pub delivered_ms: Option<u64>,
    /// When it becomes `read`, counted from `delivered`.
    pub read_ms: Option<u64>,
    /// Pause before a refused notification is tried again.
    pub retry_ms: u64,
    /// How long the receiver of a notification may take.
    pub timeout_ms: u64,
    /// How long notifications and unsent messages are kept.
    pub kept_ms: u64,
    /// How late messages appear in the journals.
    pub journal_lag_ms: u64,
    /// How long one QR code lives.
    pub qr_ms: u64,
    /// Whether the requests-per-second limits of reference §5 apply.
    pub rate_limits: bool,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            reboot_ms: 20,
            settings_ms: 0,
            send_gap_ms: Some(5),
            typing: false,
            echo: true,
            echo_missing_every: 0,
            sent_ms: Some(5),
            delivered_ms: Some(20),
            read_ms: None,
            retry_ms: 200,
            timeout_ms: 180_000,
            kept_ms: 24 * 3_600_000,
            journal_lag_ms: 0,
            qr_ms: 20_000,
            rate_limits: false,
        }
    }
}

impl Pace {
    /// As the service itself: reference §2.8, §4, §5.
    pub fn real() -> Self {
        Self {
            reboot_ms: 30_000,
            settings_ms: 40_000,
            send_gap_ms: None,
            typing: true,
            sent_ms: Some(700),
            delivered_ms: Some(1_500),
            read_ms: Some(20_000),
            retry_ms: 60_000,
            journal_lag_ms: 5_000,
            rate_limits: true,
            ..Self::default()
        }
    }
}

/// What a new instance starts with.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewInstance {
    /// Number of the instance; 7103000001 and up when absent.
    pub id: Option<i64>,
    /// Token; random when absent.
    pub token: Option<String>,
    /// Own phone number, digits.
    pub phone: String,
    /// State, see [`Instance::set_state`].
    pub state: String,
    /// Settings other than the defaults (everything off, reference §2.9).
    pub settings: Map<String, Value>,
    /// Switches on everything an inbox wants to hear of (reference §2.9, last line).
    pub inbox: bool,
    /// How fast its world turns.
    pub pace: Pace,
}

impl Default for NewInstance {
    fn default() -> Self {
        Self {
            id: None,
            token: None,
            phone: "79990000001".to_owned(),
            state: "authorized".to_owned(),
            settings: Map::new(),
            inbox: false,
            pace: Pace::default(),
        }
    }
}

/// A fixed end for messages to somebody.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Outcome {
    /// `noAccount`, `failed`, `notInGroup`, …
    pub status: String,
    /// The status's description, e.g. `SWE004: …`.
    #[serde(default)]
    pub description: Option<String>,
}

/// Plan limits (HTTP 466, reference §5).
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Quota {
    /// Different chats that may be written to; `null` is no limit.
    pub correspondents: Option<u32>,
    /// Calls allowed per method (lower case).
    pub methods: BTreeMap<String, u32>,
}

/// What is known of a chat besides its messages.
#[derive(Clone, Debug, Default)]
pub(super) struct Chat {
    pub archived: bool,
    pub ephemeral: i64,
    pub ephemeral_set: i64,
}

/// All data of an instance.
#[derive(Debug)]
pub(super) struct Inner {
    pub id: i64,
    pub token: String,
    pub phone: String,
    pub settings: Map<String, Value>,
    /// Settings that `getSettings` still shows, and until when.
    pub settings_shown: Option<(Map<String, Value>, Instant)>,
    pub state: String,
    pub history: Vec<(String, i64)>,
    pub pace: Pace,
    /// Text of the 400 that every call gets, e.g. an expired plan.
    pub closed: Option<String>,
    pub contacts: BTreeMap<String, Contact>,
    pub groups: BTreeMap<String, Group>,
    pub chats: BTreeMap<String, Chat>,
    pub messages: Vec<Message>,
    pub places: HashMap<(String, String), usize>,
    pub calls: Vec<Value>,
    pub stories: Vec<Value>,
    pub jobs: VecDeque<Job>,
    pub next_send: Instant,
    pub sent: Vec<Sent>,
    pub sends: u64,
    pub notes: VecDeque<Note>,
    pub held: Vec<Held>,
    pub last_receipt: i64,
    pub delivered: VecDeque<Delivered>,
    pub hooks_cleared: Option<Instant>,
    pub outcomes: BTreeMap<String, Outcome>,
    pub quota: Quota,
    pub correspondents: Vec<String>,
    pub used: BTreeMap<String, u32>,
    pub rates: HashMap<&'static str, VecDeque<Instant>>,
    pub qr: Option<(String, Instant)>,
    pub passkey: bool,
    pub own_avatar: String,
    pub suspended_until: Option<i64>,
}

impl Inner {
    /// Own id, empty while the account is not linked (reference §3.5).
    pub fn wid(&self) -> String {
        if self.state == "notAuthorized" { String::new() } else { format!("{}@c.us", self.phone) }
    }

    pub fn instance_data(&self) -> Value {
        json!({"idInstance": self.id, "wid": self.wid(), "typeInstance": "whatsapp"})
    }

    pub fn setting(&self, name: &str) -> &str {
        self.settings.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    pub fn on(&self, name: &str) -> bool {
        self.setting(name) == "yes"
    }

    pub fn message(&self, chat: &str, id: &str) -> Option<&Message> {
        let at = self.places.get(&(chat.to_owned(), id.to_owned()))?;
        self.messages.get(*at)
    }

    pub fn message_mut(&mut self, chat: &str, id: &str) -> Option<&mut Message> {
        let at = self.places.get(&(chat.to_owned(), id.to_owned()))?;
        self.messages.get_mut(*at)
    }

    pub fn keep(&mut self, message: Message) {
        self.chats.entry(message.chat.clone()).or_default();
        self.places.insert((message.chat.clone(), message.id.clone()), self.messages.len());
        self.messages.push(message);
    }
}

/// An instance; cheap to clone behind its `Arc`. The methods of this handle, here and in the sister
/// modules, are the control side: what the outside world does, and what tests want to know.
#[derive(Debug)]
pub struct Instance {
    /// `idInstance`.
    pub id: i64,
    pub(super) world: Arc<World>,
    pub(super) inner: Mutex<Inner>,
    /// Something changed for the send queue.
    pub(super) queue_bell: Notify,
    /// Something changed for push or a waiting poll.
    pub(super) note_bell: Notify,
    tasks: Mutex<Vec<AbortHandle>>,
}

impl Instance {
    pub(super) fn create(world: Arc<World>, id: i64, new: NewInstance) -> Arc<Self> {
        let mut settings = default_settings();
        if new.inbox {
            for name in INBOX {
                settings.insert((*name).to_owned(), json!("yes"));
            }
        }
        settings.extend(new.settings);
        let inner = Inner {
            id,
            token: new.token.unwrap_or_else(|| hex(32).to_lowercase() + &hex(18).to_lowercase()),
            phone: new.phone,
            settings,
            settings_shown: None,
            history: vec![(new.state.clone(), unix_s())],
            state: new.state,
            pace: new.pace,
            closed: None,
            contacts: BTreeMap::new(),
            groups: BTreeMap::new(),
            chats: BTreeMap::new(),
            messages: Vec::new(),
            places: HashMap::new(),
            calls: Vec::new(),
            stories: Vec::new(),
            jobs: VecDeque::new(),
            next_send: Instant::now(),
            sent: Vec::new(),
            sends: 0,
            notes: VecDeque::new(),
            held: Vec::new(),
            last_receipt: 0,
            delivered: VecDeque::new(),
            hooks_cleared: None,
            outcomes: BTreeMap::new(),
            quota: Quota::default(),
            correspondents: Vec::new(),
            used: BTreeMap::new(),
            rates: HashMap::new(),
            qr: None,
            passkey: false,
            own_avatar: String::new(),
            suspended_until: None,
        };
        let instance = Arc::new(Self {
            id,
            world,
            inner: Mutex::new(inner),
            queue_bell: Notify::new(),
            note_bell: Notify::new(),
            tasks: Mutex::new(Vec::new()),
        });
        let queue = tokio::spawn(super::queue::work(Arc::downgrade(&instance)));
        let push = tokio::spawn(super::webhook::push(Arc::downgrade(&instance)));
        locked(&instance.tasks).extend([queue.abort_handle(), push.abort_handle()]);
        instance
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        locked(&self.inner)
    }

    pub(super) fn scope(&self) -> String {
        self.id.to_string()
    }

    /// Ends the queue and the delivery of notifications for good.
    pub(super) fn end(&self) {
        for task in locked(&self.tasks).drain(..) {
            task.abort();
        }
    }

    /// The token as it is now (`updateApiToken` changes it).
    pub fn token(&self) -> String {
        self.lock().token.clone()
    }

    /// API address of a method, with the token inside.
    pub fn method_url(&self, method: &str) -> String {
        format!("{}/waInstance{}/{method}/{}", self.world.url, self.id, self.token())
    }

    /// State as `getStateInstance` tells it.
    pub fn state(&self) -> String {
        self.lock().state.clone()
    }

    /// Changes the state: `authorized`, `notAuthorized`, `blocked`, `starting`, `suspended`,
    /// `yellowCard`, `sleepMode` or anything else; tells of it when `stateWebhook` is on.
    pub fn set_state(&self, state: &str) {
        let mut inner = self.lock();
        self.change_state(&mut inner, state);
    }

    pub(super) fn change_state(&self, inner: &mut Inner, state: &str) {
        if inner.state == state {
            return;
        }
        state.clone_into(&mut inner.state);
        inner.history.push((state.to_owned(), unix_s()));
        inner.suspended_until = (state == "suspended").then(|| unix_s() + 24 * 3600);
        let body = json!({"typeWebhook": "stateInstanceChanged",
            "instanceData": inner.instance_data(), "timestamp": unix_s(), "stateInstance": state});
        self.emit(inner, body);
        self.queue_bell.notify_one();
    }

    /// `starting` for the reboot time, then the state from before.
    pub(super) fn restart(self: &Arc<Self>, inner: &mut Inner) {
        if inner.state == "starting" {
            return;
        }
        let before = inner.state.clone();
        let pause = Duration::from_millis(inner.pace.reboot_ms);
        self.change_state(inner, "starting");
        let instance = Arc::downgrade(self);
        tokio::spawn(async move {
            tokio::time::sleep(pause).await;
            if let Some(instance) = instance.upgrade() {
                let mut inner = instance.lock();
                if inner.state == "starting" {
                    instance.change_state(&mut inner, &before);
                }
            }
        });
    }

    /// The phone scans the QR code or enters the code: the instance becomes `authorized`.
    pub fn scan_qr(&self) {
        let mut inner = self.lock();
        inner.qr = None;
        inner.passkey = false;
        self.change_state(&mut inner, "authorized");
    }

    /// Makes `qr` ask for a passkey (reference §2.8) until the next scan.
    pub fn require_passkey(&self) {
        self.lock().passkey = true;
    }

    /// One setting as `getSettings` tells it.
    pub fn setting(&self, name: &str) -> Value {
        self.lock().settings.get(name).cloned().unwrap_or_default()
    }

    /// Changes settings without the reboot that `setSettings` causes.
    pub fn set_settings(&self, settings: Map<String, Value>) {
        self.lock().settings.extend(settings);
        self.note_bell.notify_waiters();
        self.note_bell.notify_one();
    }

    /// The pace as it is.
    pub fn pace(&self) -> Pace {
        self.lock().pace.clone()
    }

    /// Changes the pace.
    pub fn set_pace(&self, change: impl FnOnce(&mut Pace)) {
        change(&mut self.lock().pace);
        self.queue_bell.notify_one();
    }

    /// Fixes what becomes of messages to a chat; `None` ends it. `noAccount` also makes
    /// `checkWhatsapp` deny the number.
    pub fn set_outcome(&self, chat: &str, outcome: Option<Outcome>) {
        let chat = super::chat_id(chat);
        let mut inner = self.lock();
        match outcome {
            Some(outcome) => inner.outcomes.insert(chat, outcome),
            None => inner.outcomes.remove(&chat),
        };
    }

    /// Sets the plan's limits and forgets what was used.
    pub fn set_quota(&self, quota: Quota) {
        let mut inner = self.lock();
        inner.quota = quota;
        inner.used.clear();
        inner.correspondents.clear();
    }

    /// Closes the instance with the text of a 400, e.g. `Instance is deleted`; `None` reopens it.
    pub fn set_closed(&self, text: Option<String>) {
        self.lock().closed = text;
    }

    /// Calls of a method (any case) that this instance got, oldest first; `None` is all.
    pub fn calls(&self, method: Option<&str>) -> Vec<crate::calls::Call> {
        self.world.calls.list(Some(&self.scope()), method)
    }

    /// Spoils the next `count` answers of a method (`*` is any) of this instance.
    pub fn fault(&self, method: &str, count: u32, accepted: Option<bool>, spoil: Spoil) {
        let aim = Aim::at(self.id, method, count);
        self.world.faults.answer(AnswerFault { aim, accepted, spoil });
    }

    /// Lets the next `count` notifications of a kind (`*` is any) of this instance go astray.
    pub fn astray(&self, kind: &str, count: u32, astray: Astray) {
        let aim = Aim::at(self.id, kind, count);
        self.world.faults.delivery(DeliveryFault { aim, astray });
    }

    /// Lets every link to its files expire; `downloadFile` gives new ones.
    pub fn expire_files(&self) -> usize {
        self.world.files.expire(&self.scope())
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.end();
    }
}

/// Switches of `getSettings` that an inbox turns on.
const INBOX: &[&str] = &[
    "incomingWebhook",
    "outgoingWebhook",
    "outgoingMessageWebhook",
    "outgoingAPIMessageWebhook",
    "stateWebhook",
    "pollMessageWebhook",
    "editedMessageWebhook",
    "deletedMessageWebhook",
    "incomingCallWebhook",
    "outgoingCallWebhook",
    "incomingBlockWebhook",
];

/// Settings of a new instance: everything off (reference §2.9). `wid` is computed.
fn default_settings() -> Map<String, Value> {
    let mut settings = Map::new();
    for name in INBOX.iter().chain(&[
        "markIncomingMessagesReaded",
        "markIncomingMessagesReadedOnReply",
        "keepOnlineStatus",
        "enableLidMode",
        "catalogWebhook",
        "deviceWebhook",
        "statusInstanceWebhook",
        "enableMessagesHistory",
        "sharedSession",
    ]) {
        settings.insert((*name).to_owned(), json!("no"));
    }
    for name in ["webhookUrl", "webhookUrlToken", "countryInstance", "typeAccount", "proxyInstance"] {
        settings.insert(name.to_owned(), json!(""));
    }
    settings.insert("delaySendMessagesMilliseconds".to_owned(), json!(500));
    settings.insert("autoTyping".to_owned(), json!(0));
    settings.insert("linkPreview".to_owned(), json!("yes"));
    settings
}
