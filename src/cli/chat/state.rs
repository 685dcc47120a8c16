//! What a talk remembers of itself: its turns, the products that have a number now, and what was understood of the last question.

use crate::answer::{Answer, Card};
use crate::catalog::{Lang, ProductId};
use crate::need::{Intent, Rule};
use crate::terminal::need::{Chip, chips};
use crate::terminal::{Numbering, choices};

/// A question and its answer.
pub struct Turn {
    pub question: String,
    pub answer: Answer,
}

/// A piece of what was understood.
pub struct Piece {
    pub chip: Chip,
    pub gone: bool,
}

#[derive(Default)]
pub struct State {
    turns: Vec<Turn>,
    /// The turn that last showed products.
    shown: Option<usize>,
    /// The turn whose wishes can be changed.
    wished: Option<usize>,
    pub pieces: Vec<Piece>,
    /// The last list, as the conversation counts it: "the second one".
    list: Vec<ProductId>,
}

impl State {
    /// Takes in a turn; `again` when it asks the last question once more, without what was taken back.
    pub fn take_in(&mut self, question: &str, answer: Answer, again: bool) {
        let new = chips(&answer.need, &answer.categories);
        let about_shown = matches!(answer.need.intent, Intent::Shown(_));
        if again && self.wished.is_some_and(|at| at + 1 == self.turns.len()) {
            self.turns.pop();
        }
        let at = self.turns.len();
        if !about_shown && !matches!(answer.need.intent, Intent::Scope(_)) {
            self.wished = Some(at);
            self.pieces = if again { merged(std::mem::take(&mut self.pieces), new) } else { new.into_iter().map(|chip| Piece { chip, gone: false }).collect() };
        }
        let numbers = Numbering::of(&answer.products, &answer.nearest);
        // Being spoken of or compared changes nothing of what "the second one" is.
        if numbers.ids().len() > 0 && !about_shown {
            self.shown = Some(at);
            self.list = numbers.ids().cloned().collect();
        }
        self.turns.push(Turn { question: question.to_owned(), answer });
        if again && self.shown.is_some_and(|shown| shown > at) {
            self.shown = Some(at);
        }
    }

    pub fn turns(&self) -> impl ExactSizeIterator<Item = &Turn> {
        self.turns.iter()
    }

    pub fn last(&self) -> Option<&Turn> {
        self.turns.last()
    }

    /// The turn whose wishes can be changed.
    pub fn wished(&self) -> Option<&Turn> {
        self.turns.get(self.wished?)
    }

    /// The answer whose products have numbers now.
    pub fn shown(&self) -> Option<&Answer> {
        self.shown.and_then(|at| self.turns.get(at)).map(|turn| &turn.answer)
    }

    /// The products by number.
    pub fn cards(&self) -> Vec<&Card> {
        let Some(answer) = self.shown() else { return Vec::new() };
        let all = || answer.products.iter().chain(answer.nearest.iter().flat_map(|n| &n.products));
        self.list.iter().filter_map(|id| all().find(|card| card.id == *id)).collect()
    }

    /// The place of a product in the list that the conversation counts by.
    pub fn place(&self, id: &ProductId) -> Option<usize> {
        self.list.iter().position(|one| one == id).map(|place| place + 1)
    }

    /// What the last answer offers to go on with.
    pub fn chosen(&self, line: &str) -> Option<String> {
        let texts = choices::texts(&self.last()?.answer);
        choices::chosen(line, &texts).map(str::to_owned)
    }

    /// The names of everything that was taken back.
    pub fn without(&self) -> Vec<String> {
        self.pieces.iter().filter(|piece| piece.gone).flat_map(|piece| piece.chip.names.clone()).collect()
    }

    /// The language of the last answer.
    pub fn lang(&self) -> Option<Lang> {
        self.last().map(|turn| turn.answer.need.lang)
    }

    /// The currency in which the shopper speaks of money, if any was spoken of.
    pub fn currency(&self) -> Option<crate::catalog::Currency> {
        self.wished()?.answer.need.constraints.iter().find_map(|constraint| match &constraint.rule {
            Rule::Price { stated, .. } => Some(stated.currency()),
            _ => None,
        })
    }
}

/// The pieces after the question was asked once more: numbers stay what they were, as far as the pieces are still there.
fn merged(before: Vec<Piece>, mut new: Vec<Chip>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for piece in before {
        match new.iter().position(|chip| chip.names == piece.chip.names && (!chip.names.is_empty() || chip.label == piece.chip.label)) {
            Some(at) => pieces.push(Piece { chip: new.remove(at), gone: false }),
            None if piece.gone => pieces.push(piece),
            None => {}
        }
    }
    pieces.extend(new.into_iter().map(|chip| Piece { chip, gone: false }));
    pieces
}
