//! The parts of an answer, each as lines.

use super::cards::{card, early};
use super::labels::Labels;
use super::numbering::Numbering;
use super::wrap::{flow, wrap};
use super::{Style, choices};
use crate::answer::{Answer, Card, DimensionAdvice, Nearest};
use crate::compose::Outcome;
use crate::kit::Kit;
use crate::need::{Intent, Need};

/// What all parts of an answer have in common.
pub struct Frame<'a> {
    pub labels: &'static Labels,
    pub numbers: &'a Numbering,
    pub style: Style,
    /// Inside of a talk, where what is offered can be chosen by a letter.
    pub talk: bool,
}

impl Frame<'_> {
    pub fn prose(&self, text: &str) -> Vec<String> {
        wrap(text, self.style.width(), "", "")
    }

    pub fn faint(&self, text: &str) -> Vec<String> {
        wrap(text, self.style.width(), "", "  ").into_iter().map(|line| self.style.faint(&line)).collect()
    }

    pub fn advice_heading(&self, of_life: bool) -> Vec<String> {
        vec![self.style.heading(if of_life { self.labels.steps } else { self.labels.advice })]
    }

    /// The advice in one dimension, the `place`-th from 1.
    pub fn dimension(&self, place: usize, dimension: &DimensionAdvice, of_life: bool) -> Vec<String> {
        let (number, width) = (format!("{place}. "), self.style.width());
        let hanging = " ".repeat(number.len());
        let mut lines: Vec<String> = wrap(&dimension.name, width, &number, &hanging).iter().map(|line| self.style.bold(line)).collect();
        lines.extend(wrap(&dimension.advice, width, &hanging, &hanging));
        for (label, values) in [(self.labels.prefer, &dimension.prefer), (self.labels.avoid, &dimension.avoid)] {
            // What a kit's slots want is in their names.
            if !values.is_empty() && !of_life {
                let text = format!("{label}: {}", values.join(self.labels.comma));
                lines.extend(wrap(&text, width, &hanging, &format!("{hanging}  ")).iter().map(|line| self.style.faint(line)));
            }
        }
        lines
    }

    /// All products, whole or as they are known before their reasons.
    pub fn products(&self, products: &[Card], kit: Option<&Kit>, whole: bool) -> Vec<Vec<String>> {
        if products.is_empty() {
            return Vec::new();
        }
        let total = kit.filter(|kit| !kit.ideas).map(|kit| format!("{} · {}", self.labels.kit, kit.total.pretty()));
        let heading = vec![self.style.heading(&total.unwrap_or_else(|| self.labels.products.to_owned()))];
        std::iter::once(heading).chain(self.cards(products, whole)).collect()
    }

    /// What relaxed wishes give.
    pub fn nearest(&self, nearest: &[Nearest], whole: bool) -> Vec<Vec<String>> {
        let mut blocks = Vec::new();
        for one in nearest {
            let heading = wrap(&format!("{}{}{} ({})", self.labels.nearest, self.labels.colon, one.text, one.count), self.style.width(), "", "");
            blocks.push(heading.iter().map(|line| self.style.heading(line)).collect());
            blocks.extend(self.cards(&one.products, whole));
        }
        blocks
    }

    fn cards<'c>(&'c self, cards: &'c [Card], whole: bool) -> impl Iterator<Item = Vec<String>> + 'c {
        let print = if whole { card } else { early };
        cards.iter().map(move |one| print(one, self.numbers, self.labels, self.style))
    }

    /// What comes after products and advice: the question, ways on, notices.
    pub fn rest(&self, answer: &Answer) -> Vec<Vec<String>> {
        let mut blocks = Vec::new();
        let mut letters = choices::letters(answer).filter(|_| self.talk);
        if let Some(question) = &answer.question {
            let options = question.options.iter().map(|(value, count)| match letters.next() {
                Some(letter) => format!("{letter}) {value} ({count})"),
                None => format!("{value} ({count})"),
            });
            let items: Vec<String> = std::iter::once(question.text.clone()).chain(options).collect();
            blocks.push(if self.talk {
                // What can be chosen stands together.
                flow(&items, "  ", self.style.width(), "", "  ")
            } else {
                self.prose(&format!("{} {}", question.text, items[1..].join(" / ")))
            });
        }
        if !answer.follow_ups.is_empty() {
            let mut lines = vec![self.style.faint(self.labels.next)];
            for text in &answer.follow_ups {
                let mark = letters.next().map_or_else(|| "- ".to_owned(), |letter| format!("{letter}) "));
                lines.extend(wrap(text, self.style.width(), &format!("  {mark}"), &" ".repeat(2 + mark.len())));
            }
            blocks.push(lines);
        }
        blocks.extend(answer.notices.iter().map(|notice| wrap(&format!("* {notice}"), self.style.width(), "", "  ")));
        blocks.extend(answer.degraded.iter().map(|reason| self.faint(&format!("* {} ({reason})", self.labels.degraded))));
        blocks
    }
}

/// Whether advice is given in steps rather than for choosing.
pub fn of_life(need: &Need) -> bool {
    matches!(need.intent, Intent::Scene(_))
}

/// What stands for the products that meet every wish.
pub fn shows_nearest(outcome: Outcome) -> bool {
    outcome == Outcome::NoMatch
}
