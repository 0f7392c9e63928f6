//! What any provider can tell. Every gateway decodes its notifications into these; the ledger applies them.

use crate::content::{Content, LinkPreview, Poll};
use crate::{AccountState, Address, Direction, Failure, Kind, Moment, Origin, Status};

/// One piece of news from a provider.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// Something was said: by the client, on the phone, or by another programme through the provider.
    Message(Box<NewMessage>),
    /// A message of ours got further.
    Status {
        /// The conversation, where the provider names it.
        chat: Option<Address>,
        /// The provider's id of the message.
        provider_id: String,
        /// How far.
        status: Status,
        /// Why it failed.
        failure: Option<Failure>,
        /// When, by the provider's clock.
        at: Moment,
    },
    /// A text was changed.
    Edited {
        /// The conversation.
        chat: Address,
        /// The provider's id of the original message.
        provider_id: String,
        /// The new text.
        text: String,
        /// When.
        at: Moment,
    },
    /// A message was deleted for everyone.
    Deleted {
        /// The conversation.
        chat: Address,
        /// The provider's id of the deleted message.
        provider_id: String,
        /// When.
        at: Moment,
    },
    /// Somebody reacted; an empty emoji takes the reaction back.
    Reacted {
        /// The conversation.
        chat: Address,
        /// The provider's id of the message reacted to.
        provider_id: String,
        /// Who: `me` for the account itself.
        by: String,
        /// The emoji, or nothing.
        emoji: String,
        /// When.
        at: Moment,
    },
    /// Somebody voted; the whole poll as it stands now.
    Voted {
        /// The conversation.
        chat: Address,
        /// The provider's id of the poll's message.
        provider_id: String,
        /// How it stands.
        poll: Poll,
    },
    /// The account's state changed.
    Account {
        /// The new state.
        state: AccountState,
        /// The account's own number, digits only, where it was told.
        phone: Option<String>,
        /// What the provider said.
        failure: Option<Failure>,
        /// When.
        at: Moment,
    },
    /// How the messenger names a person or a group.
    Contact {
        /// Who.
        address: Address,
        /// The name.
        name: String,
    },
}

/// A message as a provider tells of it.
#[derive(Clone, Debug, PartialEq)]
pub struct NewMessage {
    /// The conversation.
    pub chat: Address,
    /// What the messenger calls the conversation; may be empty.
    pub chat_name: String,
    /// Which way it went.
    pub direction: Direction,
    /// Who made it.
    pub origin: Origin,
    /// The provider's id; unique within the conversation.
    pub provider_id: String,
    /// In a group, who wrote it.
    pub sender_name: Option<String>,
    /// When, by the provider's clock.
    pub at: Moment,
    /// What it is.
    pub kind: Kind,
    /// The words or the caption.
    pub text: String,
    /// What it answers.
    pub quote: Option<QuoteRef>,
    /// Forwarded from elsewhere.
    pub forwarded: bool,
    /// A place, cards, a poll and the like.
    pub content: Option<Content>,
    /// What a link in it leads to, where the provider tells.
    pub preview: Option<LinkPreview>,
    /// Its files, still at the provider.
    pub files: Vec<RemoteFile>,
    /// For [`Kind::Unsupported`]: the provider's own word.
    pub raw_kind: Option<String>,
    /// Where it stands; [`Status::Received`] for incoming ones.
    pub status: Status,
    /// Told of the past (history): it does not ask for an answer and rings no bell.
    pub old: bool,
}

/// What a message answers, as the provider names it.
#[derive(Clone, Debug, PartialEq)]
pub struct QuoteRef {
    /// The provider's id of the quoted message.
    pub provider_id: String,
    /// Its text, where the provider repeats it.
    pub text: String,
    /// What it is.
    pub kind: Kind,
}

/// A file that is still at the provider.
#[derive(Clone, Debug, PartialEq)]
pub struct RemoteFile {
    /// Where to get it: a URL or the provider's own reference; the gateway that wrote it reads it. Untrusted.
    pub reference: String,
    /// Its name, may be empty.
    pub name: String,
    /// What the sender says it is.
    pub mime: String,
    /// Bytes, where told.
    pub size: Option<i64>,
}
