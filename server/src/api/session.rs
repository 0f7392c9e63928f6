//! Signing in and out, one's own profile, and where one is signed in.

use axum::extract::State as Shared;
use axum::http::header::{SET_COOKIE, USER_AGENT};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::IntoResponse;
use domain::user::{Me, Session, SignIn, UserInput};
use domain::{Fault, Page, Role, UserId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::{self, COOKIE_NAME, Peer, SESSION_FOR, Who, staff};
use crate::fault::{Json, Path, Problem};
use crate::ledger::now;
use crate::secret;
use crate::state::State;
use crate::store::session::NewSession;
use crate::store::user::UserRow;
use crate::store::{session, user};

/// Calls of sign-in and profile.
pub fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(read, sign_in, sign_out))
        .routes(routes!(change))
        .routes(routes!(list))
        .routes(routes!(end))
}

/// Signs in: the answer sets the session's cookie. Guessing is slowed down by login and by address.
#[utoipa::path(post, path = "/session", tag = "session", security(()), request_body = SignIn,
    responses((status = 200, body = Me)))]
async fn sign_in(
    Shared(state): Shared<State>,
    peer: Peer,
    headers: HeaderMap,
    Json(input): Json<SignIn>,
) -> Result<impl IntoResponse, Problem> {
    let row = auth::check_pair(&state, peer.ip, &input.login, input.password).await?;
    if row.role == Role::Service {
        return Err(Fault::Forbidden.into());
    }
    let cookie = begin(&state, &peer, &headers, row.id).await?;
    Ok((cookie, Json(me(&state, row))))
}

/// Who is signed in.
#[utoipa::path(get, path = "/session", tag = "session", responses((status = 200, body = Me)))]
async fn read(Shared(state): Shared<State>, who: Who) -> Result<Json<Me>, Problem> {
    let row = user::get(&state.db, who.user).await?.ok_or(Fault::SignedOut)?;
    Ok(Json(me(&state, row)))
}

/// Signs out. Does no harm to those who are not signed in.
#[utoipa::path(delete, path = "/session", tag = "session", security(()), responses((status = 204)))]
async fn sign_out(
    Shared(state): Shared<State>,
    peer: Peer,
    who: Result<Who, Problem>,
) -> Result<impl IntoResponse, Problem> {
    if let Ok(Who { session: Some(id), user, .. }) = who {
        let mut tx = state.db.begin().await?;
        session::end(&mut tx, user, &id).await?;
        tx.commit().await?;
        state.guard.forget();
    }
    Ok((StatusCode::NO_CONTENT, cookie("", 0, state.guard.secure(&peer))?))
}

/// Changes one's own name or password. A new password needs the old one and ends all other sessions.
#[utoipa::path(patch, path = "/me", tag = "session", request_body = UserInput, responses((status = 200, body = Me)))]
async fn change(
    Shared(state): Shared<State>,
    who: Who,
    peer: Peer,
    Json(input): Json<UserInput>,
) -> Result<Json<Me>, Problem> {
    if input.login.is_some() || input.role.is_some() || input.enabled.is_some() {
        return Err(Fault::Forbidden.into());
    }
    let before = user::get(&state.db, who.user).await?.ok_or(Fault::SignedOut)?;
    if input.password.is_some() {
        let old = input.old_password.clone().unwrap_or_default();
        auth::check_pair(&state, peer.ip, &before.login, old).await?;
    }
    let row = staff::revise(&state.guard, before.clone(), &input).await?;
    let mut tx = state.db.begin().await?;
    staff::keep(&mut tx, &before, &row, who.session.as_deref()).await?;
    tx.commit().await?;
    state.guard.forget();
    Ok(Json(me(&state, row)))
}

/// Where one is signed in.
#[utoipa::path(get, path = "/sessions", tag = "session", responses((status = 200, body = Page<Session>)))]
async fn list(Shared(state): Shared<State>, who: Who) -> Result<Json<Page<Session>>, Problem> {
    let items = session::list(&state.db, who.user, who.session.as_deref(), now()).await?;
    Ok(Json(Page { items, next: None }))
}

/// Ends one of one's own sessions.
#[utoipa::path(delete, path = "/sessions/{id}", tag = "session", params(("id" = String, Path)),
    responses((status = 204)))]
async fn end(Shared(state): Shared<State>, who: Who, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    let mut tx = state.db.begin().await?;
    if !session::end(&mut tx, who.user, &id).await? {
        return Err(Fault::SessionNotFound.into());
    }
    tx.commit().await?;
    state.guard.forget();
    Ok(StatusCode::NO_CONTENT)
}

/// What the client needs to know of whoever is signed in.
pub(super) fn me(state: &State, row: UserRow) -> Me {
    Me { user: row.into(), version: env!("CARGO_PKG_VERSION").to_owned(), public_url: state.config.public_url.clone() }
}

/// Begins a session and answers its cookie.
pub(super) async fn begin(
    state: &State,
    peer: &Peer,
    headers: &HeaderMap,
    user: UserId,
) -> Result<[(HeaderName, HeaderValue); 1], Problem> {
    let (token, id, at) = (secret::token(), secret::token(), now());
    let agent = headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let agent: String = agent.chars().take(300).collect();
    let mut tx = state.db.begin().await?;
    session::insert(
        &mut tx,
        &NewSession {
            id: &id,
            token_hash: &secret::hash(&token),
            user,
            at,
            expires_at: at.plus(SESSION_FOR),
            ip: &peer.ip.to_string(),
            user_agent: &agent,
        },
    )
    .await?;
    tx.commit().await?;
    tracing::info!(user = user.0, ip = %peer.ip, "signed in");
    cookie(&token, SESSION_FOR / 1000, state.guard.secure(peer))
}

fn cookie(token: &str, seconds: i64, secure: bool) -> Result<[(HeaderName, HeaderValue); 1], Problem> {
    let secure = if secure { "; Secure" } else { "" };
    let text = format!("{COOKIE_NAME}={token}; HttpOnly; SameSite=Lax; Path=/; Max-Age={seconds}{secure}");
    let value = HeaderValue::from_str(&text).map_err(|_| Fault::Internal)?;
    Ok([(SET_COOKIE, value)])
}
