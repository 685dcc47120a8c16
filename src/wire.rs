//! What goes over a wire: answers and search results as JSON, field by field as the contract names them.

use serde_json::{Value, json};

use crate::answer::{Answer, Ask, Card, CategoryLabel, DimensionAdvice, Event, Nearest};
use crate::catalog::ProductId;
use crate::catalog::feed::{RejectedRow, jsonl};
use crate::comparison::{Comparison, ComparisonRow};
use crate::import::Summary;
use crate::kit::{FilledSlot, Kit};
use crate::need::{Constraint, Need, Rule};
use crate::rank::Pick;
use crate::shop::Hits;

/// One Answer object.
pub fn answer(answer: &Answer) -> Value {
    let need = &answer.need;
    json!({
        "schema": "daogou.answer/1",
        "id": answer.id,
        "session": answer.session,
        "lang": need.lang.code(),
        "persona": need.persona.as_str(),
        "outcome": answer.outcome.as_str(),
        "need": need_object(need, &answer.categories),
        "summary": answer.summary,
        "verdict": answer.verdict,
        "dimensions": answer.dimensions.iter().map(dimension).collect::<Vec<_>>(),
        "products": answer.products.iter().map(card).collect::<Vec<_>>(),
        "nearest": answer.nearest.iter().map(nearest).collect::<Vec<_>>(),
        "kit": answer.kit.as_ref().map(|known| kit(known, need.party.is_some())),
        "comparison": answer.comparison.as_ref().map(comparison),
        "question": answer.question.as_ref().map(question),
        "follow_ups": answer.follow_ups,
        "notices": answer.notices,
        "model": answer.model,
        "degraded": answer.degraded,
        "passages": {"by_model": answer.admitted, "dropped": answer.dropped},
        "timing_ms": {
            "understand": round(answer.timing.understand), "retrieve": round(answer.timing.retrieve), "compose": round(answer.timing.compose),
            "first_event": round(answer.timing.first_event), "total": round(answer.timing.total),
        },
        "usage": {"prompt_tokens": answer.usage.prompt, "completion_tokens": answer.usage.completion},
    })
}

/// A part of an answer as it is sent while the answer is made: its name and its data. `people_said` is what the need says of
/// the people, which came before.
pub fn event(event: &Event, people_said: bool) -> (&'static str, Value) {
    match event {
        Event::Need(known) => {
            let mut object = json!({"id": known.id, "session": known.session, "lang": known.need.lang.code(), "persona": known.need.persona.as_str()});
            if let (Value::Object(object), Value::Object(need)) = (&mut object, need_object(&known.need, &known.categories)) {
                object.extend(need);
            }
            ("need", object)
        }
        Event::Products(offer) => (
            "products",
            json!({
                "products": offer.products.iter().map(card).collect::<Vec<_>>(),
                "kit": offer.kit.as_ref().map(|known| kit(known, people_said)),
                "nearest": offer.nearest.iter().map(nearest).collect::<Vec<_>>(),
            }),
        ),
        Event::Summary(text) => ("summary", json!({"text": text})),
        Event::Dimension(advice) => ("dimension", dimension(advice)),
        Event::Question(asked) => ("question", question(asked)),
        Event::Notice(text) => ("notice", json!({"text": text})),
    }
}

fn nearest(nearest: &Nearest) -> Value {
    json!({
        "relaxed": nearest.relaxed, "text": nearest.text, "count": nearest.count,
        "products": nearest.products.iter().map(card).collect::<Vec<_>>(),
    })
}

fn comparison(comparison: &Comparison) -> Value {
    let row = |row: &ComparisonRow| {
        let values: serde_json::Map<String, Value> =
            comparison.products.iter().zip(&row.values).map(|(id, value)| (id.as_str().to_owned(), json!(value))).collect();
        json!({"name": row.name, "values": values, "differs": row.differs})
    };
    json!({
        "products": comparison.products.iter().map(|id| id.as_str()).collect::<Vec<_>>(),
        "rows": comparison.rows.iter().map(row).collect::<Vec<_>>(),
        "verdict": comparison.verdict,
    })
}

fn question(asked: &Ask) -> Value {
    json!({
        "text": asked.text, "facet": asked.facet,
        "options": asked.options.iter().map(|(value, count)| json!({"value": value, "count": count})).collect::<Vec<_>>(),
    })
}

/// What a scene needs: slots with pieces and cost, and the sum over the first product of each.
fn kit(kit: &Kit, people_said: bool) -> Value {
    let slot = |slot: &FilledSlot| {
        json!({
            "id": slot.id, "name": slot.name, "why": slot.why, "optional": slot.optional, "quantity": slot.quantity, "cost": slot.cost.to_string(),
            "dimension": slot.step, "products": slot.products.iter().map(|id| id.as_str()).collect::<Vec<_>>(),
        })
    };
    json!({
        "scene": kit.scene, "people": kit.people, "people_said": people_said, "slots": kit.slots.iter().map(slot).collect::<Vec<_>>(),
        "total": if kit.ideas { Value::Null } else { json!(kit.total.to_string()) }, "ideas": kit.ideas, "left_out": kit.left_out, "missing": kit.missing,
    })
}

fn round(ms: f64) -> f64 {
    (ms * 100.0).round() / 100.0
}

/// What was understood.
pub fn need_object(need: &Need, categories: &[CategoryLabel]) -> Value {
    json!({
        "categories": categories.iter().map(|c| c.path.as_str()).collect::<Vec<_>>(),
        "category_names": categories.iter().map(|c| c.name.as_str()).collect::<Vec<_>>(),
        "constraints": need.constraints.iter().map(constraint).collect::<Vec<_>>(),
        "traits": need.traits.iter().map(|t| json!({"id": t.id, "text": t.text})).collect::<Vec<_>>(),
        "party": need.party.as_ref().map(|p| json!({"people": p.people, "text": p.text})),
        "understood_by": if need.by_model { "model+rules" } else { "rules" },
    })
}

fn constraint(constraint: &Constraint) -> Value {
    let mut object = match &constraint.rule {
        Rule::Price { comparison, amount, stated } => {
            let mut price =
                json!({"kind": "price", "op": comparison.operator(), "value": plain_amount(&amount.amount()), "currency": amount.currency().code()});
            if stated.currency() != amount.currency() {
                price["stated"] = json!({"value": plain_amount(&stated.amount()), "currency": stated.currency().code()});
            }
            price
        }
        Rule::Value { attribute, comparison, any_of } => {
            let values: Vec<&str> = any_of.iter().map(|v| v.key.as_str()).collect();
            match values.as_slice() {
                [one] => json!({"kind": "attribute", "name": attribute, "op": comparison.operator(), "value": one}),
                many => json!({"kind": "attribute", "name": attribute, "op": "in", "value": many.join("|"), "any_of": many}),
            }
        }
        Rule::Measure { attribute, comparison, shown, unit, .. } => {
            json!({"kind": "attribute", "name": attribute, "op": comparison.operator(), "value": crate::catalog::attribute::show_figure(*shown), "unit": unit})
        }
        Rule::Without { words } => json!({"kind": "title", "name": "title", "op": "!=", "value": words.join(" ")}),
    };
    object["text"] = json!(constraint.text);
    object["hard"] = json!(constraint.hard);
    object
}

/// A budget as people write it: without cents when there are none.
fn plain_amount(amount: &str) -> String {
    amount.strip_suffix(".00").unwrap_or(amount).to_owned()
}

fn dimension(dimension: &DimensionAdvice) -> Value {
    let cited = |c: &crate::answer::Cited| match &c.text {
        Some(text) => json!({"kind": c.kind, "ref": c.reference, "text": text}),
        None => json!({"kind": c.kind, "ref": c.reference}),
    };
    json!({
        "id": dimension.id,
        "name": dimension.name,
        "advice": dimension.advice,
        "prefer": dimension.prefer,
        "avoid": dimension.avoid,
        "evidence": dimension.evidence.iter().map(cited).collect::<Vec<_>>(),
        "products": dimension.products.iter().map(|id| id.as_str()).collect::<Vec<_>>(),
    })
}

/// A product as it is shown.
pub fn card(card: &Card) -> Value {
    json!({
        "id": card.id.as_str(),
        "title": card.title,
        "link": card.link.as_str(),
        "image_link": card.image_link,
        "price": card.price.to_string(),
        "final_price": card.final_price.to_string(),
        "price_steps": card.price_steps.iter().map(|s| json!({"kind": s.kind, "before": s.before.to_string(), "after": s.after.to_string()})).collect::<Vec<_>>(),
        "availability": card.availability.as_str(),
        "brand": card.brand,
        "rating": card.rating,
        "review_count": card.review_count,
        "seller": card.seller,
        "reason": card.reason,
        "meets": card.meets,
        "unstated": card.unstated,
        "labels": card.labels,
        "place": (card.place > 0).then_some(card.place),
    })
}

/// The result of retrieval alone.
pub fn hits(query: &str, hits: &Hits) -> Value {
    json!({"query": query, "count": hits.total, "hits": hits.picks.iter().map(hit).collect::<Vec<_>>()})
}

fn hit(pick: &Pick) -> Value {
    let signals: serde_json::Map<String, Value> = pick.signals().iter().map(|s| (s.name.to_owned(), json!(thousandth(s.value * s.weight)))).collect();
    json!({"id": pick.id().as_str(), "score": thousandth(pick.score()), "signals": signals, "product": jsonl::to_json(pick.product())})
}

fn thousandth(value: f32) -> f64 {
    (f64::from(value) * 1e4).round() / 1e4
}

/// What an import did.
pub fn import_summary(summary: &Summary, dry: bool) -> Value {
    json!({
        "rows": summary.rows, "added": summary.added, "replaced": summary.replaced, "unchanged": summary.unchanged,
        "deleted": summary.deleted, "rejected": summary.rejected, "dry_run": dry,
        "seconds": (summary.elapsed.as_secs_f64() * 1e3).round() / 1e3,
        "rejects": summary.rejects.iter().take(100).map(reject).collect::<Vec<_>>(),
    })
}

/// A rejected row.
pub fn reject(row: &RejectedRow) -> Value {
    json!({"file": row.file, "line": row.line, "id": row.reject.id.as_ref().map(ProductId::as_str), "field": row.reject.field, "found": row.reject.found, "wanted": row.reject.wanted})
}
