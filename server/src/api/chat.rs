//! Chats: the list, its counts, beginning one, and what staff do with one.

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::chat::{
    AssignInput, BulkAction, BulkInput, ChatCounts, ChatFilter, CloseInput, MAX_BULK, OpenInput, ReadInput,
};
use domain::list::Cursor;
use domain::{Chat, ChatId, Command, Fault, Page, Phone, UserId};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::{Who, Writer};
use crate::fault::{Json, Path, Problem, Query};
use crate::ledger::Done;
use crate::state::State;
use crate::store::{chat, event, user};

/// The routes of this noun.
pub fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(list, open))
        .routes(routes!(counts))
        .routes(routes!(one))
        .routes(routes!(read))
        .routes(routes!(unread))
        .routes(routes!(bulk))
        .routes(routes!(assign))
        .routes(routes!(close))
        .routes(routes!(settle))
        .routes(routes!(typing))
}

/// The header that tells the event number at the time of reading: open `/live` after it and nothing is missed.
pub const SEQ: &str = "x-seq";

/// What part of the list is asked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListInput {
    /// 1–100, 50 unless told.
    limit: Option<i64>,
    /// The `next` of the page before.
    before: Option<String>,
}

/// Chats that the person may see, newest first.
#[utoipa::path(get, path = "/chats", tag = "chats", params(ListInput, ChatFilter), responses((status = 200, body = Page<Chat>)))]
async fn list(
    Shared(state): Shared<State>,
    who: Who,
    Query(input): Query<ListInput>,
    Query(filter): Query<ChatFilter>,
) -> Result<Response, Problem> {
    let before = match input.before.as_deref() {
        None | Some("") => None,
        Some(text) => Some(text.parse::<Cursor>().map_err(|()| Problem::with(Fault::Malformed, "before"))?),
    };
    let limit = input.limit.unwrap_or(50).clamp(1, 100);
    let seq = event::head(&state.db).await?;
    let items = chat::list(&state.db, &who.sight, who.user, &filter, before, limit).await?;
    let full = i64::try_from(items.len()).unwrap_or_default() == limit;
    let next = items.last().filter(|_| full).map(|chat| Cursor { at: chat.active_at.0, id: chat.id.0 }.to_string());
    Ok(([(SEQ, seq.to_string())], Json(Page { items, next })).into_response())
}

/// How many chats each filter would show.
#[utoipa::path(get, path = "/chats/counts", tag = "chats", responses((status = 200, body = ChatCounts)))]
async fn counts(Shared(state): Shared<State>, who: Who) -> Result<Json<ChatCounts>, Problem> {
    Ok(Json(chat::counts(&state.db, &who.sight, who.user).await?))
}

/// One chat.
#[utoipa::path(get, path = "/chats/{id}", tag = "chats", params(("id" = i64, Path)), responses((status = 200, body = Chat)))]
async fn one(Shared(state): Shared<State>, who: Who, Path(id): Path<ChatId>) -> Result<Json<Chat>, Problem> {
    Ok(Json(chat::visible(&state.db, &who.sight, id).await?.ok_or(Fault::ChatNotFound)?))
}

/// Begins or finds the conversation with a number. Where the provider can tell, the number is checked first.
#[utoipa::path(post, path = "/chats", tag = "chats", request_body = OpenInput, responses((status = 200, body = Chat)))]
async fn open(
    Shared(state): Shared<State>,
    Writer(who): Writer,
    Json(input): Json<OpenInput>,
) -> Result<Json<Chat>, Problem> {
    let row = state.accounts.get(input.account).await?;
    let row = row.filter(|row| row.deleted_at.is_none() && who.sight.sees(row.id)).ok_or(Fault::AccountNotFound)?;
    if !row.enabled {
        return Err(Fault::AccountOff.into());
    }
    let phone = Phone::parse(&input.phone).ok_or(Fault::PhoneInvalid)?;
    if let Some(known) = chat::of_phone(&state.db, row.id, &phone).await? {
        return Ok(Json(chat::visible(&state.db, &who.sight, known).await?.ok_or(Fault::ChatNotFound)?));
    }
    if !row.switches.write_first {
        return Err(Fault::WriteFirstOff.into());
    }
    let gateway = state.gateways.build(&row)?;
    let address = gateway.check_number(&phone).await.map_err(Problem::from)?.ok_or(Fault::NoWhatsapp)?;
    show(state.ledger.command(&who, Command::Open { account: row.id, address }).await?)
}

/// Everything up to a message has been seen.
#[utoipa::path(post, path = "/chats/{id}/read", tag = "chats", params(("id" = i64, Path)), request_body = ReadInput,
    responses((status = 200, body = Chat)))]
async fn read(
    Shared(state): Shared<State>,
    Writer(who): Writer,
    Path(id): Path<ChatId>,
    Json(input): Json<ReadInput>,
) -> Result<Json<Chat>, Problem> {
    show(state.ledger.command(&who, Command::MarkRead { chat: id, up_to: input.up_to }).await?)
}

/// Gives the chat to a colleague, or to nobody.
#[utoipa::path(post, path = "/chats/{id}/assign", tag = "chats", params(("id" = i64, Path)), request_body = AssignInput,
    responses((status = 200, body = Chat)))]
async fn assign(
    Shared(state): Shared<State>,
    Writer(who): Writer,
    Path(id): Path<ChatId>,
    Json(input): Json<AssignInput>,
) -> Result<Json<Chat>, Problem> {
    assignable(&state, input.user).await?;
    show(state.ledger.command(&who, Command::Assign { chat: id, user: input.user }).await?)
}

/// Shows the chat as unread again, to come back to it.
#[utoipa::path(post, path = "/chats/{id}/unread", tag = "chats", params(("id" = i64, Path)),
    responses((status = 200, body = Chat)))]
async fn unread(
    Shared(state): Shared<State>,
    Writer(who): Writer,
    Path(id): Path<ChatId>,
) -> Result<Json<Chat>, Problem> {
    show(state.ledger.command(&who, Command::MarkUnread(id)).await?)
}

/// Does the same with several chats; those that one may not see are left out. Answers the chats as they are now.
#[utoipa::path(post, path = "/chats/bulk", tag = "chats", request_body = BulkInput,
    responses((status = 200, body = Page<Chat>)))]
async fn bulk(
    Shared(state): Shared<State>,
    Writer(who): Writer,
    Json(input): Json<BulkInput>,
) -> Result<Json<Page<Chat>>, Problem> {
    if !(1..=MAX_BULK).contains(&input.chats.len()) {
        return Err(Problem::with(Fault::Invalid, "chats"));
    }
    if let BulkAction::Assign { user } = input.action {
        assignable(&state, user).await?;
    }
    let mut chats = chat::by_ids(&state.db, &input.chats).await?;
    let mut items = Vec::new();
    for id in input.chats {
        let Some(shown) = chats.remove(&id).filter(|chat| who.sight.sees(chat.account)) else { continue };
        let command = match (&input.action, shown.last_message) {
            (BulkAction::Read, Some(last)) => Command::MarkRead { chat: id, up_to: last.id },
            (BulkAction::Read, None) => continue,
            (BulkAction::Close { closed }, _) => Command::SetClosed { chat: id, closed: *closed },
            (BulkAction::Assign { user }, _) => Command::Assign { chat: id, user: *user },
            (BulkAction::Label { label, on }, _) => Command::Label { chat: id, label: *label, on: *on },
        };
        if let Done::Chat(chat) = state.ledger.command(&who, command).await? {
            items.push(*chat);
        }
    }
    Ok(Json(Page { items, next: None }))
}

/// Whether chats can be given to somebody.
async fn assignable(state: &State, user: Option<UserId>) -> Result<(), Problem> {
    if let Some(user) = user {
        let known = user::get(&state.db, user).await?;
        known.filter(|user| user.enabled && user.role.writes()).ok_or(Fault::UserNotFound)?;
    }
    Ok(())
}

/// Closes the chat or opens it again.
#[utoipa::path(post, path = "/chats/{id}/close", tag = "chats", params(("id" = i64, Path)), request_body = CloseInput,
    responses((status = 200, body = Chat)))]
async fn close(
    Shared(state): Shared<State>,
    Writer(who): Writer,
    Path(id): Path<ChatId>,
    Json(input): Json<CloseInput>,
) -> Result<Json<Chat>, Problem> {
    show(state.ledger.command(&who, Command::SetClosed { chat: id, closed: input.closed }).await?)
}

/// The client does not wait for an answer.
#[utoipa::path(post, path = "/chats/{id}/no-answer-needed", tag = "chats", params(("id" = i64, Path)),
    responses((status = 200, body = Chat)))]
async fn settle(
    Shared(state): Shared<State>,
    Writer(who): Writer,
    Path(id): Path<ChatId>,
) -> Result<Json<Chat>, Problem> {
    show(state.ledger.command(&who, Command::NoAnswerNeeded(id)).await?)
}

/// Tells colleagues that somebody is typing here.
#[utoipa::path(post, path = "/chats/{id}/typing", tag = "chats", params(("id" = i64, Path)), responses((status = 204)))]
async fn typing(
    Shared(state): Shared<State>,
    Writer(who): Writer,
    Path(id): Path<ChatId>,
) -> Result<StatusCode, Problem> {
    let chat = chat::visible(&state.db, &who.sight, id).await?.ok_or(Fault::ChatNotFound)?;
    state.live.typing(&state, chat.account, id, &who).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn show(done: Done) -> Result<Json<Chat>, Problem> {
    match done {
        Done::Chat(chat) => Ok(Json(*chat)),
        _ => Err(Fault::Internal.into()),
    }
}
