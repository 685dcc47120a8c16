//! The answer as an object, and its cards beside the catalog's records.

use serde_json::Value;

use super::{Exchange, Verdict, list};
use crate::eval::condition::{Condition, Held, amount, price_now, texts};

pub fn answered(exchange: &Exchange<'_>) -> Verdict {
    match &exchange.reply.error {
        Some(error) => Verdict::Fail(error.clone()),
        None if exchange.answer().is_object() => Verdict::Pass,
        None => Verdict::Fail("what came back is no object".to_owned()),
    }
}

pub fn shape(exchange: &Exchange<'_>) -> Verdict {
    let answer = exchange.answer();
    if !answer.is_object() {
        return Verdict::DoesNotApply;
    }
    let mut faults = Vec::new();
    if answer["schema"] != "daogou.answer/1" {
        faults.push(format!("`schema` is {}, wanted \"daogou.answer/1\"", answer["schema"]));
    }
    let mut demand = |name: &str, holds: bool, wanted: &str| {
        if !holds {
            faults.push(format!("`{name}` is no {wanted}"));
        }
    };
    for name in ["id", "session", "lang", "persona", "outcome", "summary"] {
        demand(name, answer[name].is_string(), "text");
    }
    for name in ["dimensions", "products", "nearest", "follow_ups", "notices"] {
        demand(name, answer[name].is_array(), "list");
    }
    for name in ["need", "timing_ms", "usage"] {
        demand(name, answer[name].is_object(), "object");
    }
    demand("need.constraints", answer["need"]["constraints"].is_array(), "list");
    for card in exchange.cards() {
        for name in ["id", "title", "link", "price", "final_price", "availability", "reason"] {
            demand(&format!("products[].{name}"), card[name].is_string(), "text");
        }
    }
    for dimension in list(&answer["dimensions"]) {
        for name in ["id", "name", "advice"] {
            demand(&format!("dimensions[].{name}"), dimension[name].is_string(), "text");
        }
        for name in ["prefer", "avoid", "evidence", "products"] {
            demand(&format!("dimensions[].{name}"), dimension[name].is_array(), "list");
        }
    }
    Verdict::of(faults)
}

/// What the answer says it filtered by must hold of what it shows. Figures with units are left to the cases.
pub fn own_constraints(exchange: &Exchange<'_>) -> Verdict {
    let units = &exchange.truth.knowledge.lexicon.units;
    let mut applied = 0;
    let mut faults = Vec::new();
    for constraint in list(&exchange.answer()["need"]["constraints"]).iter().filter(|c| c["hard"] == true) {
        let name = constraint["name"].as_str().or(constraint["kind"].as_str()).unwrap_or_default();
        let (Some(operator), Some(value)) = (constraint["op"].as_str(), constraint["value"].as_str()) else { continue };
        // Values of other vocabularies are matched by their words, which only the program knows; prices and brands are plain.
        if !matches!(name, "price" | "brand") {
            continue;
        }
        let Ok(condition) = Condition::parse(&format!("{name} {} {value}", if operator == "in" { "=" } else { operator })) else { continue };
        for card in exchange.products() {
            let Some(record) = exchange.record(card) else { continue };
            applied += 1;
            let other_currency = name == "price" && constraint["currency"].as_str().is_some_and(|c| !record["price"].as_str().unwrap_or_default().ends_with(c));
            if other_currency {
                continue;
            }
            if let Held::Broken(why) = condition.check(record, units) {
                faults.push(format!("`{}` breaks {why}", card["id"].as_str().unwrap_or_default()));
            }
        }
    }
    if applied == 0 { Verdict::DoesNotApply } else { Verdict::of(faults) }
}

pub fn records(exchange: &Exchange<'_>) -> Verdict {
    let mut faults = Vec::new();
    let mut cards = 0;
    for card in exchange.cards() {
        cards += 1;
        let id = card["id"].as_str().unwrap_or_default();
        match exchange.record(card) {
            Some(record) => faults.extend(differences(card, record).into_iter().map(|why| format!("`{id}`: {why}"))),
            None => faults.push(format!("`{id}` is not in the catalog")),
        }
    }
    if cards == 0 { Verdict::DoesNotApply } else { Verdict::of(faults) }
}

fn differences(card: &Value, record: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let title = card["title"].as_str().unwrap_or_default();
    if !texts(&record["title"]).iter().any(|t| t == title) {
        faults.push(format!("the title is `{title}`, the record says {}", record["title"]));
    }
    for name in ["link", "image_link", "price", "availability"] {
        // A field that the record lacks may be missing or null.
        let (found, wanted) = (&card[name], &record[name]);
        if found != wanted && !(name == "availability" && wanted.is_null() && found == "in_stock") {
            faults.push(format!("`{name}` is {found}, the record says {wanted}"));
        }
    }
    for name in ["rating", "review_count"] {
        if card[name].as_f64() != record[name].as_f64() {
            faults.push(format!("`{name}` is {}, the record says {}", card[name], record[name]));
        }
    }
    let last = amount(&card["final_price"]);
    let now = price_now(record);
    // Steps below the price of now must be told one by one.
    let steps = list(&card["price_steps"]).last().and_then(|s| amount(&s["after"]));
    let told = |price: f64| {
        now.is_some_and(|now| (now - price).abs() < 0.005) || steps.is_some_and(|step| (step - price).abs() < 0.005 && now.is_some_and(|now| price <= now))
    };
    if !last.is_some_and(told) {
        faults.push(format!("`final_price` is {}, the record costs {} now", card["final_price"], now.unwrap_or_default()));
    }
    faults
}
