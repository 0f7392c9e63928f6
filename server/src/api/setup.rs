//! The first run: while there is nobody, anybody may make the administrator. Once.

use axum::extract::State as Shared;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use domain::user::{Me, Setup, UserInput};
use domain::{Fault, Role};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::session::{begin, me};
use crate::auth::{Peer, staff};
use crate::fault::{Json, Problem};
use crate::state::State;
use crate::store::{setting, user};

/// Calls of the first run.
pub fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new().routes(routes!(read, finish))
}

/// Whether the first-run wizard has to be gone through.
#[utoipa::path(get, path = "/setup", tag = "setup", security(()), responses((status = 200, body = Setup)))]
async fn read(Shared(state): Shared<State>) -> Result<Json<Setup>, Problem> {
    Ok(Json(Setup { needed: !user::any(&state.db).await? }))
}

/// Makes the first administrator and signs in. Needs `login`, `name`, `password`.
#[utoipa::path(post, path = "/setup", tag = "setup", security(()), request_body = UserInput,
    responses((status = 201, body = Me)))]
async fn finish(
    Shared(state): Shared<State>,
    peer: Peer,
    headers: HeaderMap,
    Json(input): Json<UserInput>,
) -> Result<impl IntoResponse, Problem> {
    if user::any(&state.db).await? {
        return Err(Fault::SetupDone.into());
    }
    let mut row = staff::draw_up(&state.guard, &input, Role::Administrator).await?;
    row.enabled = true;
    let mut tx = state.db.begin().await?;
    // Of two who finish at the same moment the database lets one through.
    if !setting::claim(&mut tx, "setup", "done").await? {
        return Err(Fault::SetupDone.into());
    }
    row.id = user::insert(&mut tx, &row).await?.ok_or(Fault::LoginTaken)?;
    tx.commit().await?;
    tracing::info!(user = row.id.0, "set-up is done");
    let cookie = begin(&state, &peer, &headers, row.id).await?;
    Ok((StatusCode::CREATED, cookie, Json(me(&state, row))))
}
