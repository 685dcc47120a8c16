//! The preset questions: what a shopper sees who has not asked anything yet.

use serde::Deserialize;

use crate::knowledge::{Bilingual, Files};
use crate::need::Persona;

/// One preset question.
#[derive(Debug, Clone)]
pub struct Suggestion {
    pub persona: Persona,
    pub text: Bilingual,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Questions {
    #[serde(rename = "suggestion")]
    all: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    persona: Persona,
    zh: String,
    en: String,
}

/// Reads the preset questions; knowledge of one's own may have none.
///
/// # Errors
/// When a file of them cannot be understood.
pub fn load(files: &Files) -> anyhow::Result<Vec<Suggestion>> {
    let mut suggestions = Vec::new();
    for file in files.list("suggestions")? {
        let questions: Questions = file.parse()?;
        suggestions.extend(questions.all.into_iter().map(|row| Suggestion { persona: row.persona, text: Bilingual { zh: row.zh, en: row.en } }));
    }
    Ok(suggestions)
}
