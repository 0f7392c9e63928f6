//! Members of staff: the administrator's list, and colleagues as everybody sees them.

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use domain::user::{UserInput, UserRef};
use domain::{Fault, Page, Role, User, UserId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::{Administrator, Who, staff};
use crate::fault::{Json, Path, Problem};
use crate::state::State;
use crate::store::{session, user};

/// Calls about people.
pub fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new().routes(routes!(colleagues)).routes(routes!(list, create)).routes(routes!(change, remove))
}

/// Colleagues who can answer clients, by name.
#[utoipa::path(get, path = "/colleagues", tag = "users", responses((status = 200, body = Page<UserRef>)))]
async fn colleagues(Shared(state): Shared<State>, _who: Who) -> Result<Json<Page<UserRef>>, Problem> {
    Ok(Json(Page { items: user::colleagues(&state.db).await?, next: None }))
}

/// Everybody, disabled people too. Administrators only.
#[utoipa::path(get, path = "/users", tag = "users", responses((status = 200, body = Page<User>)))]
async fn list(Shared(state): Shared<State>, _: Administrator) -> Result<Json<Page<User>>, Problem> {
    let items = user::all(&state.db).await?.into_iter().map(User::from).collect();
    Ok(Json(Page { items, next: None }))
}

/// Makes a member of staff. Needs `login`, `name`, `password`; an operator unless `role` is told. Administrators only.
#[utoipa::path(post, path = "/users", tag = "users", request_body = UserInput, responses((status = 201, body = User)))]
async fn create(
    Shared(state): Shared<State>,
    _: Administrator,
    Json(input): Json<UserInput>,
) -> Result<impl IntoResponse, Problem> {
    let mut row = staff::draw_up(&state.guard, &input, input.role.unwrap_or(Role::Operator)).await?;
    let mut tx = state.db.begin().await?;
    row.id = user::insert(&mut tx, &row).await?.ok_or(Fault::LoginTaken)?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(User::from(row))))
}

/// Changes a member of staff. A new password, "disabled" and the service role end the person's sessions.
/// Administrators only.
#[utoipa::path(patch, path = "/users/{id}", tag = "users", params(("id" = i64, Path)), request_body = UserInput,
    responses((status = 200, body = User)))]
async fn change(
    Shared(state): Shared<State>,
    Administrator(who): Administrator,
    Path(id): Path<UserId>,
    Json(input): Json<UserInput>,
) -> Result<Json<User>, Problem> {
    let before = user::get(&state.db, id).await?.ok_or(Fault::UserNotFound)?;
    let row = staff::revise(&state.guard, before.clone(), &input).await?;
    let mut tx = state.db.begin().await?;
    let spare = who.session.filter(|_| who.user == id);
    staff::keep(&mut tx, &before, &row, spare.as_deref()).await?;
    tx.commit().await?;
    state.guard.forget();
    Ok(Json(row.into()))
}

/// Disables a member of staff for good: sessions and keys end, what they wrote stays. Administrators only.
#[utoipa::path(delete, path = "/users/{id}", tag = "users", params(("id" = i64, Path)), responses((status = 204)))]
async fn remove(Shared(state): Shared<State>, _: Administrator, Path(id): Path<UserId>) -> Result<StatusCode, Problem> {
    let before = user::get(&state.db, id).await?.ok_or(Fault::UserNotFound)?;
    let mut row = before.clone();
    row.enabled = false;
    let mut tx = state.db.begin().await?;
    staff::keep(&mut tx, &before, &row, None).await?;
    session::delete_keys(&mut tx, id).await?;
    tx.commit().await?;
    state.guard.forget();
    Ok(StatusCode::NO_CONTENT)
}
