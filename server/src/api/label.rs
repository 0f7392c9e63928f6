//! Labels: everybody sees and puts them on chats, supervisors and administrators make them.

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use domain::label::{Label, LabelInput, LabelSet, MAX_LABELS, MAX_NAME};
use domain::{Chat, ChatId, Command, Fault, LabelId, Page, Role};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::{Who, Writer};
use crate::fault::{Json, Path, Problem};
use crate::ledger::Done;
use crate::state::State;
use crate::store::label;

/// Calls about labels.
pub fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(change, remove)).routes(routes!(put))
}

/// All labels by name.
#[utoipa::path(get, path = "/labels", tag = "labels", responses((status = 200, body = Page<Label>)))]
async fn list(Shared(state): Shared<State>, _: Who) -> Result<Json<Page<Label>>, Problem> {
    Ok(Json(Page { items: label::all(&state.db).await?, next: None }))
}

/// Makes a label.
#[utoipa::path(post, path = "/labels", tag = "labels", request_body = LabelInput, responses((status = 201, body = Label)))]
async fn create(
    Shared(state): Shared<State>,
    who: Who,
    Json(input): Json<LabelInput>,
) -> Result<impl IntoResponse, Problem> {
    let input = checked(&who, input)?;
    let mut tx = state.db.begin().await?;
    if label::count(&mut tx).await? >= MAX_LABELS {
        return Err(Fault::TooMany.into());
    }
    let id = label::insert(&mut tx, &input).await?.ok_or(Fault::NameTaken)?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(Label { id, name: input.name, colour: input.colour })))
}

/// Changes a label's word and colour.
#[utoipa::path(patch, path = "/labels/{id}", tag = "labels", params(("id" = i64, Path)), request_body = LabelInput,
    responses((status = 200, body = Label)))]
async fn change(
    Shared(state): Shared<State>,
    who: Who,
    Path(id): Path<LabelId>,
    Json(input): Json<LabelInput>,
) -> Result<Json<Label>, Problem> {
    let input = checked(&who, input)?;
    let mut tx = state.db.begin().await?;
    if !label::exists(&mut tx, id).await? {
        return Err(Fault::LabelNotFound.into());
    }
    if !label::update(&mut tx, id, &input).await? {
        return Err(Fault::NameTaken.into());
    }
    tx.commit().await?;
    Ok(Json(Label { id, name: input.name, colour: input.colour }))
}

/// Removes a label from all chats and altogether.
#[utoipa::path(delete, path = "/labels/{id}", tag = "labels", params(("id" = i64, Path)), responses((status = 204)))]
async fn remove(Shared(state): Shared<State>, who: Who, Path(id): Path<LabelId>) -> Result<StatusCode, Problem> {
    allowed(&who)?;
    let mut tx = state.db.begin().await?;
    label::delete(&mut tx, id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Puts a label on a chat or takes it off.
#[utoipa::path(post, path = "/chats/{id}/label", tag = "labels", params(("id" = i64, Path)), request_body = LabelSet,
    responses((status = 200, body = Chat)))]
async fn put(
    Shared(state): Shared<State>,
    Writer(who): Writer,
    Path(id): Path<ChatId>,
    Json(input): Json<LabelSet>,
) -> Result<Json<Chat>, Problem> {
    match state.ledger.command(&who, Command::Label { chat: id, label: input.label, on: input.on }).await? {
        Done::Chat(chat) => Ok(Json(*chat)),
        _ => Err(Fault::Internal.into()),
    }
}

fn allowed(who: &Who) -> Result<(), Problem> {
    if who.role >= Role::Supervisor { Ok(()) } else { Err(Fault::Forbidden.into()) }
}

fn checked(who: &Who, mut input: LabelInput) -> Result<LabelInput, Problem> {
    allowed(who)?;
    input.name = input.name.trim().replace('\0', "");
    if input.name.is_empty() || input.name.chars().nth(MAX_NAME).is_some() {
        return Err(Problem::with(Fault::Invalid, "name"));
    }
    Ok(input)
}
