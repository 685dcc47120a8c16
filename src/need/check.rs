//! Whether a record meets a constraint. The index filters by the same rule; this is the last word before a product is shown.

use crate::catalog::{Attribute, Product, Value};
use crate::lexicon::{Measure, Units};
use crate::pricing;
use crate::text;

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
    pub fn check(&self, product: &Product, now: jiff::Timestamp, units: &Units) -> Verdict {
        match &self.rule {
            Rule::Price { comparison, amount, .. } => {
                let price = pricing::final_price(product, now).total;
                if price.currency() != amount.currency() {
                    return Verdict::Violated;
                }
                of(comparison.admits(price.minor().cmp(&amount.minor())))
            }
            Rule::Value { attribute, comparison, any_of } => check_value(product, attribute, *comparison, any_of),
            Rule::Measure { attribute, comparison, base, dimension, .. } => {
                let Some(found) = product.attribute(attribute) else { return Verdict::Unstated };
                let figures: Vec<f64> = base_figures(found, dimension, units).collect();
                match figures.is_empty() {
                    true => Verdict::Unstated,
                    false => of(figures.iter().any(|figure| comparison.holds(*figure, *base))),
                }
            }
            Rule::Without { words } => of(!title_holds(product, words)),
        }
    }

    /// Whether a product may be shown: a positive wish must be stated, an exclusion must not be contradicted.
    pub fn allows(&self, product: &Product, now: jiff::Timestamp, units: &Units) -> bool {
        match self.check(product, now, units) {
            Verdict::Met => true,
            Verdict::Violated => false,
            Verdict::Unstated => matches!(&self.rule, Rule::Value { comparison: Comparison::NotEqual, .. } | Rule::Without { .. }),
        }
    }
}

fn of(holds: bool) -> Verdict {
    if holds { Verdict::Met } else { Verdict::Violated }
}

fn check_value(product: &Product, attribute: &str, comparison: Comparison, any_of: &[WantedValue]) -> Verdict {
    let wanted: Vec<&str> = any_of.iter().flat_map(|v| v.words.iter().map(String::as_str)).collect();
    let stated: Vec<String> = match attribute {
        "brand" => product.brand.iter().map(|b| text::phrase_key(b)).collect(),
        _ => product.attribute(attribute).map(|a| a.values.iter().flat_map(value_keys).collect()).unwrap_or_default(),
    };
    if stated.is_empty() {
        let in_title = title_holds(product, &wanted);
        return match (comparison, in_title) {
            (Comparison::NotEqual, true) => Verdict::Violated,
            (_, true) => Verdict::Met,
            (_, false) => Verdict::Unstated,
        };
    }
    let holds = stated.iter().any(|key| any_of.iter().any(|wanted| wanted.is(key)));
    if comparison == Comparison::NotEqual {
        // Stated as another, but its title says this too: a mixed litter "with bentonite".
        let named: Vec<&String> = any_of.iter().flat_map(WantedValue::title_words).collect();
        return of(!holds && !title_holds(product, &named));
    }
    of(holds)
}

/// A record with the comparable forms of all its values, worked out once.
pub struct RecordKeys<'p> {
    pub product: &'p Product,
    keys: Vec<(&'p str, Vec<String>)>,
}

impl<'p> RecordKeys<'p> {
    pub fn new(product: &'p Product) -> Self {
        let keys = product.attributes.iter().map(|a| (a.key.as_str(), a.values.iter().flat_map(value_keys).collect())).collect();
        Self { product, keys }
    }

    /// The forms of one attribute's values. `None` when it is not stated.
    pub fn of(&self, attribute: &str) -> Option<&[String]> {
        self.keys.iter().find(|(key, _)| *key == attribute).map(|(_, keys)| keys.as_slice())
    }

    /// The forms of every value.
    pub fn each(&self) -> impl Iterator<Item = &String> {
        self.keys.iter().flat_map(|(_, keys)| keys)
    }
}

/// The comparable forms of a value, one a language.
pub fn value_keys(value: &Value) -> Vec<String> {
    match value {
        Value::Text(words) => words.each().map(text::phrase_key).collect(),
        Value::Number { value, unit: None } => vec![text::phrase_key(&crate::catalog::attribute::show_figure(*value))],
        Value::Number { .. } => Vec::new(),
    }
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

fn title_holds<S: AsRef<str>>(product: &Product, words: &[S]) -> bool {
    product.title.each().map(text::phrase_key).any(|title| words.iter().any(|word| text::key_contains(&title, word.as_ref())))
}
