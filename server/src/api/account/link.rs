//! Linking and unlinking the phone of an account. Administrators only: whoever scans decides whose chats come in.

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State as Shared;
use domain::account::{PairingCode, PairingInput, Qr};
use domain::{Account, AccountId, Fault, Phone};
use moka::future::Cache;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ask_state, gateway, living, problem, view};
use crate::auth::Administrator;
use crate::fault::{Json, Path, Problem};
use crate::gateway::Trouble;
use crate::state::State;

/// How long one answer serves all who look: the provider counts our questions, and a code lives for twenty seconds.
const SHOWN_FOR: Duration = Duration::from_secs(1);

/// The last answers, so that many viewers are one question.
type Codes = Cache<AccountId, Result<Qr, Arc<Trouble>>>;

/// Calls about the phone.
pub(super) fn routes() -> OpenApiRouter<State> {
    let codes: Codes = Cache::builder().max_capacity(1_000).time_to_live(SHOWN_FOR).build();
    OpenApiRouter::new()
        .routes(routes!(qr))
        .routes(routes!(pairing_code))
        .routes(routes!(logout))
        .layer(Extension(codes))
}

/// The picture to scan with the phone. Ask every two seconds while it is shown.
#[utoipa::path(get, path = "/accounts/{id}/qr", tag = "accounts", params(("id" = i64, Path)),
    responses((status = 200, body = Qr)))]
async fn qr(
    Shared(state): Shared<State>,
    Extension(codes): Extension<Codes>,
    Administrator(who): Administrator,
    Path(id): Path<AccountId>,
) -> Result<Json<Qr>, Problem> {
    let row = living(&state, id).await?;
    let gateway = gateway(&state, &row)?;
    let answer = codes.get_with(id, async move { gateway.qr().await.map_err(Arc::new) }).await;
    Ok(Json(answer.map_err(|trouble| problem(&trouble, &who))?))
}

/// A code to type into WhatsApp on the phone, for those who cannot scan.
#[utoipa::path(post, path = "/accounts/{id}/pairing-code", tag = "accounts", params(("id" = i64, Path)),
    request_body = PairingInput, responses((status = 200, body = PairingCode)))]
async fn pairing_code(
    Shared(state): Shared<State>,
    Administrator(who): Administrator,
    Path(id): Path<AccountId>,
    Json(input): Json<PairingInput>,
) -> Result<Json<PairingCode>, Problem> {
    let row = living(&state, id).await?;
    let phone = Phone::parse(&input.phone).ok_or(Fault::PhoneInvalid)?;
    let code = gateway(&state, &row)?.pairing_code(&phone).await.map_err(|trouble| problem(&trouble, &who))?;
    Ok(Json(code))
}

/// Unlinks the phone.
#[utoipa::path(post, path = "/accounts/{id}/logout", tag = "accounts", params(("id" = i64, Path)),
    responses((status = 200, body = Account)))]
async fn logout(
    Shared(state): Shared<State>,
    Administrator(who): Administrator,
    Path(id): Path<AccountId>,
) -> Result<Json<Account>, Problem> {
    let row = living(&state, id).await?;
    gateway(&state, &row)?.logout().await.map_err(|trouble| problem(&trouble, &who))?;
    if let Err(problem) = ask_state(&state, &row, &who).await {
        // The phone is unlinked all the same; the state will be asked again by itself.
        tracing::info!(account = id.0, code = problem.fault.code(), "no state after unlinking");
    }
    Ok(Json(view(&state, &living(&state, id).await?, &who).await?))
}
