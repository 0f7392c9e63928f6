//! What happened, as the event log tells it to browsers.

use serde::{Deserialize, Serialize};

use crate::{Account, AccountId, Chat, ChatId, Message};

/// One frame of the live stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// The number in the event log: strictly increasing. Name the last one seen to get the rest.
    pub seq: i64,
    /// What happened.
    pub event: Event,
}

/// One event. It shows the rows as they are when it is read, so an event read late is never stale.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// The stream is open; everything after this `seq` will follow.
    Hello,
    /// The line is alive; sent when there has been nothing else for a while.
    Heartbeat,
    /// Too much has happened since the `seq` asked for: read the lists anew, then go on from this `seq`.
    Reset,
    /// A message is new or has changed; the chat as it is now comes along.
    Message {
        /// The message.
        message: Box<Message>,
        /// Its chat.
        chat: Box<Chat>,
        /// Whether it has just been said, by the client and now, and so deserves a sound.
        fresh: bool,
    },
    /// A chat changed without a new message.
    Chat {
        /// The chat.
        chat: Box<Chat>,
    },
    /// An account is new or has changed.
    Account {
        /// The account, without what only administrators see.
        account: Box<Account>,
    },
    /// An account and its chats are no longer to be seen by this person.
    AccountGone {
        /// Which.
        id: AccountId,
    },
    /// A colleague is typing in a chat. Not in the log: it carries the `seq` of the last event before it.
    Typing {
        /// Where.
        chat: ChatId,
        /// Who.
        name: String,
    },
    /// Something that a newer server tells and this client does not know.
    #[serde(other)]
    Unknown,
}

/// The first frame that a client sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resume {
    /// The last `seq` seen; `None` to begin with now.
    pub after: Option<i64>,
}
