//! The sandbox's gateway: what is sent goes through a [`Door`] to the invented clients in `work::sandbox`, and what they
//! say comes back as notifications in a small JSON of its own ([`Notice`]), which go the same way as any provider's.

pub mod draw;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use domain::account::{PairingCode, Qr};
use domain::fact::{NewMessage, QuoteRef, RemoteFile};
use domain::{
    AccountId, AccountState, Address, Capabilities, Direction, Fact, Failure, Kind, Moment, Origin, Phone, Reason,
    Status,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::{Mutex, mpsc};

use super::{
    Answer, DecodeError, Decoded, Found, Gateway, Hook, Parcel, Polled, Profile, Reaction, Remote, Sent, Standing,
    Told, Trouble,
};
use crate::store::account::AccountRow;

/// What the sandbox can do.
pub const CAPABILITIES: Capabilities = Capabilities {
    edit: true,
    delete: true,
    reactions: true,
    typing: false,
    polls: true,
    buttons: false,
    templates: false,
    groups: false,
    quotes: true,
    files: true,
    max_file_bytes: domain::file::MAX_FILE_BYTES,
    qr: false,
    pairing_code: false,
    webhook: false,
    polling: false,
    sets_webhook: false,
    checks_numbers: true,
};

/// The sandbox's own number: from a range that no operator gives out.
pub const OWN_PHONE: &str = "79000000000";
/// Numbers with this ending have no WhatsApp, so that a newcomer sees what a failed message looks like.
pub const NO_WHATSAPP: &str = "0099";
/// Messages that may wait for the clients; more are answered by nobody.
const WAITING: usize = 1000;

/// Only `speed`: how many times faster than life the clients are, 0.1 to 1000.
pub fn split_settings(input: &Value, _before: &Value) -> Result<(Value, Value), String> {
    let speed = match &input["speed"] {
        Value::Null => 1.0,
        value => value.as_f64().filter(|speed| (0.1..=1000.0).contains(speed)).ok_or("speed")?,
    };
    Ok((json!({"speed": speed}), json!({})))
}

/// What staff sent to an invented client.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Which sandbox account.
    pub account: AccountId,
    /// To whom.
    pub chat: Address,
    /// The id given to the message.
    pub provider_id: String,
    /// What it is.
    pub kind: Kind,
    /// Its words.
    pub text: String,
}

/// Where deliveries wait for the clients. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Door {
    sender: mpsc::Sender<Delivery>,
    receiver: Arc<Mutex<mpsc::Receiver<Delivery>>>,
}

impl Default for Door {
    fn default() -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        Self { sender, receiver: Arc::new(Mutex::new(receiver)) }
    }
}

impl Door {
    /// The next delivery. One task asks.
    pub async fn next(&self) -> Option<Delivery> {
        self.receiver.lock().await.recv().await
    }
}

/// A notification of the sandbox.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Notice {
    /// Something was said.
    Message(Box<Words>),
    /// A message of ours got further.
    Status {
        /// Digits of the client's number.
        chat: String,
        /// The message.
        id: String,
        /// How far.
        status: Status,
        /// Why it failed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
        /// When.
        at: Moment,
    },
    /// The account works.
    Ready {
        /// When.
        at: Moment,
    },
}

/// A message of the sandbox.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Words {
    /// Its id.
    pub id: String,
    /// Digits of the client's number.
    pub chat: String,
    /// The client's name.
    pub name: String,
    /// Whether it was said by the account, on its phone.
    #[serde(default)]
    pub own: bool,
    /// When.
    pub at: Moment,
    /// What it is.
    pub kind: Kind,
    /// Its words.
    #[serde(default)]
    pub text: String,
    /// The file: how [`draw`] knows it, its name and type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<Drawn>,
    /// What it answers: id and text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<(String, String)>,
    /// Told of the past.
    #[serde(default)]
    pub old: bool,
    /// Where one of our own stands, when it is not as usual.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
}

/// A file that is made when it is fetched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawn {
    /// How [`draw`] knows it.
    pub reference: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub mime: String,
}

/// The gateway of one sandbox account.
#[derive(Debug)]
pub struct Sandbox {
    account: AccountId,
    door: Door,
}

impl Sandbox {
    /// Hands over through `door`.
    pub fn new(account: &AccountRow, door: Door) -> Self {
        Self { account: account.id, door }
    }
}

/// The conversation with a number.
pub fn address(digits: &str) -> Address {
    Address(format!("sandbox:{digits}"))
}

/// The number of a conversation.
pub fn digits(address: &Address) -> Option<&str> {
    address.0.strip_prefix("sandbox:").filter(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()))
}

/// An id that nothing else has: unique in the process by counting, among processes and restarts by time and chance.
pub fn new_id() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let at = jiff::Timestamp::now().as_microsecond();
    format!("SB{at:X}{count:04X}{:04X}", rand::random::<u16>())
}

fn trouble(reason: Reason) -> Trouble {
    Trouble { reason, detail: String::new(), reaction: Reaction::GiveUp, status: None }
}

impl Gateway for Sandbox {
    fn decode(&self, body: &str) -> Result<Decoded, DecodeError> {
        let notice: Notice =
            serde_json::from_str(body).map_err(|error| DecodeError(format!("not a notice: {error}")))?;
        Ok(match notice {
            Notice::Message(words) => Decoded { what: "message".to_owned(), facts: vec![spoken(*words)?] },
            Notice::Status { chat, id, status, reason, at } => Decoded {
                what: format!("status: {}", status.as_str()),
                facts: vec![Fact::Status {
                    chat: Some(address(&chat)),
                    provider_id: id,
                    status,
                    failure: reason.map(|reason| Failure { reason, detail: String::new() }),
                    at,
                }],
            },
            Notice::Ready { at } => Decoded {
                what: "ready".to_owned(),
                facts: vec![Fact::Account {
                    state: AccountState::Working,
                    phone: Some(OWN_PHONE.to_owned()),
                    failure: None,
                    at,
                }],
            },
        })
    }

    fn send<'a>(&'a self, parcel: &'a Parcel) -> Answer<'a, Result<Sent, Trouble>> {
        Box::pin(async move {
            if digits(&parcel.chat).is_none() {
                return Err(trouble(Reason::NoWhatsapp));
            }
            let provider_id = new_id();
            let delivery = Delivery {
                account: self.account,
                chat: parcel.chat.clone(),
                provider_id: provider_id.clone(),
                kind: parcel.kind,
                text: parcel.text.clone(),
            };
            // A crowd at the door goes unanswered, as in life; the message itself counts as sent.
            let _ = self.door.sender.try_send(delivery);
            Ok(Sent { provider_id })
        })
    }

    fn edit<'a>(&'a self, _at: &'a Told, _text: &'a str) -> Answer<'a, Result<(), Trouble>> {
        // The invented clients have read it already, and take every change as it comes.
        Box::pin(async { Ok(()) })
    }

    fn delete<'a>(&'a self, _at: &'a Told) -> Answer<'a, Result<(), Trouble>> {
        Box::pin(async { Ok(()) })
    }

    fn react<'a>(&'a self, _at: &'a Told, _emoji: &'a str) -> Answer<'a, Result<(), Trouble>> {
        Box::pin(async { Ok(()) })
    }

    fn find<'a>(&'a self, _parcel: &'a Parcel, _since: Moment) -> Answer<'a, Result<Found, Trouble>> {
        // Nothing is kept outside this process.
        Box::pin(async { Ok(Found::Nowhere) })
    }

    fn state(&self) -> Answer<'_, Result<Standing, Trouble>> {
        Box::pin(async { Ok(Standing { state: AccountState::Working, phone: Some(OWN_PHONE.to_owned()) }) })
    }

    fn qr(&self) -> Answer<'_, Result<Qr, Trouble>> {
        Box::pin(async { Ok(Qr::Linked) })
    }

    fn pairing_code<'a>(&'a self, _phone: &'a Phone) -> Answer<'a, Result<PairingCode, Trouble>> {
        Box::pin(async { Err(Trouble::not_supported()) })
    }

    fn logout(&self) -> Answer<'_, Result<(), Trouble>> {
        Box::pin(async { Err(Trouble::not_supported()) })
    }

    fn configure<'a>(&'a self, _hook: Option<&'a Hook>) -> Answer<'a, Result<bool, Trouble>> {
        Box::pin(async { Ok(false) })
    }

    fn configured(&self) -> Answer<'_, Result<Option<String>, Trouble>> {
        Box::pin(async { Ok(None) })
    }

    fn poll(&self, _wait: std::time::Duration) -> Answer<'_, Result<Option<Polled>, Trouble>> {
        Box::pin(async { Err(Trouble::not_supported()) })
    }

    fn acknowledge<'a>(&'a self, _receipt: &'a str) -> Answer<'a, Result<(), Trouble>> {
        Box::pin(async { Ok(()) })
    }

    fn profile<'a>(&'a self, address: &'a Address) -> Answer<'a, Result<Profile, Trouble>> {
        let digits = digits(address).unwrap_or_default();
        // Every third has no picture, as in life. The name comes with what they say.
        let shown = digits.bytes().map(u32::from).sum::<u32>() % 3 != 0 && !digits.ends_with(NO_WHATSAPP);
        let avatar = shown.then(|| draw::portrait_reference(digits));
        Box::pin(async move { Ok(Profile { name: String::new(), avatar }) })
    }

    fn check_number<'a>(&'a self, phone: &'a Phone) -> Answer<'a, Result<Option<Address>, Trouble>> {
        Box::pin(async move { Ok((!phone.digits().ends_with(NO_WHATSAPP)).then(|| address(phone.digits()))) })
    }

    fn download<'a>(&'a self, file: &'a Remote) -> Answer<'a, Result<reqwest::Response, Trouble>> {
        Box::pin(async move {
            let reference = file.reference.clone();
            let drawn = tokio::task::spawn_blocking(move || draw::draw(&reference)).await.ok().flatten();
            let bytes = drawn.ok_or_else(|| trouble(Reason::FileMissing))?;
            Ok(axum::http::Response::new(bytes).into())
        })
    }

    fn mark_read<'a>(&'a self, _chat: &'a Address, _provider_id: &'a str) -> Answer<'a, Result<(), Trouble>> {
        Box::pin(async { Ok(()) })
    }

    fn pace(&self) -> std::time::Duration {
        std::time::Duration::from_millis(20)
    }
}

fn spoken(words: Words) -> Result<Fact, DecodeError> {
    let chat = address(&words.chat);
    if digits(&chat).is_none() || words.id.is_empty() {
        return Err(DecodeError("a notice without its chat or id".to_owned()));
    }
    let (direction, origin, status) = match words.own {
        false => (Direction::In, Origin::Client, Status::Received),
        true => (Direction::Out, Origin::Phone, if words.old { Status::Read } else { Status::Sent }),
    };
    let files = words.file.into_iter().map(|file| RemoteFile {
        reference: file.reference,
        name: file.name,
        mime: file.mime,
        size: None,
    });
    Ok(Fact::Message(Box::new(NewMessage {
        chat,
        chat_name: words.name,
        direction,
        origin,
        provider_id: words.id,
        sender_name: None,
        at: words.at,
        kind: words.kind,
        text: words.text,
        quote: words.quote.map(|(id, text)| QuoteRef { provider_id: id, text, kind: Kind::Text }),
        forwarded: false,
        content: None,
        preview: None,
        files: files.collect(),
        raw_kind: None,
        status: words.status.unwrap_or(status),
        old: words.old,
    })))
}
