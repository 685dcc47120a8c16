//! Products as cards: number and title, what it costs, why it fits, and the link.

use super::labels::Labels;
use super::numbering::Numbering;
use super::wrap::{clip, columns, flow, wrap};
use super::{Style, links};
use crate::answer::Card;

const INDENT: &str = "    ";

/// A card with everything on it.
pub(super) fn card(card: &Card, numbers: &Numbering, labels: &Labels, style: Style) -> Vec<String> {
    let mut lines = head(card, numbers, labels, style);
    lines.extend(wrap(&card.reason, style.width(), INDENT, INDENT));
    lines.push(links::line(style, &card.link, INDENT));
    lines
}

/// A card while its reason is still being written.
pub(super) fn early(card: &Card, numbers: &Numbering, labels: &Labels, style: Style) -> Vec<String> {
    let mut lines = head(card, numbers, labels, style);
    lines.push(links::line(style, &card.link, INDENT));
    lines
}

/// What is known last: the reason, under enough of the card to know it by.
pub(super) fn reason(card: &Card, numbers: &Numbering, style: Style) -> Vec<String> {
    let (mark, price) = (numbers.mark(&card.id), card.final_price.pretty());
    let room = style.width().saturating_sub(columns(&mark) + columns(&price) + 3);
    let title = links::linked(style, &card.link, &style.bold(&clip(&card.title, room.max(8))));
    let mut lines = vec![format!("{}{title} · {}", style.bold(&mark), style.price(&price))];
    lines.extend(wrap(&card.reason, style.width(), INDENT, INDENT));
    lines
}

fn head(card: &Card, numbers: &Numbering, labels: &Labels, style: Style) -> Vec<String> {
    let mark = numbers.mark(&card.id);
    let hanging = " ".repeat(columns(&mark).max(INDENT.len()));
    let title = wrap(&card.title, style.width(), &fill_mark(&mark), &hanging);
    let mut lines: Vec<String> = title.iter().map(|line| title_line(line, card, columns(&hanging), style)).collect();
    let price = card.final_price.pretty();
    let mut facts: Vec<String> = card.labels.clone();
    facts.push(if card.final_price == card.price { price.clone() } else { format!("{price} ({} {})", labels.was, card.price.pretty()) });
    facts.extend(card.rating.map(|rating| format!("{rating} {} ({})", labels.stars, card.review_count.unwrap_or(0))));
    facts.extend(card.brand.clone());
    facts.extend(labels.stock(card.availability).map(str::to_owned));
    let mut painted = false;
    for line in flow(&facts, " · ", style.width(), &hanging, &hanging) {
        // A price that is broken over two lines stays as it is.
        let paint = !painted && line.contains(&price);
        painted |= paint;
        lines.push(if paint { line.replacen(&price, &style.price(&price), 1) } else { line });
    }
    lines
}

/// "[1] ", as wide as the indent at least.
fn fill_mark(mark: &str) -> String {
    if mark.is_empty() { INDENT.to_owned() } else { mark.to_owned() }
}

/// A line of the title: the words lead to the product, what stands before them does not.
fn title_line(line: &str, card: &Card, hanging: usize, style: Style) -> String {
    let (before, words) = line.split_at_checked(hanging).unwrap_or(("", line));
    format!("{}{}", style.bold(before), links::linked(style, &card.link, &style.bold(words)))
}
