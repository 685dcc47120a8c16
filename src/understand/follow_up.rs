//! A turn that goes on from the last one.

use crate::need::{Found, Intent, Need};

/// Joins a new need with the one before it. A turn that names what it wants stands alone; one that only refines keeps the
/// category, and every earlier constraint that it does not replace.
pub fn continue_from(last: &Need, mut new: Need) -> Need {
    let named = new.categories.iter().any(|c| c.found != Found::Inferred);
    let elsewhere =
        !new.categories.is_empty() && new.categories != last.categories && new.categories.iter().any(|c| !last.categories.iter().any(|l| l.key == c.key));
    let stands_alone = named || elsewhere || !new.goods.is_empty() || new.intent != Intent::Shop || new.words.len() > 2;
    if stands_alone || last.categories.is_empty() {
        return new;
    }
    new.categories = last.categories.clone();
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
