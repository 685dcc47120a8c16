//! Words and what they mean, whatever the shop sells. All of it is data under `index/lexicon/`.

mod aspect;
mod attribute_names;
mod color;
mod currency;
mod dialogue;
mod goods;
mod scope;
mod superlative;
mod tasks;
mod traits;
mod unit;
mod words;

pub use aspect::Aspect;
pub use attribute_names::AttributeNames;
pub use color::Color;
pub use currency::Currencies;
pub use dialogue::{Comparative, Cue, Dialogue, FieldId};
pub use goods::{Department, Goods};
pub use scope::{Scope, ScopeEntry, ScopeKind};
pub use superlative::Superlative;
pub use tasks::Task;
pub use traits::{Trait, TraitKind};
pub use unit::{Measure, PlainFigure, Unit, Units};
pub use words::{WordClass, Words};

use anyhow::bail;

use crate::knowledge::Files;
use crate::taxonomy::Taxonomy;

/// The whole lexicon.
pub struct Lexicon {
    pub words: Words,
    pub traits: Vec<Trait>,
    pub units: Units,
    pub colors: Vec<Color>,
    pub currencies: Currencies,
    pub goods: Goods,
    pub scope: Scope,
    pub aspects: Vec<Aspect>,
    pub attribute_names: AttributeNames,
    pub superlatives: Vec<Superlative>,
    pub tasks: Vec<Task>,
    pub dialogue: Dialogue,
    /// What no model may say, because the program prints it or nobody has any business to say it, as phrase keys.
    pub claims: Vec<String>,
}

impl Lexicon {
    /// Reads the files under `lexicon/`.
    pub fn load(files: &Files, taxonomy: &Taxonomy) -> anyhow::Result<Self> {
        Ok(Self {
            words: files.one("lexicon/words.toml")?.parse()?,
            traits: traits::load(files)?,
            units: Units::new(files.one("lexicon/units.toml")?.parse()?)?,
            colors: color::load(files)?,
            currencies: files.one("lexicon/currencies.toml")?.parse()?,
            goods: files.one("lexicon/goods.toml")?.parse()?,
            scope: Scope::load(files)?,
            aspects: aspect::load(files)?,
            attribute_names: AttributeNames::load(files, taxonomy)?,
            superlatives: superlative::load(files)?,
            tasks: tasks::load(files)?,
            dialogue: Dialogue::load(files)?,
            claims: files.one("lexicon/claims.toml")?.parse::<crate::knowledge::WordList>()?.each().map(crate::text::phrase_key).collect(),
        })
    }

    /// The trait with this id.
    pub fn trait_by_id(&self, id: &str) -> Option<&Trait> {
        self.traits.iter().find(|t| t.id == id)
    }
}

/// Refuses a second entry with the same id.
fn unique<'a>(what: &str, ids: impl Iterator<Item = &'a str>) -> anyhow::Result<()> {
    let mut seen = std::collections::HashSet::new();
    for id in ids {
        if !seen.insert(id) {
            bail!("two {what} are called `{id}`, wanted unique ids");
        }
    }
    Ok(())
}
