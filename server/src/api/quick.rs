//! Quick replies: one's own, and everybody's, which supervisors and administrators keep.

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use domain::message::MAX_TEXT;
use domain::quick::{self, MAX_REPLIES, QuickReply, QuickReplyInput};
use domain::{Fault, Page, QuickReplyId, Role};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::{Who, Writer};
use crate::fault::{Json, Path, Problem};
use crate::ledger::now;
use crate::state::State;
use crate::store::{Tx, quick as store};

/// Calls about quick replies.
pub fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(change, remove))
}

/// What one may insert: one's own and everybody's, by shortcut.
#[utoipa::path(get, path = "/quick-replies", tag = "quick replies", responses((status = 200, body = Page<QuickReply>)))]
async fn list(Shared(state): Shared<State>, who: Who) -> Result<Json<Page<QuickReply>>, Problem> {
    Ok(Json(Page { items: store::list(&state.db, who.user).await?, next: None }))
}

/// Makes one.
#[utoipa::path(post, path = "/quick-replies", tag = "quick replies", request_body = QuickReplyInput,
    responses((status = 201, body = QuickReply)))]
async fn create(
    Shared(state): Shared<State>,
    Writer(who): Writer,
    Json(input): Json<QuickReplyInput>,
) -> Result<impl IntoResponse, Problem> {
    may(&who, input.shared)?;
    let QuickReplyInput { shared, shortcut, text } = checked(input)?;
    let owner = (!shared).then_some(who.user);
    let mut tx = state.db.begin().await?;
    if store::count(&mut tx, owner).await? >= MAX_REPLIES {
        return Err(Fault::TooMany.into());
    }
    let id = store::insert(&mut tx, owner, &shortcut, &text, now()).await?.ok_or(Fault::NameTaken)?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(QuickReply { id, shared, shortcut, text })))
}

/// Changes the shortcut and the words.
#[utoipa::path(put, path = "/quick-replies/{id}", tag = "quick replies", params(("id" = i64, Path)),
    request_body = QuickReplyInput, responses((status = 200, body = QuickReply)))]
async fn change(
    Shared(state): Shared<State>,
    Writer(who): Writer,
    Path(id): Path<QuickReplyId>,
    Json(input): Json<QuickReplyInput>,
) -> Result<Json<QuickReply>, Problem> {
    let mut tx = state.db.begin().await?;
    let before = owned(&mut tx, &who, id).await?;
    let QuickReplyInput { shortcut, text, .. } = checked(input)?;
    if !store::update(&mut tx, id, &shortcut, &text, now()).await? {
        return Err(Fault::NameTaken.into());
    }
    tx.commit().await?;
    Ok(Json(QuickReply { id, shared: before.shared, shortcut, text }))
}

/// Removes one.
#[utoipa::path(delete, path = "/quick-replies/{id}", tag = "quick replies", params(("id" = i64, Path)),
    responses((status = 204)))]
async fn remove(
    Shared(state): Shared<State>,
    Writer(who): Writer,
    Path(id): Path<QuickReplyId>,
) -> Result<StatusCode, Problem> {
    let mut tx = state.db.begin().await?;
    owned(&mut tx, &who, id).await?;
    store::delete(&mut tx, id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn owned(tx: &mut Tx, who: &Who, id: QuickReplyId) -> Result<QuickReply, Problem> {
    let reply = store::get(tx, who.user, id).await?.ok_or(Fault::ReplyNotFound)?;
    may(who, reply.shared)?;
    Ok(reply)
}

fn may(who: &Who, shared: bool) -> Result<(), Problem> {
    if shared && who.role < Role::Supervisor { Err(Fault::Forbidden.into()) } else { Ok(()) }
}

fn checked(mut input: QuickReplyInput) -> Result<QuickReplyInput, Problem> {
    let shortcut = input.shortcut.trim().trim_start_matches('/').to_owned();
    if !quick::is_shortcut(&shortcut) {
        return Err(Problem::with(Fault::Invalid, "shortcut"));
    }
    input.shortcut = shortcut;
    input.text = input.text.replace('\0', "").trim_end().to_owned();
    if input.text.trim().is_empty() {
        return Err(Fault::MessageEmpty.into());
    }
    if input.text.chars().nth(MAX_TEXT).is_some() {
        return Err(Fault::TextTooLong.into());
    }
    let unknown = quick::unknown(&input.text);
    if unknown.is_empty() { Ok(input) } else { Err(Problem::with(Fault::Invalid, unknown.join(", "))) }
}
