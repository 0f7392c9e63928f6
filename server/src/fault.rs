//! How errors leave: [`Problem`] is the error of every handler, and the extractors here turn axum's own refusals into it.
//! [`speak`] words it in the language of `Accept-Language`. The table of errors is `domain::fault`.

use std::borrow::Cow;
use std::time::Duration;

use axum::body::Body;
use axum::extract::rejection::{BytesRejection, JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::{ACCEPT_LANGUAGE, CONTENT_LENGTH, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::fault::{FaultBody, FaultText};
use domain::{Fault, Language, locale};
use serde::Serialize;

/// The most characters of a detail that travel.
const MAX_DETAIL: usize = 300;

/// An error on its way out. Causes stay in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What the outside is told.
    pub fault: Fault,
    /// The place of the mistake or the provider's own words, without secrets.
    pub detail: Option<String>,
    /// Whether a 401 asks for HTTP Basic. Browsers would show their own window, so only `/hs` does.
    challenge: bool,
}

impl Problem {
    /// A fault with the place of the mistake or the provider's own words.
    pub fn with(fault: Fault, detail: impl Into<String>) -> Self {
        let detail: String = detail.into();
        let detail = match detail.char_indices().nth(MAX_DETAIL) {
            Some((end, _)) => format!("{}…", &detail[..end]),
            None => detail,
        };
        Self { fault, detail: Some(detail).filter(|text| !text.is_empty()), challenge: false }
    }

    /// As it is, and a 401 asks for HTTP Basic.
    #[must_use]
    pub fn challenging(mut self) -> Self {
        self.challenge = true;
        self
    }

    /// The envelope in a language.
    pub fn body(&self, language: Language) -> FaultBody {
        FaultBody {
            error: FaultText {
                code: self.fault.code().to_owned(),
                message: locale::fault(language, self.fault).to_owned(),
                detail: self.detail.clone(),
            },
        }
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Self { fault, detail: None, challenge: false }
    }
}

impl From<anyhow::Error> for Problem {
    /// The one place where a cause is logged.
    fn from(error: anyhow::Error) -> Self {
        let busy = error
            .chain()
            .filter_map(|cause| cause.downcast_ref::<sqlx::Error>())
            .any(|cause| matches!(cause, sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_)));
        // A NUL or another text that PostgreSQL does not keep: the caller's mistake, not ours.
        let unkept = error.chain().filter_map(|cause| cause.downcast_ref::<sqlx::Error>()).any(|cause| {
            cause
                .as_database_error()
                .and_then(|error| error.code())
                .is_some_and(|code| code == "22021" || code == "22P05")
        });
        if unkept {
            return Fault::Invalid.into();
        }
        let fault = if busy { Fault::Unavailable } else { Fault::Internal };
        tracing::error!(code = fault.code(), "{error:#}");
        fault.into()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.fault.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, axum::Json(self.body(Language::Ru))).into_response();
        let headers = response.headers_mut();
        let wait = match self.fault {
            Fault::TooManyAttempts => Some("60"),
            Fault::TooManyRequests => Some("10"),
            Fault::Unavailable => Some("2"),
            _ => None,
        };
        if let Some(seconds) = wait {
            headers.insert(RETRY_AFTER, HeaderValue::from_static(seconds));
        }
        if self.challenge && self.fault.status() == 401 {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"Besedka\""));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// The language that a request asks for; Russian unless English comes first.
pub fn language(headers: &HeaderMap) -> Language {
    headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).map(Language::negotiate).unwrap_or_default()
}

/// Middleware: words every [`Problem`] in the language of its request and notes it in the log.
pub async fn speak(request: Request, next: Next) -> Response {
    let language = language(request.headers());
    let response = next.run(request).await;
    let Some(problem) = response.extensions().get::<Problem>() else { return response };
    tracing::info!(code = problem.fault.code(), detail = problem.detail.as_deref(), "refused");
    if language == Language::Ru {
        return response;
    }
    let body = axum::Json(problem.body(language)).into_response().into_body();
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(CONTENT_LENGTH);
    Response::from_parts(parts, body)
}

/// Middleware: answers [`Fault::Timeout`] when a handler has not answered within `limit`.
pub async fn in_time(limit: Duration, request: Request, next: Next) -> Response {
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::from(Fault::Timeout).into_response(),
    }
}

/// Answers calls that do not exist.
pub async fn no_such_call() -> Problem {
    Fault::NotFound.into()
}

/// Answers calls that exist with another method.
pub async fn wrong_method() -> Problem {
    Fault::WrongMethod.into()
}

/// Makes a panic of a handler an answer. The panic itself has been logged by the hook.
pub fn caught(_panic: Box<dyn std::any::Any + Send + 'static>) -> Response<Body> {
    tracing::error!("a handler panicked");
    Problem::from(Fault::Internal).into_response()
}

/// A JSON body in, a JSON body out.
#[derive(Clone, Copy, Debug, Default, FromRequest)]
#[from_request(via(axum::Json), rejection(Problem))]
pub struct Json<T>(pub T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// The parameters of the query.
#[derive(Clone, Copy, Debug, Default, FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(Problem))]
pub struct Query<T>(pub T);

/// The variable parts of the path.
#[derive(Clone, Copy, Debug, Default, FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(Problem))]
pub struct Path<T>(pub T);

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        match rejection {
            JsonRejection::JsonDataError(error) => Self::with(Fault::Invalid, cause(&error.body_text())),
            JsonRejection::JsonSyntaxError(error) => Self::with(Fault::Malformed, cause(&error.body_text())),
            JsonRejection::MissingJsonContentType(_) => Fault::WrongType.into(),
            JsonRejection::BytesRejection(error) => error.into(),
            other => Self::with(Fault::Malformed, other.body_text()),
        }
    }
}

impl From<BytesRejection> for Problem {
    fn from(rejection: BytesRejection) -> Self {
        match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Fault::TooLarge.into(),
            _ => Fault::Malformed.into(),
        }
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Self::with(Fault::Malformed, cause(&rejection.body_text()))
    }
}

impl From<PathRejection> for Problem {
    fn from(_: PathRejection) -> Self {
        // A path whose id is not a number names nothing.
        Fault::NotFound.into()
    }
}

/// The useful part of axum's "Failed to …: expected …".
fn cause(text: &str) -> Cow<'_, str> {
    text.split_once(": ").map_or(Cow::Borrowed(text), |(_, rest)| Cow::Borrowed(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_detail_is_cut_between_characters() {
        let problem = Problem::with(Fault::Invalid, "ё".repeat(1000));
        assert_eq!(problem.detail.unwrap().chars().count(), MAX_DETAIL + 1);
        assert_eq!(Problem::with(Fault::Invalid, "").detail, None);
    }

    #[test]
    fn only_hs_asks_for_basic() {
        let plain = Problem::from(Fault::SignedOut).into_response();
        assert!(plain.headers().get(WWW_AUTHENTICATE).is_none());
        let asking = Problem::from(Fault::SignedOut).challenging().into_response();
        assert!(asking.headers()[WWW_AUTHENTICATE].to_str().unwrap() == "Basic realm=\"Besedka\"");
        assert_eq!(asking.status(), StatusCode::UNAUTHORIZED);
    }

    #[test]
    fn causes_never_travel() {
        let problem = Problem::from(anyhow::anyhow!("password is 123").context("opening"));
        assert_eq!(problem.fault, Fault::Internal);
        assert_eq!(problem.detail, None);
        assert_eq!(Problem::from(anyhow::Error::from(sqlx::Error::PoolTimedOut)).fault, Fault::Unavailable);
    }

    #[tokio::test]
    async fn a_panic_and_a_slow_handler_are_told_in_words() {
        use axum::routing::get;
        let limit = Duration::from_millis(20);
        let router = axum::Router::new()
            .route("/panic", get(async || -> &'static str { panic!("a secret") }))
            .route("/slow", get(async || tokio::time::sleep(Duration::from_secs(60)).await))
            .layer(axum::middleware::from_fn(move |request, next| in_time(limit, request, next)))
            .layer(tower_http::catch_panic::CatchPanicLayer::custom(caught))
            .layer(axum::middleware::from_fn(speak));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(async move { axum::serve(listener, router).await });
        let fetch = crate::fetch::Fetch::new(&["127.0.0.1".to_owned()]).unwrap();
        for (path, tongue, status, sentence) in [
            ("/panic", "ru", 500, "Что-то сломалось на сервере. Данные целы, запись об ошибке есть в журнале."),
            ("/panic", "en", 500, "Something broke on the server. The data are whole and the error is in the log."),
            ("/slow", "en", 504, "The answer took too long. Try again."),
        ] {
            let call = fetch.call(reqwest::Method::GET, &format!("{url}{path}"), Duration::from_secs(10)).unwrap();
            let answer = crate::fetch::send(call.header("accept-language", tongue)).await.unwrap();
            assert_eq!(answer.status().as_u16(), status);
            let text = answer.text().await.unwrap();
            let body: FaultBody = serde_json::from_str(&text).unwrap();
            assert_eq!(body.error.message, sentence);
            assert!(!text.contains("secret"));
        }
        server.abort();
    }
}
