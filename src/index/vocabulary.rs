//! What the catalog itself talks about: its categories, attributes and values, read from the index when it is opened.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use tantivy::Searcher;
use tantivy::schema::IndexRecordOption;

use super::schema::{Fields, SEPARATOR};
use crate::catalog::{Lang, Localized};
use crate::lexicon::{Unit, Units};
use crate::need::WantedValue;
use crate::text;

/// Most values of one attribute that are known by name; an attribute with more is no choice but free text. Brands are names
/// that shoppers say, so more of them are known.
const MOST_VALUES: usize = 300;
const MOST_BRANDS: usize = 5_000;

/// A category path of the catalog.
#[derive(Debug, Clone)]
pub struct CatalogCategory {
    pub key: String,
    pub path: Localized,
    /// Products directly in it.
    pub count: u32,
}

impl CatalogCategory {
    /// The last part of the path.
    pub fn leaf(&self, lang: Lang) -> &str {
        let path = self.path.get(lang);
        path.rsplit(" > ").next().unwrap_or(path)
    }
}

/// A value of the catalog.
#[derive(Debug, Clone)]
pub struct CatalogValue {
    pub key: String,
    pub label: Localized,
    /// The phrase keys of its labels.
    pub phrases: Vec<String>,
    pub count: u32,
}

/// An attribute of the catalog.
#[derive(Debug, Clone, Default)]
pub struct CatalogAttribute {
    /// As the feed writes it, Chinese and English.
    pub name: Option<Localized>,
    pub values: Vec<CatalogValue>,
    /// The units of its figures, by id, when it is measured; empty for figures without a unit.
    pub units: Vec<String>,
}

impl CatalogAttribute {
    /// The dimensions of its figures, each once; "" for figures without a unit.
    pub fn dimensions<'a>(&'a self, units: &'a Units) -> impl Iterator<Item = &'a str> {
        let dimensions: BTreeSet<&str> = self.units.iter().map(|id| units.find(id).map_or("", |unit| unit.dimension.as_str())).collect();
        dimensions.into_iter()
    }

    /// A unit of its figures that is of this dimension.
    pub fn unit_of<'a>(&self, dimension: &str, units: &'a Units) -> Option<&'a Unit> {
        self.units.iter().filter_map(|id| units.find(id)).find(|unit| unit.dimension == dimension)
    }
}

/// All that the catalog talks about.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    pub categories: Vec<CatalogCategory>,
    pub attributes: BTreeMap<String, CatalogAttribute>,
    pub products: u64,
    /// Currencies of the prices, most frequent first.
    pub currencies: Vec<String>,
}

impl Vocabulary {
    /// Reads the label terms of every segment.
    pub(super) fn read(searcher: &Searcher, fields: &Fields) -> tantivy::Result<Self> {
        let mut counts: HashMap<String, u32> = HashMap::new();
        let mut currencies: HashMap<String, u32> = HashMap::new();
        for segment in searcher.segment_readers() {
            let labels = segment.inverted_index(fields.label)?;
            let mut terms = labels.terms().stream()?;
            while terms.advance() {
                // Deleted products speak no more, though their terms stay until the segment is merged.
                let count = match segment.alive_bitset() {
                    None => terms.value().doc_freq,
                    Some(alive) => labels.read_postings_from_terminfo(terms.value(), IndexRecordOption::Basic)?.doc_freq_given_deletes(alive),
                };
                if let Some(term) = std::str::from_utf8(terms.key()).ok().filter(|_| count > 0) {
                    *counts.entry(term.to_owned()).or_default() += count;
                }
            }
            let facet = segment.inverted_index(fields.facet)?;
            let mut facets = facet.terms().range().ge("m:").lt("m;").into_stream()?;
            while facets.advance() {
                if let Some(code) = std::str::from_utf8(facets.key()).ok().and_then(|t| t.strip_prefix("m:")) {
                    *currencies.entry(code.to_owned()).or_default() += facets.value().doc_freq;
                }
            }
        }
        let mut vocabulary = Self { products: searcher.num_docs(), ..Self::default() };
        let mut terms: Vec<(String, u32)> = counts.into_iter().collect();
        terms.sort();
        let attribute_of = |term: &str| term.strip_prefix("v\u{1f}").and_then(|rest| rest.split(SEPARATOR).next()).map(str::to_owned);
        for group in terms.chunk_by(|a, b| attribute_of(&a.0).is_some() && attribute_of(&a.0) == attribute_of(&b.0)) {
            let most = match group.first().and_then(|(term, _)| attribute_of(term)).as_deref() {
                Some("brand") => MOST_BRANDS,
                _ => MOST_VALUES,
            };
            if group.len() <= most {
                group.iter().for_each(|(term, count)| vocabulary.learn(term, *count));
            }
        }
        vocabulary.attributes.values_mut().for_each(|attribute| attribute.values.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.key.cmp(&b.key))));
        let mut currencies: Vec<(String, u32)> = currencies.into_iter().collect();
        currencies.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        vocabulary.currencies = currencies.into_iter().map(|(code, _)| code).collect();
        Ok(vocabulary)
    }

    fn learn(&mut self, term: &str, count: u32) {
        let both = |zh: &str, en: &str| Localized::new(Some(zh.to_owned()), Some(en.to_owned()));
        match term.split(SEPARATOR).collect::<Vec<_>>().as_slice() {
            ["c", key, zh, en] => self.categories.extend(both(zh, en).map(|path| CatalogCategory { key: (*key).to_owned(), path, count })),
            ["a", key, zh, en] => {
                let attribute = self.attributes.entry((*key).to_owned()).or_default();
                if attribute.name.is_none() {
                    attribute.name = both(zh, en);
                }
            }
            ["n", key, unit] => self.attributes.entry((*key).to_owned()).or_default().units.push((*unit).to_owned()),
            ["v", key, value, zh, en] => {
                let Some(label) = both(zh, en) else { return };
                let values = &mut self.attributes.entry((*key).to_owned()).or_default().values;
                let phrases: Vec<String> = label.each().map(text::phrase_key).collect();
                match values.last_mut().filter(|v| v.key == *value) {
                    // The same value written in another way.
                    Some(same) => {
                        same.count += count;
                        same.phrases.extend(phrases);
                    }
                    None => values.push(CatalogValue { key: (*value).to_owned(), label, phrases, count }),
                }
            }
            _ => {}
        }
    }

    /// The keys of an attribute's values that are one of the wanted ones, by the rule that also checks records.
    pub fn matching(&self, attribute: &str, wanted: &[WantedValue]) -> Vec<&str> {
        let Some(known) = self.attributes.get(attribute) else { return Vec::new() };
        let holds = |value: &&CatalogValue| value.phrases.iter().any(|phrase| wanted.iter().any(|w| w.is(phrase)));
        known.values.iter().filter(holds).map(|v| v.key.as_str()).collect()
    }

    /// How people call a value.
    pub fn value_label(&self, attribute: &str, key: &str, lang: Lang) -> Option<&str> {
        let values = &self.attributes.get(attribute)?.values;
        values.iter().find(|v| v.key == key).map(|v| v.label.get(lang))
    }

    /// The category with this path key, or one above it.
    pub fn category_label(&self, key: &str, lang: Lang) -> Option<String> {
        let depth = key.split(" > ").count();
        let below = |c: &&CatalogCategory| c.key == key || c.key.strip_prefix(key).is_some_and(|rest| rest.starts_with(" > "));
        let path = self.categories.iter().find(below)?.path.get(lang);
        Some(path.split(" > ").take(depth).collect::<Vec<_>>().join(" > "))
    }
}
