//! Messages that wait for their time.

use serde::{Deserialize, Serialize};

use crate::message::MessageInput;
use crate::user::UserRef;
use crate::{ChatId, LaterId, Moment};

/// The most messages that wait in one chat.
pub const MAX_WAITING: i64 = 50;
/// The furthest time, milliseconds from now: a year and a day.
pub const FURTHEST: i64 = 366 * 24 * 60 * 60 * 1000;

/// A message that waits for its time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Later {
    /// Its id.
    pub id: LaterId,
    /// Where to.
    pub chat: ChatId,
    /// Who writes.
    pub author: UserRef,
    /// When it goes.
    pub at: Moment,
    /// What goes. Its client id is the server's.
    pub message: MessageInput,
    /// Why it could not go when its time came: a word of [`crate::Fault`]. It waits for another time.
    pub failure: Option<String>,
}

/// `POST /chats/{id}/later`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LaterInput {
    /// When it is to go: in the future, at most [`FURTHEST`] away.
    pub at: Moment,
    /// What; its `client_id` is not looked at.
    pub message: MessageInput,
}

/// `PATCH /later/{id}`; absent fields stay as they are.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct LaterChange {
    /// Another time.
    pub at: Option<Moment>,
    /// Another text.
    pub text: Option<String>,
}
