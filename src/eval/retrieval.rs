//! Rankings against judgments: searches every query, measures, compares with another run.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::anyhow;
use serde_json::{Value, json};

use super::measure::{MEASURES, Measured, mean, measure};
use super::significance::{interval, paired};
use super::trec::{Judgments, Query, Run, write_run};
use crate::index::ablation::TextSignal;
use crate::question::Question;
use crate::shop::Shop;

/// Products kept of each ranking: the deepest measure looks at 100.
pub const DEPTH: usize = 100;

/// Rankings with their scores, by query.
pub type Ranked = BTreeMap<String, Vec<(String, f32)>>;

/// Searches all queries on several threads; `progress` is told how many are done.
///
/// # Errors
/// When the catalog or the index cannot be read.
pub fn search_all(shop: &Shop, queries: &[Query], depth: usize, progress: &(dyn Fn(u64, u64) + Sync)) -> anyhow::Result<Ranked> {
    let next = AtomicUsize::new(0);
    let done = AtomicUsize::new(0);
    let work = || -> anyhow::Result<Ranked> {
        let mut ranked = Ranked::new();
        while let Some(query) = queries.get(next.fetch_add(1, Ordering::Relaxed)) {
            ranked.insert(query.id.clone(), search(shop, &query.text, depth)?);
            progress(done.fetch_add(1, Ordering::Relaxed) as u64 + 1, queries.len() as u64);
        }
        Ok(ranked)
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(queries.len().max(1));
    let parts: Vec<_> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        handles.into_iter().map(|handle| handle.join().unwrap_or_else(|_| Err(anyhow!("a search stopped half-way")))).collect()
    });
    let mut all = Ranked::new();
    for part in parts {
        all.extend(part?);
    }
    Ok(all)
}

fn search(shop: &Shop, text: &str, depth: usize) -> anyhow::Result<Vec<(String, f32)>> {
    let Some(question) = Question::new(text) else { return Ok(Vec::new()) };
    let hits = shop.search(&question, depth, |_| Ok(()))?;
    Ok(hits.picks.iter().map(|pick| (pick.id().as_str().to_owned(), pick.score())).collect())
}

/// The order alone.
pub fn order(ranked: &Ranked) -> Run {
    ranked.iter().map(|(query, list)| (query.clone(), list.iter().map(|(id, _)| id.clone()).collect())).collect()
}

/// The rankings as a TREC run file.
///
/// # Errors
/// When an id holds white space.
pub fn run_file(ranked: &Ranked) -> anyhow::Result<String> {
    let mut text = String::new();
    for (query, list) in ranked {
        write_run(query, list, "daogou", &mut text)?;
    }
    Ok(text)
}

/// What every signal of the text score brings, as a Markdown table: measures with all signals, and the difference without each.
///
/// # Errors
/// When the catalog or the index cannot be read.
pub fn ablation(mut shop: Shop, queries: &[Query], judgments: &Judgments, progress: &(dyn Fn(u64, u64) + Sync)) -> anyhow::Result<String> {
    const SHOWN: [&str; 4] = ["nDCG@10", "nDCG@10 (condensed)", "MRR@10", "Recall@100"];
    let ids: Vec<String> = queries.iter().map(|q| q.id.clone()).collect();
    let mut whole: Option<Measured> = None;
    let mut text = format!("| left out | {} | p (nDCG@10) |\n|---|{}---:|\n", SHOWN.join(" | "), "---:|".repeat(SHOWN.len()));
    for (at, without) in std::iter::once(None).chain(TextSignal::ALL.map(Some)).enumerate() {
        shop.leave_out(without.into_iter().collect());
        let measured = measure(&order(&search_all(&shop, queries, DEPTH, &|_, _| {})?), judgments, &ids);
        progress(at as u64 + 1, TextSignal::ALL.len() as u64 + 1);
        let cells = SHOWN.map(|name| match &whole {
            None => format!("{:.4}", mean(measured.of(name))),
            Some(whole) => format!("{:+.4}", mean(measured.of(name)) - mean(whole.of(name))),
        });
        let p_value = whole.as_ref().map_or(String::new(), |whole| format!("{:.3}", paired(measured.of("nDCG@10"), whole.of("nDCG@10")).p_value));
        let label = without.map_or("nothing", TextSignal::describe);
        let _ = writeln!(text, "| {label} | {} | {p_value} |", cells.join(" | "));
        whole.get_or_insert(measured);
    }
    Ok(text)
}

/// A run beside another one, on the same queries.
pub struct Comparison<'a> {
    pub name: &'a str,
    pub other: &'a Measured,
}

/// The report as a table for people.
pub fn table(measured: &Measured, comparison: Option<&Comparison<'_>>) -> String {
    let mut text = format!("{} judged queries", measured.queries.len());
    if measured.without_relevant > 0 {
        let _ = write!(text, " ({} more are left out: nothing relevant was judged for them)", measured.without_relevant);
    }
    text.push_str("\n\nmeasure               mean    95 % interval");
    if let Some(comparison) = comparison {
        let _ = write!(text, "      {}   difference   p        better/equal/worse", comparison.name);
    }
    text.push('\n');
    for (place, measure) in MEASURES.iter().enumerate() {
        let values = &measured.values[place];
        let bounds = interval(values).map_or_else(String::new, |(low, high)| format!("{low:.4} to {high:.4}"));
        let _ = write!(text, "{:<20}  {:.4}  {bounds:<17}", measure.name, measured.mean(place));
        if let Some(comparison) = comparison {
            let test = paired(values, &comparison.other.values[place]);
            let width = comparison.name.chars().count().max(6);
            let _ = write!(
                text,
                "  {:<width$.4}   {:+.4}      {:.4}   {}/{}/{}",
                comparison.other.mean(place),
                test.difference,
                test.p_value,
                test.wins,
                test.ties,
                test.losses
            );
        }
        text.push('\n');
    }
    text.push_str("\nDefinitions (means over the judged queries)\n");
    for measure in &MEASURES {
        let _ = writeln!(text, "  {}: {}", measure.name, measure.definition);
    }
    text.push_str("  95 % interval: percentile bootstrap, 10,000 resamples of the queries\n");
    if comparison.is_some() {
        text.push_str("  p: two-sided randomization test on the differences by query, 10,000 sign flips\n");
    }
    text
}

/// The report for programs.
pub fn object(measured: &Measured, comparison: Option<&Comparison<'_>>) -> Value {
    let measures: serde_json::Map<String, Value> = MEASURES
        .iter()
        .enumerate()
        .map(|(place, measure)| {
            let values = &measured.values[place];
            let mut entry = json!({"mean": measured.mean(place), "mean_with_left_out": measured.mean_with_left_out(place), "definition": measure.definition});
            if let Some((low, high)) = interval(values) {
                entry["interval_95"] = json!([low, high]);
            }
            if let Some(comparison) = comparison {
                let test = paired(values, &comparison.other.values[place]);
                entry["against"] = json!({
                    "run": comparison.name, "mean": comparison.other.mean(place), "difference": test.difference,
                    "p_value": test.p_value, "better": test.wins, "equal": test.ties, "worse": test.losses,
                });
            }
            (measure.name.to_owned(), entry)
        })
        .collect();
    let by_query: serde_json::Map<String, Value> = measured
        .queries
        .iter()
        .enumerate()
        .map(|(at, query)| {
            let values: serde_json::Map<String, Value> =
                MEASURES.iter().enumerate().map(|(place, measure)| (measure.name.to_owned(), json!(measured.values[place][at]))).collect();
            (query.clone(), Value::Object(values))
        })
        .collect();
    json!({
        "schema": "daogou.retrieval/1",
        "queries": measured.queries.len(),
        "queries_left_out": measured.without_relevant,
        "measures": measures,
        "by_query": by_query,
    })
}
