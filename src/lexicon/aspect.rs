//! What buyers speak of in reviews.

use serde::Deserialize;

use crate::knowledge::{Bilingual, Files};
use crate::text;

/// One thing that reviews praise or complain of.
#[derive(Debug, Clone, Deserialize)]
pub struct Aspect {
    pub id: String,
    pub name: Bilingual,
    /// Praise, not a complaint.
    pub good: bool,
    pub zh: Vec<String>,
    pub en: Vec<String>,
}

impl Aspect {
    /// Its wordings as phrase keys.
    pub fn keys(&self) -> impl Iterator<Item = String> {
        self.zh.iter().chain(&self.en).map(|wording| text::phrase_key(wording))
    }

    /// Whether a phrase key is one of its wordings.
    pub fn says(&self, key: &str) -> bool {
        self.keys().any(|known| known == key)
    }
}

#[derive(Deserialize)]
struct File {
    aspect: Vec<Aspect>,
}

pub(super) fn load(files: &Files) -> anyhow::Result<Vec<Aspect>> {
    let file: File = files.one("lexicon/aspects.toml")?.parse()?;
    super::unique("aspects", file.aspect.iter().map(|a| a.id.as_str()))?;
    Ok(file.aspect)
}
