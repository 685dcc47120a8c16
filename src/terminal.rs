//! Answers on a terminal: wrapped to its width, Chinese counted double, colors and links only where they are wanted.
//!
//! Everything here makes text and prints nothing; `cli` prints it. Text of catalog and model is cleaned by [`wrap`] before any
//! escape sequence of ours is put around it.

pub mod cards;
pub mod choices;
pub mod comparison;
pub(crate) mod labels;
pub mod links;
pub mod need;
mod numbering;
mod parts;
pub mod stream;
mod style;
pub mod why;
pub mod wrap;

pub use numbering::Numbering;
pub use style::Style;

use crate::answer::Answer;
use labels::Labels;
use parts::{Frame, of_life, shows_nearest};
use stream::joined;

/// The whole answer as text, ending in a line break.
pub fn render(answer: &Answer, style: Style) -> String {
    whole(answer, false, style)
}

/// The whole answer inside of a talk: with what was understood, and letters to choose by.
pub fn reply(answer: &Answer, style: Style) -> String {
    whole(answer, true, style)
}

fn whole(answer: &Answer, talk: bool, style: Style) -> String {
    let numbers = Numbering::of(&answer.products, &answer.nearest);
    let frame = Frame { labels: Labels::of(answer.need.lang), numbers: &numbers, style, talk };
    let of_life = of_life(&answer.need);
    let mut blocks = Vec::new();
    if talk {
        blocks.push(need::line(&need::chips(&answer.need, &answer.categories), frame.labels, style));
    }
    blocks.push(frame.prose(&answer.summary));
    if let Some(compared) = &answer.comparison {
        blocks.push(comparison::comparison(compared, &answer.products, &numbers, answer.need.lang, style));
    }
    if !answer.dimensions.is_empty() {
        blocks.push(frame.advice_heading(of_life));
        blocks.extend(answer.dimensions.iter().enumerate().map(|(place, dimension)| frame.dimension(place + 1, dimension, of_life)));
    }
    blocks.extend(frame.products(&answer.products, answer.kit.as_ref(), true));
    blocks.extend(answer.verdict.iter().map(|verdict| frame.prose(verdict)));
    if shows_nearest(answer.outcome) {
        blocks.extend(frame.nearest(&answer.nearest, true));
    }
    blocks.extend(frame.rest(answer));
    joined(&blocks)
}
