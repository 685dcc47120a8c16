//! What all handlers share.

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::{Semaphore, SetOnce, watch};

use super::again::Again;
use super::error::ApiError;
use super::limit::Limiter;
use super::suggestions::Suggestion;
use crate::assistant::Assistant;
use crate::config::ServeSettings;
use crate::session::{Entry, Seat};

/// How long a request waits for the catalog to be opened.
const OPENING: Duration = Duration::from_secs(60);

/// Where the life of the service stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    Running,
    /// No new connections; what has begun goes on.
    Stopping,
    /// Time is up: streams end with an error.
    Ended,
}

/// The service.
pub struct Service {
    pub settings: ServeSettings,
    /// Set once the catalog is open.
    assistant: SetOnce<Arc<Assistant>>,
    pub limiter: Limiter,
    /// Answers that may still be begun.
    pub answers: Arc<Semaphore>,
    pub phase: watch::Receiver<Phase>,
    pub suggestions: Vec<Suggestion>,
    pub recorder: PrometheusHandle,
    /// Answers that can be given again; `None` where a model writes them.
    pub again: Option<Arc<Again>>,
}

impl Service {
    pub fn new(settings: ServeSettings, suggestions: Vec<Suggestion>, phase: watch::Receiver<Phase>, recorder: PrometheusHandle, again: bool) -> Self {
        let limiter = Limiter::new(settings.per_minute());
        let answers = Arc::new(Semaphore::new(settings.answers));
        Self { settings, assistant: SetOnce::new(), limiter, answers, phase, suggestions, recorder, again: again.then(Arc::default) }
    }

    /// The catalog is open from now on.
    pub fn opened(&self, assistant: Arc<Assistant>) {
        // Only a second call can fail, and there is none.
        let _ = self.assistant.set(assistant);
    }

    /// The assistant, if the catalog is open.
    pub fn ready(&self) -> Option<&Arc<Assistant>> {
        self.assistant.get()
    }

    /// The assistant, as soon as the catalog is open.
    ///
    /// # Errors
    /// When opening takes too long.
    pub async fn assistant(&self) -> Result<Arc<Assistant>, ApiError> {
        let opened = tokio::time::timeout(OPENING, self.assistant.wait()).await;
        opened.map(Arc::clone).map_err(|_| ApiError::starting())
    }

    pub fn phase(&self) -> Phase {
        *self.phase.borrow()
    }
}

/// The next turn of a session, and whether it is the first. An id that is not known is never taken on: a new session gets an id of its own.
///
/// # Errors
/// When too many turns of the session wait already.
pub async fn seat(assistant: &Assistant, session: Option<&str>) -> Result<(Seat, bool), ApiError> {
    let sessions = assistant.sessions();
    let entry = match session {
        Some(id) => sessions.enter(id).await,
        None => Entry::Unknown,
    };
    match entry {
        Entry::Seat(seat) => Ok((seat, false)),
        Entry::Unknown => Ok((sessions.begin().await, true)),
        Entry::Busy => Err(ApiError::new(StatusCode::CONFLICT, "session_busy", "too many questions of this session wait for their answer")
            .hint("wait for the answers, or begin another session")
            .retry_after(1)),
    }
}
