//! What to say next: the one question, follow-ups that the shop can answer, and notices.

use crate::answer::grounding::Frame;
use crate::answer::{Ask, CategoryLabel};
use crate::catalog::{Currency, Lang, Money};
use crate::compose::{Case, Outcome};
use crate::guide::Dimension;
use crate::index::{Vocabulary, facet_keys};
use crate::kit::Kit;
use crate::knowledge::Knowledge;
use crate::need::{Comparison, Intent, Need, Remark, Rule, Wish};
use crate::shop::{Found, Shop};

/// Choices offered with the question.
const MOST_OPTIONS: usize = 4;
/// Follow-ups offered.
const FOLLOW_UPS: usize = 3;
/// A question is asked only when so many more products match than are shown.
const WORTH_ASKING: u64 = 3;

/// The one question and the follow-ups.
struct Suggestions {
    question: Option<Ask>,
    follow_ups: Vec<String>,
}

/// What the program adds to an answer.
pub fn frame(shop: &Shop, id: &str, session: &str, found: &Found) -> Frame {
    let (knowledge, vocabulary) = (shop.knowledge(), shop.vocabulary());
    let suggestions = suggestions(&found.case, &vocabulary, knowledge, found.currency);
    Frame {
        id: id.to_owned(),
        session: session.to_owned(),
        categories: category_labels(&vocabulary, &found.case.need),
        question: suggestions.question,
        follow_ups: suggestions.follow_ups,
        notices: notices(&found.case, knowledge),
    }
}

/// The categories of a need for people, in step with them.
pub fn category_labels(vocabulary: &Vocabulary, need: &Need) -> Vec<CategoryLabel> {
    let label = |key: &str, lang: Lang| vocabulary.category_label(key, lang).unwrap_or_else(|| key.to_owned());
    let leaf = |path: String| path.rsplit(" > ").next().unwrap_or_default().to_owned();
    need.categories.iter().map(|c| CategoryLabel { path: label(&c.key, Lang::En), name: leaf(label(&c.key, need.lang)) }).collect()
}

/// Suggestions that lead on from an answer.
fn suggestions(case: &Case, vocabulary: &Vocabulary, knowledge: &Knowledge, currency: Currency) -> Suggestions {
    let say = |key: &str, fills: &[(&str, &str)]| knowledge.phrases.say(case.need.lang, key, fills);
    let question = match case.outcome {
        Outcome::Products if case.kit.is_none() => facet_question(case, vocabulary, knowledge),
        Outcome::NeedsInfo => Some(Ask {
            text: say("question-category", &[]),
            facet: "category".to_owned(),
            options: case.categories.iter().take(MOST_OPTIONS).cloned().collect(),
        }),
        _ => None,
    };
    let mut follow_ups = Vec::new();
    if let Intent::Shown(about) = &case.need.intent {
        if about.products.len() > 1 && !matches!(about.wish, Wish::Compare(_)) {
            follow_ups.push(say("follow-compare", &[]));
        }
        follow_ups.extend([say("follow-more", &[]), say("follow-less", &[])]);
        return Suggestions { question: None, follow_ups };
    }
    match case.outcome {
        Outcome::Products if case.kit.is_some() => follow_ups.extend(case.kit.as_ref().into_iter().flat_map(|kit| about_kit(kit, case, knowledge, currency))),
        Outcome::Products => {
            follow_ups.extend(other_trait(case, knowledge).map(|name| say("follow-trait", &[("trait", &name)])));
            follow_ups.extend(question.as_ref().and_then(|q| q.options.first()).map(|(value, _)| say("follow-value", &[("value", value)])));
            let cheaper = case.survey.all.price_at(0.25).and_then(|minor| round_up(minor, currency)).filter(|_| case.need.hard().all(|c| c.name() != "price"));
            follow_ups.extend(cheaper.map(|price| say("follow-cheaper", &[("price", &price.pretty())])));
            follow_ups.extend(main_value(case, vocabulary).map(|value| say("follow-without", &[("value", &value)])));
        }
        Outcome::NoMatch => {
            follow_ups.extend(case.relaxed.iter().filter_map(|r| names(&r.name, case, knowledge)).map(|names| say("follow-relax", &[("names", &names)])))
        }
        _ => {}
    }
    let categories = case.categories.iter().map(|(name, _)| say("follow-category", &[("category", name)]));
    follow_ups.extend(categories);
    follow_ups.dedup();
    follow_ups.truncate(FOLLOW_UPS);
    Suggestions { question, follow_ups }
}

/// How people call what was relaxed, in words that take it back when they are said. `None` for what has no name.
fn names(relaxed: &str, case: &Case, knowledge: &Knowledge) -> Option<String> {
    let lang = case.need.lang;
    let label = |name: &str| match name {
        "price" => Some(knowledge.phrases.say(lang, "price", &[])),
        "title" => None,
        name => knowledge.attribute_label(case.plan.guide.as_deref(), name, lang).map(str::to_owned),
    };
    let labels: Vec<String> = relaxed.split('+').map(label).collect::<Option<_>>()?;
    Some(labels.join(if lang == Lang::Zh { "不限，" } else { ", any " }).to_lowercase())
}

/// The one facet whose answer would change the picks most, of those that the plan speaks of and nobody has decided or been
/// asked about yet; see [`expected_change`].
fn facet_question(case: &Case, vocabulary: &Vocabulary, knowledge: &Knowledge) -> Option<Ask> {
    if case.survey.total < case.shortlist.picks.len() as u64 + WORTH_ASKING {
        return None;
    }
    let decided =
        |attribute: &str| case.need.constraints.iter().any(|c| c.name() == attribute && matches!(&c.rule, Rule::Value { comparison: Comparison::Equal, .. }));
    let open = case.plan.dimensions.iter().filter(|d| {
        !decided(&d.attribute) && !case.need.asked.contains(&d.attribute) && case.survey.values.get(&d.attribute).is_some_and(|values| values.len() > 1)
    });
    // Where the advice has spoken for this shopper already, the answer is half known.
    let change = |d: &Dimension| expected_change(case, &d.attribute) * if d.personal { 0.5 } else { 1.0 };
    let best = open.map(|d| (change(d), d)).filter(|(change, _)| *change > 0.0).max_by(|a, b| a.0.total_cmp(&b.0))?.1;
    let label = |key: &str| vocabulary.value_label(&best.attribute, key, case.need.lang).unwrap_or(key).to_owned();
    let options = case.survey.by_frequency(&best.attribute).into_iter().take(MOST_OPTIONS).map(|(key, count)| (label(key), count)).collect();
    Some(Ask {
        text: knowledge.phrases.say(
            case.need.lang,
            "question-facet",
            &[("name", &if case.need.lang == Lang::En { best.name.to_lowercase() } else { best.name.clone() })],
        ),
        facet: best.attribute.clone(),
        options,
    })
}

/// How much of the picks an answer about this attribute is expected to change, 0 to 1: over the values that are offered, the
/// share of matching products that have the value times the share of the picks that do not have it. A value that many
/// products have and no pick has counts most; a value that every pick has changes nothing, and neither does what the
/// shopper is unlikely to answer.
fn expected_change(case: &Case, attribute: &str) -> f64 {
    let held: Vec<Vec<String>> = case.shortlist.picks.iter().map(|p| facet_keys(p.product(), attribute).collect()).collect();
    let mut groups = case.survey.by_frequency(attribute);
    groups.truncate(MOST_OPTIONS);
    // A product may have several values of one attribute.
    let answers = groups.iter().map(|(_, count)| *count).sum::<u64>().max(case.survey.total).max(1) as f64;
    let having = |key: &String| held.iter().filter(|keys| keys.contains(key)).count() as f64 / held.len().max(1) as f64;
    groups.iter().map(|(key, count)| *count as f64 / answers * (1.0 - having(key))).sum()
}

/// What else can be asked of a kit: for more people, for less money.
fn about_kit(kit: &Kit, case: &Case, knowledge: &Knowledge, currency: Currency) -> Vec<String> {
    let say = |key: &str, fills: &[(&str, &str)]| knowledge.phrases.say(case.need.lang, key, fills);
    let mut asks = Vec::new();
    if kit.by_people && case.need.party.is_none() {
        asks.push(say("follow-people", &[("people", &(kit.people + 2).to_string())]));
    }
    // Of ideas, the dearest may be too dear.
    let dearest = kit.slots.iter().map(|slot| slot.cost.minor()).max().unwrap_or(0);
    let now = if kit.ideas { dearest } else { kit.total.minor() };
    let cheaper = round_up(now * 3 / 4, currency).filter(|price| price.minor() < now);
    if case.need.hard().all(|c| c.name() != "price") {
        let key = if kit.ideas { "follow-cheaper" } else { "follow-total" };
        asks.extend(cheaper.map(|price| say(key, &[("price", &price.pretty())])));
    }
    asks
}

/// A trait that the guide answers and the shopper has not spoken of; which one depends on the question, so that not every
/// answer offers the same.
fn other_trait(case: &Case, knowledge: &Knowledge) -> Option<String> {
    let guide = knowledge.guides.of(case.plan.guide.as_deref()?)?;
    let mut open: Vec<&str> = Vec::new();
    for id in guide.dimensions.iter().flat_map(|d| &d.pieces).flat_map(|p| p.when.sets()).filter(|set| set.len() == 1).flatten() {
        if !case.need.has_trait(id) && !open.contains(&id.as_str()) && !id.starts_with("budget") {
            open.push(id);
        }
    }
    let pick = case.question.chars().map(|c| c as usize).sum::<usize>() % open.len().max(1);
    open.get(pick).and_then(|id| knowledge.lexicon.trait_by_id(id)).map(|t| t.name.get(case.need.lang).to_owned())
}

/// The first pick's value in the plan's main dimension.
fn main_value(case: &Case, vocabulary: &Vocabulary) -> Option<String> {
    let main = case.plan.dimensions.first()?;
    // What the advice prefers is not offered to be left out.
    if case.shortlist.picks.first()?.follows_in(&main.id).is_some() {
        return None;
    }
    let first = case.shortlist.picks.first()?.product().attribute(&main.attribute)?;
    match first.values.first()? {
        crate::catalog::Value::Text(text) if vocabulary.attributes.contains_key(&main.attribute) => Some(text.get(case.need.lang).to_owned()),
        _ => None,
    }
}

/// A price rounded up to two leading digits, the second of them 0 or 5: 129 becomes 150, 1,840 becomes 2,000, 62 becomes 65.
fn round_up(minor: i64, currency: Currency) -> Option<Money> {
    let unit = 10i64.pow(currency.exponent());
    let whole = (minor + unit - 1) / unit;
    let mut power = 1;
    while power * 100 <= whole {
        power *= 10;
    }
    let step = power * 5;
    Money::from_minor((whole + step - 1) / step * step * unit, currency)
}

/// What people should know about how the answer came about.
fn notices(case: &Case, knowledge: &Knowledge) -> Vec<String> {
    let lang: Lang = case.need.lang;
    let say = |key: &str, fills: &[(&str, &str)]| knowledge.phrases.say(lang, key, fills);
    let mut notices: Vec<String> = Vec::new();
    for remark in &case.need.remarks {
        notices.push(match remark {
            Remark::Cut(count) => say("notice-cut", &[("count", &count.to_string())]),
            Remark::Converted { stated, used, rates_of } => {
                say("notice-converted", &[("stated", &stated.pretty()), ("used", &used.pretty()), ("day", rates_of)])
            }
            Remark::NoRate { stated } => say("notice-no-rate", &[("stated", &stated.pretty())]),
            Remark::BudgetLeft(text) => say("notice-budget-left", &[("text", text)]),
            Remark::NoSuchPlace(count) => say("notice-no-such-place", &[("count", &count.to_string())]),
            Remark::Outside(text) => say("notice-outside", &[("text", text)]),
            Remark::Corrected { found, taken } => say("notice-corrected", &[("found", found), ("taken", taken)]),
        });
    }
    let picks = &case.shortlist.picks;
    if case.need.more && case.kit.is_none() && !picks.is_empty() && picks.iter().all(|p| case.need.seen.contains(p.id())) {
        notices.push(say("notice-all-shown", &[]));
    }
    let mut unstated: Vec<String> = Vec::new();
    for constraint in case.need.hard().filter(|c| picks.iter().any(|p| p.unstated().iter().any(|u| u == c.name()))) {
        let name = knowledge.attribute_label(case.plan.guide.as_deref(), constraint.name(), lang);
        let name = name.map_or_else(|| constraint.name().replace('_', " "), str::to_owned);
        if !unstated.contains(&name) {
            unstated.push(name);
        }
    }
    if !unstated.is_empty() {
        notices.push(say("notice-unstated", &[("names", &knowledge.phrases.list(lang, &unstated))]));
    }
    notices
}
