//! One's own keys, with which programmes speak for one.

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use domain::user::{ApiKey, ApiKeyInput};
use domain::{ApiKeyId, Fault, Page};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::{Who, password};
use crate::fault::{Json, Path, Problem};
use crate::ledger::now;
use crate::secret;
use crate::state::State;
use crate::store::session;

/// What every key begins with, so that it is recognised where it should not be.
const START: &str = "bsd_";

/// Calls about keys.
pub fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(remove))
}

/// One's own keys, without the keys themselves.
#[utoipa::path(get, path = "/keys", tag = "keys", responses((status = 200, body = Page<ApiKey>)))]
async fn list(Shared(state): Shared<State>, who: Who) -> Result<Json<Page<ApiKey>>, Problem> {
    Ok(Json(Page { items: session::keys(&state.db, who.user).await?, next: None }))
}

/// Makes a key that may do what its owner may. The key itself is in this answer only.
#[utoipa::path(post, path = "/keys", tag = "keys", request_body = ApiKeyInput, responses((status = 201, body = ApiKey)))]
async fn create(
    Shared(state): Shared<State>,
    who: Who,
    Json(input): Json<ApiKeyInput>,
) -> Result<impl IntoResponse, Problem> {
    let name = password::check_name(&input.name)?;
    let key = format!("{START}{}", secret::token());
    let prefix = key.chars().take(START.len() + 4).collect::<String>();
    let at = now();
    let mut tx = state.db.begin().await?;
    let id = session::insert_key(&mut tx, who.user, &name, &prefix, &secret::hash(&key), at).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(ApiKey { id, name, prefix, created_at: at, used_at: None, key: Some(key) })))
}

/// Takes a key away; it stops working at once.
#[utoipa::path(delete, path = "/keys/{id}", tag = "keys", params(("id" = i64, Path)), responses((status = 204)))]
async fn remove(Shared(state): Shared<State>, who: Who, Path(id): Path<ApiKeyId>) -> Result<StatusCode, Problem> {
    let mut tx = state.db.begin().await?;
    if !session::delete_key(&mut tx, who.user, id).await? {
        return Err(Fault::SessionNotFound.into());
    }
    tx.commit().await?;
    state.guard.forget();
    Ok(StatusCode::NO_CONTENT)
}
