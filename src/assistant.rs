//! THE MAIN PATH: from a question to an answer, every stage by name.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::mpsc::Sender;

use crate::answer::grounding::{Frame, admit};
use crate::answer::{Answer, Event, Timing};
use crate::compose::plain::compose;
use crate::index::off_thread;
use crate::need::{Intent, Need};
use crate::question::Question;
use crate::session::Sessions;
use crate::shop::{Found, Shop};
use crate::suggest;

/// A shopping guide for one shop. Cheap to share.
pub struct Assistant {
    shop: Arc<Shop>,
    sessions: Arc<Sessions>,
}

impl Assistant {
    pub fn new(shop: Arc<Shop>) -> Self {
        Self::with_sessions(shop, Arc::default())
    }

    pub fn with_sessions(shop: Arc<Shop>, sessions: Arc<Sessions>) -> Self {
        Self { shop, sessions }
    }

    pub fn sessions(&self) -> &Arc<Sessions> {
        &self.sessions
    }

    pub fn shop(&self) -> &Arc<Shop> {
        &self.shop
    }

    /// Answers a question, sending every checked part as soon as it is there.
    ///
    /// # Errors
    /// When the catalog or the index cannot be read. A vague, hostile or empty-handed question is not an error.
    pub async fn ask(&self, question: &Question, out: &Sender<Event>) -> anyhow::Result<Answer> {
        let started = Instant::now();
        let session = question.session.clone().unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
        let need = self.understand(question, &session).await?; //            words -> categories, constraints, traits
        let understood = Instant::now();
        let found = self.find(question, need).await?; //                      survey, plan, search, rank: every pick meets every hard constraint
        let retrieved = Instant::now();
        let draft = compose(&found.case, self.shop.knowledge()); //           prose that nobody trusts yet
        let frame = self.frame(&session, &found);
        let answer = admit(draft, &found.case, frame, self.shop.knowledge(), out).await; // checks each passage, then sends it
        self.sessions.take_in(&session, &answer);
        let ms = |from: Instant, to: Instant| to.duration_since(from).as_secs_f64() * 1e3;
        let done = Instant::now();
        Ok(answer.timed(Timing {
            understand: ms(started, understood),
            retrieve: ms(understood, retrieved),
            compose: ms(retrieved, done),
            first_event: ms(started, retrieved),
            total: ms(started, done),
        }))
    }

    /// Takes in an earlier turn of a conversation that is told anew: what it asked for is remembered, nothing is answered.
    ///
    /// # Errors
    /// When the catalog or the index cannot be read.
    pub async fn recall(&self, question: &Question, session: &str) -> anyhow::Result<()> {
        let need = self.understand(question, session).await?;
        let about_products = !matches!(need.intent, Intent::Scope(_)) && need.goods.is_empty() && !need.is_blank();
        self.sessions.record(session, about_products.then_some(need), std::iter::empty(), None);
        Ok(())
    }

    async fn understand(&self, question: &Question, session: &str) -> anyhow::Result<Need> {
        let (shop, mut question, last) = (Arc::clone(&self.shop), question.clone(), self.sessions.last(session));
        if let Some(need) = &last.need
            && !question.text().chars().any(char::is_alphabetic)
        {
            // "38" has no language of its own.
            question.lang = question.lang.or(Some(need.lang));
        }
        off_thread(move || {
            let mut need = shop.understand(&question, last.need.as_ref())?;
            need.leave_out(&question.without);
            need.asked = last.asked;
            if need.more {
                // "还有别的吗": what was shown is not shown again.
                need.seen = last.shown;
            }
            Ok(need)
        })
        .await
    }

    async fn find(&self, question: &Question, need: Need) -> anyhow::Result<Found> {
        let (shop, text) = (Arc::clone(&self.shop), question.text().to_owned());
        off_thread(move || shop.find(&text, need)).await
    }

    fn frame(&self, session: &str, found: &Found) -> Frame {
        let knowledge = self.shop.knowledge();
        let vocabulary = self.shop.vocabulary();
        let suggestions = suggest::suggestions(&found.case, &vocabulary, knowledge, found.currency);
        Frame {
            id: uuid::Uuid::now_v7().to_string(),
            session: session.to_owned(),
            category_paths: found
                .case
                .need
                .categories
                .iter()
                .map(|c| vocabulary.category_label(&c.key, crate::catalog::Lang::En).unwrap_or_else(|| c.key.clone()))
                .collect(),
            question: suggestions.question,
            follow_ups: suggestions.follow_ups,
            notices: suggest::notices(&found.case, knowledge),
        }
    }
}
