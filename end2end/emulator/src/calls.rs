//! What the emulator was asked, by anyone, in order. It knows no provider: a scope is whatever the
//! provider calls an account, a method whatever it calls a method. Tokens are never kept.

use std::collections::VecDeque;

use serde::Serialize;
use serde_json::Value;
use std::sync::Mutex;

use crate::{locked, unix_ms};

/// Calls kept; the oldest are forgotten first.
const KEPT: usize = 20_000;

/// One request to a provider's API.
#[derive(Clone, Debug, Serialize)]
pub struct Call {
    /// Grows by one with every call since the start, never reused.
    pub seq: u64,
    /// When it came, unix milliseconds.
    pub at_ms: u64,
    /// Account of the provider, e.g. an instance number.
    pub scope: String,
    /// Provider's method as the caller spelled it.
    pub method: String,
    /// HTTP verb.
    pub verb: String,
    /// Query string without `?`.
    pub query: String,
    /// JSON body, form fields, or a summary of a binary body.
    pub body: Value,
    /// HTTP status answered; `null` while unanswered or when the connection was cut.
    pub status: Option<u16>,
}

/// The log. Cheap to share behind an `Arc`.
#[derive(Debug, Default)]
pub struct Calls(Mutex<Log>);

#[derive(Debug, Default)]
struct Log {
    last: u64,
    calls: VecDeque<Call>,
}

impl Calls {
    /// Notes a call that has just come and gives its `seq`, for [`Calls::answered`].
    pub fn came(&self, scope: &str, method: &str, verb: &str, query: &str, body: Value) -> u64 {
        let mut log = locked(&self.0);
        log.last += 1;
        let seq = log.last;
        if log.calls.len() == KEPT {
            log.calls.pop_front();
        }
        log.calls.push_back(Call {
            seq,
            at_ms: unix_ms(),
            scope: scope.to_owned(),
            method: method.to_owned(),
            verb: verb.to_owned(),
            query: query.to_owned(),
            body,
            status: None,
        });
        seq
    }

    /// Notes how call `seq` was answered.
    pub fn answered(&self, seq: u64, status: u16) {
        let mut log = locked(&self.0);
        if let Some(call) = log.calls.iter_mut().rev().find(|call| call.seq == seq) {
            call.status = Some(status);
        }
    }

    /// Calls of a scope and a method (any case), `None` meaning all, oldest first.
    pub fn list(&self, scope: Option<&str>, method: Option<&str>) -> Vec<Call> {
        locked(&self.0)
            .calls
            .iter()
            .filter(|call| scope.is_none_or(|scope| call.scope == scope))
            .filter(|call| method.is_none_or(|method| call.method.eq_ignore_ascii_case(method)))
            .cloned()
            .collect()
    }

    /// Forgets everything; numbering goes on.
    pub fn clear(&self) {
        locked(&self.0).calls.clear();
    }
}
