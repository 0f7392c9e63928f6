//! Attachments in and out: streamed, only for those who may see them, and served so that they cannot run.

use axum::body::Body;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{DefaultBodyLimit, Multipart, State as Shared};
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_SECURITY_POLICY,
    CONTENT_TYPE, ETAG, IF_NONE_MATCH, IF_RANGE, RANGE,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::file::MAX_FILE_BYTES;
use domain::{Command, Fault, File, FileId, FileState};
use futures_util::StreamExt;
use serde::Deserialize;
use std::io::SeekFrom;
use std::path::Path as FilePath;
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio_util::io::ReaderStream;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::{Who, Writer};
use crate::fault::{Json, Path, Problem, Query};
use crate::files::{PutError, picture};
use crate::ledger::now;
use crate::state::State;
use crate::store::file::{self, FileRow, clip_name};

/// How much of a body that is too large is still read, so that the sender hears the answer instead of a broken line.
const DRAIN: u64 = 256 * 1024 * 1024;

/// Calls about files. They have a time limit for each piece instead of one for the whole.
pub fn routes() -> OpenApiRouter<State> {
    // The limit is counted while the file is written.
    OpenApiRouter::new()
        .routes(routes!(upload))
        .layer(DefaultBodyLimit::disable())
        .routes(routes!(read))
        .routes(routes!(again))
}

/// A multipart form.
#[derive(ToSchema)]
#[allow(dead_code)] // Only described: the form is read piece by piece.
struct Form {
    /// The file, at most 100 MB, with its name.
    #[schema(format = Binary, content_media_type = "application/octet-stream")]
    file: String,
}

/// Uploads a file to be sent with a message later.
#[utoipa::path(post, path = "/files", tag = "files", request_body(content = Form, content_type = "multipart/form-data"),
    responses((status = 200, body = File)))]
async fn upload(
    Shared(state): Shared<State>,
    Writer(who): Writer,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Json<File>, Problem> {
    let mut form = form.map_err(|_| Fault::WrongType)?;
    loop {
        let field = form.next_field().await.map_err(|error| Problem::with(Fault::Malformed, error.body_text()))?;
        let Some(mut field) = field else { return Err(Problem::with(Fault::Malformed, "file")) };
        if field.name() != Some("file") {
            continue;
        }
        let name = clip_name(field.file_name().unwrap_or_default());
        let told = field.content_type().unwrap_or_default().to_owned();
        let stored = match state.files.put_stream(&mut field, MAX_FILE_BYTES).await {
            Ok(stored) => stored,
            Err(PutError::TooLarge) => {
                drain(field).await;
                return Err(Fault::FileTooLarge.into());
            }
            Err(PutError::Broken(words)) => return Err(Problem::with(Fault::Malformed, words)),
            Err(PutError::Other(error)) => return Err(error.into()),
        };
        let known = state.files.describe(&stored, &name, &told).await?;
        let mut tx = state.db.begin().await?;
        let id = file::insert_upload(&mut tx, who.user, &name, &known, now()).await?;
        tx.commit().await?;
        return Ok(Json(File {
            id,
            name,
            mime: known.mime,
            size: known.size,
            width: known.width,
            height: known.height,
            state: FileState::Ready,
        }));
    }
}

async fn drain(mut field: axum::extract::multipart::Field<'_>) {
    let mut rest = DRAIN;
    let patience = tokio::time::Instant::now() + std::time::Duration::from_secs(60);
    while let Ok(Some(Ok(piece))) = tokio::time::timeout_at(patience, field.next()).await {
        rest = rest.saturating_sub(piece.len() as u64);
        if rest == 0 {
            return;
        }
    }
}

/// In what form a file is wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
struct Look {
    /// The small form of a picture, at most 480 pixels.
    #[param(value_type = Option<bool>)]
    thumbnail: Option<String>,
    /// To be saved rather than shown.
    #[param(value_type = Option<bool>)]
    download: Option<String>,
}

/// The bytes of a file, or a range of them.
#[utoipa::path(get, path = "/files/{id}", tag = "files", params(("id" = i64, Path), Look),
    responses((status = 200, content_type = "application/octet-stream"), (status = 206), (status = 304)))]
async fn read(
    Shared(state): Shared<State>,
    who: Who,
    Path(id): Path<FileId>,
    Query(form): Query<Look>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let row = file::visible(&state.db, &who.sight, who.user, id).await?.ok_or(Fault::FileNotFound)?;
    let hash = match (row.state(), &row.blob) {
        (FileState::Ready, Some(hash)) => hash.clone(),
        (FileState::Pending, _) => return Err(Fault::FileNotReady.into()),
        _ => return Err(Fault::FileNotFound.into()),
    };
    let asked = |flag: &Option<String>| flag.as_deref().is_some_and(|text| text != "false" && text != "0");
    if asked(&form.thumbnail) && picture::shown(&row.mime) {
        return match state.files.thumbnail(&hash).await? {
            Some((path, mime)) => serve(&path, &format!("{hash}-small"), mime, "", true, &headers).await,
            None => Err(Fault::FileNotFound.into()),
        };
    }
    let inline = safe(&row.mime) && !asked(&form.download);
    serve(&state.files.path(&hash), &hash, &row.mime, &row.name, inline, &headers).await
}

/// Fetches a file again that could not be fetched.
#[utoipa::path(post, path = "/files/{id}/again", tag = "files", params(("id" = i64, Path)),
    responses((status = 200, body = File)))]
async fn again(
    Shared(state): Shared<State>,
    Writer(who): Writer,
    Path(id): Path<FileId>,
) -> Result<Json<File>, Problem> {
    state.ledger.command(&who, Command::FetchAgain(id)).await?;
    let row: FileRow = file::visible(&state.db, &who.sight, who.user, id).await?.ok_or(Fault::FileNotFound)?;
    Ok(Json(row.into()))
}

/// Types that browsers show without running anything.
fn safe(mime: &str) -> bool {
    let known = matches!(mime, "image/jpeg" | "image/png" | "image/webp" | "image/gif" | "application/pdf");
    known || mime.starts_with("audio/") || mime.starts_with("video/")
}

/// Sends a file, or the range of it that was asked for.
async fn serve(
    path: &FilePath,
    tag: &str,
    mime: &str,
    name: &str,
    inline: bool,
    asked: &HeaderMap,
) -> Result<Response, Problem> {
    let etag = format!("\"{tag}\"");
    let said = |name| asked.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let mut headers = HeaderMap::new();
    let text = |value: &str| HeaderValue::from_str(value).map_err(|_| Fault::Internal);
    headers.insert(ETAG, text(&etag)?);
    // The bytes of an id may change once (when they are fetched again), and people lose access: ask each time, cheaply.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    // Browsers show no PDF in a sandbox, and their viewers are one already.
    let policy = if mime == "application/pdf" { "default-src 'none'" } else { "sandbox; default-src 'none'" };
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    if said(IF_NONE_MATCH).is_some_and(|tags| tags.split(',').any(|one| one.trim().trim_start_matches("W/") == etag)) {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    let mut file = match tokio::fs::File::open(path).await {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(Fault::FileNotFound.into()),
        Err(error) => return Err(anyhow::Error::from(error).context("opening a file").into()),
    };
    let size = file.metadata().await.map_err(anyhow::Error::from)?.len();
    headers.insert(CONTENT_TYPE, text(mime).unwrap_or(HeaderValue::from_static("application/octet-stream")));
    headers.insert(CONTENT_DISPOSITION, text(&disposition(name, inline))?);
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    let wanted = match said(IF_RANGE) {
        Some(tag) if tag != etag => None,
        _ => said(RANGE).and_then(|value| range(value, size)),
    };
    let (status, start, length) = match wanted {
        None => (StatusCode::OK, 0, size),
        Some(Some((start, end))) => {
            headers.insert(CONTENT_RANGE, text(&format!("bytes {start}-{end}/{size}"))?);
            (StatusCode::PARTIAL_CONTENT, start, end - start + 1)
        }
        Some(None) => {
            headers.insert(CONTENT_RANGE, text(&format!("bytes */{size}"))?);
            return Ok((StatusCode::RANGE_NOT_SATISFIABLE, headers).into_response());
        }
    };
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    file.seek(SeekFrom::Start(start)).await.map_err(anyhow::Error::from)?;
    let body = Body::from_stream(ReaderStream::with_capacity(file.take(length), 64 * 1024));
    Ok((status, headers, body).into_response())
}

/// One range of a `Range` header, both ends included. The outer `None`: there is none that we read, so everything is
/// sent; the inner: it lies outside the file.
fn range(header: &str, size: u64) -> Option<Option<(u64, u64)>> {
    let (first, last) = header.trim().strip_prefix("bytes=")?.split_once('-')?;
    let (first, last) = (first.trim(), last.trim());
    let range = match (first.is_empty(), last.is_empty()) {
        (true, true) => return None,
        (true, false) => (size.saturating_sub(last.parse().ok()?), size.checked_sub(1)),
        (false, true) => (first.parse().ok()?, size.checked_sub(1)),
        (false, false) => {
            let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
            if last < first {
                return None;
            }
            (first, size.checked_sub(1).map(|end| end.min(last)))
        }
    };
    Some(range.1.filter(|&end| range.0 <= end).map(|end| (range.0, end)))
}

/// The name in both forms: plain for old programmes, RFC 5987 for everybody else.
fn disposition(name: &str, inline: bool) -> String {
    let how = if inline { "inline" } else { "attachment" };
    if name.is_empty() {
        return how.to_owned();
    }
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || "._- ".contains(c) { c } else { '_' }).collect();
    let mut full = String::new();
    for &byte in name.as_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'_' | b'-' => full.push(char::from(byte)),
            other => full += &format!("%{other:02X}"),
        }
    }
    format!("{how}; filename=\"{plain}\"; filename*=UTF-8''{full}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_the_rfc_says() {
        for (header, expected) in [
            ("bytes=0-", Some(Some((0, 99)))),
            ("bytes=0-0", Some(Some((0, 0)))),
            ("bytes=90-200", Some(Some((90, 99)))),
            ("bytes=-10", Some(Some((90, 99)))),
            ("bytes=-1000", Some(Some((0, 99)))),
            ("bytes=100-", Some(None)),
            ("bytes=5-4", None),
            ("bytes=-", None),
            ("bytes=0-1,5-6", None),
            ("lines=0-1", None),
            ("bytes=x-y", None),
        ] {
            assert_eq!(range(header, 100), expected, "{header}");
        }
        assert_eq!(range("bytes=0-", 0), Some(None));
        assert_eq!(range("bytes=-5", 0), Some(None));
    }

    #[test]
    fn names_travel_in_both_forms_and_cannot_break_the_header() {
        assert_eq!(
            disposition("счёт 1.pdf", false),
            "attachment; filename=\"____ 1.pdf\"; filename*=UTF-8''%D1%81%D1%87%D1%91%D1%82%201.pdf"
        );
        assert!(!disposition("a\"\r\nSet-Cookie: x", true).contains('\n'));
        assert_eq!(disposition("", true), "inline");
    }

    #[test]
    fn what_can_run_is_saved_and_not_shown() {
        for mime in ["text/html", "image/svg+xml", "text/javascript", "application/xml", "application/octet-stream"] {
            assert!(!safe(mime), "{mime}");
        }
        assert!(safe("image/png") && safe("audio/ogg") && safe("application/pdf"));
    }
}
