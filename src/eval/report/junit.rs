//! The report as JUnit XML, for build servers: one test a case.

use std::time::Duration;

use anyhow::Context;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use serde_json::Value;

use super::terminal::plain;
use crate::eval::check::list;

/// The XML text.
///
/// # Errors
/// When it cannot be written as UTF-8, which no report should bring about.
pub fn render(report: &Value) -> anyhow::Result<String> {
    let mut suites: Vec<(String, TestSuite)> = Vec::new();
    for result in list(&report["results"]) {
        let attempts = list(&result["attempts"]);
        let failed: Vec<String> =
            attempts.iter().flat_map(|a| list(&a["failures"])).map(|f| format!("turn {}: {}: {}", f["turn"], plain(&f["check"]), plain(&f["found"]))).collect();
        let status = match (result["skipped"].as_str(), failed.first()) {
            (Some(why), _) => {
                let mut skipped = TestCaseStatus::skipped();
                skipped.set_message(why);
                skipped
            }
            (None, None) => TestCaseStatus::success(),
            (None, Some(first)) => {
                let mut failure = TestCaseStatus::non_success(NonSuccessKind::Failure);
                failure.set_message(first.clone()).set_description(failed.join("\n"));
                failure
            }
        };
        let mut case = TestCase::new(plain(&result["id"]), status);
        let wall: f64 = attempts.iter().flat_map(|a| list(&a["turns"])).filter_map(|t| t["wall_ms"].as_f64()).sum();
        case.set_time(Duration::from_secs_f64((wall / 1e3).max(0.0))).set_classname(plain(&result["split"]));
        let name = plain(&result["split"]);
        match suites.iter_mut().find(|(known, _)| *known == name) {
            Some((_, suite)) => {
                suite.add_test_case(case);
            }
            None => {
                let mut suite = TestSuite::new(name.clone());
                suite.add_test_case(case);
                suites.push((name, suite));
            }
        }
    }
    let mut junit = Report::new("daogou eval");
    junit.add_test_suites(suites.into_iter().map(|(_, suite)| suite));
    junit.to_string().context("cannot write the JUnit report")
}
