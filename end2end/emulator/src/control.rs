//! The router, and the control API for tests in other languages: plain JSON under `/_control`.
//! Here is what all providers share; each provider adds its own under its name.
//!
//! | call | does |
//! |---|---|
//! | `GET /_control` | lists providers, accounts and ready-made faults |
//! | `POST /_control/reset` | forgets everything: accounts, calls, faults, files |
//! | `GET /_control/calls?scope=&method=` | calls of the providers' APIs, oldest first |
//! | `DELETE /_control/calls` | forgets them |
//! | `POST /_control/faults` | adds a fault of answers: `{"scope":"7103000001","method":"sendMessage","count":1,"skip":0,"chance":0.5,"accepted":true,"effect":"status","status":502,"body":"…","headers":{}}`; other effects: `html`, `broken_json`, `partial`, `slow` + `delay_ms`, `hang`, `drop`; or `"preset":"429_retry_after"` instead of an effect. `accepted` says whether the method does its work although the answer is spoiled |
//! | `POST /_control/delivery_faults` | adds a fault of notifications: `{"scope","method":"<typeWebhook>","count","effect":"duplicate"\|"reorder"\|"drop"\|"delay","delay_ms"}` |
//! | `GET /_control/faults` | faults with their strikes left |
//! | `DELETE /_control/faults` | ends all faults |
//! | `… /_control/green-api/…` | see `green_api::control` |
//!
//! Errors are `{"error":"…"}` with 400 or 404.

use std::sync::Arc;

use axum::body::to_bytes;
use axum::extract::connect_info::ConnectInfo;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::World;
use crate::faults::{AnswerFault, DeliveryFault, Line};
use crate::files::LARGEST;
use crate::green_api::{self, GreenApi};
use crate::wire::Cut;

#[derive(Clone)]
struct Desk {
    world: Arc<World>,
    green_api: Arc<GreenApi>,
}

/// Everything behind the door.
pub(crate) fn router(world: Arc<World>, green_api: Arc<GreenApi>) -> Router {
    Router::new()
        .fallback(answer)
        .layer(DefaultBodyLimit::max(LARGEST + 1024 * 1024))
        .layer(Extension(Desk { world, green_api }))
}

async fn answer(Extension(desk): Extension<Desk>, ConnectInfo(cut): ConnectInfo<Cut>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    if path.starts_with("/download/") {
        return desk.world.files.serve(&path);
    }
    if let Some(rest) = path.strip_prefix("/_control") {
        return match control(&desk, rest, request).await {
            Ok(body) => axum::Json(body).into_response(),
            Err(Denied(status, text)) => (status, axum::Json(json!({"error": text}))).into_response(),
        };
    }
    let line = Line { cut, closing: desk.world.closing.clone() };
    desk.green_api.answer(request, line).await
}

/// Why a control call failed.
pub(crate) struct Denied(pub StatusCode, pub String);

impl Denied {
    /// 404.
    pub fn unknown(what: &str) -> Self {
        Self(StatusCode::NOT_FOUND, format!("unknown {what}"))
    }
}

impl From<anyhow::Error> for Denied {
    fn from(error: anyhow::Error) -> Self {
        Self(StatusCode::BAD_REQUEST, format!("{error:#}"))
    }
}

/// Reads a control body into a type.
pub(crate) fn parsed<T: DeserializeOwned>(body: Value) -> Result<T, Denied> {
    let body = if body.is_null() { json!({}) } else { body };
    serde_json::from_value(body).map_err(|error| Denied(StatusCode::BAD_REQUEST, error.to_string()))
}

async fn control(desk: &Desk, path: &str, request: Request) -> Result<Value, Denied> {
    let verb = request.method().clone();
    let query = request.uri().query().unwrap_or_default().to_owned();
    let bytes = to_bytes(request.into_body(), 2 * LARGEST).await.map_err(anyhow::Error::from)?;
    let body: Value =
        if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).map_err(anyhow::Error::from)? };
    if let Some(rest) = path.strip_prefix("/green-api/") {
        return green_api::control::answer(&desk.green_api, &verb, rest, body).await;
    }
    let world = &desk.world;
    let asked = |name: &str| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
    };
    match (&verb, path.trim_matches('/')) {
        (&Method::GET, "") => Ok(json!({
            "url": world.url,
            "green-api": {
                "instances": desk.green_api.instances().iter().map(|i| i.id).collect::<Vec<_>>(),
                "presets": green_api::presets::PRESETS,
                "calls": green_api::control::CALLS,
            },
        })),
        (&Method::POST, "reset") => {
            desk.green_api.clear();
            world.calls.clear();
            world.faults.clear();
            world.files.clear();
            Ok(json!({}))
        }
        (&Method::GET, "calls") => Ok(json!(world.calls.list(asked("scope"), asked("method")))),
        (&Method::DELETE, "calls") => {
            world.calls.clear();
            Ok(json!({}))
        }
        (&Method::GET, "faults") => {
            let (answers, deliveries) = world.faults.list();
            Ok(json!({"answers": answers, "deliveries": deliveries}))
        }
        (&Method::POST, "faults") => {
            world.faults.answer(answer_fault(body)?);
            Ok(json!({}))
        }
        (&Method::POST, "delivery_faults") => {
            world.faults.delivery(parsed::<DeliveryFault>(scope_as_text(body))?);
            Ok(json!({}))
        }
        (&Method::DELETE, "faults") => {
            world.faults.clear();
            Ok(json!({}))
        }
        _ => Err(Denied::unknown("control call")),
    }
}

/// Lets a scope be written as a number.
fn scope_as_text(mut body: Value) -> Value {
    if let Some(number) = body["scope"].as_i64() {
        body["scope"] = json!(number.to_string());
    }
    body
}

fn answer_fault(body: Value) -> Result<AnswerFault, Denied> {
    let mut body = scope_as_text(body);
    if let Some(name) = body["preset"].as_str() {
        let spoil = green_api::presets::preset(name).ok_or_else(|| Denied::unknown("preset"))?;
        let spoil = serde_json::to_value(spoil).map_err(anyhow::Error::from)?;
        if let (Some(body), Value::Object(spoil)) = (body.as_object_mut(), spoil) {
            body.extend(spoil);
        }
    }
    parsed(body)
}
