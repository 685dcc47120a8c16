//! What buyers speak of in reviews.

use serde::Deserialize;

use crate::knowledge::{Bilingual, Files};

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

#[derive(Deserialize)]
struct File {
    aspect: Vec<Aspect>,
}

pub(super) fn load(files: &Files) -> anyhow::Result<Vec<Aspect>> {
    let file: File = files.one("lexicon/aspects.toml")?.parse()?;
    super::unique("aspects", file.aspect.iter().map(|a| a.id.as_str()))?;
    Ok(file.aspect)
}
