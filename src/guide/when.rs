//! For whom a piece of advice, or a slot of a kit, is meant.

use serde::Deserialize;

/// Sets of traits, any of which is enough if it holds wholly; in data files a set is written "winter+for-child".
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Vec<String>")]
pub struct When(Vec<Vec<String>>);

impl From<Vec<String>> for When {
    fn from(sets: Vec<String>) -> Self {
        Self(sets.iter().map(|set| set.split('+').map(|id| id.trim().to_owned()).collect()).collect())
    }
}

impl When {
    /// It names no trait at all: for everybody.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn sets(&self) -> &[Vec<String>] {
        &self.0
    }

    /// Every trait of every set.
    pub fn traits(&self) -> impl Iterator<Item = &String> {
        self.0.iter().flatten()
    }

    /// The sets that hold for somebody.
    pub fn holding<'w>(&'w self, has: impl Fn(&str) -> bool + 'w) -> impl Iterator<Item = &'w Vec<String>> {
        self.0.iter().filter(move |set| set.iter().all(|id| has(id)))
    }
}
