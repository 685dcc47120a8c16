//! What is known of a product beyond title and price: color, size, capacity.

use super::{Lang, Localized};
use crate::text;

/// One value of an attribute.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Text(Localized),
    /// A figure, with the unit as the feed wrote it.
    Number {
        value: f64,
        unit: Option<String>,
    },
}

impl Value {
    /// For people, in a language; a unit follows after a thin gap only where it is a word.
    pub fn show(&self, lang: Lang) -> String {
        match self {
            Self::Text(text) => text.get(lang).to_owned(),
            Self::Number { value, unit: None } => show_figure(*value),
            Self::Number { value, unit: Some(unit) } => format!("{} {unit}", show_figure(*value)),
        }
    }

    /// The comparable forms, one a language. A figure with a unit is measured instead.
    pub fn keys(&self) -> Vec<String> {
        match self {
            Self::Text(words) => words.each().map(text::phrase_key).collect(),
            Self::Number { value, unit: None } => vec![text::phrase_key(&show_figure(*value))],
            Self::Number { unit: Some(_), .. } => Vec::new(),
        }
    }
}

/// A figure without a needless ".0" and with at most three digits after the point.
pub fn show_figure(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// An attribute of a product: a name and its values.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    /// The comparable name, snake_case: "color", "brim_width"; Chinese stays Chinese where no English name is given.
    pub key: String,
    /// The name as the feed wrote it.
    pub name: Localized,
    pub values: Vec<Value>,
}

/// The comparable form of an attribute's name: folded, words joined by `_`.
pub fn attribute_key(name: &str) -> String {
    text::phrase_key_unstemmed(&name.replace('_', " ")).replace([' ', '/', '%', '°', '²'], "_")
}
