//! Whether a record meets a constraint. The index filters by the same rule; this is the last word before a product is shown.

use crate::catalog::{Attribute, Product, Record, Value};
use crate::lexicon::{Measure, Units};
use crate::pricing;

use super::{Comparison, Constraint, OrderBy, Rule, WantedValue};

/// What a record says to a constraint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Met,
    Violated,
    /// The record says nothing about it.
    Unstated,
}

impl Constraint {
    /// Reads the record. A value that no attribute states is looked for in the title.
    pub fn check(&self, record: &Record, now: jiff::Timestamp, units: &Units) -> Verdict {
        match &self.rule {
            Rule::Price { comparison, amount, .. } => {
                let price = pricing::final_price(record, now).total;
                if price.currency() != amount.currency() {
                    return Verdict::Violated;
                }
                of(comparison.admits(price.minor().cmp(&amount.minor())))
            }
            Rule::Value { attribute, comparison, any_of } => check_value(record, attribute, *comparison, any_of),
            Rule::Measure { attribute, comparison, base, dimension, .. } => {
                let Some(found) = record.attribute(attribute) else { return Verdict::Unstated };
                let figures: Vec<f64> = base_figures(found, dimension, units).collect();
                match figures.is_empty() {
                    true => Verdict::Unstated,
                    false => of(figures.iter().any(|figure| comparison.holds(*figure, *base))),
                }
            }
            Rule::Without { words } => of(!record.title_holds(words)),
        }
    }

    /// Whether a product may be shown: a positive wish must be stated, an exclusion must not be contradicted.
    pub fn allows(&self, record: &Record, now: jiff::Timestamp, units: &Units) -> bool {
        match self.check(record, now, units) {
            Verdict::Met => true,
            Verdict::Violated => false,
            Verdict::Unstated => matches!(&self.rule, Rule::Value { comparison: Comparison::NotEqual, .. } | Rule::Without { .. }),
        }
    }
}

fn of(holds: bool) -> Verdict {
    if holds { Verdict::Met } else { Verdict::Violated }
}

fn check_value(record: &Record, attribute: &str, comparison: Comparison, any_of: &[WantedValue]) -> Verdict {
    let is_wanted = |key: &str| any_of.iter().any(|wanted| wanted.is(key));
    let (stated, holds) = match attribute {
        "brand" => (record.brand.is_some(), record.brand_key().is_some_and(is_wanted)),
        _ => {
            let keys = record.value_keys(attribute).unwrap_or_default();
            (!keys.is_empty(), keys.iter().any(|key| is_wanted(key)))
        }
    };
    if !stated {
        let words: Vec<&String> = any_of.iter().flat_map(|v| &v.words).collect();
        return match (comparison, record.title_holds(&words)) {
            (Comparison::NotEqual, true) => Verdict::Violated,
            (_, true) => Verdict::Met,
            (_, false) => Verdict::Unstated,
        };
    }
    if comparison == Comparison::NotEqual {
        // Stated as another, but its title says this too: a mixed litter "with bentonite".
        let named: Vec<&String> = any_of.iter().flat_map(WantedValue::title_words).collect();
        return of(!holds && !record.title_holds(&named));
    }
    of(holds)
}

/// A figure of a record in the base unit of its dimension.
pub fn base_measure<'u>(value: &Value, units: &'u Units) -> Option<Measure<'u>> {
    match value {
        Value::Number { value, unit } => units.measure(*value, unit.as_deref()),
        Value::Text(_) => None,
    }
}

/// The figures of an attribute that are of one dimension, in its base unit.
pub fn base_figures<'a>(attribute: &'a Attribute, dimension: &'a str, units: &'a Units) -> impl Iterator<Item = f64> + 'a {
    let measures = attribute.values.iter().filter_map(|value| base_measure(value, units));
    measures.filter(move |measure| measure.dimension == dimension).map(|measure| measure.base)
}

/// What a record stands in an order by. `None` where it states nothing of it.
pub fn order_figure(product: &Product, by: &OrderBy, now: jiff::Timestamp, units: &Units) -> Option<f64> {
    match by {
        OrderBy::Price => Some(pricing::final_price(product, now).total.minor() as f64),
        OrderBy::Rating => product.rating,
        OrderBy::Sales => product.sales.map(|sales| sales as f64),
        OrderBy::Updated => product.updated_at.map(|at| at.as_second() as f64),
        OrderBy::Dimension(dimension) => product.attributes.iter().find_map(|a| base_figures(a, dimension, units).next()),
    }
}
