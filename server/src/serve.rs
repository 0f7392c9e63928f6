//! Puts everything together and runs it until told to stop.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use axum::extract::{ConnectInfo, State as Part};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::accounts::Accounts;
use crate::config::Config;
use crate::fault::Problem;
use crate::fetch::Fetch;
use crate::files::Files;
use crate::gateway::Gateways;
use crate::ledger::Ledger;
use crate::live::Live;
use crate::metrics::Metrics;
use crate::secret::{Vault, same, token};
use crate::state::{Bell, Shared, State};
use crate::store::Db;
use crate::store::log::Log;
use crate::work::intake::Intake;
use crate::work::shards::Shards;
use crate::{api, auth, hs, listen, live, pages, work};

/// A running server.
#[derive(Debug)]
pub struct Server {
    /// What everything shares.
    pub state: State,
    /// Where it listens.
    pub address: SocketAddr,
    work: JoinSet<()>,
}

/// Opens what there is: the key, the database, the files. Also for the commands that do not serve.
pub async fn open(config: Config) -> anyhow::Result<State> {
    let vault = Vault::open(&config.data)?;
    let db = Db::open(&config.database).await?;
    let bell = Arc::new(Bell::default());
    let accounts = Arc::new(Accounts::new(db.clone(), vault.clone()));
    let log = Log::start(db.clone());
    let fetch = Fetch::new(&config.allow_private_hosts)?;
    let files = Files::open(&config.data)?;
    let guard = auth::Guard::new(&config)?;
    Ok(Arc::new(Shared {
        ledger: Ledger::new(db.clone(), bell.clone(), accounts.clone()),
        intake: Intake::start(db.clone(), bell.clone()),
        gateways: Gateways::new(fetch.clone(), log.clone()),
        metrics: Metrics::new()?,
        live: Live::default(),
        shards: Shards::default(),
        node: token().chars().take(12).collect(),
        accounts,
        files,
        fetch,
        guard,
        bell,
        vault,
        log,
        db,
        config,
    }))
}

/// Everything that can be asked.
pub fn router(state: &State) -> Router {
    let all = Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .merge(api::router(state))
        .nest("/hs", hs_router(state.config.bench))
        .merge(pages::router(state));
    api::wrapped(all).with_state(state.clone())
}

fn hs_router(bench: bool) -> Router<State> {
    let reference = if bench { hs::webhook::echo() } else { Router::new() };
    hs::webhook::routes()
        .merge(reference)
        .fallback(crate::fault::no_such_call)
        .method_not_allowed_fallback(crate::fault::wrong_method)
        .layer(axum::middleware::from_fn(crate::fault::speak))
}

/// Starts listening and working.
pub async fn start(config: Config) -> anyhow::Result<Server> {
    let listener = TcpListener::bind(config.listen).await.with_context(|| format!("listening on {}", config.listen))?;
    let state = open(config).await?;
    first_administrator(&state).await?;
    work::shards::begin(&state).await?;
    let mut work = JoinSet::new();
    keep_running(&mut work, &state, "history", work::history::run);
    keep_running(&mut work, &state, "inbound", work::inbound::run);
    keep_running(&mut work, &state, "outbound", work::outbound::run);
    keep_running(&mut work, &state, "later", work::later::run);
    keep_running(&mut work, &state, "receive", work::receive::run);
    keep_running(&mut work, &state, "sandbox", work::sandbox::run);
    keep_running(&mut work, &state, "shards", work::shards::run);
    keep_running(&mut work, &state, "upkeep", work::upkeep::run);
    keep_running(&mut work, &state, "tidy", work::upkeep::tidy);
    keep_running(&mut work, &state, "listen", work::upkeep::listen);
    keep_running(&mut work, &state, "search", work::search::run);
    keep_running(&mut work, &state, "live", live::run);
    let address = listener.local_addr()?;
    let (all, stopping) = (router(&state), state.clone());
    work.spawn(async move { listen::listen(listener, all, stopping.bell.stopped()).await });
    Ok(Server { state, address, work })
}

/// Runs a worker until it ends in order. One that panics is begun anew: a mistake in one place must not leave the whole
/// house without, say, its outbox until somebody notices.
fn keep_running<F>(work: &mut JoinSet<()>, state: &State, name: &'static str, run: fn(State) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let state = state.clone();
    work.spawn(async move {
        while let Err(error) = tokio::spawn(run(state.clone())).await {
            if !error.is_panic() {
                return;
            }
            tracing::error!(worker = name, "a worker panicked and is begun anew");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    });
}

impl Server {
    /// Stops taking requests, lets what is half-way finish, closes the database. At most half a minute.
    pub async fn stop(mut self) {
        self.state.bell.stopping.send_replace(true);
        let all = async { while self.work.join_next().await.is_some() {} };
        if tokio::time::timeout(Duration::from_secs(30), all).await.is_err() {
            tracing::warn!("some work did not finish in time; it is taken up again at the next start");
        }
        if let Err(error) = work::shards::leave(&self.state).await {
            tracing::warn!(error = format!("{error:#}"), "signing off");
        }
        self.state.log.flush().await;
        self.state.db.close().await;
    }
}

async fn first_administrator(state: &State) -> anyhow::Result<()> {
    if let Some((login, password)) = &state.config.admin {
        auth::first_administrator(&state.db, login, password)
            .await
            .map_err(|problem| anyhow::anyhow!("--admin: {}", problem.fault.code()))?;
    }
    Ok(())
}

async fn ready(Part(state): Part<State>) -> Response {
    match state.db.ping().await {
        Ok(()) if !*state.bell.stopping.borrow() => "ready".into_response(),
        _ => (StatusCode::SERVICE_UNAVAILABLE, "not ready").into_response(),
    }
}

/// Figures, for this machine or with the token.
async fn metrics(
    Part(state): Part<State>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let proven = match (&state.config.metrics_token, bearer) {
        (Some(token), Some(bearer)) => same(token, bearer),
        // Behind a proxy on this machine everybody comes from loopback.
        (None, _) => peer.ip().is_loopback() && !headers.contains_key("x-forwarded-for"),
        (Some(_), None) => false,
    };
    if !proven {
        return Err(domain::Fault::Forbidden.into());
    }
    let text = state.metrics.text()?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response())
}
