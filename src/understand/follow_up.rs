//! A turn that goes on from the last one.

use crate::need::{Found, Intent, Need};
use crate::text::{self, AtomKind};

/// Unknown words from which on a turn is about something of its own; two Han characters count as one.
const MUCH: usize = 2;

/// Whether a turn says so much that is not understood that it is about something of its own.
pub fn says_much(need: &Need) -> bool {
    let size = |text: &str| text::atoms(text).iter().map(|a| if a.kind == AtomKind::Han { 1 } else { 2 }).sum::<usize>();
    need.words.iter().map(|w| size(&w.said)).sum::<usize>() > 2 * MUCH
}

/// Whether a turn names no thing to buy.
pub fn names_nothing(new: &Need) -> bool {
    new.intent == Intent::Shop && new.goods.is_empty() && new.categories.iter().all(|c| c.found == Found::Inferred)
}

/// Whether a turn can be about the last need: it names nothing of its own.
pub fn may_refine(last: &Need, new: &Need) -> bool {
    let same = names_same(last, new);
    let named = !same && new.categories.iter().any(|c| c.found != Found::Inferred);
    let elsewhere =
        !new.categories.is_empty() && new.categories != last.categories && new.categories.iter().any(|c| !last.categories.iter().any(|l| l.key == c.key));
    !(named || elsewhere || !new.goods.is_empty() || new.intent != Intent::Shop || says_much(new))
}

fn names_same(last: &Need, new: &Need) -> bool {
    !new.categories.is_empty() && new.categories.iter().all(|c| last.categories.iter().any(|l| l.key == c.key))
}

/// Whether a turn adds anything to a scene.
pub fn says_something(new: &Need) -> bool {
    new.party.is_some() || new.more || !(new.constraints.is_empty() && new.traits.is_empty() && new.reset.is_empty())
}

/// Joins a new need with the one before it. A turn that names what it wants stands alone; one that only refines keeps the
/// category, and every earlier constraint that it does not replace.
pub fn continue_from(last: &Need, mut new: Need) -> Need {
    if !may_refine(last, &new) || last.categories.is_empty() || last.intent != Intent::Shop {
        return new;
    }
    if !names_same(last, &new) {
        new.categories = last.categories.clone();
    }
    refine(last, new)
}

/// Keeps what was said before and neither replaced nor taken back.
pub fn refine(last: &Need, mut new: Need) -> Need {
    new.order = new.order.or_else(|| last.order.clone());
    new.party = new.party.or_else(|| last.party.clone());
    new.rejected.clone_from(&last.rejected);
    let replaced: Vec<&str> = new.constraints.iter().map(|c| c.name()).collect();
    let kept = last.constraints.iter().filter(|c| !replaced.contains(&c.name()) && !new.reset.iter().any(|name| name == c.name())).cloned().collect::<Vec<_>>();
    new.constraints.splice(0..0, kept);
    for earlier in &last.traits {
        if !new.has_trait(&earlier.id) {
            new.traits.push(earlier.clone());
        }
    }
    new
}
