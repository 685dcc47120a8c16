//! Families of colors and the words for their shades.

use serde::Deserialize;

use crate::knowledge::Files;

/// A family of colors. Its words are matched inside values such as "midnight black".
#[derive(Debug, Clone, Deserialize)]
pub struct Color {
    pub id: String,
    /// How it looks: "#1f2937".
    pub swatch: Swatch,
    pub zh: Vec<String>,
    pub en: Vec<String>,
    /// Wider families this one is part of: navy is within blue.
    #[serde(default)]
    pub within: Vec<String>,
}

/// Red, green and blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Swatch(pub [u8; 3]);

impl TryFrom<String> for Swatch {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6);
        let value = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()).ok_or_else(|| format!("`{text}` is no color, wanted such as `#1f2937`"))?;
        let [_, red, green, blue] = value.to_be_bytes();
        Ok(Self([red, green, blue]))
    }
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
