//! The two stages that a language model joins: reading a question, and writing the answer. Nothing here decides what is shown:
//! what it reads is merged by the shop, what it writes is checked by the answer.

mod fields;
pub mod understanding;
pub mod writing;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::{Duration, Instant};

use moka::sync::Cache;
use serde_json::Value;

use crate::compose::{Case, Manuscript, Passage, Writing, Written};
use crate::llm::{Failure, Llm, Prompted, first_object};
use crate::need::Need;
use crate::prompt::Prompt;
use crate::question::Question;
use crate::shop::Shop;

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

    /// Lets the model write; the passages come as they are finished.
    pub async fn write(self: &Arc<Self>, shop: &Shop, case: &Case, deadline: Instant) -> Writing {
        let material = writing::material(shop, case);
        let Ok((system, user)) = self.compose.render(&material.as_pairs()) else { return Writing::Failed("prompt".to_owned()) };
        let instructions = self.compose.instructions();
        let key = self.key(&(needed(&case.need), material.essence()));
        if let Some(known) = self.writings.get(&key) {
            metrics::counter!("daogou_llm_cache_total", "purpose" => "compose").increment(1);
            let passages: Vec<Written> = known.1.iter().cloned().map(Written::Passage).collect();
            let written = Box::pin(futures::stream::iter(passages));
            return Writing::Model(Manuscript { model: known.0.clone(), instructions, written });
        }
        let asked = Prompted { purpose: "compose", system, user, schema: Some(writing::schema(case)), max_tokens: self.llm.limits().answer_tokens, deadline };
        match self.llm.stream(&asked).await {
            Ok(flow) => {
                let model = flow.model.clone();
                let (this, case, writer) = (Arc::clone(self), case.clone(), model.clone());
                // What was written to its end is kept; every use of it is checked anew.
                let keep = move |passages: Vec<Passage>| this.writings.insert(key, Arc::new((writer.clone(), passages)));
                let written = writing::passages(flow.pieces, case, shop.knowledge().phrases.clone(), keep);
                Writing::Model(Manuscript { model, instructions, written })
            }
            Err(failure) => Writing::Failed(failure.reason()),
        }
    }

    fn key(&self, parts: &impl Hash) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.version, parts).hash(&mut hasher);
        hasher.finish()
    }

    /// How long the model has for reading a question.
    pub fn patience(&self) -> Duration {
        self.llm.limits().understand
    }
}

/// A need as far as an answer depends on it. The words of the question are left out: the same need has the same answer.
fn needed(need: &Need) -> String {
    format!("{:?}", (&need.persona, &need.intent, &need.categories, &need.constraints, &need.traits, &need.party, &need.order))
}
