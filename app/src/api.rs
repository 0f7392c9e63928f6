//! The one client of `/api/v1`: typed calls, one error type, uploads with progress. What is called when is the pages'
//! affair; live frames are in `live`.

use std::sync::LazyLock;

use domain::fault::FaultBody;
use domain::{Fault, locale};
use gloo_net::http::{Method, RequestBuilder};
use js_sys::Promise;
use leptos::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{RequestCache, XmlHttpRequest};

use crate::i18n::{self, t};

/// Where the API begins.
pub const ROOT: &str = "/api/v1";

/// Counts up each time the server says that nobody is signed in any more. The shell watches it.
pub static SIGNED_OUT: LazyLock<ArcRwSignal<u32>> = LazyLock::new(|| ArcRwSignal::new(0));

/// Why a call did not succeed.
#[derive(Clone, Debug, PartialEq)]
pub struct Trouble {
    /// What the server said; absent when it did not answer or not in our words.
    pub fault: Option<Fault>,
    /// The sentence for people, in the interface's language.
    pub message: String,
    /// The provider's own words or the place of the mistake (a field's name).
    pub detail: Option<String>,
    /// The HTTP status; 0 when there was no answer at all.
    pub status: u16,
}

impl Trouble {
    /// Whether the server itself asks to try later: no connection, overload, restart.
    pub fn is_passing(&self) -> bool {
        matches!(self.status, 0 | 429 | 502 | 503 | 504)
    }

    /// Whether this is that fault.
    pub fn is(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    /// A part of the client itself did not come.
    pub fn no_code() -> Self {
        Self { message: t().common.no_code.to_owned(), ..Self::network() }
    }

    /// The server has another version of the client by now.
    pub fn replaced() -> Self {
        Self { message: t().common.replaced.to_owned(), ..Self::network() }
    }

    fn network() -> Self {
        Self { fault: None, message: t().common.no_network.to_owned(), detail: None, status: 0 }
    }

    fn read(status: u16, body: &str) -> Self {
        let Ok(FaultBody { error }) = serde_json::from_str(body) else {
            return Self { fault: None, message: (t().common.strange_answer)(status), detail: None, status };
        };
        let fault = Fault::parse(&error.code);
        if fault == Some(Fault::SignedOut) {
            SIGNED_OUT.update(|n| *n += 1);
        }
        // Our own sentence follows a change of language; the server's serves codes newer than this client.
        let message = fault.map_or(error.message, |fault| locale::fault(i18n::language(), fault).to_owned());
        Self { fault, message, detail: error.detail, status }
    }
}

/// `GET`.
pub async fn get<T: DeserializeOwned>(path: &str) -> Result<T, Trouble> {
    parse(call(Method::GET, path, None).await?)
}

/// `POST` with a body.
pub async fn post<T: DeserializeOwned>(path: &str, body: &impl Serialize) -> Result<T, Trouble> {
    parse(call(Method::POST, path, Some(write(body)?)).await?)
}

/// `POST` without a body.
pub async fn act<T: DeserializeOwned>(path: &str) -> Result<T, Trouble> {
    parse(call(Method::POST, path, None).await?)
}

/// `PATCH`.
pub async fn patch<T: DeserializeOwned>(path: &str, body: &impl Serialize) -> Result<T, Trouble> {
    parse(call(Method::PATCH, path, Some(write(body)?)).await?)
}

/// `PUT`; the answer is empty.
pub async fn put(path: &str, body: &impl Serialize) -> Result<(), Trouble> {
    call(Method::PUT, path, Some(write(body)?)).await.map(|_| ())
}

/// `POST` whose answer is empty, such as "typing".
pub async fn tell(path: &str) -> Result<(), Trouble> {
    call(Method::POST, path, None).await.map(|_| ())
}

/// `POST` with a body whose answer is empty.
pub async fn order(path: &str, body: &impl Serialize) -> Result<(), Trouble> {
    call(Method::POST, path, Some(write(body)?)).await.map(|_| ())
}

/// `DELETE`; the answer, if there is one, is not needed.
pub async fn delete(path: &str) -> Result<(), Trouble> {
    call(Method::DELETE, path, None).await.map(|_| ())
}

fn write(body: &impl Serialize) -> Result<String, Trouble> {
    serde_json::to_string(body).map_err(|_| Trouble::read(0, ""))
}

fn parse<T: DeserializeOwned>(body: String) -> Result<T, Trouble> {
    serde_json::from_str(&body).map_err(|cause| {
        leptos::logging::warn!("answer not understood: {cause}");
        Trouble::read(200, "")
    })
}

/// One exchange. Not generic, so that it is in the binary once.
async fn call(method: Method, path: &str, body: Option<String>) -> Result<String, Trouble> {
    let request = RequestBuilder::new(&format!("{ROOT}{path}"))
        .method(method)
        .header("Accept", "application/json")
        .header("Accept-Language", i18n::language_tag());
    let request = match body {
        Some(body) => request.header("Content-Type", "application/json").body(body),
        None => request.build(),
    };
    let answer = request.map_err(|_| Trouble::network())?.send().await.map_err(|_| Trouble::network())?;
    let status = answer.status();
    let ok = answer.ok();
    let body = answer.text().await.map_err(|_| Trouble::network())?;
    if ok { Ok(body) } else { Err(Trouble::read(status, &body)) }
}

/// Whether the server's page names another client than the one that runs here.
pub async fn is_replaced() -> bool {
    let Ok(Some(script)) = document().query_selector("link[rel=modulepreload]") else { return false };
    let Some(script) = script.get_attribute("href") else { return false };
    let Ok(answer) = RequestBuilder::new("/").header("Accept", "text/html").cache(RequestCache::NoStore).send().await
    else {
        return false;
    };
    answer.ok() && answer.text().await.is_ok_and(|page| !page.contains(&script))
}

/// A file on its way to `POST /files`. Dropping it does not stop it; `abort` of its [`Upload::request`] does.
pub struct Upload {
    request: XmlHttpRequest,
    ended: Promise,
    // The browser calls these for as long as the request lives.
    _progress: Option<Closure<dyn FnMut(web_sys::ProgressEvent)>>,
}

impl Upload {
    /// Starts. `progress` hears a share from 0 to 1. `fetch` cannot tell how much has gone, hence `XMLHttpRequest`.
    ///
    /// # Errors
    /// When the browser refuses to begin.
    pub fn start(file: &web_sys::File, progress: impl Fn(f64) + 'static) -> Result<Self, Trouble> {
        Self::begin(file, Box::new(progress)).map_err(|_| Trouble::network())
    }

    fn begin(file: &web_sys::File, progress: Box<dyn Fn(f64)>) -> Result<Self, JsValue> {
        let request = XmlHttpRequest::new()?;
        request.open("POST", &format!("{ROOT}/files"))?;
        request.set_request_header("Accept-Language", i18n::language_tag())?;
        let heard = Closure::<dyn FnMut(web_sys::ProgressEvent)>::new(move |event: web_sys::ProgressEvent| {
            if event.length_computable() && event.total() > 0.0 {
                progress(event.loaded() / event.total());
            }
        });
        request.upload()?.set_onprogress(Some(heard.as_ref().unchecked_ref()));
        let form = web_sys::FormData::new()?;
        form.append_with_blob_and_filename("file", file, &file.name())?;
        let ended = Promise::new(&mut |resolve, _| {
            // Comes after load, error, timeout and abort alike.
            request.set_onloadend(Some(&resolve));
        });
        request.send_with_opt_form_data(Some(&form))?;
        Ok(Self { request, ended, _progress: Some(heard) })
    }

    /// A handle that can stop the upload while another awaits its end.
    pub fn request(&self) -> XmlHttpRequest {
        self.request.clone()
    }

    /// Waits for the end.
    ///
    /// # Errors
    /// As any call; a network failure also after it was stopped.
    pub async fn finish(self) -> Result<domain::File, Trouble> {
        let _ = JsFuture::from(self.ended.clone()).await;
        let status = self.request.status().unwrap_or(0);
        let body = self.request.response_text().ok().flatten().unwrap_or_default();
        match status {
            0 => Err(Trouble::network()),
            200..=299 => parse(body),
            _ => Err(Trouble::read(status, &body)),
        }
    }
}

/// A value for a query, percent-encoded.
pub fn encode(text: &str) -> String {
    js_sys::encode_uri_component(text).into()
}
