//! The settings of the language model.

use std::time::Duration;

use super::whole_number;
use crate::llm::{Endpoint, Limits, LlmSettings};

/// Reads them; none when no model is named.
pub(super) fn settings<'v>(get: &dyn Fn(&'static str) -> &'v str, wrong: &dyn Fn(&'static str, &str) -> anyhow::Error) -> anyhow::Result<Option<LlmSettings>> {
    if get("llm.model").is_empty() {
        return Ok(None);
    }
    let number = |name: &'static str, least: u64, most: u64| whole_number(name, get(name), least..=most, wrong);
    let wait = |name: &'static str| number(name, 1, 600_000).map(Duration::from_millis);
    let endpoint = Endpoint { api_key: get("llm.api_key").to_owned(), base_url: get("llm.base_url").to_owned(), model: get("llm.model").to_owned() };
    let or = |own: &str, other: &str| if own.is_empty() { other } else { own }.to_owned();
    let fallback = (!get("llm.fallback_model").is_empty()).then(|| Endpoint {
        api_key: or(get("llm.fallback_api_key"), &endpoint.api_key),
        base_url: or(get("llm.fallback_base_url"), &endpoint.base_url),
        model: get("llm.fallback_model").to_owned(),
    });
    Ok(Some(LlmSettings {
        fallback,
        embedding_model: get("llm.embedding_model").to_owned(),
        limits: Limits {
            connect: wait("llm.connect_ms")?,
            first_token: wait("llm.first_token_ms")?,
            stall: wait("llm.stall_ms")?,
            understand: wait("llm.understand_ms")?,
            answer: wait("llm.answer_ms")?,
            retries: u32::try_from(number("llm.retries", 0, 10)?)?,
            concurrent: usize::try_from(number("llm.concurrent", 1, 1_000)?)?,
            answer_tokens: u32::try_from(number("llm.answer_tokens", 50, 100_000)?)?,
            tokens_per_day: number("llm.tokens_per_day", 0, u64::MAX)?,
            failures: u32::try_from(number("llm.breaker_failures", 1, 1_000)?)?,
            rest: wait("llm.breaker_rest_ms")?,
            kept_answers: number("llm.cache_answers", 0, 1_000_000)?,
            keep_answers: Duration::from_secs(number("llm.cache_seconds", 1, 30 * 24 * 3_600)?),
        },
        endpoint,
    }))
}
