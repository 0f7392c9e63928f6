//! The description of the API, OpenAPI 3.1: what all calls share. What each call takes and gives stands above its
//! handler.

use axum::http::StatusCode;
use domain::fault::FaultBody;
use utoipa::OpenApi;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{self, ContentBuilder, Ref, RefOr, ResponseBuilder};

/// The name of the error response among the components.
const ERROR: &str = "Error";

/// The head of the description.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Besedka",
        description = "Every error is `{\"error\": {\"code\", \"message\"}}`; the message is in the language of \
            `Accept-Language`, Russian unless English is asked for first. Lists are `{\"items\", \"next\"}`; pass `next` \
            as the cursor to go on. Times are unix milliseconds, UTC."
    ),
    components(schemas(FaultBody)),
    security(("session" = []), ("key" = []))
)]
pub(super) struct Description;

/// Adds what all calls share: how to prove who asks, the shape of errors, a name for each call.
pub(super) fn finish(mut description: openapi::OpenApi) -> openapi::OpenApi {
    let components = description.components.get_or_insert_default();
    let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(crate::auth::COOKIE_NAME)));
    let key = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
    components.add_security_scheme("session", cookie);
    components.add_security_scheme("key", key);
    let body = ContentBuilder::new().schema(Some(Ref::from_schema_name("FaultBody"))).build();
    let error = ResponseBuilder::new().description("An error").content("application/json", body).build();
    components.responses.insert(ERROR.to_owned(), error.into());
    for (path, item) in &mut description.paths.paths {
        for (method, operation) in operations(item) {
            operation.operation_id = Some(name(method, path));
            for (status, response) in &mut operation.responses.responses {
                if let RefOr::T(response) = response
                    && response.description.is_empty()
                {
                    response.description = words(status).to_owned();
                }
            }
            let shared = RefOr::Ref(Ref::from_response_name(ERROR));
            operation.responses.responses.insert("default".to_owned(), shared);
        }
    }
    description
}

/// The calls of one path.
fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    [
        ("get", item.get.as_mut()),
        ("post", item.post.as_mut()),
        ("put", item.put.as_mut()),
        ("patch", item.patch.as_mut()),
        ("delete", item.delete.as_mut()),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, operation?)))
}

/// `post_accounts_id_check` for `POST /api/v1/accounts/{id}/check`.
fn name(method: &str, path: &str) -> String {
    let path = path.strip_prefix("/api/v1").unwrap_or(path);
    let words = path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    std::iter::once(method).chain(words).collect::<Vec<_>>().join("_")
}

fn words(status: &str) -> &'static str {
    StatusCode::from_bytes(status.as_bytes()).ok().and_then(|status| status.canonical_reason()).unwrap_or("Done")
}
