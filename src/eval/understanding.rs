//! What was understood of natural requests, beside what a careful human reads in them.
//!
//! Labels name their request by data set, file and place, so that no sentence of others stands in the project; the request is
//! read from the data set.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::Deserialize;
use serde_json::{Value, json};

use super::check::list;
use super::condition::Condition;
use super::trec;
use crate::need::Comparison;
use crate::question::Question;
use crate::shop::Shop;
use crate::text;
use crate::wire;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    source: String,
    file: String,
    /// A line from 0, or ids joined by a slash.
    at: Value,
    constraints: Vec<String>,
    #[serde(rename = "product")]
    _product: Option<String>,
}

/// A request with what a human reads in it.
pub struct Labeled {
    pub request: String,
    labels: Vec<Condition>,
}

/// Reads labels and their requests from data sets under a folder.
///
/// # Errors
/// When a file is missing or a label names no request.
pub fn load(labels: &[PathBuf], sources: &Path) -> anyhow::Result<Vec<Labeled>> {
    let mut requests: HashMap<PathBuf, HashMap<String, String>> = HashMap::new();
    let mut labeled = Vec::new();
    for path in labels {
        for (at, line) in trec::read(path)?.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
            let place = format!("{}:{}", path.display(), at + 1);
            let row: Row = serde_json::from_str(line).with_context(|| format!("{place} is no label"))?;
            let file = sources.join(&row.source).join(&row.file);
            if !requests.contains_key(&file) {
                requests.insert(file.clone(), read(&file)?);
            }
            let key = row.at.as_str().map_or_else(|| row.at.to_string(), str::to_owned);
            let Some(request) = requests.get(&file).and_then(|all| all.get(&key)) else { bail!("{place}: `{}` has no request `{key}`", file.display()) };
            let labels = row.constraints.iter().map(|c| Condition::parse(c).map_err(anyhow::Error::msg)).collect::<anyhow::Result<_>>()?;
            labeled.push(Labeled { request: request.clone(), labels });
        }
    }
    Ok(labeled)
}

/// Requests of a file by their place: lines, the second column where there are tabs, or the messages of dialogues.
fn read(path: &Path) -> anyhow::Result<HashMap<String, String>> {
    let text = trec::read(path)?;
    if !path.to_string_lossy().contains(".json") {
        let lines = text.lines().enumerate();
        return Ok(lines.map(|(at, line)| (at.to_string(), line.split('\t').nth(1).unwrap_or(line).to_owned())).collect());
    }
    let dialogues: Value = serde_json::from_str(&text).with_context(|| format!("`{}` is no JSON", path.display()))?;
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut messages = HashMap::new();
    for dialogue in list(&dialogues) {
        let dialogue_id = plain(if dialogue["conv_id"].is_null() { &dialogue["id"] } else { &dialogue["conv_id"] });
        for message in list(&dialogue["conversation"]).iter().chain(list(&dialogue["utterances"])) {
            let (id, text) =
                if message["msg_id"].is_null() { (&message["utterance_id"], &message["utterance"]) } else { (&message["msg_id"], &message["content"]) };
            messages.insert(format!("{dialogue_id}/{}", plain(id)), plain(text));
        }
    }
    Ok(messages)
}

/// Counts of one kind of condition.
#[derive(Debug, Clone, Copy, Default)]
pub struct Count {
    /// Conditions that the human reads.
    pub labels: u64,
    /// Of these, how many became a constraint or a trait.
    pub understood: u64,
    /// Of these, how many are at least searched for as words.
    pub kept: u64,
}

/// What a set of requests shows.
#[derive(Debug, Clone, Default)]
pub struct Understanding {
    pub requests: u64,
    pub by_name: BTreeMap<String, Count>,
    /// Constraints that the program made, and how many of them the human reads too.
    pub made: u64,
    pub right: u64,
}

impl Understanding {
    pub fn total(&self) -> Count {
        self.by_name.values().fold(Count::default(), |a, b| Count {
            labels: a.labels + b.labels,
            understood: a.understood + b.understood,
            kept: a.kept + b.kept,
        })
    }

    /// The report for programs.
    pub fn object(&self) -> Value {
        let total = self.total();
        let share = |part: u64, whole: u64| (whole > 0).then(|| part as f64 / whole as f64);
        let by_name: BTreeMap<&String, Value> =
            self.by_name.iter().map(|(name, c)| (name, json!({"labels": c.labels, "understood": c.understood, "kept": c.kept}))).collect();
        json!({
            "schema": "daogou.understanding/1", "requests": self.requests, "constraints_made": self.made, "constraints_right": self.right,
            "precision": share(self.right, self.made), "recall": share(total.understood, total.labels), "kept": share(total.kept, total.labels), "by_name": by_name,
        })
    }
}

/// Reads every request against a shop's catalog and compares.
///
/// # Errors
/// When the catalog or the index cannot be read.
pub fn measure(shop: &Shop, requests: &[Labeled]) -> anyhow::Result<Understanding> {
    let mut found = Understanding { requests: requests.len() as u64, ..Understanding::default() };
    for request in requests {
        let Some(question) = Question::new(&request.request) else { continue };
        let need = shop.understand(&question, None)?;
        let object = wire::need_object(&need, &[]);
        let made = list(&object["constraints"]);
        let words: String = need.words.iter().chain(&need.wording).map(|w| text::fold(&w.said)).collect::<Vec<_>>().join(" ");
        found.made += made.len() as u64;
        found.right += made.iter().filter(|c| request.labels.iter().any(|label| same(c, label))).count() as u64;
        for label in &request.labels {
            let count = found.by_name.entry(label.name.clone()).or_default();
            let traits = need.traits.iter().any(|t| label.comparison == Comparison::Equal && label.values.iter().any(|v| speaks_of(&t.text, v)));
            let understood = traits || made.iter().any(|c| same(c, label));
            count.labels += 1;
            count.understood += u64::from(understood);
            count.kept += u64::from(understood || label.values.iter().any(|v| speaks_of(&words, v)));
        }
    }
    Ok(found)
}

/// Whether a constraint of the program is the human's: about the same words, in the same direction; a price by its figure.
fn same(constraint: &Value, label: &Condition) -> bool {
    let name = constraint["name"].as_str().or(constraint["kind"].as_str()).unwrap_or_default();
    if (name == "price") != (label.name == "price") {
        return false;
    }
    let operator = constraint["op"].as_str().unwrap_or_default();
    let direction = |op: &str| match op {
        "<" | "<=" => 0,
        ">" | ">=" => 1,
        "!=" => 2,
        _ => 3,
    };
    let value = constraint["value"].as_str().unwrap_or_default();
    if label.name == "price" {
        let stated = constraint["stated"]["value"].as_str().unwrap_or(value);
        let figure = |text: &str| text.parse::<f64>().ok();
        return direction(operator) == direction(label.comparison.operator())
            && label.values.iter().any(|v| figure(v).is_some() && figure(v) == figure(stated));
    }
    // A plain figure ("32 GB") may be read as a bound; what is ruled out may not be read as wanted.
    let ruled_out = |op: &str| direction(op) == 2;
    let said = constraint["text"].as_str().unwrap_or_default();
    ruled_out(operator) == ruled_out(label.comparison.operator()) && label.values.iter().any(|v| speaks_of(said, v) || speaks_of(value, v))
}

/// Whether a text has the words of a label, whatever their form.
fn speaks_of(text: &str, label: &str) -> bool {
    let (text, label) = (text::phrase_key(text), text::phrase_key(label));
    !label.is_empty() && text::key_contains(&text, &label)
}
