//! Takes connections. Like `axum::serve`, but a client that does not finish its headers is let go, and stopping waits for
//! nobody for long.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use hyper::body::{Body as _, Bytes, Frame, Incoming, SizeHint};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tower::ServiceExt;

/// How long the headers of a request may take to arrive, and how long a connection may stay idle between two requests.
const HEADERS: Duration = Duration::from_secs(75);
/// How long requests that are half-way may take to end when the process stops.
const ENDING: Duration = Duration::from_secs(8);
/// How much of a refused body is read for the sake of manners, bytes, and for how long.
const SWALLOWED: usize = 8 * 1024 * 1024;
/// See [`SWALLOWED`].
const SWALLOWING: Duration = Duration::from_secs(5);
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
            let (back, rest) = oneshot::channel();
            let mut request = request.map(|body| Body::new(Lent { body: Some(body), back: Some(back) }));
            request.extensions_mut().insert(ConnectInfo::<SocketAddr>(peer));
            let answer = router.clone().oneshot(request);
            async move {
                let response = answer.await?;
                if response.status().is_client_error() {
                    swallow(rest).await;
                }
                Ok::<_, Infallible>(response)
            }
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

/// A request's body that comes back when its reader has done with it.
struct Lent {
    body: Option<Incoming>,
    back: Option<oneshot::Sender<Incoming>>,
}

impl hyper::body::Body for Lent {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match &mut self.body {
            Some(body) => Pin::new(body).poll_frame(cx),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Incoming::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map(Incoming::size_hint).unwrap_or_default()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let (Some(body), Some(back)) = (self.body.take(), self.back.take()) {
            // An error means that nobody waits for it any more.
            let _ = back.send(body);
        }
    }
}

/// Reads what a refused client is still sending: one that is cut off in the middle of its body sees a broken connection
/// instead of the reason.
async fn swallow(mut rest: oneshot::Receiver<Incoming>) {
    let Ok(mut body) = rest.try_recv() else { return };
    if body.is_end_stream() || body.size_hint().lower() > SWALLOWED as u64 {
        return;
    }
    let mut left = SWALLOWED;
    let read = async {
        while let Some(Ok(frame)) = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
            left = left.saturating_sub(frame.data_ref().map_or(0, Bytes::len));
            if left == 0 {
                return;
            }
        }
    };
    let _ = tokio::time::timeout(SWALLOWING, read).await;
}
