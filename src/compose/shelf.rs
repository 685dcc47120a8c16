//! What the shop has: counts, values and prices, answered from the statistics of the index.

use super::Case;
use super::plain::Writer;
use crate::catalog::Money;
use crate::catalog::attribute::show_figure;
use crate::index::Vocabulary;
use crate::knowledge::Knowledge;
use crate::need::Shelf;

/// Values that are named.
const MOST_VALUES: usize = 12;
/// Categories that are named.
const MOST_CATEGORIES: usize = 12;

/// The sentence that answers what was asked of the shop. `None` where nothing was. `ends` are the lowest and the highest price.
pub fn lead(case: &Case, ends: Option<(Money, Money)>, vocabulary: &Vocabulary, knowledge: &Knowledge) -> Option<String> {
    let writer = Writer { case, knowledge };
    let (survey, lang) = (&case.survey, case.need.lang);
    let what = writer.category_name();
    Some(match case.need.shelf.as_ref()? {
        Shelf::Departments => {
            let named: Vec<String> = case
                .categories
                .iter()
                .take(MOST_CATEGORIES)
                .map(|(name, count)| writer.say("category-count", &[("category", name), ("count", &count.to_string())]))
                .collect();
            let fills = [("products", vocabulary.products.to_string()), ("categories", vocabulary.categories.len().to_string()), ("list", writer.list(&named))];
            writer.say("shelf-departments", &fills.each_ref().map(|(name, text)| (*name, text.as_str())))
        }
        Shelf::Count => writer.say("shelf-count", &[("what", &what), ("count", &case.shortlist.total.to_string())]),
        Shelf::Prices => {
            let (least, most) = ends?;
            let middle = Money::from_minor(survey.all.price_at(0.5)?, least.currency())?;
            writer.say("shelf-prices", &[("what", &what), ("least", &least.pretty()), ("middle", &middle.pretty()), ("most", &most.pretty())])
        }
        Shelf::Values(attribute) => {
            let name = if attribute == "brand" { writer.say("brand", &[]) } else { writer.label(attribute) };
            let groups = survey.by_frequency(attribute);
            if !groups.is_empty() {
                let label = |key: &str| vocabulary.value_label(attribute, key, lang).unwrap_or(key).to_owned();
                let named: Vec<String> = groups
                    .iter()
                    .take(MOST_VALUES)
                    .map(|(key, count)| writer.say("category-count", &[("category", &label(key)), ("count", &count.to_string())]))
                    .collect();
                writer.say("shelf-values", &[("what", &what), ("name", &name), ("count", &groups.len().to_string()), ("list", &writer.list(&named))])
            } else if let Some((dimension, figures)) = survey.figures_of(attribute) {
                let units = &knowledge.lexicon.units;
                let unit = vocabulary.attributes.get(attribute).and_then(|a| a.unit_of(dimension, units));
                let show = |base: &f64| unit.map_or_else(|| show_figure(*base), |u| u.show(*base / u.factor, lang));
                writer.say("shelf-figures", &[("what", &what), ("name", &name), ("least", &show(figures.first()?)), ("most", &show(figures.last()?))])
            } else {
                writer.say("shelf-unstated", &[("what", &what), ("name", &name)])
            }
        }
    })
}
