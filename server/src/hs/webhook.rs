//! `POST /hs/whatsapp/webhook/{account}`: a provider's notification. It is answered 200 after its raw body is safe in
//! the journal, and everything else happens later: Green-API repeats what is not answered and holds back what follows
//! (`reference/green-api.md` §4).

use std::time::Instant;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::{AccountId, Direction, Fault};

use crate::auth::{self, Peer};
use crate::fault::Problem;
use crate::ledger::now;
use crate::secret::same;
use crate::state::State;
use crate::store::account::AccountRow;
use crate::store::log::Line;

/// The largest notification, bytes. They carry thumbnails, not files.
pub const MAX_BODY: usize = 2 * 1024 * 1024;

/// How long a caller may take to send it.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(30);

/// The routes under `/hs/whatsapp`.
pub fn routes() -> Router<State> {
    Router::new().route("/whatsapp/webhook/{account}", post(webhook))
}

/// `POST /hs/whatsapp/echo`: reads the body as a webhook's is read and answers at once. What the bench measures webhooks
/// against; served only when asked for.
pub fn echo() -> Router<State> {
    let handler = async |body: Body| match to_bytes(body, MAX_BODY).await {
        Ok(_) => (StatusCode::OK, [(header::CONTENT_TYPE, "application/json")], "{}").into_response(),
        Err(_) => Problem::from(Fault::TooLarge).into_response(),
    };
    Router::new().route("/whatsapp/echo", post(handler))
}

/// Takes a notification: 401 without or with wrong credentials, 202 for an empty body, 200 `{}` once stored, 400 for what
/// is not JSON (kept in the integration log), 413 over the limit, 404 for a deleted account.
async fn webhook(
    Shared(state): Shared<State>,
    Path(account): Path<String>,
    peer: Peer,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let began = Instant::now();
    let mut seen = Seen::default();
    let answer = take(&state, &account, peer, &headers, body, &mut seen).await;
    match answer {
        Ok(status) => {
            state.metrics.accepted.inc();
            (status, [(header::CONTENT_TYPE, "application/json")], "{}").into_response()
        }
        Err(problem) => {
            state.metrics.rejected.inc();
            if !seen.proven && !state.guard.refusals.may_tell(peer.ip, began) {
                return problem.into_response();
            }
            let row = match account.parse::<AccountId>() {
                Ok(id) => state.accounts.get(id).await.ok().flatten(),
                Err(_) => None,
            };
            let line = Line {
                at: now(),
                direction: Direction::In,
                system: row.as_ref().map_or("unknown", |row| row.provider.as_str()).to_owned(),
                account: row.as_ref().map(|row| row.id),
                what: format!("POST /hs/whatsapp/webhook/{account}"),
                status: Some(problem.fault.status()),
                took: began.elapsed(),
                error: Some(format!(
                    "{}{}",
                    problem.fault.code(),
                    problem.detail.as_deref().map(|d| format!(": {d}")).unwrap_or_default()
                )),
                request: seen.body,
                response: String::new(),
            };
            state.log.record(line, &row.map(|row| row.secret_texts()).unwrap_or_default());
            problem.into_response()
        }
    }
}

/// What was learnt of a request before it was refused.
#[derive(Default)]
struct Seen {
    /// The caller is known: the account's provider, or a user.
    proven: bool,
    /// The body, where it is to be kept.
    body: String,
}

async fn take(
    state: &State,
    account: &str,
    peer: Peer,
    headers: &HeaderMap,
    body: Body,
    seen: &mut Seen,
) -> Result<StatusCode, Problem> {
    let row = match account.parse::<AccountId>() {
        Ok(id) => state.accounts.get(id).await?,
        Err(_) => None,
    };
    let live = row.as_ref().filter(|row| row.deleted_at.is_none());
    let proven = live.is_some_and(|row| proves(row, headers));
    if !proven {
        let who = auth::basic(state, headers, peer).await.map_err(|problem| problem.challenging())?;
        seen.proven = true;
        // A notification may say anything in a client's name: not for those who only read.
        if !(who.role.writes() || who.role == domain::Role::Service) {
            return Err(Fault::Forbidden.into());
        }
        if !live.is_none_or(|row| who.sight.sees(row.id) || who.role == domain::Role::Service) {
            return Err(Fault::AccountNotFound.into());
        }
    }
    seen.proven = true;
    let Some(row) = live else { return Err(Fault::AccountNotFound.into()) };
    let declared = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|length| length > MAX_BODY) {
        return Err(Fault::TooLarge.into());
    }
    let body =
        tokio::time::timeout(PATIENCE, to_bytes(body, MAX_BODY)).await.map_err(|_| Problem::from(Fault::Timeout))?;
    let bytes = body.map_err(|_| Problem::from(Fault::TooLarge))?;
    if bytes.is_empty() {
        return Ok(StatusCode::ACCEPTED);
    }
    // PostgreSQL takes no NUL in a text; JSON has none outside of escapes.
    let text = match std::str::from_utf8(&bytes) {
        Ok(text) if serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() => text.to_owned(),
        _ => {
            seen.body = String::from_utf8_lossy(&bytes).into_owned();
            return Err(Problem::with(Fault::Malformed, "not JSON"));
        }
    };
    state.intake.accept(row.id, "webhook", text).await?;
    Ok(StatusCode::OK)
}

/// Whether the request carries the account's own proof. Green-API prefixes the stored value in ways that are not settled,
/// so any number of schemes is stripped from the header, and Basic is tried decoded too (`reference/green-api.md` §4).
fn proves(row: &AccountRow, headers: &HeaderMap) -> bool {
    let Some(token) = row.secret("webhook_token").filter(|token| !token.is_empty()) else { return false };
    let Some(value) = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()) else { return false };
    let bare = strip(value);
    if same(bare, token) {
        return true;
    }
    let decoded = STANDARD.decode(bare).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    decoded.is_some_and(|pair| {
        same(&pair, token) || pair.split_once(':').is_some_and(|(_, password)| same(password, token))
    })
}

fn strip(mut value: &str) -> &str {
    loop {
        let trimmed = value.trim_start();
        let rest = ["bearer ", "basic "]
            .iter()
            .find_map(|scheme| {
                trimmed.get(..scheme.len()).filter(|head| head.eq_ignore_ascii_case(scheme)).map(str::len)
            })
            .map(|length| &trimmed[length..]);
        match rest {
            Some(rest) => value = rest,
            None => return trimmed.trim_end(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes_are_stripped_however_many() {
        for value in ["s3cret", "Bearer s3cret", "bearer Bearer s3cret", "Basic  s3cret ", "Bearer Basic s3cret"] {
            assert_eq!(strip(value), "s3cret", "{value}");
        }
        assert_eq!(strip("Bearer"), "Bearer");
        assert_eq!(strip("йцукенгш"), "йцукенгш");
    }
}
