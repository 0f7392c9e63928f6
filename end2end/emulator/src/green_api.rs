//! Green-API as its reference describes it: `/waInstance{id}/{method}/{token}`. Here a call is
//! recognised, checked and answered; what each method does is in the modules below. Written from
//! the reference alone, so that it is an independent witness.

mod account;
pub mod client;
mod contacts;
mod content;
pub(crate) mod control;
mod groups;
pub mod instance;
mod journal;
mod methods;
pub mod presets;
mod queue;
mod send;
mod stories;
mod webhook;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::body::to_bytes;
use axum::extract::{FromRequest, FromRequestParts, Multipart, Request, WebSocketUpgrade};
use axum::http::{HeaderValue, Method as Verb, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Map, Value, json};

pub use self::contacts::NewContact;
pub use self::instance::{Instance, NewInstance, Outcome, Pace, Quota};
pub use self::queue::Sent;
pub use self::webhook::Delivered;
use crate::faults::{self, Line};
use crate::files::{LARGEST, Stored};
use crate::{World, locked, samples};
use instance::Inner;
use methods::{Method, Needs, Run};

/// All instances.
#[derive(Debug)]
pub struct GreenApi {
    world: Arc<World>,
    instances: Mutex<BTreeMap<i64, Arc<Instance>>>,
}

/// What a method gives when all is well.
enum Answer {
    Json(Value),
    /// 200 without a body.
    Empty,
}

/// What a method gives when not.
enum Refusal {
    /// 400 with the validation body that echoes the path (reference §5).
    Invalid(String),
    /// A bare text.
    Text(u16, String),
    /// Any JSON.
    Json(u16, Value),
}

type Reply = Result<Answer, Refusal>;

/// A call being answered.
struct Ask {
    instance: Arc<Instance>,
    query: HashMap<String, String>,
    /// What follows the token in the path.
    tail: String,
    /// JSON body, or the text fields of a form.
    body: Value,
    upload: Option<Stored>,
}

impl Ask {
    fn missing(&self, name: &str) -> Refusal {
        Refusal::Invalid(format!("Validation failed. Details: '{name}' is required"))
    }

    /// A text field that must be there and not be too long, in characters.
    fn text(&self, name: &str, longest: usize) -> Result<String, Refusal> {
        match self.body[name].as_str() {
            Some(text) if !text.is_empty() && text.chars().count() <= longest => Ok(text.to_owned()),
            Some(text) if !text.is_empty() => Err(Refusal::Invalid(format!(
                "Validation failed. Details: '{name}' length must be less than or equal to \
                 {longest} characters long"
            ))),
            _ => Err(self.missing(name)),
        }
    }

    /// A chat id that must be there and well formed; a known LID becomes its phone.
    fn chat(&self, name: &str) -> Result<String, Refusal> {
        let given = match (&self.body[name], &self.body["phoneNumber"]) {
            (Value::String(chat), _) if !chat.is_empty() => chat.clone(),
            // Older clients name the phone instead of the chat.
            (Value::Null, Value::Number(phone)) if name == "chatId" => format!("{phone}@c.us"),
            _ => return Err(self.missing(name)),
        };
        if !well_formed(&given) {
            return Err(Refusal::Invalid(format!(
                "'{name}' must be one of the next formats: phone_number@c.us or group_id@g.us or \
                 lid@lid"
            )));
        }
        Ok(self.instance.lock().resolve(&given))
    }

    fn number(&self, name: &str) -> Option<usize> {
        self.query.get(name)?.parse().ok()
    }

    /// The address of a path on the emulator; empty stays empty.
    fn full(&self, path: &str) -> String {
        if path.is_empty() { String::new() } else { format!("{}{path}", self.instance.world.url) }
    }

    /// Keeps the uploaded file; gives it with its path.
    fn keep_upload(&self) -> Result<(Stored, String), Refusal> {
        let Some(file) = self.upload.clone() else { return Err(self.missing("file")) };
        let path = self.instance.world.files.put(&self.instance.scope(), file.clone());
        Ok((file, path))
    }
}

/// Whether a chat id has one of the forms of reference §1.
fn well_formed(chat: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match chat.rsplit_once('@') {
        Some((phone, "c.us")) => digits(phone) && (7..=16).contains(&phone.len()),
        Some((id, "lid")) => digits(id),
        Some((id, "g.us")) => id.split('-').all(digits),
        _ => false,
    }
}

/// A chat id from phone digits or a chat id.
fn chat_id(text: &str) -> String {
    if text.contains('@') {
        return text.to_owned();
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    format!("{digits}@c.us")
}

/// `jpegThumbnail` of a picture; empty for everything else.
fn thumbnail(kind: &str, bytes: &[u8]) -> String {
    if kind != "imageMessage" {
        return String::new();
    }
    samples::thumbnail(bytes).map(|jpeg| STANDARD.encode(jpeg)).unwrap_or_default()
}

impl GreenApi {
    pub(crate) fn new(world: Arc<World>) -> Self {
        Self { world, instances: Mutex::default() }
    }

    /// Adds an instance, replacing one with the same number.
    pub fn add_instance(&self, new: NewInstance) -> Arc<Instance> {
        let mut instances = locked(&self.instances);
        let id = new.id.unwrap_or_else(|| {
            let last = instances.keys().next_back().copied().unwrap_or(7_103_000_000);
            last.max(7_103_000_000) + 1
        });
        let instance = Instance::create(self.world.clone(), id, new);
        if let Some(old) = instances.insert(id, instance.clone()) {
            old.end();
        }
        instance
    }

    /// The instance of a number.
    pub fn instance(&self, id: i64) -> Option<Arc<Instance>> {
        locked(&self.instances).get(&id).cloned()
    }

    /// All instances by number.
    pub fn instances(&self) -> Vec<Arc<Instance>> {
        locked(&self.instances).values().cloned().collect()
    }

    /// Removes an instance; calls to it get 403 from now on.
    pub fn remove_instance(&self, id: i64) -> bool {
        let gone = locked(&self.instances).remove(&id);
        gone.inspect(|instance| instance.end()).is_some()
    }

    /// Removes all instances.
    pub fn clear(&self) {
        for instance in std::mem::take(&mut *locked(&self.instances)).into_values() {
            instance.end();
        }
    }

    /// Answers `/waInstance…`.
    pub(crate) async fn answer(self: Arc<Self>, request: Request, line: Line) -> Response {
        let path = request.uri().path().to_owned();
        let query = request.uri().query().unwrap_or_default().to_owned();
        let mut response = match Target::of(&path) {
            Some(target) => self.called(target, &path, &query, request, line).await,
            None => (StatusCode::NOT_FOUND, "Not Found").into_response(),
        };
        let any = HeaderValue::from_static("*");
        response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, any);
        response
    }

    async fn called(
        self: Arc<Self>,
        target: Target,
        path: &str,
        query: &str,
        request: Request,
        line: Line,
    ) -> Response {
        if request.method() == Verb::OPTIONS {
            return StatusCode::NO_CONTENT.into_response();
        }
        let Some(instance) = self.instance(target.id) else {
            return (StatusCode::FORBIDDEN, "Forbidden").into_response();
        };
        let scope = instance.scope();
        let verb = request.method().clone();
        if target.method.eq_ignore_ascii_case("scanqrcode") && target.token == instance.token() {
            return socket(instance, request).await;
        }
        let read = read_body(&target.method, request).await;
        let shown = match &read {
            Ok((body, upload)) => summary(body, upload.as_ref()),
            Err(_) => json!("unreadable"),
        };
        let calls = &self.world.calls;
        let seq = calls.came(&scope, &target.method, verb.as_str(), query, shown);
        let fault = self.world.faults.strike_answer(&scope, &target.method);
        let cut = matches!(fault.as_ref().map(|f| &f.spoil), Some(faults::Spoil::Drop | faults::Spoil::Hang));
        let query = parse_query(query);
        let work = async {
            match reply(instance, target, &verb, query, read).await {
                Ok(Answer::Json(body)) => axum::Json(body).into_response(),
                Ok(Answer::Empty) => StatusCode::OK.into_response(),
                Err(refusal) => refused(refusal, path),
            }
        };
        let response = faults::through(fault, line, work).await;
        if !cut {
            calls.answered(seq, response.status().as_u16());
        }
        response
    }
}

/// A path taken apart.
struct Target {
    id: i64,
    method: String,
    token: String,
    tail: String,
}

impl Target {
    fn of(path: &str) -> Option<Self> {
        let mut parts = path.strip_prefix("/v3").unwrap_or(path).split('/').skip(1);
        let id = parts.next()?.strip_prefix("waInstance")?.parse().ok()?;
        let mut next = || parts.next().unwrap_or_default().to_owned();
        Some(Self { id, method: next(), token: next(), tail: next() })
    }
}

/// Checks a call in the order of reference §5 and runs its method.
async fn reply(
    instance: Arc<Instance>,
    target: Target,
    verb: &Verb,
    query: HashMap<String, String>,
    read: Result<(Value, Option<Stored>), Refusal>,
) -> Reply {
    let Some(method) = methods::find(&target.method).filter(|method| method.verb == *verb) else {
        let known = target.token == instance.token();
        return Err(if known { Refusal::Text(404, "Not Found".to_owned()) } else { unauthorized() });
    };
    {
        let mut inner = instance.lock();
        if inner.token != target.token {
            return Err(unauthorized());
        }
        if let Some(text) = &inner.closed {
            return Err(Refusal::Text(400, text.clone()));
        }
        limit(&mut inner, method)?;
        if method.needs == Needs::WhatsApp {
            match inner.state.as_str() {
                "authorized" | "suspended" | "yellowCard" => {}
                "starting" => {
                    let text = "instance in starting process try later".to_owned();
                    return Err(Refusal::Text(400, text));
                }
                _ => {
                    let text = "instance is starting or not authorized".to_owned();
                    return Err(Refusal::Invalid(text));
                }
            }
        }
        quota_of_method(&mut inner, method)?;
    }
    let (body, upload) = read?;
    let ask = Ask { instance: instance.clone(), query, tail: target.tail, body, upload };
    match method.run {
        Run::Now(run) => run(&ask),
        Run::Receive => webhook::receive(instance, ask.query.get("receiveTimeout").cloned()).await,
        Run::Dead => Err(Refusal::Text(403, "Method is deprecated and disabled".to_owned())),
    }
}

/// A bad token: 401 with an empty body (reference §1).
fn unauthorized() -> Refusal {
    Refusal::Json(401, Value::Null)
}

fn refused(refusal: Refusal, path: &str) -> Response {
    let code = |status| StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    match refusal {
        Refusal::Invalid(message) => {
            let body = json!({"statusCode": 400, "path": path, "message": message,
                "timestamp": jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()});
            (StatusCode::BAD_REQUEST, axum::Json(body)).into_response()
        }
        Refusal::Text(status, text) => (code(status), text).into_response(),
        Refusal::Json(status, Value::Null) => code(status).into_response(),
        Refusal::Json(status, body) => (code(status), axum::Json(body)).into_response(),
    }
}

/// The requests-per-second limit of a method, when the pace has limits.
fn limit(inner: &mut Inner, method: &Method) -> Result<(), Refusal> {
    if !inner.pace.rate_limits {
        return Ok(());
    }
    let window = Duration::from_secs_f64(1f64.max(1.0 / method.rps));
    let came = inner.rates.entry(method.name).or_default();
    while came.front().is_some_and(|at| at.elapsed() >= window) {
        came.pop_front();
    }
    if came.len() as f64 >= method.rps.max(1.0) {
        return Err(Refusal::Text(429, "Too Many Requests".to_owned()));
    }
    came.push_back(Instant::now());
    Ok(())
}

/// The plan's limit of a method (HTTP 466).
fn quota_of_method(inner: &mut Inner, method: &Method) -> Result<(), Refusal> {
    let name = method.name.to_lowercase();
    let Some(total) = inner.quota.methods.get(&name).copied() else { return Ok(()) };
    let used = inner.used.entry(name.clone()).or_default();
    if *used >= total {
        let body = json!({"invokeStatus": {"method": name, "used": used, "total": total,
            "status": "QUOTE_EXCEEDED", "description": "Monthly quota has been exceeded"}});
        return Err(Refusal::Json(466, body));
    }
    *used += 1;
    Ok(())
}

/// The plan's limit of chats written to (HTTP 466 and `quotaExceeded`).
fn quota_of_chats(instance: &Instance, inner: &mut Inner, method: &str, chat: &str) -> Result<(), Refusal> {
    let Some(total) = inner.quota.correspondents else { return Ok(()) };
    if inner.correspondents.iter().any(|known| known == chat) {
        return Ok(());
    }
    let used = u32::try_from(inner.correspondents.len()).unwrap_or(u32::MAX);
    if used < total {
        inner.correspondents.push(chat.to_owned());
        return Ok(());
    }
    let known = inner.correspondents.join(", ");
    let status = |word: &str| {
        json!({"method": "correspondents", "used": used, "total": total,
            "status": format!("CORRESPONDENTS_{word}_EXCEEDED"),
            "description": format!("Available chats: {known}")})
    };
    let body = json!({"typeWebhook": "quotaExceeded", "instanceData": inner.instance_data(),
        "quotaData": status("QUOTA")});
    let refusal = json!({"invokeStatus": {"method": method.to_lowercase(), "used": 0, "total": 0,
        "status": "QUOTE_ALLOWED"}, "correspondentsStatus": status("QUOTE")});
    instance.emit(inner, body);
    Err(Refusal::Json(466, refusal))
}

async fn socket(instance: Arc<Instance>, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    match WebSocketUpgrade::from_request_parts(&mut parts, &()).await {
        Ok(upgrade) => upgrade.on_upgrade(move |socket| account::scan_socket(instance, socket)),
        Err(refusal) => refusal.into_response(),
    }
}

fn parse_query(query: &str) -> HashMap<String, String> {
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// What the call log shows of a body.
fn summary(body: &Value, upload: Option<&Stored>) -> Value {
    let Some(file) = upload else { return body.clone() };
    json!({"fields": body, "file": {"name": file.name, "mime": file.mime,
        "bytes": file.bytes.len()}})
}

fn header_text(request: &Request, name: &str) -> String {
    let value = request.headers().get(name).map(HeaderValue::as_bytes).unwrap_or_default();
    // File names may be raw UTF-8 (reference §2.1).
    String::from_utf8_lossy(value).into_owned()
}

/// Reads a body: JSON, a form with its parts in any order, or raw bytes.
async fn read_body(method: &str, request: Request) -> Result<(Value, Option<Stored>), Refusal> {
    let kind = header_text(&request, "content-type");
    let name = header_text(&request, "ga-filename");
    if kind.starts_with("multipart/") {
        return read_form(request).await;
    }
    let extensions = request.extensions().clone();
    let too_large = || Refusal::Text(500, "request entity too large".to_owned());
    let bytes = to_bytes(request.into_body(), LARGEST + 1).await.map_err(|_| too_large())?;
    if bytes.starts_with(b"--") && ["setgrouppicture", "uploadfile"].contains(&&*method.to_lowercase()) {
        // The npm client 0.4.4 announces this form as image/jpeg, without the boundary: it is found
        // in the body.
        let end = bytes.iter().position(|b| *b == b'\r').unwrap_or(bytes.len());
        let boundary = String::from_utf8_lossy(&bytes[2..end]).into_owned();
        let mut form = Request::new(axum::body::Body::from(bytes.clone()));
        // They carry the allowed size.
        *form.extensions_mut() = extensions;
        let kind = format!("multipart/form-data; boundary={boundary}");
        if let Ok(kind) = HeaderValue::from_str(&kind) {
            form.headers_mut().insert(header::CONTENT_TYPE, kind);
        }
        return read_form(form).await;
    }
    if method.eq_ignore_ascii_case("uploadFile") {
        let extension = mime_guess::get_mime_extensions_str(&kind).and_then(|all| all.first()).unwrap_or(&"bin");
        let name = if name.is_empty() { format!("file.{extension}") } else { name };
        return Ok((Value::Null, Some(Stored { name, mime: kind, bytes })));
    }
    if bytes.is_empty() {
        return Ok((Value::Null, None));
    }
    match serde_json::from_slice(&bytes) {
        Ok(body) => Ok((body, None)),
        Err(error) => Err(Refusal::Invalid(json_error(&bytes, &error))),
    }
}

/// The words of the service's JSON parser.
fn json_error(bytes: &Bytes, error: &serde_json::Error) -> String {
    let text = String::from_utf8_lossy(bytes);
    let before: usize = text.lines().take(error.line().saturating_sub(1)).map(|l| l.len() + 1).sum();
    let at = before + error.column().saturating_sub(1);
    match text.as_bytes().get(at) {
        Some(byte) if !error.is_eof() => {
            format!("Unexpected token {} in JSON at position {at}", char::from(*byte))
        }
        _ => "Unexpected end of JSON input".to_owned(),
    }
}

async fn read_form(request: Request) -> Result<(Value, Option<Stored>), Refusal> {
    let bad = |error: axum::extract::multipart::MultipartError| {
        if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
            Refusal::Text(500, "request entity too large".to_owned())
        } else {
            Refusal::Invalid("bad request data".to_owned())
        }
    };
    let mut form = match Multipart::from_request(request, &()).await {
        Ok(form) => form,
        Err(_) => return Err(Refusal::Invalid("bad request data".to_owned())),
    };
    let (mut fields, mut file) = (Map::new(), None);
    while let Some(field) = form.next_field().await.map_err(bad)? {
        let name = field.name().unwrap_or_default().to_owned();
        if name == "file" {
            let named = field.file_name().unwrap_or("file.bin").to_owned();
            let mime = match field.content_type() {
                Some(mime) if mime != "application/octet-stream" => mime.to_owned(),
                _ => content::mime(&named),
            };
            file = Some(Stored { name: named, mime, bytes: field.bytes().await.map_err(bad)? });
        } else {
            fields.insert(name, Value::String(field.text().await.map_err(bad)?));
        }
    }
    // `fileName` overrides the name of the part (reference §2.1).
    if let (Some(file), Some(Value::String(name))) = (&mut file, fields.get("fileName"))
        && !name.is_empty()
    {
        file.name.clone_from(name);
    }
    Ok((Value::Object(fields), file))
}
