//! Takes connections. Like `axum::serve`, but a client that does not finish its headers is let go, and stopping waits for
//! nobody for long.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tower::ServiceExt;

/// How long the headers of a request may take to arrive, and how long a connection may stay idle between two requests.
const HEADERS: Duration = Duration::from_secs(75);
/// How long requests that are half-way may take to end when the process stops.
const ENDING: Duration = Duration::from_secs(8);
/// How long to wait when the system has no sockets left.
const EXHAUSTED: Duration = Duration::from_millis(200);

/// Serves until `stopped`, then lets what is half-way end.
pub async fn listen(listener: TcpListener, router: Router, stopped: impl Future<Output = ()>) {
    let graceful = GracefulShutdown::new();
    let mut stopped = std::pin::pin!(stopped);
    loop {
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(pair) => pair,
                Err(error) => {
                    tracing::warn!(%error, "taking a connection");
                    tokio::time::sleep(EXHAUSTED).await;
                    continue;
                }
            },
            () = &mut stopped => break,
        };
        // Frames of the live stream are small and must not wait for each other.
        let _ = stream.set_nodelay(true);
        let router = router.clone();
        let service = hyper::service::service_fn(move |request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo::<SocketAddr>(peer));
            router.clone().oneshot(request)
        });
        let mut builder = Builder::new(TokioExecutor::new()).http1_only();
        builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADERS);
        let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service).into_owned();
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended");
            }
        });
    }
    drop(listener);
    if tokio::time::timeout(ENDING, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not end in time");
    }
}
