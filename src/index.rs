//! The search index: derived from the catalog's store, rebuilt whenever it does not fit it. The only home of tantivy.

pub mod ablation;
pub mod analysis;
mod bm25f;
mod build;
mod collect;
mod heads;
mod query;
mod schema;
mod survey;
mod vocabulary;
mod wording;

use std::path::PathBuf;
use std::sync::{Arc, RwLock};

use anyhow::anyhow;
use tantivy::{IndexReader, Searcher};

use crate::catalog::store::{Committed, Slot, Store};
use crate::guide::{Plan, Preference};
use crate::knowledge::Knowledge;
use crate::need::{Comparison, Constraint, Need, Order, OrderBy, Rule};
use ablation::TextSignal;
use analysis::Analyzer;
use collect::{Ordering, TopCollector};
use query::Preparation;
use schema::Fields;
use survey::{FacetTable, Measured, SurveyCollector};
use wording::Lengths;

pub use build::{BuildProgress, Built};
pub use collect::{Candidate, Features, Leaning, ScoreFn, Target, Top};
pub use query::NumberTest;
pub use schema::{TokenKind, facet_keys};
pub use survey::{Group, Survey};
pub use vocabulary::{CatalogAttribute, CatalogCategory, CatalogValue, Vocabulary};

/// How much less the second, third … preferred value of a dimension counts than the first.
const PREFERENCE_STEP: f32 = 0.12;
/// What the last of many preferred values still counts.
const LEAST_PREFERENCE: f32 = 0.5;
/// Reviews are read of at most so many products.
const SURVEYED_SLOTS: usize = 60;

/// The search index of one catalog.
pub struct Index {
    fields: Fields,
    analyzer: Analyzer,
    knowledge: Arc<Knowledge>,
    folder: PathBuf,
    /// Signals that a measurement leaves out.
    without: Vec<TextSignal>,
    open: RwLock<Arc<Open>>,
}

/// The index as it is open now; replaced as a whole when the catalog has changed.
struct Open {
    inner: tantivy::Index,
    reader: IndexReader,
    vocabulary: Arc<Vocabulary>,
    /// What facet ordinals stand for, by segment of the reader's searcher.
    tables: Vec<Arc<FacetTable>>,
    /// Mean lengths of the text fields.
    lengths: Lengths,
    /// The store's sequence number that it was built from.
    sequence: u64,
}

impl Index {
    /// What the catalog talks about, as of the last change seen.
    pub fn vocabulary(&self) -> Arc<Vocabulary> {
        Arc::clone(&self.current().vocabulary)
    }

    /// The store's sequence number that searches see.
    pub fn sequence(&self) -> u64 {
        self.current().sequence
    }

    fn current(&self) -> Arc<Open> {
        // The lock only guards the exchange of one pointer, so a panic elsewhere cannot leave it half-done.
        Arc::clone(&self.open.read().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    fn replace(&self, fresh: Open) {
        *self.open.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Arc::new(fresh);
    }

    /// Leaves signals out of the text score from now on, for measurements.
    pub fn leave_out(&mut self, without: Vec<TextSignal>) {
        self.without = without;
    }

    /// Splits text as the index does.
    pub fn analyzer(&self) -> &Analyzer {
        &self.analyzer
    }

    /// The best `limit` products that meet every hard constraint of the need, and how many meet them; `without` leaves
    /// constraints out, by place.
    pub fn search(&self, need: &Need, plan: &Plan, without: &[usize], limit: usize, score: ScoreFn) -> anyhow::Result<Top> {
        let open = self.current();
        let (searcher, vocabulary) = (open.reader.searcher(), &open.vocabulary);
        let prepared = self.prepare(&searcher, &open, need, without)?;
        let leanings: Vec<Leaning> = plan.dimensions.iter().map(|d| self.leaning(vocabulary, &d.prefer, &d.avoid)).collect();
        let wishes: Vec<Leaning> = need.constraints.iter().filter(|c| !c.hard).filter_map(|c| wish(vocabulary, c)).collect();
        let order = need.order.as_ref().map(|order| self.ordering(&searcher, &prepared, vocabulary, order)).transpose()?;
        let collector = TopCollector {
            order: order.as_ref(),
            tests: &prepared.tests,
            best_text: prepared.best_text,
            by_words: prepared.by_words,
            plan: &leanings,
            wishes: &wishes,
            limit: limit.max(1),
            score,
        };
        searcher.search(&prepared.query, &collector).map_err(search_error)
    }

    fn ordering(&self, searcher: &Searcher, prepared: &query::Prepared, vocabulary: &Vocabulary, order: &Order) -> anyhow::Result<Ordering> {
        let units = &self.knowledge.lexicon.units;
        let measures = match &order.by {
            OrderBy::Price | OrderBy::Rating | OrderBy::Sales | OrderBy::Updated => Vec::new(),
            OrderBy::Dimension(dimension) => {
                let measured = vocabulary.attributes.iter().filter(|(_, a)| a.unit_of(dimension, units).is_some());
                measured.map(|(key, _)| schema::measure_column(key, dimension)).collect()
            }
        };
        let floor = prepared.floor(searcher).map_err(search_error)?;
        let relevant_from = if prepared.best_text > 0.0 { floor / prepared.best_text } else { 0.0 };
        Ok(Ordering { by: order.by.clone(), measures, least: order.least, relevant_from })
    }

    /// What the matching products are like; `without` leaves constraints out, by place.
    pub fn survey(&self, need: &Need, without: &[usize]) -> anyhow::Result<Survey> {
        let open = self.current();
        let (searcher, vocabulary) = (open.reader.searcher(), &open.vocabulary);
        let prepared = self.prepare(&searcher, &open, need, without)?;
        let units = &self.knowledge.lexicon.units;
        let measured: Vec<Measured> =
            vocabulary.attributes.iter().flat_map(|(key, known)| known.dimensions(units).map(|d| (key.clone(), d.to_owned()))).collect();
        let floor = prepared.floor(&searcher).map_err(search_error)?;
        let collector = SurveyCollector { tests: &prepared.tests, measured: &measured, slots: SURVEYED_SLOTS, floor, tables: &open.tables };
        searcher.search(&prepared.query, &collector).map_err(search_error)
    }

    /// The most products that have a word of this text where it says what they are.
    pub fn names_products(&self, word: &str) -> anyhow::Result<u64> {
        let open = self.current();
        self.preparation(&open.reader.searcher(), &open).names_products(word).map_err(search_error)
    }

    /// How many products match a need; `without` leaves constraints out, by place.
    pub fn count(&self, need: &Need, without: &[usize]) -> anyhow::Result<u64> {
        let open = self.current();
        self.preparation(&open.reader.searcher(), &open).count(need, without).map_err(search_error)
    }

    /// How many products outside of our own categories are called so by their title, given as a phrase key.
    pub fn titles_calling(&self, key: &str) -> anyhow::Result<usize> {
        let open = self.current();
        self.preparation(&open.reader.searcher(), &open).titles_calling(key).map_err(search_error)
    }

    /// How many titles contain a phrase, given as a phrase key.
    pub fn titles_with(&self, key: &str) -> anyhow::Result<usize> {
        let open = self.current();
        self.preparation(&open.reader.searcher(), &open).titles_with(key).map_err(search_error)
    }

    fn preparation<'a>(&'a self, searcher: &'a Searcher, open: &'a Open) -> Preparation<'a> {
        Preparation {
            fields: &self.fields,
            searcher,
            vocabulary: &open.vocabulary,
            analyzer: &self.analyzer,
            lengths: &open.lengths,
            without: &self.without,
            taxonomy: &self.knowledge.taxonomy,
        }
    }

    fn prepare(&self, searcher: &Searcher, open: &Open, need: &Need, without: &[usize]) -> anyhow::Result<query::Prepared> {
        self.preparation(searcher, open).prepare(need, without).map_err(search_error)
    }

    fn leaning(&self, vocabulary: &Vocabulary, prefer: &[Preference], avoid: &[Preference]) -> Leaning {
        let weight = |place: usize| (1.0 - PREFERENCE_STEP * place as f32).max(LEAST_PREFERENCE);
        Leaning {
            prefer: prefer.iter().enumerate().flat_map(|(place, p)| targets(vocabulary, p).into_iter().map(move |t| (t, weight(place)))).collect(),
            avoid: avoid.iter().flat_map(|p| targets(vocabulary, p)).collect(),
        }
    }

    /// Follows a change of the store: re-indexes what was touched, or everything when much was, and makes it visible.
    ///
    /// # Errors
    /// When the index cannot be written; it is then rebuilt at the next start, the store being the truth.
    pub fn follow(&self, store: &Store, committed: &Committed, progress: BuildProgress<'_>) -> anyhow::Result<()> {
        build::follow(self, store, committed, progress)
    }

    /// Sees what another process has changed. `false` when there was nothing to see yet.
    pub fn catch_up(&self, sequence: u64) -> anyhow::Result<bool> {
        if self.sequence() == sequence {
            return Ok(false);
        }
        build::reopen(self, sequence)
    }

    /// Slots of every product, for counting by brute force in tests.
    pub fn all_slots(&self) -> anyhow::Result<Vec<Slot>> {
        let blank = Need::blank(crate::catalog::Lang::Zh);
        let top = self.search(&blank, &Plan::default(), &[], usize::MAX / 8, Arc::new(|_| 0.0))?;
        Ok(top.candidates.into_iter().map(|c| c.slot).collect())
    }
}

/// The facet terms or number tests by which a product shows a preference. Other catalogs' values meet ours by their words,
/// under the same attribute or, where that one is unknown, under any.
fn targets(vocabulary: &Vocabulary, preference: &Preference) -> Vec<Target> {
    match preference {
        Preference::Range { attribute, comparison, dimension, base, .. } => {
            vec![Target::Number(NumberTest { column: schema::measure_column(attribute, dimension), comparison: *comparison, than: *base })]
        }
        Preference::Value { attribute, key, words, .. } => {
            let Some(known) = vocabulary.attributes.get(attribute) else { return any_attribute(vocabulary, words) };
            match known.values.iter().any(|v| v.key == *key) {
                true => vec![Target::Facet(schema::value_term(attribute, key))],
                false => {
                    let wanted = [crate::need::WantedValue { key: key.clone(), words: words.clone(), others: Vec::new() }];
                    vocabulary.matching(attribute, &wanted).into_iter().map(|k| Target::Facet(schema::value_term(attribute, k))).collect()
                }
            }
        }
    }
}

fn any_attribute(vocabulary: &Vocabulary, words: &[String]) -> Vec<Target> {
    let mut targets = Vec::new();
    for (attribute, known) in &vocabulary.attributes {
        let holds = |v: &&CatalogValue| v.phrases.iter().any(|phrase| words.contains(phrase));
        targets.extend(known.values.iter().filter(holds).map(|v| Target::Facet(schema::value_term(attribute, &v.key))));
    }
    targets
}

/// A soft constraint as something to lean to.
fn wish(vocabulary: &Vocabulary, constraint: &Constraint) -> Option<Leaning> {
    let targets = match &constraint.rule {
        Rule::Value { attribute, any_of, .. } => {
            vocabulary.matching(attribute, any_of).into_iter().map(|key| Target::Facet(schema::value_term(attribute, key))).collect()
        }
        Rule::Measure { attribute, comparison, dimension, base, .. } => {
            vec![Target::Number(NumberTest { column: schema::measure_column(attribute, dimension), comparison: *comparison, than: *base })]
        }
        Rule::Price { comparison, amount, .. } => {
            vec![Target::Number(NumberTest { column: "price".to_owned(), comparison: *comparison, than: amount.minor() as f64 })]
        }
        Rule::Without { .. } => return None,
    };
    let unwanted = matches!(&constraint.rule, Rule::Value { comparison: Comparison::NotEqual, .. });
    Some(if unwanted {
        Leaning { prefer: Vec::new(), avoid: targets }
    } else {
        Leaning { prefer: targets.into_iter().map(|t| (t, 1.0)).collect(), avoid: Vec::new() }
    })
}

fn search_error(error: tantivy::TantivyError) -> anyhow::Error {
    anyhow!(error).context("the search index cannot be read; delete the folder `search` in the data folder and it is built again")
}
