//! The check of an account (ACC-8): hop by hop from our question to the provider to its notification to us.

use std::time::{Duration, Instant};

use axum::extract::State as Shared;
use axum::http::header::AUTHORIZATION;
use domain::account::{Check, CheckKind, CheckStep};
use domain::{AccountId, Failure, Reason, Receive};
use reqwest::Method;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{gateway, hook, living};
use crate::auth::Administrator;
use crate::fault::{Json, Path, Problem};
use crate::fetch::{self, FetchError};
use crate::gateway::{Gateway, Hook, Trouble};
use crate::secret;
use crate::state::State;
use crate::store::account::AccountRow;

/// How long each hop may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The call of the check.
pub(super) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new().routes(routes!(check))
}

/// Tries every hop between the provider and us. What cannot be tried (no public address, polling) has no `ok`.
/// Administrators only.
#[utoipa::path(post, path = "/accounts/{id}/check", tag = "accounts", params(("id" = i64, Path)),
    responses((status = 200, body = Check)))]
async fn check(
    Shared(state): Shared<State>,
    _: Administrator,
    Path(id): Path<AccountId>,
) -> Result<Json<Check>, Problem> {
    let row = living(&state, id).await?;
    let gateway = gateway(&state, &row)?;
    let hook = hook(&state, &row).filter(|_| row.receive == Receive::Webhook);
    let wrong = hook.as_ref().map(|hook| Hook { authorization: format!("Bearer {}", secret::token()), ..hook.clone() });
    let steps = vec![
        provider(&*gateway).await,
        ours(&state, CheckKind::WrongPassword, wrong.as_ref(), 401).await,
        ours(&state, CheckKind::EmptyBody, hook.as_ref(), 202).await,
        webhook_set(&*gateway, &row, hook.as_ref()).await,
        CheckStep { ok: row.last_event_at.map(|_| true), ..step(CheckKind::FirstEvent) },
    ];
    Ok(Json(Check { ok: steps.iter().all(|step| step.ok != Some(false)), steps }))
}

fn step(what: CheckKind) -> CheckStep {
    CheckStep { what, ok: None, status: None, took: None, trouble: None }
}

fn took(since: Instant) -> Option<u32> {
    u32::try_from(since.elapsed().as_millis()).ok()
}

async fn provider(gateway: &dyn Gateway) -> CheckStep {
    let began = Instant::now();
    let answer = gateway.state().await;
    CheckStep { took: took(began), ..judged(CheckKind::Provider, answer.map(|_| true)) }
}

async fn webhook_set(gateway: &dyn Gateway, row: &AccountRow, hook: Option<&Hook>) -> CheckStep {
    let can = crate::gateway::capabilities(row.provider).sets_webhook;
    let waits_for_address = row.receive == Receive::Webhook && hook.is_none();
    if waits_for_address {
        // Notifications are lost from here on: that is no "could not be tried".
        let trouble = Failure { reason: Reason::NoAddress, detail: String::new() };
        return CheckStep { ok: Some(false), trouble: Some(trouble), ..step(CheckKind::WebhookSet) };
    }
    if !can || row.receive == Receive::Off {
        return step(CheckKind::WebhookSet);
    }
    let began = Instant::now();
    let answer = gateway.configured().await;
    let as_wanted = answer.map(|url| url.as_deref() == hook.map(|hook| hook.url.as_str()));
    CheckStep { took: took(began), ..judged(CheckKind::WebhookSet, as_wanted) }
}

fn judged(what: CheckKind, answer: Result<bool, Trouble>) -> CheckStep {
    match answer {
        Ok(ok) => CheckStep { ok: Some(ok), ..step(what) },
        Err(trouble) => {
            CheckStep { ok: Some(false), status: trouble.status, trouble: Some(trouble.failure()), ..step(what) }
        }
    }
}

/// Calls our own public address as the provider would.
async fn ours(state: &State, what: CheckKind, hook: Option<&Hook>, expected: u16) -> CheckStep {
    let Some(hook) = hook else { return step(what) };
    let began = Instant::now();
    let answer = match state.fetch.call(Method::POST, &hook.url, PATIENCE) {
        Ok(request) => fetch::send(request.header(AUTHORIZATION.as_str(), &hook.authorization)).await,
        Err(error) => Err(error),
    };
    let took = took(began);
    match answer {
        Ok(response) => {
            let status = response.status().as_u16();
            CheckStep { ok: Some(status == expected), status: Some(status), took, ..step(what) }
        }
        Err(error) => {
            let reason = match error {
                FetchError::Private => Reason::PrivateAddress,
                _ => Reason::Unreachable,
            };
            let trouble = Failure { reason, detail: error.to_string() };
            CheckStep { ok: Some(false), took, trouble: Some(trouble), ..step(what) }
        }
    }
}
