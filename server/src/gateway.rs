//! The providers behind one trait. A gateway speaks its provider's vocabulary and nobody else does: it decodes
//! notifications into [`Fact`]s and turns requests into calls. It holds no state of ours and touches no table.
//!
//! To add a provider: one file here, one variant of [`domain::Provider`], one line in [`Gateways::build`].

pub mod green_api;
pub(crate) mod json;
pub mod sandbox;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use domain::account::Qr;
use domain::{
    AccountState, Address, Capabilities, Content, Fact, Failure, Kind, Moment, Phone, Provider, Reason, Receive,
};

use crate::fetch::Fetch;
use crate::store::account::AccountRow;
use crate::store::log::Log;

/// A boxed future: gateways are chosen at run time, and the box costs nothing beside a network call.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One provider's account, ready to be called.
pub trait Gateway: Send + Sync + std::fmt::Debug {
    /// Reads one notification. An error keeps the raw body in the journal, to be replayed after an update.
    /// Nothing of interest is an empty list. Never panics, whatever the body.
    fn decode(&self, body: &str) -> Result<Decoded, DecodeError>;

    /// Hands one message to the provider.
    fn send<'a>(&'a self, parcel: &'a Parcel) -> Answer<'a, Result<Sent, Trouble>>;

    /// Changes the text of a message that was sent.
    fn edit<'a>(&'a self, _at: &'a Told, _text: &'a str) -> Answer<'a, Result<(), Trouble>> {
        Box::pin(async { Err(Trouble::not_supported()) })
    }

    /// Deletes a message for everyone.
    fn delete<'a>(&'a self, _at: &'a Told) -> Answer<'a, Result<(), Trouble>> {
        Box::pin(async { Err(Trouble::not_supported()) })
    }

    /// Reacts in the account's name; an empty emoji takes the reaction back.
    fn react<'a>(&'a self, _at: &'a Told, _emoji: &'a str) -> Answer<'a, Result<(), Trouble>> {
        Box::pin(async { Err(Trouble::not_supported()) })
    }

    /// Shows the client "typing…" for some seconds.
    fn typing<'a>(&'a self, _chat: &'a Address) -> Answer<'a, Result<(), Trouble>> {
        Box::pin(async { Err(Trouble::not_supported()) })
    }

    /// Looks in the provider's queue and journal for a message whose answer was lost.
    fn find<'a>(&'a self, parcel: &'a Parcel, since: Moment) -> Answer<'a, Result<Found, Trouble>>;

    /// Asks for the account's state and own number.
    fn state(&self) -> Answer<'_, Result<Standing, Trouble>>;

    /// The picture to link a phone.
    fn qr(&self) -> Answer<'_, Result<Qr, Trouble>>;

    /// A code to link a phone by its number.
    fn pairing_code<'a>(&'a self, phone: &'a Phone) -> Answer<'a, Result<domain::account::PairingCode, Trouble>>;

    /// Unlinks the phone.
    fn logout(&self) -> Answer<'_, Result<(), Trouble>>;

    /// Sets at the provider where notifications go (`None`: they are to be polled) and which kinds come.
    /// Answers whether anything had to be changed: a change reboots a Green-API instance.
    fn configure<'a>(&'a self, hook: Option<&'a Hook>) -> Answer<'a, Result<bool, Trouble>>;

    /// Where the provider sends notifications now; `None` when it keeps them for polling.
    fn configured(&self) -> Answer<'_, Result<Option<String>, Trouble>>;

    /// Waits for the next notification, at most about `wait`.
    fn poll(&self, wait: Duration) -> Answer<'_, Result<Option<Polled>, Trouble>>;

    /// Tells the provider that a polled notification is safe with us.
    fn acknowledge<'a>(&'a self, receipt: &'a str) -> Answer<'a, Result<(), Trouble>>;

    /// What the provider's journals tell since a moment, as the notifications that should have told it, oldest first;
    /// not of what is younger than `settled`. Nothing where a provider keeps no journals.
    fn missed(&self, _since: Moment, _settled: Duration) -> Answer<'_, Result<Vec<String>, Trouble>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    /// Which conversations there are, the latest first.
    fn conversations(&self, _most: usize) -> Answer<'_, Result<Vec<Address>, Trouble>> {
        Box::pin(async { Err(Trouble::not_supported()) })
    }

    /// The last messages of a conversation, as the notifications that would have told them, oldest first.
    fn past<'a>(&'a self, _chat: &'a Address, _most: usize) -> Answer<'a, Result<Vec<String>, Trouble>> {
        Box::pin(async { Err(Trouble::not_supported()) })
    }

    /// What the messenger knows of somebody.
    fn profile<'a>(&'a self, address: &'a Address) -> Answer<'a, Result<Profile, Trouble>>;

    /// Whether a number has WhatsApp, and its address there.
    fn check_number<'a>(&'a self, phone: &'a Phone) -> Answer<'a, Result<Option<Address>, Trouble>>;

    /// The bytes of a file that a notification told of.
    fn download<'a>(&'a self, file: &'a Remote) -> Answer<'a, Result<reqwest::Response, Trouble>>;

    /// Tells the client that what they wrote was read.
    fn mark_read<'a>(&'a self, chat: &'a Address, provider_id: &'a str) -> Answer<'a, Result<(), Trouble>>;

    /// The least time between two sends. Green-API itself spaces them by `delaySendMessagesMilliseconds`.
    fn pace(&self) -> Duration {
        Duration::from_millis(100)
    }
}

/// A decoded notification.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decoded {
    /// The provider's word for it, for the integration log.
    pub what: String,
    /// What it tells.
    pub facts: Vec<Fact>,
}

/// Why a notification could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct DecodeError(pub String);

/// A message on its way to a provider.
#[derive(Clone, Debug, PartialEq)]
pub struct Parcel {
    /// The conversation.
    pub chat: Address,
    /// What it is.
    pub kind: Kind,
    /// The words or the caption, sender's name included where the account shows it.
    pub text: String,
    /// The file: at most one a message.
    pub file: Option<ParcelFile>,
    /// A place, a card or a poll instead of words and file.
    pub content: Option<Content>,
    /// The provider's id of the quoted message.
    pub quote: Option<String>,
    /// The provider's ids that we know already in this chat since the doubt began: they are not the message looked for.
    pub known: Vec<String>,
}

/// A message that the provider knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The conversation.
    pub chat: Address,
    /// The provider's id of the message.
    pub provider_id: String,
}

/// A file on its way.
#[derive(Clone, Debug, PartialEq)]
pub struct ParcelFile {
    /// Where its bytes are on this machine.
    pub path: std::path::PathBuf,
    /// Its name.
    pub name: String,
    /// What it is.
    pub mime: String,
    /// Bytes.
    pub size: u64,
}

/// The provider took a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Its id there.
    pub provider_id: String,
}

/// What a search for a lost message found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// It went.
    Sent {
        /// Its id there.
        provider_id: String,
    },
    /// It waits in the provider's queue, so it will go; its id if told.
    Queued {
        /// Its id there.
        provider_id: Option<String>,
    },
    /// It is in neither. Journals lag behind, so this is not a proof at once.
    Nowhere,
    /// It is in neither, but the provider keeps no journal of what we send, so that will never prove anything.
    Unclear,
}

/// How an account stands at its provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The state.
    pub state: AccountState,
    /// The own number, digits only.
    pub phone: Option<String>,
}

/// Where a provider is to send notifications.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// Our address.
    pub url: String,
    /// The value of the `Authorization` header, scheme included.
    pub authorization: String,
}

/// A polled notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Polled {
    /// What to name when acknowledging it.
    pub receipt: String,
    /// The notification as a webhook would have brought it.
    pub body: String,
}

/// What the messenger knows of a person or group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// The name; empty when unknown.
    pub name: String,
    /// Where the picture is; `None` when hidden.
    pub avatar: Option<String>,
}

/// Where a provider keeps a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    /// What the notification said: a URL or the gateway's own reference. Untrusted.
    pub reference: String,
    /// The conversation of its message.
    pub chat: Address,
    /// The provider's id of its message, to have the link renewed.
    pub provider_id: String,
}

/// What to do after a failed call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reaction {
    /// The provider did not take it; try again, not before this long if the provider said so.
    Retry(Option<Duration>),
    /// It is not known whether the provider took it: look in its journal, do not send again blindly.
    Doubt,
    /// The whole account stands still until its state changes or this long has passed.
    Pause(AccountState, Option<Duration>),
    /// This message will never go.
    GiveUp,
}

/// A failed call: what to tell people and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason:?}: {detail}")]
pub struct Trouble {
    /// The kind of trouble; there is a sentence for it.
    pub reason: Reason,
    /// The provider's own words, secrets removed, at most 500 characters.
    pub detail: String,
    /// What to do.
    pub reaction: Reaction,
    /// The HTTP status, if there was one.
    pub status: Option<u16>,
}

impl Trouble {
    /// The part that is shown.
    pub fn failure(&self) -> Failure {
        Failure { reason: self.reason, detail: self.detail.clone() }
    }

    /// The provider has no such call.
    pub fn not_supported() -> Self {
        Self { reason: Reason::NotSupported, detail: String::new(), reaction: Reaction::GiveUp, status: None }
    }
}

impl From<Trouble> for crate::fault::Problem {
    fn from(trouble: Trouble) -> Self {
        let fault = match trouble.reason {
            Reason::NotSupported => domain::Fault::NotSupported,
            Reason::PrivateAddress => domain::Fault::PrivateAddress,
            Reason::NoWhatsapp => domain::Fault::NoWhatsapp,
            _ => domain::Fault::ProviderFailed,
        };
        Self::with(fault, format!("{}: {}", trouble.reason.as_str(), trouble.detail))
    }
}

/// What a provider can do: data, read by the pages and the ledger.
pub fn capabilities(provider: Provider) -> Capabilities {
    match provider {
        Provider::GreenApi => green_api::CAPABILITIES,
        Provider::Sandbox => sandbox::CAPABILITIES,
    }
}

/// Checks the provider's settings as an administrator typed them and splits them into what may be shown and what is
/// secret. `before` is the secrets so far: an absent or empty secret stays.
pub fn split_settings(
    provider: Provider,
    input: &serde_json::Value,
    before: &serde_json::Value,
) -> Result<(serde_json::Value, serde_json::Value), String> {
    match provider {
        Provider::GreenApi => green_api::split_settings(input, before),
        Provider::Sandbox => sandbox::split_settings(input, before),
    }
}

/// Makes gateways from accounts.
#[derive(Debug)]
pub struct Gateways {
    fetch: Fetch,
    log: Log,
    sandbox: sandbox::Door,
}

impl Gateways {
    /// All gateways call out through `fetch` and note every call in `log`.
    pub fn new(fetch: Fetch, log: Log) -> Self {
        Self { fetch, log, sandbox: sandbox::Door::default() }
    }

    /// Where the invented clients get what is sent to them.
    pub fn sandbox(&self) -> &sandbox::Door {
        &self.sandbox
    }

    /// The gateway of an account. Cheap: connections are pooled in [`Fetch`].
    pub fn build(&self, account: &AccountRow) -> anyhow::Result<Arc<dyn Gateway>> {
        Ok(match account.provider {
            Provider::GreenApi => Arc::new(green_api::GreenApi::new(account, self.fetch.clone(), self.log.clone())?),
            Provider::Sandbox => Arc::new(sandbox::Sandbox::new(account, self.sandbox.clone())),
        })
    }
}

/// Whether an account takes part in receiving by the given way.
pub fn receives(account: &AccountRow, way: Receive) -> bool {
    account.enabled && account.receive == way
}
