//! Words that ask for one of the roles: to cook, to pack, to mend, to write.

use serde::Deserialize;

use crate::knowledge::{Files, WordList};
use crate::need::Persona;

/// A task and the words for it.
#[derive(Debug, Clone)]
pub struct Task {
    pub persona: Persona,
    /// It asks what to do, and goes before a product that is named beside it ("羽绒服发霉怎么办"). Else it asks what is needed,
    /// and a named product is what is wanted ("去海边带什么防晒霜").
    pub firm: bool,
    /// A subject of this role asks by itself where no product is named: "红烧肉", "墙上长霉".
    pub implied: bool,
    pub words: WordList,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    task: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    persona: Persona,
    #[serde(default)]
    implied: bool,
    how: WordList,
    what: WordList,
}

pub(super) fn load(files: &Files) -> anyhow::Result<Vec<Task>> {
    let file: File = files.one("lexicon/tasks.toml")?.parse()?;
    let both = |entry: Entry| {
        let task = |firm, words| Task { persona: entry.persona, firm, implied: entry.implied, words };
        [task(true, entry.how), task(false, entry.what)]
    };
    Ok(file.task.into_iter().flat_map(both).collect())
}
