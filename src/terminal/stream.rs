//! An answer part by part, as the parts come: products first, then the text, and what is known last at the end.

use super::numbering::Numbering;
use super::parts::{Frame, of_life, shows_nearest};
use super::wrap::columns;
use super::{Style, cards, comparison, labels::Labels, need};
use crate::answer::{Answer, Event, Offer, Understood};
use crate::catalog::{Lang, ProductId};

/// What is to be done on the screen.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece {
    /// Printed below what is there.
    More(String),
    /// Printed in the place of the last so many rows; a screen that cannot go back prints `or` below them.
    Instead { rows: usize, text: String, or: String },
}

/// An answer that is being printed.
pub struct Stream {
    talk: bool,
    understood: Option<Box<Understood>>,
    numbers: Numbering,
    offered: Option<Offered>,
    dimensions: usize,
}

/// Products that stand on the screen already.
#[derive(Clone)]
struct Offered {
    ids: Vec<ProductId>,
    chips: String,
    rows: usize,
    /// How wide the screen was; rows of another width cannot be counted.
    columns: usize,
}

impl Stream {
    /// `talk`: inside of a conversation at a terminal.
    pub fn new(talk: bool) -> Self {
        Self { talk, understood: None, numbers: Numbering::default(), offered: None, dimensions: 0 }
    }

    fn lang(&self) -> Lang {
        self.understood.as_ref().map_or(Lang::En, |known| known.need.lang)
    }

    fn frame(&self, style: Style) -> Frame<'_> {
        Frame { labels: Labels::of(self.lang()), numbers: &self.numbers, style, talk: self.talk }
    }

    /// What a part changes on the screen. What was understood waits for the products.
    pub fn part(&mut self, event: Event, style: Style) -> Option<Piece> {
        match event {
            Event::Need(known) => {
                self.understood = Some(known);
                None
            }
            Event::Products(offer) => self.offer(&offer, style),
            Event::Summary(text) => more(&[self.frame(style).prose(&text)]),
            Event::Dimension(advice) => {
                let of_life = self.understood.as_ref().is_some_and(|known| of_life(&known.need));
                self.dimensions += 1;
                let frame = self.frame(style);
                let mut blocks = vec![frame.dimension(self.dimensions, &advice, of_life)];
                if self.dimensions == 1 {
                    blocks.insert(0, frame.advice_heading(of_life));
                }
                more(&blocks)
            }
            // They stand at the end, where they can be answered.
            Event::Question(_) | Event::Notice(_) => None,
        }
    }

    /// What is known last.
    pub fn end(&mut self, answer: &Answer, style: Style) -> Option<Piece> {
        self.numbers = Numbering::of(&answer.products, &answer.nearest);
        let frame = self.frame(style);
        let mut blocks = Vec::new();
        if let Some(compared) = &answer.comparison {
            blocks.push(comparison::comparison(compared, &answer.products, &self.numbers, answer.need.lang, style));
        }
        let nearest = answer.nearest.iter().filter(|_| shows_nearest(answer.outcome)).flat_map(|n| &n.products);
        let reasons: Vec<Vec<String>> =
            answer.products.iter().chain(nearest).filter(|card| !card.reason.is_empty()).map(|card| cards::reason(card, &self.numbers, style)).collect();
        if !reasons.is_empty() {
            blocks.push(vec![style.heading(frame.labels.reasons)]);
            blocks.extend(reasons);
        }
        blocks.extend(answer.verdict.iter().map(|verdict| frame.prose(verdict)));
        blocks.extend(frame.rest(answer));
        Some(Piece::More(joined(&blocks))).filter(|_| !blocks.is_empty())
    }

    fn offer(&mut self, offer: &Offer, style: Style) -> Option<Piece> {
        self.numbers = Numbering::of(&offer.products, &offer.nearest);
        let frame = self.frame(style);
        let chips = self.understood.as_ref().filter(|_| self.talk).map(|known| need::line(&need::chips(&known.need, &known.categories), frame.labels, style));
        let mut blocks: Vec<Vec<String>> = chips.iter().filter(|lines| !lines.is_empty()).cloned().collect();
        let chips = chips.unwrap_or_default().join("\n");
        blocks.extend(frame.products(&offer.products, offer.kit.as_ref(), false));
        blocks.extend(frame.nearest(&offer.nearest, false));
        let text = spaced(&blocks);
        let rows = text.lines().map(|line| rows(line, style)).sum();
        let now = Offered { ids: self.numbers.ids().cloned().collect(), chips, rows, columns: style.columns() };
        let Some(before) = self.offered.replace(now.clone()) else { return more(&blocks) };
        if before.rows == 0 {
            return more(&blocks);
        }
        if before.ids == now.ids && before.chips == now.chips {
            // The second reading came to the same: it stands there already.
            return None;
        }
        let heading = self.frame(style).faint(self.frame(style).labels.reread);
        let again: Vec<Vec<String>> = std::iter::once(heading).chain(blocks).collect();
        let or = spaced(&again);
        Some(if before.columns == now.columns { Piece::Instead { rows: before.rows, text, or } } else { Piece::More(or) })
    }
}

/// A part with an empty line under it, where the status line or the next part goes on.
fn spaced(blocks: &[Vec<String>]) -> String {
    let text = joined(blocks);
    if text.is_empty() { text } else { text + "\n" }
}

fn more(blocks: &[Vec<String>]) -> Option<Piece> {
    Some(Piece::More(spaced(blocks))).filter(|piece| *piece != Piece::More(String::new()))
}

/// Blocks with an empty line between them, ending in a line break.
pub(super) fn joined(blocks: &[Vec<String>]) -> String {
    let blocks: Vec<String> = blocks.iter().filter(|lines| !lines.is_empty()).map(|lines| lines.join("\n")).collect();
    if blocks.is_empty() { String::new() } else { format!("{}\n", blocks.join("\n\n")) }
}

/// How many rows of the screen a line takes; escape sequences take none.
fn rows(line: &str, style: Style) -> usize {
    columns(&unescaped(line)).div_ceil(style.columns()).max(1)
}

/// A line without the sequences that [`Style`] and links put into it.
pub(super) fn unescaped(line: &str) -> String {
    let mut plain = String::new();
    let mut rest = line;
    while let Some(at) = rest.find('\u{1b}') {
        plain.push_str(&rest[..at]);
        let sequence = &rest[at + 1..];
        let end = match sequence.as_bytes().first() {
            Some(b']') => sequence.find("\u{1b}\\").map(|end| end + 2),
            _ => sequence.find('m').map(|end| end + 1),
        };
        rest = end.and_then(|end| sequence.get(end..)).unwrap_or("");
    }
    plain + rest
}
