//! One call of Green-API: the address with its token, the time limit, the answer's text, the line in the integration
//! log. What an answer means is in `errors`; what is asked is in `green_api`.

use std::time::{Duration, Instant};

use domain::{AccountId, Direction, Moment, Provider};
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;

use super::errors::{self, Nature};
use crate::fetch::{self, Fetch, FetchError};
use crate::gateway::{Reaction, Trouble};
use crate::store::log::{Line, Log};

/// The most of an answer that is read, bytes: journals with thumbnails are large.
const MAX_ANSWER: usize = 16 * 1024 * 1024;
/// How long most calls may take.
pub(super) const USUAL: Duration = Duration::from_secs(60);

/// The way to one instance.
#[derive(Clone)]
pub(super) struct Api {
    pub fetch: Fetch,
    pub log: Log,
    pub account: AccountId,
    /// Host of all methods but uploads, without a slash at the end.
    pub api_url: String,
    /// Host of uploads.
    pub media_url: String,
    /// `idInstance`.
    pub id: String,
    /// `apiTokenInstance`; sits in the path of every call.
    pub token: String,
    /// What must not be seen in the log.
    pub secrets: Vec<String>,
}

impl std::fmt::Debug for Api {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Without the token: this may end in a log.
        f.debug_struct("Api").field("account", &self.account).field("id", &self.id).finish_non_exhaustive()
    }
}

/// One request.
pub(super) struct Ask<'a> {
    /// The method of Green-API, e.g. `sendMessage`.
    pub name: &'a str,
    /// What follows the token: `/17`, `?minutes=5`, or nothing.
    pub tail: &'a str,
    /// GET, POST or DELETE.
    pub verb: Method,
    /// What is sent.
    pub body: Payload,
    /// From begin to end.
    pub timeout: Duration,
    /// Whether a lost answer leaves a doubt.
    pub nature: Nature,
    /// What is noted of a good answer.
    pub noted: Noted,
}

/// What is sent.
pub(super) enum Payload {
    Nothing,
    Json(Value),
    /// To the media host; the text tells the log what it was.
    Form(reqwest::multipart::Form, String),
}

/// How much of a good exchange goes into the integration log. A failed one always goes there whole.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Noted {
    /// The line with both bodies.
    Whole,
    /// Nothing when the answer is empty, as most long polls' are; otherwise the line alone: the journal has the body.
    Poll,
}

impl<'a> Ask<'a> {
    pub fn get(name: &'a str) -> Self {
        Self {
            name,
            tail: "",
            verb: Method::GET,
            body: Payload::Nothing,
            timeout: USUAL,
            nature: Nature::Ask,
            noted: Noted::Whole,
        }
    }

    pub fn post(name: &'a str, body: Value) -> Self {
        Self { verb: Method::POST, body: Payload::Json(body), ..Self::get(name) }
    }
}

/// A good answer: status 200 and JSON, or nothing.
pub(super) struct Answered {
    pub text: String,
    /// The text, read; `null` when it is empty.
    pub value: Value,
}

impl Api {
    /// Makes a call and reads its answer as JSON. An empty answer is `null`: some methods answer so
    /// (`reference/green-api.md` §7.12).
    pub async fn json(&self, ask: Ask<'_>) -> Result<Value, Trouble> {
        Ok(self.text(ask).await?.value)
    }

    /// Makes a call; anything but 200 with JSON is trouble.
    pub async fn text(&self, ask: Ask<'_>) -> Result<Answered, Trouble> {
        let begun = (now(), Instant::now());
        let (nature, noted) = (ask.nature, ask.noted);
        let what = format!("{} {}{}", ask.verb, ask.name, ask.tail);
        let (request, sent) = match self.request(ask) {
            Ok(pair) => pair,
            Err(error) => return Err(self.failed(begun, what, String::new(), &error, nature)),
        };
        let response = match fetch::send(request).await {
            Ok(response) => response,
            Err(error) => return Err(self.failed(begun, what, sent, &error, nature)),
        };
        let status = response.status().as_u16();
        let retry_after = retry_after(&response);
        let text = match fetch::read(response, MAX_ANSWER).await {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            // The status alone tells enough when it is an error.
            Err(_) if status >= 400 => String::new(),
            Err(error) => return Err(self.failed(begun, what, sent, &error, nature)),
        };
        let read = match status {
            200 => self.read(&text, nature),
            _ => Err(errors::judge(status, &text, retry_after, nature, &self.secrets)),
        };
        let empty = matches!(text.trim(), "" | "null");
        if read.is_err() || noted == Noted::Whole || !empty {
            let error = read.as_ref().err().map(ToString::to_string);
            let response = if error.is_none() && noted == Noted::Poll { String::new() } else { text.clone() };
            self.note(begun, what, Some(status), error, sent, response);
        }
        read.map(|value| Answered { text, value })
    }

    /// The JSON of an answer of 200, which may still say no or be a page of a proxy.
    fn read(&self, text: &str, nature: Nature) -> Result<Value, Trouble> {
        let value = match text.trim() {
            "" => Value::Null,
            trimmed => {
                crate::gateway::json::read(trimmed).map_err(|_| errors::strange(200, text, nature, &self.secrets))?
            }
        };
        if let Some(said) = value["reason"].as_str()
            && value["status"] != true
            && let Some((reason, reaction)) = errors::phrase(said)
        {
            let detail = errors::judge(400, text, None, nature, &self.secrets).detail;
            return Err(Trouble { reason, detail, reaction, status: Some(200) });
        }
        Ok(value)
    }

    /// Fetches a file from an address that came from outside.
    pub async fn file(&self, url: &str) -> Result<Response, Trouble> {
        let begun = (now(), Instant::now());
        // The query of a storage's link is its key.
        let shown = url.split(['?', '#']).next().unwrap_or_default();
        let what = format!("GET {shown}");
        match self.fetch.download(url).await {
            Err(error) => {
                let mut trouble = self.failed(begun, what, String::new(), &error, Nature::Ask);
                // It is the link that is bad, not the account.
                if matches!(error, FetchError::Private | FetchError::BadUrl) {
                    trouble.reaction = Reaction::GiveUp;
                }
                Err(trouble)
            }
            Ok(response) if response.status().is_success() => {
                self.note(begun, what, Some(response.status().as_u16()), None, String::new(), String::new());
                Ok(response)
            }
            Ok(response) => {
                let status = response.status().as_u16();
                let after = retry_after(&response);
                let text = fetch::read(response, 64 * 1024).await.unwrap_or_default();
                let text = String::from_utf8_lossy(&text).into_owned();
                // These are a storage's answers, not the API's: 401 and 403 speak of the link, not of the account.
                let status_for_table = if (400..500).contains(&status) && status != 429 { 404 } else { status };
                let mut trouble = errors::judge(status_for_table, &text, after, Nature::Ask, &[]);
                trouble.status = Some(status);
                if status_for_table == 404 {
                    trouble.reason = domain::Reason::FileMissing;
                }
                self.note(begun, what, Some(status), Some(trouble.to_string()), String::new(), text);
                Err(trouble)
            }
        }
    }

    fn request(&self, ask: Ask<'_>) -> Result<(RequestBuilder, String), FetchError> {
        let host = if matches!(ask.body, Payload::Form(..)) { &self.media_url } else { &self.api_url };
        let url = format!("{host}/waInstance{}/{}/{}{}", self.id, ask.name, self.token, ask.tail);
        let request = self.fetch.call(ask.verb, &url, ask.timeout)?;
        Ok(match ask.body {
            Payload::Nothing => (request, String::new()),
            Payload::Json(body) => {
                let text = body.to_string();
                (request.header(CONTENT_TYPE, "application/json; charset=utf-8").body(text.clone()), text)
            }
            Payload::Form(form, shown) => (request.multipart(form), shown),
        })
    }

    fn failed(
        &self,
        begun: (Moment, Instant),
        what: String,
        sent: String,
        error: &FetchError,
        nature: Nature,
    ) -> Trouble {
        self.note(begun, what, None, Some(error.to_string()), sent, String::new());
        errors::on_the_way(error, nature)
    }

    fn note(
        &self,
        begun: (Moment, Instant),
        what: String,
        status: Option<u16>,
        error: Option<String>,
        request: String,
        response: String,
    ) {
        let line = Line {
            at: begun.0,
            direction: Direction::Out,
            system: Provider::GreenApi.as_str().to_owned(),
            account: Some(self.account),
            what,
            status,
            took: begun.1.elapsed(),
            error,
            request,
            response,
        };
        self.log.record(line, &self.secrets);
    }
}

/// `Retry-After` in seconds; a date is left to our own pause. At most an hour is believed.
fn retry_after(response: &Response) -> Option<Duration> {
    let seconds: u64 = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds.min(3600)))
}

pub(super) fn now() -> Moment {
    Moment(jiff::Timestamp::now().as_millisecond())
}
