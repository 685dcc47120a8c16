//! The report as one page that needs nothing else: tables, plots, and every failure with its whole answer.

use anyhow::Context;
use minijinja::{AutoEscape, Environment};
use serde_json::{Value, json};

use crate::eval::check::list;

const PAGE: &str = include_str!("../../../web/evaluation.html");

/// The page.
///
/// # Errors
/// When the template, which is compiled in, does not fit the report.
pub fn render(report: &Value, comparison: Option<&Value>) -> anyhow::Result<String> {
    let mut environment = Environment::new();
    // Answers hold text of catalogs and models: all of it is escaped.
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_filter("percent", |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |v| format!("{:.1} %", v * 100.0)));
    environment.add_filter("figure", |value: Option<f64>| {
        value.map_or_else(|| "–".to_owned(), |v| if v.abs() >= 100.0 { format!("{v:.0}") } else { format!("{v:.3}") })
    });
    environment.add_filter("pretty", |value: minijinja::Value| serde_json::to_string_pretty(&value).unwrap_or_default());
    environment.add_template("page", PAGE)?;
    let failed: Vec<&Value> = list(&report["results"]).iter().filter(|r| r["passed"] == false && r["skipped"].is_null()).collect();
    let page = environment.get_template("page")?;
    page.render(minijinja::Value::from(minijinja::value::Serde(json!({"report": report, "failed": failed, "comparison": comparison}))))
        .context("cannot lay out the report")
}
