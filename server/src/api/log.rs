//! The integration log: every webhook and every call to a provider, without secrets. Administrators only.

use axum::extract::State as Shared;
use domain::log::{LogEntry, LogResult};
use domain::{AccountId, Direction, Fault, Page};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Administrator;
use crate::fault::{Json, Path, Problem, Query};
use crate::state::State;
use crate::store::log::{self, Filter};

/// Lines on a page unless told otherwise, and at most.
const LIMIT: (u32, u32) = (50, 200);

/// Calls about the log.
pub fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(read))
}

/// Which part of the log is wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
struct Part {
    /// Lines on a page, at most 200.
    limit: Option<u32>,
    /// The `next` of the page before.
    before: Option<String>,
    /// Only this system: `green_api`, `sandbox`, `unknown`.
    system: Option<String>,
    /// Only this account.
    account: Option<AccountId>,
    /// Only what ended so.
    result: Option<LogResult>,
    /// Only `in` or `out`.
    direction: Option<Direction>,
}

/// A page of the log, newest first, without bodies.
#[utoipa::path(get, path = "/log", tag = "log", params(Part), responses((status = 200, body = Page<LogEntry>)))]
async fn list(
    Shared(state): Shared<State>,
    _: Administrator,
    Query(part): Query<Part>,
) -> Result<Json<Page<LogEntry>>, Problem> {
    let before = match part.before.filter(|text| !text.is_empty()) {
        Some(text) => Some(text.parse().map_err(|()| Problem::with(Fault::Malformed, "before"))?),
        None => None,
    };
    let filter = Filter {
        system: part.system.filter(|text| !text.is_empty()),
        account: part.account,
        result: part.result,
        direction: part.direction,
    };
    let limit = part.limit.unwrap_or(LIMIT.0).clamp(1, LIMIT.1);
    Ok(Json(log::list(&state.db, &filter, before, limit).await?))
}

/// One line with what was asked and answered.
#[utoipa::path(get, path = "/log/{id}", tag = "log", params(("id" = String, Path)),
    responses((status = 200, body = LogEntry)))]
async fn read(
    Shared(state): Shared<State>,
    _: Administrator,
    Path(id): Path<String>,
) -> Result<Json<LogEntry>, Problem> {
    Ok(Json(log::get(&state.db, &id).await?.ok_or(Fault::LogNotFound)?))
}
