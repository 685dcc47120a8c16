//! Canned questions: what is asked, and what must be true of the answer. `tests/questions/README.md` explains each field.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::condition::Condition;
use super::trec;
use crate::catalog::Lang;
use crate::need::Persona;

/// Which questions: those that confirm, those that find faults, those that nobody tunes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    Frozen,
    #[default]
    Open,
    Holdout,
}

impl Split {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Frozen => "frozen",
            Self::Open => "open",
            Self::Holdout => "holdout",
        }
    }
}

/// One question or dialogue.
#[derive(Debug, Clone)]
pub struct Case {
    pub id: String,
    pub split: Split,
    pub tags: Vec<String>,
    pub persona: Option<Persona>,
    /// Rows added to the catalog for this case.
    pub products: Vec<Value>,
    /// A catalog in place of the usual one.
    pub catalog: Option<PathBuf>,
    pub turns: Vec<Turn>,
    pub dialogue: bool,
    pub group: Option<String>,
    pub twin_of: Option<String>,
    /// File and line, for messages.
    pub origin: String,
    /// A fingerprint of the row, so that a stored run of an older wording is not taken for this one.
    pub fingerprint: u64,
}

/// One thing said, and what must be true of the answer.
#[derive(Debug, Clone)]
pub struct Turn {
    pub ask: String,
    /// The language that the answer must be in.
    pub lang: Lang,
    pub expect: Expect,
}

/// An earlier product: turn and place, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    pub turn: usize,
    pub place: usize,
}

/// What must be true of an answer; nothing said is nothing demanded.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expect {
    #[serde(rename = "outcome", deserialize_with = "outcomes")]
    pub outcomes: Vec<String>,
    pub shown: Option<usize>,
    pub shown_at_most: Option<usize>,
    pub constraints: Vec<Condition>,
    pub categories: Vec<String>,
    pub dimensions: Vec<String>,
    pub must_show: Vec<String>,
    pub must_show_any: Vec<String>,
    pub must_not_show: Vec<String>,
    pub understood: Vec<String>,
    pub not_understood: Vec<String>,
    pub persona: Option<String>,
    pub refers_to: Vec<Reference>,
    pub compares: bool,
    pub no_repeats: bool,
    pub relaxes: Vec<String>,
    pub says_any: Vec<String>,
    pub never_says: Vec<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// One outcome or several, each of those there are.
fn outcomes<'de, D: Deserializer<'de>>(row: D) -> Result<Vec<String>, D::Error> {
    let outcomes = match OneOrMany::deserialize(row)? {
        OneOrMany::One(one) => vec![one],
        OneOrMany::Many(many) => many,
    };
    match outcomes.iter().find(|o| !OUTCOMES.contains(&o.as_str())) {
        Some(unknown) => Err(D::Error::custom(format!("`outcome` is `{unknown}`, wanted one of {}", OUTCOMES.join(", ")))),
        None => Ok(outcomes),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TurnRow {
    ask: String,
    lang: Option<String>,
    #[serde(default)]
    expect: Expect,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    #[serde(default)]
    split: Split,
    lang: String,
    #[serde(default)]
    tags: Vec<String>,
    force_persona: Option<Persona>,
    #[serde(default)]
    products: Vec<Value>,
    catalog: Option<PathBuf>,
    ask: Option<String>,
    expect: Option<Expect>,
    turns: Option<Vec<TurnRow>>,
    group: Option<String>,
    twin_of: Option<String>,
}

const OUTCOMES: [&str; 7] = ["products", "no_match", "not_carried", "needs_info", "advice", "out_of_scope", "unsafe"];

/// Reads case files.
///
/// # Errors
/// When a file cannot be read, a row is no case (with file and line), an id stands twice, or a twin does not exist.
pub fn load(paths: &[PathBuf]) -> anyhow::Result<Vec<Case>> {
    let mut cases: Vec<Case> = Vec::new();
    for path in paths {
        let text = trec::read(path)?;
        for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let origin = format!("{}:{}", path.display(), at + 1);
            cases.push(read(line, origin.clone(), path).with_context(|| format!("{origin} is no case"))?);
        }
    }
    let mut ids = HashSet::new();
    if let Some(twice) = cases.iter().find(|case| !ids.insert(case.id.as_str())) {
        bail!("{}: the id `{}` is used twice; ids must be unique over all files", twice.origin, twice.id);
    }
    if let Some(alone) = cases.iter().find(|c| c.twin_of.as_deref().is_some_and(|twin| !ids.contains(twin))) {
        bail!("{}: `{}` names the twin `{}`, which is in none of the files", alone.origin, alone.id, alone.twin_of.as_deref().unwrap_or_default());
    }
    if cases.is_empty() {
        bail!(
            "no case in the files; wanted one JSON object a line, such as {{\"id\": \"a\", \"lang\": \"en\", \"ask\": \"a hat\", \"expect\": {{\"outcome\": \"products\"}}}}"
        );
    }
    Ok(cases)
}

fn read(line: &str, origin: String, file: &Path) -> anyhow::Result<Case> {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let row: Row = serde_json::from_str(line)?;
    let lang = language(&row.lang)?;
    let turns = match (row.ask, row.turns) {
        (Some(ask), None) => vec![turn(TurnRow { ask, lang: None, expect: row.expect.unwrap_or_default() }, lang, 1)?],
        (None, Some(turns)) if !turns.is_empty() && row.expect.is_none() => {
            turns.into_iter().enumerate().map(|(at, t)| turn(t, lang, at + 1)).collect::<anyhow::Result<Vec<_>>>()?
        }
        _ => bail!("wanted either `ask` with `expect`, or `turns`"),
    };
    let mut fingerprint = DefaultHasher::new();
    line.hash(&mut fingerprint);
    Ok(Case {
        dialogue: turns.len() > 1,
        id: row.id,
        split: row.split,
        tags: row.tags,
        persona: row.force_persona,
        products: row.products,
        catalog: row.catalog.map(|c| file.parent().unwrap_or(Path::new(".")).join(c)),
        turns,
        group: row.group,
        twin_of: row.twin_of,
        origin,
        fingerprint: fingerprint.finish(),
    })
}

fn language(code: &str) -> anyhow::Result<Lang> {
    match code {
        "zh" => Ok(Lang::Zh),
        "en" => Ok(Lang::En),
        other => bail!("`lang` is `{other}`, wanted `zh` or `en`"),
    }
}

fn turn(row: TurnRow, lang: Lang, place: usize) -> anyhow::Result<Turn> {
    let lang = row.lang.as_deref().map_or(Ok(lang), language)?;
    if let Some(late) = row.expect.refers_to.iter().find(|r| r.turn == 0 || r.turn >= place || r.place == 0) {
        bail!("turn {place} refers to product {} of turn {}, wanted an earlier turn, both counted from 1", late.place, late.turn);
    }
    Ok(Turn { ask: row.ask, lang, expect: row.expect })
}

impl Expect {
    /// The least number of products that must be shown: one, where products are the only outcome allowed.
    pub fn least_shown(&self) -> usize {
        self.shown.unwrap_or(usize::from(self.outcomes == ["products"]))
    }
}
