//! Limits: figures with units and bounds as constraints on price and measures.

use super::constraints::Walk;
use super::numbers::ONE;
use super::phrasebook::{Meaning, Mention};
use super::quantity::{Bound, Dimension, Quantity};
use crate::catalog::{Currency, Lang, Money};
use crate::lexicon::{PlainFigure, Unit, WordClass};
use crate::need::{Comparison, Constraint, Phrase, Remark, Rule};
use crate::text::{self, AtomKind};

/// How far "about" reaches: 15 in 100 each way for prices, 10 for measures.
const ABOUT_PRICE: (i64, i64) = (85, 115);
const ABOUT_MEASURE: (f64, f64) = (0.9, 1.1);
/// A price named without a bound ("300块的帽子") is met within 20 in 100.
const PLAIN_PRICE: (i64, i64) = (80, 120);

impl Walk<'_> {
    pub(super) fn quantity(&mut self, quantity: &Quantity) {
        let turned = self.turned(quantity);
        let quantity = turned.as_ref().unwrap_or(quantity);
        let text = self.reading.quote(&quantity.span);
        let near_body = |f: &Mention<WordClass>| {
            f.meanings.contains(&WordClass::OwnBody) && f.span.start.abs_diff(quantity.span.end) <= 3
                || f.meanings.contains(&WordClass::OwnBody) && quantity.span.start.abs_diff(f.span.end) <= 3
        };
        if self.reading.functions.iter().any(near_body) {
            return;
        }
        match &quantity.dimension {
            Dimension::Money(currency) => self.price(quantity, currency.unwrap_or(self.interpreter.currency), text),
            Dimension::Unit(id) => {
                if let Some(unit) = self.interpreter.knowledge.lexicon.units.each().find(|u| u.id == *id) {
                    self.measure(quantity, unit, text);
                }
            }
        }
    }

    /// "nothing over 800", "别给我看低于五十的": a bound that is denied is the opposite bound.
    fn turned(&self, quantity: &Quantity) -> Option<Quantity> {
        let directly = |end: usize| match quantity.span.start.checked_sub(end) {
            Some(0) => true,
            Some(1) => self.reading.atoms.get(end).is_some_and(|a| a.kind != AtomKind::Stop),
            _ => false,
        };
        let denies = |f: &Mention<WordClass>| f.meanings.contains(&WordClass::Negation) && directly(f.span.end);
        let bound = match quantity.bound {
            Bound::AtMost => Bound::AtLeast,
            Bound::AtLeast => Bound::AtMost,
            Bound::About | Bound::Between | Bound::Plain => return None,
        };
        self.reading.functions.iter().any(denies).then(|| Quantity { bound, ..quantity.clone() })
    }

    pub(super) fn price(&mut self, quantity: &Quantity, currency: Currency, text: String) {
        let percent = |(low, high): (i64, i64)| (scaled(quantity.low.low, low), scaled(quantity.low.high, high));
        let single = quantity.low.low == quantity.low.high;
        let (low, high) = match quantity.bound {
            Bound::AtMost => (None, Some(quantity.low.high)),
            Bound::AtLeast => (Some(quantity.low.low), None),
            Bound::Between => (Some(quantity.low.low), Some(quantity.high.high)),
            Bound::About if single => spread(percent(ABOUT_PRICE)),
            Bound::Plain if single => spread(percent(PLAIN_PRICE)),
            Bound::About | Bound::Plain => (Some(quantity.low.low), Some(quantity.low.high)),
        };
        for (comparison, figure) in [(Comparison::AtLeast, low), (Comparison::AtMost, high)] {
            let Some(stated) = figure.and_then(|figure| money(figure, currency)) else { continue };
            let lexicon = &self.interpreter.knowledge.lexicon;
            let Some(amount) = lexicon.currencies.convert(stated, self.interpreter.currency) else {
                self.found.remarks.push(Remark::NoRate { stated });
                continue;
            };
            if amount.currency() != stated.currency() {
                self.found.remarks.push(Remark::Converted { stated, used: amount, rates_of: lexicon.currencies.rates_of.clone() });
            }
            self.found.constraints.push(Constraint { rule: Rule::Price { comparison, amount, stated }, text: text.clone(), hard: true });
            if low.is_none() || high.is_none() {
                self.deniable.push((self.found.constraints.len() - 1, quantity.span.start));
            }
        }
    }

    pub(super) fn measure(&mut self, quantity: &Quantity, unit: &Unit, text: String) {
        let Some(attribute) = self.measured_attribute(quantity, unit) else {
            // No attribute carries it; product text may, in any notation.
            let said = text::fold(&unit.show(quantity.low.low_f64(), Lang::En));
            self.found.words.push(Phrase::new(said.clone()));
            self.found.wording.push(Phrase::new(said));
            return;
        };
        let own = self
            .need
            .categories
            .iter()
            .filter_map(|c| self.interpreter.knowledge.taxonomy.by_id(c.id.as_deref()?))
            .find_map(|c| c.attribute(&attribute)?.plain);
        let plain = own.unwrap_or(unit.plain);
        let bounds: Vec<(Comparison, f64)> = match quantity.bound {
            Bound::AtMost => vec![(Comparison::AtMost, quantity.low.high_f64())],
            Bound::AtLeast => vec![(Comparison::AtLeast, quantity.low.low_f64())],
            Bound::About => {
                vec![(Comparison::AtLeast, quantity.low.low_f64() * ABOUT_MEASURE.0), (Comparison::AtMost, quantity.low.high_f64() * ABOUT_MEASURE.1)]
            }
            Bound::Between => vec![(Comparison::AtLeast, quantity.low.low_f64()), (Comparison::AtMost, quantity.high.high_f64())],
            Bound::Plain if plain == PlainFigure::AtLeast => vec![(Comparison::AtLeast, quantity.low.low_f64())],
            Bound::Plain if plain == PlainFigure::Exact && quantity.low.low == quantity.low.high => vec![(Comparison::Equal, quantity.low.low_f64())],
            Bound::Plain if plain == PlainFigure::About => {
                vec![(Comparison::AtLeast, quantity.low.low_f64() * ABOUT_MEASURE.0), (Comparison::AtMost, quantity.low.high_f64() * ABOUT_MEASURE.1)]
            }
            Bound::Plain => vec![(Comparison::AtLeast, quantity.low.low_f64()), (Comparison::AtMost, quantity.low.high_f64())],
        };
        let hard = !self.soft;
        // "4人帐篷" takes four at least, and had better not be for eight.
        if let Some(times) = unit.fits_up_to.filter(|_| quantity.bound == Bound::Plain) {
            let shown = quantity.low.low_f64() * times;
            let rule = measured(&attribute, Comparison::AtMost, shown, unit);
            self.found.constraints.push(Constraint { rule, text: text.clone(), hard: false });
        }
        for (comparison, shown) in bounds {
            let rule = measured(&attribute, comparison, shown, unit);
            self.found.constraints.push(Constraint { rule, text: text.clone(), hard });
        }
    }

    /// The attribute that the figure is about: the one named beside it, else the category's first in this dimension, else
    /// the only one of the catalog.
    pub(super) fn measured_attribute(&self, quantity: &Quantity, unit: &Unit) -> Option<String> {
        let units = &self.interpreter.knowledge.lexicon.units;
        let same_dimension = |id: &str| units.find(id).is_some_and(|u| u.dimension == unit.dimension);
        let mut candidates: Vec<&str> = Vec::new();
        for category in self.need.categories.iter().filter_map(|c| c.id.as_deref()).filter_map(|id| self.interpreter.knowledge.taxonomy.by_id(id)) {
            candidates.extend(category.attributes.iter().filter(|a| a.unit.as_deref().is_some_and(same_dimension)).map(|a| a.id.as_str()));
        }
        let in_catalog = &self.interpreter.vocabulary.attributes;
        if candidates.is_empty() && self.need.categories.iter().all(|c| c.id.is_none()) {
            candidates.extend(in_catalog.iter().filter(|(_, a)| a.unit_of(&unit.dimension, units).is_some()).map(|(key, _)| key.as_str()));
            if candidates.len() > 1 {
                return self.named_beside(quantity, &candidates);
            }
        }
        candidates.retain(|c| in_catalog.contains_key(*c));
        self.named_beside(quantity, &candidates).or_else(|| candidates.first().map(|c| (*c).to_owned()))
    }

    pub(super) fn named_beside(&self, quantity: &Quantity, candidates: &[&str]) -> Option<String> {
        let near = |m: &&Mention<Meaning>| m.span.end.abs_diff(quantity.span.start) <= 3 || m.span.start.abs_diff(quantity.span.end) <= 2;
        let names = self.reading.content.iter().filter(near).flat_map(|m| &m.meanings);
        names
            .filter_map(|m| match m {
                Meaning::AttributeName(key) => candidates.iter().find(|c| *c == key).map(|c| (*c).to_owned()),
                _ => None,
            })
            .next()
    }
}

fn measured(attribute: &str, comparison: Comparison, shown: f64, unit: &Unit) -> Rule {
    let dimension = unit.dimension.clone();
    Rule::Measure { attribute: attribute.to_owned(), comparison, dimension, base: shown * unit.factor, shown, unit: unit.id.clone() }
}

fn scaled(millionths: i64, percent: i64) -> i64 {
    (i128::from(millionths) * i128::from(percent) / 100).clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
}

fn spread((low, high): (i64, i64)) -> (Option<i64>, Option<i64>) {
    (Some(low), Some(high))
}

/// Millionths of a currency's unit as money; parts of a minor unit are dropped.
fn money(millionths: i64, currency: Currency) -> Option<Money> {
    let minor_unit = ONE / 10i64.checked_pow(currency.exponent())?;
    Money::from_minor(millionths / minor_unit.max(1), currency)
}
