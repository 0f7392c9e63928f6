//! The client inside the server: built by `scripts/web.mjs` into `dist`, carried in the optimised programme, read from the folder in
//! a debug build. Also the headers that every answer carries.

use std::borrow::Cow;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::header::{
    ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    IF_NONE_MATCH, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::{Fault, Language};
use rust_embed::{Embed, EmbeddedFile};

use crate::fault::{self, Problem};
use crate::state::State;

#[derive(Embed)]
#[folder = "../dist"]
struct Dist;

/// Nothing but our own files runs, loads or frames us. WebAssembly needs its own word.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; \
    worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";
/// What a file with a hash in its name gets: it never changes.
const FOREVER: &str = "public, max-age=31536000, immutable";
/// What the others get: to be asked for again each time, cheaply.
const ASK: &str = "no-cache";

/// The client's files, and its page for every address that is not a file's.
pub fn router(_state: &State) -> Router<State> {
    Router::new().fallback(page)
}

/// Middleware: the headers of a careful server on every answer that has not its own.
pub async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let every =
        [(X_CONTENT_TYPE_OPTIONS, "nosniff"), (HeaderName::from_static("cross-origin-resource-policy"), "same-origin")];
    // What a document may do. Hashed files are scripts, styles and WebAssembly, never documents or workers, and half a
    // kilobyte on each of them is a share of the first load.
    let documents = [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
        (
            HeaderName::from_static("permissions-policy"),
            "microphone=(self), camera=(), geolocation=(), payment=(), usb=()",
        ),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    let document = headers.get(CACHE_CONTROL).is_none_or(|keep| keep != FOREVER);
    for (name, value) in every.into_iter().chain(documents.into_iter().filter(|_| document)) {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

async fn page(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    if method != Method::GET && method != Method::HEAD {
        return worded(Fault::WrongMethod, &headers);
    }
    let path = uri.path().trim_start_matches('/');
    if !path.is_empty() && path != "index.html" {
        if let Some(response) = file(path, &headers) {
            return response;
        }
        // Only people who follow a link get the page: a missing picture or script must be seen as missing.
        let people = headers.get(ACCEPT).is_some_and(|accept| accept.as_bytes().windows(9).any(|w| w == b"text/html"));
        let ours = ["api", "hs"].iter().any(|start| path.split('/').next() == Some(start));
        if ours || !people {
            return worded(Fault::NotFound, &headers);
        }
    }
    file("index.html", &headers).unwrap_or_else(|| not_built(&headers))
}

/// A file of the client in the best form that the browser takes.
fn file(path: &str, headers: &HeaderMap) -> Option<Response> {
    // The precompressed forms are reached by their plain name only.
    if path.ends_with(".br") || path.ends_with(".gz") {
        return None;
    }
    let plain = Dist::get(path)?;
    let etag = format!("\"{}\"", crate::secret::hex(&plain.metadata.sha256_hash()[..16]));
    let known = headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let mut response =
        if known.is_some_and(|tags| tags.split(',').any(|tag| tag.trim().trim_start_matches("W/") == etag)) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            let (form, coding) = best_form(path, plain, headers);
            let mut response = Response::new(Body::from(bytes(form)));
            if let Some(coding) = coding {
                response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static(coding));
            }
            let mime = if path.ends_with(".webmanifest") {
                "application/manifest+json".to_owned()
            } else {
                let mime = mime_guess::from_path(path).first_or_octet_stream();
                if mime.type_() == "text" { format!("{mime}; charset=utf-8") } else { mime.to_string() }
            };
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_str(&mime).ok()?);
            response
        };
    let keep = if hashed(path) { FOREVER } else { ASK };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(keep));
    headers.insert(ETAG, HeaderValue::from_str(&etag).ok()?);
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    Some(response)
}

fn best_form(path: &str, plain: EmbeddedFile, headers: &HeaderMap) -> (EmbeddedFile, Option<&'static str>) {
    for (coding, end) in [("br", "br"), ("gzip", "gz")] {
        if accepts(headers, coding)
            && let Some(form) = Dist::get(&format!("{path}.{end}"))
        {
            return (form, Some(coding));
        }
    }
    (plain, None)
}

fn accepts(headers: &HeaderMap, coding: &str) -> bool {
    let asked = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    asked.flat_map(|line| line.split(',')).any(|part| {
        let mut pieces = part.split(';').map(str::trim);
        let named = pieces.next().is_some_and(|name| name.eq_ignore_ascii_case(coding));
        let refused = pieces.any(|piece| piece.strip_prefix("q=").and_then(|q| q.parse::<f32>().ok()) == Some(0.0));
        named && !refused
    })
}

fn bytes(file: EmbeddedFile) -> Bytes {
    match file.data {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    }
}

/// Whether the build put a hash into the name: `app-4d79204f15ab2d70.js`.
fn hashed(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let stem = name.split('.').next().unwrap_or_default();
    stem.rsplit_once('-').is_some_and(|(_, hash)| {
        hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    })
}

fn worded(fault: Fault, headers: &HeaderMap) -> Response {
    let problem = Problem::from(fault);
    let body = axum::Json(problem.body(fault::language(headers)));
    (problem.into_response().status(), body).into_response()
}

/// What a developer sees who started the server before building the client.
fn not_built(headers: &HeaderMap) -> Response {
    let text = match fault::language(headers) {
        Language::Ru => "Клиент не собран. Выполните в папке проекта: make web. Затем обновите страницу.",
        Language::En => "The client has not been built. Run in the project's folder: make web. Then reload the page.",
    };
    (StatusCode::SERVICE_UNAVAILABLE, [(CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_a_hash_are_kept_forever_and_others_are_not() {
        for name in ["app-4d79204f15ab2d70.js", "settings-4d79204f15ab2d70.wasm", "x/ui-c77b7159ed287d3d.css"] {
            assert!(hashed(name), "{name}");
        }
        for name in ["index.html", "sw.js", "icons/icon-192.png", "app-4D79204F15AB2D70.js", "a-b.js"] {
            assert!(!hashed(name), "{name}");
        }
    }

    #[test]
    fn a_refused_coding_is_not_sent() {
        let map = |text: &str| HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_str(text).unwrap())]);
        assert!(accepts(&map("gzip, deflate, br"), "br"));
        assert!(accepts(&map("br;q=0.5"), "br"));
        assert!(!accepts(&map("gzip, br;q=0"), "br"));
        assert!(!accepts(&map("brotli"), "br"));
    }
}
