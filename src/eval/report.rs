//! What a run showed, as numbers: one object that every form of report is printed from.

pub mod baseline;
pub mod floors;
pub mod html;
pub mod junit;
pub mod terminal;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::check::{ACROSS, CHECKS, Verdict};
use super::judged::{JudgedAttempt, JudgedCase};
use super::measure::mean;
use super::metric::{METRICS, percentile};
use super::significance::interval;

/// What is said of the run as a whole.
pub struct Header {
    pub subject: String,
    pub products: usize,
    pub repeat: usize,
    /// RFC 3339.
    pub started: String,
    pub seconds: f64,
}

/// The report as one JSON object, `daogou.eval/1`.
pub fn object(header: &Header, cases: &[JudgedCase]) -> Value {
    let asked: Vec<&JudgedCase> = cases.iter().filter(|c| c.skipped().is_none()).collect();
    let attempts: Vec<&JudgedAttempt> = asked.iter().flat_map(|c| &c.attempts).collect();
    json!({
        "schema": "daogou.eval/1",
        "daogou": env!("CARGO_PKG_VERSION"),
        "subject": header.subject,
        "products": header.products,
        "started": header.started,
        "seconds": header.seconds,
        "repeat": header.repeat,
        "cases": asked.len(),
        "skipped": cases.iter().filter_map(|c| Some(json!({"id": c.case.id, "why": c.skipped()?}))).collect::<Vec<_>>(),
        "answers": attempts.iter().map(|a| a.attempt.replies.len()).sum::<usize>(),
        "written_by": written_by(&attempts),
        "degraded": degraded(&attempts),
        "pass": pass(&asked, header.repeat),
        "by": {
            "split": by(&asked, |c| vec![c.case.split.as_str().to_owned()]),
            "language": by(&asked, |c| vec![c.case.turns[0].lang.code().to_owned()]),
            "kind": by(&asked, |c| vec![if c.case.dialogue { "dialogue" } else { "single turn" }.to_owned()]),
            "category": by(&asked, |c| c.case.turns[0].expect.categories.clone()),
            "outcome": by(&asked, |c| c.case.turns[0].expect.outcomes.iter().take(1).cloned().collect()),
            "persona": by(&asked, |c| vec![c.attempts[0].attempt.replies.first().and_then(|r| r.answer["persona"].as_str()).unwrap_or("none").to_owned()]),
            "tag": by(&asked, |c| c.case.tags.clone()),
        },
        "checks": checks(&attempts),
        "metrics": metrics(&attempts),
        "results": cases.iter().map(result).collect::<Vec<_>>(),
    })
}

/// Share of cases that pass once (pass^1), and in all of k attempts: the mean over cases of C(passes, k) / C(attempts, k).
fn pass(cases: &[&JudgedCase], repeat: usize) -> Value {
    let mut object = serde_json::Map::new();
    for k in 1..=repeat {
        let shares: Vec<f64> = cases.iter().map(|c| choose(c.passes(), k) / choose(c.attempts.len(), k).max(1.0)).collect();
        object.insert(format!("pass^{k}"), json!(mean(&shares)));
    }
    let all: Vec<f64> = cases.iter().map(|c| f64::from(u8::from(c.passes() == c.attempts.len()))).collect();
    object.insert("cases passed".to_owned(), json!(all.iter().sum::<f64>()));
    if let Some((low, high)) = interval(&all) {
        object.insert("interval_95".to_owned(), json!([low, high]));
    }
    Value::Object(object)
}

/// The number of ways to choose k of n, as a float.
fn choose(n: usize, k: usize) -> f64 {
    if k > n { 0.0 } else { (0..k).fold(1.0, |product, i| product * (n - i) as f64 / (i + 1) as f64) }
}

fn written_by(attempts: &[&JudgedAttempt]) -> Value {
    let mut models: BTreeMap<String, u64> = BTreeMap::new();
    for reply in attempts.iter().flat_map(|a| &a.attempt.replies).filter(|r| r.answer.is_object()) {
        *models.entry(reply.answer["model"].as_str().unwrap_or("built-in composer").to_owned()).or_default() += 1;
    }
    json!(models)
}

/// Why answers were given without the model, and how many attempts with such an answer passed. These never count as the
/// model's successes: see `pass_by_model`.
fn degraded(attempts: &[&JudgedAttempt]) -> Value {
    let mut reasons: BTreeMap<String, u64> = BTreeMap::new();
    for reason in attempts.iter().flat_map(|a| &a.attempt.replies).filter_map(|r| r.answer["degraded"].as_str()) {
        *reasons.entry(reason.to_owned()).or_default() += 1;
    }
    let by_model = |a: &&&JudgedAttempt| !a.degraded() && a.attempt.replies.iter().any(|r| r.answer["model"].is_string());
    let degraded = attempts.iter().filter(|a| a.degraded()).count();
    let written: Vec<_> = attempts.iter().filter(by_model).collect();
    json!({
        "reasons": reasons, "attempts": degraded, "attempts_by_model": written.len(),
        "pass_by_model": (!written.is_empty()).then(|| written.iter().filter(|a| a.passed()).count() as f64 / written.len() as f64),
    })
}

fn by(cases: &[&JudgedCase], keys: impl Fn(&JudgedCase) -> Vec<String>) -> Value {
    let mut groups: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for case in cases {
        for key in keys(case) {
            let group = groups.entry(key).or_default();
            group.0 += 1;
            group.1 += u64::from(case.passes() == case.attempts.len());
        }
    }
    let object: serde_json::Map<String, Value> = groups.into_iter().map(|(key, (cases, passed))| (key, json!({"cases": cases, "passed": passed}))).collect();
    Value::Object(object)
}

fn checks(attempts: &[&JudgedAttempt]) -> Value {
    let names = CHECKS.iter().map(|c| (c.name, c.definition)).chain(ACROSS);
    let counted = names.map(|(name, definition)| {
        let (mut passed, mut failed, mut not_applicable) = (0u64, 0u64, 0u64);
        for finding in attempts.iter().flat_map(|a| &a.findings).filter(|f| f.check == name) {
            match finding.verdict {
                Verdict::Pass => passed += 1,
                Verdict::Fail(_) => failed += 1,
                Verdict::DoesNotApply => not_applicable += 1,
            }
        }
        let applied = passed + failed;
        json!({
            "name": name, "definition": definition, "passed": passed, "failed": failed, "not_applicable": not_applicable,
            "rate": (applied > 0).then(|| passed as f64 / applied as f64),
        })
    });
    Value::Array(counted.collect())
}

fn metrics(attempts: &[&JudgedAttempt]) -> Value {
    let measured = METRICS.iter().enumerate().filter_map(|(place, metric)| {
        let values: Vec<f64> = attempts.iter().flat_map(|a| &a.measurements).filter(|m| m.metric == place).map(|m| m.value).collect();
        let mut entry = json!({
            "name": metric.name, "definition": metric.definition, "answers": values.len(), "more_is_better": metric.more_is_better, "mean": mean(&values),
            "p50": percentile(&values, 0.5), "p95": percentile(&values, 0.95), "p99": percentile(&values, 0.99), "histogram": histogram(&values),
        });
        if let Some((low, high)) = interval(&values) {
            entry["interval_95"] = json!([low, high]);
        }
        (!values.is_empty()).then_some(entry)
    });
    Value::Array(measured.collect())
}

/// Twelve equal bins between the least and the 99th percentile; what is beyond counts in the last.
fn histogram(values: &[f64]) -> Value {
    const BINS: usize = 12;
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = percentile(values, 0.99);
    let width = (high - low) / BINS as f64;
    let mut counts = [0u64; BINS];
    for value in values {
        let bin = if width > 0.0 { ((value - low) / width) as usize } else { 0 };
        counts[bin.min(BINS - 1)] += 1;
    }
    json!({"from": if low.is_finite() { low } else { 0.0 }, "to": high, "counts": counts})
}

fn result(judged: &JudgedCase) -> Value {
    let case = &judged.case;
    let attempts = judged.attempts.iter().map(|attempt| {
        let turns = case
            .turns
            .iter()
            .zip(&attempt.attempt.replies)
            .map(|(turn, reply)| json!({"ask": turn.ask, "error": reply.error, "wall_ms": reply.wall_ms, "answer": reply.answer}));
        json!({
            "passed": attempt.passed(),
            "failures": attempt.failures().map(|(f, why)| json!({"turn": f.turn, "check": f.check, "found": why})).collect::<Vec<_>>(),
            "turns": turns.collect::<Vec<_>>(),
        })
    });
    json!({
        "id": case.id, "origin": case.origin, "split": case.split.as_str(), "tags": case.tags, "skipped": judged.skipped(),
        "passed": judged.skipped().is_none() && judged.passes() == judged.attempts.len(),
        "attempts": attempts.collect::<Vec<_>>(),
    })
}
