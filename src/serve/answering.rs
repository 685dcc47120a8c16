//! One turn on the web, whichever route it came by: asked, measured, and kept for the session.

use std::sync::Arc;

use tokio::sync::mpsc::{self, Sender};

use super::again::Again;
use super::error::ApiError;
use super::limit::Admission;
use super::metrics;
use crate::answer::{Answer, Event};
use crate::assistant::Assistant;
use crate::question::Question;
use crate::session::{Seat, Turn};
use crate::wire;

/// A turn that was admitted and is next in its session. Dropping it, at any point, drops the work.
pub struct Answering {
    pub assistant: Arc<Assistant>,
    pub seat: Seat,
    pub question: Question,
    #[allow(dead_code, reason = "held until the answer is made")]
    pub admission: Admission,
    /// Where the answer to a first question may have been given already; `None` for any other question.
    pub again: Option<Arc<Again>>,
    /// Whether the session lives on after this turn.
    pub keep: bool,
}

/// A whole answer.
pub struct Finished {
    pub answer: Answer,
    /// The Answer object.
    pub object: Arc<str>,
}

impl Answering {
    /// Answers, sending each part as soon as it is there.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub async fn run(mut self, out: Sender<Event>) -> Result<Finished, ApiError> {
        let id = self.seat.id().to_owned();
        self.question.session = Some(id.clone());
        let asked = match &self.again {
            Some(again) => again.answer(&self.assistant, &self.question, &id, &out).await,
            None => self.assistant.ask(&self.question, &out).await,
        };
        let answer = asked.map_err(|error| ApiError::unavailable(&error))?;
        let object = wire::answer(&answer);
        metrics::answered(&answer, &object);
        let object: Arc<str> = object.to_string().into();
        let turn = Turn { question: self.question.text().to_owned(), answer: Arc::clone(&object) };
        if self.keep {
            self.assistant.sessions().keep(&self.seat, turn, !self.question.without.is_empty()).await;
        }
        Ok(Finished { answer, object })
    }

    /// Answers without anybody watching.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub async fn whole(self) -> Result<Finished, ApiError> {
        let (out, mut parts) = mpsc::channel(64);
        let drain = async { while parts.recv().await.is_some() {} };
        tokio::join!(self.run(out), drain).0
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        if !self.keep {
            self.assistant.sessions().forget(self.seat.id());
        }
    }
}
