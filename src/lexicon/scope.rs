//! Questions that are not about shopping, and the ones that are refused.

use serde::Deserialize;

use crate::knowledge::{Bilingual, Files};

/// What kind of question an entry catches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScopeKind {
    Unsafe,
    OutOfScope,
    Greeting,
}

/// Phrases and the reply to them.
#[derive(Debug, Clone, Deserialize)]
pub struct ScopeEntry {
    pub id: String,
    /// Holds even when the question names something we sell: "where is the hat I ordered".
    #[serde(default)]
    pub always: bool,
    #[serde(default)]
    pub zh: Vec<String>,
    #[serde(default)]
    pub en: Vec<String>,
    pub reply: Bilingual,
}

#[derive(Deserialize)]
struct File {
    out_of_scope: Vec<ScopeEntry>,
    #[serde(rename = "unsafe")]
    refused: Vec<ScopeEntry>,
    greeting: Vec<ScopeEntry>,
}

/// All entries, with their kind.
#[derive(Debug, Clone)]
pub struct Scope {
    pub entries: Vec<(ScopeKind, ScopeEntry)>,
}

impl Scope {
    pub(super) fn load(files: &Files) -> anyhow::Result<Self> {
        let file: File = files.one("lexicon/scope.toml")?.parse()?;
        let kinds = [(ScopeKind::Unsafe, file.refused), (ScopeKind::OutOfScope, file.out_of_scope), (ScopeKind::Greeting, file.greeting)];
        let entries: Vec<_> = kinds.into_iter().flat_map(|(kind, list)| list.into_iter().map(move |e| (kind, e))).collect();
        super::unique("scope entries", entries.iter().map(|(_, e)| e.id.as_str()))?;
        Ok(Self { entries })
    }
}
