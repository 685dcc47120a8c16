//! A run beside an earlier one.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, bail};
use serde_json::{Value, json};

use super::terminal::plain;
use crate::eval::check::list;
use crate::eval::significance::paired;
use crate::eval::trec;

/// Reads an earlier report.
///
/// # Errors
/// When the file is no report of this program.
pub fn load(path: &Path) -> anyhow::Result<Value> {
    let report: Value = serde_json::from_str(&trec::read(path)?).with_context(|| format!("`{}` is no JSON", path.display()))?;
    if report["schema"] != "daogou.eval/1" {
        bail!("`{}` is no report of `daogou eval --json`", path.display());
    }
    Ok(report)
}

/// What changed: cases that fail now and did not, cases that pass now and did not, checks and metrics beside their earlier
/// values, and a paired test over the cases of both.
pub fn compare(report: &Value, earlier: &Value) -> Value {
    let passed = |report: &Value| -> HashMap<String, bool> {
        list(&report["results"]).iter().filter(|r| r["skipped"].is_null()).map(|r| (plain(&r["id"]), r["passed"] == true)).collect()
    };
    let (now, before) = (passed(report), passed(earlier));
    let mut both: Vec<&String> = now.keys().filter(|id| before.contains_key(*id)).collect();
    both.sort();
    let changed = |to: bool| both.iter().filter(|id| now[**id] == to && before[**id] != to).map(|id| (*id).clone()).collect::<Vec<String>>();
    let values = |runs: &HashMap<String, bool>| both.iter().map(|id| f64::from(u8::from(runs[*id]))).collect::<Vec<f64>>();
    let test = paired(&values(&now), &values(&before));
    let beside = |kind: &str, value: &str| {
        let each = list(&report[kind]).iter().filter_map(|entry| {
            let old = list(&earlier[kind]).iter().find(|e| e["name"] == entry["name"])?;
            (old[value] != entry[value]).then(|| json!({"name": entry["name"], "now": entry[value], "before": old[value]}))
        });
        each.collect::<Vec<Value>>()
    };
    json!({
        "cases": both.len(), "fails_now": changed(false), "passes_now": changed(true),
        "difference": test.difference, "p_value": test.p_value,
        "checks": beside("checks", "rate"), "metrics": beside("metrics", "mean"),
    })
}

/// The comparison for a terminal.
pub fn table(comparison: &Value) -> String {
    let names = |value: &Value| list(value).iter().map(plain).collect::<Vec<_>>().join(", ");
    let mut text = format!(
        "\nbeside the baseline, on {} cases: pass rate {:+.4} (p {:.4}, randomization test)\n",
        comparison["cases"],
        comparison["difference"].as_f64().unwrap_or(0.0),
        comparison["p_value"].as_f64().unwrap_or(1.0)
    );
    for (label, key) in [("fail now", "fails_now"), ("pass now", "passes_now")] {
        if !list(&comparison[key]).is_empty() {
            text.push_str(&format!("  {label}: {}\n", names(&comparison[key])));
        }
    }
    for entry in list(&comparison["checks"]) {
        text.push_str(&format!(
            "  {}: {:.4} before, {:.4} now\n",
            plain(&entry["name"]),
            entry["before"].as_f64().unwrap_or(0.0),
            entry["now"].as_f64().unwrap_or(0.0)
        ));
    }
    text
}
