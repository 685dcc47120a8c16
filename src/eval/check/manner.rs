//! How it is said: language, questions, repetition, a way on.

use std::collections::HashSet;

use serde_json::Value;

use super::{Exchange, Verdict, list};
use crate::catalog::Lang;
use crate::text;

/// Share of letters that may be of the other script, once titles, brands and the shopper's own words are taken out.
const FOREIGN_SHARE: f64 = 0.3;
/// A text shorter than this, in characters of Han, says nothing of its language.
const FEWEST: usize = 6;

pub fn question(exchange: &Exchange<'_>) -> Verdict {
    let question = &exchange.answer()["question"];
    if question.is_null() {
        let asks = exchange.answer()["summary"].as_str().unwrap_or_default().matches(['?', '？']).count();
        return if asks > 1 { Verdict::Fail(format!("the summary asks {asks} questions")) } else { Verdict::DoesNotApply };
    }
    let mut faults = Vec::new();
    let options = list(&question["options"]);
    if options.len() < 2 {
        faults.push(format!("the question has {} options, wanted two or more", options.len()));
    }
    let text = question["text"].as_str().unwrap_or_default();
    if text.matches(['?', '？']).count() > 1 {
        faults.push("more than one question is asked".to_owned());
    }
    if exchange.earlier.iter().any(|r| r.answer["question"]["facet"].is_string() && r.answer["question"]["facet"] == question["facet"]) {
        faults.push(format!("`{}` was asked before", question["facet"].as_str().unwrap_or_default()));
    }
    if exchange.outcome() == "products" && exchange.products().is_empty() {
        faults.push("a question in the place of products".to_owned());
    }
    Verdict::of(faults)
}

pub fn language(exchange: &Exchange<'_>) -> Verdict {
    let lang = exchange.turn.lang;
    let mut names: Vec<&str> = Vec::new();
    for card in exchange.cards() {
        names.extend([&card["title"], &card["brand"]].into_iter().filter_map(Value::as_str));
        names.extend(card["brand"].as_str().into_iter().flat_map(|b| b.split(' ')).filter(|part| part.chars().count() > 1));
    }
    let (mut own, mut foreign) = (0, 0);
    let mut faults = Vec::new();
    for (place, prose) in exchange.prose() {
        let (passage_own, passage_foreign) = by_language(&without_names(prose, &names), lang);
        own += passage_own;
        foreign += passage_foreign;
        if passage_foreign > passage_own && passage_foreign >= FEWEST {
            faults.push(format!("{place} is in the other language"));
        }
    }
    if own + foreign < FEWEST {
        return Verdict::DoesNotApply;
    }
    let share = foreign as f64 / (own + foreign) as f64;
    if share > FOREIGN_SHARE {
        faults.push(format!("{:.0} % of the prose is in the other language", share * 100.0));
    }
    let stated = exchange.answer()["lang"].as_str().unwrap_or_default();
    if stated != lang.code() {
        faults.push(format!("`lang` is `{stated}`, wanted `{}`", lang.code()));
    }
    Verdict::of(faults)
}

/// Names stay what they are in any language, and so do the shopper's words in quotation marks.
fn without_names(prose: &str, names: &[&str]) -> String {
    let mut text = names.iter().fold(prose.to_owned(), |text, name| text.replace(name, " "));
    for (open, close) in [("“", "”"), ("「", "」")] {
        while let Some(start) = text.find(open)
            && let Some(end) = text[start..].find(close)
        {
            text.replace_range(start..start + end + close.len(), " ");
        }
    }
    text
}

/// How much of a text is in a language and how much in the other, in characters of Han; three Latin letters count as one.
fn by_language(text: &str, lang: Lang) -> (usize, usize) {
    let han = text.chars().filter(|c| text::is_han(*c)).count();
    let latin = text.chars().filter(char::is_ascii_alphabetic).count() / 3;
    match lang {
        Lang::Zh => (han, latin),
        Lang::En => (latin, han),
    }
}

pub fn manners(exchange: &Exchange<'_>) -> Verdict {
    let answer = exchange.answer();
    if !answer.is_object() {
        return Verdict::DoesNotApply;
    }
    let mut faults = Vec::new();
    if answer["summary"].as_str().is_none_or(|s| s.trim().is_empty()) {
        faults.push("the summary is empty".to_owned());
    }
    let titles: Vec<&str> = exchange.cards().filter_map(|c| c["title"].as_str()).collect();
    for (place, prose) in exchange.prose() {
        let mut own = prose.to_owned();
        titles.iter().for_each(|title| own = own.replace(title, " "));
        let folded = text::fold(&own);
        const MARKS: [&str; 9] = ["<script", "</", "```", "{{", "}}", "\"role\"", "system prompt", "ignore previous", "忽略之前"];
        if let Some(mark) = MARKS.iter().find(|mark| folded.contains(**mark)) {
            faults.push(format!("{place} carries `{mark}`"));
        }
    }
    let ways = list(&answer["follow_ups"]).len() + usize::from(answer["question"].is_object()) + exchange.cards().count();
    if ways == 0 {
        faults.push("no product, no follow-up, no question: a dead end".to_owned());
    }
    Verdict::of(faults)
}

/// A quarter of the 5-character shingles of an answer's prose, chosen by their hash, so the same in every answer.
pub fn shingles(answer: &Value) -> HashSet<u64> {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let hashed = |window: &[char]| {
        let mut hasher = DefaultHasher::new();
        window.hash(&mut hasher);
        hasher.finish()
    };
    let mut prose = String::from(answer["summary"].as_str().unwrap_or_default());
    for advice in list(&answer["dimensions"]).iter().filter_map(|d| d["advice"].as_str()) {
        prose.push_str(advice);
    }
    for reason in list(&answer["products"]).iter().filter_map(|c| c["reason"].as_str()) {
        prose.push_str(reason);
    }
    let characters: Vec<char> = text::fold(&prose).chars().filter(|c| c.is_alphanumeric()).collect();
    characters.windows(5).map(hashed).filter(|hash| hash % 4 == 0).collect()
}

/// How much two sets of shingles have in common: the size of what both have over the size of what either has.
pub fn alike(a: &HashSet<u64>, b: &HashSet<u64>) -> f64 {
    let both = a.intersection(b).count();
    let either = a.len() + b.len() - both;
    if either == 0 { 0.0 } else { both as f64 / either as f64 }
}
