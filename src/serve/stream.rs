//! Server-sent events: the parts of an answer, as they come, in whatever frames the route's clients read.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures::stream;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use super::answering::{Answering, Finished};
use super::error::ApiError;
use super::metrics::OpenStream;
use super::service::{Phase, Service};
use crate::answer::Event;

/// Parts that wait for a slow reader. An answer of the built-in composer fits in whole.
const WAITING: usize = 64;
const HEARTBEAT: Duration = Duration::from_secs(15);

/// How parts of an answer are written.
pub trait Frames: Send + 'static {
    /// A part of the answer.
    fn part(&mut self, event: &Event, out: &mut String);
    /// The end: the whole answer, or why there is none.
    fn end(&mut self, result: &Result<Finished, ApiError>, out: &mut String);
}

/// What a stream in flight holds. Dropped with the connection, and with it the work.
struct Flight<F> {
    parts: mpsc::Receiver<Event>,
    work: JoinSet<Result<Finished, ApiError>>,
    frames: F,
    phase: watch::Receiver<Phase>,
    heartbeat: Interval,
    ended: bool,
    _open: OpenStream,
}

/// What a stream goes on for.
enum Woken {
    Parts,
    End,
    Clock,
}

/// Answers as a stream.
pub fn respond<F: Frames>(service: &Arc<Service>, answering: Answering, frames: F) -> Response {
    let (out, parts) = mpsc::channel(WAITING);
    let mut work = JoinSet::new();
    // A task of its own, so that a slow reader holds up neither the answer nor the session; it is aborted with the set.
    work.spawn(answering.run(out));
    let mut heartbeat = interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let flight = Flight { parts, work, frames, phase: service.phase.clone(), heartbeat, ended: false, _open: OpenStream::begin() };
    let body = Body::from_stream(stream::unfold(flight, async |mut flight| {
        let bytes = flight.next().await?;
        Some((Ok::<_, Infallible>(bytes), flight))
    }));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    (headers, body).into_response()
}

impl<F: Frames> Flight<F> {
    /// What is to be written next: all parts that are ready, in one piece.
    async fn next(&mut self) -> Option<Bytes> {
        if self.ended {
            return None;
        }
        let mut ready = Vec::new();
        let woken = tokio::select! {
            biased;
            _ = self.parts.recv_many(&mut ready, WAITING) => Woken::Parts,
            // The sender lives as long as the program.
            _ = self.phase.wait_for(|phase| *phase == Phase::Ended) => Woken::End,
            _ = self.heartbeat.tick() => Woken::Clock,
        };
        let mut written = String::new();
        match woken {
            Woken::Parts if ready.is_empty() => {
                let result = match self.work.join_next().await {
                    Some(Ok(result)) => result,
                    _ => Err(ApiError::internal()),
                };
                self.end(&result, &mut written);
            }
            Woken::Parts => ready.iter().for_each(|event| self.frames.part(event, &mut written)),
            Woken::End => self.end(&Err(ApiError::stopping()), &mut written),
            Woken::Clock => written.push_str(": waiting\n\n"),
        }
        Some(Bytes::from(written))
    }

    fn end(&mut self, result: &Result<Finished, ApiError>, written: &mut String) {
        self.frames.end(result, written);
        self.ended = true;
    }
}
