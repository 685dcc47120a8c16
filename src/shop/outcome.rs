//! What kind of answer it will be, and everything that answer is made from. No outcome is a dead end.

use std::collections::BTreeMap;

use super::{READ_FOR_ANSWER, Shop};
use crate::compose::{Case, Outcome, Relaxed, plain::constraint_label};
use crate::guide::Plan;
use crate::index::Survey;
use crate::lexicon::ScopeKind;
use crate::need::{GoodsMatch, Intent, Need};
use crate::rank::{Shortlist, shortlist};

/// Relaxations that are worked out.
const MOST_RELAXED: usize = 3;
/// Without a category, the best text match must be at least this good, or the shop does not carry it.
const LEAST_MATCH: f32 = 0.22;
/// Categories named as a way on.
const MOST_CATEGORIES: usize = 12;

/// Decides the outcome and gathers what it needs.
pub fn decide(shop: &Shop, question: &str, mut need: Need) -> anyhow::Result<Case> {
    if let Intent::Scope(id) = &need.intent {
        let id = id.clone();
        return scope(shop, question, need, &id);
    }
    if !need.goods.is_empty() {
        // The lexicon calls it a good we may not have; a title that has the word knows better.
        let (sold, missing): (Vec<GoodsMatch>, Vec<GoodsMatch>) = need.goods.clone().into_iter().partition(|good| good.words.iter().any(|word| shop.index().titles_with(word).is_ok_and(|n| n > 0)));
        if sold.is_empty() {
            need.goods = missing;
            return not_carried(shop, question, need);
        }
        need.goods.clear();
    }
    if need.is_blank() {
        return Ok(bare(shop, question, need, Outcome::NeedsInfo));
    }
    let survey = shop.index().survey(&need, &[])?;
    let plan = shop.plan(&need, &survey)?;
    let (total, picks) = shop.picks(&need, &plan, &survey, READ_FOR_ANSWER)?;
    let weak = need.categories.is_empty() && !need.words.is_empty() && picks.iter().all(|p| p.signals().iter().all(|s| s.name != "text" || s.value < LEAST_MATCH));
    if picks.is_empty() && need.hard().next().is_some() {
        return no_match(shop, question, need, survey, plan);
    }
    if picks.is_empty() || weak {
        // Words that no product has and no sign of shopping: not a question for a shop.
        return not_carried(shop, question, need);
    }
    let shown = shortlist(&need, &plan, picks, total, shop.settings().shown);
    let mut case = bare(shop, question, need, Outcome::Products);
    (case.survey, case.plan, case.shortlist) = (survey, plan, shown);
    Ok(case)
}

fn scope(shop: &Shop, question: &str, need: Need, id: &str) -> anyhow::Result<Case> {
    let entry = shop.knowledge().lexicon.scope.entries.iter().find(|(_, e)| e.id == id);
    let outcome = match entry.map(|(kind, _)| *kind) {
        Some(ScopeKind::Unsafe) => Outcome::Unsafe,
        Some(ScopeKind::Greeting) => Outcome::NeedsInfo,
        Some(ScopeKind::OutOfScope) | None => Outcome::OutOfScope,
    };
    let reply = entry.map(|(_, e)| e.reply.get(need.lang).to_owned());
    let mut case = bare(shop, question, need, outcome);
    case.reply = reply;
    case.reply_ref = Some(format!("scope#{id}"));
    Ok(case)
}

fn not_carried(shop: &Shop, question: &str, need: Need) -> anyhow::Result<Case> {
    let knowledge = shop.knowledge();
    let mut case = bare(shop, question, need, Outcome::NotCarried);
    let near: Vec<String> = case.need.goods.iter().filter_map(|good| knowledge.lexicon.goods.departments.iter().find(|d| d.id == good.department)).flat_map(|d| d.near.clone()).collect();
    let vocabulary = shop.vocabulary();
    let lang = case.need.lang;
    let named = vocabulary.categories.iter().filter_map(|c| knowledge.taxonomy.by_path(&c.key).filter(|known| near.contains(&known.id)).map(|known| (known.name(lang).to_owned(), u64::from(c.count))));
    case.categories = named.collect();
    if case.categories.is_empty() {
        case.categories = largest(shop, &case.need);
    }
    case.categories.truncate(3);
    Ok(case)
}

fn no_match(shop: &Shop, question: &str, need: Need, survey: Survey, plan: Plan) -> anyhow::Result<Case> {
    let mut relaxed: Vec<(Relaxed, Vec<usize>)> = Vec::new();
    let mut seen: Vec<(&str, &str)> = Vec::new();
    for constraint in need.hard() {
        // Both ends of one wish ("500到800") go together.
        let wish = (constraint.name(), constraint.text.as_str());
        if seen.contains(&wish) {
            continue;
        }
        seen.push(wish);
        let places: Vec<usize> = need.constraints.iter().enumerate().filter(|(_, c)| (c.name(), c.text.as_str()) == wish).map(|(place, _)| place).collect();
        let count = shop.index().survey(&need, &places)?.total;
        if count > 0 {
            relaxed.push((Relaxed { name: wish.0.to_owned(), text: wish.1.to_owned(), count, shortlist: Shortlist::default() }, places));
        }
    }
    relaxed.sort_by(|a, b| b.0.count.cmp(&a.0.count));
    relaxed.truncate(MOST_RELAXED);
    for (entry, places) in &mut relaxed {
        let mut wider = need.clone();
        let mut place = 0;
        wider.constraints.retain(|_| {
            place += 1;
            !places.contains(&(place - 1))
        });
        let around = shop.index().survey(&wider, &[])?;
        let (total, picks) = shop.picks(&wider, &plan, &around, READ_FOR_ANSWER)?;
        entry.count = total.min(entry.count);
        entry.shortlist = shortlist(&wider, &plan, picks, total, shop.settings().shown);
    }
    relaxed.retain(|(entry, _)| !entry.shortlist.picks.is_empty());
    let mut case = bare(shop, question, need, Outcome::NoMatch);
    (case.survey, case.plan) = (survey, plan);
    case.relaxed = relaxed.into_iter().map(|(entry, _)| entry).collect();
    Ok(case)
}

/// A case without products.
fn bare(shop: &Shop, question: &str, need: Need, outcome: Outcome) -> Case {
    let labels: BTreeMap<usize, String> = need.constraints.iter().enumerate().map(|(place, c)| (place, constraint_label(c, &need, shop.knowledge()))).collect();
    let categories = largest(shop, &need);
    Case {
        question: question.to_owned(),
        need,
        plan: Plan::default(),
        survey: Survey::default(),
        shortlist: Shortlist::default(),
        outcome,
        relaxed: Vec::new(),
        categories,
        reply: None,
        reply_ref: None,
        constraint_labels: labels,
    }
}

/// The shop's categories, largest first, by the names people use.
fn largest(shop: &Shop, need: &Need) -> Vec<(String, u64)> {
    let vocabulary = shop.vocabulary();
    let mut categories: Vec<(String, u64)> = vocabulary
        .categories
        .iter()
        .map(|c| (shop.knowledge().taxonomy.by_path(&c.key).map_or_else(|| c.leaf(need.lang).to_owned(), |known| known.name(need.lang).to_owned()), u64::from(c.count)))
        .collect();
    categories.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    categories.truncate(MOST_CATEGORIES);
    categories
}
