//! Products side by side: what their records state, in rows.

use crate::catalog::attribute::show_figure;
use crate::catalog::{Lang, ProductId};
use crate::knowledge::Knowledge;
use crate::rank::Pick;

/// Products side by side.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// In the order that they were shown in, whatever order they were named in.
    pub products: Vec<ProductId>,
    /// Rows that differ first.
    pub rows: Vec<ComparisonRow>,
    /// Which product for which wish, by what the records say.
    pub verdict: String,
}

/// One property of products that are compared.
#[derive(Debug, Clone)]
pub struct ComparisonRow {
    pub name: String,
    /// As the records state it, in step with the products; `None` where one says nothing.
    pub values: Vec<Option<String>>,
    pub differs: bool,
}

impl Comparison {
    /// Compares records. Attributes stand in the order of the category's own file, then as the records have them.
    pub fn of(picks: &[Pick], category: Option<&str>, knowledge: &Knowledge, lang: Lang) -> Self {
        let say = |key: &str| knowledge.phrases.say(lang, key, &[]);
        let row = |name: String, value: &dyn Fn(&Pick) -> Option<String>| {
            let values: Vec<Option<String>> = picks.iter().map(value).collect();
            let differs = values.windows(2).any(|pair| pair[0] != pair[1]);
            ComparisonRow { name, values, differs }
        };
        let mut rows = vec![
            row(say("price"), &|p| Some(p.price().total.pretty())),
            row(say("rating"), &|p| {
                let rating = show_figure(p.product().rating?);
                Some(
                    p.product()
                        .review_count
                        .map_or(rating.clone(), |count| knowledge.phrases.say(lang, "rating-count", &[("rating", &rating), ("count", &count.to_string())])),
                )
            }),
            row(say("brand"), &|p| p.product().brand.clone()),
        ];
        for key in attributes(picks, category, knowledge) {
            rows.push(row(label(key, picks, category, knowledge, lang), &|p| p.value(key, &knowledge.lexicon.units, lang)));
        }
        rows.push(row(say("stock"), &|p| Some(say(&format!("stock-{}", p.product().availability.as_str())))));
        rows.push(row(say("seller"), &|p| p.product().seller.as_ref().map(|seller| seller.name.clone())));
        rows.retain(|row| row.values.iter().any(Option::is_some));
        // The sort is stable: each half keeps its order.
        rows.sort_by_key(|row| !row.differs);
        Self { products: picks.iter().map(|p| p.id().clone()).collect(), rows, verdict: String::new() }
    }
}

fn attributes<'p>(picks: &'p [Pick], category: Option<&str>, knowledge: &'p Knowledge) -> Vec<&'p str> {
    let known = category.and_then(|id| knowledge.taxonomy.by_id(id));
    let stated = || picks.iter().flat_map(|p| &p.product().attributes).map(|a| a.key.as_str());
    let own = known.into_iter().flat_map(|c| &c.attributes).map(|a| a.id.as_str()).filter(|id| stated().any(|key| key == *id));
    let mut keys: Vec<&str> = Vec::new();
    for key in own.chain(stated()) {
        if !keys.contains(&key) && key != "brand" {
            keys.push(key);
        }
    }
    keys
}

/// What people call an attribute: as its category does, as most feeds do, or as the record does.
fn label(key: &str, picks: &[Pick], category: Option<&str>, knowledge: &Knowledge, lang: Lang) -> String {
    let known = knowledge.attribute_label(category, key, lang);
    let written = || picks.iter().find_map(|p| p.product().attribute(key)).map_or(key, |a| a.name.get(lang)).replace('_', " ");
    known.map_or_else(written, str::to_owned)
}
