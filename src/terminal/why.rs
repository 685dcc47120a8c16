//! Why a product stands where it stands: the parts of its score, what its record meets and leaves unstated, and which advice it
//! follows.

use super::labels::{Labels, signal};
use super::numbering::Numbering;
use super::wrap::{columns, fill, wrap};
use super::{Style, links};
use crate::answer::{Answer, Card, DimensionAdvice};
use crate::need::Need;

/// Longest bar.
const BAR: usize = 20;

pub fn why(card: &Card, answer: &Answer, numbers: &Numbering, style: Style) -> Vec<String> {
    let (lang, width) = (answer.need.lang, style.width());
    let labels = Labels::of(lang);
    let title = wrap(&card.title, width, &numbers.mark(&card.id), "    ");
    let mut lines: Vec<String> = title.iter().map(|line| style.bold(line)).collect();
    lines.push(links::line(style, &card.link, "    "));
    lines.push(String::new());
    let parts: Vec<(&str, f32, f32, f32)> =
        card.signals.iter().filter(|s| s.value != 0.0).map(|s| (signal(s.name, lang), s.value * s.weight, s.value, s.weight)).collect();
    let total: f32 = card.signals.iter().map(|s| s.value * s.weight).sum();
    lines.push(style.heading(&format!("{} {total:.3}", labels.score)));
    let name_width = parts.iter().map(|(name, ..)| columns(name)).max().unwrap_or(0);
    let most = parts.iter().map(|(_, part, ..)| part.abs()).fold(f32::EPSILON, f32::max);
    let room = width.saturating_sub(name_width + 28).min(BAR);
    for (name, part, value, weight) in parts {
        // Both are finite: values of signals are bounded, weights are settings from 0 to 10.
        let bar = "█".repeat((part.abs() / most * room as f32).round() as usize);
        let sum = style.faint(&format!("{value:.2} × {weight:.2}"));
        lines.push(format!("  {} {part:+.3}  {}  {sum}", fill(name, name_width), fill(&bar, room)));
    }
    let mut list = |label: &str, values: Vec<String>| {
        if !values.is_empty() {
            lines.push(String::new());
            lines.extend(wrap(&format!("{label}{}{}", labels.colon, values.join(labels.comma)), width, "", "  "));
        }
    };
    // A record also "meets" the dimensions whose advice it follows; these have a list of their own.
    let follows: Vec<&DimensionAdvice> = answer.dimensions.iter().filter(|d| d.products.contains(&card.id)).collect();
    let wishes = card.meets.iter().filter(|name| wished(&answer.need, name) || !follows.iter().any(|d| d.id == **name));
    list(labels.meets, wishes.map(|name| said(answer, name)).collect());
    list(labels.unstated, card.unstated.iter().map(|name| said(answer, name)).collect());
    list(labels.follows, follows.iter().map(|d| d.name.clone()).collect());
    lines
}

fn wished(need: &Need, name: &str) -> bool {
    need.constraints.iter().any(|constraint| constraint.name() == name)
}

/// The shopper's words for a wish, or what the advice calls it.
fn said(answer: &Answer, name: &str) -> String {
    let constraints = answer.need.constraints.iter().filter(|c| c.name() == name && !c.text.trim().is_empty());
    let texts: Vec<&str> = constraints.map(|c| c.text.as_str()).collect();
    match answer.dimensions.iter().find(|d| d.id == name) {
        _ if !texts.is_empty() => texts.join(" "),
        Some(dimension) => dimension.name.clone(),
        None => name.replace('_', " "),
    }
}
