//! Faults on demand: how an answer or a notification is spoiled. It knows no provider's vocabulary;
//! ready-made error bodies live with each provider.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::watch;

use crate::locked;
use crate::wire::Cut;

/// Which calls or notifications a fault meets.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default)]
pub struct Aim {
    /// Account of the provider; `*` is any.
    pub scope: String,
    /// Method of the provider or type of the notification, any case; `*` is any.
    pub method: String,
    /// How many times it strikes; `null` is for ever.
    pub count: Option<u32>,
    /// How many matching calls pass unharmed first.
    pub skip: u32,
    /// Probability of a strike, 0 to 1; 1 when absent.
    pub chance: Option<f64>,
}

impl Default for Aim {
    fn default() -> Self {
        let any = || "*".to_owned();
        Self { scope: any(), method: any(), count: Some(1), skip: 0, chance: None }
    }
}

impl Aim {
    /// At one method of one scope, a number of times.
    pub fn at(scope: impl ToString, method: &str, count: u32) -> Self {
        Self { scope: scope.to_string(), method: method.to_owned(), count: Some(count), ..Self::default() }
    }

    fn meets(&self, scope: &str, method: &str) -> bool {
        (self.scope == "*" || self.scope == scope) && (self.method == "*" || self.method.eq_ignore_ascii_case(method))
    }

    fn strikes(&mut self) -> bool {
        if self.skip > 0 {
            self.skip -= 1;
            return false;
        }
        if self.chance.is_some_and(|chance| rand::random::<f64>() >= chance) {
            return false;
        }
        match &mut self.count {
            Some(0) => false,
            Some(left) => {
                *left -= 1;
                true
            }
            None => true,
        }
    }
}

/// How an answer is spoiled.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(tag = "effect", rename_all = "snake_case")]
pub enum Spoil {
    /// Any status with any body: a string is sent as text, `null` as nothing, the rest as JSON.
    Status {
        /// HTTP status.
        status: u16,
        /// Body.
        #[serde(default)]
        body: Value,
        /// Extra headers, e.g. `Retry-After`.
        #[serde(default)]
        headers: BTreeMap<String, String>,
    },
    /// A proxy's HTML page with 200 or the given status.
    Html {
        /// HTTP status.
        #[serde(default = "ok")]
        status: u16,
    },
    /// The true answer with its tail missing, as a complete HTTP message.
    BrokenJson,
    /// Half of the true answer, then the connection ends.
    Partial,
    /// The true answer, late. Not `accepted`, the method works only after the delay, and not at all
    /// when the caller has given up by then.
    Slow {
        /// By how much, milliseconds.
        delay_ms: u64,
    },
    /// No answer while the caller waits.
    Hang,
    /// The connection ends without a byte.
    Drop,
}

fn ok() -> u16 {
    200
}

/// A fault of an answer.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct AnswerFault {
    /// Which calls.
    #[serde(flatten)]
    pub aim: Aim,
    /// Whether the method does its work before the answer is spoiled. When absent: yes for
    /// `broken_json`, `partial` and `slow`, no for the others.
    #[serde(default)]
    pub accepted: Option<bool>,
    /// What happens to the answer.
    #[serde(flatten)]
    pub spoil: Spoil,
}

/// How a notification goes astray.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(tag = "effect", rename_all = "snake_case")]
pub enum Astray {
    /// Delivered once more than once.
    Duplicate,
    /// Delivered after the next one.
    Reorder,
    /// Never delivered.
    Drop,
    /// Queued late; others overtake it.
    Delay {
        /// By how much, milliseconds.
        delay_ms: u64,
    },
}

/// A fault of a notification.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct DeliveryFault {
    /// Which notifications.
    #[serde(flatten)]
    pub aim: Aim,
    /// What happens to them.
    #[serde(flatten)]
    pub astray: Astray,
}

/// All faults set at the moment.
#[derive(Debug, Default)]
pub struct Faults {
    answers: Mutex<Vec<AnswerFault>>,
    deliveries: Mutex<Vec<DeliveryFault>>,
}

impl Faults {
    /// Adds a fault of an answer; the earliest that meets a call strikes first.
    pub fn answer(&self, fault: AnswerFault) {
        locked(&self.answers).push(fault);
    }

    /// Adds a fault of notifications.
    pub fn delivery(&self, fault: DeliveryFault) {
        locked(&self.deliveries).push(fault);
    }

    /// Ends all faults.
    pub fn clear(&self) {
        locked(&self.answers).clear();
        locked(&self.deliveries).clear();
    }

    /// What is set, with the strikes that are left.
    pub fn list(&self) -> (Vec<AnswerFault>, Vec<DeliveryFault>) {
        (locked(&self.answers).clone(), locked(&self.deliveries).clone())
    }

    /// The fault that strikes this call, if any.
    pub fn strike_answer(&self, scope: &str, method: &str) -> Option<AnswerFault> {
        let mut faults = locked(&self.answers);
        let struck = faults.iter_mut().find_map(|f| (f.aim.meets(scope, method) && f.aim.strikes()).then(|| f.clone()));
        faults.retain(|fault| fault.aim.count != Some(0));
        struck
    }

    /// The fault that strikes this notification, if any.
    pub fn strike_delivery(&self, scope: &str, kind: &str) -> Option<Astray> {
        let mut faults = locked(&self.deliveries);
        let struck =
            faults.iter_mut().find_map(|f| (f.aim.meets(scope, kind) && f.aim.strikes()).then(|| f.astray.clone()));
        faults.retain(|fault| fault.aim.count != Some(0));
        struck
    }
}

/// The caller's connection as a fault sees it.
#[derive(Clone, Debug)]
pub struct Line {
    /// Cuts the connection.
    pub cut: Cut,
    /// Turns true when the emulator stops; a hanging call ends then.
    pub closing: watch::Receiver<bool>,
}

/// Answers a call through a fault. `work` is the honest handler; it runs only when the method is to
/// do its work.
pub async fn through(fault: Option<AnswerFault>, mut line: Line, work: impl Future<Output = Response>) -> Response {
    let Some(AnswerFault { accepted, spoil, .. }) = fault else {
        return work.await;
    };
    let by_default = matches!(spoil, Spoil::BrokenJson | Spoil::Partial | Spoil::Slow { .. });
    let accepted = accepted.unwrap_or(by_default);
    if let Spoil::Slow { delay_ms } = spoil {
        let pause = tokio::time::sleep(Duration::from_millis(delay_ms));
        if accepted {
            let real = work.await;
            pause.await;
            return real;
        }
        pause.await;
        return work.await;
    }
    let real = if accepted { work.await } else { StatusCode::OK.into_response() };
    match spoil {
        Spoil::Slow { .. } => real,
        Spoil::Status { status, body, headers } => status_answer(status, body, headers),
        Spoil::Html { status } => html(status),
        Spoil::BrokenJson => {
            let bytes = half(real).await.0;
            ([(header::CONTENT_TYPE, "application/json; charset=utf-8")], bytes).into_response()
        }
        Spoil::Partial => partial(half(real).await),
        Spoil::Hang => {
            // An error means that the sender is gone, which is a stop as well.
            let _ = line.closing.wait_for(|closing| *closing).await;
            line.cut.now();
            real
        }
        Spoil::Drop => {
            line.cut.now();
            real
        }
    }
}

fn status_answer(status: u16, body: Value, headers: BTreeMap<String, String>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = match body {
        Value::Null => status.into_response(),
        Value::String(text) => (status, text).into_response(),
        json => (status, axum::Json(json)).into_response(),
    };
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name.as_str()), HeaderValue::try_from(value.as_str())) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

fn html(status: u16) -> Response {
    let page = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n\
                <center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n\
                </body>\r\n</html>\r\n";
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    (status, [(header::CONTENT_TYPE, "text/html")], page).into_response()
}

/// The first half of an answer, at least one byte, and its full length.
async fn half(response: Response) -> (Bytes, usize) {
    let whole = match to_bytes(response.into_body(), usize::MAX).await {
        Ok(bytes) if !bytes.is_empty() => bytes,
        _ => Bytes::from_static(b"{\"idMessage\":\"3EB0\"}"),
    };
    let full = whole.len();
    (whole.slice(0..full.div_ceil(2).min(full - 1).max(1)), full)
}

fn partial((first, full): (Bytes, usize)) -> Response {
    let body = stream::unfold(Some(first), |part| async move {
        match part {
            Some(bytes) => Some((Ok(bytes), None)),
            None => {
                // Lets the first half reach the caller before the connection breaks.
                tokio::time::sleep(Duration::from_millis(30)).await;
                Some((Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset)), None))
            }
        }
    });
    (
        [
            (header::CONTENT_TYPE, "application/json; charset=utf-8".to_owned()),
            (header::CONTENT_LENGTH, (full.max(2)).to_string()),
        ],
        Body::from_stream(body),
    )
        .into_response()
}
