//! Green-API's error table (`reference/green-api.md` §5) mapped to what people are told and what is done. Pure.

use std::time::Duration;

use domain::{AccountState, Reason};
use serde_json::Value;

use crate::fetch::FetchError;
use crate::gateway::{Reaction, Trouble};
use crate::store::log::redact;

/// How long an account whose tariff is used up stands still before it is tried again.
const QUOTA_PAUSE: Duration = Duration::from_secs(3600);
/// How long a starting instance is left alone.
const STARTING_PAUSE: Duration = Duration::from_secs(30);
/// How long a suspended account stands still before it is tried again.
const SUSPENDED_PAUSE: Duration = Duration::from_secs(1800);
/// The longest detail, bytes.
const DETAIL: usize = 500;

/// What a call does at the provider: whether a lost answer leaves a doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nature {
    /// Sends a message: it must not be repeated blindly.
    Send,
    /// Asks or sets something: repeating does no harm.
    Ask,
}

impl Nature {
    /// What to do when it is not known whether the call took effect.
    fn unsure(self) -> Reaction {
        match self {
            Self::Send => Reaction::Doubt,
            Self::Ask => Reaction::Retry(None),
        }
    }
}

/// What an answer other than a good one means.
pub(super) fn judge(
    status: u16,
    body: &str,
    retry_after: Option<Duration>,
    nature: Nature,
    secrets: &[String],
) -> Trouble {
    let (reason, reaction) = match status {
        400 => phrase(body).unwrap_or((Reason::Rejected, Reaction::GiveUp)),
        401 => (Reason::WrongKey, Reaction::Pause(AccountState::WrongKey, None)),
        403 if holds(body, "suspended") => {
            (Reason::Suspended, Reaction::Pause(AccountState::Suspended, Some(SUSPENDED_PAUSE)))
        }
        403 => (Reason::WrongInstance, Reaction::Pause(AccountState::WrongInstance, None)),
        // Another server behind that name, or a method that this instance lacks: then only the method is of no use.
        404 => match nature {
            Nature::Send => (Reason::WrongInstance, Reaction::Pause(AccountState::WrongInstance, None)),
            Nature::Ask => (Reason::WrongInstance, Reaction::GiveUp),
        },
        413 => (Reason::TooLarge, Reaction::GiveUp),
        429 | 469 => (Reason::RateLimited, Reaction::Retry(retry_after)),
        466 => quota(body, nature),
        500 if holds(body, "exceeded max upload size") || holds(body, "request entity too large") => {
            (Reason::TooLarge, Reaction::GiveUp)
        }
        // Closed by the client's side, or a server in the middle gave up waiting: the message may have been taken.
        408 | 499 | 500.. => (Reason::ProviderError, nature.unsure()),
        // A redirect was not followed, so nothing was taken: the host is another's.
        300..400 => (Reason::WrongInstance, Reaction::Pause(AccountState::WrongInstance, None)),
        402 | 405..500 => (Reason::Rejected, Reaction::GiveUp),
        // Neither an error nor an answer that we know.
        _ => (Reason::StrangeAnswer, nature.unsure()),
    };
    Trouble { reason, detail: detail(body, secrets), reaction, status: Some(status) }
}

/// The known phrases of a 400, which some servers also say with 200 and `"status": false`.
/// The order matters: "starting or not authorized" speaks of both, and waiting alone does not mend it.
pub(super) fn phrase(body: &str) -> Option<(Reason, Reaction)> {
    let known = if holds(body, "not authorized") {
        (Reason::NotLinked, Reaction::Pause(AccountState::WaitingScan, None))
    } else if holds(body, "starting") {
        (Reason::Starting, Reaction::Pause(AccountState::Starting, Some(STARTING_PAUSE)))
    } else if holds(body, "expired") {
        (Reason::Expired, Reaction::Pause(AccountState::Expired, None))
    } else if holds(body, "instance is deleted") {
        (Reason::Removed, Reaction::Pause(AccountState::Expired, None))
    } else {
        return None;
    };
    Some(known)
}

/// A 466 tells whether chats or calls are used up. Chats that were written to before still can be, so the account goes
/// on; without calls of the sending method nothing goes.
fn quota(body: &str, nature: Nature) -> (Reason, Reaction) {
    let parsed: Value = serde_json::from_str(body).unwrap_or_default();
    let exceeded = |part: &str| {
        let status = parsed[part]["status"].as_str().unwrap_or_default();
        status.to_ascii_uppercase().ends_with("EXCEEDED")
    };
    let of_chats = exceeded("correspondentsStatus")
        || (!exceeded("invokeStatus") && body.to_ascii_uppercase().contains("CORRESPONDENTS_QUOT"));
    match nature {
        _ if of_chats => (Reason::QuotaChats, Reaction::GiveUp),
        Nature::Send => (Reason::Quota, Reaction::Pause(AccountState::Quota, Some(QUOTA_PAUSE))),
        Nature::Ask => (Reason::Quota, Reaction::GiveUp),
    }
}

/// What a failure on the way means.
pub(super) fn on_the_way(error: &FetchError, nature: Nature) -> Trouble {
    let (reason, reaction) = match error {
        FetchError::Private => {
            (Reason::PrivateAddress, Reaction::Pause(AccountState::Unreachable, Some(Duration::from_secs(60))))
        }
        FetchError::BadUrl => (Reason::WrongInstance, Reaction::Pause(AccountState::WrongInstance, None)),
        FetchError::NotSent(_) => (Reason::Unreachable, Reaction::Retry(None)),
        FetchError::Lost(_) => (Reason::Unreachable, nature.unsure()),
        FetchError::TooLarge => (Reason::StrangeAnswer, nature.unsure()),
    };
    let detail = match error {
        FetchError::NotSent(words) | FetchError::Lost(words) => redact::clip(words.clone(), DETAIL),
        _ => String::new(),
    };
    Trouble { reason, detail, reaction, status: None }
}

/// A good status with something that is not the promised answer.
pub(super) fn strange(status: u16, body: &str, nature: Nature, secrets: &[String]) -> Trouble {
    Trouble {
        reason: Reason::StrangeAnswer,
        detail: detail(body, secrets),
        reaction: nature.unsure(),
        status: Some(status),
    }
}

fn holds(body: &str, phrase: &str) -> bool {
    body.to_ascii_lowercase().contains(phrase)
}

/// The provider's own words for people, without secrets and without a page's markup.
fn detail(body: &str, secrets: &[String]) -> String {
    let text = match serde_json::from_str::<Value>(body) {
        Ok(Value::String(text)) => text,
        Ok(value) => words(&value),
        Err(_) if body.trim_start().starts_with('<') => title(body),
        Err(_) => body.trim().to_owned(),
    };
    redact::clip(redact::redact(&text, secrets), DETAIL)
}

fn words(value: &Value) -> String {
    for part in ["correspondentsStatus", "invokeStatus"] {
        if let Some(text) = value[part]["description"].as_str().filter(|text| !text.is_empty()) {
            return text.to_owned();
        }
    }
    for name in ["message", "reason", "error", "description"] {
        match &value[name] {
            Value::String(text) if !text.is_empty() => return text.clone(),
            Value::Array(texts) => {
                let texts: Vec<_> = texts.iter().filter_map(Value::as_str).collect();
                if !texts.is_empty() {
                    return texts.join("; ");
                }
            }
            _ => {}
        }
    }
    String::new()
}

/// The title of an HTML page; a proxy names itself and its trouble there.
fn title(page: &str) -> String {
    let lower = page.to_ascii_lowercase();
    let begin = lower.find("<title>").map(|at| at + "<title>".len());
    let found = begin.and_then(|begin| lower[begin..].find('<').map(|end| page[begin..begin + end].trim().to_owned()));
    found.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use Nature::{Ask, Send};

    fn said(status: u16, body: &str, nature: Nature) -> (Reason, Reaction) {
        let trouble = judge(status, body, None, nature, &[]);
        assert_eq!(trouble.status, Some(status));
        (trouble.reason, trouble.reaction)
    }

    #[test]
    fn the_error_table() {
        use AccountState as S;
        use Reaction::{Doubt, GiveUp, Pause, Retry};
        let starting = Pause(S::Starting, Some(STARTING_PAUSE));
        let quota_mail = r#"{"invokeStatus":{"method":"sendmessage","used":67,"total":0,"status":"QUOTE_ALLOWED"},
            "correspondentsStatus":{"method":"correspondents","used":3,"total":3,"status":"CORRESPONDENTS_QUOTE_EXCEEDED","description":"79990000002@c.us"}}"#;
        let quota_calls = r#"{"invokeStatus":{"method":"sendmessage","used":100,"total":100,"status":"QUOTE_EXCEEDED","description":"Monthly quota"}}"#;
        let both = r#"{"invokeStatus":{"status":"QUOTE_EXCEEDED"},"correspondentsStatus":{"status":"CORRESPONDENTS_QUOTE_ALLOWED"}}"#;
        let validation = r#"{"statusCode":400,"path":"/waInstance1/sendMessage/tok","message":"Validation failed. Details: 'chatId' is required"}"#;
        let table: &[(u16, &str, Nature, Reason, Reaction)] = &[
            (400, "bad request data", Send, Reason::Rejected, GiveUp),
            (400, validation, Send, Reason::Rejected, GiveUp),
            (400, r#""'chatId' must be one of the next formats: …""#, Ask, Reason::Rejected, GiveUp),
            (400, "instance in starting process try later", Send, Reason::Starting, starting),
            (
                400,
                r#"{"reason":"instance is starting or not authorized"}"#,
                Send,
                Reason::NotLinked,
                Pause(S::WaitingScan, None),
            ),
            (400, "instance account not authorized", Ask, Reason::NotLinked, Pause(S::WaitingScan, None)),
            (
                400,
                "Instance account is expired. Renew your instance from personal area",
                Send,
                Reason::Expired,
                Pause(S::Expired, None),
            ),
            (400, "Instance is deleted", Send, Reason::Removed, Pause(S::Expired, None)),
            (400, "Message cannot be received because custom webhook url is set", Ask, Reason::Rejected, GiveUp),
            (401, "", Send, Reason::WrongKey, Pause(S::WrongKey, None)),
            (401, "", Ask, Reason::WrongKey, Pause(S::WrongKey, None)),
            (403, "Forbidden", Send, Reason::WrongInstance, Pause(S::WrongInstance, None)),
            (403, "Your account is suspended", Send, Reason::Suspended, Pause(S::Suspended, Some(SUSPENDED_PAUSE))),
            (404, "Not Found", Send, Reason::WrongInstance, Pause(S::WrongInstance, None)),
            (404, "Not Found", Ask, Reason::WrongInstance, GiveUp),
            (408, "", Send, Reason::ProviderError, Doubt),
            (413, "", Send, Reason::TooLarge, GiveUp),
            (422, "", Send, Reason::Rejected, GiveUp),
            (429, "Too Many Requests", Send, Reason::RateLimited, Retry(None)),
            (466, quota_mail, Send, Reason::QuotaChats, GiveUp),
            (466, quota_calls, Send, Reason::Quota, Pause(S::Quota, Some(QUOTA_PAUSE))),
            (466, quota_calls, Ask, Reason::Quota, GiveUp),
            (466, both, Send, Reason::Quota, Pause(S::Quota, Some(QUOTA_PAUSE))),
            (466, "CORRESPONDENTS_QUOTA_EXCEEDED", Send, Reason::QuotaChats, GiveUp),
            (466, "", Send, Reason::Quota, Pause(S::Quota, Some(QUOTA_PAUSE))),
            (499, "", Send, Reason::ProviderError, Doubt),
            (
                500,
                "File from url exceeded max upload size. Size: 120mb Limit: 100mb Url: …",
                Send,
                Reason::TooLarge,
                GiveUp,
            ),
            (500, "request entity too large", Send, Reason::TooLarge, GiveUp),
            (500, "", Send, Reason::ProviderError, Doubt),
            (500, "", Ask, Reason::ProviderError, Retry(None)),
            (502, "<html><title>502 Bad Gateway</title></html>", Send, Reason::ProviderError, Doubt),
            (503, "", Ask, Reason::ProviderError, Retry(None)),
            (504, "", Send, Reason::ProviderError, Doubt),
            (301, "", Send, Reason::WrongInstance, Pause(S::WrongInstance, None)),
            (204, "", Send, Reason::StrangeAnswer, Doubt),
        ];
        for (status, body, nature, reason, reaction) in table {
            assert_eq!(said(*status, body, *nature), (*reason, *reaction), "{status} {body}");
        }
        let pause = Duration::from_secs(7);
        assert_eq!(judge(429, "", Some(pause), Send, &[]).reaction, Retry(Some(pause)));
    }

    #[test]
    fn failures_on_the_way() {
        let lost = FetchError::Lost("timeout".to_owned());
        assert_eq!(on_the_way(&lost, Send).reaction, Reaction::Doubt);
        assert_eq!(on_the_way(&lost, Ask).reaction, Reaction::Retry(None));
        let refused = on_the_way(&FetchError::NotSent("refused".to_owned()), Send);
        assert_eq!((refused.reason, refused.reaction), (Reason::Unreachable, Reaction::Retry(None)));
        assert_eq!(on_the_way(&FetchError::Private, Send).reason, Reason::PrivateAddress);
    }

    #[test]
    fn details_are_words_without_secrets() {
        let secrets = ["d75b3a66".to_owned()];
        let text = |body: &str| judge(400, body, None, Ask, &secrets).detail;
        assert_eq!(text(r#"{"statusCode":400,"path":"/waInstance1/x/d75b3a66","message":"bad d75b3a66"}"#), "bad ***");
        assert_eq!(text(r#"{"message":["a","b"]}"#), "a; b");
        assert_eq!(text(r#""plain""#), "plain");
        assert_eq!(text("  bare  "), "bare");
        assert_eq!(text("<HTML><head><Title> 502 Bad Gateway </title>"), "502 Bad Gateway");
        assert!(text(&"я".repeat(5000)).len() <= DETAIL + 3);
    }
}
