//! What the matching products are like as a whole: counts, prices and ratings by value. Advice and the one question are made of it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::Column;
use tantivy::{DocId, Score, SegmentOrdinal, SegmentReader};

use super::collect::{Columns, Gate};
use super::query::NumberTest;
use super::schema::{SEPARATOR, measure_column};
use super::vocabulary::Vocabulary;
use crate::catalog::store::Slot;

/// Products whose prices and ratings are read; of a larger result the first so many in index order stand for all. Counts are
/// always of all.
const MOST_LOOKED_AT: u64 = 4_000;

/// Prices and ratings of a group of products.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Group {
    pub count: u64,
    /// In minor units, ascending once the survey is done.
    pub prices: Vec<i64>,
    /// Sum of ratings weighted by their counts, and the sum of counts.
    pub rating_weight: (f64, u64),
}

impl Group {
    fn look_at(&mut self, price: i64, rating: Option<f64>, reviews: u64) {
        self.prices.push(price);
        if let Some(rating) = rating.filter(|_| reviews > 0) {
            self.rating_weight.0 += rating * reviews as f64;
            self.rating_weight.1 += reviews;
        }
    }

    fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.prices.extend(other.prices);
        self.rating_weight.0 += other.rating_weight.0;
        self.rating_weight.1 += other.rating_weight.1;
    }

    /// The price below which a share of the group lies (nearest rank). `None` for an empty group.
    pub fn price_at(&self, share: f64) -> Option<i64> {
        let rank = (share * self.prices.len() as f64).ceil() as usize;
        self.prices.get(rank.saturating_sub(1).min(self.prices.len().checked_sub(1)?)).copied()
    }

    /// Mean rating over all reviews. `None` when nobody rated.
    pub fn rating(&self) -> Option<f64> {
        (self.rating_weight.1 > 0).then(|| self.rating_weight.0 / self.rating_weight.1 as f64)
    }
}

/// An attribute and a dimension of its figures.
pub type Measured = (String, String);

/// What the matching products are like.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Survey {
    pub total: u64,
    pub all: Group,
    /// By attribute, then by value key.
    pub values: BTreeMap<String, BTreeMap<String, Group>>,
    /// How many state an attribute.
    pub stated: BTreeMap<String, u64>,
    /// By category path key, every level.
    pub categories: BTreeMap<String, u64>,
    /// Figures by attribute and dimension, in base units, ascending.
    pub figures: BTreeMap<Measured, Vec<f64>>,
    /// Some of the matching products, for reading their reviews.
    pub slots: Vec<Slot>,
}

impl Survey {
    /// The values of an attribute, each with how many products have it, the most frequent first.
    pub fn by_frequency(&self, attribute: &str) -> Vec<(&String, u64)> {
        let mut groups: Vec<(&String, u64)> = self.values.get(attribute).into_iter().flatten().map(|(key, group)| (key, group.count)).collect();
        groups.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        groups
    }

    /// An attribute's figures and their dimension; of several dimensions the one that most products state.
    pub fn figures_of(&self, attribute: &str) -> Option<(&str, &[f64])> {
        let known = self.figures.iter().filter(|((key, _), _)| key == attribute);
        known.max_by_key(|(_, figures)| figures.len()).map(|((_, dimension), figures)| (dimension.as_str(), figures.as_slice()))
    }
}

/// Surveys the matching products.
pub struct SurveyCollector<'a> {
    pub tests: &'a [NumberTest],
    /// What has figures.
    pub measured: &'a [Measured],
    /// How many slots to keep.
    pub slots: usize,
    /// Least text score that counts; 0 for all.
    pub floor: f32,
    /// What the facet ordinals of each segment stand for.
    pub tables: &'a [Arc<FacetTable>],
}

/// What a facet ordinal stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Facet {
    Value {
        attribute: String,
        key: String,
    },
    Stated(String),
    Category(String),
    /// A value of an attribute with too many to choose by, or a currency.
    Other,
}

/// The meaning of every facet ordinal of one segment, read once when the index is opened.
#[derive(Debug, Default)]
pub struct FacetTable(Vec<Facet>);

impl FacetTable {
    /// Reads the dictionary of a segment's facet column. Values of attributes that the vocabulary does not list are left out.
    pub fn read(reader: &SegmentReader, vocabulary: &Vocabulary) -> tantivy::Result<Self> {
        let Some(column) = reader.fast_fields().str("facet")? else { return Ok(Self::default()) };
        let mut table = Vec::with_capacity(column.num_terms());
        let mut terms = column.dictionary().stream()?;
        while terms.advance() {
            let term = std::str::from_utf8(terms.key()).unwrap_or_default();
            table.push(match term.split_at_checked(2) {
                Some(("v:", rest)) => match rest.split_once(SEPARATOR) {
                    Some((attribute, key)) if vocabulary.attributes.get(attribute).is_some_and(|a| !a.values.is_empty()) => {
                        Facet::Value { attribute: attribute.to_owned(), key: key.to_owned() }
                    }
                    _ => Facet::Other,
                },
                Some(("h:", attribute)) => Facet::Stated(attribute.to_owned()),
                Some(("c:", key)) => Facet::Category(key.to_owned()),
                _ => Facet::Other,
            });
        }
        Ok(Self(table))
    }
}

impl Collector for SurveyCollector<'_> {
    type Fruit = Survey;
    type Child = SurveySegment;

    fn for_segment(&self, segment: SegmentOrdinal, reader: &SegmentReader) -> tantivy::Result<SurveySegment> {
        let table = self.tables.get(segment as usize).cloned().unwrap_or_default();
        let mut measures = Vec::new();
        for measured in self.measured {
            if let Some(column) = reader.fast_fields().column_opt::<f64>(&measure_column(&measured.0, &measured.1))? {
                measures.push((measured.clone(), column, Vec::new()));
            }
        }
        let columns = Columns::open(reader)?;
        Ok(SurveySegment {
            gate: Gate::open(self.tests, reader)?,
            floor: self.floor,
            columns,
            measures,
            counts: vec![0; table.0.len()],
            groups: HashMap::new(),
            table,
            survey: Survey::default(),
            keep: self.slots,
        })
    }

    fn requires_scoring(&self) -> bool {
        self.floor > 0.0
    }

    fn merge_fruits(&self, parts: Vec<Survey>) -> tantivy::Result<Survey> {
        let mut survey = Survey::default();
        for part in parts {
            survey.total += part.total;
            survey.all.merge(part.all);
            for (attribute, values) in part.values {
                let known = survey.values.entry(attribute).or_default();
                for (key, group) in values {
                    known.entry(key).or_default().merge(group);
                }
            }
            part.stated.into_iter().for_each(|(key, n)| *survey.stated.entry(key).or_default() += n);
            part.categories.into_iter().for_each(|(key, n)| *survey.categories.entry(key).or_default() += n);
            part.figures.into_iter().for_each(|(key, list)| survey.figures.entry(key).or_default().extend(list));
            survey.slots.extend(part.slots);
        }
        survey.slots.truncate(self.slots);
        survey.all.prices.sort_unstable();
        survey.values.values_mut().flat_map(BTreeMap::values_mut).for_each(|group| group.prices.sort_unstable());
        survey.figures.values_mut().for_each(|list| list.sort_by(f64::total_cmp));
        Ok(survey)
    }
}

/// The survey of one segment.
pub struct SurveySegment {
    gate: Gate,
    floor: f32,
    columns: Columns,
    measures: Vec<(Measured, Column<f64>, Vec<f64>)>,
    table: Arc<FacetTable>,
    /// Products by facet ordinal.
    counts: Vec<u64>,
    /// Prices and ratings by facet ordinal, of values only.
    groups: HashMap<u64, Group>,
    survey: Survey,
    keep: usize,
}

impl SegmentCollector for SurveySegment {
    type Fruit = Survey;

    fn collect(&mut self, doc: DocId, score: Score) {
        if score < self.floor || !self.gate.passes(doc) {
            return;
        }
        self.survey.total += 1;
        self.survey.all.count += 1;
        let columns = &self.columns;
        let look = self.survey.total <= MOST_LOOKED_AT;
        let (price, rating) = (columns.price.at(doc), columns.rating.first(doc));
        let reviews = columns.review_count.first(doc).unwrap_or(0);
        if let Some(facet) = &columns.facet {
            for ordinal in facet.term_ords(doc) {
                let Some(count) = self.counts.get_mut(ordinal as usize) else { continue };
                *count += 1;
                if look && matches!(self.table.0.get(ordinal as usize), Some(Facet::Value { .. })) {
                    self.groups.entry(ordinal).or_default().look_at(price, rating, reviews);
                }
            }
        }
        if !look {
            return;
        }
        self.survey.all.look_at(price, rating, reviews);
        if self.survey.slots.len() < self.keep {
            self.survey.slots.extend(columns.slot.first(doc));
        }
        for (_, column, figures) in &mut self.measures {
            figures.extend(column.values_for_doc(doc));
        }
    }

    fn harvest(mut self) -> Survey {
        for (ordinal, (facet, count)) in self.table.0.iter().zip(&self.counts).enumerate().filter(|(_, (_, count))| **count > 0) {
            match facet {
                Facet::Value { attribute, key } => {
                    let group = Group { count: *count, ..self.groups.remove(&(ordinal as u64)).unwrap_or_default() };
                    self.survey.values.entry(attribute.clone()).or_default().insert(key.clone(), group);
                }
                Facet::Stated(attribute) => {
                    self.survey.stated.insert(attribute.clone(), *count);
                }
                Facet::Category(key) => {
                    self.survey.categories.insert(key.clone(), *count);
                }
                Facet::Other => {}
            }
        }
        for (measured, _, figures) in self.measures {
            if !figures.is_empty() {
                self.survey.figures.insert(measured, figures);
            }
        }
        self.survey
    }
}
