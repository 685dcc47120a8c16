//! Answers given again: the same first question, while the catalog is the same, has the same answer for a minute.
//!
//! Preset questions and shared links are asked by many at once. Who asks the same at the same time waits for one answer
//! instead of having it made many times. Only the built-in composer is quick enough to be waited for, so this is not used
//! where a model is configured.

use std::collections::HashMap;
use std::slice;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::OnceCell;
use tokio::sync::mpsc::{self, Sender};

use crate::answer::{Answer, Event, Timing};
use crate::assistant::Assistant;
use crate::question::Question;

/// Prices may change with the clock, so no answer is given again after this long.
const GOOD_FOR: Duration = Duration::from_secs(60);
/// Answers that are kept; then room is made by beginning anew.
const MOST: usize = 512;

/// An answer and the parts it was sent in.
struct Given {
    parts: Vec<Event>,
    answer: Answer,
}

struct Entry {
    /// The catalog it is about.
    sequence: u64,
    begun: Instant,
    given: Arc<OnceCell<Given>>,
}

/// The answers of the last minute.
#[derive(Default)]
pub struct Again {
    entries: Mutex<HashMap<String, Entry>>,
}

impl Again {
    /// Answers the first question of a session, in that session.
    ///
    /// # Errors
    /// When the catalog or the index cannot be read.
    pub async fn answer(&self, assistant: &Assistant, question: &Question, session: &str, out: &Sender<Event>) -> anyhow::Result<Answer> {
        let started = Instant::now();
        let cell = self.cell(question, assistant.shop().store().sequence()?);
        let mut asked_here = false;
        let given = cell
            .get_or_try_init(async || {
                asked_here = true;
                give(assistant, question, out).await
            })
            .await?;
        if asked_here {
            return Ok(given.answer.clone());
        }
        let id = uuid::Uuid::now_v7().to_string();
        send(&given.parts, Some((&id, session)), out).await;
        assistant.sessions().take_in(session, &given.answer);
        let ms = started.elapsed().as_secs_f64() * 1e3;
        Ok(given.answer.again(id, session.to_owned(), Timing { first_event: ms, total: ms, ..Timing::default() }))
    }

    fn cell(&self, question: &Question, sequence: u64) -> Arc<OnceCell<Given>> {
        let key = format!("{:?} {:?} {:?} {}", question.lang, question.persona, question.without, question.text());
        let fresh = || Entry { sequence, begun: Instant::now(), given: Arc::default() };
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= MOST && !entries.contains_key(&key) {
            entries.clear();
        }
        let entry = entries.entry(key).or_insert_with(fresh);
        if entry.sequence != sequence || entry.begun.elapsed() >= GOOD_FOR {
            *entry = fresh();
        }
        Arc::clone(&entry.given)
    }
}

/// Makes an answer, sending each part on as soon as it is there.
async fn give(assistant: &Assistant, question: &Question, out: &Sender<Event>) -> anyhow::Result<Given> {
    let (made, mut parts) = mpsc::channel(64);
    let collect = async {
        let mut all = Vec::new();
        while let Some(part) = parts.recv().await {
            send(slice::from_ref(&part), None, out).await;
            all.push(part);
        }
        all
    };
    let ask = async move { assistant.ask(question, &made).await };
    let (answer, parts) = tokio::join!(ask, collect);
    Ok(Given { parts, answer: answer? })
}

/// Sends the parts, under another id and in another session where these are given.
async fn send(parts: &[Event], as_of: Option<(&str, &str)>, out: &Sender<Event>) {
    for part in parts {
        let mut part = part.clone();
        if let (Event::Need(known), Some((id, session))) = (&mut part, as_of) {
            (known.id, known.session) = (id.to_owned(), session.to_owned());
        }
        // Nobody listening is no reason to stop.
        let _ = out.send(part).await;
    }
}
