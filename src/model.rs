//! The two stages that a language model joins: reading a question, and writing the answer. Nothing here decides what is shown:
//! what it reads is merged by the shop, what it writes is checked by the answer.

mod fields;
pub mod understanding;
pub mod writing;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use moka::sync::Cache;
use serde_json::Value;

use crate::compose::{Case, Manuscript, Passage, Writing, Written};
use crate::llm::{Failure, Llm, Prompted, first_object};
use crate::need::Need;
use crate::prompt::Prompt;
use crate::question::Question;
use crate::shop::Shop;
use writing::Detail;

/// The prompts, compiled in.
const UNDERSTAND: &str = include_str!("../prompts/understand.md");
const COMPOSE: &str = include_str!("../prompts/compose.md");
/// Most tokens of a reading.
const READING_TOKENS: u32 = 700;

/// A model, its prompts, and what it said of the same needs before.
pub struct Model {
    llm: Arc<Llm>,
    understand: Prompt,
    compose: Prompt,
    version: u64,
    /// Learned when a prompt was refused for its length.
    reads_little: AtomicBool,
    readings: Cache<u64, Arc<Value>>,
    writings: Cache<u64, Arc<(String, Vec<Passage>)>>,
}

impl Model {
    /// # Errors
    /// When a prompt is not well formed, which a test finds before any shopper.
    pub fn new(llm: Arc<Llm>) -> anyhow::Result<Self> {
        let limits = llm.limits();
        let (most, kept) = (limits.kept_answers, limits.keep_answers);
        let mut version = DefaultHasher::new();
        (UNDERSTAND, COMPOSE, llm.model()).hash(&mut version);
        Ok(Self {
            understand: Prompt::parse(UNDERSTAND)?,
            compose: Prompt::parse(COMPOSE)?,
            version: version.finish(),
            reads_little: AtomicBool::new(false),
            readings: Cache::builder().max_capacity(most).time_to_live(kept).build(),
            writings: Cache::builder().max_capacity(most).time_to_live(kept).build(),
            llm,
        })
    }

    pub fn llm(&self) -> &Arc<Llm> {
        &self.llm
    }

    /// When an answer that is begun now must be whole.
    pub fn deadline(&self) -> Instant {
        Instant::now() + self.llm.limits().answer
    }

    /// How the model reads a question, within its time.
    ///
    /// # Errors
    /// Why there is no reading in time.
    pub async fn read(&self, shop: &Shop, question: &Question, case: &Case) -> Result<Arc<Value>, Failure> {
        let material = understanding::material(shop, question, case);
        let Ok((system, user)) = self.understand.render(&material.as_pairs()) else { return Err(Failure::Unreadable) };
        let key = self.key(&(&system, &user));
        if let Some(known) = self.readings.get(&key) {
            metrics::counter!("daogou_llm_cache_total", "purpose" => "understand").increment(1);
            return Ok(known);
        }
        let limit = self.llm.limits().understand;
        let asked = Prompted {
            purpose: "understand",
            system,
            user,
            schema: Some(understanding::schema(&material)),
            max_tokens: READING_TOKENS,
            deadline: Instant::now() + limit,
        };
        let reply = tokio::time::timeout(limit, self.llm.complete(&asked)).await.map_err(|_| Failure::Timeout)??;
        let reading = Arc::new(first_object(&reply.text).ok_or(Failure::Unreadable)?);
        self.readings.insert(key, Arc::clone(&reading));
        Ok(reading)
    }

    /// Lets the model write; the passages come as they are finished. A model that reads too little for all of it is told less.
    pub async fn write(self: &Arc<Self>, shop: &Shop, case: &Case, deadline: Instant) -> Writing {
        let detail = if self.reads_little.load(Ordering::Relaxed) { Detail::BRIEF } else { Detail::FULL };
        let written = match self.write_from(shop, case, detail, deadline).await {
            Err(Failure::TooLong) => {
                self.reads_little.store(true, Ordering::Relaxed);
                self.write_from(shop, case, Detail::BRIEF, deadline).await
            }
            done => done,
        };
        written.map_or_else(|failure| Writing::Failed(failure.reason()), Writing::Model)
    }

    async fn write_from(self: &Arc<Self>, shop: &Shop, case: &Case, detail: Detail, deadline: Instant) -> Result<Manuscript, Failure> {
        let material = writing::material(shop, case, detail);
        let (system, user) = self.compose.render(&material.as_pairs()).map_err(|_| Failure::Unreadable)?;
        let instructions = self.compose.instructions();
        let key = self.key(&(needed(&case.need), material.essence()));
        if let Some(known) = self.writings.get(&key) {
            metrics::counter!("daogou_llm_cache_total", "purpose" => "compose").increment(1);
            let passages: Vec<Written> = known.1.iter().cloned().map(Written::Passage).collect();
            return Ok(Manuscript { model: known.0.clone(), instructions, written: Box::pin(futures::stream::iter(passages)) });
        }
        let max_tokens = self.llm.limits().answer_tokens;
        let asked = Prompted { purpose: "compose", system, user, schema: Some(writing::schema(case)), max_tokens, deadline };
        let flow = self.llm.stream(&asked).await?;
        let (this, case, model) = (Arc::clone(self), case.clone(), flow.model.clone());
        // What was written to its end is kept; every use of it is checked anew.
        let keep = move |passages: Vec<Passage>| this.writings.insert(key, Arc::new((model.clone(), passages)));
        let written = writing::passages(flow.pieces, case, shop.knowledge().phrases.clone(), keep);
        Ok(Manuscript { model: flow.model, instructions, written })
    }

    fn key(&self, parts: &impl Hash) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.version, parts).hash(&mut hasher);
        hasher.finish()
    }
}

/// A need as far as an answer depends on it. The words of the question are left out: the same need has the same answer.
fn needed(need: &Need) -> String {
    format!("{:?}", (&need.persona, &need.intent, &need.categories, &need.constraints, &need.traits, &need.party, &need.order))
}
