//! What is measured of every answer, beside what is checked.

use serde_json::Value;

use super::check::{self, Exchange, list};

/// A measure, and its definition for reports.
pub struct Metric {
    pub name: &'static str,
    pub definition: &'static str,
    /// Whether more is better; times and tokens are better when less.
    pub more_is_better: bool,
    of: fn(&Exchange<'_>) -> Option<f64>,
}

/// One measured value; `metric` is its place in [`METRICS`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measurement {
    pub metric: usize,
    pub value: f64,
}

const fn metric(name: &'static str, definition: &'static str, more_is_better: bool, of: fn(&Exchange<'_>) -> Option<f64>) -> Metric {
    Metric { name, definition, more_is_better, of }
}

/// Every metric, in the order of reports. Means are over the answers to which one applies.
pub const METRICS: [Metric; 14] = [
    metric("constraint satisfaction", "pairs of shown product and condition of the case that hold, as a share of all such pairs of the answer", true, |e| {
        share(check::satisfaction(e).iter().map(Result::is_ok))
    }),
    metric("dimension coverage", "dimensions of the case that the answer has, as a share of those the case names", true, |e| {
        let found: Vec<&str> = list(&e.answer()["dimensions"]).iter().filter_map(|d| d["id"].as_str()).collect();
        share(e.turn.expect.dimensions.iter().map(|wanted| found.contains(&wanted.as_str())))
    }),
    metric("advice tied", "products put forward in dimensions that hold a preferred value, as a share of those put forward", true, |e| {
        share(check::tied(e).iter().map(Result::is_ok))
    }),
    metric("advice followed", "shown products that hold a preferred value and nothing to avoid, as a share of those shown", true, |e| {
        share(check::followed(e).into_iter().map(|(prefer, avoid)| prefer && !avoid))
    }),
    metric("dimensions with a product", "dimensions that prefer something and put a product forward, as a share of those that prefer something", true, |e| {
        let preferring = list(&e.answer()["dimensions"]).iter().filter(|d| !list(&d["prefer"]).is_empty());
        share(preferring.map(|d| !list(&d["products"]).is_empty()))
    }),
    metric("diversity", "1 minus the mean Jaccard index of the attribute values of two shown products", true, check::diversity),
    metric("products shown", "how many products are shown as fitting, where the outcome is `products`", true, |e| {
        (e.outcome() == "products").then(|| e.products().len() as f64)
    }),
    metric("wall ms", "milliseconds from asking to the whole answer, as measured by the harness", false, |e| Some(e.reply.wall_ms)),
    metric("understand ms", "milliseconds that the answer states for understanding", false, |e| stage(e, "understand")),
    metric("retrieve ms", "milliseconds that the answer states for survey, search and ranking", false, |e| stage(e, "retrieve")),
    metric("compose ms", "milliseconds that the answer states for composing and checking", false, |e| stage(e, "compose")),
    metric("first event ms", "milliseconds that the answer states until its first event", false, |e| stage(e, "first_event")),
    metric("prompt tokens", "tokens sent to a model, as the answer states", false, |e| tokens(e, "prompt_tokens")),
    metric("completion tokens", "tokens written by a model, as the answer states", false, |e| tokens(e, "completion_tokens")),
];

/// All that applies to one answer.
pub fn measurements(exchange: &Exchange<'_>) -> Vec<Measurement> {
    let measured = METRICS.iter().enumerate().filter_map(|(metric, known)| Some(Measurement { metric, value: (known.of)(exchange)? }));
    measured.filter(|m| m.value.is_finite()).collect()
}

fn share(items: impl Iterator<Item = bool>) -> Option<f64> {
    let (held, all) = items.fold((0usize, 0usize), |(held, all), item| (held + usize::from(item), all + 1));
    (all > 0).then(|| held as f64 / all as f64)
}

fn stage(exchange: &Exchange<'_>, name: &str) -> Option<f64> {
    exchange.answer()["timing_ms"][name].as_f64()
}

fn tokens(exchange: &Exchange<'_>, name: &str) -> Option<f64> {
    // Without a model there is nothing to count.
    (exchange.answer()["model"] != Value::Null).then(|| exchange.answer()["usage"][name].as_f64()).flatten()
}

/// The value below which a share of the values lies (nearest rank).
pub fn percentile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(place.saturating_sub(1)).copied().unwrap_or(0.0)
}
