//! Every counter and timer of the service, by name. The labels are few and bounded, and none holds a shopper's word.

use std::time::Duration;

use anyhow::Context;
use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use serde_json::Value;

use crate::answer::Answer;

const REQUESTS: &str = "daogou_http_requests_total";
const REQUEST_TIME: &str = "daogou_http_request_seconds";
const STAGES: &str = "daogou_stage_seconds";
const ANSWERS: &str = "daogou_answers_total";
const DEGRADED: &str = "daogou_degraded_total";
const PASSAGES: &str = "daogou_passages_total";
const TOKENS: &str = "daogou_tokens_total";
const OPEN_STREAMS: &str = "daogou_open_streams";
const SESSIONS: &str = "daogou_sessions";

/// Seconds, from half a millisecond to half a minute.
const BUCKETS: [f64; 14] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0];

/// Starts counting for the whole process.
///
/// # Errors
/// When something else counts already.
pub fn start() -> anyhow::Result<PrometheusHandle> {
    let builder = PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &BUCKETS)?;
    let recorder = builder.build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).context("metrics are counted already")?;
    describe_counter!(REQUESTS, "Requests by method, route template and status");
    describe_histogram!(REQUEST_TIME, Unit::Seconds, "Time to the head of the response, by route template");
    describe_histogram!(STAGES, Unit::Seconds, "Time of each stage of an answer");
    describe_counter!(ANSWERS, "Answers by outcome, persona and language");
    describe_counter!(DEGRADED, "Answers that were made without the model although one is configured, by reason");
    describe_counter!(PASSAGES, "Passages of the model, admitted or dropped");
    describe_counter!(TOKENS, "Tokens of the model");
    describe_gauge!(OPEN_STREAMS, "Answers that are being streamed");
    describe_gauge!(SESSIONS, "Sessions that are kept");
    describe_counter!("daogou_session_store_failures_total", "What could not be done with the store of sessions, by operation");
    describe_histogram!("daogou_session_write_seconds", Unit::Seconds, "Time to write the turns that waited together");
    describe_gauge!("daogou_sessions_unwritten", "Sessions with turns that could not be written yet");
    gauge!(OPEN_STREAMS).set(0.0);
    sessions(0);
    Ok(handle)
}

/// A request was answered.
pub fn requested(method: &str, route: &str, status: u16, took: Duration) {
    counter!(REQUESTS, "method" => method.to_owned(), "route" => route.to_owned(), "status" => status.to_string()).increment(1);
    histogram!(REQUEST_TIME, "route" => route.to_owned()).record(took.as_secs_f64());
}

/// An answer was made; `object` is the same as JSON.
pub fn answered(answer: &Answer, object: &Value) {
    let timing = &answer.timing;
    for (stage, ms) in [
        ("understand", timing.understand),
        ("retrieve", timing.retrieve),
        ("compose", timing.compose),
        ("first_event", timing.first_event),
        ("total", timing.total),
    ] {
        histogram!(STAGES, "stage" => stage).record(ms / 1e3);
    }
    counter!(ANSWERS, "outcome" => answer.outcome.as_str(), "persona" => answer.need.persona.as_str(), "lang" => answer.need.lang.code()).increment(1);
    for (kind, name) in [("prompt", "prompt_tokens"), ("completion", "completion_tokens")] {
        counter!(TOKENS, "kind" => kind).increment(object["usage"][name].as_u64().unwrap_or(0));
    }
}

/// How many sessions there are.
pub fn sessions(count: usize) {
    gauge!(SESSIONS).set(count as f64);
}

/// A stream that is counted as long as it is there.
pub struct OpenStream(());

impl OpenStream {
    pub fn begin() -> Self {
        gauge!(OPEN_STREAMS).increment(1.0);
        Self(())
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        gauge!(OPEN_STREAMS).decrement(1.0);
    }
}
