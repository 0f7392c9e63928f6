//! Messages that wait for their time: kept, changed and cancelled here, sent by `work::later`.

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use domain::later::{FURTHEST, Later, LaterChange, LaterInput, MAX_WAITING};
use domain::message::MAX_TEXT;
use domain::user::UserRef;
use domain::{ChatId, Fault, LaterId, Moment, Page};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::{Who, Writer};
use crate::fault::{Json, Path, Problem};
use crate::ledger::now;
use crate::state::State;
use crate::store::{Tx, chat, later};

/// Calls about waiting messages.
pub fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(change, cancel))
}

/// What waits in a chat, the next first.
#[utoipa::path(get, path = "/chats/{id}/later", tag = "later", params(("id" = i64, Path)),
    responses((status = 200, body = Page<Later>)))]
async fn list(Shared(state): Shared<State>, who: Who, Path(id): Path<ChatId>) -> Result<Json<Page<Later>>, Problem> {
    chat::visible(&state.db, &who.sight, id).await?.ok_or(Fault::ChatNotFound)?;
    Ok(Json(Page { items: later::of_chat(&state.db, id).await?, next: None }))
}

/// Keeps a message until its time. Words only, with a quote if need be: files wait only a day.
#[utoipa::path(post, path = "/chats/{id}/later", tag = "later", params(("id" = i64, Path)), request_body = LaterInput,
    responses((status = 201, body = Later)))]
async fn create(
    Shared(state): Shared<State>,
    Writer(who): Writer,
    Path(id): Path<ChatId>,
    Json(input): Json<LaterInput>,
) -> Result<impl IntoResponse, Problem> {
    let LaterInput { at, mut message } = input;
    let chat = chat::visible(&state.db, &who.sight, id).await?.ok_or(Fault::ChatNotFound)?;
    time(at)?;
    message.text = words(&message.text)?;
    if !message.files.is_empty() || message.content.is_some() || message.note {
        return Err(Problem::with(Fault::Invalid, "message"));
    }
    message.client_id = String::new();
    let mut tx = state.db.begin().await?;
    if later::count(&mut tx, id).await? >= MAX_WAITING {
        return Err(Fault::TooMany.into());
    }
    let waits = later::insert(&mut tx, chat.account, id, who.user, &message, at, now()).await?;
    tx.commit().await?;
    let author = UserRef { id: who.user, name: who.name };
    Ok((StatusCode::CREATED, Json(Later { id: waits, chat: id, author, at, message, failure: None })))
}

/// Gives a waiting message another time or text.
#[utoipa::path(patch, path = "/later/{id}", tag = "later", params(("id" = i64, Path)), request_body = LaterChange,
    responses((status = 200, body = Later)))]
async fn change(
    Shared(state): Shared<State>,
    Writer(who): Writer,
    Path(id): Path<LaterId>,
    Json(input): Json<LaterChange>,
) -> Result<Json<Later>, Problem> {
    let mut tx = state.db.begin().await?;
    let mut waits = seen(&mut tx, &who, id).await?;
    if let Some(at) = input.at {
        time(at)?;
        waits.at = at;
    }
    if let Some(text) = input.text {
        waits.message.text = words(&text)?;
    }
    waits.failure = None;
    later::update(&mut tx, &waits).await?;
    tx.commit().await?;
    Ok(Json(waits))
}

/// Cancels a waiting message.
#[utoipa::path(delete, path = "/later/{id}", tag = "later", params(("id" = i64, Path)), responses((status = 204)))]
async fn cancel(
    Shared(state): Shared<State>,
    Writer(who): Writer,
    Path(id): Path<LaterId>,
) -> Result<StatusCode, Problem> {
    let mut tx = state.db.begin().await?;
    seen(&mut tx, &who, id).await?;
    later::delete(&mut tx, id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn seen(tx: &mut Tx, who: &Who, id: LaterId) -> Result<Later, Problem> {
    let row = later::get(tx, id).await?.filter(|row| who.sight.sees(row.account())).ok_or(Fault::LaterNotFound)?;
    Ok(row.open()?)
}

fn time(at: Moment) -> Result<(), Problem> {
    let wait = at.since(now());
    if (1..=FURTHEST).contains(&wait) { Ok(()) } else { Err(Fault::TimeInvalid.into()) }
}

fn words(text: &str) -> Result<String, Problem> {
    let text = text.replace('\0', "").trim_end().to_owned();
    if text.trim().is_empty() {
        return Err(Fault::MessageEmpty.into());
    }
    if text.chars().nth(MAX_TEXT).is_some() { Err(Fault::TextTooLong.into()) } else { Ok(text) }
}
