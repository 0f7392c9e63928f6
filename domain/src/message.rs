//! Messages: what was said, by whom, and how far it got.

use serde::{Deserialize, Serialize};

use crate::content::{Content, LinkPreview};
use crate::user::UserRef;
use crate::{AccountId, ChatId, File, FileId, MessageId, Moment};

/// The longest text, characters (`reference/green-api.md` §2.1).
pub const MAX_TEXT: usize = 20_000;
/// The longest caption under a file, characters (`reference/green-api.md` §2.1).
pub const MAX_CAPTION: usize = 1_024;
/// WhatsApp lets a text be changed for this long, milliseconds (`reference/green-api.md` §2.2).
pub const EDIT_WINDOW: i64 = 15 * 60 * 1000;
/// WhatsApp deletes for everyone for about two days and some hours; older ones it refuses. Milliseconds.
pub const DELETE_WINDOW: i64 = 60 * 60 * 60 * 1000;
/// The longest client id, bytes; browsers send a UUID.
pub const MAX_CLIENT_ID: usize = 64;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant),* }

        impl $name {
            /// Every variant.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// As it is stored and travels.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }

            /// Reads what `as_str` wrote.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)* _ => None }
            }
        }
    };
}
pub(crate) use words;

words! {
    /// Which way a message went.
    Direction {
        /// From the client.
        In = "in",
        /// To the client.
        Out = "out",
    }
}

words! {
    /// Who made a message.
    Origin {
        /// The client.
        Client = "client",
        /// A member of staff, here.
        Operator = "operator",
        /// Somebody on the phone or in WhatsApp Web.
        Phone = "phone",
        /// Another programme, through the provider's API.
        Api = "api",
        /// A bot scenario.
        Bot = "bot",
        /// A mailing.
        Mailing = "mailing",
        /// 1C, through the HTTP service.
        OneC = "onec",
        /// Besedka itself.
        System = "system",
    }
}

words! {
    /// What a message is.
    Kind {
        /// Words.
        Text = "text",
        /// A picture.
        Image = "image",
        /// A film.
        Video = "video",
        /// A voice note.
        Voice = "voice",
        /// Music or another recording.
        Audio = "audio",
        /// Any other file.
        Document = "document",
        /// A sticker.
        Sticker = "sticker",
        /// A place on the map.
        Location = "location",
        /// People's cards.
        Contact = "contact",
        /// A poll.
        Poll = "poll",
        /// An invitation to a group.
        Invite = "invite",
        /// Words with buttons or a list to choose from.
        Buttons = "buttons",
        /// What was chosen of buttons or a list.
        Choice = "choice",
        /// A template that the messenger approved beforehand.
        Template = "template",
        /// A call, as the messenger tells of it.
        Call = "call",
        /// A note that only staff see.
        Note = "note",
        /// A notice of the product itself.
        System = "system",
        /// Something that is not understood yet; its raw form is in the journal.
        Unsupported = "unsupported",
    }
}

impl Kind {
    /// Whether the message carries a file.
    pub fn has_file(self) -> bool {
        matches!(self, Self::Image | Self::Video | Self::Voice | Self::Audio | Self::Document | Self::Sticker)
    }

    /// Whether the client gets it: notes and notices stay here.
    pub fn is_said(self) -> bool {
        !matches!(self, Self::Note | Self::System)
    }

    /// What a file of this type is shown as.
    pub fn of_mime(mime: &str) -> Self {
        match mime.split('/').next() {
            Some("image") if mime != "image/svg+xml" => Self::Image,
            Some("video") => Self::Video,
            Some("audio") if mime.contains("ogg") || mime.contains("opus") => Self::Voice,
            Some("audio") => Self::Audio,
            _ => Self::Document,
        }
    }
}

words! {
    /// What of a chat is looked for in its gallery.
    Shelf {
        /// Pictures and films.
        Media = "media",
        /// Documents and recordings.
        Documents = "documents",
        /// Messages with links.
        Links = "links",
    }
}

words! {
    /// How far an outgoing message got; [`Status::Received`] is every incoming one's.
    Status {
        /// From the client, so it is here.
        Received = "received",
        /// Waits for its turn.
        Queued = "queued",
        /// Being handed to the provider at this moment.
        Sending = "sending",
        /// It is not known whether the provider took it; Besedka is finding out.
        Checking = "checking",
        /// Could not be found out. "Send again" is the operator's choice.
        Unknown = "unknown",
        /// The provider took it.
        Accepted = "accepted",
        /// WhatsApp took it: one tick.
        Sent = "sent",
        /// On the client's phone: two ticks.
        Delivered = "delivered",
        /// Seen.
        Read = "read",
        /// Listened to.
        Played = "played",
        /// Will not arrive; the reason is beside it.
        Failed = "failed",
    }
}

impl Status {
    /// How far along the road a status is. A message moves only to a higher rank, so a late or repeated notification
    /// never takes a tick away. A failure outranks "sent", since providers do report it afterwards, and gives way to
    /// a delivery, which proves it wrong.
    pub fn rank(self) -> i16 {
        match self {
            Self::Queued => 0,
            Self::Sending => 1,
            Self::Checking => 2,
            Self::Unknown => 3,
            Self::Accepted => 4,
            Self::Sent => 5,
            Self::Failed => 6,
            Self::Delivered => 7,
            Self::Read => 8,
            Self::Played => 9,
            Self::Received => 10,
        }
    }

    /// Whether a provider's news `next` moves a message that stands at `self`.
    pub fn moves_to(self, next: Self) -> bool {
        next.rank() > self.rank()
    }

    /// Whether the operator may press "send again".
    pub fn may_send_again(self) -> bool {
        matches!(self, Self::Failed | Self::Unknown)
    }
}

words! {
    /// Why a message did not go, or why an account stands still. Each has a sentence in `locale`.
    Reason {
        /// The number has no WhatsApp.
        NoWhatsapp = "no_whatsapp",
        /// The account is not in that group.
        NotInGroup = "not_in_group",
        /// The provider found the request wrong.
        Rejected = "rejected",
        /// The file is larger than the provider takes.
        TooLarge = "too_large",
        /// The file's bytes are not here.
        FileMissing = "file_missing",
        /// The provider's key is wrong.
        WrongKey = "wrong_key",
        /// The provider does not know this instance, or the host is another's.
        WrongInstance = "wrong_instance",
        /// The phone is not linked.
        NotLinked = "not_linked",
        /// The provider's instance is starting.
        Starting = "starting",
        /// The instance has not been paid for.
        Expired = "expired",
        /// The instance was deleted at the provider.
        Removed = "removed",
        /// WhatsApp blocked the number.
        Blocked = "blocked",
        /// WhatsApp suspended sending for a while.
        Suspended = "suspended",
        /// The tariff's number of chats is used up.
        QuotaChats = "quota_chats",
        /// The tariff's number of calls is used up.
        Quota = "quota",
        /// Too many requests at once.
        RateLimited = "rate_limited",
        /// The provider answered with an error of its own.
        ProviderError = "provider_error",
        /// The provider's answer could not be understood (an HTML page, broken JSON).
        StrangeAnswer = "strange_answer",
        /// No connection to the provider.
        Unreachable = "unreachable",
        /// We have no public address to which the provider could send notifications.
        NoAddress = "no_address",
        /// The address is in a private network that is not on the allowed list.
        PrivateAddress = "private_address",
        /// The answer was lost, and the provider's journal does not tell.
        UnknownOutcome = "unknown_outcome",
        /// The account is switched off.
        AccountOff = "account_off",
        /// WhatsApp itself reported that the message failed.
        WhatsappRefused = "whatsapp_refused",
        /// The provider cannot do this.
        NotSupported = "not_supported",
        /// Tried for a whole day without success.
        GaveUp = "gave_up",
    }
}

/// Why a message failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Failure {
    /// The kind of trouble; the browser has a sentence for it.
    pub reason: Reason,
    /// The provider's own words, without secrets; empty when there are none.
    #[serde(default)]
    pub detail: String,
}

/// What a message answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Quote {
    /// The quoted message, when it is here.
    pub message: Option<MessageId>,
    /// Who wrote it, as known when it was quoted.
    pub author: String,
    /// The beginning of its text.
    pub text: String,
    /// What it is.
    pub kind: Kind,
}

/// Somebody's reaction. A person has one at a time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reaction {
    /// The reacting person's address; `me` for the account itself.
    pub by: String,
    /// The emoji.
    pub emoji: String,
    /// When.
    pub at: Moment,
}

/// One message as it travels to the browser.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Its chat.
    pub chat: ChatId,
    /// Its account.
    pub account: AccountId,
    /// Which way it went.
    pub direction: Direction,
    /// Who made it.
    pub origin: Origin,
    /// What it is.
    pub kind: Kind,
    /// The words, or the caption of the files.
    pub text: String,
    /// How far it got.
    pub status: Status,
    /// Why it failed, or why it still waits.
    pub failure: Option<Failure>,
    /// When it was said, by the provider's clock once there is one; the order of a chat is by this, then by id.
    pub sent_at: Moment,
    /// The colleague who wrote it.
    pub author: Option<UserRef>,
    /// In groups, who of them wrote it.
    pub sender: Option<String>,
    /// What it answers.
    pub quote: Option<Quote>,
    /// Reactions to it.
    #[serde(default)]
    pub reactions: Vec<Reaction>,
    /// Its attachments.
    #[serde(default)]
    pub files: Vec<File>,
    /// The id by which the browser that sent it knows it already.
    pub client_id: Option<String>,
    /// Forwarded from elsewhere.
    #[serde(default)]
    pub forwarded: bool,
    /// A place, cards, a poll and the like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Box<Content>>,
    /// What the first link in its text leads to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview: Option<Box<LinkPreview>>,
    /// Colleagues mentioned in a note.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<UserRef>,
    /// When its text was last changed.
    pub edited_at: Option<Moment>,
    /// When it was deleted for everyone.
    pub deleted_at: Option<Moment>,
    /// For [`Kind::Unsupported`]: the provider's own word for it.
    pub raw_kind: Option<String>,
}

/// `POST /chats/{id}/messages`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct MessageInput {
    /// Chosen by the sender, 1–64 bytes; the same id again gives the same message.
    pub client_id: String,
    /// The words, or the caption of the first file; at most 20,000 characters, 1,024 with files.
    pub text: String,
    /// Files uploaded before, at most ten; each becomes a message of its own where the messenger wants it so.
    pub files: Vec<FileId>,
    /// The message that this one answers.
    pub quote: Option<MessageId>,
    /// A note for colleagues, which the client never gets; `@login` mentions one.
    pub note: bool,
    /// A voice note from the microphone: the one file is shown as such.
    pub voice: bool,
    /// A place, one card or several, or a poll, instead of words and files.
    pub content: Option<Content>,
}

/// `PATCH /messages/{id}`: another text for a message of ours.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EditInput {
    /// The new text, as long as [`MessageInput::text`].
    pub text: String,
}

/// `POST /messages/{id}/react`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReactInput {
    /// One emoji; empty takes the account's reaction back.
    pub emoji: String,
}

/// The most messages forwarded, and the most chats forwarded to, in one request.
pub const MAX_FORWARD: usize = 30;

/// `POST /messages/forward`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ForwardInput {
    /// What, in this order; at most [`MAX_FORWARD`].
    pub messages: Vec<MessageId>,
    /// Where to; at most [`MAX_FORWARD`].
    pub chats: Vec<ChatId>,
    /// Chosen by the sender, 1–40 bytes: the same again forwards nothing twice.
    pub client_id: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_never_goes_back() {
        for &from in Status::ALL {
            for &to in Status::ALL {
                assert!(!(from.moves_to(to) && to.moves_to(from)), "{from:?} ⇄ {to:?}");
            }
        }
        assert!(!Status::Read.moves_to(Status::Delivered));
        assert!(!Status::Delivered.moves_to(Status::Failed));
        assert!(Status::Sent.moves_to(Status::Failed));
        assert!(!Status::Failed.moves_to(Status::Sent));
        assert!(Status::Failed.moves_to(Status::Delivered));
    }

    #[test]
    fn words_are_read_back() {
        for &status in Status::ALL {
            assert_eq!(Status::parse(status.as_str()), Some(status));
        }
        for &reason in Reason::ALL {
            assert_eq!(Reason::parse(reason.as_str()), Some(reason));
        }
    }
}
