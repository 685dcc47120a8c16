//! Advice and products must agree.

use std::collections::HashSet;

use serde_json::Value;

use super::{Exchange, Verdict, list};
use crate::eval::condition::texts;
use crate::knowledge::Knowledge;
use crate::lexicon::{Measure, Units};
use crate::need::Comparison;
use crate::text;

pub fn agreement(exchange: &Exchange<'_>) -> Verdict {
    let answer = exchange.answer();
    let shown = exchange.shown();
    if shown.is_empty() && list(&answer["dimensions"]).is_empty() {
        return Verdict::DoesNotApply;
    }
    let mut faults = Vec::new();
    let mut seen = HashSet::new();
    for card in exchange.products() {
        let id = card["id"].as_str().unwrap_or_default();
        if !seen.insert(id) {
            faults.push(format!("`{id}` is shown twice"));
        }
        if card["reason"].as_str().is_none_or(|reason| reason.trim().is_empty()) {
            faults.push(format!("`{id}` is shown without a reason"));
        }
    }
    if let Some(group) = same_group(exchange) {
        faults.push(format!("two variants of `{group}` are shown"));
    }
    let before: HashSet<&str> = exchange.earlier.iter().flat_map(|r| super::shown(&r.answer)).collect();
    for dimension in list(&answer["dimensions"]) {
        for id in list(&dimension["products"]).iter().filter_map(Value::as_str).filter(|id| !shown.contains(id)) {
            faults.push(format!("dimension `{}` speaks of `{id}`, which is not shown", dimension["id"].as_str().unwrap_or_default()));
        }
    }
    for id in list(&answer["comparison"]["products"]).iter().filter_map(Value::as_str).filter(|id| !shown.contains(id) && !before.contains(id)) {
        faults.push(format!("the comparison speaks of `{id}`, which was never shown"));
    }
    let reasons: HashSet<&str> = exchange.products().iter().filter_map(|c| c["reason"].as_str()).collect();
    if exchange.products().len() > 2 && reasons.len() == 1 {
        faults.push("every product has the same reason".to_owned());
    }
    Verdict::of(faults)
}

fn same_group(exchange: &Exchange<'_>) -> Option<String> {
    let mut groups = HashSet::new();
    exchange.products().iter().filter_map(|c| exchange.record(c)?["item_group_id"].as_str()).find(|g| !groups.insert(*g)).map(str::to_owned)
}

/// Whether a record holds a value as advice names it: a text of it, or a figure within a named bound.
fn holds(record: &Value, advised: &str, knowledge: &Knowledge) -> bool {
    let units = &knowledge.lexicon.units;
    if let Some((label, comparison, wanted)) = bound(advised, units) {
        // The attribute that is called so; where no vocabulary has the name, any of the same dimension.
        let called = |key: &str| {
            let mut attributes = knowledge.taxonomy.each().filter_map(|c| c.attribute(key));
            attributes.any(|a| [&a.name.zh, &a.name.en].into_iter().any(|name| text::fold(name) == text::fold(label)))
        };
        let figures = figures(record);
        let named = figures.iter().any(|(key, ..)| called(key));
        let held = |measure: Measure<'_>| measure.dimension == wanted.dimension && comparison.holds(measure.base, wanted.base);
        return figures.iter().filter(|(key, ..)| !named || called(key)).any(|(_, value, unit)| units.measure(*value, *unit).is_some_and(held));
    }
    let wanted = text::phrase_key(advised);
    let held = texts_of(record);
    held.iter().any(|text| text::key_contains(text, &wanted))
}

fn texts_of(record: &Value) -> Vec<String> {
    let mut found: Vec<String> = texts(&record["title"]);
    found.extend(record["attributes"].as_object().into_iter().flat_map(|a| a.values()).flat_map(texts));
    found.extend(texts(&record["brand"]));
    found.iter().map(|t| text::phrase_key(t)).collect()
}

/// Every figure of a record with its attribute and unit.
fn figures(record: &Value) -> Vec<(&str, f64, Option<&str>)> {
    let values = record["attributes"].as_object().into_iter().flatten();
    let each = values.flat_map(|(key, v)| v.as_array().map_or_else(|| vec![v], |list| list.iter().collect()).into_iter().map(move |v| (key.as_str(), v)));
    each.filter_map(|(key, v)| match v {
        Value::Number(n) => Some((key, n.as_f64()?, None)),
        other => Some((key, other["value"].as_f64()?, other["unit"].as_str())),
    })
    .collect()
}

/// "蓬松度 ≥ 600 蓬", "empty weight ≤ 4 kg", "≥ SPF 50": what is measured, the comparison, and the figure.
fn bound<'a>(advised: &'a str, units: &'a Units) -> Option<(&'a str, Comparison, Measure<'a>)> {
    let at = advised.find(['≥', '≤', '>', '<', '='])?;
    let sign = advised[at..].chars().next()?;
    let comparison = Comparison::parse(&sign.to_string())?;
    let rest: Vec<&str> = advised[at + sign.len_utf8()..].split_whitespace().collect();
    let (figure, unit) = rest.iter().enumerate().find_map(|(place, word)| {
        let end = word.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(word.len());
        let figure: f64 = word[..end].parse().ok()?;
        let glued = Some(&word[end..]).filter(|u| !u.is_empty());
        // "SPF 50" has its unit before the figure.
        Some((figure, glued.or_else(|| rest.get(place + 1).copied()).or_else(|| place.checked_sub(1).and_then(|p| rest.get(p).copied()))))
    })?;
    let measure = units.measure(figure, unit).or_else(|| units.measure(figure, None))?;
    Some((advised[..at].trim(), comparison, measure))
}

fn preferred<'a>(dimension: &'a Value, name: &str) -> impl Iterator<Item = &'a str> {
    list(&dimension[name]).iter().filter_map(Value::as_str)
}

/// Of products that dimensions with preferences put forward: those that hold a preferred value, and all of them.
pub fn tied(exchange: &Exchange<'_>) -> Vec<Result<(), String>> {
    let knowledge = &exchange.truth.knowledge;
    let mut pairs = Vec::new();
    for dimension in list(&exchange.answer()["dimensions"]) {
        if preferred(dimension, "prefer").next().is_none() {
            continue;
        }
        for id in list(&dimension["products"]).iter().filter_map(Value::as_str) {
            let held = exchange.truth.records.get(id).is_some_and(|record| preferred(dimension, "prefer").any(|value| holds(record, value, knowledge)));
            pairs.push(if held { Ok(()) } else { Err(format!("`{id}` holds nothing that `{}` prefers", dimension["id"].as_str().unwrap_or_default())) });
        }
    }
    pairs
}

pub fn tied_to_records(exchange: &Exchange<'_>) -> Verdict {
    let pairs = tied(exchange);
    if pairs.is_empty() { Verdict::DoesNotApply } else { Verdict::of(pairs.into_iter().filter_map(Result::err).collect()) }
}

/// For every shown product, where any dimension prefers something: whether it holds a preferred value, and whether one to
/// be avoided.
pub fn followed(exchange: &Exchange<'_>) -> Vec<(bool, bool)> {
    let knowledge = &exchange.truth.knowledge;
    let dimensions = list(&exchange.answer()["dimensions"]);
    if !dimensions.iter().any(|d| preferred(d, "prefer").next().is_some()) {
        return Vec::new();
    }
    let holds_any = |record: &Value, name: &str| dimensions.iter().any(|d| preferred(d, name).any(|value| holds(record, value, knowledge)));
    exchange.products().iter().filter_map(|card| exchange.record(card)).map(|record| (holds_any(record, "prefer"), holds_any(record, "avoid"))).collect()
}

pub fn is_followed(exchange: &Exchange<'_>) -> Verdict {
    let products = followed(exchange);
    if products.is_empty() {
        return Verdict::DoesNotApply;
    }
    if !products.iter().any(|(prefer, _)| *prefer) {
        return Verdict::Fail("no shown product holds anything that is preferred".to_owned());
    }
    if products.iter().all(|(_, avoid)| *avoid) {
        return Verdict::Fail("every shown product holds something to avoid".to_owned());
    }
    Verdict::Pass
}

/// One minus the mean share of attribute values that two shown products have in common.
pub fn diversity(exchange: &Exchange<'_>) -> Option<f64> {
    let sets: Vec<HashSet<String>> = exchange
        .products()
        .iter()
        .filter_map(|card| exchange.record(card))
        .map(|record| {
            let attributes = record["attributes"].as_object().into_iter().flatten();
            let brand = record["brand"].as_str().map(|b| format!("brand={b}"));
            attributes.flat_map(|(key, value)| texts(value).into_iter().map(move |v| format!("{key}={v}"))).chain(brand).collect()
        })
        .collect();
    let mut shares = Vec::new();
    for (at, a) in sets.iter().enumerate() {
        for b in &sets[at + 1..] {
            let union = a.union(b).count();
            shares.push(if union == 0 { 1.0 } else { a.intersection(b).count() as f64 / union as f64 });
        }
    }
    (!shares.is_empty()).then(|| 1.0 - crate::eval::measure::mean(&shares))
}
