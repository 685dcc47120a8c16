//! The web service: the contract's routes over HTTP/1.1. The only home of axum.
//!
//! A request passes `observe` (id, log, metrics, shape of refusals), finds its handler in the table of `router`, is admitted
//! by `limit`, and becomes one turn in `answering`. `stream` sends its parts as they come.

mod admin;
mod again;
mod answering;
mod catalog;
mod chat;
mod error;
mod extract;
pub mod limit;
mod listener;
mod metrics;
mod observe;
mod openai;
mod operations;
mod page;
mod reply;
mod router;
mod schema;
mod service;
mod sessions;
mod stream;
mod suggestions;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::sync::watch;

use crate::assistant::Assistant;
use crate::config::Config;
use crate::model::Model;
use crate::session::Sessions;
use crate::shop::Shop;
use service::{Phase, Service};

pub use router::description;

/// How often the recorder tidies up.
const UPKEEP: Duration = Duration::from_secs(10);

/// Serves until told to stop. The shop is opened while connections are taken already: what needs it waits. `say` tells
/// whoever started the service.
///
/// # Errors
/// When the address cannot be had, the shop cannot be opened, or knowledge cannot be read.
pub async fn run(
    config: &Config,
    open: impl FnOnce() -> anyhow::Result<(Shop, Option<Arc<Model>>)> + Send + 'static,
    say: impl Fn(&str),
) -> anyhow::Result<()> {
    let suggestions = suggestions::load(&config.knowledge)?;
    let recorder = metrics::start()?;
    let listener = listener::bind(config.serve.listen).await?;
    let sessions = Arc::new(Sessions::open(&config.sessions, config.serve.sessions.clone(), true).await?);
    let address = listener.local_addr().context("cannot tell the port that is listened on")?;
    let (phase, phase_seen) = watch::channel(Phase::Running);
    let service = Arc::new(Service::new(config.serve.clone(), suggestions, phase_seen, recorder.clone(), config.llm.is_none()));
    // Set up before the line below: who reads it may send a signal at once.
    let stop = stop_signal()?;
    if !address.ip().is_loopback() {
        say(&open_to_all(config));
    }
    say(&format!("listening on http://{address}"));
    let upkeep = async {
        loop {
            tokio::time::sleep(UPKEEP).await;
            recorder.run_upkeep();
        }
    };
    let opening = async {
        let (shop, model) = tokio::task::spawn_blocking(open).await.context("opening the shop stopped half-way")??;
        let shop = Arc::new(shop);
        service.opened(Arc::new(Assistant::with_sessions(Arc::clone(&shop), model, Arc::clone(&sessions))));
        tokio::task::spawn_blocking(move || shop.warm_up()).await.context("opening the shop stopped half-way")?;
        std::future::pending::<anyhow::Result<()>>().await
    };
    let limits = listener::Limits { connections: config.serve.connections, write: config.serve.write };
    let serving = listener::serve(listener, router::router(Arc::clone(&service)), limits, stop, phase, config.serve.shutdown);
    let done = tokio::select! {
        done = serving => done,
        failed = opening => failed,
        () = upkeep => Ok(()),
    };
    sessions.close().await;
    done
}

/// What must be known by whoever opens the service to more than this machine.
fn open_to_all(config: &Config) -> String {
    let admin = match config.serve.admin_token {
        Some(_) => "the routes under /api/admin/ ask for a token, which plain HTTP does not hide: put a proxy with TLS in front",
        None => "there are no admin routes, because `serve.admin_token` is not set",
    };
    let limit = match config.serve.per_minute() {
        0 => "there is no limit on questions".to_owned(),
        most => format!("each client may ask {most} questions a minute"),
    };
    format!("warning: the service can be reached from other machines; {limit}; {admin}")
}

/// Done when the process is told to end, by the system or from the keyboard.
#[cfg(unix)]
fn stop_signal() -> anyhow::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for signals")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for signals")?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Done when the process is told to end from the keyboard.
#[cfg(not(unix))]
fn stop_signal() -> anyhow::Result<impl Future<Output = ()>> {
    Ok(async { drop(tokio::signal::ctrl_c().await) })
}
