//! Hits → Shortlist: few products, in order, each with the reasons it is there.

pub mod diversity;
pub mod signal;

use std::sync::Arc;

use crate::catalog::attribute::Value;
use crate::catalog::{Lang, Product, ProductId, Record};
use crate::guide::{Plan, Preference};
use crate::index::Candidate;
use crate::lexicon::{Trait, Units};
use crate::need::check::Verdict;
use crate::need::{Constraint, Need, Rule};
use crate::pricing::{FinalPrice, final_price};
pub use signal::{Signal, Weights};

/// A product that may be shown: its record was read and meets every hard constraint. There is no other way to make one.
#[derive(Debug, Clone)]
pub struct Pick {
    record: Arc<Record>,
    price: FinalPrice,
    signals: Vec<Signal>,
    score: f32,
    /// Dimension ids with the preferred values that the record holds.
    follows: Vec<(String, Vec<Preference>)>,
    /// Dimension ids where it holds something to avoid.
    against: Vec<String>,
    meets: Vec<String>,
    unstated: Vec<String>,
}

impl Pick {
    /// Reads the record against the need. `None` when a hard constraint is not met.
    pub fn new(record: Arc<Record>, candidate: &Candidate, need: &Need, plan: &Plan, context: &Context<'_>) -> Option<Self> {
        let allowed = |c: &Constraint| c.check(&record, context.now, context.units);
        let mut meets = Vec::new();
        let mut unstated = Vec::new();
        let mut broken: Vec<&str> = Vec::new();
        for (place, constraint) in need.constraints.iter().enumerate() {
            let name = constraint.name().to_owned();
            match allowed(constraint) {
                Verdict::Met if !meets.contains(&name) => meets.push(name),
                Verdict::Unstated if !unstated.contains(&name) => unstated.push(name),
                _ => {}
            }
            if constraint.hard && !constraint.allows(&record, context.now, context.units) {
                if !context.waived.contains(&place) {
                    return None;
                }
                broken.push(constraint.name());
            }
        }
        meets.retain(|name| !unstated.contains(name) && !broken.contains(&name.as_str()));
        let mut follows = Vec::new();
        let mut against = Vec::new();
        for dimension in &plan.dimensions {
            let held: Vec<Preference> = dimension.prefer.iter().filter(|p| p.held_by(&record, context.units)).cloned().collect();
            if dimension.avoid.iter().any(|p| p.held_by(&record, context.units)) {
                against.push(dimension.id.clone());
            } else if !held.is_empty() {
                if !meets.contains(&dimension.attribute) && !broken.contains(&dimension.attribute.as_str()) {
                    meets.push(dimension.attribute.clone());
                }
                follows.push((dimension.id.clone(), held));
            }
            let stated = matches!(dimension.attribute.as_str(), "price" | "reviews" | "brand" | "title") || record.attribute(&dimension.attribute).is_some();
            if !stated && !unstated.contains(&dimension.attribute) && !meets.contains(&dimension.attribute) {
                unstated.push(dimension.attribute.clone());
            }
        }
        let price = final_price(&record, context.now);
        let mut signals = signal::signals(&candidate.features, context.weights, context.price_lean);
        if need.order.is_none() {
            signals.push(signal::audience(&record, &candidate.features, need, context.traits, context.weights));
        }
        Some(Self { score: signal::total(&signals), signals, record, price, follows, against, meets, unstated })
    }

    pub fn product(&self) -> &Product {
        &self.record
    }

    pub fn record(&self) -> &Record {
        &self.record
    }

    pub fn id(&self) -> &ProductId {
        &self.record.id
    }

    pub fn price(&self) -> &FinalPrice {
        &self.price
    }

    pub fn signals(&self) -> &[Signal] {
        &self.signals
    }

    pub fn score(&self) -> f32 {
        self.score
    }

    pub fn follows(&self) -> &[(String, Vec<Preference>)] {
        &self.follows
    }

    /// The preferred values that it holds in one dimension.
    pub fn follows_in(&self, dimension: &str) -> Option<&[Preference]> {
        self.follows.iter().find(|(id, _)| id == dimension).map(|(_, held)| held.as_slice())
    }

    pub fn against(&self) -> &[String] {
        &self.against
    }

    pub fn meets(&self) -> &[String] {
        &self.meets
    }

    pub fn unstated(&self) -> &[String] {
        &self.unstated
    }

    /// The record's values of an attribute, for people.
    pub fn value(&self, attribute: &str, units: &Units, lang: Lang) -> Option<String> {
        let attribute = self.record.attribute(attribute)?;
        let shown: Vec<String> = attribute.values.iter().map(|v| show_value(v, units, lang)).collect();
        (!shown.is_empty()).then(|| shown.join(if lang == Lang::Zh { "、" } else { ", " }))
    }
}

/// A value for people, its unit in their language.
pub fn show_value(value: &Value, units: &Units, lang: Lang) -> String {
    match value {
        Value::Number { value: figure, unit: Some(unit) } => units.find(unit).map_or_else(|| value.show(lang), |u| u.show(*figure, lang)),
        other => other.show(lang),
    }
}

/// What ranking reads beside need and plan.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    pub now: jiff::Timestamp,
    pub units: &'a Units,
    pub weights: &'a Weights,
    pub traits: &'a [Trait],
    /// Hard constraints that are waived, by place: what would be shown without them?
    pub waived: &'a [usize],
    /// A wish for cheap (or fine) without a figure: see [`signal::PriceLean`].
    pub price_lean: Option<signal::PriceLean>,
}

/// The products to show, best first, and how many met every constraint.
#[derive(Debug, Clone, Default)]
pub struct Shortlist {
    pub picks: Vec<Pick>,
    pub total: u64,
}

impl Shortlist {
    pub fn pick(&self, id: &ProductId) -> Option<&Pick> {
        self.picks.iter().find(|p| p.id() == id)
    }
}

/// Every product that may be shown, in the order of its score alone.
pub fn scored(need: &Need, plan: &Plan, candidates: &[Candidate], records: Vec<Arc<Record>>, context: &Context<'_>) -> Vec<Pick> {
    let mut picks: Vec<Pick> = candidates.iter().zip(records).filter_map(|(candidate, record)| Pick::new(record, candidate, need, plan, context)).collect();
    picks.sort_by(|a, b| b.score.total_cmp(&a.score));
    picks
}

/// The few that are shown: good ones that differ from each other, or the first of the order that was asked for.
pub fn shortlist(need: &Need, plan: &Plan, mut picks: Vec<Pick>, total: u64, count: usize) -> Shortlist {
    if need.order.is_some() {
        picks.truncate(count);
        return Shortlist { picks, total };
    }
    Shortlist { picks: diversity::choose(picks, plan, &wanted_attributes(need), count), total }
}

/// Attributes the shopper fixed: picks need not differ in them.
fn wanted_attributes(need: &Need) -> Vec<String> {
    need.hard().filter(|c| matches!(c.rule, Rule::Value { .. })).map(|c| c.name().to_owned()).collect()
}
