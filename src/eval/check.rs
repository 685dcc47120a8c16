//! Checks of one answer: each passes, fails with what was found, or does not apply. None of them asks a model.

mod advice;
mod expected;
mod grounding;
mod kit;
mod manner;
mod record;

use std::sync::Arc;

use serde_json::Value;

use super::case::{Case, Turn};
use super::subject::{Records, Reply};
use crate::knowledge::Knowledge;

pub use advice::{diversity, followed, tied};
pub use expected::satisfaction;
pub use manner::{alike, shingles};

/// How a check came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Pass,
    /// With what was found and what was wanted.
    Fail(String),
    DoesNotApply,
}

impl Verdict {
    /// Passes where nothing is wrong; the first few faults otherwise.
    fn of(faults: Vec<String>) -> Self {
        if faults.is_empty() { Self::Pass } else { Self::Fail(faults.into_iter().take(4).collect::<Vec<_>>().join("; ")) }
    }
}

/// What answers are held against.
pub struct Truth {
    pub records: Records,
    pub knowledge: Arc<Knowledge>,
    /// Titles with the id they belong to: what prose may name.
    pub titles: Vec<(String, String)>,
}

/// Shortest title that is looked for in prose: a shorter one may be any word.
const SHORTEST_TITLE: usize = 6;

impl Truth {
    pub fn new(records: Records, knowledge: Arc<Knowledge>) -> Self {
        let titles = records.each().flat_map(|(id, record)| super::condition::texts(&record["title"]).into_iter().map(move |title| (id.to_owned(), title)));
        let titles = titles.filter(|(_, title)| title.chars().count() >= SHORTEST_TITLE).collect();
        Self { records, knowledge, titles }
    }
}

/// One turn, its answer, and all that came before.
pub struct Exchange<'a> {
    pub case: &'a Case,
    pub turn: &'a Turn,
    pub reply: &'a Reply,
    pub earlier: &'a [Reply],
    pub truth: &'a Truth,
}

impl<'a> Exchange<'a> {
    pub fn answer(&self) -> &'a Value {
        &self.reply.answer
    }

    pub fn outcome(&self) -> &'a str {
        self.answer()["outcome"].as_str().unwrap_or_default()
    }

    /// The cards that are shown as fitting.
    pub fn products(&self) -> &'a [Value] {
        list(&self.answer()["products"])
    }

    /// The cards of what a relaxed wish would give.
    pub fn nearest(&self) -> impl Iterator<Item = &'a Value> {
        list(&self.answer()["nearest"]).iter().flat_map(|n| list(&n["products"]))
    }

    /// Every card.
    pub fn cards(&self) -> impl Iterator<Item = &'a Value> {
        self.products().iter().chain(self.nearest())
    }

    /// Ids of the products that are shown as fitting.
    pub fn shown(&self) -> Vec<&'a str> {
        shown(self.answer())
    }

    /// The record of a card.
    pub fn record(&self, card: &Value) -> Option<&'a Value> {
        self.truth.records.get(card["id"].as_str()?)
    }

    /// All prose with the place it stands in: what the assistant says in sentences of its own.
    pub fn prose(&self) -> Vec<(String, &'a str)> {
        let answer = self.answer();
        let mut prose: Vec<(String, &str)> = Vec::new();
        let mut add = |place: String, value: &'a Value| prose.extend(value.as_str().filter(|text| !text.is_empty()).map(|text| (place, text)));
        add("summary".to_owned(), &answer["summary"]);
        for dimension in list(&answer["dimensions"]) {
            add(format!("dimension `{}`", dimension["id"].as_str().unwrap_or_default()), &dimension["advice"]);
        }
        for card in self.cards() {
            add(format!("reason of `{}`", card["id"].as_str().unwrap_or_default()), &card["reason"]);
        }
        add("verdict".to_owned(), &answer["comparison"]["verdict"]);
        add("question".to_owned(), &answer["question"]["text"]);
        prose
    }
}

/// The items of a list; none of anything else.
pub fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// Ids of the products that an answer shows as fitting.
pub fn shown(answer: &Value) -> Vec<&str> {
    list(&answer["products"]).iter().filter_map(|p| p["id"].as_str()).collect()
}

/// A check, and its definition for reports.
pub struct Check {
    pub name: &'static str,
    pub definition: &'static str,
    pub run: fn(&Exchange<'_>) -> Verdict,
}

const fn check(name: &'static str, definition: &'static str, run: fn(&Exchange<'_>) -> Verdict) -> Check {
    Check { name, definition, run }
}

/// Every check of a single answer, in the order of reports.
pub const CHECKS: [Check; 31] = [
    check("answered", "the assistant gave one Answer object", record::answered),
    check("shape", "the answer has every field of the Answer object, each of its type", record::shape),
    check("outcome", "the outcome is one of those the case allows", expected::outcome),
    check("shown", "as many products are shown as the case demands; one at least where products are the only outcome allowed", expected::shown),
    check("constraints", "the record of every shown product meets every condition of the case", expected::constraints),
    check("own constraints", "the record of every shown product meets the prices and values that the answer itself calls hard", record::own_constraints),
    check("categories", "every shown product lies in a category of the case, or below", expected::categories),
    check("dimensions", "the answer has every dimension of the case", expected::dimensions),
    check("must show", "the products that the case demands are shown", expected::must_show),
    check("must not show", "no product that the case forbids is shown", expected::must_not_show),
    check("understood", "the need holds the conditions that the case names", expected::understood),
    check("not understood", "the need holds none of the conditions that nobody asked for or that were taken back", expected::not_understood),
    check("persona", "the role that answered is the case's", expected::persona),
    check("references", "the products shown or compared are exactly those of earlier turns that were meant", expected::references),
    check("no repeats", "nothing is shown that an earlier turn showed", expected::no_repeats),
    check("relaxes", "a suggestion beside `no_match` relaxes one of the wishes the case names", expected::relaxes),
    check("says", "the prose says one of the texts of the case", expected::says),
    check("never says", "the prose says none of the texts the case forbids, titles of shown products aside", expected::never_says),
    check("records", "every card's title, link, image, price, stock, rating and review count are its record's", record::records),
    check("figures", "every figure in prose stands in a shown record, in cited evidence, in the shopper's words, or is a count", grounding::figures),
    check("links", "no link and no address in prose but a shown record's", grounding::links),
    check("names", "no product is named in prose that is not shown", grounding::names),
    check("attributes", "no value of the vocabulary is said of a product whose record, guide or shopper does not say it", grounding::attributes),
    check("evidence", "every piece of evidence exists: the guide, the review, the attribute", grounding::evidence),
    check("agreement", "cards are all different, each with a reason; dimensions and comparison speak of shown products only", advice::agreement),
    check("advice tied", "every product that a dimension puts forward holds a value which the dimension prefers", advice::tied_to_records),
    check("advice followed", "of the shown products at least one holds a preferred value, and not all hold something to avoid", advice::is_followed),
    check("kit", "what a kit lists is shown and the other way round, its total is the sum of its products' prices, and within the budget", kit::adds_up),
    check("question", "at most one question, with two options or more, never asked before in the dialogue, beside products where any fit", manner::question),
    check("language", "the prose is in the language asked for", manner::language),
    check("manners", "no markup, no prompt text, no empty answer, and always a way on", manner::manners),
];

/// Definitions of the checks over several cases.
pub const ACROSS: [(&str, &str); 3] = [
    ("repetition", "no two cases about different things get the same prose (Jaccard of 5-character shingles up to 0.8)"),
    ("paraphrases", "wordings of one need share at least 4 of the first 5 products found"),
    ("twin", "a case that differs from another in one fact shows other products"),
];
