//! Answers given again: the same first question, while the catalog is the same, has the same answer for a minute.
//!
//! Preset questions and shared links are asked by many at once. Who asks the same at the same time is sent the parts of
//! one answer as they are made, instead of having it made many times. Only the built-in composer is quick enough to be waited for, so this is not used
//! where a model is configured.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{self, Sender};
use tokio::sync::{OnceCell, watch};

use crate::answer::{Answer, Event, Timing};
use crate::assistant::Assistant;
use crate::question::Question;

/// Prices may change with the clock, so no answer is given again after this long.
const GOOD_FOR: Duration = Duration::from_secs(60);
/// Answers that are kept; then room is made by beginning anew.
const MOST: usize = 512;

/// An answer that is being made, and then is there.
#[derive(Default)]
struct Making {
    answer: OnceCell<Answer>,
    /// The parts it was sent in so far.
    parts: watch::Sender<Vec<Event>>,
}

struct Entry {
    /// The catalog it is about.
    sequence: u64,
    begun: Instant,
    making: Arc<Making>,
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
        let making = self.making(question, assistant.shop().store().sequence()?);
        let id = uuid::Uuid::now_v7().to_string();
        let made_here = AtomicBool::new(false);
        let mut parts = making.parts.subscribe();
        // What others were sent already is news here.
        parts.mark_changed();
        let mut sent = 0;
        let mut first_event = None;
        let mut whole = pin!(making.answer.get_or_try_init(async || {
            made_here.store(true, Ordering::Relaxed);
            make(assistant, question, &making.parts).await
        }));
        let answer = loop {
            tokio::select! {
                biased;
                made = &mut whole => break made?,
                Ok(()) = parts.changed() => {
                    let fresh = parts.borrow_and_update().get(sent..).unwrap_or_default().to_vec();
                    sent += fresh.len();
                    if !fresh.is_empty() {
                        first_event.get_or_insert(started.elapsed());
                    }
                    send(fresh, &id, session, out).await;
                }
            }
        };
        let rest = parts.borrow().get(sent..).unwrap_or_default().to_vec();
        send(rest, &id, session, out).await;
        if made_here.load(Ordering::Relaxed) {
            return Ok(answer.again(id, session.to_owned(), answer.timing));
        }
        assistant.sessions().take_in(session, answer);
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        let total = ms(started.elapsed());
        Ok(answer.again(id, session.to_owned(), Timing { first_event: first_event.map_or(total, ms), total, ..Timing::default() }))
    }

    fn making(&self, question: &Question, sequence: u64) -> Arc<Making> {
        let key = format!("{:?} {:?} {:?} {}", question.lang, question.persona, question.without, question.text());
        let fresh = || Entry { sequence, begun: Instant::now(), making: Arc::default() };
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= MOST && !entries.contains_key(&key) {
            entries.clear();
        }
        let entry = entries.entry(key).or_insert_with(fresh);
        if entry.sequence != sequence || entry.begun.elapsed() >= GOOD_FOR {
            *entry = fresh();
        }
        Arc::clone(&entry.making)
    }
}

/// Makes an answer, part by part.
async fn make(assistant: &Assistant, question: &Question, parts: &watch::Sender<Vec<Event>>) -> anyhow::Result<Answer> {
    // Whoever began before may have gone away half-way. The same question is answered by the same parts, so who was sent
    // some of them goes on where they were.
    parts.send_replace(Vec::new());
    let (made, mut coming) = mpsc::channel(64);
    let collect = async {
        while let Some(part) = coming.recv().await {
            parts.send_modify(|all| all.push(part));
        }
    };
    let ask = async move { assistant.ask(question, &made).await };
    tokio::join!(ask, collect).0
}

/// Sends parts under the id of an answer and in its session.
async fn send(parts: Vec<Event>, id: &str, session: &str, out: &Sender<Event>) {
    for mut part in parts {
        if let Event::Need(known) = &mut part {
            (known.id, known.session) = (id.to_owned(), session.to_owned());
        }
        // Nobody listening is no reason to stop.
        let _ = out.send(part).await;
    }
}
