//! The emulator against the facts of `reference/green-api.md`, asked over HTTP as any client would.
//! Independent clients do the same in `end2end/sdk`.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod account;
mod control;
mod faults;
mod notify;
mod send;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, StatusCode};
use emulator::Emulator;
use emulator::green_api::{Instance, NewInstance, Pace};
use reqwest::Client;
use serde_json::{Value, json};

/// A customer.
const OLGA: &str = "79990000002@c.us";
/// Another one.
const IVAN: &str = "79990000003@c.us";

/// An emulator with one instance that hears everything.
struct Stage {
    emulator: Emulator,
    instance: Arc<Instance>,
    http: Client,
}

impl Stage {
    async fn new() -> Self {
        Self::with(NewInstance { inbox: true, ..NewInstance::default() }).await
    }

    async fn paced(pace: Pace) -> Self {
        Self::with(NewInstance { inbox: true, pace, ..NewInstance::default() }).await
    }

    async fn with(new: NewInstance) -> Self {
        let emulator = Emulator::start().await.unwrap();
        let instance = emulator.green_api().add_instance(new);
        let http = Client::builder().no_proxy().timeout(Duration::from_secs(20)).build().unwrap();
        Self { emulator, instance, http }
    }

    async fn get(&self, method: &str) -> (u16, Value) {
        let (name, query) = method.split_once('?').unwrap_or((method, ""));
        let url = format!("{}?{query}", self.instance.method_url(name));
        answer(self.http.get(url).send().await.unwrap()).await
    }

    async fn post(&self, method: &str, body: Value) -> (u16, Value) {
        let url = self.instance.method_url(method);
        answer(self.http.post(url).json(&body).send().await.unwrap()).await
    }

    async fn delete(&self, receipt: &Value) -> (u16, Value) {
        let url = format!("{}/{receipt}", self.instance.method_url("deleteNotification"));
        answer(self.http.delete(url).send().await.unwrap()).await
    }

    /// Queues a text and gives its id.
    async fn send(&self, chat: &str, text: &str) -> String {
        let (status, body) = self.post("sendMessage", json!({"chatId": chat, "message": text})).await;
        assert_eq!(status, 200, "{body}");
        body["idMessage"].as_str().unwrap().to_owned()
    }

    /// Takes the next notification from the polling queue.
    async fn next(&self) -> Value {
        let (status, note) = self.get("receiveNotification?receiveTimeout=5").await;
        assert_eq!(status, 200, "{note}");
        assert!(note.is_object(), "no notification came");
        let (_, done) = self.delete(&note["receiptId"]).await;
        assert_eq!(done["result"], true);
        note["body"].clone()
    }

    async fn control(&self, path: &str, body: Value) -> (u16, Value) {
        let url = format!("{}/_control/{path}", self.emulator.url());
        answer(self.http.post(url).json(&body).send().await.unwrap()).await
    }
}

/// Status and body; a body that is no JSON comes as a string.
async fn answer(response: reqwest::Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

/// Waits until something is true, at most 10 seconds.
async fn until(what: &str, mut check: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !check() {
        assert!(begun.elapsed() < Duration::from_secs(10), "it never came: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A receiver of notifications that answers as it is told.
#[derive(Clone)]
struct Sink {
    url: String,
    got: Arc<Mutex<Vec<(Value, String)>>>,
    status: Arc<Mutex<u16>>,
}

impl Sink {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let sink = Self { url, got: Arc::default(), status: Arc::new(Mutex::new(200)) };
        let heard = sink.clone();
        let take = move |headers: HeaderMap, axum::Json(body): axum::Json<Value>| async move {
            let signed = headers.get("authorization").map(|v| v.to_str().unwrap().to_owned());
            heard.got.lock().unwrap().push((body, signed.unwrap_or_default()));
            StatusCode::from_u16(*heard.status.lock().unwrap()).unwrap()
        };
        let app = axum::Router::new().fallback(take);
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        sink
    }

    fn answer_with(&self, status: u16) {
        *self.status.lock().unwrap() = status;
    }

    fn count(&self) -> usize {
        self.got.lock().unwrap().len()
    }

    /// Texts received, in order.
    fn texts(&self) -> Vec<String> {
        let got = self.got.lock().unwrap();
        let text = |body: &Value| body["messageData"]["textMessageData"]["textMessage"].clone();
        got.iter().filter_map(|(body, _)| text(body).as_str().map(str::to_owned)).collect()
    }
}
