//! What was understood of a question, as pieces that can be taken back.

use super::Style;
use super::labels::Labels;
use super::wrap::{flow, wrap};
use crate::answer::CategoryLabel;
use crate::catalog::Lang;
use crate::need::{Comparison, Constraint, Need, Rule};

/// One thing that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chip {
    pub label: String,
    /// By which `Question::without` takes it back; none means that it stays: without it nothing is left to look for.
    pub names: Vec<String>,
    /// It only ranks.
    pub soft: bool,
    /// The shopper's words for it.
    pub said: String,
}

/// What was understood, in a fixed order: categories, people, price, other wishes, traits.
pub fn chips(need: &Need, categories: &[CategoryLabel]) -> Vec<Chip> {
    let labels = Labels::of(need.lang);
    let chip = |label: &str, names: &[&str], said: &str| Chip {
        label: label.to_owned(),
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        soft: false,
        said: said.to_owned(),
    };
    let mut chips: Vec<Chip> = categories.iter().map(|category| chip(&category.name, &[], "")).collect();
    if let Some(party) = &need.party {
        let space = if need.lang == Lang::Zh { "" } else { " " };
        chips.push(chip(&format!("{}{space}{}", party.people, labels.people), &["party"], &party.text));
    }
    chips.extend(price(need));
    for constraint in need.constraints.iter().filter(|c| !matches!(c.rule, Rule::Price { .. })) {
        let label = if constraint.text.trim().is_empty() { constraint.name() } else { constraint.text.as_str() };
        merge(&mut chips, Chip { soft: !constraint.hard, ..chip(label, &[constraint.name()], &constraint.text) });
    }
    for one in &need.traits {
        let label = if one.text.trim().is_empty() { &one.id } else { &one.text };
        merge(&mut chips, chip(label, &[&one.id], &one.text));
    }
    chips
}

/// Several things of the same words ("Sanya": summer, humid, beach) are one.
fn merge(chips: &mut Vec<Chip>, chip: Chip) {
    match chips.iter_mut().find(|other| other.label == chip.label && !other.names.is_empty()) {
        Some(same) => same.names.extend(chip.names),
        None => chips.push(chip),
    }
}

/// All that is said of the price is one: "¥100–¥300".
fn price(need: &Need) -> Option<Chip> {
    let prices: Vec<(&Constraint, Comparison, String)> = need
        .constraints
        .iter()
        .filter_map(|constraint| match &constraint.rule {
            Rule::Price { comparison, stated, .. } => Some((constraint, *comparison, stated.pretty())),
            _ => None,
        })
        .collect();
    let (first, ..) = prices.first()?;
    let bound = |sides: [Comparison; 2]| prices.iter().find(|(_, side, _)| sides.contains(side)).map(|(.., amount)| amount);
    let low = bound([Comparison::AtLeast, Comparison::MoreThan]);
    let high = bound([Comparison::AtMost, Comparison::LessThan]);
    let label = match (low, high) {
        (Some(low), Some(high)) => format!("{low}–{high}"),
        _ => prices.iter().map(|(_, side, amount)| format!("{} {amount}", side.sign())).collect::<Vec<_>>().join(" "),
    };
    let soft = prices.iter().all(|(constraint, ..)| !constraint.hard);
    Some(Chip { label, names: vec!["price".to_owned()], soft, said: first.text.clone() })
}

/// What was understood on one line, or on as many as it takes.
pub(super) fn line(chips: &[Chip], labels: &Labels, style: Style) -> Vec<String> {
    if chips.is_empty() {
        return Vec::new();
    }
    let items: Vec<String> = chips.iter().map(|chip| chip.label.clone()).collect();
    let lines = flow(&items, " · ", style.width(), &format!("{}{}", labels.understood, labels.colon), "  ");
    lines.iter().map(|line| style.faint(line)).collect()
}

/// Numbered, one a line; `gone` are those that were taken back.
pub fn list(chips: &[Chip], gone: &[bool], lang: Lang, style: Style) -> Vec<String> {
    let labels = Labels::of(lang);
    if chips.is_empty() {
        return wrap(labels.nothing_understood, style.width(), "", "");
    }
    let mut lines = vec![style.heading(labels.understood)];
    for (place, chip) in chips.iter().enumerate() {
        let gone = gone.get(place).copied().unwrap_or(false);
        let note = match (gone, chip.soft) {
            (true, _) => format!(" ({})", labels.taken_back),
            (false, true) => format!(" ({})", labels.soft),
            (false, false) => String::new(),
        };
        let text = wrap(&format!("{}{note}", chip.label), style.width(), &format!("{:>3}. ", place + 1), "     ");
        lines.extend(text.into_iter().map(|line| if gone { style.faint(&line) } else { line }));
    }
    lines
}
