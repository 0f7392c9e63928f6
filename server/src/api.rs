//! The API for browsers and integrators: `/api/v1`, its description at `/api/openapi.json` and a page to try it at
//! `/api/docs`. Each noun is a file. This one says in which order a request passes what.

pub mod account;
pub mod chat;
mod description;
pub mod draft;
pub mod file;
pub mod key;
pub mod label;
pub mod later;
pub mod log;
pub mod mark;
pub mod message;
pub mod quick;
pub mod search;
pub mod session;
pub mod setup;
pub mod user;

use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use domain::Fault;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::{CsrfLayer, ProtectionError};
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, RequestId, SetRequestIdLayer};
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::trace::{DefaultOnFailure, TraceLayer};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use utoipa_swagger_ui::{Config, SwaggerUi};

use self::description::{Description, finish};

use crate::fault::{self, Problem};
use crate::live;
use crate::pages;
use crate::state::State;

/// The largest JSON body, bytes.
const MAX_BODY: usize = 1024 * 1024;
/// How long a call may take. Files take what they take, and `/live` is answered at once.
const PATIENCE: Duration = Duration::from_secs(60);

/// Every call with its description.
fn described() -> OpenApiRouter<State> {
    let plain = OpenApiRouter::default()
        .merge(setup::routes())
        .merge(session::routes())
        .merge(user::routes())
        .merge(key::routes())
        .merge(account::routes())
        .merge(chat::routes())
        .merge(message::routes())
        .merge(search::routes())
        .merge(draft::routes())
        .merge(label::routes())
        .merge(mark::routes())
        .merge(quick::routes())
        .merge(later::routes())
        .merge(log::routes())
        .routes(routes!(live::live))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(middleware::from_fn(|request, next| fault::in_time(PATIENCE, request, next)));
    OpenApiRouter::with_openapi(Description::openapi()).nest("/api/v1", plain.merge(file::routes()))
}

/// Everything under `/api`.
pub fn router(state: &State) -> Router<State> {
    let (calls, _) = described().split_for_parts();
    calls
        .merge(documents())
        .route("/api/{*rest}", axum::routing::any(fault::no_such_call))
        .method_not_allowed_fallback(fault::wrong_method)
        .layer(CatchPanicLayer::custom(fault::caught))
        .layer(csrf(state).with_rejection_response(cross_site as fn(ProtectionError) -> Response))
        .layer(middleware::from_fn(fault::speak))
        .layer(SetResponseHeaderLayer::if_not_present(CACHE_CONTROL, HeaderValue::from_static("no-store")))
}

/// What every request passes, whatever it asks for: it gets a name and a line in the log, and its answer the headers of
/// a careful server. Headers and bodies of requests are never logged.
pub fn wrapped(router: Router<State>) -> Router<State> {
    let name = HeaderName::from_static("x-request-id");
    let trace = TraceLayer::new_for_http().make_span_with(span).on_failure(DefaultOnFailure::new());
    router
        .layer(CatchPanicLayer::custom(fault::caught))
        .layer(middleware::from_fn(pages::headers))
        .layer(PropagateRequestIdLayer::new(name.clone()))
        .layer(trace)
        .layer(SetRequestIdLayer::new(name, MakeRequestUuid))
}

/// The description of the API, OpenAPI 3.1.
pub fn openapi() -> utoipa::openapi::OpenApi {
    finish(described().into_openapi())
}

fn documents() -> Router<State> {
    let config = Config::new(["/api/openapi.json"]).try_it_out_enabled(true).validator_url("none");
    let page: Router<State> = SwaggerUi::new("/api/docs").config(config).into();
    // The vendored page has its own styles in line; scripts are files of this server like everywhere else.
    let policy = HeaderValue::from_static(
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
         font-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    );
    page.layer(SetResponseHeaderLayer::overriding(CONTENT_SECURITY_POLICY, policy))
        .route("/api/openapi.json", axum::routing::get(|| async { axum::Json(openapi()) }))
}

fn csrf(state: &State) -> CsrfLayer {
    // Behind a proxy that rewrites Host the browser's Origin is still our public address.
    let ours = state.config.public_url.as_deref().and_then(|url| url::Url::parse(url).ok());
    let origin = ours.map(|url| url.origin().ascii_serialization());
    match origin.map(|origin| CsrfLayer::new().add_trusted_origin(origin)) {
        Some(Ok(layer)) => layer,
        _ => CsrfLayer::new(),
    }
}

fn cross_site(_: ProtectionError) -> Response {
    Problem::from(Fault::CrossSite).into_response()
}

/// A request in the log. The path as the router knows it: without ids, and without queries, which may hold names.
fn span<B>(request: &axum::http::Request<B>) -> tracing::Span {
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let id = request.extensions().get::<RequestId>().and_then(|id| id.header_value().to_str().ok()).unwrap_or_default();
    tracing::info_span!("request", method = %request.method(), route, id, user = tracing::field::Empty)
}
