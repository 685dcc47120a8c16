//! Fills the slots of a scene from the shelf, within the budget.

use super::{Shop, leans_on_price, unseen};
use crate::catalog::{Availability, Lang, Money, Product};
use crate::guide::scene::{Quantity, Scene, Slot, Want};
use crate::guide::{Dimension, Plan, Preference};
use crate::index::Survey;
use crate::kit::{FilledSlot, Kit, Offer, fit};
use crate::lexicon::Units;
use crate::need::check::base_figures;
use crate::need::{Comparison, Constraint, Intent, Need, Rule, WantedValue};
use crate::rank::Pick;

/// Products that are considered for one slot.
const MOST_OFFERS: usize = 24;
/// Kits with at most so many slots show a second product for each.
const FEW_SLOTS: usize = 3;
/// Ideas that are shown at once.
const MOST_IDEAS: usize = 4;
/// What buying twice as much as is needed takes from a product's score.
const WASTE: f32 = 0.2;
/// Most pieces of one product.
const MOST_PIECES: u32 = 99;

/// A kit and its products in the order of the slots.
pub struct Filled {
    pub kit: Kit,
    pub picks: Vec<Pick>,
}

/// What filling a scene came to.
pub enum Outcome {
    Filled(Filled),
    /// The budget does not buy even the least kit, which is this one.
    TooDear(Filled),
    /// Nothing on the shelf fits any slot.
    Empty,
}

/// A product for a slot, with how many pieces of it and what they cost.
struct Choice {
    pick: Pick,
    quantity: u32,
    offer: Offer,
}

/// Fills every slot that is for this shopper.
pub fn fill(shop: &Shop, scene: &Scene, need: &Need) -> anyhow::Result<Outcome> {
    let people = need.party.as_ref().map_or(scene.serves, |party| party.people);
    let mut slots: Vec<&Slot> = Vec::new();
    let mut choices: Vec<Vec<Choice>> = Vec::new();
    let mut missing: Vec<String> = Vec::new();
    let has = |id: &str| need.has_trait(id);
    let mut wanted: Vec<&Slot> = scene.slots.iter().filter(|slot| slot.is_for(has)).collect();
    if scene.ideas {
        // Ideas for just this person come before ideas for everybody.
        wanted.sort_by_key(|slot| slot.when.is_empty());
    }
    for slot in wanted {
        if scene.ideas && slots.len() == MOST_IDEAS {
            break;
        }
        let Some(found) = offers(shop, slot, need, people, scene.ideas)? else { continue };
        match found.is_empty() {
            true if scene.ideas => {}
            true => missing.push(slot.name.get(need.lang).to_owned()),
            false => {
                slots.push(slot);
                choices.push(found);
            }
        }
    }
    part(&mut choices);
    let costs: Vec<Vec<Offer>> = choices.iter().map(|list| list.iter().map(|c| c.offer).collect()).collect();
    let optional: Vec<bool> = slots.iter().map(|slot| slot.optional).collect();
    let (chosen, too_dear) = match fit(&costs, &optional, budget(need).filter(|_| !scene.ideas)) {
        Some(chosen) => (chosen, false),
        None => (least(&costs, &optional), true),
    };
    let few = chosen.iter().flatten().count() <= FEW_SLOTS;
    let alternatives = usize::from(few && !too_dear && !scene.ideas);
    let Some(nothing) = Money::from_minor(0, shop.currency()) else { return Ok(Outcome::Empty) };
    let kit = Kit {
        scene: scene.id.clone(),
        people,
        by_people: scene.is_for_people(),
        ideas: scene.ideas,
        slots: Vec::new(),
        total: nothing,
        left_out: Vec::new(),
        missing,
    };
    let mut filled = Filled { kit, picks: Vec::new() };
    for ((slot, list), at) in slots.iter().zip(&choices).zip(&chosen) {
        filled.take(slot, list, *at, alternatives, need.lang);
    }
    Ok(match (filled.kit.slots.is_empty(), too_dear) {
        (true, _) => Outcome::Empty,
        (false, true) => Outcome::TooDear(filled),
        (false, false) => Outcome::Filled(filled),
    })
}

impl Filled {
    /// Puts the chosen product into a slot, and others that could take its place.
    fn take(&mut self, slot: &Slot, list: &[Choice], chosen: Option<usize>, alternatives: usize, lang: Lang) {
        let name = slot.name.get(lang).to_owned();
        let Some((at, first)) = chosen.and_then(|at| Some((at, list.get(at)?))) else {
            // All that would fit stands in other slots, or the budget left no room.
            let list = if list.is_empty() { &mut self.kit.missing } else { &mut self.kit.left_out };
            list.push(name);
            return;
        };
        let currency = self.kit.total.currency();
        let Some(total) = Money::from_minor(self.kit.total.minor() + first.offer.cost, currency) else { return };
        let Some(cost) = Money::from_minor(first.offer.cost, currency) else { return };
        let others = list.iter().enumerate().filter(|(place, _)| *place != at).map(|(_, choice)| choice).take(alternatives);
        let shown: Vec<&Pick> = std::iter::once(first).chain(others).map(|choice| &choice.pick).collect();
        self.kit.total = total;
        self.kit.slots.push(FilledSlot {
            id: slot.id.clone(),
            step: slot.step.clone(),
            name,
            why: slot.why.get(lang).to_owned(),
            optional: slot.optional,
            quantity: first.quantity,
            products: shown.iter().map(|pick| pick.id().clone()).collect(),
            cost,
        });
        self.picks.extend(shown.into_iter().cloned());
    }
}

/// What the whole kit may cost, in minor units of the shop's currency.
fn budget(need: &Need) -> Option<i64> {
    let limits = need.hard().filter_map(|c| match &c.rule {
        Rule::Price { comparison: Comparison::AtMost, amount, .. } => Some(amount.minor()),
        Rule::Price { comparison: Comparison::LessThan, amount, .. } => Some(amount.minor() - 1),
        _ => None,
    });
    limits.min()
}

/// The cheapest offer of every slot that cannot be left out.
fn least(costs: &[Vec<Offer>], optional: &[bool]) -> Vec<Option<usize>> {
    let cheapest = |list: &Vec<Offer>| list.iter().enumerate().min_by_key(|(_, offer)| offer.cost).map(|(at, _)| at);
    costs.iter().zip(optional).map(|(list, optional)| if *optional { None } else { cheapest(list) }).collect()
}

/// A product stands in one slot only: where it comes first.
fn part(choices: &mut [Vec<Choice>]) {
    for slot in 1..choices.len() {
        let (before, rest) = choices.split_at_mut(slot);
        let Some(here) = rest.first_mut() else { continue };
        for (place, choice) in std::mem::take(here).into_iter().enumerate() {
            let elsewhere = before.iter_mut().find_map(|list| list.iter().position(|c| c.pick.id() == choice.pick.id()).map(|at| (list, at)));
            match elsewhere {
                Some((list, at)) if place < at && list.len() > 1 => {
                    list.remove(at);
                    here.push(choice);
                }
                Some(_) => {}
                None => here.push(choice),
            }
        }
    }
}

/// The products for a slot, best first. `None` when the shopper ruled out all that it is for.
fn offers(shop: &Shop, slot: &Slot, need: &Need, people: u32, ideas: bool) -> anyhow::Result<Option<Vec<Choice>>> {
    if !need.categories.iter().any(|c| c.id.as_deref() == Some(slot.category.as_str())) {
        // This shop does not carry such things at all.
        return Ok(Some(Vec::new()));
    }
    let Some((own, wished)) = slot_need(shop, slot, need, people, ideas) else { return Ok(None) };
    let plan = slot_plan(slot);
    let mut picks = Vec::new();
    for slot_need in [wished, Some(own)].into_iter().flatten() {
        let survey = if leans_on_price(need) { shop.index().survey(&slot_need, &[])? } else { Survey::default() };
        picks = shop.picks(&slot_need, &plan, &survey, &[], MOST_OFFERS)?.1;
        if !picks.is_empty() {
            break;
        }
    }
    if picks.iter().any(|p| p.product().availability != Availability::OutOfStock) {
        picks.retain(|p| p.product().availability != Availability::OutOfStock);
    }
    let picks = unseen(picks, need);
    let units = &shop.knowledge().lexicon.units;
    // A sum is of one currency.
    let currency = shop.currency();
    let here = picks.into_iter().filter(|pick| pick.price().total.currency() == currency);
    let mut choices: Vec<Choice> = here.filter_map(|pick| choice(pick, slot, people, units)).collect();
    choices.sort_by(|a, b| b.offer.score.total_cmp(&a.offer.score));
    Ok(Some(choices))
}

fn choice(pick: Pick, slot: &Slot, people: u32, units: &Units) -> Option<Choice> {
    let (quantity, waste) = pieces(&slot.quantity, pick.product(), people, units)?;
    let cost = pick.price().total.minor().checked_mul(i64::from(quantity))?;
    let score = pick.score() - WASTE * waste;
    Some(Choice { quantity, offer: Offer { cost, score }, pick })
}

/// How many pieces are needed, and how much too much that is, as a share of the need. `None` when the record does not say.
fn pieces(quantity: &Quantity, product: &Product, people: u32, units: &Units) -> Option<(u32, f32)> {
    let up = |pieces: f64| (pieces - 1e-9).ceil().clamp(1.0, f64::from(MOST_PIECES)) as u32;
    match quantity {
        Quantity::Pieces(count) => Some((*count, 0.0)),
        Quantity::PerPerson(each) => Some((up(each * f64::from(people)), 0.0)),
        Quantity::Amount { attribute, dimension, base } => {
            let figure = base_figures(product.attribute(attribute)?, dimension, units).find(|figure| *figure > 0.0)?;
            let wanted = base * f64::from(people);
            let pieces = up(wanted / figure);
            Some((pieces, (f64::from(pieces) * figure / wanted - 1.0).clamp(0.0, 1.0) as f32))
        }
    }
}

/// What a slot asks of the shelf: its own conditions and the shopper's exclusions; and the same with the shopper's wishes,
/// where this category knows them.
fn slot_need(shop: &Shop, slot: &Slot, need: &Need, people: u32, ideas: bool) -> Option<(Need, Option<Need>)> {
    let knowledge = shop.knowledge();
    let category = knowledge.taxonomy.by_id(&slot.category)?;
    let mut own = Need::blank(need.lang);
    own.intent = Intent::Shop;
    own.categories = need.categories.iter().filter(|c| c.id.as_deref() == Some(slot.category.as_str())).cloned().collect();
    own.traits.clone_from(&need.traits);
    let units = &knowledge.lexicon.units;
    for want in &slot.want {
        let rule = match want {
            Want::Fixed(preference) => rule_of(preference, units),
            Want::People { attribute, comparison } => {
                let unit = category.attribute(attribute)?.unit.clone().unwrap_or_default();
                let (dimension, factor) = units.find(&unit).map_or((String::new(), 1.0), |u| (u.dimension.clone(), u.factor));
                let shown = f64::from(people);
                Some(Rule::Measure { attribute: attribute.clone(), comparison: *comparison, dimension, base: shown * factor, shown, unit })
            }
        };
        if let Some(rule) = rule {
            join(&mut own.constraints, rule);
        }
    }
    // A budget is for the whole kit, but for each idea alone.
    for constraint in need.hard().filter(|c| ideas || !matches!(c.rule, Rule::Price { .. })) {
        if let Rule::Value { attribute, comparison: Comparison::NotEqual, any_of } = &constraint.rule
            && rules_out(&mut own.constraints, attribute, any_of)
        {
            return None;
        }
        own.constraints.push(constraint.clone());
    }
    let known = |c: &&Constraint| match &c.rule {
        Rule::Value { attribute, comparison: Comparison::Equal, any_of } => {
            category.attribute(attribute).is_some_and(|a| a.values.iter().any(|v| any_of.iter().any(|wanted| wanted.key == v.key())))
        }
        Rule::Measure { attribute, .. } => category.attribute(attribute).is_some_and(|a| a.unit.is_some()),
        _ => false,
    };
    let wishes: Vec<Constraint> = need.constraints.iter().filter(|c| !c.hard).filter(known).map(|c| Constraint { hard: true, ..c.clone() }).collect();
    let wished = (!wishes.is_empty()).then(|| {
        let mut wished = own.clone();
        wished.constraints.retain(|c| !wishes.iter().any(|wish| wish.name() == c.name()));
        wished.constraints.extend(wishes);
        wished
    });
    Some((own, wished))
}

/// Adds a condition; several values of one attribute are ways to meet it.
fn join(constraints: &mut Vec<Constraint>, rule: Rule) {
    if let Rule::Value { attribute, any_of, .. } = &rule {
        for known in constraints.iter_mut() {
            if let Rule::Value { attribute: same, any_of: ways, .. } = &mut known.rule
                && same == attribute
            {
                ways.extend(any_of.iter().cloned());
                return;
            }
        }
    }
    constraints.push(Constraint { rule, text: String::new(), hard: true });
}

/// Takes values that the shopper ruled out from a slot's conditions; whether none is left.
fn rules_out(constraints: &mut [Constraint], excluded: &str, values: &[WantedValue]) -> bool {
    let mut empty = false;
    for constraint in constraints {
        if let Rule::Value { attribute, any_of, .. } = &mut constraint.rule
            && attribute == excluded
        {
            any_of.retain(|way| !values.iter().any(|value| value.key == way.key || value.words.iter().any(|word| way.words.contains(word))));
            empty |= any_of.is_empty();
        }
    }
    empty
}

fn rule_of(preference: &Preference, units: &Units) -> Option<Rule> {
    Some(match preference {
        Preference::Value { attribute, key, words, .. } => Rule::Value {
            attribute: attribute.clone(),
            comparison: Comparison::Equal,
            any_of: vec![WantedValue { key: key.clone(), words: words.clone(), others: Vec::new() }],
        },
        Preference::Range { attribute, comparison, dimension, base, .. } => {
            let unit = units.each().find(|u| u.dimension == *dimension && u.factor == 1.0).map(|u| u.id.clone()).unwrap_or_default();
            Rule::Measure { attribute: attribute.clone(), comparison: *comparison, dimension: dimension.clone(), base: *base, shown: *base, unit }
        }
    })
}

/// A plan of one dimension, the slot's step: what the slot wants and prefers ranks its products and explains them.
fn slot_plan(slot: &Slot) -> Plan {
    let prefer: Vec<Preference> = slot.prefer.iter().cloned().chain(slot.held().into_iter().filter(|p| !slot.prefer.contains(p)).cloned()).collect();
    let dimension = Dimension {
        id: slot.step.clone(),
        name: String::new(),
        attribute: prefer.first().map_or("title", |p| p.attribute()).to_owned(),
        advice: Vec::new(),
        prefer,
        avoid: slot.avoid.clone(),
        personal: false,
    };
    Plan { dimensions: vec![dimension], ..Plan::default() }
}
