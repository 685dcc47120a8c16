//! An answer as Markdown, for programs that show it and for a talk that is saved. Titles, prices and links are printed from cards;
//! text of the catalog is escaped.

use crate::answer::{Answer, Card, DimensionAdvice};
use crate::catalog::{Availability, Lang, ProductId};
use crate::comparison::Comparison;

/// Words of the frame around an answer.
struct Labels {
    advice: &'static str,
    products: &'static str,
    list: &'static str,
    nearest: &'static str,
    next: &'static str,
    was: &'static str,
    stars: &'static str,
    comparison: &'static str,
    not_stated: &'static str,
}

const ZH: Labels = Labels {
    advice: "怎么选",
    products: "为你挑的",
    list: "清单",
    nearest: "放宽一条就有",
    next: "还可以问",
    was: "原价",
    stars: "分",
    comparison: "对比",
    not_stated: "没写明",
};
const EN: Labels = Labels {
    advice: "How to choose",
    products: "Picked for you",
    list: "The list",
    nearest: "With one wish relaxed",
    next: "You could also ask",
    was: "was",
    stars: "stars",
    comparison: "Side by side",
    not_stated: "not stated",
};

fn labels(lang: Lang) -> &'static Labels {
    if lang == Lang::Zh { &ZH } else { &EN }
}

/// The whole answer: the same text that is streamed.
pub fn whole(answer: &Answer) -> String {
    let mut text = summary(&answer.summary);
    if !answer.dimensions.is_empty() {
        text.push_str(&advice_heading(answer.need.lang));
    }
    text.extend(answer.dimensions.iter().map(dimension));
    text + &rest(answer)
}

/// Questions and answers of a talk, first to last.
pub fn talk<'a>(turns: impl Iterator<Item = (&'a str, &'a Answer)>) -> String {
    let turns: Vec<String> = turns.map(|(question, answer)| format!("# {}\n\n{}\n", escaped(question), whole(answer))).collect();
    turns.join("\n")
}

pub fn summary(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{}\n\n", escaped(text)) }
}

pub fn advice_heading(lang: Lang) -> String {
    format!("## {}\n\n", labels(lang).advice)
}

pub fn dimension(advice: &DimensionAdvice) -> String {
    format!("**{}** {}\n\n", escaped(&advice.name), escaped(&advice.advice))
}

/// What follows the advice: products, what relaxed wishes give, the question, ways on, and notices.
pub fn rest(answer: &Answer) -> String {
    let labels = labels(answer.need.lang);
    let mut text = answer.comparison.as_ref().map_or_else(String::new, |compared| comparison(compared, &answer.products, labels));
    if !answer.products.is_empty() {
        let total = answer.kit.as_ref().filter(|kit| !kit.ideas).map(|kit| format!("{} · {}", labels.list, kit.total.pretty()));
        text.push_str(&format!("## {}\n\n", total.unwrap_or_else(|| labels.products.to_owned())));
        text.push_str(&cards(&answer.products, labels));
    }
    text.push_str(&answer.verdict.as_deref().map(summary).unwrap_or_default());
    for nearest in &answer.nearest {
        text.push_str(&format!("## {}: {} ({})\n\n", labels.nearest, escaped(&nearest.text), nearest.count));
        text.push_str(&cards(&nearest.products, labels));
    }
    if let Some(question) = &answer.question {
        let options: Vec<String> = question.options.iter().map(|(value, count)| format!("{} ({count})", escaped(value))).collect();
        text.push_str(&format!("{} {}\n\n", escaped(&question.text), options.join(" / ")));
    }
    if !answer.follow_ups.is_empty() {
        let ways: String = answer.follow_ups.iter().map(|follow_up| format!("- {}\n", escaped(follow_up))).collect();
        text.push_str(&format!("{}\n\n{ways}\n", labels.next));
    }
    text.extend(answer.notices.iter().map(|notice| format!("> {}\n\n", escaped(notice))));
    text.truncate(text.trim_end().len());
    text
}

fn comparison(compared: &Comparison, cards: &[Card], labels: &Labels) -> String {
    let title = |id: &ProductId| cards.iter().find(|card| card.id == *id).map_or_else(|| id.to_string(), |card| card.title.clone());
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let mut text = format!("## {}\n\n", labels.comparison);
    text.push_str(&line(std::iter::once(String::new()).chain(compared.products.iter().map(|id| escaped(&title(id)))).collect()));
    text.push_str(&line(vec!["---".to_owned(); compared.products.len() + 1]));
    for row in &compared.rows {
        let values = row.values.iter().map(|value| value.as_deref().map_or_else(|| labels.not_stated.to_owned(), escaped));
        text.push_str(&line(std::iter::once(escaped(&row.name)).chain(values).collect()));
    }
    text.push('\n');
    text + &summary(&compared.verdict)
}

fn cards(cards: &[Card], labels: &Labels) -> String {
    let lines = cards.iter().enumerate().map(|(place, card)| format!("{}. {}\n", place + 1, product(card, labels)));
    lines.collect::<String>() + "\n"
}

fn product(card: &Card, labels: &Labels) -> String {
    let mut facts: Vec<String> = card.labels.iter().map(|label| escaped(label)).collect();
    facts.push(match card.final_price == card.price {
        true => card.price.pretty(),
        false => format!("{} ({} {})", card.final_price.pretty(), labels.was, card.price.pretty()),
    });
    facts.extend(card.rating.map(|rating| format!("{rating} {} ({})", labels.stars, card.review_count.unwrap_or(0))));
    if card.availability != Availability::InStock {
        facts.push(card.availability.as_str().replace('_', " "));
    }
    let reason = if card.reason.is_empty() { String::new() } else { format!("  \n   {}", escaped(&card.reason)) };
    format!("[{}](<{}>) · {}{reason}", escaped(&card.title), address(card.link.as_str()), facts.join(" · "))
}

/// Text that means nothing but itself in Markdown, on one line.
fn escaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '!' => plain.extend(['\\', character]),
            control if control.is_control() => plain.push(' '),
            other => plain.push(other),
        }
    }
    plain
}

/// A link between angle brackets.
fn address(link: &str) -> String {
    link.replace('<', "%3C").replace('>', "%3E").replace('\\', "%5C")
}
