//! Messages of a chat: reading them page by page, sending, sending again.

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::command::Outgoing;
use domain::content::MessageInfo;
use domain::list::Cursor;
use domain::message::{EditInput, ForwardInput, MessageInput, ReactInput, Shelf};
use domain::{ChatId, Command, Fault, Message, MessageId, Moment, Origin, Page, Role};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::chat::SEQ;
use crate::auth::{Who, Writer};
use crate::fault::{Json, Path, Problem, Query};
use crate::ledger::Done;
use crate::state::State;
use crate::store::message::Window;
use crate::store::{chat, event, message};

/// The routes of this noun.
pub fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(list, send))
        .routes(routes!(again))
        .routes(routes!(edit, delete))
        .routes(routes!(react))
        .routes(routes!(forward))
        .routes(routes!(info))
        .routes(routes!(gallery))
}

/// Which part of a chat is asked for. At most one of the three anchors.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListInput {
    /// 1–100, 50 unless told.
    limit: Option<i64>,
    /// What came before this message.
    before: Option<MessageId>,
    /// What came after this message.
    after: Option<MessageId>,
    /// This message and both sides of it.
    around: Option<MessageId>,
    /// What was said from this moment on, unix milliseconds, and a little before it.
    at: Option<i64>,
}

/// Which part of a chat's gallery is asked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct GalleryInput {
    /// Pictures and films, documents and recordings, or links.
    #[param(inline)]
    shelf: Shelf,
    /// 1–100, 50 unless told.
    limit: Option<i64>,
    /// Where the page before ended.
    before: Option<String>,
}

/// A page of a chat, oldest first; without an anchor the newest page. `next` goes on in the direction asked for.
#[utoipa::path(get, path = "/chats/{id}/messages", tag = "messages", params(("id" = i64, Path), ListInput),
    responses((status = 200, body = Page<Message>)))]
async fn list(
    Shared(state): Shared<State>,
    who: Who,
    Path(id): Path<ChatId>,
    Query(input): Query<ListInput>,
) -> Result<Response, Problem> {
    let window = match (input.before, input.after, input.around, input.at) {
        (None, None, None, None) => Window::Newest,
        (Some(id), None, None, None) => Window::Before(id),
        (None, Some(id), None, None) => Window::After(id),
        (None, None, Some(id), None) => Window::Around(id),
        (None, None, None, Some(at)) => Window::At(Moment(at)),
        _ => return Err(Problem::with(Fault::Malformed, "before, after, around, at")),
    };
    let limit = input.limit.unwrap_or(50).clamp(1, 100);
    let seq = event::head(&state.db).await?;
    chat::visible(&state.db, &who.sight, id).await?.ok_or(Fault::ChatNotFound)?;
    let items = message::window(&state.db, id, window, limit).await?.ok_or(Fault::MessageNotFound)?;
    let full = i64::try_from(items.len()).unwrap_or_default() == limit;
    let end = match window {
        Window::After(_) => items.last().filter(|_| full),
        // A page around a message may be short on one side only.
        Window::Around(_) | Window::At(_) => items.first(),
        Window::Newest | Window::Before(_) => items.first().filter(|_| full),
    };
    let next = end.map(|message| message.id.to_string());
    Ok(([(SEQ, seq.to_string())], Json(Page { items, next })).into_response())
}

/// A chat's pictures, files or links, newest first.
#[utoipa::path(get, path = "/chats/{id}/gallery", tag = "messages", params(("id" = i64, Path), GalleryInput),
    responses((status = 200, body = Page<Message>)))]
async fn gallery(
    Shared(state): Shared<State>,
    who: Who,
    Path(id): Path<ChatId>,
    Query(input): Query<GalleryInput>,
) -> Result<Json<Page<Message>>, Problem> {
    let before = match input.before.as_deref().map(str::parse::<Cursor>) {
        Some(Err(())) => return Err(Problem::with(Fault::Malformed, "before")),
        Some(Ok(cursor)) => Some(cursor),
        None => None,
    };
    chat::visible(&state.db, &who.sight, id).await?.ok_or(Fault::ChatNotFound)?;
    let limit = input.limit.unwrap_or(50).clamp(1, 100);
    let items = message::shelf(&state.db, id, input.shelf, before, limit).await?;
    let full = i64::try_from(items.len()).unwrap_or_default() == limit;
    let last = items.last().filter(|_| full);
    let next = last.map(|message| Cursor { at: message.sent_at.0, id: message.id.0 }.to_string());
    Ok(Json(Page { items, next }))
}

/// Says something. The same `client_id` again gives the same message.
#[utoipa::path(post, path = "/chats/{id}/messages", tag = "messages", params(("id" = i64, Path)),
    request_body = MessageInput, responses((status = 200, body = Message)))]
async fn send(
    Shared(state): Shared<State>,
    Writer(who): Writer,
    Path(id): Path<ChatId>,
    Json(input): Json<MessageInput>,
) -> Result<Json<Message>, Problem> {
    let outgoing = Outgoing {
        chat: id,
        author: Some(who.user),
        origin: Origin::Operator,
        client_id: input.client_id,
        text: input.text,
        files: input.files,
        quote: input.quote,
        note: input.note,
        voice: input.voice,
        forwarded: false,
        content: input.content,
    };
    show(state.ledger.command(&who, Command::Send(Box::new(outgoing))).await?)
}

/// Tries a failed message, or one whose fate is unknown, again.
#[utoipa::path(post, path = "/messages/{id}/again", tag = "messages", params(("id" = i64, Path)),
    responses((status = 200, body = Message)))]
async fn again(
    Shared(state): Shared<State>,
    Writer(who): Writer,
    Path(id): Path<MessageId>,
) -> Result<Json<Message>, Problem> {
    show(state.ledger.command(&who, Command::SendAgain(id)).await?)
}

/// Changes the text of a message sent from here: within 15 minutes, and where the provider can.
#[utoipa::path(patch, path = "/messages/{id}", tag = "messages", params(("id" = i64, Path)),
    request_body = EditInput, responses((status = 200, body = Message)))]
async fn edit(
    Shared(state): Shared<State>,
    Writer(who): Writer,
    Path(id): Path<MessageId>,
    Json(input): Json<EditInput>,
) -> Result<Json<Message>, Problem> {
    show(state.ledger.command(&who, Command::Edit { message: id, text: input.text }).await?)
}

/// Deletes a message sent from here for everyone. One that still waits never goes.
#[utoipa::path(delete, path = "/messages/{id}", tag = "messages", params(("id" = i64, Path)),
    responses((status = 200, body = Message)))]
async fn delete(
    Shared(state): Shared<State>,
    Writer(who): Writer,
    Path(id): Path<MessageId>,
) -> Result<Json<Message>, Problem> {
    show(state.ledger.command(&who, Command::Delete(id)).await?)
}

/// Reacts in the account's name; the same emoji again, or none, takes the reaction back.
#[utoipa::path(post, path = "/messages/{id}/react", tag = "messages", params(("id" = i64, Path)),
    request_body = ReactInput, responses((status = 200, body = Message)))]
async fn react(
    Shared(state): Shared<State>,
    Writer(who): Writer,
    Path(id): Path<MessageId>,
    Json(input): Json<ReactInput>,
) -> Result<Json<Message>, Problem> {
    show(state.ledger.command(&who, Command::React { message: id, emoji: input.emoji }).await?)
}

/// Sends messages on to other chats. The same `client_id` again forwards nothing twice.
#[utoipa::path(post, path = "/messages/forward", tag = "messages", request_body = ForwardInput,
    responses((status = 204)))]
async fn forward(
    Shared(state): Shared<State>,
    Writer(who): Writer,
    Json(input): Json<ForwardInput>,
) -> Result<StatusCode, Problem> {
    let ForwardInput { messages, chats, client_id } = input;
    state.ledger.command(&who, Command::Forward { messages, chats, client_id }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What happened to a message: when it was written, taken, delivered and read, what went wrong, its earlier texts. For
/// administrators also the notification that told of it, as it came.
#[utoipa::path(get, path = "/messages/{id}/info", tag = "messages", params(("id" = i64, Path)),
    responses((status = 200, body = MessageInfo)))]
async fn info(Shared(state): Shared<State>, who: Who, Path(id): Path<MessageId>) -> Result<Json<MessageInfo>, Problem> {
    let shown = message::visible(&state.db, &who.sight, id).await?.ok_or(Fault::MessageNotFound)?;
    let (steps, versions) = message::history(&state.db, id).await?;
    let chief = who.role == Role::Administrator;
    let raw = if chief { message::raw(&state.db, id).await? } else { None };
    let provider_id = message::provider_id(&state.db, id).await?;
    // What was deleted for everyone is not shown by this door either.
    let versions = if shown.deleted_at.is_some() && !chief { Vec::new() } else { versions };
    Ok(Json(MessageInfo { id, provider_id, steps, versions, raw }))
}

fn show(done: Done) -> Result<Json<Message>, Problem> {
    match done {
        Done::Message(message) => Ok(Json(*message)),
        _ => Err(Fault::Internal.into()),
    }
}
