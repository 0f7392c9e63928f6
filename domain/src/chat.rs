//! An account's conversation with one contact, as the list shows it.

use serde::{Deserialize, Serialize};

use crate::message::words;
use crate::user::UserRef;
use crate::{
    AccountId, ChatId, Contact, Direction, FilterId, Kind, LabelId, MessageId, Moment, Origin, Status, UserId,
};

words! {
    /// Where a conversation stands.
    ChatState {
        /// Going on.
        Open = "open",
        /// Done; the client's next message opens it again.
        Closed = "closed",
    }
}

/// The end of a chat, as a row of the list shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LastMessage {
    /// The message.
    pub id: MessageId,
    /// Which way it went.
    pub direction: Direction,
    /// Who made it.
    pub origin: Origin,
    /// What it is.
    pub kind: Kind,
    /// The first 200 characters of its words as they are seen, without WhatsApp\'s marks.
    pub text: String,
    /// How far it got.
    pub status: Status,
    /// When it was said.
    pub sent_at: Moment,
    /// Deleted for everyone; its text is empty then.
    #[serde(default)]
    pub deleted: bool,
}

/// One row of the chat list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Chat {
    /// Its id.
    pub id: ChatId,
    /// Its account.
    pub account: AccountId,
    /// The other side.
    pub contact: Contact,
    /// Its end; absent while nothing has been said.
    pub last_message: Option<LastMessage>,
    /// What the list is ordered by, newest first, then by id.
    pub active_at: Moment,
    /// Incoming messages that nobody has seen here.
    pub unread: i32,
    /// Since when the client has been waiting for an answer; absent when nobody waits.
    pub unanswered: Option<Moment>,
    /// The first message not yet seen, where the unread line stands.
    pub first_unread: Option<MessageId>,
    /// Who answers.
    pub assignee: Option<UserRef>,
    /// Where it stands.
    pub state: ChatState,
    /// What everybody has labelled it with, by number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<LabelId>,
}

/// Which chats a list shows. All conditions hold together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema, utoipa::IntoParams))]
#[serde(default)]
pub struct ChatFilter {
    /// Only this account's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// Only mine.
    pub mine: bool,
    /// Only those that nobody has taken.
    pub unassigned: bool,
    /// Only with unread messages.
    pub unread: bool,
    /// Only those where the client waits for an answer.
    pub unanswered: bool,
    /// Only groups.
    pub groups: bool,
    /// Only closed ones; without it closed ones stay out of the other filters but not out of "all".
    pub closed: bool,
    /// Only with a note in which one is mentioned and that one has not seen.
    pub mentioned: bool,
    /// Only with this label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<LabelId>,
    /// Name or phone contains this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// How many chats each filter would show.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChatCounts {
    /// All that the person may see.
    pub all: i64,
    /// The person's own.
    pub mine: i64,
    /// Taken by nobody.
    pub unassigned: i64,
    /// With unread messages.
    pub unread: i64,
    /// Waiting for an answer.
    pub unanswered: i64,
    /// Groups.
    pub groups: i64,
    /// Closed.
    pub closed: i64,
    /// Where one is mentioned and has not seen it.
    #[serde(default)]
    pub mentioned: i64,
    /// Unread chats by account.
    #[serde(default)]
    pub accounts: Vec<(AccountId, i64)>,
}

/// `POST /chats`: begin or find the conversation with a number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OpenInput {
    /// The account that will write.
    pub account: AccountId,
    /// The number, as people write it.
    pub phone: String,
}

/// `POST /chats/{id}/read`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReadInput {
    /// The last message seen.
    pub up_to: MessageId,
}

/// `POST /chats/{id}/assign`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AssignInput {
    /// Who answers; `null` frees the chat.
    pub user: Option<UserId>,
}

/// `POST /chats/{id}/close`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CloseInput {
    /// Closed or open again.
    pub closed: bool,
}

/// A text begun and not sent. `PUT /chats/{id}/draft`; an empty text removes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Draft {
    /// Where.
    pub chat: ChatId,
    /// The text.
    pub text: String,
}

/// A filter of the list that a person named.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SavedFilter {
    /// Its id.
    pub id: FilterId,
    /// The name.
    pub name: String,
    /// What it shows.
    pub filter: ChatFilter,
}

/// `POST /filters`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SavedFilterInput {
    /// 1–40 characters.
    pub name: String,
    /// What it shows.
    pub filter: ChatFilter,
}

/// The most chats that one request changes.
pub const MAX_BULK: usize = 200;

/// `POST /chats/bulk`: the same for several chats.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BulkInput {
    /// Which; at most [`MAX_BULK`].
    pub chats: Vec<ChatId>,
    /// What is done with each.
    pub action: BulkAction,
}

/// What is done with several chats.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum BulkAction {
    /// Everything in them has been seen.
    Read,
    /// Closed or opened again.
    Close {
        /// Closed.
        closed: bool,
    },
    /// Given to somebody or nobody.
    Assign {
        /// Who.
        user: Option<UserId>,
    },
    /// A label put on or taken off.
    Label {
        /// Which.
        label: LabelId,
        /// Put on.
        on: bool,
    },
}
