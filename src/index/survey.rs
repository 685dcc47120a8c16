//! What the matching products are like as a whole: counts, prices and ratings by value. Advice and the one question are made of it.

use std::collections::{BTreeMap, HashMap};

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::Column;
use tantivy::{DocId, Score, SegmentOrdinal, SegmentReader};

use super::collect::{Columns, Gate};
use super::query::NumberTest;
use super::schema::SEPARATOR;
use crate::catalog::store::Slot;

/// Products whose values are looked at; of a larger result the first so many in index order stand for all.
const MOST_LOOKED_AT: u64 = 20_000;

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
    fn add(&mut self, price: i64, rating: Option<f64>, reviews: u64) {
        self.count += 1;
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
    /// Figures by attribute, in base units, ascending.
    pub figures: BTreeMap<String, Vec<f64>>,
    /// Some of the matching products, for reading their reviews.
    pub slots: Vec<Slot>,
}

/// Surveys the matching products.
pub struct SurveyCollector<'a> {
    pub tests: &'a [NumberTest],
    /// Attributes that have figures.
    pub measured: &'a [String],
    /// How many slots to keep.
    pub slots: usize,
}

impl Collector for SurveyCollector<'_> {
    type Fruit = Survey;
    type Child = SurveySegment;

    fn for_segment(&self, _: SegmentOrdinal, reader: &SegmentReader) -> tantivy::Result<SurveySegment> {
        let mut measures = Vec::new();
        for attribute in self.measured {
            if let Some(column) = reader.fast_fields().column_opt::<f64>(&format!("measures.{attribute}"))? {
                measures.push((attribute.clone(), column, Vec::new()));
            }
        }
        let columns = Columns::open(reader)?;
        Ok(SurveySegment { gate: Gate::open(self.tests, reader)?, columns, measures, by_ordinal: HashMap::new(), survey: Survey::default(), keep: self.slots })
    }

    fn requires_scoring(&self) -> bool {
        false
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
    columns: Columns,
    measures: Vec<(String, Column<f64>, Vec<f64>)>,
    by_ordinal: HashMap<u64, Group>,
    survey: Survey,
    keep: usize,
}

impl SegmentCollector for SurveySegment {
    type Fruit = Survey;

    fn collect(&mut self, doc: DocId, _: Score) {
        if !self.gate.passes(doc) {
            return;
        }
        self.survey.total += 1;
        if self.survey.total > MOST_LOOKED_AT {
            return;
        }
        let columns = &self.columns;
        let (price, rating) = (columns.price.first(doc).unwrap_or(0), columns.rating.first(doc));
        let reviews = columns.review_count.first(doc).unwrap_or(0);
        self.survey.all.add(price, rating, reviews);
        if self.survey.slots.len() < self.keep {
            self.survey.slots.extend(columns.slot.first(doc));
        }
        if let Some(facet) = &columns.facet {
            for ordinal in facet.term_ords(doc) {
                self.by_ordinal.entry(ordinal).or_default().add(price, rating, reviews);
            }
        }
        for (_, column, figures) in &mut self.measures {
            figures.extend(column.values_for_doc(doc));
        }
    }

    fn harvest(mut self) -> Survey {
        let mut term = String::new();
        if let Some(facet) = &self.columns.facet {
            for (ordinal, group) in self.by_ordinal {
                term.clear();
                if !matches!(facet.ord_to_str(ordinal, &mut term), Ok(true)) {
                    continue;
                }
                match term.split_at_checked(2) {
                    Some(("v:", rest)) => {
                        if let Some((attribute, key)) = rest.split_once(SEPARATOR) {
                            self.survey.values.entry(attribute.to_owned()).or_default().insert(key.to_owned(), group);
                        }
                    }
                    Some(("h:", attribute)) => {
                        self.survey.stated.insert(attribute.to_owned(), group.count);
                    }
                    Some(("c:", key)) => {
                        self.survey.categories.insert(key.to_owned(), group.count);
                    }
                    _ => {}
                }
            }
        }
        for (attribute, _, figures) in self.measures {
            if !figures.is_empty() {
                self.survey.figures.insert(attribute, figures);
            }
        }
        self.survey
    }
}
