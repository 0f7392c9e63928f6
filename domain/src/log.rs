//! The integration log: every request in and out, with secrets removed.

use serde::{Deserialize, Serialize};

use crate::message::words;
use crate::{AccountId, Direction, Moment};

words! {
    /// How an exchange ended.
    LogResult {
        /// Well.
        Ok = "ok",
        /// Stored, waits for its worker.
        Waiting = "waiting",
        /// Refused or failed.
        Error = "error",
    }
}

/// One line of the integration log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LogEntry {
    /// Names the line.
    pub id: String,
    /// When.
    pub at: Moment,
    /// Who called whom: `in` they us, `out` we them.
    pub direction: Direction,
    /// The other side: a provider's name, `1c`, `3cx`, `unknown`.
    pub system: String,
    /// The account it was about.
    pub account: Option<AccountId>,
    /// What was called: HTTP method and path without secrets, or the kind of notification.
    pub what: String,
    /// The HTTP status of the answer; absent when there was none.
    pub status: Option<i32>,
    /// Milliseconds it took.
    pub took: Option<i32>,
    /// How it ended.
    pub result: LogResult,
    /// What went wrong.
    pub error: Option<String>,
    /// What was asked, clipped, secrets removed. Only when one line is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// What was answered, clipped, secrets removed. Only when one line is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<String>,
}
