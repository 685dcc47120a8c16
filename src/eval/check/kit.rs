//! A kit adds up: what it lists is shown, and its total is the sum of what the shown products cost.

use serde_json::Value;

use super::{Exchange, Verdict, list};
use crate::catalog::Money;

/// The total that the cards and pieces of a kit come to, and the cost of what can be left out, in the catalog's prices.
/// `None` when a slot's product has no card or no price.
pub fn totals(exchange: &Exchange<'_>) -> Option<(Money, Option<Money>)> {
    let slots = list(&exchange.answer()["kit"]["slots"]);
    let mut parts: Vec<(bool, Money)> = Vec::new();
    for slot in slots {
        let first = list(&slot["products"]).first()?.as_str()?;
        let card = exchange.cards().find(|card| card["id"] == first)?;
        let price = Money::parse(card["final_price"].as_str()?)?;
        let pieces = slot["quantity"].as_i64().filter(|n| *n > 0)?;
        parts.push((slot["optional"] == true, Money::from_minor(price.minor().checked_mul(pieces)?, price.currency())?));
    }
    let currency = parts.first()?.1.currency();
    let sum = |optional_only: bool| {
        let minor = parts.iter().filter(|(optional, _)| *optional || !optional_only).map(|(_, cost)| cost.minor()).sum();
        Money::from_minor(minor, currency)
    };
    Some((sum(false)?, sum(true).filter(|money| money.minor() > 0)))
}

pub fn adds_up(exchange: &Exchange<'_>) -> Verdict {
    let kit = &exchange.answer()["kit"];
    if !kit.is_object() {
        return Verdict::DoesNotApply;
    }
    let Some((total, _)) = totals(exchange) else {
        return Verdict::Fail("a slot names no shown product, or no pieces of it".to_owned());
    };
    let mut faults = Vec::new();
    let ideas = kit["ideas"] == true;
    if !ideas && kit["total"].as_str().and_then(Money::parse) != Some(total) {
        faults.push(format!("the kit's total is {}, its products come to {total}", kit["total"]));
    }
    let listed: Vec<&Value> = list(&kit["slots"]).iter().flat_map(|slot| list(&slot["products"])).collect();
    for card in exchange.cards().filter(|card| !listed.contains(&&card["id"])) {
        faults.push(format!("{} is shown but fills no slot", card["id"]));
    }
    let limits = list(&exchange.answer()["need"]["constraints"]).iter().filter(|c| c["kind"] == "price" && c["hard"] == true && c["op"] == "<=");
    for limit in limits.filter(|_| exchange.outcome() == "products" && !ideas) {
        let amount = format!("{} {}", limit["value"].as_str().unwrap_or_default(), limit["currency"].as_str().unwrap_or_default());
        if Money::parse(&amount).is_some_and(|limit| total.currency() == limit.currency() && total.minor() > limit.minor()) {
            faults.push(format!("the kit costs {total}, more than {amount}"));
        }
    }
    Verdict::of(faults)
}
