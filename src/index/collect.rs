//! One pass over the matching products: number filters tested on columns, features read, the best kept.

use std::collections::HashMap;
use std::sync::Arc;

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::{Column, StrColumn};
use tantivy::{DocId, Score, SegmentOrdinal, SegmentReader};

use super::query::NumberTest;
use crate::catalog::store::Slot;
use crate::catalog::{Availability, Money, Product};
use crate::need::{Comparison, OrderBy};

/// What ranking knows of a candidate before its record is read.
#[derive(Debug, Clone, PartialEq)]
pub struct Features {
    /// Text score as a share of what a product with every word would have, 0 to 1.
    pub text: f32,
    /// How well it follows the plan: −1 all that is to be avoided, 1 all that is preferred.
    pub plan: f32,
    /// How many soft wishes it meets, 0 to 1.
    pub wish: f32,
    /// What it costs now, in minor units.
    pub price: i64,
    pub rating: Option<f32>,
    pub review_count: u64,
    pub sales: u64,
    /// Unix seconds.
    pub updated: Option<i64>,
    pub availability: Availability,
    /// Its place in the order that was asked for: more comes first. `None` where none was.
    pub order: Option<f32>,
}

impl Features {
    /// What a record alone says, of a product that was not searched for. `price` is what it costs now.
    pub fn of_record(product: &Product, price: Money) -> Self {
        Self {
            text: 0.0,
            plan: 0.0,
            wish: 0.0,
            price: price.minor(),
            rating: product.rating.map(|rating| rating as f32),
            review_count: product.review_count.unwrap_or(0),
            sales: product.sales.unwrap_or(0),
            updated: product.updated_at.map(|at| at.as_second()),
            availability: product.availability,
            order: None,
        }
    }
}

/// A product that meets every hard constraint.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    pub slot: Slot,
    pub features: Features,
    pub score: f32,
}

/// An order that was asked for, as columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Ordering {
    pub by: OrderBy,
    /// The columns of the measures to order by, where it is by a dimension.
    pub measures: Vec<String>,
    pub least: bool,
    /// Text score, as a share of the best, from which a product takes part; the others come behind.
    pub relevant_from: f32,
}

/// Something that a product may hold and that the plan or a soft wish speaks of.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// A facet term.
    Facet(String),
    Number(NumberTest),
}

/// One dimension's preferences: targets with their weight, 0 to 1; avoided ones.
#[derive(Debug, Clone, Default)]
pub struct Leaning {
    pub prefer: Vec<(Target, f32)>,
    pub avoid: Vec<Target>,
}

/// The score of a candidate from its features. Ranking provides it.
pub type ScoreFn = Arc<dyn Fn(&Features) -> f32 + Send + Sync>;

/// Collects the best candidates by a score made of their features.
pub struct TopCollector<'a> {
    pub tests: &'a [NumberTest],
    pub best_text: f32,
    /// Words alone choose: then a soft wish counts only as far as the words match.
    pub by_words: bool,
    pub plan: &'a [Leaning],
    pub wishes: &'a [Leaning],
    pub order: Option<&'a Ordering>,
    pub limit: usize,
    pub score: ScoreFn,
}

/// How many matched, and the best of them, best first.
#[derive(Debug, Clone, Default)]
pub struct Top {
    pub total: u64,
    pub candidates: Vec<Candidate>,
}

impl Collector for TopCollector<'_> {
    type Fruit = Top;
    type Child = TopSegment;

    fn for_segment(&self, _: SegmentOrdinal, reader: &SegmentReader) -> tantivy::Result<Self::Child> {
        let columns = Columns::open(reader)?;
        Ok(TopSegment {
            gate: Gate::open(self.tests, reader)?,
            plan: Leanings::open(self.plan, reader, &columns)?,
            wishes: Leanings::open(self.wishes, reader, &columns)?,
            order: self.order.map(|order| OpenOrder::open(order, reader)).transpose()?,
            columns,
            best_text: self.best_text,
            by_words: self.by_words,
            limit: self.limit,
            score: Arc::clone(&self.score),
            top: Top::default(),
        })
    }

    fn requires_scoring(&self) -> bool {
        self.best_text > 0.0
    }

    fn merge_fruits(&self, tops: Vec<Top>) -> tantivy::Result<Top> {
        let mut merged = Top::default();
        for top in tops {
            merged.total += top.total;
            merged.candidates.extend(top.candidates);
        }
        sort(&mut merged.candidates, self.limit);
        Ok(merged)
    }
}

fn sort(candidates: &mut Vec<Candidate>, limit: usize) {
    // Slots are handed out in the order of import, so equal scores keep the merchant's order.
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.slot.cmp(&b.slot)));
    candidates.truncate(limit);
}

/// The collector of one segment.
pub struct TopSegment {
    gate: Gate,
    plan: Leanings,
    wishes: Leanings,
    order: Option<OpenOrder>,
    columns: Columns,
    best_text: f32,
    by_words: bool,
    limit: usize,
    score: ScoreFn,
    top: Top,
}

impl SegmentCollector for TopSegment {
    type Fruit = Top;

    fn collect(&mut self, doc: DocId, score: Score) {
        if !self.gate.passes(doc) {
            return;
        }
        self.top.total += 1;
        let ordinals: Vec<u64> = self.columns.facet.as_ref().map(|f| f.term_ords(doc).collect()).unwrap_or_default();
        let text = if self.best_text > 0.0 { (score / self.best_text).min(1.0) } else { 0.0 };
        let availability = Availability::ALL.get(self.columns.availability.first(doc).unwrap_or(0) as usize).copied().unwrap_or_default();
        let features = Features {
            text,
            plan: self.plan.lean(doc, &ordinals),
            wish: self.wishes.lean(doc, &ordinals).max(0.0) * if self.by_words { text } else { 1.0 },
            price: self.columns.price.at(doc),
            rating: self.columns.rating.first(doc).map(|r| r as f32),
            review_count: self.columns.review_count.first(doc).unwrap_or(0),
            sales: self.columns.sales.first(doc).unwrap_or(0),
            updated: self.columns.updated.first(doc),
            availability,
            order: self.order.as_ref().map(|order| order.place(doc, text, availability, &self.columns)),
        };
        let score = (self.score)(&features);
        self.top.candidates.push(Candidate { slot: self.columns.slot.first(doc).unwrap_or(0), features, score });
        if self.top.candidates.len() >= self.limit.saturating_mul(4).max(1_024) {
            sort(&mut self.top.candidates, self.limit);
        }
    }

    fn harvest(mut self) -> Top {
        sort(&mut self.top.candidates, self.limit);
        self.top
    }
}

/// An order's columns in one segment.
struct OpenOrder {
    by: OrderBy,
    measures: Vec<Column<f64>>,
    least: bool,
    relevant_from: f32,
}

/// What taking part in an order counts before the place in it, and what lacking the figure costs.
const TAKES_PART: f32 = 64.0;
const LACKS_FIGURE: f32 = 32.0;

impl OpenOrder {
    fn open(order: &Ordering, reader: &SegmentReader) -> tantivy::Result<Self> {
        let columns = order.measures.iter().map(|name| reader.fast_fields().column_opt::<f64>(name));
        let measures = columns.collect::<tantivy::Result<Vec<_>>>()?.into_iter().flatten().collect();
        Ok(Self { by: order.by.clone(), measures, least: order.least, relevant_from: order.relevant_from })
    }

    /// More comes first: relevant products that can be had before others, then by the logarithm of the figure.
    fn place(&self, doc: DocId, text: f32, availability: Availability, columns: &Columns) -> f32 {
        let figure = match &self.by {
            OrderBy::Price => Some(columns.price.at(doc) as f64),
            OrderBy::Rating => columns.rating.first(doc),
            OrderBy::Sales => columns.sales.first(doc).map(|n| n as f64),
            OrderBy::Updated => columns.updated.first(doc).map(|n| n as f64),
            OrderBy::Dimension(_) => self.measures.iter().find_map(|column| column.first(doc)),
        };
        let takes_part = if text >= self.relevant_from && availability != Availability::OutOfStock { TAKES_PART } else { 0.0 };
        let place = figure.map_or(-LACKS_FIGURE, |figure| (1.0 + figure.max(0.0)).ln() as f32 * if self.least { -1.0 } else { 1.0 });
        takes_part + place
    }
}

/// Counts what passes the number filters, and finds the best text score among it.
pub struct TallyCollector<'a> {
    pub tests: &'a [NumberTest],
    /// Whether text scores are needed.
    pub scored: bool,
    /// Least text score that counts; 0 for all.
    pub floor: f32,
}

/// How many, and the best text score.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tally {
    pub count: u64,
    pub best: f32,
}

impl Collector for TallyCollector<'_> {
    type Fruit = Tally;
    type Child = TallySegment;

    fn for_segment(&self, _: SegmentOrdinal, reader: &SegmentReader) -> tantivy::Result<TallySegment> {
        Ok(TallySegment { gate: Gate::open(self.tests, reader)?, floor: self.floor, tally: Tally::default() })
    }

    fn requires_scoring(&self) -> bool {
        self.scored
    }

    fn merge_fruits(&self, tallies: Vec<Tally>) -> tantivy::Result<Tally> {
        Ok(tallies.into_iter().fold(Tally::default(), |a, b| Tally { count: a.count + b.count, best: a.best.max(b.best) }))
    }
}

/// The tally of one segment.
pub struct TallySegment {
    gate: Gate,
    floor: f32,
    tally: Tally,
}

impl SegmentCollector for TallySegment {
    type Fruit = Tally;

    fn collect(&mut self, doc: DocId, score: Score) {
        if score >= self.floor && self.gate.passes(doc) {
            self.tally.count += 1;
            self.tally.best = self.tally.best.max(score);
        }
    }

    fn harvest(self) -> Tally {
        self.tally
    }
}

/// The columns that every search reads, opened once a segment.
pub(super) struct Columns {
    pub slot: Column<u64>,
    pub facet: Option<StrColumn>,
    pub price: EffectivePrice,
    pub rating: Column<f64>,
    pub review_count: Column<u64>,
    pub sales: Column<u64>,
    pub updated: Column<i64>,
    pub availability: Column<u64>,
}

impl Columns {
    pub(super) fn open(reader: &SegmentReader) -> tantivy::Result<Self> {
        let fast = reader.fast_fields();
        Ok(Self {
            slot: fast.u64("slot")?,
            facet: fast.str("facet")?,
            price: EffectivePrice::open(reader)?,
            rating: fast.f64("rating")?,
            review_count: fast.u64("review_count")?,
            sales: fast.u64("sales")?,
            updated: fast.i64("updated")?,
            availability: fast.u64("availability")?,
        })
    }
}

/// What a product costs at this moment, by the same rule as the record's price.
pub(super) struct EffectivePrice {
    list: Column<i64>,
    sale: Column<i64>,
    from: Column<i64>,
    until: Column<i64>,
    now: i64,
}

impl EffectivePrice {
    fn open(reader: &SegmentReader) -> tantivy::Result<Self> {
        let fast = reader.fast_fields();
        Ok(Self {
            list: fast.i64("price")?,
            sale: fast.i64("sale_price")?,
            from: fast.i64("sale_from")?,
            until: fast.i64("sale_until")?,
            now: jiff::Timestamp::now().as_second(),
        })
    }

    /// In minor units.
    pub(super) fn at(&self, doc: DocId) -> i64 {
        let list = self.list.first(doc).unwrap_or(0);
        let begun = self.from.first(doc).is_none_or(|from| from <= self.now);
        let lasts = self.until.first(doc).is_none_or(|until| self.now < until);
        self.sale.first(doc).filter(|sale| begun && lasts && *sale < list).unwrap_or(list)
    }
}

/// A figure's column, which a segment has only when some product of it has the figure.
enum Figures {
    Price(Box<EffectivePrice>),
    Measure(Option<Column<f64>>),
}

struct OpenTest {
    figures: Figures,
    comparison: Comparison,
    than: f64,
}

impl OpenTest {
    fn open(test: &NumberTest, reader: &SegmentReader) -> tantivy::Result<Self> {
        let fast = reader.fast_fields();
        let figures = if test.column == "price" {
            Figures::Price(Box::new(EffectivePrice::open(reader)?))
        } else {
            Figures::Measure(fast.column_opt::<f64>(&test.column)?)
        };
        Ok(Self { figures, comparison: test.comparison, than: test.than })
    }

    fn holds(&self, doc: DocId) -> bool {
        match &self.figures {
            Figures::Price(price) => self.comparison.admits(price.at(doc).cmp(&(self.than as i64))),
            Figures::Measure(None) => false,
            Figures::Measure(Some(column)) => column.values_for_doc(doc).any(|figure| self.comparison.holds(figure, self.than)),
        }
    }
}

/// The number filters of one segment.
pub(super) struct Gate(Vec<OpenTest>);

impl Gate {
    pub(super) fn open(tests: &[NumberTest], reader: &SegmentReader) -> tantivy::Result<Self> {
        Ok(Self(tests.iter().map(|test| OpenTest::open(test, reader)).collect::<tantivy::Result<_>>()?))
    }

    pub(super) fn passes(&self, doc: DocId) -> bool {
        self.0.iter().all(|test| test.holds(doc))
    }
}

/// A guide names what decides most first: weights of its first dimensions; the others count 1.
const EARLY: [f32; 2] = [1.6, 1.2];

/// The preferences of all dimensions, by facet ordinal of one segment.
struct Leanings {
    dimensions: usize,
    prefer: HashMap<u64, Vec<(usize, f32)>>,
    avoid: HashMap<u64, Vec<usize>>,
    prefer_numbers: Vec<(usize, OpenTest, f32)>,
    avoid_numbers: Vec<(usize, OpenTest)>,
}

impl Leanings {
    fn open(leanings: &[Leaning], reader: &SegmentReader, columns: &Columns) -> tantivy::Result<Self> {
        let mut open =
            Self { dimensions: leanings.len(), prefer: HashMap::new(), avoid: HashMap::new(), prefer_numbers: Vec::new(), avoid_numbers: Vec::new() };
        let ordinal = |term: &str| -> tantivy::Result<Option<u64>> {
            Ok(match &columns.facet {
                Some(facet) => facet.dictionary().term_ord(term)?,
                None => None,
            })
        };
        for (dimension, leaning) in leanings.iter().enumerate() {
            for (target, weight) in &leaning.prefer {
                match target {
                    Target::Facet(term) => {
                        if let Some(ordinal) = ordinal(term)? {
                            open.prefer.entry(ordinal).or_default().push((dimension, *weight));
                        }
                    }
                    Target::Number(test) => open.prefer_numbers.push((dimension, OpenTest::open(test, reader)?, *weight)),
                }
            }
            for target in &leaning.avoid {
                match target {
                    Target::Facet(term) => {
                        if let Some(ordinal) = ordinal(term)? {
                            open.avoid.entry(ordinal).or_default().push(dimension);
                        }
                    }
                    Target::Number(test) => open.avoid_numbers.push((dimension, OpenTest::open(test, reader)?)),
                }
            }
        }
        Ok(open)
    }

    /// Weighted mean over dimensions of the best preferred weight, or −1 where something avoided is held.
    fn lean(&self, doc: DocId, ordinals: &[u64]) -> f32 {
        if self.dimensions == 0 {
            return 0.0;
        }
        let mut best = vec![0.0f32; self.dimensions];
        let mut avoided = vec![false; self.dimensions];
        for ordinal in ordinals {
            for (dimension, weight) in self.prefer.get(ordinal).into_iter().flatten() {
                best[*dimension] = best[*dimension].max(*weight);
            }
            for dimension in self.avoid.get(ordinal).into_iter().flatten() {
                avoided[*dimension] = true;
            }
        }
        for (dimension, test, weight) in &self.prefer_numbers {
            if test.holds(doc) {
                best[*dimension] = best[*dimension].max(*weight);
            }
        }
        for (dimension, test) in &self.avoid_numbers {
            avoided[*dimension] |= test.holds(doc);
        }
        let weights = (0..self.dimensions).map(|place| EARLY.get(place).copied().unwrap_or(1.0));
        let sum: f32 = best.iter().zip(&avoided).zip(weights.clone()).map(|((best, avoided), weight)| weight * if *avoided { -1.0 } else { *best }).sum();
        sum / weights.sum::<f32>()
    }
}
