//! Texts begun and not sent: they follow a person from one computer to the next.

use axum::extract::State as Shared;
use axum::http::StatusCode;
use domain::chat::Draft;
use domain::message::MAX_TEXT;
use domain::{ChatId, Fault, Page};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::{Who, Writer};
use crate::fault::{Json, Path, Problem};
use crate::ledger::now;
use crate::state::State;
use crate::store::{chat, draft};

/// Calls about drafts.
pub fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(put))
}

/// One's own drafts, the newest first.
#[utoipa::path(get, path = "/drafts", tag = "drafts", responses((status = 200, body = Page<Draft>)))]
async fn list(Shared(state): Shared<State>, who: Who) -> Result<Json<Page<Draft>>, Problem> {
    Ok(Json(Page { items: draft::list(&state.db, &who.sight, who.user).await?, next: None }))
}

/// Keeps one's own draft of a chat; an empty text removes it. The chat of the path counts, not the one in the body.
#[utoipa::path(put, path = "/chats/{id}/draft", tag = "drafts", params(("id" = i64, Path)), request_body = Draft,
    responses((status = 204)))]
async fn put(
    Shared(state): Shared<State>,
    Writer(who): Writer,
    Path(id): Path<ChatId>,
    Json(mut input): Json<Draft>,
) -> Result<StatusCode, Problem> {
    if input.text.chars().nth(MAX_TEXT).is_some() {
        return Err(Fault::TextTooLong.into());
    }
    chat::visible(&state.db, &who.sight, id).await?.ok_or(Fault::ChatNotFound)?;
    input.chat = id;
    let mut tx = state.db.begin().await?;
    draft::put(&mut tx, who.user, &input, now()).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
