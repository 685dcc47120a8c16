//! A score is a sum of named signals, and the parts are kept. No signal can be bought.

use crate::catalog::{Availability, Record};
use crate::index::Features;
use crate::lexicon::Trait;
use crate::need::Need;

/// How much each signal counts. All of them are settings under `[ranking]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    pub text: f32,
    pub plan: f32,
    pub wish: f32,
    pub rating: f32,
    pub sales: f32,
    pub freshness: f32,
    pub stock: f32,
    pub price: f32,
    pub audience: f32,
}

impl Default for Weights {
    fn default() -> Self {
        Self { text: 1.0, plan: 1.0, wish: 0.5, rating: 0.2, sales: 0.1, freshness: 0.03, stock: 0.6, price: 0.35, audience: 0.5 }
    }
}

/// A wish about price without a figure ("cheap", "premium"): the prices of the matching products between which to lean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PriceLean {
    /// The 10th and the 90th percentile, in minor units.
    pub low: i64,
    pub high: i64,
    /// Cheaper is better.
    pub cheap: bool,
}

/// One part of a score.
#[derive(Debug, Clone, PartialEq)]
pub struct Signal {
    pub name: &'static str,
    /// Its value, mostly 0 to 1.
    pub value: f32,
    pub weight: f32,
}

/// Reviews that a rating needs before it counts half (a Bayesian mean with this many reviews of the prior).
const PRIOR_REVIEWS: f32 = 25.0;
/// The rating that is assumed before anyone rated.
const PRIOR_RATING: f32 = 4.0;
/// Sales at which the signal reaches 1.
const MANY_SALES: f32 = 50_000.0;
/// Days after which freshness has fallen to a third (1/e).
const FRESH_DAYS: f32 = 365.0;

/// How far a clash of audience reaches where words alone choose, as a share of the text score.
const AMONG_WORDS: f32 = 0.06;

/// All signals of a candidate, in the order they are printed.
pub fn signals(features: &Features, weights: &Weights, price_lean: Option<PriceLean>) -> Vec<Signal> {
    let signal = |name, value, weight| Signal { name, value, weight };
    if let Some(place) = features.order {
        // An order that was asked for is the only one.
        return vec![signal("order", place, 1.0)];
    }
    vec![
        signal("text", features.text, weights.text),
        signal("plan", features.plan, weights.plan),
        signal("wish", features.wish, weights.wish),
        signal("rating", rating(features), weights.rating),
        signal("sales", (1.0 + features.sales as f32).ln() / (1.0 + MANY_SALES).ln(), weights.sales),
        signal("freshness", freshness(features), weights.freshness),
        signal("stock", stock(features.availability), weights.stock),
        signal("price", price_lean.map_or(0.0, |lean| price(features.price, lean)), weights.price),
    ]
}

/// −1 when the title says that the product is for someone else: for children when no child was spoken of, for women when it
/// is for a father. Where words alone choose, it only settles between titles that match alike: other merchants' titles name
/// everyone who might buy. Read from the record, so it comes last.
pub fn audience(record: &Record, features: &Features, need: &Need, traits: &[Trait], weights: &Weights) -> Signal {
    let clash = traits.iter().any(|t| match need.has_trait(&t.id) {
        true => record.title_holds(&t.clash_keys),
        false => record.title_holds(&t.title_keys),
    });
    let reach = if need.categories.iter().any(|c| c.filters) { 1.0 } else { AMONG_WORDS * features.text };
    Signal { name: "audience", value: if clash { -reach } else { 0.0 }, weight: weights.audience }
}

/// The sum of the weighted parts.
pub fn total(signals: &[Signal]) -> f32 {
    signals.iter().map(|s| s.value * s.weight).sum()
}

/// The rating shrunk to the prior by its count, from 3 stars (0) to 5 (1).
fn rating(features: &Features) -> f32 {
    let count = if features.rating.is_some() { features.review_count as f32 } else { 0.0 };
    let rating = features.rating.unwrap_or(PRIOR_RATING);
    let shrunk = (rating * count + PRIOR_RATING * PRIOR_REVIEWS) / (count + PRIOR_REVIEWS);
    ((shrunk - 3.0) / 2.0).clamp(0.0, 1.0)
}

/// exp(−age / a year), the age taken on a fixed day, so that the same catalog ranks the same on any day; a product without a
/// date counts as two years old.
fn freshness(features: &Features) -> f32 {
    const REFERENCE: i64 = 1_798_761_600; // 2027-01-01
    let days = features.updated.map_or(2.0 * FRESH_DAYS, |updated| ((REFERENCE - updated).max(0) / 86_400) as f32);
    (-days / FRESH_DAYS).exp()
}

/// What cannot be had at once goes behind what can.
fn stock(availability: Availability) -> f32 {
    match availability {
        Availability::InStock => 0.0,
        Availability::Preorder | Availability::Backorder => -0.4,
        Availability::OutOfStock => -1.0,
    }
}

/// 1 at or beyond the wanted end, 0 at or beyond the other, straight between.
fn price(price: i64, lean: PriceLean) -> f32 {
    let width = (lean.high - lean.low).max(1) as f32;
    let share = ((price - lean.low) as f32 / width).clamp(0.0, 1.0);
    if lean.cheap { 1.0 - share } else { share }
}
