//! "便宜点的", "a lighter one": more or less of something than what was shown, as a bound by what was shown.

use super::Shop;
use super::spoken::Spoken;
use crate::catalog::Record;
use crate::lexicon::{Comparative, Units};
use crate::need::check::{base_figures, base_measure};
use crate::need::{Comparison, Constraint, Intent, Need, Order, OrderBy, Rule};
use crate::pricing::final_price;
use crate::understand::cues::Cues;

/// Bounds a need by what was shown, where the turn compares with it.
pub fn apply(shop: &Shop, need: Need, last: &Need, cues: &Cues, spoken: &Spoken) -> anyhow::Result<Need> {
    let Some((known, text)) = cues.comparative(&shop.knowledge().lexicon.dialogue) else { return Ok(need) };
    let same = need.categories.iter().all(|c| last.categories.iter().any(|l| l.key == c.key));
    // A figure says it better: "更便宜的，一百以内".
    let figured = need.constraints.iter().any(|c| c.name() == "price" && !last.constraints.contains(c));
    if need.intent != Intent::Shop || !same || figured || spoken.list().is_empty() {
        return Ok(need);
    }
    let compared = spoken.compared(cues);
    bounded(shop, need, known, &text, &compared)
}

fn bounded(shop: &Shop, mut need: Need, known: &Comparative, text: &str, compared: &[&Record]) -> anyhow::Result<Need> {
    let units = &shop.knowledge().lexicon.units;
    for by in known.orders() {
        let rules = match &by {
            OrderBy::Price => prices(known.least, compared),
            OrderBy::Dimension(dimension) => measures(dimension, known.least, compared, units),
            OrderBy::Rating | OrderBy::Sales | OrderBy::Updated => {
                need.order = Some(Order { by, least: known.least, text: text.to_owned() });
                return Ok(need);
            }
        };
        if rules.is_empty() {
            continue;
        }
        // The bound says it exactly; the leaning that the same words stand for would say it again.
        need.traits.retain(|t| !text.contains(&t.text) && !t.text.contains(text));
        need.constraints.retain(|c| !same_side(c, &rules[0]));
        let with = |rule: &Rule| {
            let mut with = need.clone();
            with.constraints.push(Constraint { rule: rule.clone(), text: text.to_owned(), hard: true });
            with
        };
        // Beyond everything that was shown; where nothing is, beyond the middle of it.
        for rule in &rules {
            let bound = with(rule);
            if shop.index().count(&bound, &[])? > 0 {
                return Ok(bound);
            }
        }
        return Ok(with(&rules[0]));
    }
    Ok(need)
}

/// Whether a bound is from above.
fn bounds_above(comparison: Comparison) -> bool {
    matches!(comparison, Comparison::AtMost | Comparison::LessThan)
}

fn same_side(constraint: &Constraint, rule: &Rule) -> bool {
    match (&constraint.rule, rule) {
        (Rule::Price { comparison: a, .. }, Rule::Price { comparison: b, .. }) => bounds_above(*a) == bounds_above(*b),
        (Rule::Measure { attribute: a, comparison: left, .. }, Rule::Measure { attribute: b, comparison: right, .. }) => {
            a == b && bounds_above(*left) == bounds_above(*right)
        }
        _ => false,
    }
}

fn comparison(least: bool) -> Comparison {
    if least { Comparison::LessThan } else { Comparison::MoreThan }
}

/// The outermost value first, then the middle one.
fn outermost_and_middle<T: Clone>(mut sorted: Vec<T>, least: bool) -> Vec<T> {
    if !least {
        sorted.reverse();
    }
    let middle = sorted.get(sorted.len() / 2).cloned();
    sorted.first().cloned().into_iter().chain(middle).collect()
}

fn prices(least: bool, compared: &[&Record]) -> Vec<Rule> {
    let now = jiff::Timestamp::now();
    let mut prices: Vec<_> = compared.iter().map(|p| final_price(p, now).total).collect();
    prices.sort_by_key(|price| price.minor());
    outermost_and_middle(prices, least).into_iter().map(|amount| Rule::Price { comparison: comparison(least), amount, stated: amount }).collect()
}

/// By the attribute of this dimension that most of them state.
fn measures(dimension: &str, least: bool, compared: &[&Record], units: &Units) -> Vec<Rule> {
    let stating = |key: &str| compared.iter().filter(|p| p.attribute(key).is_some_and(|a| base_figures(a, dimension, units).next().is_some())).count();
    let keys = compared.iter().flat_map(|p| &p.attributes).map(|a| a.key.as_str());
    let Some(attribute) = keys.max_by_key(|key| (stating(key), std::cmp::Reverse(key.to_owned()))).filter(|key| stating(key) > 0) else { return Vec::new() };
    let mut figures: Vec<(f64, f64, String)> = compared
        .iter()
        .filter_map(|p| p.attribute(attribute))
        .flat_map(|a| &a.values)
        .filter_map(|value| {
            let base = base_measure(value, units).filter(|m| m.dimension == dimension)?.base;
            let crate::catalog::Value::Number { value, unit } = value else { return None };
            Some((base, *value, unit.clone().unwrap_or_default()))
        })
        .collect();
    figures.sort_by(|a, b| a.0.total_cmp(&b.0));
    let rule = |(base, shown, unit)| Rule::Measure {
        attribute: attribute.to_owned(),
        comparison: comparison(least),
        dimension: dimension.to_owned(),
        base,
        shown,
        unit,
    };
    outermost_and_middle(figures, least).into_iter().map(rule).collect()
}
