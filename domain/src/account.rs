//! Accounts: one WhatsApp number through one provider, how it stands and what it can do.

use serde::{Deserialize, Serialize};

use crate::message::words;
use crate::{AccountId, Failure, Moment, UserId};

words! {
    /// The gateway behind an account.
    Provider {
        /// Green-API.
        GreenApi = "green_api",
        /// Built in: invented clients who answer.
        Sandbox = "sandbox",
    }
}

words! {
    /// How notifications reach us.
    Receive {
        /// The provider calls our address.
        Webhook = "webhook",
        /// We ask the provider. For offices behind NAT.
        Polling = "polling",
        /// Not at all: for looking into trouble.
        Off = "off",
    }
}

words! {
    /// How an account stands, in the words of every provider at once. `locale` has for each what it means and what to do.
    AccountState {
        /// Nothing has been asked yet.
        Unknown = "unknown",
        /// Works.
        Working = "working",
        /// A phone must be linked: by QR or by number.
        WaitingScan = "waiting_scan",
        /// The phone asks for its passkey before it links.
        Passkey = "passkey",
        /// The provider's instance is starting: up to five minutes.
        Starting = "starting",
        /// WhatsApp suspended sending for a while.
        Suspended = "suspended",
        /// WhatsApp blocked the number.
        Blocked = "blocked",
        /// The phone has not been on line for long.
        Sleeping = "sleeping",
        /// The provider refuses our key.
        WrongKey = "wrong_key",
        /// The provider does not know the instance.
        WrongInstance = "wrong_instance",
        /// Not paid for.
        Expired = "expired",
        /// The tariff is used up.
        Quota = "quota",
        /// No connection to the provider.
        Unreachable = "unreachable",
        /// Switched off here.
        Off = "off",
    }
}

impl AccountState {
    /// Whether it is worth handing messages to the provider. While starting or not linked Green-API keeps what is sent
    /// for 24 hours and then drops it silently (`reference/green-api.md` §5), so we keep it ourselves instead.
    pub fn sends(self) -> bool {
        matches!(self, Self::Working | Self::Unknown | Self::Unreachable | Self::Sleeping)
    }
}

/// What a provider can do. What it cannot do is not offered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Capabilities {
    /// Change a sent text.
    pub edit: bool,
    /// Delete for everyone.
    pub delete: bool,
    /// React with an emoji.
    pub reactions: bool,
    /// Show "typing…".
    pub typing: bool,
    /// Polls.
    pub polls: bool,
    /// Buttons under a message.
    pub buttons: bool,
    /// Templates approved beforehand.
    pub templates: bool,
    /// Group chats.
    pub groups: bool,
    /// Answer with a quote.
    pub quotes: bool,
    /// Files.
    pub files: bool,
    /// The largest file, bytes.
    pub max_file_bytes: u64,
    /// Link a phone by QR.
    pub qr: bool,
    /// Link a phone by a code for its number.
    pub pairing_code: bool,
    /// Receive by webhook.
    pub webhook: bool,
    /// Receive by polling.
    pub polling: bool,
    /// Set its own webhook address by API.
    pub sets_webhook: bool,
    /// Tell whether a number has WhatsApp.
    pub checks_numbers: bool,
}

/// The administrator's switches of an account (ACC-9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Switches {
    /// Staff of any role, and programmes, may begin a conversation; one that exists may always be opened. Off at first:
    /// WhatsApp suspends numbers that write to strangers.
    pub write_first: bool,
    /// The first line of each outgoing message names the sender.
    pub show_sender: bool,
    /// Tell the client that the message was read when staff open the chat.
    pub mark_read: bool,
    /// Show link previews.
    pub link_previews: bool,
    /// Show how the text will look while it is typed.
    pub preview: bool,
    /// The account that mailings use unless told otherwise.
    pub default_for_mailings: bool,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            write_first: false,
            show_sender: false,
            mark_read: true,
            link_previews: true,
            preview: true,
            default_for_mailings: false,
        }
    }
}

/// One account. Those who do not administer get it without settings, addresses and people.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// What staff call it.
    pub name: String,
    /// The gateway behind it.
    pub provider: Provider,
    /// How it stands.
    pub state: AccountState,
    /// Since when.
    pub state_at: Option<Moment>,
    /// What the provider said about it, without secrets.
    pub trouble: Option<Failure>,
    /// Its own number, digits only, once a phone is linked.
    pub phone: Option<String>,
    /// Whether it is switched on.
    pub enabled: bool,
    /// What its provider can do.
    pub capabilities: Capabilities,
    /// The administrator's switches.
    pub switches: Switches,
    /// The provider's own settings without secrets. Administrators only.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub settings: serde_json::Value,
    /// Names of the secret settings that are set. Administrators only.
    #[serde(default)]
    pub secrets: Vec<String>,
    /// How notifications reach us.
    pub receive: Receive,
    /// Where the provider should call; absent without a public address. Administrators only.
    pub webhook_url: Option<String>,
    /// The `Authorization` header that the provider should send. Administrators only.
    pub webhook_authorization: Option<String>,
    /// Whether all staff may use it; otherwise `users`.
    pub everyone: bool,
    /// Who may use it. Administrators only.
    #[serde(default)]
    pub users: Vec<UserId>,
    /// When the provider last told us anything.
    pub last_event_at: Option<Moment>,
    /// When it was made.
    pub created_at: Moment,
}

/// What an administrator writes to make or change an account; absent fields stay as they are.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct AccountInput {
    /// What staff call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The gateway behind it; cannot be changed afterwards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<Provider>,
    /// The provider's own settings, secrets included; a secret that is absent or empty stays as it is.
    /// Green-API: `id_instance, api_token_instance, api_url, media_url`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub settings: Option<serde_json::Value>,
    /// How notifications reach us.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receive: Option<Receive>,
    /// Whether it is switched on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// The switches, all at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub switches: Option<Switches>,
    /// Whether all staff may use it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub everyone: Option<bool>,
    /// Who may use it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub users: Option<Vec<UserId>>,
}

/// A picture to scan with the phone, or why there is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Qr {
    /// Scan this.
    Code {
        /// A PNG, base64 without prefix.
        png: String,
        /// Seconds until a new one takes its place.
        expires_in: u32,
    },
    /// A phone is linked already.
    Linked,
    /// The phone asks for its passkey.
    Passkey,
    /// Not now.
    Unavailable {
        /// Why.
        trouble: Failure,
    },
}

/// One hop of the account check (ACC-8).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CheckStep {
    /// What was tried.
    pub what: CheckKind,
    /// Whether it went as it should; absent when it could not be tried.
    pub ok: Option<bool>,
    /// The HTTP status that came back.
    pub status: Option<u16>,
    /// Milliseconds it took.
    pub took: Option<u32>,
    /// What went wrong.
    pub trouble: Option<Failure>,
}

words! {
    /// What the account check tries, in this order.
    CheckKind {
        /// The provider answers and takes our key.
        Provider = "provider",
        /// Our public address with a wrong password answers 401.
        WrongPassword = "wrong_password",
        /// Our public address with the right header and an empty body answers 202.
        EmptyBody = "empty_body",
        /// The provider is set to call our address.
        WebhookSet = "webhook_set",
        /// The provider has told us something.
        FirstEvent = "first_event",
    }
}

/// What the check of an account found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Check {
    /// Whether everything that could be tried went well.
    pub ok: bool,
    /// Hop by hop.
    pub steps: Vec<CheckStep>,
}

/// `POST /accounts/{id}/pairing-code`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PairingInput {
    /// The number of the phone to be linked, as people write it.
    pub phone: String,
}

/// A code to type into WhatsApp on the phone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PairingCode {
    /// The code.
    pub code: String,
    /// Seconds that it lives.
    pub expires_in: u32,
}
