//! The report as tables for a terminal.

use std::fmt::Write as _;

use serde_json::Value;

use crate::eval::check::list;

/// Failures listed one by one.
const MOST_FAILURES: usize = 40;

/// The whole report.
pub fn render(report: &Value, all: bool) -> String {
    let mut text = String::new();
    let number = |value: &Value| value.as_f64().unwrap_or(0.0);
    let _ = writeln!(
        text,
        "{} cases, {} answers, asked of {} ({} products), {:.1} s",
        report["cases"],
        report["answers"],
        plain(&report["subject"]),
        report["products"],
        number(&report["seconds"])
    );
    for skipped in list(&report["skipped"]) {
        let _ = writeln!(text, "skipped {}: {}", plain(&skipped["id"]), plain(&skipped["why"]));
    }
    let pass = &report["pass"];
    for (name, share) in pass.as_object().into_iter().flatten().filter(|(name, _)| name.starts_with("pass^")) {
        let _ = write!(text, "{name} {:.3}   ", number(share));
    }
    if let [low, high] = list(&pass["interval_95"]) {
        let _ = write!(text, "({} cases passed, 95 % interval {:.3} to {:.3})", pass["cases passed"], number(low), number(high));
    }
    text.push('\n');
    if number(&report["degraded"]["attempts"]) > 0.0 {
        let _ = writeln!(text, "degraded: {} attempts ({})", report["degraded"]["attempts"], report["degraded"]["reasons"]);
    }
    for name in ["split", "kind", "language", "outcome"] {
        let groups = report["by"][name].as_object().into_iter().flatten();
        let shown: Vec<String> = groups.map(|(key, group)| format!("{key} {}/{}", group["passed"], group["cases"])).collect();
        let _ = writeln!(text, "{name:<9} {}", shown.join(", "));
    }
    text.push_str("\ncheck              passed  failed  not applicable\n");
    for check in list(&report["checks"]) {
        let _ = writeln!(text, "{:<18} {:>6}  {:>6}  {:>14}", plain(&check["name"]), check["passed"], check["failed"], check["not_applicable"]);
    }
    text.push_str("\nmetric                      answers     mean      p50      p95\n");
    for metric in list(&report["metrics"]) {
        let _ = writeln!(
            text,
            "{:<26} {:>8} {:>8.3} {:>8.3} {:>8.3}",
            plain(&metric["name"]),
            metric["answers"],
            number(&metric["mean"]),
            number(&metric["p50"]),
            number(&metric["p95"])
        );
    }
    if let Some(means) = report["opinions"]["mean"].as_object() {
        let shown: Vec<String> = means.iter().map(|(name, value)| format!("{name} {:.2}", number(value))).collect();
        let opinions = &report["opinions"];
        let _ = writeln!(
            text,
            "\nopinion of {} on {} of {} answers, 1 to 5 (decides nothing): {}",
            plain(&opinions["model"]),
            opinions["judged"],
            opinions["answers"],
            shown.join(", ")
        );
    }
    failures(report, all, &mut text);
    text
}

fn failures(report: &Value, all: bool, text: &mut String) {
    let failed: Vec<&Value> = list(&report["results"]).iter().filter(|r| r["passed"] == false && r["skipped"].is_null()).collect();
    if failed.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{} cases failed", failed.len());
    let most = if all { usize::MAX } else { MOST_FAILURES };
    for result in failed.iter().take(most) {
        let _ = writeln!(text, "  {} ({}, {})", plain(&result["id"]), plain(&result["split"]), plain(&result["origin"]));
        let attempt = list(&result["attempts"]).iter().find(|a| a["passed"] == false);
        for failure in attempt.map(|a| list(&a["failures"])).unwrap_or_default() {
            let turn = failure["turn"].as_u64().unwrap_or(0);
            let ask = attempt.and_then(|a| list(&a["turns"]).get((turn as usize).max(1) - 1)).map(|t| plain(&t["ask"])).unwrap_or_default();
            let _ = writeln!(text, "      {}: {}   [{}]", plain(&failure["check"]), plain(&failure["found"]), ask.chars().take(60).collect::<String>());
        }
    }
    if failed.len() > most {
        let _ = writeln!(text, "  and {} more; --all lists them, --html shows each with its answer", failed.len() - most);
    }
}

/// The definitions of all checks and metrics.
pub fn definitions() -> String {
    let mut text = String::from("Checks (each passes, fails or does not apply)\n");
    for (name, definition) in crate::eval::check::CHECKS.iter().map(|c| (c.name, c.definition)).chain(crate::eval::check::ACROSS) {
        let _ = writeln!(text, "  {name}: {definition}");
    }
    text.push_str("Metrics (mean over the answers to which one applies)\n");
    for metric in &crate::eval::metric::METRICS {
        let _ = writeln!(text, "  {}: {}", metric.name, metric.definition);
    }
    text.push_str("pass^k: the mean over cases of C(passes, k) / C(attempts, k): the chance that k attempts all pass\n");
    text
}

/// A text without its quotation marks.
pub fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
