//! What a case demands.

use serde_json::Value;

use super::{Exchange, Verdict, list};
use crate::eval::condition::{Condition, Held};
use crate::lexicon::Units;
use crate::taxonomy::path_key;
use crate::text;

pub fn outcome(exchange: &Exchange<'_>) -> Verdict {
    let allowed = &exchange.turn.expect.outcomes;
    if allowed.is_empty() {
        return Verdict::DoesNotApply;
    }
    let found = exchange.outcome();
    if allowed.iter().any(|o| o == found) { Verdict::Pass } else { Verdict::Fail(format!("found `{found}`, wanted {}", allowed.join(" or "))) }
}

pub fn shown(exchange: &Exchange<'_>) -> Verdict {
    let expect = &exchange.turn.expect;
    let (least, most) = (expect.least_shown(), expect.shown_at_most);
    if least == 0 && most.is_none() {
        return Verdict::DoesNotApply;
    }
    let found = exchange.products().len();
    if found < least {
        return Verdict::Fail(format!("{found} products shown, wanted at least {least}"));
    }
    match most {
        Some(most) if found > most => Verdict::Fail(format!("{found} products shown, wanted at most {most}")),
        _ => Verdict::Pass,
    }
}

/// For every shown product and condition of the case: whether the record meets it.
pub fn satisfaction(exchange: &Exchange<'_>) -> Vec<Result<(), String>> {
    let units = &exchange.truth.knowledge.lexicon.units;
    let mut pairs = Vec::new();
    for card in exchange.products() {
        let id = card["id"].as_str().unwrap_or_default();
        for condition in &exchange.turn.expect.constraints {
            pairs.push(match exchange.record(card).map(|record| condition.check(record, units)) {
                Some(Held::Met) => Ok(()),
                Some(Held::Broken(why)) => Err(format!("`{id}` breaks {why}")),
                None => Err(format!("`{id}` is not in the catalog")),
            });
        }
    }
    pairs
}

pub fn constraints(exchange: &Exchange<'_>) -> Verdict {
    let pairs = satisfaction(exchange);
    if pairs.is_empty() { Verdict::DoesNotApply } else { Verdict::of(pairs.into_iter().filter_map(Result::err).collect()) }
}

pub fn categories(exchange: &Exchange<'_>) -> Verdict {
    let wanted: Vec<String> = exchange.turn.expect.categories.iter().map(|c| path_key(c)).collect();
    if wanted.is_empty() || exchange.products().is_empty() {
        return Verdict::DoesNotApply;
    }
    let lies_in = |path: &str| wanted.iter().any(|w| path == w || path.starts_with(&format!("{w} > ")));
    let outside = exchange.products().iter().filter_map(|card| {
        let paths = exchange.record(card).map(|r| crate::eval::condition::texts(&r["product_type"])).unwrap_or_default();
        (!paths.iter().any(|p| lies_in(&path_key(p)))).then(|| format!("`{}` is in {}", card["id"].as_str().unwrap_or_default(), paths.join("/")))
    });
    Verdict::of(outside.collect())
}

pub fn dimensions(exchange: &Exchange<'_>) -> Verdict {
    let wanted = &exchange.turn.expect.dimensions;
    if wanted.is_empty() {
        return Verdict::DoesNotApply;
    }
    let found: Vec<&str> = list(&exchange.answer()["dimensions"]).iter().filter_map(|d| d["id"].as_str()).collect();
    Verdict::of(wanted.iter().filter(|w| !found.contains(&w.as_str())).map(|w| format!("no dimension `{w}`, found {}", found.join(", "))).collect())
}

pub fn must_show(exchange: &Exchange<'_>) -> Verdict {
    let (all, any) = (&exchange.turn.expect.must_show, &exchange.turn.expect.must_show_any);
    if all.is_empty() && any.is_empty() {
        return Verdict::DoesNotApply;
    }
    let shown = exchange.shown();
    let has = |id: &String| shown.contains(&id.as_str());
    let mut faults: Vec<String> = all.iter().filter(|id| !has(id)).map(|id| format!("`{id}` is not shown")).collect();
    if !any.is_empty() && !any.iter().any(has) {
        faults.push(format!("none of {} is shown", any.join(", ")));
    }
    Verdict::of(faults)
}

pub fn must_not_show(exchange: &Exchange<'_>) -> Verdict {
    let forbidden = &exchange.turn.expect.must_not_show;
    if forbidden.is_empty() {
        return Verdict::DoesNotApply;
    }
    let shown = exchange.shown();
    Verdict::of(forbidden.iter().filter(|id| shown.contains(&id.as_str())).map(|id| format!("`{id}` is shown")).collect())
}

/// Whether a constraint of the answer is the wanted one: a bare name, or name, operator and value.
fn is(constraint: &Value, wanted: &str, units: &Units) -> bool {
    let name = constraint["name"].as_str().or(constraint["kind"].as_str()).unwrap_or_default();
    let Ok(wanted) = Condition::parse(wanted) else { return name == wanted };
    let operator = constraint["op"].as_str().map(|op| if op == "in" { "=" } else { op });
    if wanted.name != name || operator != Some(wanted.comparison.operator()) {
        return false;
    }
    let value = constraint["value"].as_str().map_or_else(|| constraint["value"].to_string(), str::to_owned);
    let with_unit = constraint["unit"].as_str().map_or_else(|| value.clone(), |unit| format!("{value} {unit}"));
    let figure = |said: &str| {
        let (figure, unit) = said.split_once(' ').map_or((said, None), |(f, u)| (f, Some(u)));
        units.measure(figure.parse().ok()?, unit).map(|m| m.base)
    };
    wanted.values.iter().any(|w| match (figure(w), figure(&with_unit)) {
        (Some(w), Some(found)) => crate::need::Comparison::Equal.holds(found, w),
        _ => text::fold(&value).split('|').any(|v| v == text::fold(w) || text::fold(w).contains(v)),
    })
}

fn constraints_of<'a>(exchange: &Exchange<'a>) -> &'a [Value] {
    list(&exchange.answer()["need"]["constraints"])
}

pub fn understood(exchange: &Exchange<'_>) -> Verdict {
    let wanted = &exchange.turn.expect.understood;
    if wanted.is_empty() {
        return Verdict::DoesNotApply;
    }
    let units = &exchange.truth.knowledge.lexicon.units;
    let missing = wanted.iter().filter(|w| !constraints_of(exchange).iter().any(|c| is(c, w, units)));
    Verdict::of(missing.map(|w| format!("`{w}` was not understood, found {}", show(constraints_of(exchange)))).collect())
}

pub fn not_understood(exchange: &Exchange<'_>) -> Verdict {
    let unwanted = &exchange.turn.expect.not_understood;
    if unwanted.is_empty() {
        return Verdict::DoesNotApply;
    }
    let units = &exchange.truth.knowledge.lexicon.units;
    let found = unwanted.iter().filter(|w| constraints_of(exchange).iter().any(|c| is(c, w, units)));
    Verdict::of(found.map(|w| format!("`{w}` was understood: {}", show(constraints_of(exchange)))).collect())
}

fn show(constraints: &[Value]) -> String {
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let each =
        constraints.iter().map(|c| format!("`{} {} {}`", c["name"].as_str().or(c["kind"].as_str()).unwrap_or_default(), plain(&c["op"]), plain(&c["value"])));
    let shown: Vec<String> = each.collect();
    if shown.is_empty() { "none".to_owned() } else { shown.join(", ") }
}

pub fn persona(exchange: &Exchange<'_>) -> Verdict {
    let Some(wanted) = &exchange.turn.expect.persona else { return Verdict::DoesNotApply };
    let found = exchange.answer()["persona"].as_str().unwrap_or_default();
    if found == wanted { Verdict::Pass } else { Verdict::Fail(format!("`{found}` answered, wanted `{wanted}`")) }
}

pub fn references(exchange: &Exchange<'_>) -> Verdict {
    let expect = &exchange.turn.expect;
    if expect.refers_to.is_empty() {
        return Verdict::DoesNotApply;
    }
    let mut wanted: Vec<&str> = Vec::new();
    for reference in &expect.refers_to {
        let place = exchange.earlier.get(reference.turn - 1).and_then(|r| super::shown(&r.answer).get(reference.place - 1).copied());
        match place {
            Some(id) => wanted.push(id),
            None => return Verdict::Fail(format!("turn {} showed no product {}", reference.turn, reference.place)),
        }
    }
    let compared: Vec<&str> = list(&exchange.answer()["comparison"]["products"]).iter().filter_map(Value::as_str).collect();
    if expect.compares && compared.is_empty() {
        return Verdict::Fail("there is no comparison".to_owned());
    }
    let mut found = if compared.is_empty() { exchange.shown() } else { compared };
    found.sort_unstable();
    wanted.sort_unstable();
    if found == wanted { Verdict::Pass } else { Verdict::Fail(format!("speaks of {}, wanted {}", found.join(", "), wanted.join(", "))) }
}

pub fn no_repeats(exchange: &Exchange<'_>) -> Verdict {
    if !exchange.turn.expect.no_repeats {
        return Verdict::DoesNotApply;
    }
    let before: Vec<&str> = exchange.earlier.iter().flat_map(|r| super::shown(&r.answer)).collect();
    Verdict::of(exchange.shown().into_iter().filter(|id| before.contains(id)).map(|id| format!("`{id}` was shown before")).collect())
}

pub fn relaxes(exchange: &Exchange<'_>) -> Verdict {
    let wanted = &exchange.turn.expect.relaxes;
    if wanted.is_empty() || exchange.outcome() != "no_match" {
        return Verdict::DoesNotApply;
    }
    let found: Vec<&str> = list(&exchange.answer()["nearest"]).iter().filter_map(|n| n["relaxed"].as_str()).collect();
    let is = |wanted: &String| found.iter().any(|f| f.split('+').any(|part| part == wanted));
    if wanted.iter().any(is) { Verdict::Pass } else { Verdict::Fail(format!("relaxes {}, wanted one of {}", found.join(", "), wanted.join(", "))) }
}

fn all_prose(exchange: &Exchange<'_>) -> String {
    let prose: Vec<String> = exchange.prose().into_iter().map(|(_, text)| text::fold(text)).collect();
    prose.join("\n")
}

pub fn says(exchange: &Exchange<'_>) -> Verdict {
    let wanted = &exchange.turn.expect.says_any;
    if wanted.is_empty() {
        return Verdict::DoesNotApply;
    }
    let prose = all_prose(exchange);
    if wanted.iter().any(|w| prose.contains(&text::fold(w))) { Verdict::Pass } else { Verdict::Fail(format!("says none of {}", wanted.join(", "))) }
}

pub fn never_says(exchange: &Exchange<'_>) -> Verdict {
    let forbidden = &exchange.turn.expect.never_says;
    if forbidden.is_empty() {
        return Verdict::DoesNotApply;
    }
    // A title is the merchant's: that it is printed as text is all that can be asked.
    let titles: Vec<String> = exchange.cards().filter_map(|c| c["title"].as_str()).map(text::fold).collect();
    let prose = titles.iter().fold(all_prose(exchange), |prose, title| prose.replace(title, " "));
    Verdict::of(forbidden.iter().filter(|w| prose.contains(&text::fold(w))).map(|w| format!("says `{w}`")).collect())
}
