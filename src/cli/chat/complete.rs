//! What Tab offers: commands, and what can follow them now.

use std::sync::{Arc, Mutex, PoisonError};

use reedline::{Completer, CompletionResult, Span, Suggestion};

use super::commands::{COMMANDS, Name};
use super::texts::role;
use crate::catalog::Lang;
use crate::need::Persona;
use crate::terminal::wrap::clip;

/// Longest description in the menu.
const MOST: usize = 60;

/// What is known now and can be named in a command.
#[derive(Debug, Clone)]
pub struct Known {
    pub lang: Lang,
    /// Titles of the products, by number.
    pub products: Vec<String>,
    /// What was understood: its label, and whether it was taken back.
    pub pieces: Vec<(String, bool)>,
}

impl Default for Known {
    fn default() -> Self {
        Self { lang: Lang::En, products: Vec::new(), pieces: Vec::new() }
    }
}

/// Shared by the talk, which knows, and the editor, which asks.
#[derive(Debug, Clone, Default)]
pub struct Shared(Arc<Mutex<Known>>);

impl Shared {
    pub fn set(&self, known: Known) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = known;
    }

    fn get(&self) -> Known {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

pub struct Completion(pub Shared);

impl Completer for Completion {
    fn complete(&mut self, line: &str, pos: usize) -> CompletionResult {
        let start = line.get(..pos).map_or(0, |before| before.rfind(char::is_whitespace).map_or(0, |at| at + 1));
        let offers = line.get(..pos).map(|before| offers(before, &self.0.get())).unwrap_or_default();
        let suggestion = |(value, description): (String, String)| Suggestion {
            value,
            description: (!description.is_empty()).then(|| clip(&description, MOST)),
            span: Span::new(start, pos),
            append_whitespace: true,
            ..Suggestion::default()
        };
        CompletionResult::fresh(offers.into_iter().map(suggestion).collect::<Vec<_>>())
    }
}

/// What can stand in the place of the last word: the word, and what it means.
fn offers(before: &str, known: &Known) -> Vec<(String, String)> {
    if !before.starts_with(['/', '／']) {
        return Vec::new();
    }
    let mut words: Vec<&str> = before.split_whitespace().collect();
    if before.ends_with(char::is_whitespace) {
        words.push("");
    }
    let Some((last, earlier)) = words.split_last() else { return Vec::new() };
    let pair = |value: &str, about: &str| (value.to_owned(), about.to_owned());
    let all: Vec<(String, String)> = match earlier {
        [] => COMMANDS.iter().map(|spec| (format!("/{}", spec.word), spec.help(known.lang).to_owned())).collect(),
        [command, rest @ ..] => {
            let name = COMMANDS.iter().find(|spec| *command == format!("/{}", spec.word)).map(|spec| spec.name);
            let numbers = || known.products.iter().enumerate().map(|(place, title)| ((place + 1).to_string(), title.clone()));
            match (name, rest) {
                (Some(Name::Open | Name::Why), []) => numbers().collect(),
                (Some(Name::Compare), named) => numbers().filter(|(number, _)| !named.contains(&number.as_str())).collect(),
                (Some(Name::Lang), []) => [("zh", "中文"), ("en", "English"), ("auto", "")].map(|(value, about)| pair(value, about)).into(),
                (Some(Name::Persona), []) => {
                    Persona::ALL.iter().map(|persona| pair(persona.as_str(), role(*persona, known.lang))).chain([pair("auto", "")]).collect()
                }
                (Some(Name::Model), []) => vec![pair("on", ""), pair("off", "")],
                (Some(Name::Need), []) => ["drop", "keep", "budget", "people"].map(|word| pair(word, "")).into(),
                (Some(Name::Need), [edit @ ("drop" | "keep")]) => {
                    let pieces = known.pieces.iter().enumerate().filter(|(_, (_, gone))| *gone == (*edit == "keep"));
                    pieces.map(|(place, (label, _))| ((place + 1).to_string(), label.clone())).collect()
                }
                _ => Vec::new(),
            }
        }
    };
    let last = last.replace('／', "/");
    all.into_iter().filter(|(value, _)| value.starts_with(&last)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: &[&str]) {
        let known = Known {
            lang: Lang::En,
            products: vec!["Hat".to_owned(), "Cap".to_owned()],
            pieces: vec![("caps".to_owned(), false), ("under 300".to_owned(), false), ("red".to_owned(), true)],
        };
        let values: Vec<String> = offers(line, &known).into_iter().map(|(value, _)| value).collect();
        assert_eq!(values, expected, "{line}");
    }

    #[test]
    fn commands_and_what_follows_them() {
        check("/co", &["/compare"]);
        check("/n", &["/need", "/new"]);
        check("/open ", &["1", "2"]);
        check("/compare 1 ", &["2"]);
        check("/lang z", &["zh"]);
        check("/persona t", &["travel"]);
        check("/need ", &["drop", "keep", "budget", "people"]);
        check("/need drop ", &["1", "2"]);
        check("/need keep ", &["3"]);
        check("/open 1 ", &[]);
        check("a hat ", &[]);
        check("", &[]);
        assert_eq!(offers("/", &Known::default()).len(), COMMANDS.len());
    }
}
