//! Families of colors and the words for their shades.

use serde::Deserialize;

use crate::knowledge::Files;

/// A family of colors. Its words are matched inside values such as "midnight black".
#[derive(Debug, Clone, Deserialize)]
pub struct Color {
    pub id: String,
    pub zh: Vec<String>,
    pub en: Vec<String>,
    /// Wider families this one is part of: navy is within blue.
    #[serde(default)]
    pub within: Vec<String>,
}

#[derive(Deserialize)]
struct File {
    color: Vec<Color>,
}

pub(super) fn load(files: &Files) -> anyhow::Result<Vec<Color>> {
    let file: File = files.one("lexicon/colors.toml")?.parse()?;
    super::unique("colors", file.color.iter().map(|c| c.id.as_str()))?;
    Ok(file.color)
}
