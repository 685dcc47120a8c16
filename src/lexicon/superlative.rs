//! Words that ask for one end of an order: "cheapest", "最轻".

use serde::Deserialize;

use crate::knowledge::Files;
use crate::need::OrderBy;

/// One end of one order.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Superlative {
    /// "price", "rating", "sales", "updated", or the dimension of a unit.
    by: String,
    /// The lower end is asked for.
    pub least: bool,
    pub zh: Vec<String>,
    pub en: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    superlative: Vec<Superlative>,
}

pub(super) fn load(files: &Files) -> anyhow::Result<Vec<Superlative>> {
    Ok(files.one("lexicon/superlatives.toml")?.parse::<File>()?.superlative)
}

impl Superlative {
    /// What the order is by.
    pub fn by(&self) -> OrderBy {
        OrderBy::parse(&self.by)
    }

    /// All its wordings.
    pub fn each(&self) -> impl Iterator<Item = &str> {
        self.zh.iter().chain(&self.en).map(String::as_str)
    }
}
