//! What a person marks for themselves: pinned chats, starred messages, named filters, mentions seen.

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use domain::chat::{SavedFilter, SavedFilterInput};
use domain::list::Cursor;
use domain::mention::Mention;
use domain::{Chat, ChatId, Fault, FilterId, Message, MessageId, Page};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Who;
use crate::fault::{Json, Path, Problem, Query};
use crate::ledger::now;
use crate::state::State;
use crate::store::{chat, mark, mention, message};

/// Calls about one's own marks.
pub fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(pins))
        .routes(routes!(pin, unpin))
        .routes(routes!(stars))
        .routes(routes!(star, unstar))
        .routes(routes!(filters, save_filter))
        .routes(routes!(delete_filter))
        .routes(routes!(mentions))
        .routes(routes!(seen))
}

/// The chats that one keeps on top, in the order of their pinning.
#[utoipa::path(get, path = "/pins", tag = "marks", responses((status = 200, body = Page<Chat>)))]
async fn pins(Shared(state): Shared<State>, who: Who) -> Result<Json<Page<Chat>>, Problem> {
    Ok(Json(Page { items: mark::pins(&state.db, &who.sight, who.user).await?, next: None }))
}

/// Keeps a chat on top.
#[utoipa::path(put, path = "/chats/{id}/pin", tag = "marks", params(("id" = i64, Path)), responses((status = 204)))]
async fn pin(Shared(state): Shared<State>, who: Who, Path(id): Path<ChatId>) -> Result<StatusCode, Problem> {
    chat::visible(&state.db, &who.sight, id).await?.ok_or(Fault::ChatNotFound)?;
    let mut tx = state.db.begin().await?;
    if !mark::pin(&mut tx, who.user, id, now()).await? {
        return Err(Fault::TooMany.into());
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Keeps it there no longer.
#[utoipa::path(delete, path = "/chats/{id}/pin", tag = "marks", params(("id" = i64, Path)), responses((status = 204)))]
async fn unpin(Shared(state): Shared<State>, who: Who, Path(id): Path<ChatId>) -> Result<StatusCode, Problem> {
    let mut tx = state.db.begin().await?;
    mark::unpin(&mut tx, who.user, id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Which part of the starred messages is asked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StarsInput {
    /// 1–100, 50 unless told.
    limit: Option<i64>,
    /// The `next` of the page before.
    before: Option<String>,
    /// Of this chat only.
    chat: Option<ChatId>,
}

/// One's starred messages, the last starred first.
#[utoipa::path(get, path = "/stars", tag = "marks", params(StarsInput), responses((status = 200, body = Page<Message>)))]
async fn stars(
    Shared(state): Shared<State>,
    who: Who,
    Query(input): Query<StarsInput>,
) -> Result<Json<Page<Message>>, Problem> {
    let before = match input.before.as_deref() {
        None | Some("") => None,
        Some(text) => {
            let cursor = text.parse::<Cursor>().map_err(|()| Problem::with(Fault::Malformed, "before"))?;
            Some((cursor.at, cursor.id))
        }
    };
    let limit = input.limit.unwrap_or(50).clamp(1, 100);
    let items = mark::stars(&state.db, &who.sight, who.user, input.chat, before, limit).await?;
    let full = i64::try_from(items.len()).unwrap_or_default() == limit;
    let next = items.last().filter(|_| full).map(|(at, message)| Cursor { at: at.0, id: message.id.0 }.to_string());
    Ok(Json(Page { items: items.into_iter().map(|(_, message)| message).collect(), next }))
}

/// Puts a star on a message, to find it again.
#[utoipa::path(put, path = "/messages/{id}/star", tag = "marks", params(("id" = i64, Path)), responses((status = 204)))]
async fn star(Shared(state): Shared<State>, who: Who, Path(id): Path<MessageId>) -> Result<StatusCode, Problem> {
    let shown = message::visible(&state.db, &who.sight, id).await?.ok_or(Fault::MessageNotFound)?;
    let mut tx = state.db.begin().await?;
    mark::star(&mut tx, who.user, id, shown.account, Some(now())).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes the star away.
#[utoipa::path(delete, path = "/messages/{id}/star", tag = "marks", params(("id" = i64, Path)),
    responses((status = 204)))]
async fn unstar(Shared(state): Shared<State>, who: Who, Path(id): Path<MessageId>) -> Result<StatusCode, Problem> {
    let shown = message::visible(&state.db, &who.sight, id).await?.ok_or(Fault::MessageNotFound)?;
    let mut tx = state.db.begin().await?;
    mark::star(&mut tx, who.user, id, shown.account, None).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// One's named filters, in the order of their making.
#[utoipa::path(get, path = "/filters", tag = "marks", responses((status = 200, body = Page<SavedFilter>)))]
async fn filters(Shared(state): Shared<State>, who: Who) -> Result<Json<Page<SavedFilter>>, Problem> {
    Ok(Json(Page { items: mark::filters(&state.db, who.user).await?, next: None }))
}

/// Names a filter.
#[utoipa::path(post, path = "/filters", tag = "marks", request_body = SavedFilterInput,
    responses((status = 201, body = SavedFilter)))]
async fn save_filter(
    Shared(state): Shared<State>,
    who: Who,
    Json(input): Json<SavedFilterInput>,
) -> Result<impl IntoResponse, Problem> {
    let SavedFilterInput { name, filter } = input;
    let name = name.trim().replace('\0', "");
    if name.is_empty() || name.chars().nth(40).is_some() {
        return Err(Problem::with(Fault::Invalid, "name"));
    }
    if filter.text.as_ref().is_some_and(|text| text.chars().nth(100).is_some()) {
        return Err(Problem::with(Fault::Invalid, "filter"));
    }
    let mut tx = state.db.begin().await?;
    let id = mark::save_filter(&mut tx, who.user, &name, &filter).await?.ok_or(Fault::TooMany)?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(SavedFilter { id, name, filter })))
}

/// Forgets a named filter.
#[utoipa::path(delete, path = "/filters/{id}", tag = "marks", params(("id" = i64, Path)), responses((status = 204)))]
async fn delete_filter(
    Shared(state): Shared<State>,
    who: Who,
    Path(id): Path<FilterId>,
) -> Result<StatusCode, Problem> {
    let mut tx = state.db.begin().await?;
    mark::delete_filter(&mut tx, who.user, id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Which part of the mentions is asked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MentionsInput {
    /// 1–100, 50 unless told.
    limit: Option<i64>,
    /// The `next` of the page before.
    before: Option<MessageId>,
}

/// Notes that mention one, the newest first.
#[utoipa::path(get, path = "/mentions", tag = "marks", params(MentionsInput),
    responses((status = 200, body = Page<Mention>)))]
async fn mentions(
    Shared(state): Shared<State>,
    who: Who,
    Query(input): Query<MentionsInput>,
) -> Result<Json<Page<Mention>>, Problem> {
    let limit = input.limit.unwrap_or(50).clamp(1, 100);
    let items = mention::list(&state.db, &who.sight, who.user, input.before, limit).await?;
    let full = i64::try_from(items.len()).unwrap_or_default() == limit;
    let next = items.last().filter(|_| full).map(|mention| mention.message.id.to_string());
    Ok(Json(Page { items, next }))
}

/// One has seen everything in a chat that mentions one.
#[utoipa::path(post, path = "/chats/{id}/mentions/seen", tag = "marks", params(("id" = i64, Path)),
    responses((status = 204)))]
async fn seen(Shared(state): Shared<State>, who: Who, Path(id): Path<ChatId>) -> Result<StatusCode, Problem> {
    chat::visible(&state.db, &who.sight, id).await?.ok_or(Fault::ChatNotFound)?;
    let mut tx = state.db.begin().await?;
    mention::seen(&mut tx, who.user, id, now()).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
