//! A kit: what a scene needs from the shelf, with quantities and a total.

use crate::catalog::{Money, ProductId};

/// One slot of a scene, filled.
#[derive(Debug, Clone)]
pub struct FilledSlot {
    pub id: String,
    /// The step it belongs to.
    pub step: String,
    /// In the answer's language.
    pub name: String,
    pub why: String,
    /// The kit also works without it.
    pub optional: bool,
    /// Pieces of the first product.
    pub quantity: u32,
    /// The product that counts, then what could take its place.
    pub products: Vec<ProductId>,
    /// What the pieces of the first product cost together.
    pub cost: Money,
}

/// A filled scene.
#[derive(Debug, Clone)]
pub struct Kit {
    /// The scene, by id.
    pub scene: String,
    /// The people it is for.
    pub people: u32,
    /// It depends on how many people there are.
    pub by_people: bool,
    /// The slots are ideas to choose one of; then there is no total.
    pub ideas: bool,
    pub slots: Vec<FilledSlot>,
    /// The sum over the slots.
    pub total: Money,
    /// Names of slots that a budget left no room for.
    pub left_out: Vec<String>,
    /// Names of slots for which the shelf has nothing.
    pub missing: Vec<String>,
}

impl Kit {
    /// The slot that a product fills.
    pub fn slot_of(&self, id: &ProductId) -> Option<&FilledSlot> {
        self.slots.iter().find(|slot| slot.products.contains(id))
    }

    /// The slots that can be left out, and what they cost together. `None` when there is none, or nothing else.
    pub fn spare(&self) -> Option<(Vec<&FilledSlot>, Money)> {
        if self.ideas {
            return None;
        }
        let spare: Vec<&FilledSlot> = self.slots.iter().filter(|slot| slot.optional).collect();
        if spare.is_empty() || spare.len() == self.slots.len() {
            return None;
        }
        let cost = Money::from_minor(spare.iter().map(|slot| slot.cost.minor()).sum(), self.total.currency())?;
        Some((spare, cost))
    }
}

/// A way to fill a slot: what it costs, and how good it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Offer {
    /// All pieces together, in minor units.
    pub cost: i64,
    pub score: f32,
}

/// Fits a kit into a budget. `offers` has the ways to fill each slot, best first; `optional` says which slots may go.
///
/// Begins with the best offer of each slot. While the sum is above the budget, it takes the exchange that loses the least
/// score for the money it saves; where none is left, it gives up the dearest optional slot. `None` when even that is not
/// enough. The result has for each slot the chosen offer, or `None` where the slot was given up.
pub fn fit(offers: &[Vec<Offer>], optional: &[bool], budget: Option<i64>) -> Option<Vec<Option<usize>>> {
    let mut chosen: Vec<Option<usize>> = offers.iter().map(|list| (!list.is_empty()).then_some(0)).collect();
    let Some(budget) = budget else { return Some(chosen) };
    loop {
        let cost = |slot: usize, at: usize| offers[slot][at].cost;
        let total: i64 = chosen.iter().enumerate().filter_map(|(slot, at)| at.map(|at| cost(slot, at))).sum();
        if total <= budget {
            return Some(chosen);
        }
        match cheapest_exchange(offers, &chosen) {
            Some((slot, at)) => chosen[slot] = Some(at),
            None => {
                let dearest = (0..chosen.len()).filter(|slot| optional[*slot]).filter_map(|slot| chosen[slot].map(|at| (cost(slot, at), slot))).max()?;
                chosen[dearest.1] = None;
            }
        }
    }
}

/// The exchange of one slot's offer for a cheaper one that loses the least score for each unit of money saved.
fn cheapest_exchange(offers: &[Vec<Offer>], chosen: &[Option<usize>]) -> Option<(usize, usize)> {
    let mut best: Option<(f32, usize, usize)> = None;
    for (slot, now) in chosen.iter().enumerate().filter_map(|(slot, at)| at.map(|at| (slot, offers[slot][at]))) {
        for (at, offer) in offers[slot].iter().enumerate().filter(|(_, offer)| offer.cost < now.cost) {
            let loss = (now.score - offer.score).max(0.0) / (now.cost - offer.cost) as f32;
            if best.is_none_or(|(least, ..)| loss < least) {
                best = Some((loss, slot, at));
            }
        }
    }
    best.map(|(_, slot, at)| (slot, at))
}
