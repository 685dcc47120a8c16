//! Traits: what is true of the shopper, the recipient, the use, the place or the season.

use anyhow::bail;
use serde::Deserialize;

use crate::knowledge::{Bilingual, Files, WordList};
use crate::text;

/// What a trait is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TraitKind {
    Body,
    Skin,
    Health,
    Age,
    Recipient,
    Use,
    Occasion,
    Season,
    Place,
    Home,
    Pet,
    Habit,
    Budget,
}

impl TraitKind {
    /// Whether product text may say it: "便宜" and "gift" are said by shoppers alone.
    pub fn stands_in_text(self) -> bool {
        !matches!(self, Self::Budget | Self::Occasion)
    }
}

/// One trait and the phrases that tell of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trait {
    pub id: String,
    pub kind: TraitKind,
    pub name: Bilingual,
    pub zh: Vec<String>,
    pub en: Vec<String>,
    /// How many people it speaks of: two of a couple.
    #[serde(default)]
    pub people: Option<u32>,
    /// A product whose title says so is for nobody else: children's goods.
    #[serde(default)]
    pub exclusive: bool,
    /// Words in a title that speak against it: "女款" for a father.
    #[serde(default)]
    pub clashes: WordList,
    /// The phrase keys, without gaps, by which a title speaks of an exclusive trait, and those that clash.
    #[serde(skip)]
    pub title_keys: Vec<String>,
    #[serde(skip)]
    pub clash_keys: Vec<String>,
    /// The file it stands in: "common", or the category that brought it along.
    #[serde(skip)]
    pub home: String,
}

#[derive(Deserialize)]
struct File {
    #[serde(default, rename = "trait")]
    traits: Vec<Trait>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Places {
    #[serde(rename = "place")]
    places: Vec<Place>,
}

/// Names of places, and the traits that being there brings.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    names: WordList,
    traits: Vec<String>,
}

fn with_keys(mut known: Trait, home: &str) -> Trait {
    let keys = |words: &mut dyn Iterator<Item = &String>| words.filter(|w| !w.contains('*')).map(|w| text::phrase_key(w)).collect();
    if known.exclusive {
        known.title_keys = keys(&mut known.zh.iter().chain(&known.en));
    }
    known.clash_keys = keys(&mut known.clashes.zh.iter().chain(&known.clashes.en));
    known.home = home.to_owned();
    known
}

pub(super) fn load(files: &Files) -> anyhow::Result<Vec<Trait>> {
    let mut traits = Vec::new();
    for file in files.list("lexicon/traits")? {
        traits.extend(file.parse::<File>()?.traits.into_iter().map(|t| with_keys(t, &file.stem)));
    }
    super::unique("traits", traits.iter().map(|t| t.id.as_str()))?;
    let places = files.one("lexicon/places.toml")?;
    for place in places.parse::<Places>()?.places {
        for id in &place.traits {
            let Some(known) = traits.iter_mut().find(|t| t.id == *id) else {
                bail!("`{}`: a place has the trait `{id}`, which is not in lexicon/traits/", places.path);
            };
            known.zh.extend(place.names.zh.iter().cloned());
            known.en.extend(place.names.en.iter().cloned());
        }
    }
    Ok(traits)
}
