//! Everything an answer about products that were shown is made from: their records, read again.

use std::sync::Arc;

use super::{Shop, infer, outcome};
use crate::catalog::{Lang, Record};
use crate::comparison::Comparison;
use crate::compose::{Case, Outcome};
use crate::guide::Plan;
use crate::index::{Candidate, Features};
use crate::need::{About, CategoryMatch, Need, Remark, Topic, Wish};
use crate::pricing::final_price;
use crate::rank::{Context, Pick, Shortlist};
use crate::taxonomy::path_key;

/// An answer about these products. Wishes that one of them does not meet are not claimed of this answer; the conversation
/// keeps them.
pub fn decide(shop: &Shop, question: &str, mut need: Need, about: &About) -> anyhow::Result<Case> {
    let mut records: Vec<Arc<Record>> = Vec::new();
    for id in &about.products {
        records.extend(shop.product(id)?.map(|product| Arc::new(product.into())));
    }
    let (now, units) = (jiff::Timestamp::now(), &shop.knowledge().lexicon.units);
    let kept = |c: &crate::need::Constraint| !c.hard || records.iter().all(|r| c.allows(r, now, units));
    let (kept, outside): (Vec<_>, Vec<_>) = std::mem::take(&mut need.constraints).into_iter().partition(kept);
    need.constraints = kept;
    for constraint in outside {
        let remark = Remark::Outside(constraint.text);
        if !need.remarks.contains(&remark) {
            need.remarks.push(remark);
        }
    }
    need.categories = categories(shop, &need, &records);
    let plan = shop.guide(&need).map(|guide| Plan::from_guide(guide, &weighed(&need, about))).unwrap_or_default();
    let context = Context { now, units, weights: &shop.settings().weights, traits: &shop.knowledge().lexicon.traits, price_lean: None, waived: &[] };
    let picks: Vec<Pick> = records
        .into_iter()
        .filter_map(|record| {
            let features = Features::of_record(&record, final_price(&record, now).total);
            Pick::new(record, &Candidate { slot: 0, features, score: 0.0 }, &need, &plan, &context)
        })
        .collect();
    if picks.is_empty() {
        return Ok(outcome::bare(shop, question, need, Outcome::NeedsInfo));
    }
    let comparison = matches!(about.wish, Wish::Compare(_)).then(|| Comparison::of(&picks, plan.guide.as_deref(), shop.knowledge(), need.lang));
    let place = |pick: &Pick| about.products.iter().position(|id| id == pick.id()).and_then(|at| about.places.get(at)).copied().unwrap_or(0);
    let places = picks.iter().map(place).collect();
    let mut case = outcome::bare(shop, question, need, Outcome::Products);
    case.places = places;
    case.shortlist = Shortlist { total: picks.len() as u64, picks };
    (case.plan, case.comparison) = (plan, comparison);
    Ok(case)
}

/// The categories of the need where they are those of the products, else the products' own.
fn categories(shop: &Shop, need: &Need, records: &[Arc<Record>]) -> Vec<CategoryMatch> {
    let paths: Vec<String> = records.iter().filter_map(|r| r.product_type.as_ref()).map(|path| path_key(path.get(Lang::En))).collect();
    if paths.iter().all(|key| need.categories.iter().any(|c| c.key == *key)) && !need.categories.is_empty() {
        return need.categories.clone();
    }
    let mut found: Vec<CategoryMatch> = Vec::new();
    for key in paths {
        if !found.iter().any(|c| c.key == key) {
            found.push(infer::matched(shop, key));
        }
    }
    found
}

/// The need by which the guide speaks: of what is asked, where suitability is asked for.
fn weighed(need: &Need, about: &About) -> Need {
    let Wish::Facts(topics) = &about.wish else { return need.clone() };
    let suits: Vec<_> = topics.iter().filter_map(|t| if let Topic::Suits(known) = t { Some(known.clone()) } else { None }).collect();
    if suits.is_empty() { need.clone() } else { Need { traits: suits, ..need.clone() } }
}
