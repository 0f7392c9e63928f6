//! The outside world on loopback: providers as their references describe them, for tests and hand
//! work. [`Emulator::start`] runs it inside a test; the binary of the same name serves browsers,
//! other languages and people.
//!
//! Here is only what every provider shares: the listener, files, faults, the call log and the
//! control router. What a provider says and how it behaves is in its own module (`green_api`).

pub mod calls;
mod control;
pub mod faults;
pub mod files;
pub mod green_api;
pub mod samples;
pub mod wire;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::green_api::GreenApi;
use crate::wire::{Cut, Door};

/// What the providers share.
#[derive(Debug)]
pub struct World {
    /// Address without a trailing slash, e.g. `http://127.0.0.1:41000`.
    pub url: String,
    /// Everything that was asked.
    pub calls: calls::Calls,
    /// Faults set at the moment.
    pub faults: faults::Faults,
    /// Files served under `/download`.
    pub files: files::Files,
    /// Turns true when the emulator stops.
    pub closing: watch::Receiver<bool>,
    /// The way out, for notifications. Follows no redirects and no proxy.
    pub http: reqwest::Client,
}

/// A running emulator. Dropping it stops it at once; [`Emulator::stop`] also waits.
#[derive(Debug)]
pub struct Emulator {
    address: SocketAddr,
    world: Arc<World>,
    green_api: Arc<GreenApi>,
    close: watch::Sender<bool>,
    serving: Option<JoinHandle<()>>,
}

impl Emulator {
    /// Starts on a free loopback port.
    ///
    /// # Errors
    /// When no port can be bound.
    pub async fn start() -> anyhow::Result<Self> {
        Self::start_on(SocketAddr::from(([127, 0, 0, 1], 0))).await
    }

    /// Starts on a given address, e.g. the one that a stopped emulator had.
    ///
    /// # Errors
    /// When the address is taken or is not loopback.
    pub async fn start_on(address: SocketAddr) -> anyhow::Result<Self> {
        anyhow::ensure!(address.ip().is_loopback(), "the emulator listens on loopback only");
        // Fails only when one is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = TcpListener::bind(address).await.with_context(|| format!("listening on {address}"))?;
        let address = listener.local_addr()?;
        let (close, closing) = watch::channel(false);
        let world = Arc::new(World {
            url: format!("http://{address}"),
            calls: calls::Calls::default(),
            faults: faults::Faults::default(),
            files: files::Files::default(),
            closing: closing.clone(),
            http: reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build()?,
        });
        let green_api = Arc::new(GreenApi::new(world.clone()));
        let app = control::router(world.clone(), green_api.clone()).into_make_service_with_connect_info::<Cut>();
        let mut until = closing;
        let serving = tokio::spawn(async move {
            let served = axum::serve(Door(listener), app).with_graceful_shutdown(async move {
                // An error means that the emulator was dropped.
                let _ = until.wait_for(|closing| *closing).await;
            });
            if let Err(error) = served.await {
                tracing::error!(%error, "the emulator's listener failed");
            }
        });
        Ok(Self { address, world, green_api, close, serving: Some(serving) })
    }

    /// Address without a trailing slash; the API host and the media host of every instance.
    pub fn url(&self) -> &str {
        &self.world.url
    }

    /// The bound address.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What the providers share: calls, faults, files.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Green-API.
    pub fn green_api(&self) -> &Arc<GreenApi> {
        &self.green_api
    }

    /// Stops: closes idle connections, ends hanging calls, frees the port.
    pub async fn stop(mut self) {
        self.close.send_replace(true);
        self.green_api.clear();
        if let Some(mut serving) = self.serving.take()
            && tokio::time::timeout(Duration::from_secs(2), &mut serving).await.is_err()
        {
            serving.abort();
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.close.send_replace(true);
        self.green_api.clear();
    }
}

/// Locks, minding that a panic elsewhere (a failed test) does not make the data unreadable.
fn locked<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Unix milliseconds.
fn unix_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Unix seconds.
fn unix_s() -> i64 {
    i64::try_from(unix_ms() / 1000).unwrap_or(i64::MAX)
}

/// Random upper-case hex digits, up to 32.
fn hex(digits: usize) -> String {
    let mut text = format!("{:032X}", rand::random::<u128>());
    text.truncate(digits);
    text
}
