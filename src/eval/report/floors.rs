//! Least values that a run must reach, from a TOML file:
//!
//! ```toml
//! [floors]
//! "pass.frozen" = 0.9      # share of passed cases of a split, or "pass.all"
//! "check.records" = 1.0    # rate of a check
//! "metric.diversity" = 0.3 # mean of a metric; of times and tokens a ceiling, on the 95th percentile
//! ```

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, bail};
use serde::Deserialize;
use serde_json::Value;

use super::terminal::plain;
use crate::eval::check::list;
use crate::eval::trec;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    floors: BTreeMap<String, f64>,
}

/// Reads floors.
///
/// # Errors
/// When the file cannot be read or understood.
pub fn load(path: &Path) -> anyhow::Result<BTreeMap<String, f64>> {
    let file: File = toml::from_str(&trec::read(path)?).with_context(|| format!("cannot understand the floors in `{}`", path.display()))?;
    Ok(file.floors)
}

/// The floors that were missed, as sentences.
///
/// # Errors
/// When a floor names nothing that is measured.
pub fn missed(floors: &BTreeMap<String, f64>, report: &Value) -> anyhow::Result<Vec<String>> {
    let mut missed = Vec::new();
    for (name, floor) in floors {
        let (value, holds) = match name.split_once('.') {
            Some(("pass", split)) => {
                let groups = report["by"]["split"].as_object().into_iter().flatten().filter(|(key, _)| split == "all" || *key == split);
                let (cases, passed) = groups
                    .fold((0.0, 0.0), |(cases, passed), (_, g)| (cases + g["cases"].as_f64().unwrap_or(0.0), passed + g["passed"].as_f64().unwrap_or(0.0)));
                if cases == 0.0 {
                    continue;
                }
                (passed / cases, passed / cases >= *floor)
            }
            Some(("check", check)) => {
                let Some(entry) = list(&report["checks"]).iter().find(|c| plain(&c["name"]) == check) else {
                    bail!("the floor `{name}` names no check; `daogou eval --definitions` lists them")
                };
                let Some(rate) = entry["rate"].as_f64() else { continue };
                (rate, rate >= *floor)
            }
            Some(("metric", metric)) => {
                if !crate::eval::metric::METRICS.iter().any(|m| m.name == metric) {
                    bail!("the floor `{name}` names no metric; `daogou eval --definitions` lists them");
                }
                let Some(entry) = list(&report["metrics"]).iter().find(|m| plain(&m["name"]) == metric) else { continue };
                match entry["more_is_better"] == true {
                    true => (entry["mean"].as_f64().unwrap_or(0.0), entry["mean"].as_f64().is_some_and(|v| v >= *floor)),
                    false => (entry["p95"].as_f64().unwrap_or(0.0), entry["p95"].as_f64().is_some_and(|v| v <= *floor)),
                }
            }
            _ => bail!("the floor `{name}` is none; wanted `pass.SPLIT`, `check.NAME` or `metric.NAME`"),
        };
        if !holds {
            missed.push(format!("{name} is {value:.4}, wanted {floor}"));
        }
    }
    Ok(missed)
}
