//! What kind of answer it will be, and everything that answer is made from. No outcome is a dead end.

use std::collections::BTreeMap;

use super::infer::least_match;
use super::{READ_FOR_ANSWER, Shop, kit, unseen};
use crate::catalog::{Lang, Money};
use crate::compose::{Case, Outcome, Relaxed, plain::constraint_label, shelf};
use crate::guide::Plan;
use crate::guide::scene::Scene;
use crate::index::{CatalogCategory, Survey};
use crate::lexicon::ScopeKind;
use crate::need::{Intent, Need, Order, OrderBy, Shelf};
use crate::rank::{Pick, Shortlist, shortlist};

/// Relaxations that are worked out.
const MOST_RELAXED: usize = 3;
/// Pairs of wishes that are tried when no single one is enough.
const MOST_PAIRS: usize = 15;
/// Categories named as a way on.
const MOST_CATEGORIES: usize = 12;

/// Decides the outcome and gathers what it needs.
pub fn decide(shop: &Shop, question: &str, need: Need) -> anyhow::Result<Case> {
    if let Intent::Scope(id) = &need.intent {
        let id = id.clone();
        return scope(shop, question, need, &id);
    }
    if let Intent::Scene(id) = &need.intent
        && let Some(known) = shop.knowledge().scene(id)
    {
        return scene(shop, question, need, known);
    }
    if let Intent::Shown(about) = &need.intent {
        let about = about.clone();
        return super::shown::decide(shop, question, need, &about);
    }
    if need.shelf == Some(Shelf::Departments) {
        let mut case = bare(shop, question, need, Outcome::Advice);
        case.lead = shelf::lead(&case, None, &shop.vocabulary(), shop.knowledge());
        return Ok(case);
    }
    if !need.goods.is_empty() {
        // Goods that no title knows: what is carried has become words by now.
        return not_carried(shop, question, need);
    }
    if need.is_blank() {
        return Ok(bare(shop, question, need, Outcome::NeedsInfo));
    }
    let survey = shop.index().survey(&need, &[])?;
    // Where nothing meets every wish, the facts to advise by are those of what was asked for at all.
    let everything: Vec<usize> = (0..need.constraints.len()).collect();
    let around = if survey.total == 0 && !everything.is_empty() { Some(shop.index().survey(&need, &everything)?) } else { None };
    let plan = shop.plan(&need, around.as_ref().unwrap_or(&survey))?;
    let (total, picks) = shop.picks(&need, &plan, &survey, &[], READ_FOR_ANSWER + need.seen.len() + need.rejected.len())?;
    let sent_away = picks.iter().filter(|p| need.rejected.contains(p.id())).count() as u64;
    let picks = unseen(picks, &need);
    let weak = if picks.is_empty() && !everything.is_empty() && by_words(&need) {
        // Nothing meets the wishes; but is there such a thing at all?
        is_weak(&shop.picks(&need, &plan, &survey, &everything, READ_FOR_ANSWER)?.1, least_match(&need))
    } else {
        by_words(&need) && is_weak(&picks, least_match(&need))
    };
    if picks.is_empty() && !weak && need.hard().next().is_some() {
        return no_match(shop, question, need, survey, plan);
    }
    if picks.is_empty() || weak {
        // "What is …" about words that no product has is not a question for a shop.
        if need.asks_why {
            return Ok(bare(shop, question, need, Outcome::OutOfScope));
        }
        return not_carried(shop, question, need);
    }
    // What words alone find is as many as come near the best match.
    let total = total.min(survey.total).saturating_sub(sent_away);
    let shown = shortlist(&need, &plan, picks, total, shop.settings().shown);
    let mut case = bare(shop, question, need, Outcome::Products);
    (case.survey, case.plan, case.shortlist) = (survey, plan, shown);
    if case.need.shelf.is_some() {
        let ends = if case.need.shelf == Some(Shelf::Prices) { price_ends(shop, &case.need, &case.plan, &case.survey)? } else { None };
        case.lead = shelf::lead(&case, ends, &shop.vocabulary(), shop.knowledge());
    }
    Ok(case)
}

/// The lowest and the highest price among all that match.
fn price_ends(shop: &Shop, need: &Need, plan: &Plan, survey: &Survey) -> anyhow::Result<Option<(Money, Money)>> {
    let end = |least: bool| -> anyhow::Result<Option<Money>> {
        let ordered = Need { order: Some(Order { by: OrderBy::Price, least, text: String::new() }), ..need.clone() };
        Ok(shop.picks(&ordered, plan, survey, &[], 1)?.1.first().map(|pick| pick.price().total))
    };
    Ok(end(true)?.zip(end(false)?))
}

/// Whether nothing but words, none of them a good that is carried, says what is wanted.
fn by_words(need: &Need) -> bool {
    need.categories.is_empty() && !need.words.is_empty() && need.words.iter().all(|w| !w.good)
}

/// Whether even the best text match is no match.
fn is_weak(picks: &[Pick], least: f32) -> bool {
    picks.iter().all(|p| p.signals().iter().all(|s| s.name != "text" || s.value < least))
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
    Ok(case)
}

/// A question of life: advice in steps, and where it needs things, a kit of them.
fn scene(shop: &Shop, question: &str, need: Need, scene: &Scene) -> anyhow::Result<Case> {
    let filled = if scene.slots.is_empty() { kit::Outcome::Empty } else { kit::fill(shop, scene, &need)? };
    let slots = |filled: &kit::Filled| scene.slots.iter().filter(|slot| filled.kit.slots.iter().any(|f| f.id == slot.id)).collect::<Vec<_>>();
    let related = named(shop, &scene.related, need.lang);
    let mut case = match filled {
        kit::Outcome::Empty => {
            let mut case = bare(shop, question, need, Outcome::Advice);
            case.plan = Plan::from_scene(scene, &case.need, &[]);
            case
        }
        kit::Outcome::Filled(filled) => {
            let mut case = bare(shop, question, need, Outcome::Products);
            case.plan = Plan::from_scene(scene, &case.need, &slots(&filled));
            case.shortlist = Shortlist { total: filled.picks.len() as u64, picks: filled.picks };
            case.kit = Some(filled.kit);
            case
        }
        kit::Outcome::TooDear(filled) => {
            let mut case = bare(shop, question, need, Outcome::NoMatch);
            case.plan = Plan::from_scene(scene, &case.need, &slots(&filled));
            let text = case.need.hard().find(|c| c.name() == "price").map(|c| c.text.clone()).unwrap_or_default();
            let count = filled.picks.len() as u64;
            case.relaxed = vec![Relaxed { name: "price".to_owned(), text, count, shortlist: Shortlist { total: count, picks: filled.picks } }];
            case.kit = Some(filled.kit);
            case
        }
    };
    case.categories = related;
    Ok(case)
}

fn not_carried(shop: &Shop, question: &str, need: Need) -> anyhow::Result<Case> {
    let knowledge = shop.knowledge();
    let mut case = bare(shop, question, need, Outcome::NotCarried);
    let near: Vec<String> = case
        .need
        .goods
        .iter()
        .filter_map(|good| knowledge.lexicon.goods.departments.iter().find(|d| d.id == good.department))
        .flat_map(|d| d.near.clone())
        .collect();
    case.categories = named(shop, &near, case.need.lang);
    if case.categories.is_empty() {
        case.categories = largest(shop, &case.need);
    }
    case.categories.truncate(3);
    Ok(case)
}

fn no_match(shop: &Shop, question: &str, need: Need, survey: Survey, plan: Plan) -> anyhow::Result<Case> {
    // Both ends of one wish ("500到800") go together.
    let mut wishes: Vec<(String, String, Vec<usize>)> = Vec::new();
    for (place, constraint) in need.constraints.iter().enumerate().filter(|(_, c)| c.hard) {
        // "太贵了" says nothing by itself; the bound that came of it does.
        let relative = shop.knowledge().lexicon.dialogue.is_relative(&constraint.text);
        let text = if relative { constraint_label(constraint, &need, shop.knowledge()) } else { constraint.text.clone() };
        match wishes.iter_mut().find(|(name, known, _)| name == constraint.name() && *known == text) {
            Some((_, _, places)) => places.push(place),
            None => wishes.push((constraint.name().to_owned(), text, vec![place])),
        }
    }
    let mut relaxed = relax(shop, &need, &plan, &wishes)?;
    if relaxed.is_empty() && wishes.len() > 2 {
        // Where no single wish is enough, the best two are.
        let joiner = if need.lang == Lang::Zh { "、" } else { ", " };
        let pairs: Vec<_> = wishes
            .iter()
            .enumerate()
            .flat_map(|(at, a)| wishes[at + 1..].iter().map(move |b| (a, b)))
            .map(|(a, b)| (format!("{}+{}", a.0, b.0), format!("{}{joiner}{}", a.1, b.1), [a.2.clone(), b.2.clone()].concat()))
            .take(MOST_PAIRS)
            .collect();
        relaxed = relax(shop, &need, &plan, &pairs)?;
        relaxed.truncate(1);
    }
    let mut case = bare(shop, question, need, Outcome::NoMatch);
    (case.survey, case.plan, case.relaxed) = (survey, plan, relaxed);
    Ok(case)
}

/// What dropping each of the wishes gives, most first.
fn relax(shop: &Shop, need: &Need, plan: &Plan, wishes: &[(String, String, Vec<usize>)]) -> anyhow::Result<Vec<Relaxed>> {
    let mut relaxed: Vec<(Relaxed, &Vec<usize>)> = Vec::new();
    for (name, text, places) in wishes {
        let count = shop.index().count(need, places)?;
        if count > 0 {
            relaxed.push((Relaxed { name: name.clone(), text: text.clone(), count, shortlist: Shortlist::default() }, places));
        }
    }
    relaxed.sort_by_key(|(entry, _)| std::cmp::Reverse(entry.count));
    relaxed.truncate(MOST_RELAXED);
    for (entry, places) in &mut relaxed {
        let around = shop.index().survey(need, places)?;
        let (total, picks) = shop.picks(need, plan, &around, places, READ_FOR_ANSWER)?;
        entry.shortlist = shortlist(need, plan, picks, total.min(around.total), shop.settings().shown);
    }
    Ok(relaxed.into_iter().map(|(entry, _)| entry).filter(|entry| !entry.shortlist.picks.is_empty()).collect())
}

/// A case without products.
pub(super) fn bare(shop: &Shop, question: &str, need: Need, outcome: Outcome) -> Case {
    let labels: BTreeMap<usize, String> = need.constraints.iter().enumerate().map(|(place, c)| (place, constraint_label(c, &need, shop.knowledge()))).collect();
    let categories = largest(shop, &need);
    Case {
        question: question.to_owned(),
        need,
        plan: Plan::default(),
        survey: Survey::default(),
        shortlist: Shortlist::default(),
        outcome,
        kit: None,
        relaxed: Vec::new(),
        categories,
        places: Vec::new(),
        comparison: None,
        lead: None,
        reply: None,
        constraint_labels: labels,
    }
}

/// Some categories, as far as the shop has them, by the names people use and with how many products each has.
fn named(shop: &Shop, ids: &[String], lang: Lang) -> Vec<(String, u64)> {
    let (vocabulary, taxonomy) = (shop.vocabulary(), &shop.knowledge().taxonomy);
    let count = |id: &str| {
        let known = taxonomy.by_id(id)?;
        let here = vocabulary.categories.iter().find(|c| taxonomy.by_path(&c.key).is_some_and(|c| c.id == id))?;
        Some((known.label(lang).to_owned(), u64::from(here.count)))
    };
    ids.iter().filter_map(|id| count(id)).collect()
}

/// Categories as a way on, by the names people use: those beside what was asked for, then the largest of each department, then
/// the rest by size.
fn largest(shop: &Shop, need: &Need) -> Vec<(String, u64)> {
    let vocabulary = shop.vocabulary();
    let department = |key: &str| key.split(" > ").next().unwrap_or(key).to_owned();
    let mut open: Vec<_> = vocabulary.categories.iter().filter(|c| !need.categories.iter().any(|named| named.key == c.key)).collect();
    open.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.key.cmp(&b.key)));
    let mut seen: Vec<String> = Vec::new();
    let mut ranked: Vec<(u8, &CatalogCategory)> = Vec::new();
    for category in open {
        let own = department(&category.key);
        let beside = need.categories.iter().any(|named| department(&named.key) == own);
        let first = !seen.contains(&own);
        seen.push(own);
        ranked.push((if beside { 0 } else { 2 - u8::from(first) }, category));
    }
    ranked.sort_by_key(|(rank, _)| *rank);
    let name = |c: &CatalogCategory| {
        let known = shop.knowledge().taxonomy.by_path(&c.key);
        known.map_or_else(|| c.leaf(need.lang).to_owned(), |known| known.label(need.lang).to_owned())
    };
    ranked.into_iter().take(MOST_CATEGORIES).map(|(_, c)| (name(c), u64::from(c.count))).collect()
}
