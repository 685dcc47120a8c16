//! The sentences of the built-in composer and of notices, as data: one file a language, the same keys in both.

use std::collections::BTreeMap;

use anyhow::{Context, bail};

use crate::catalog::Lang;
use crate::knowledge::Files;

/// Sentences with `{name}` placeholders, by key. A key may have several wordings; which is used follows from a seed, so that
/// the same question gives the same words and neighboring sentences differ.
#[derive(Debug, Clone)]
pub struct Phrases {
    zh: BTreeMap<String, Vec<String>>,
    en: BTreeMap<String, Vec<String>>,
}

impl Phrases {
    pub(crate) fn load(files: &Files) -> anyhow::Result<Self> {
        let phrases = Self { zh: files.one("phrases/zh.toml")?.parse()?, en: files.one("phrases/en.toml")?.parse()? };
        for (key, wordings) in phrases.zh.iter().chain(&phrases.en) {
            let (Some(zh), Some(en)) = (phrases.zh.get(key), phrases.en.get(key)) else {
                bail!("the phrase `{key}` stands in one language only, wanted it in phrases/zh.toml and phrases/en.toml");
            };
            let wanted = placeholders(zh.first().with_context(|| format!("the phrase `{key}` has no wording"))?);
            for wording in zh.iter().chain(en).chain(wordings) {
                if placeholders(wording) != wanted {
                    bail!("a wording of the phrase `{key}` has the placeholders {:?}, wanted {wanted:?}", placeholders(wording));
                }
            }
        }
        Ok(phrases)
    }

    /// Fills a phrase. A key that does not exist prints itself, which a test would find at once.
    pub fn say(&self, lang: Lang, key: &str, fills: &[(&str, &str)]) -> String {
        self.say_seeded(lang, key, 0, fills)
    }

    /// Fills one of the wordings of a phrase.
    pub fn say_seeded(&self, lang: Lang, key: &str, seed: usize, fills: &[(&str, &str)]) -> String {
        let wordings = if lang == Lang::Zh { self.zh.get(key) } else { self.en.get(key) };
        let Some(wording) = wordings.and_then(|all| all.get(seed % all.len().max(1))) else { return key.to_owned() };
        // One pass, so that a filled-in text with braces in it is never filled again.
        let mut said = String::with_capacity(wording.len() + 32);
        let mut rest = wording.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            said.push_str(before);
            let Some((name, tail)) = after.split_once('}') else { break };
            said.push_str(fills.iter().find(|(known, _)| *known == name).map_or("", |(_, text)| text));
            rest = tail;
        }
        said.push_str(rest);
        said
    }

    /// Every wording in both languages.
    pub fn wordings(&self) -> impl Iterator<Item = &String> {
        self.zh.values().chain(self.en.values()).flatten()
    }

    /// Every key.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.zh.keys().map(String::as_str)
    }

    /// Joins a list as a sentence would: "a、b和c", "a, b and c".
    pub fn list(&self, lang: Lang, items: &[String]) -> String {
        let (comma, and) = match lang {
            Lang::Zh => ("、", "和"),
            Lang::En => (", ", " and "),
        };
        match items {
            [] => String::new(),
            [one] => one.clone(),
            [init @ .., last] => format!("{}{and}{last}", init.join(comma)),
        }
    }
}

fn placeholders(wording: &str) -> std::collections::BTreeSet<&str> {
    wording.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
}
