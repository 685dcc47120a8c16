//! Connections: taken in within bounds, given time limits, and brought to an end in order.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt;

use super::limit::Peer;
use super::service::Phase;

/// The head of a request must be there within this time; an idle connection is closed after it.
const HEAD_TIME: Duration = Duration::from_secs(30);
const LARGEST_HEAD: usize = 32 << 10;
const MOST_HEADERS: usize = 100;
/// A pause after a connection could not be taken, mostly because no file descriptor is left.
const PAUSE: Duration = Duration::from_millis(50);
/// How long streams have for their last event when time is up.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// How much is taken on.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Connections at once.
    pub connections: usize,
    /// How long a client may take nothing of what is sent to it.
    pub write: Duration,
}

/// A connection whose writes have a time limit.
type Timed = Pin<Box<TimeoutStream<TcpStream>>>;

/// Listens on an address.
///
/// # Errors
/// Names the address and a way out.
pub async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => anyhow::anyhow!(
            "{address} is in use by another program; end that one, or choose another port with --listen {}:PORT, where port 0 takes a free one",
            shown(address)
        ),
        _ => anyhow::Error::new(error).context(format!("cannot listen on {address}; `--listen ADDR:PORT` chooses an address of this machine")),
    })
}

fn shown(address: SocketAddr) -> String {
    match address {
        SocketAddr::V4(four) => four.ip().to_string(),
        SocketAddr::V6(six) => format!("[{}]", six.ip()),
    }
}

/// Takes connections until `stop` is done. Then what has begun may go on until the deadline.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    stop: impl Future<Output = ()>,
    phase: watch::Sender<Phase>,
    deadline: Duration,
) -> anyhow::Result<()> {
    let room = Arc::new(Semaphore::new(limits.connections));
    let graceful = GracefulShutdown::new();
    let mut open = JoinSet::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let accept = async {
            let place = Arc::clone(&room).acquire_owned().await.context("the service is ending")?;
            Ok::<_, anyhow::Error>((place, listener.accept().await))
        };
        let (place, accepted) = tokio::select! {
            () = &mut stop => break,
            Some(_) = open.join_next(), if !open.is_empty() => continue,
            accepted = accept => accepted?,
        };
        match accepted {
            Ok((stream, peer)) => {
                let connection = graceful.watch(connection(stream, peer, router.clone(), limits.write));
                open.spawn(async move {
                    // A client that breaks off is no matter for us.
                    let _ = connection.await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!("a connection could not be taken: {error}");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
    drop(listener);
    phase.send_replace(Phase::Stopping);
    let ended = graceful.shutdown();
    let mut ended = std::pin::pin!(ended);
    if tokio::time::timeout(deadline, &mut ended).await.is_err() {
        phase.send_replace(Phase::Ended);
        let _ = tokio::time::timeout(LAST_WORDS, ended).await;
    }
    open.shutdown().await;
    Ok(())
}

fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    write: Duration,
) -> http1::Connection<
    TokioIo<Timed>,
    impl hyper::service::Service<Request<Incoming>, Response = axum::response::Response, Error = std::convert::Infallible, Future: Send>,
> {
    // Events are small and must not wait for each other.
    let _ = stream.set_nodelay(true);
    // A reader that stopped reading would hold its answer, its place and its memory for good.
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(write));
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer.ip()));
        router.clone().oneshot(request.map(Body::new))
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_headers(MOST_HEADERS)
        .max_header_size(LARGEST_HEAD)
        .serve_connection(TokioIo::new(Box::pin(stream)), service)
}
