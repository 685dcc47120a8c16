//! THE MAIN PATH: from a question to an answer, every stage by name.

mod conversation;
mod sending;

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::mpsc::Sender;

use crate::answer::grounding::{Rules, admit};
use crate::answer::{Answer, Event, Timing};
use crate::compose::plain::compose;
use crate::compose::{Outcome, Writing};
use crate::model::Model;
use crate::need::{Intent, Need};
use crate::off_thread::{RETRIEVAL, UNDERSTANDING};
use crate::question::Question;
use crate::session::Sessions;
use crate::shop::{Found, Shop};
use crate::suggest;

/// A shopping guide for one shop. Cheap to share.
pub struct Assistant {
    shop: Arc<Shop>,
    /// A language model, when one is configured. Nothing depends on it.
    model: Option<Arc<Model>>,
    sessions: Arc<Sessions>,
}

impl Assistant {
    pub fn new(shop: Arc<Shop>, model: Option<Arc<Model>>) -> Self {
        Self::with_sessions(shop, model, Arc::default())
    }

    pub fn shop(&self) -> &Arc<Shop> {
        &self.shop
    }

    pub fn model(&self) -> Option<&Arc<Model>> {
        self.model.as_ref()
    }

    /// Answers a question, sending every checked part as soon as it is there.
    ///
    /// # Errors
    /// When the catalog or the index cannot be read. A vague, hostile or empty-handed question is not an error, and neither is
    /// a model that fails.
    pub async fn ask(&self, question: &Question, out: &Sender<Event>) -> anyhow::Result<Answer> {
        let started = Instant::now();
        let session = question.session.clone().unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
        let need = self.understand(question, &session).await?; //           words -> categories, constraints, traits
        let id = uuid::Uuid::now_v7().to_string();
        let announced = self.announce(&id, &session, &need, out).await; //  at once: nobody waits to see what was understood
        let understood = Instant::now();
        let found = self.find(question, need).await?; //                    survey, plan, search, rank: every pick meets every hard constraint
        let retrieved = Instant::now();
        self.present(&id, &session, &found, announced.as_ref(), out).await; //                  products first: before any model is asked
        let deadline = self.model.as_ref().map(|model| model.deadline());
        let found = self.read_again(question, found, (&id, &session), out).await; // what a model reads in it, in its time
        let writing = self.write(&found, deadline).await; //                a model's prose that nobody trusts yet
        let built_in = compose(&found.case, self.shop.knowledge()); //      and our own
        let frame = suggest::frame(&self.shop, &id, &session, &found); //   the question back, and ways to go on
        let rules = Rules::new(self.shop.knowledge(), self.shop.index().analyzer(), &self.shop.vocabulary(), &writing);
        let answer = admit(built_in, writing, &found.case, frame, &rules, out).await; // checks each passage, then sends it
        self.sessions.take_in(&session, &answer);
        let ms = |from: Instant, to: Instant| to.duration_since(from).as_secs_f64() * 1e3;
        let done = Instant::now();
        Ok(answer.timed(Timing {
            understand: ms(started, understood),
            retrieve: ms(understood, retrieved),
            compose: ms(retrieved, done),
            first_event: ms(started, if announced.is_some() { understood } else { retrieved }),
            total: ms(started, done),
        }))
    }

    async fn understand(&self, question: &Question, session: &str) -> anyhow::Result<Need> {
        let (shop, mut question, last) = (Arc::clone(&self.shop), question.clone(), self.sessions.last(session));
        if let Some(need) = &last.need
            && !question.text().chars().any(char::is_alphabetic)
        {
            // "38" has no language of its own.
            question.lang = question.lang.or(Some(need.lang));
        }
        UNDERSTANDING
            .run(move || {
                let mut need = shop.turn(&question, &last)?;
                need.leave_out(&question.without);
                need.by_model = false;
                Ok(need)
            })
            .await
    }

    async fn find(&self, question: &Question, need: Need) -> anyhow::Result<Found> {
        let (shop, text) = (Arc::clone(&self.shop), question.text().to_owned());
        RETRIEVAL.run(move || shop.find(&text, need)).await
    }

    /// Lets the model read the question too. When its reading comes in time and finds products, they are sent again and are
    /// the ones that count; else everything stays as the rules had it.
    async fn read_again(&self, question: &Question, found: Found, (id, session): (&str, &str), out: &Sender<Event>) -> Found {
        let Some(model) = &self.model else { return found };
        if found.case.need.intent != Intent::Shop || !matches!(found.case.outcome, Outcome::Products | Outcome::NeedsInfo) {
            return found;
        }
        let reading = match model.read(&self.shop, question, &found.case).await {
            Ok(reading) => reading,
            Err(failure) => {
                tracing::info!(reason = failure.reason(), "read by the rules alone");
                return found;
            }
        };
        let (shop, asked, need) = (Arc::clone(&self.shop), question.clone(), found.case.need.clone());
        let again = RETRIEVAL.run(move || {
            let mut merged = shop.proposed(&asked, &need, &reading);
            merged.leave_out(&asked.without);
            if merged == need { Ok(None) } else { shop.find(asked.text(), merged).map(Some) }
        });
        let mut found = match again.await {
            Ok(Some(again)) if again.case.outcome == Outcome::Products => {
                self.present(id, session, &again, None, out).await;
                again
            }
            Ok(_) => found,
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), "the model's reading could not be searched for");
                found
            }
        };
        found.case.need.by_model = true;
        found
    }

    /// Starts the model's text, where an answer has more to it than a reply that stands in our data.
    async fn write(&self, found: &Found, deadline: Option<Instant>) -> Writing {
        let worth_it = matches!(found.case.outcome, Outcome::Products | Outcome::Advice | Outcome::NoMatch);
        match (&self.model, deadline) {
            (Some(model), Some(deadline)) if worth_it => model.write(&self.shop, &found.case, deadline).await,
            _ => Writing::BuiltIn,
        }
    }
}
