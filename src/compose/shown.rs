//! Prose about products that were shown before: what their records say of what was asked, and how they compare.

use super::plain::{Writer, constraint_label};
use super::{Part, Passage, Segment};
use crate::catalog::attribute::show_figure;
use crate::catalog::{Lang, Localized};
use crate::lexicon::FieldId;
use crate::need::check::{Verdict, base_figures, order_figure};
use crate::need::{About, Constraint, Order, OrderBy, Rule, Topic, Wish};
use crate::rank::Pick;
use crate::text;

/// Longest stretch that is quoted of a review or description, in characters.
const LONGEST_QUOTE: usize = 80;
/// Attributes that an overview of a product names.
const OVERVIEW: usize = 5;

/// The passages of an answer about shown products.
pub(super) fn passages(writer: &Writer<'_>, about: &About) -> Vec<Passage> {
    let summary = match &about.wish {
        Wish::Facts(topics) => facts(writer, topics),
        Wish::Compare(_) => introduction(writer, "compare-intro"),
        Wish::See => introduction(writer, "shown-again"),
    };
    let mut passages = vec![Passage { part: Part::Summary, segments: summary }];
    if let Wish::Compare(order) = &about.wish {
        passages.push(Passage { part: Part::Verdict, segments: verdict(writer, order.as_ref()) });
    }
    passages
}

/// A sentence about all of them.
fn introduction(writer: &Writer<'_>, key: &str) -> Vec<Segment> {
    let sentence = writer.say(key, &[("products", "\u{1}")]);
    let (before, after) = sentence.split_once('\u{1}').unwrap_or((&sentence, ""));
    let mut segments = vec![Segment::Text(before.to_owned())];
    segments.extend(enumerated(writer, writer.case.shortlist.picks.iter().collect()));
    segments.push(Segment::Text(after.to_owned()));
    segments
}

fn enumerated(writer: &Writer<'_>, picks: Vec<&Pick>) -> Vec<Segment> {
    let (comma, and) = if writer.case.need.lang == Lang::Zh { ("、", "和") } else { (", ", " and ") };
    let last = picks.len().saturating_sub(1);
    let mut segments = Vec::new();
    for (at, pick) in picks.into_iter().enumerate() {
        if at > 0 {
            segments.push(Segment::Text(if at == last { and } else { comma }.to_owned()));
        }
        segments.push(Segment::Product(pick.id().clone()));
    }
    segments
}

/// "《…》：防水等级：IPX4；没有写明重量。"
fn facts(writer: &Writer<'_>, topics: &[Topic]) -> Vec<Segment> {
    let chinese = writer.case.need.lang == Lang::Zh;
    let mut segments = Vec::new();
    for (at, pick) in writer.case.shortlist.picks.iter().enumerate() {
        if at > 0 && !chinese {
            segments.push(Segment::Text(" ".to_owned()));
        }
        segments.push(Segment::Product(pick.id().clone()));
        let said = if topics.is_empty() { overview(writer, pick) } else { stated(writer, pick, topics) };
        let (colon, semicolon) = if chinese { ("：", "；") } else { (": ", "; ") };
        segments.push(Segment::Text(format!("{colon}{}{}", said.join(semicolon), writer.say("full-stop", &[]))));
    }
    segments
}

/// What is said of each topic. A name may be that of several attributes: where one of them is stated, the others are not missed.
fn stated(writer: &Writer<'_>, pick: &Pick, topics: &[Topic]) -> Vec<String> {
    let units = &writer.knowledge.lexicon.units;
    let silent = |topic: &Topic| match topic {
        Topic::Attribute(keys) => {
            keys.iter().all(|key| FieldId::Brand.as_str() != key && FieldId::Price.as_str() != key && pick.product().attribute(key).is_none())
        }
        Topic::Dimension(dimension) => pick.product().attributes.iter().all(|a| base_figures(a, dimension, units).next().is_none()),
        _ => false,
    };
    let named = |topic: &Topic| matches!(topic, Topic::Attribute(_) | Topic::Dimension(_));
    let known = topics.iter().any(|topic| named(topic) && !silent(topic));
    topics.iter().filter(|topic| !(known && silent(topic))).map(|topic| fact(writer, pick, topic)).collect()
}

fn overview(writer: &Writer<'_>, pick: &Pick) -> Vec<String> {
    let mut said = vec![fact(writer, pick, &Topic::Field(FieldId::Price))];
    let attributes = pick.product().attributes.iter().take(OVERVIEW).map(|a| Topic::Attribute(vec![a.key.clone()]));
    said.extend(attributes.map(|topic| fact(writer, pick, &topic)));
    said.push(fact(writer, pick, &Topic::Field(FieldId::Rating)));
    said
}

/// What a record says of one thing.
fn fact(writer: &Writer<'_>, pick: &Pick, topic: &Topic) -> String {
    match topic {
        Topic::Attribute(keys) => attributes(writer, pick, keys),
        Topic::Dimension(dimension) => measured(writer, pick, dimension),
        Topic::Field(id) => field(writer, pick, *id),
        Topic::Holds(constraint) => holds(writer, pick, constraint),
        Topic::Suits(known) => {
            let name = writer.knowledge.lexicon.trait_by_id(&known.id).map_or(known.text.as_str(), |t| t.name.get(writer.case.need.lang));
            suits(writer, pick, name).unwrap_or_else(|| said_of(writer, pick, &[text::phrase_key(&known.text), text::phrase_key(name)], name))
        }
        Topic::Words(words) => {
            // Buyers say the same thing in several ways: 掉色, 褪色.
            let key = text::phrase_key(words);
            let same = writer.knowledge.lexicon.aspects.iter().filter(|aspect| aspect.says(&key)).flat_map(|aspect| aspect.keys());
            let keys: Vec<String> = std::iter::once(key.clone()).chain(same).collect();
            said_of(writer, pick, &keys, words)
        }
    }
}

/// What is stated of the attributes that go by one name.
fn attributes(writer: &Writer<'_>, pick: &Pick, keys: &[String]) -> String {
    for id in [FieldId::Brand, FieldId::Price] {
        if keys.iter().any(|key| key == id.as_str()) {
            return field(writer, pick, id);
        }
    }
    let stated: Vec<String> = keys.iter().filter_map(|key| attribute(writer, pick, key)).collect();
    match (stated.is_empty(), keys.first()) {
        (true, Some(first)) => writer.say("shown-unstated", &[("name", &writer.label(first))]),
        _ => writer.list(&stated),
    }
}

/// "防水等级：IPX4".
fn attribute(writer: &Writer<'_>, pick: &Pick, key: &str) -> Option<String> {
    let value = pick.value(key, &writer.knowledge.lexicon.units, writer.case.need.lang)?;
    Some(writer.say("fact", &[("name", &writer.label(key)), ("value", &value)]))
}

fn measured(writer: &Writer<'_>, pick: &Pick, dimension: &str) -> String {
    let units = &writer.knowledge.lexicon.units;
    let stated = pick.product().attributes.iter().filter(|a| base_figures(a, dimension, units).next().is_some());
    let said: Vec<String> = stated.filter_map(|a| attribute(writer, pick, &a.key)).collect();
    if !said.is_empty() {
        return writer.list(&said);
    }
    let category = writer.case.plan.guide.as_deref().and_then(|id| writer.knowledge.taxonomy.by_id(id));
    let measured = category.and_then(|c| c.attributes.iter().find(|a| a.unit.as_deref().and_then(|u| units.find(u)).is_some_and(|u| u.dimension == dimension)));
    let name = measured.map_or_else(|| writer.say("this-figure", &[]), |a| a.name.get(writer.case.need.lang).to_owned());
    writer.say("shown-unstated", &[("name", &name)])
}

fn field(writer: &Writer<'_>, pick: &Pick, id: FieldId) -> String {
    let product = pick.product();
    let unstated = |key: &str| writer.say("shown-unstated", &[("name", &writer.say(key, &[]))]);
    let stated = |key: &str, value: &str| writer.say("fact", &[("name", &writer.say(key, &[])), ("value", value)]);
    match id {
        FieldId::Price if pick.price().steps.is_empty() => stated("price", &pick.price().total.pretty()),
        FieldId::Price => writer.say("shown-price-was", &[("price", &pick.price().total.pretty()), ("was", &product.price.pretty())]),
        FieldId::Rating => match (product.rating, product.review_count.filter(|n| *n > 0)) {
            (Some(rating), Some(count)) => {
                let rated = writer.say("reason-rating", &[("rating", &show_figure(rating)), ("count", &count.to_string())]);
                let quoted = product.reviews.iter().find_map(|r| sentence(&r.text, |_| true)).map(|quote| writer.say("shown-says", &[("quote", &quote)]));
                std::iter::once(rated).chain(quoted).collect::<Vec<_>>().join(if writer.case.need.lang == Lang::Zh { "，" } else { ", " })
            }
            _ => writer.say("reason-unrated", &[]),
        },
        FieldId::Availability => stated("stock", &writer.say(&format!("stock-{}", product.availability.as_str()), &[])),
        FieldId::Brand => product.brand.as_deref().map_or_else(|| unstated("brand"), |brand| stated("brand", brand)),
        FieldId::Seller => product.seller.as_ref().map_or_else(|| unstated("seller"), |seller| stated("seller", &seller.name)),
        FieldId::Sales => product.sales.map_or_else(|| unstated("sales"), |sales| stated("sales", &sales.to_string())),
    }
}

/// Whether it meets a wish, with what the record states; where it states nothing, what buyers say.
fn holds(writer: &Writer<'_>, pick: &Pick, constraint: &Constraint) -> String {
    let wish = constraint_label(constraint, &writer.case.need, writer.knowledge);
    let stated = match &constraint.rule {
        Rule::Price { .. } => Some(pick.price().total.pretty()),
        Rule::Value { attribute: key, .. } | Rule::Measure { attribute: key, .. } if key == FieldId::Brand.as_str() => pick.product().brand.clone(),
        Rule::Value { attribute: key, .. } | Rule::Measure { attribute: key, .. } => attribute(writer, pick, key),
        Rule::Without { .. } => None,
    };
    match (constraint.check(pick.record(), jiff::Timestamp::now(), &writer.knowledge.lexicon.units), stated) {
        (Verdict::Met, Some(fact)) => writer.say("shown-met", &[("wish", &wish), ("fact", &fact)]),
        (Verdict::Met, None) => writer.say("shown-met-title", &[("wish", &wish)]),
        (Verdict::Violated, Some(fact)) => writer.say("shown-not-met", &[("wish", &wish), ("fact", &fact)]),
        (Verdict::Violated, None) => writer.say("shown-not-met-title", &[("wish", &wish)]),
        (Verdict::Unstated, _) => {
            let words: Vec<String> = match &constraint.rule {
                Rule::Value { any_of, .. } => any_of.iter().flat_map(|v| v.words.clone()).collect(),
                _ => vec![text::phrase_key(&constraint.text)],
            };
            said_of(writer, pick, &words, &wish)
        }
    }
}

/// What the advice for somebody says of it. `None` where the guide does not speak of them.
fn suits(writer: &Writer<'_>, pick: &Pick, name: &str) -> Option<String> {
    let plan = &writer.case.plan;
    if plan.answered.is_empty() {
        return None;
    }
    let personal = |id: &&String| plan.dimension(id).is_some_and(|d| d.personal);
    let against: Vec<String> = pick.against().iter().filter(personal).filter_map(|id| plan.dimension(id)).map(|d| d.name.clone()).collect();
    let held: Vec<String> =
        pick.follows().iter().filter(|(id, _)| personal(&id)).filter_map(|(_, held)| held.first()).map(|p| p.show(writer.case.need.lang)).collect();
    Some(match (held.is_empty(), against.is_empty()) {
        (false, true) => writer.say("suits-yes", &[("for", name), ("values", &writer.list(&held))]),
        (false, false) => writer.say("suits-partly", &[("for", name), ("values", &writer.list(&held)), ("against", &writer.list(&against))]),
        (true, false) => writer.say("suits-no", &[("for", name), ("against", &writer.list(&against))]),
        (true, true) => writer.say("suits-unknown", &[("for", name)]),
    })
}

/// What buyers or the description say of some words, given as phrase keys.
fn said_of(writer: &Writer<'_>, pick: &Pick, words: &[String], name: &str) -> String {
    let product = pick.product();
    let reviews = product.reviews.iter().map(|r| (&r.text, "shown-review"));
    let texts = reviews.chain(product.description.iter().map(|d| (d, "shown-description")));
    for (source, key) in texts {
        if let Some(quote) = sentence_with(source, words) {
            return writer.say(key, &[("wish", name), ("quote", &quote)]);
        }
    }
    writer.say("shown-silent", &[("wish", name)])
}

/// The first sentence that says one of the words, given as phrase keys.
fn sentence_with(source: &Localized, words: &[String]) -> Option<String> {
    sentence(source, |sentence| {
        let key = text::phrase_key(sentence);
        words.iter().any(|word| text::value_contains(&key, word))
    })
}

/// The first sentence of a kind, cut to a bearable length. What looks like an address is never repeated.
fn sentence(source: &Localized, wanted: impl Fn(&str) -> bool) -> Option<String> {
    let clean = |sentence: &&str| !["://", "www.", "](", "@", ".com", ".cn", ".net"].iter().any(|mark| sentence.contains(mark));
    let sentences = source.each().flat_map(|text| text.split(['。', '！', '？', '!', '?', '\n', ';', '；']));
    let found = sentences.map(str::trim).filter(|s| !s.is_empty()).filter(clean).find(|s| wanted(s))?;
    Some(found.chars().filter(|c| !c.is_control()).take(LONGEST_QUOTE).collect())
}

/// Which product for which wish.
fn verdict(writer: &Writer<'_>, order: Option<&Order>) -> Vec<Segment> {
    let mut segments = Vec::new();
    if let Some(order) = order.filter(|order| !matches!(order.by, OrderBy::Price | OrderBy::Rating)) {
        segments.extend(by_order(writer, order));
    }
    segments.extend(by_advice(writer));
    let price = |p: &Pick| Some(p.price().total.minor() as f64);
    let dearest = order.is_some_and(|o| o.by == OrderBy::Price && !o.least);
    segments.extend(one_end(writer, if dearest { "compare-dearest" } else { "compare-cheapest" }, price, !dearest, |p| p.price().total.pretty()));
    let rated = |p: &Pick| p.product().rating;
    segments.extend(one_end(writer, "compare-rated", rated, false, |p| p.product().rating.map(show_figure).unwrap_or_default()));
    if segments.is_empty() {
        segments.push(Segment::Text(writer.say("compare-same", &[])));
    }
    segments
}

/// A sentence that names one product, if one alone stands at an end.
fn one_end(writer: &Writer<'_>, key: &str, figure: impl Fn(&Pick) -> Option<f64>, least: bool, show: impl Fn(&Pick) -> String) -> Vec<Segment> {
    let mut known: Vec<(f64, &Pick)> = writer.case.shortlist.picks.iter().filter_map(|p| Some((figure(p)?, p))).collect();
    known.sort_by(|a, b| if least { a.0.total_cmp(&b.0) } else { b.0.total_cmp(&a.0) });
    match known.as_slice() {
        [(best, pick), (next, _), ..] if best != next => naming(writer, key, pick, &show(pick), ""),
        _ => Vec::new(),
    }
}

fn naming(writer: &Writer<'_>, key: &str, pick: &Pick, value: &str, wish: &str) -> Vec<Segment> {
    let sentence = writer.say(key, &[("product", "\u{1}"), ("value", value), ("wish", wish)]);
    let (before, after) = sentence.split_once('\u{1}').unwrap_or((&sentence, ""));
    vec![Segment::Text(before.to_owned()), Segment::Product(pick.id().clone()), Segment::Text(after.to_owned())]
}

/// "By “lightest”: pick 2 (60 g); pick 1 does not state it."
fn by_order(writer: &Writer<'_>, order: &Order) -> Vec<Segment> {
    let units = &writer.knowledge.lexicon.units;
    let lang = writer.case.need.lang;
    let now = jiff::Timestamp::now();
    let shown = |p: &Pick| match &order.by {
        OrderBy::Sales => p.product().sales.map(|sales| sales.to_string()),
        OrderBy::Dimension(dimension) => {
            p.product().attributes.iter().find(|a| base_figures(a, dimension, units).next().is_some()).and_then(|a| p.value(&a.key, units, lang))
        }
        _ => None,
    };
    let stated = |p: &Pick| Some((order_figure(p.product(), &order.by, now, units)?, shown(p)?));
    let mut known: Vec<(f64, String, &Pick)> = writer.case.shortlist.picks.iter().filter_map(|p| stated(p).map(|(figure, shown)| (figure, shown, p))).collect();
    known.sort_by(|a, b| if order.least { a.0.total_cmp(&b.0) } else { b.0.total_cmp(&a.0) });
    let Some((_, shown, best)) = known.first() else {
        return vec![Segment::Text(writer.say("compare-nothing-stated", &[("wish", &order.text)]))];
    };
    naming(writer, "compare-order", best, shown, &order.text)
}

/// What each of them has of the advice for this shopper.
fn by_advice(writer: &Writer<'_>) -> Vec<Segment> {
    let case = writer.case;
    let english = case.need.lang == Lang::En;
    let names: Vec<String> =
        case.need.traits.iter().filter_map(|t| writer.knowledge.lexicon.trait_by_id(&t.id)).map(|t| t.name.get(case.need.lang).to_owned()).collect();
    let counts = |id: &str| case.plan.dimension(id).is_some_and(|d| names.is_empty() || d.personal);
    let held = |p: &Pick| -> Vec<String> {
        let values = p.follows().iter().filter(|(id, _)| counts(id)).filter_map(|(id, held)| Some(writer.held(p, case.plan.dimension(id)?, held.first()?)));
        values.fold(Vec::new(), |mut seen, shown| {
            if !seen.contains(&shown) {
                seen.push(shown);
            }
            seen
        })
    };
    let mut all: Vec<(&Pick, Vec<String>)> = case.shortlist.picks.iter().map(|p| (p, held(p))).collect();
    // What all of them have decides nothing.
    let common: Vec<String> =
        all.first().map(|(_, first)| first.iter().filter(|v| all.iter().all(|(_, values)| values.contains(v))).cloned().collect()).unwrap_or_default();
    all.iter_mut().for_each(|(_, values)| values.retain(|v| !common.contains(v)));
    if all.iter().all(|(_, values)| values.is_empty()) {
        return Vec::new();
    }
    let opening = if names.is_empty() { writer.say("compare-advice", &[]) } else { writer.say("compare-advice-for", &[("for", &writer.list(&names))]) };
    let mut segments = vec![Segment::Text(opening)];
    for (at, (pick, values)) in all.iter().enumerate() {
        if at > 0 {
            segments.push(Segment::Text(if english { "; " } else { "；" }.to_owned()));
        }
        segments.push(Segment::Product(pick.id().clone()));
        let key = if values.is_empty() { "compare-has-none" } else { "compare-has" };
        segments.push(Segment::Text(writer.say(key, &[("values", &writer.list(values))])));
    }
    segments.push(Segment::Text(format!("{}{}", writer.say("full-stop", &[]), if english { " " } else { "" })));
    segments
}
