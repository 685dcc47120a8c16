//! Three picks are three different choices: maximal marginal relevance over brand, price and the plan's main dimension.

use super::Pick;
use crate::catalog::{Availability, Record};
use crate::guide::Plan;

/// What sharing something with a pick already chosen costs, in score.
const SAME_BRAND: f32 = 0.12;
const SAME_MAIN_VALUE: f32 = 0.10;
const SAME_COLOR: f32 = 0.03;
const CLOSE_PRICE: f32 = 0.04;
/// Two prices within this share of each other are close.
const CLOSE: f64 = 0.12;
/// Only products this close to the best may be shown for the sake of variety.
const REACH: usize = 24;

/// Chooses up to `count` picks: each time the one whose score, less what it shares with those chosen, is highest. Variants
/// of one product (`item_group_id`) count as one.
pub fn choose(picks: Vec<Pick>, plan: &Plan, fixed: &[String], count: usize) -> Vec<Pick> {
    let main = plan.dimensions.first().map(|d| d.attribute.clone()).filter(|a| !fixed.contains(a));
    let mut rest: Vec<Pick> = picks.into_iter().take(REACH.max(count * 4)).collect();
    // What goes against the advice, or cannot be had, is shown only where nothing better is left.
    let good = rest.iter().filter(|p| fine(p)).count();
    if good >= count {
        rest.retain(fine);
    }
    let mut chosen: Vec<Pick> = Vec::new();
    while chosen.len() < count && !rest.is_empty() {
        let cost = |pick: &Pick| chosen.iter().map(|other| shared(pick, other, main.as_deref())).fold(0.0, f32::max);
        let mut best = 0;
        let mut most = f32::NEG_INFINITY;
        for (place, pick) in rest.iter().enumerate() {
            let worth = pick.score() - cost(pick);
            if worth > most {
                (best, most) = (place, worth);
            }
        }
        let pick = rest.remove(best);
        if let Some(group) = pick.product().item_group_id.clone() {
            rest.retain(|other| other.product().item_group_id.as_ref() != Some(&group));
        }
        chosen.push(pick);
    }
    chosen
}

fn fine(pick: &Pick) -> bool {
    pick.against().is_empty() && pick.product().availability != Availability::OutOfStock
}

fn shared<'a>(pick: &'a Pick, other: &'a Pick, main: Option<&str>) -> f32 {
    let (a, b) = (pick.record(), other.record());
    let mut cost = 0.0;
    if a.brand.is_some() && a.brand == b.brand {
        cost += SAME_BRAND;
    }
    let same = |attribute: &str| {
        let keys = |record: &'a Record| record.value_keys(attribute).unwrap_or_default();
        let (a, b) = (keys(a), keys(b));
        !a.is_empty() && a == b
    };
    if main.is_some_and(same) {
        cost += SAME_MAIN_VALUE;
    }
    if main != Some("color") && same("color") {
        cost += SAME_COLOR;
    }
    let (p, q) = (pick.price().total.minor() as f64, other.price().total.minor() as f64);
    if (p - q).abs() <= CLOSE * p.max(q) {
        cost += CLOSE_PRICE;
    }
    cost
}
