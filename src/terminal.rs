//! Answers on a terminal: wrapped to its width, Chinese counted double, colors only where they are wanted.

use unicode_width::UnicodeWidthStr;

use crate::answer::{Answer, Card};
use crate::catalog::{Availability, Lang};
use crate::compose::Outcome;
use crate::need::Intent;

/// How to print.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    pub color: bool,
    /// Columns.
    pub width: usize,
}

impl Style {
    fn paint(self, code: &str, text: &str) -> String {
        if self.color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    fn faint(self, text: &str) -> String {
        self.paint("2", text)
    }
}

/// Words of the frame around an answer.
struct Labels {
    advice: &'static str,
    prefer: &'static str,
    avoid: &'static str,
    products: &'static str,
    nearest: &'static str,
    steps: &'static str,
    kit: &'static str,
    next: &'static str,
    stars: &'static str,
    was: &'static str,
    degraded: &'static str,
}

const ZH: Labels = Labels {
    advice: "怎么选",
    prefer: "宜",
    avoid: "忌",
    products: "为你挑的",
    nearest: "放宽一条就有",
    steps: "一步一步来",
    kit: "清单",
    next: "还可以问",
    stars: "分",
    was: "原价",
    degraded: "语言模型没有用上，或没有写完",
};
const EN: Labels = Labels {
    advice: "How to choose",
    prefer: "prefer",
    avoid: "avoid",
    products: "Picked for you",
    nearest: "With one wish relaxed",
    steps: "Step by step",
    kit: "The list",
    next: "You could also ask",
    stars: "stars",
    was: "was",
    degraded: "the language model was not used, or not to the end",
};

/// The whole answer as text, ending in a line break.
pub fn render(answer: &Answer, style: Style) -> String {
    let labels = if answer.need.lang == Lang::Zh { &ZH } else { &EN };
    let mut lines: Vec<String> = Vec::new();
    lines.extend(wrap(&answer.summary, "", style));
    if !answer.dimensions.is_empty() {
        lines.push(String::new());
        let of_life = matches!(answer.need.intent, Intent::Scene(_));
        lines.push(style.bold(if of_life { labels.steps } else { labels.advice }));
        for (place, dimension) in answer.dimensions.iter().enumerate() {
            lines.push(String::new());
            lines.push(format!("{}. {}", place + 1, style.bold(&dimension.name)));
            lines.extend(wrap(&dimension.advice, "   ", style));
            for (label, values) in [(labels.prefer, &dimension.prefer), (labels.avoid, &dimension.avoid)] {
                // What a kit's slots want is in their names.
                if !values.is_empty() && !of_life {
                    let separator = if answer.need.lang == Lang::Zh { "、" } else { ", " };
                    lines.extend(wrap(&format!("{label}: {}", values.join(separator)), "   ", style).into_iter().map(|line| style.faint(&line)));
                }
            }
        }
    }
    if !answer.products.is_empty() {
        lines.push(String::new());
        let heading = answer.kit.as_ref().filter(|kit| !kit.ideas).map_or(labels.products.to_owned(), |kit| format!("{} · {}", labels.kit, kit.total.pretty()));
        lines.push(style.bold(&heading));
        for (place, card) in answer.products.iter().enumerate() {
            lines.push(String::new());
            lines.extend(product(place + 1, card, labels, style));
        }
    }
    if let Some(verdict) = &answer.verdict {
        lines.push(String::new());
        lines.extend(wrap(verdict, "", style));
    }
    for nearest in answer.nearest.iter().filter(|_| answer.outcome == Outcome::NoMatch) {
        lines.push(String::new());
        lines.push(style.bold(&format!("{}: {} ({})", labels.nearest, nearest.text, nearest.count)));
        for (place, card) in nearest.products.iter().enumerate() {
            lines.push(String::new());
            lines.extend(product(place + 1, card, labels, style));
        }
    }
    if let Some(question) = &answer.question {
        lines.push(String::new());
        let options: Vec<String> = question.options.iter().map(|(value, count)| format!("{value} ({count})")).collect();
        lines.extend(wrap(&format!("{} {}", question.text, options.join(" / ")), "", style));
    }
    if !answer.follow_ups.is_empty() {
        lines.push(String::new());
        lines.push(style.faint(labels.next));
        lines.extend(answer.follow_ups.iter().flat_map(|text| wrap(&format!("- {text}"), "  ", style)));
    }
    for notice in &answer.notices {
        lines.push(String::new());
        lines.extend(wrap(&format!("* {notice}"), "", style));
    }
    if let Some(reason) = &answer.degraded {
        lines.push(String::new());
        lines.extend(wrap(&format!("* {} ({reason})", labels.degraded), "", style).into_iter().map(|line| style.faint(&line)));
    }
    lines.push(String::new());
    lines.join("\n")
}

fn product(place: usize, card: &Card, labels: &Labels, style: Style) -> Vec<String> {
    let mut lines: Vec<String> = wrap(&format!("[{place}] {}", clean(&card.title)), "", style).into_iter().map(|line| style.bold(&line)).collect();
    let mut price = card.final_price.pretty();
    if card.final_price != card.price {
        price.push_str(&format!(" ({} {})", labels.was, card.price.pretty()));
    }
    let mut facts: Vec<String> = card.labels.clone();
    facts.push(price);
    facts.extend(card.rating.map(|rating| format!("{rating} {} ({})", labels.stars, card.review_count.unwrap_or(0))));
    facts.extend(card.brand.as_deref().map(clean));
    if card.availability != Availability::InStock {
        facts.push(card.availability.as_str().replace('_', " "));
    }
    lines.extend(wrap(&facts.join(" · "), "    ", style));
    lines.extend(wrap(&card.reason, "    ", style));
    // A link is never broken over lines.
    lines.push(format!("    {}", style.paint("4;36", card.link.as_str())));
    lines
}

/// Catalog text is untrusted: no control character of it reaches the terminal.
fn clean(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

fn wrap(text: &str, indent: &str, style: Style) -> Vec<String> {
    let width = style.width.clamp(20, 100);
    let options = textwrap::Options::new(width).initial_indent(indent).subsequent_indent(indent).word_separator(textwrap::WordSeparator::Custom(pieces));
    textwrap::wrap(&clean(text), options).into_iter().map(|line| line.into_owned()).collect()
}

/// Words of English, single characters of Chinese; closing marks stay with what they close, opening ones with what follows.
fn pieces(line: &str) -> Box<dyn Iterator<Item = textwrap::core::Word<'_>> + '_> {
    let mut borders = vec![0];
    let mut before: Option<char> = None;
    for (at, character) in line.char_indices() {
        let wide = |c: char| c.width_cjk_or_one() > 1;
        let border = match before {
            None => false,
            Some(before) => {
                let after_space = before == ' ' && character != ' ';
                let between =
                    (wide(before) || wide(character)) && before != ' ' && !"，。、；：！？）》」』”…".contains(character) && !"（《「『“".contains(before);
                after_space || between
            }
        };
        if border {
            borders.push(at);
        }
        before = Some(character);
    }
    borders.push(line.len());
    let words: Vec<textwrap::core::Word<'_>> = borders.windows(2).filter(|w| w[0] < w[1]).map(|w| textwrap::core::Word::from(&line[w[0]..w[1]])).collect();
    Box::new(words.into_iter())
}

trait CharWidth {
    fn width_cjk_or_one(self) -> usize;
}

impl CharWidth for char {
    fn width_cjk_or_one(self) -> usize {
        let mut buffer = [0; 4];
        self.encode_utf8(&mut buffer).width()
    }
}
