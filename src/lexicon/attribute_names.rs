//! Names that many feeds use for the same attribute.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde::Deserialize;

use crate::catalog::attribute::{Attribute, Value, attribute_key};
use crate::catalog::{Lang, Localized};
use crate::knowledge::Files;
use crate::taxonomy::Taxonomy;
use crate::text;

#[derive(Debug, Clone, Deserialize)]
struct Entry {
    id: String,
    zh: Vec<String>,
    en: Vec<String>,
}

#[derive(Deserialize)]
struct File {
    attribute: Vec<Entry>,
}

/// Canonical attribute keys by every name that is known for them.
#[derive(Debug, Clone, Default)]
pub struct AttributeNames {
    entries: Vec<Entry>,
    by_name: HashMap<String, usize>,
    /// Ids of our categories' attributes by the names that only they have.
    own_names: HashMap<String, String>,
    own_ids: HashSet<String>,
}

impl AttributeNames {
    /// Reads the names; what our own categories call an attribute goes before what others call it.
    pub(super) fn load(files: &Files, taxonomy: &Taxonomy) -> anyhow::Result<Self> {
        let file: File = files.one("lexicon/attributes.toml")?.parse()?;
        super::unique("attribute names", file.attribute.iter().map(|a| a.id.as_str()))?;
        let mut by_name = HashMap::new();
        for (index, entry) in file.attribute.iter().enumerate() {
            for name in std::iter::once(&entry.id).chain(&entry.zh).chain(&entry.en) {
                by_name.entry(text::phrase_key_unstemmed(&name.replace('_', " "))).or_insert(index);
            }
        }
        let mut ours: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        for attribute in taxonomy.each().flat_map(|c| &c.attributes) {
            for name in [&attribute.name.zh, &attribute.name.en] {
                ours.entry(text::phrase_key_unstemmed(name)).or_default().insert(&attribute.id);
            }
        }
        // A name that our categories use for two attributes says neither.
        let own_names = ours
            .into_iter()
            .filter(|(name, ids)| ids.len() == 1 && !by_name.contains_key(name))
            .filter_map(|(name, ids)| ids.first().map(|id| (name, (*id).to_owned())))
            .collect();
        let own_ids = taxonomy.each().flat_map(|c| &c.attributes).map(|a| a.id.clone()).collect();
        Ok(Self { entries: file.attribute, by_name, own_names, own_ids })
    }

    /// An attribute under its canonical key; a name that is not known makes its own key.
    pub fn canonical(&self, name: Localized, values: Vec<Value>) -> Attribute {
        // Most names are ids already; folding them all would cost more than reading the record.
        if self.own_ids.contains(name.get(Lang::En)) {
            return Attribute { key: name.get(Lang::En).to_owned(), name, values };
        }
        let as_id = text::fold(name.get(Lang::En)).trim().to_owned();
        if self.own_ids.contains(&as_id) {
            return Attribute { key: as_id, name, values };
        }
        let known = name.each().find_map(|one| self.by_name.get(&text::phrase_key_unstemmed(&one.replace('_', " "))));
        let key = match known.and_then(|index| self.entries.get(*index)) {
            Some(entry) => entry.id.clone(),
            None => {
                name.each().find_map(|one| self.own_names.get(&text::phrase_key_unstemmed(one)).cloned()).unwrap_or_else(|| attribute_key(name.get(Lang::En)))
            }
        };
        Attribute { key, name, values }
    }

    /// Whether a key is a canonical one.
    pub fn knows(&self, key: &str) -> bool {
        self.entries.iter().any(|e| e.id == key)
    }

    /// What people call a canonical key, if it is a known one.
    pub fn label(&self, key: &str, lang: Lang) -> Option<&str> {
        let entry = self.entries.iter().find(|e| e.id == key)?;
        let names = if lang == Lang::Zh { &entry.zh } else { &entry.en };
        names.first().map(String::as_str)
    }

    /// Every name with its key, for understanding.
    pub fn each(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries.iter().flat_map(|e| e.zh.iter().chain(&e.en).map(|name| (name.as_str(), e.id.as_str())))
    }
}
