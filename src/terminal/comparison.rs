//! Products side by side: a table where there is room for one, else one row under the other.

use super::Style;
use super::labels::Labels;
use super::numbering::Numbering;
use super::wrap::{clean, columns, fill, wrap};
use crate::answer::Card;
use crate::catalog::{Lang, ProductId};
use crate::comparison::{Comparison, ComparisonRow};

/// A column of a product is at least so wide; where that does not fit, rows are stacked.
const LEAST_COLUMN: usize = 14;
/// Widest column of names.
const MOST_NAME: usize = 16;
/// Between two columns.
const GAP: &str = " │ ";
/// Most lines of a title in the head of a table.
const HEAD_LINES: usize = 3;

/// The comparison with its verdict. `cards` know the titles.
pub fn comparison(comparison: &Comparison, cards: &[Card], numbers: &Numbering, lang: Lang, style: Style) -> Vec<String> {
    let labels = Labels::of(lang);
    let name_width = comparison.rows.iter().map(|row| columns(&clean(&row.name))).max().unwrap_or(0).clamp(2, MOST_NAME);
    let count = comparison.products.len().max(1);
    let room = style.width().saturating_sub(name_width + count * columns(GAP));
    let mut lines = vec![style.heading(labels.comparison), String::new()];
    let titles: Vec<String> = comparison.products.iter().map(|id| format!("{}{}", numbers.mark(id), title(id, cards))).collect();
    let (differ, same): (Vec<&ComparisonRow>, Vec<&ComparisonRow>) = comparison.rows.iter().partition(|row| row.differs);
    match room / count {
        column if column >= LEAST_COLUMN => lines.extend(table(&titles, &differ, name_width, column, labels, style)),
        _ => lines.extend(stack(&comparison.products, &titles, &differ, numbers, labels, style)),
    }
    // What all have in common says nothing for one of them: once is enough.
    let common: Vec<String> = same.iter().filter_map(|row| Some(format!("{} {}", clean(&row.name), row.values.iter().flatten().next()?))).collect();
    if !common.is_empty() {
        lines.push(String::new());
        let text = format!("{}{}{}", labels.same, labels.colon, common.join(" · "));
        lines.extend(wrap(&text, style.width(), "", "  ").iter().map(|line| style.faint(line)));
    }
    if !comparison.verdict.is_empty() {
        lines.push(String::new());
        lines.extend(wrap(&comparison.verdict, style.width(), "", ""));
    }
    lines
}

fn title<'a>(id: &'a ProductId, cards: &'a [Card]) -> &'a str {
    cards.iter().find(|card| card.id == *id).map_or(id.as_str(), |card| card.title.as_str())
}

fn value<'a>(row: &'a ComparisonRow, place: usize, labels: &'a Labels) -> (&'a str, bool) {
    match row.values.get(place).and_then(Option::as_deref) {
        Some(value) => (value, true),
        None => (labels.not_stated, false),
    }
}

fn table(titles: &[String], rows: &[&ComparisonRow], name_width: usize, column: usize, labels: &Labels, style: Style) -> Vec<String> {
    // No wider than its widest cell.
    let cells = |place: usize| rows.iter().map(move |row| columns(&clean(value(row, place, labels).0)));
    let widths: Vec<usize> = titles.iter().enumerate().map(|(place, title)| cells(place).chain([columns(title)]).max().unwrap_or(0).min(column)).collect();
    let mut head: Vec<Vec<String>> = vec![vec![String::new()]];
    head.extend(titles.iter().zip(&widths).map(|(title, width)| shortened(wrap(title, *width, "", ""), *width)));
    let all: Vec<usize> = std::iter::once(name_width).chain(widths.iter().copied()).collect();
    let mut lines = beside(&head, &all, |_, _, cell| style.bold(cell));
    lines.push(style.faint(&all.iter().map(|width| "─".repeat(*width)).collect::<Vec<_>>().join("─┼─")));
    for row in rows {
        let mut cells = vec![wrap(&row.name, name_width, "", "")];
        cells.extend(widths.iter().enumerate().map(|(place, width)| wrap(value(row, place, labels).0, *width, "", "")));
        lines.extend(beside(&cells, &all, |place, _, cell| match place.checked_sub(1) {
            Some(product) if value(row, product, labels).1 => cell.to_owned(),
            _ => style.faint(cell),
        }));
    }
    lines
}

/// Cells of several lines beside each other.
fn beside(cells: &[Vec<String>], widths: &[usize], paint: impl Fn(usize, usize, &str) -> String) -> Vec<String> {
    let height = cells.iter().map(Vec::len).max().unwrap_or(0);
    (0..height)
        .map(|at| {
            let line =
                cells.iter().zip(widths).enumerate().map(|(place, (cell, width))| paint(place, at, &fill(cell.get(at).map_or("", String::as_str), *width)));
            line.collect::<Vec<_>>().join(GAP)
        })
        .collect()
}

fn shortened(mut lines: Vec<String>, width: usize) -> Vec<String> {
    if lines.len() > HEAD_LINES {
        lines.truncate(HEAD_LINES);
        if let Some(last) = lines.last_mut() {
            *last = super::wrap::clip(&format!("{last}………"), width);
        }
    }
    lines
}

fn stack(ids: &[ProductId], titles: &[String], rows: &[&ComparisonRow], numbers: &Numbering, labels: &Labels, style: Style) -> Vec<String> {
    let mut lines: Vec<String> = titles.iter().flat_map(|title| wrap(title, style.width(), "", "    ")).map(|line| style.bold(&line)).collect();
    for row in rows {
        lines.push(String::new());
        lines.extend(wrap(&row.name, style.width(), "", "").iter().map(|line| style.heading(line)));
        for (place, id) in ids.iter().enumerate() {
            let (text, stated) = value(row, place, labels);
            let mark = match numbers.mark(id) {
                mark if mark.is_empty() => "- ".to_owned(),
                mark => mark,
            };
            let cell = wrap(text, style.width(), &format!("  {mark}"), &" ".repeat(2 + columns(&mark)));
            lines.extend(cell.into_iter().map(|line| if stated { line } else { style.faint(&line) }));
        }
    }
    lines
}
