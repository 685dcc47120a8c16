//! A plan where no guide exists: the catalog's own facts.
//!
//! The attributes that best split the matching products become the dimensions. How well one splits is its coverage (share of
//! products that state it) times the evenness of its values (Shannon entropy over its largest value groups, divided by the
//! logarithm of their number): an attribute that all share, or that is different for each product, splits nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Preference;
use super::plan::{Advice, Dimension, Evidence, Plan};
use crate::catalog::attribute::show_figure;
use crate::catalog::{Currency, Lang, Money, Record};
use crate::index::analysis::Analyzer;
use crate::index::{Group, Survey, Vocabulary};
use crate::knowledge::{Bilingual, Knowledge};
use crate::need::{CategoryMatch, Comparison, Leaning, Need, Rule, WantedValue};
use crate::text;

/// Dimensions that a plan has where the catalog knows enough.
const DIMENSIONS: usize = 5;
/// Value groups that are looked at, largest first.
const MOST_GROUPS: usize = 12;
/// Values that an advice names.
const NAMED: usize = 3;
/// Least share of the matching products that must state an attribute.
const LEAST_COVERAGE: f64 = 0.15;
/// Widest ratio of the 95th to the 5th percentile of figures without a unit.
const WIDEST: f64 = 500.0;
/// Reviews that a value must have before its rating is spoken of.
const LEAST_REVIEWS: u64 = 10;

/// What the plan is made from.
pub struct Facts<'a> {
    pub survey: &'a Survey,
    pub vocabulary: &'a Vocabulary,
    pub knowledge: &'a Knowledge,
    /// Some of the matching products, for what their reviews mention.
    pub records: &'a [Arc<Record>],
    pub currency: Currency,
    pub analyzer: &'a Analyzer,
}

/// Makes a plan of the catalog's own facts. Empty when fewer than two products match.
pub fn plan(need: &Need, facts: &Facts<'_>) -> Plan {
    let mut plan = Plan::default();
    if facts.survey.total < 2 {
        return plan;
    }
    let mut attributes: Vec<(f64, &String)> = facts
        .survey
        .values
        .keys()
        .chain(facts.survey.figures.keys().map(|(attribute, _)| attribute))
        .map(|key| (splits(facts.survey, key), key))
        .filter(|(score, key)| *score > 0.0 && !settled(need, key))
        .collect();
    attributes.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    attributes.dedup_by(|a, b| a.1 == b.1);
    // What a model would look at goes first, with the values that it would look for.
    for leaning in &need.leanings {
        if let Some(dimension) = chosen(need, facts, &leaning.attribute).filter(|_| plan.dimensions.len() < DIMENSIONS - 1) {
            attributes.retain(|(_, key)| **key != leaning.attribute);
            plan.dimensions.push(leaned(leaning, dimension, facts));
        }
    }
    let reviews = mentioned(need, facts);
    let taken = plan.dimensions.len();
    let room = DIMENSIONS - 1 - usize::from(reviews.is_some());
    for (_, key) in attributes.into_iter().take(room.max(DIMENSIONS - 2).saturating_sub(taken)) {
        plan.dimensions.extend(match facts.survey.figures_of(key) {
            Some((dimension, figures)) => measured(need, facts, key, dimension, figures),
            None => chosen(need, facts, key),
        });
    }
    plan.dimensions.extend(priced(need, facts));
    if plan.dimensions.len() + usize::from(reviews.is_some()) < DIMENSIONS {
        plan.dimensions.extend(titled(need, facts));
    }
    plan.dimensions.extend(reviews);
    plan
}

/// A dimension of facts with a model's leanings in place of the best rated value.
fn leaned(leaning: &Leaning, dimension: Dimension, facts: &Facts<'_>) -> Dimension {
    let preference = |value: &WantedValue| {
        let label = |lang| facts.vocabulary.value_label(&leaning.attribute, &value.key, lang).unwrap_or(&value.key).to_owned();
        let label = Bilingual { zh: label(Lang::Zh), en: label(Lang::En) };
        Preference::Value { attribute: leaning.attribute.clone(), key: value.key.clone(), words: value.words.clone(), label }
    };
    Dimension { prefer: leaning.prefer.iter().map(preference).collect(), avoid: leaning.avoid.iter().map(preference).collect(), personal: true, ..dimension }
}

/// How well an attribute splits the products, 0 to 1.
fn splits(survey: &Survey, attribute: &str) -> f64 {
    let total = survey.all.count.max(1) as f64;
    let stated = survey.stated.get(attribute).copied().unwrap_or(0) as f64;
    let coverage = stated / total;
    if coverage < LEAST_COVERAGE {
        return 0.0;
    }
    if let Some((_, figures)) = survey.figures_of(attribute) {
        let (first, last) = (figures.first(), figures.last());
        // Figures that differ split as well as an even choice of a few.
        return if first == last { 0.0 } else { 0.6 * coverage };
    }
    let Some(values) = survey.values.get(attribute) else { return 0.0 };
    let mut counts: Vec<u64> = values.values().map(|group| group.count).collect();
    counts.sort_unstable_by(|a, b| b.cmp(a));
    if counts.len() < 2 || (counts.len() > MOST_GROUPS && counts.first().is_some_and(|most| (*most as f64) < total * 0.03)) {
        return 0.0;
    }
    counts.truncate(MOST_GROUPS);
    let sum: u64 = counts.iter().sum();
    let entropy: f64 = counts.iter().map(|count| *count as f64 / sum as f64).map(|share| -share * share.ln()).sum();
    let brand_counts_less = if attribute == "brand" { 0.6 } else { 1.0 };
    coverage.min(1.0) * entropy / (counts.len() as f64).ln() * brand_counts_less
}

/// Whether the shopper has decided this already.
fn settled(need: &Need, attribute: &str) -> bool {
    need.hard().any(|c| matches!(&c.rule, Rule::Value { attribute: known, comparison: Comparison::Equal, any_of } if known == attribute && any_of.len() == 1))
}

fn name(need: &Need, facts: &Facts<'_>, attribute: &str) -> String {
    if attribute == "brand" {
        return facts.knowledge.phrases.say(need.lang, "brand", &[]);
    }
    let has = |c: &&CategoryMatch| c.id.as_deref().and_then(|id| facts.knowledge.taxonomy.by_id(id)).is_some_and(|c| c.attribute(attribute).is_some());
    let of_category = need.categories.iter().find(has);
    let known = facts.knowledge.attribute_label(of_category.and_then(|c| c.id.as_deref()), attribute, need.lang);
    let own = facts.vocabulary.attributes.get(attribute).and_then(|a| a.name.as_ref()).map(|n| n.get(need.lang).replace('_', " "));
    known.map(str::to_owned).or(own).unwrap_or_else(|| attribute.replace('_', " "))
}

fn pretty(facts: &Facts<'_>, minor: i64) -> String {
    Money::from_minor(minor, facts.currency).map(Money::pretty).unwrap_or_default()
}

/// A dimension that states facts and, so far, prefers nothing.
fn of_facts(id: &str, name: String, attribute: &str, text: String, evidence: Evidence) -> Dimension {
    Dimension {
        id: id.to_owned(),
        name,
        attribute: attribute.to_owned(),
        advice: vec![Advice { text, evidence }],
        prefer: Vec::new(),
        avoid: Vec::new(),
        personal: false,
    }
}

/// "oak (6, middle price $350)".
fn describe(need: &Need, facts: &Facts<'_>, label: &str, group: &Group) -> String {
    let middle = group.price_at(0.5).map(|minor| pretty(facts, minor)).unwrap_or_default();
    facts.knowledge.phrases.say(need.lang, "facet-group", &[("value", label), ("count", &group.count.to_string()), ("price", &middle)])
}

/// A dimension of a choice: the largest groups with their counts and middle prices, and the best rated one.
fn chosen(need: &Need, facts: &Facts<'_>, attribute: &str) -> Option<Dimension> {
    let say = |key: &str, fills: &[(&str, &str)]| facts.knowledge.phrases.say(need.lang, key, fills);
    let values = facts.survey.values.get(attribute)?;
    let label = |key: &str| facts.vocabulary.value_label(attribute, key, need.lang).unwrap_or(key).to_owned();
    let mut groups: Vec<(&String, &Group)> = values.iter().collect();
    groups.sort_by(|a, b| b.1.count.cmp(&a.1.count).then_with(|| a.0.cmp(b.0)));
    let listed: Vec<String> = groups.iter().take(NAMED).map(|(key, group)| describe(need, facts, &label(key), group)).collect();
    let name = name(need, facts, attribute);
    let stated = facts.survey.stated.get(attribute).copied().unwrap_or(0).to_string();
    let list = facts.knowledge.phrases.list(need.lang, &listed);
    let counts = say("facet-choice", &[("name", &name), ("stated", &stated), ("list", &list)]);
    let mut text = counts;
    let mut prefer = Vec::new();
    let rated = groups.iter().filter(|(_, g)| g.count >= 2 && g.rating_weight.1 >= LEAST_REVIEWS).filter_map(|(key, g)| g.rating().map(|r| (r, *key, *g)));
    let best = rated.max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)));
    if let Some((rating, key, group)) = best.filter(|(rating, ..)| facts.survey.all.rating().is_some_and(|mean| *rating > mean + 0.02)) {
        let fills = [("value", label(key)), ("rating", show_figure((rating * 10.0).round() / 10.0)), ("reviews", group.rating_weight.1.to_string())];
        let fills: Vec<(&str, &str)> = fills.iter().map(|(name, text)| (*name, text.as_str())).collect();
        text.push_str(&say("facet-best-rated", &fills));
        let both = Bilingual { zh: label(key), en: label(key) };
        prefer.push(Preference::Value { attribute: attribute.to_owned(), key: key.clone(), words: vec![text::phrase_key(&label(key))], label: both });
    } else if let (Some((first, a)), Some((second, b))) = (groups.first(), groups.get(1))
        && let (Some(a), Some(b)) = (a.price_at(0.5), b.price_at(0.5))
        && a != b
    {
        let (cheaper, dearer) = if a < b { (first, second) } else { (second, first) };
        text.push_str(&say(
            "facet-cheaper",
            &[("cheaper", &label(cheaper)), ("dearer", &label(dearer)), ("low", &pretty(facts, a.min(b))), ("high", &pretty(facts, a.max(b)))],
        ));
    }
    let evidence = Evidence::Facet { attribute: attribute.to_owned(), text: text.clone() };
    Some(Dimension { prefer, ..of_facts(attribute, name, attribute, text, evidence) })
}

/// A dimension of a number: its range and the middle half.
fn measured(need: &Need, facts: &Facts<'_>, attribute: &str, dimension: &str, figures: &[f64]) -> Option<Dimension> {
    let unit = facts.vocabulary.attributes.get(attribute)?.unit_of(dimension, &facts.knowledge.lexicon.units);
    if unit.is_none() && (figures.get(figures.len() * 19 / 20)? / figures.get(figures.len() / 20)?.max(1e-9)) > WIDEST {
        // Figures without a unit that differ so much are of several units.
        return None;
    }
    let show = |base: f64| unit.map_or_else(|| show_figure(base), |unit| unit.show(base / unit.factor, need.lang));
    let at = |share: f64| figures.get(((share * figures.len() as f64).ceil() as usize).saturating_sub(1)).copied().map(show).unwrap_or_default();
    let name = name(need, facts, attribute);
    let (least, low, high, most) = (show(*figures.first()?), at(0.25), at(0.75), show(*figures.last()?));
    let stated = facts.survey.stated.get(attribute).copied().unwrap_or(0).to_string();
    let text = facts.knowledge.phrases.say(
        need.lang,
        "facet-number",
        &[("name", &name), ("stated", &stated), ("least", &least), ("low", &low), ("high", &high), ("most", &most)],
    );
    let evidence = Evidence::Facet { attribute: attribute.to_owned(), text: text.clone() };
    Some(of_facts(attribute, name, attribute, text, evidence))
}

/// Price as a dimension.
fn priced(need: &Need, facts: &Facts<'_>) -> Option<Dimension> {
    let all = &facts.survey.all;
    let at = |share: f64| all.price_at(share).map(|minor| pretty(facts, minor));
    let (least, low, high, most) = (at(0.0)?, at(0.25)?, at(0.75)?, at(1.0)?);
    let total = all.count.to_string();
    let phrases = &facts.knowledge.phrases;
    let text = phrases.say(
        need.lang,
        if least == most { "facet-one-price" } else { "facet-price" },
        &[("total", &total), ("least", &least), ("low", &low), ("high", &high), ("most", &most)],
    );
    let evidence = Evidence::Facet { attribute: "price".to_owned(), text: text.clone() };
    let name = phrases.say(need.lang, "price", &[]);
    Some(of_facts("price", name, "price", text, evidence))
}

/// Where records state little: the words in which the titles differ, held by some of the products and not by all.
fn titled(need: &Need, facts: &Facts<'_>) -> Option<Dimension> {
    let mut words: BTreeMap<String, Group> = BTreeMap::new();
    for record in facts.records {
        let mut seen: Vec<String> = facts.analyzer.words(record.title.get(need.lang));
        seen.retain(|word| {
            word.chars().count() > 1 && word.chars().any(char::is_alphabetic) && !need.words.iter().any(|w| text::fold(&w.said).contains(word.as_str()))
        });
        seen.sort();
        seen.dedup();
        for word in seen {
            let group = words.entry(word).or_default();
            group.count += 1;
            group.prices.push(record.price.minor());
        }
    }
    words.values_mut().for_each(|group| group.prices.sort_unstable());
    let most = facts.records.len() as u64;
    let mut groups: Vec<(&String, &Group)> = words.iter().filter(|(_, g)| g.count >= 2 && g.count < most).collect();
    groups.sort_by(|a, b| b.1.count.cmp(&a.1.count).then_with(|| b.0.chars().count().cmp(&a.0.chars().count())).then_with(|| a.0.cmp(b.0)));
    let say = |key: &str, fills: &[(&str, &str)]| facts.knowledge.phrases.say(need.lang, key, fills);
    let listed: Vec<String> = groups.iter().take(NAMED).map(|(word, group)| describe(need, facts, word, group)).collect();
    if listed.is_empty() {
        return None;
    }
    let text = say("facet-titles", &[("read", &most.to_string()), ("list", &facts.knowledge.phrases.list(need.lang, &listed))]);
    let evidence = Evidence::Facet { attribute: "title".to_owned(), text: text.clone() };
    Some(of_facts("kind", say("kind", &[]), "title", text, evidence))
}

/// What buyers mention, counted over reviews; only what at least two of them say.
fn mentioned(need: &Need, facts: &Facts<'_>) -> Option<Dimension> {
    let aspects = &facts.knowledge.lexicon.aspects;
    let keys: Vec<Vec<String>> = aspects.iter().map(|a| a.zh.iter().chain(&a.en).map(|p| text::phrase_key(p)).collect()).collect();
    let mut counts = vec![(0usize, None::<String>); aspects.len()];
    let mut read = 0usize;
    for record in facts.records {
        for (place, review) in record.reviews.iter().enumerate() {
            read += 1;
            let texts: Vec<String> = review.text.each().map(text::phrase_key).collect();
            for (at, phrases) in keys.iter().enumerate() {
                if texts.iter().any(|t| phrases.iter().any(|p| text::key_contains(t, p))) {
                    counts[at].0 += 1;
                    counts[at].1.get_or_insert_with(|| format!("{}#{}", record.id, place + 1));
                }
            }
        }
    }
    let best = |good: bool| {
        let mut list: Vec<(usize, usize)> =
            counts.iter().enumerate().filter(|(at, (n, _))| *n >= 2 && aspects[*at].good == good).map(|(at, (n, _))| (*n, at)).collect();
        list.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        list.truncate(NAMED);
        list
    };
    let (praise, complaints) = (best(true), best(false));
    let first = praise.first().or(complaints.first())?.1;
    let reference = counts.get(first)?.1.clone()?;
    let show = |list: &[(usize, usize)]| {
        let items: Vec<String> = list
            .iter()
            .map(|(n, at)| facts.knowledge.phrases.say(need.lang, "mention", &[("aspect", aspects[*at].name.get(need.lang)), ("count", &n.to_string())]))
            .collect();
        facts.knowledge.phrases.list(need.lang, &items)
    };
    let key = match (praise.is_empty(), complaints.is_empty()) {
        (false, false) => "facet-reviews-both",
        (false, true) => "facet-reviews-praise",
        _ => "facet-reviews-complaints",
    };
    let text = facts.knowledge.phrases.say(need.lang, key, &[("read", &read.to_string()), ("praise", &show(&praise)), ("complaints", &show(&complaints))]);
    let name = facts.knowledge.phrases.say(need.lang, "reviews", &[]);
    let evidence = Evidence::Review { reference, text: text.clone() };
    Some(of_facts("reviews", name, "reviews", text, evidence))
}
