//! Nothing invented: figures, links, names and attributes in prose have a source.

use std::collections::HashSet;

use serde_json::Value;

use super::{Exchange, Verdict, list};
use crate::catalog::Lang;
use crate::eval::condition::{Condition, Held, texts};
use crate::text;
use crate::text::figures as figures_of;

/// Words longer than this are looked for as a value of the vocabulary; shorter ones may be part of anything.
const SHORTEST_VALUE: (usize, usize) = (2, 4);

pub fn figures(exchange: &Exchange<'_>) -> Verdict {
    let prose = exchange.prose();
    if prose.is_empty() {
        return Verdict::DoesNotApply;
    }
    let known = known_figures(exchange);
    let faults = prose
        .iter()
        .flat_map(|(place, text)| figures_of(text).into_iter().filter(|figure| !known.contains(figure)).map(move |figure| format!("{place} says {figure}")));
    Verdict::of(faults.collect())
}

/// Every figure that prose may repeat.
fn known_figures(exchange: &Exchange<'_>) -> HashSet<String> {
    let mut texts: Vec<String> = exchange.case.turns.iter().map(|t| t.ask.clone()).collect();
    let units = &exchange.truth.knowledge.lexicon.units;
    for card in exchange.cards() {
        if let Some(record) = exchange.record(card) {
            texts.push(record.to_string());
            // The same measures as people of either language write them.
            for value in
                record["attributes"].as_object().into_iter().flat_map(|a| a.values()).flat_map(|v| v.as_array().map_or_else(|| vec![v], |l| l.iter().collect()))
            {
                if let (Some(figure), Some(unit)) = (value["value"].as_f64(), value["unit"].as_str().and_then(|u| units.find(u))) {
                    texts.extend(Lang::BOTH.map(|lang| unit.show(figure, lang)));
                }
            }
        }
        texts.push(card["final_price"].to_string());
    }
    texts.extend(cited_texts(exchange));
    texts.extend(kit_texts(exchange));
    texts.extend(list(&exchange.answer()["need"]["constraints"]).iter().map(Value::to_string));
    let mut figures: HashSet<String> = texts.iter().flat_map(|t| figures_of(t)).collect();
    figures.extend(counts(exchange).into_iter().map(|n| n.to_string()));
    figures
}

/// What a kit says in figures: people, slots, pieces, and sums that are worked out here.
fn kit_texts(exchange: &Exchange<'_>) -> Vec<String> {
    let kit = &exchange.answer()["kit"];
    let mut texts: Vec<String> = list(&kit["slots"]).iter().map(|slot| slot["quantity"].to_string()).collect();
    if kit.is_object() {
        texts.push(format!("{} {}", kit["people"], list(&kit["slots"]).len()));
    }
    if let Some((total, spare)) = super::kit::totals(exchange) {
        texts.push(total.pretty());
        texts.extend(spare.map(crate::catalog::Money::pretty));
    }
    texts
}

/// The guides, scenes and replies that an answer cites, in both languages, and its own facet texts.
fn cited_texts(exchange: &Exchange<'_>) -> Vec<String> {
    let knowledge = &exchange.truth.knowledge;
    let mut found = Vec::new();
    let both = |text: &crate::knowledge::Bilingual| [text.zh.clone(), text.en.clone()];
    let (mut guides, mut scenes): (HashSet<&str>, HashSet<&str>) = Default::default();
    scenes.extend(exchange.answer()["kit"]["scene"].as_str());
    for evidence in list(&exchange.answer()["dimensions"]).iter().flat_map(|d| list(&d["evidence"])) {
        match evidence["kind"].as_str() {
            Some("guide") => guides.extend(evidence["ref"].as_str().and_then(|r| r.split('#').next())),
            Some("scene") => scenes.extend(evidence["ref"].as_str().and_then(|r| r.split('#').next())),
            Some("facet" | "review") => found.extend(evidence["text"].as_str().map(str::to_owned)),
            _ => {}
        }
    }
    for guide in guides.into_iter().filter_map(|id| knowledge.guides.of(id)) {
        found.extend(guide.texts().flat_map(both));
    }
    for scene in knowledge.scenes.iter().filter(|scene| scenes.contains(scene.id.as_str())) {
        found.extend(scene.texts().flat_map(both));
        found.extend(scene.slots.iter().flat_map(|slot| [both(&slot.name), both(&slot.why)].concat()));
    }
    if exchange.products().is_empty() {
        // Advice and refusals are texts of the program's own data.
        found.extend(knowledge.scenes.iter().flat_map(|s| both(&s.summary)));
        found.extend(knowledge.lexicon.scope.entries.iter().flat_map(|(_, e)| both(&e.reply)));
    }
    found
}

/// Counts that may be said, worked out from the records: of all products of the categories, of those that also meet what
/// was understood, of what is shown, and those beside options and suggestions.
fn counts(exchange: &Exchange<'_>) -> HashSet<u64> {
    let answer = exchange.answer();
    let units = &exchange.truth.knowledge.lexicon.units;
    let paths: Vec<String> = list(&answer["need"]["categories"]).iter().filter_map(Value::as_str).map(crate::taxonomy::path_key).collect();
    let conditions: Vec<Condition> = list(&answer["need"]["constraints"])
        .iter()
        .filter(|c| c["hard"] == true)
        .filter_map(|c| {
            let name = c["name"].as_str().or(c["kind"].as_str())?;
            let unit = c["unit"].as_str().map_or_else(String::new, |u| format!(" {u}"));
            let operator = c["op"].as_str().map(|op| if op == "in" { "=" } else { op })?;
            Condition::parse(&format!("{name} {operator} {}{unit}", c["value"].as_str()?)).ok()
        })
        .collect();
    let (mut in_category, mut meeting) = (0, 0);
    for (_, record) in exchange.truth.records.each() {
        let inside = texts(&record["product_type"]).iter().any(|p| paths.iter().any(|w| crate::taxonomy::path_key(p).starts_with(w.as_str())));
        if inside {
            in_category += 1;
            meeting += u64::from(conditions.iter().all(|c| c.check(record, units) == Held::Met));
        }
    }
    let mut counts = HashSet::from([in_category, meeting, exchange.products().len() as u64]);
    counts.extend(list(&answer["nearest"]).iter().filter_map(|n| n["count"].as_u64()));
    counts.extend(list(&answer["question"]["options"]).iter().filter_map(|o| o["count"].as_u64()));
    // Places among the cards, and categories named as a way on with how many they hold.
    counts.extend(1..=exchange.cards().count() as u64);
    let mut by_category: std::collections::HashMap<String, u64> = std::collections::HashMap::new();
    if exchange.products().is_empty() || paths.is_empty() {
        for (_, record) in exchange.truth.records.each() {
            if let Some(path) = texts(&record["product_type"]).last() {
                *by_category.entry(path.clone()).or_default() += 1;
            }
        }
        // Where words alone choose, how many match is the program's to say.
        counts.extend(said_totals(exchange));
    }
    counts.extend(by_category.into_values());
    counts
}

/// The largest whole number of the summary where it is no larger than the catalog: how many matched.
fn said_totals(exchange: &Exchange<'_>) -> Option<u64> {
    let all = exchange.truth.records.each().count() as u64;
    let said = figures_of(exchange.answer()["summary"].as_str().unwrap_or_default());
    said.iter().filter_map(|f| f.parse::<u64>().ok()).filter(|n| *n <= all && !exchange.products().is_empty()).max()
}

pub fn links(exchange: &Exchange<'_>) -> Verdict {
    let prose = exchange.prose();
    if prose.is_empty() {
        return Verdict::DoesNotApply;
    }
    let own: Vec<String> = exchange.cards().filter_map(|c| exchange.record(c)).map(|r| text::fold(&r.to_string())).collect();
    let suspicious = |word: &str| word.contains("://") || word.starts_with("www.") || word.contains("](") || names_host(word);
    let mut faults = Vec::new();
    for (place, text) in prose {
        for word in text::fold(text).split(|c: char| c.is_whitespace() || text::is_han(c) || "，。；、（）()《》“”「」<>\"'".contains(c)) {
            let word = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '/');
            if !word.is_empty() && suspicious(word) && !own.iter().any(|record| record.contains(word)) {
                faults.push(format!("{place} carries `{word}`"));
            }
        }
    }
    Verdict::of(faults)
}

fn names_host(word: &str) -> bool {
    const ENDS: [&str; 12] = [".com", ".cn", ".net", ".org", ".example", ".io", ".shop", ".xyz", ".top", ".co", ".store", ".info"];
    let host = word.split('/').next().unwrap_or(word);
    ENDS.iter().any(|end| host.len() > end.len() && host.ends_with(end))
}

pub fn names(exchange: &Exchange<'_>) -> Verdict {
    let prose = exchange.prose();
    if prose.is_empty() {
        return Verdict::DoesNotApply;
    }
    let here: HashSet<&str> = exchange.cards().filter_map(|c| c["id"].as_str()).collect();
    let here_titles: Vec<&str> = exchange.cards().filter_map(|c| c["title"].as_str()).collect();
    let before: HashSet<&str> = exchange.earlier.iter().flat_map(|r| super::shown(&r.answer)).collect();
    let asked: Vec<&str> = exchange.case.turns.iter().map(|t| t.ask.as_str()).collect();
    let mut faults = Vec::new();
    for (place, text) in &prose {
        for (id, title) in &exchange.truth.titles {
            let said = text.contains(title.as_str());
            let own = here.contains(id.as_str()) || before.contains(id.as_str()) || here_titles.iter().any(|t| t.contains(title.as_str()));
            if said && !own && !asked.iter().any(|a| a.contains(title.as_str())) {
                faults.push(format!("{place} names `{id}`, which is not shown"));
            }
        }
        // What is set in title marks must be a title.
        for quoted in text.split('《').skip(1).filter_map(|rest| rest.split('》').next()) {
            let marked = format!("《{quoted}》");
            let is_title = |title: &str| title == quoted || (title.contains(&marked) && text.contains(title));
            if !exchange.truth.titles.iter().any(|(_, title)| is_title(title)) && !here_titles.iter().any(|title| is_title(title)) {
                faults.push(format!("{place} names 《{quoted}》, which is no product"));
            }
        }
    }
    Verdict::of(faults)
}

/// Values that a reason ascribes to its product must be in the record, in the advice, or in the shopper's words.
pub fn attributes(exchange: &Exchange<'_>) -> Verdict {
    let mut applied = false;
    let mut faults = Vec::new();
    let lang = exchange.turn.lang;
    let asked: String = exchange.case.turns.iter().map(|t| text::fold(&t.ask)).collect::<Vec<_>>().join("\n");
    let advised: String = list(&exchange.answer()["dimensions"]).iter().map(|d| text::fold(&format!("{} {} {}", d["prefer"], d["avoid"], d["name"]))).collect();
    for card in exchange.cards() {
        let (Some(reason), Some(record)) = (card["reason"].as_str(), exchange.record(card)) else { continue };
        let said = text::fold(reason);
        let own = text::fold(&record.to_string());
        for category in
            exchange.truth.knowledge.taxonomy.each().filter(|c| texts(&record["product_type"]).iter().any(|p| crate::taxonomy::path_key(p) == c.key()))
        {
            for value in category.attributes.iter().flat_map(|a| &a.values) {
                applied = true;
                let label = text::fold(if lang == Lang::Zh { &value.zh } else { &value.en });
                let long = label.chars().count() >= if lang == Lang::Zh { SHORTEST_VALUE.0 } else { SHORTEST_VALUE.1 };
                let whole = stands_alone(&said, &label);
                if long && whole && ![&own, &asked, &advised].iter().any(|source| source.contains(&label)) {
                    faults.push(format!("the reason of `{}` says `{label}`", card["id"].as_str().unwrap_or_default()));
                }
            }
        }
    }
    if applied { Verdict::of(faults) } else { Verdict::DoesNotApply }
}

/// Whether a text has the label as a whole: no letter, figure, plus or hyphen of a longer word beside it.
fn stands_alone(text: &str, label: &str) -> bool {
    let joins = |c: char| !text::is_han(c) && (c.is_alphanumeric() || c == '+' || c == '-');
    text.match_indices(label).any(|(at, _)| {
        let latin = label.chars().next_back().is_some_and(|c| !text::is_han(c));
        !latin || !(text[..at].chars().next_back().is_some_and(joins) || text[at + label.len()..].chars().next().is_some_and(joins))
    })
}

pub fn evidence(exchange: &Exchange<'_>) -> Verdict {
    let all: Vec<&Value> = list(&exchange.answer()["dimensions"]).iter().flat_map(|d| list(&d["evidence"])).collect();
    let knowledge = &exchange.truth.knowledge;
    let exists = |evidence: &&Value| {
        let reference = evidence["ref"].as_str().unwrap_or_default();
        match evidence["kind"].as_str() {
            Some("guide") => {
                let (id, rest) = reference.split_once('#').unwrap_or((reference, ""));
                let (dimension, piece) = rest.split_once('.').unwrap_or((rest, ""));
                let dimension = knowledge.guides.of(id).and_then(|g| g.dimensions.iter().find(|d| d.id == dimension));
                dimension.is_some_and(|d| piece.is_empty() || d.pieces.iter().any(|p| p.id == piece))
            }
            Some("scene") => {
                let (id, rest) = reference.split_once('#').unwrap_or((reference, ""));
                let (step, piece) = rest.split_once('.').unwrap_or((rest, ""));
                let scene = knowledge.scene(id);
                scene.and_then(|s| s.steps.iter().find(|s| s.id == step)).is_some_and(|s| s.pieces.iter().any(|p| p.id == piece))
            }
            Some("review") => reference.split_once('#').is_some_and(|(id, at)| {
                let reviews = exchange.truth.records.get(id).map(|r| list(&r["reviews"]).len()).unwrap_or(0);
                at.parse::<usize>().is_ok_and(|at| at >= 1 && at <= reviews)
            }),
            Some("facet") => {
                matches!(reference, "price" | "brand" | "reviews" | "category" | "title")
                    || exchange
                        .truth
                        .records
                        .each()
                        .any(|(_, r)| r["attributes"].as_object().is_some_and(|a| a.keys().any(|k| text::fold(k).replace(' ', "_") == reference)))
            }
            _ => false,
        }
    };
    if all.is_empty() {
        return Verdict::DoesNotApply;
    }
    Verdict::of(
        all.iter()
            .filter(|e| !exists(e))
            .map(|e| format!("no such evidence: {} `{}`", e["kind"].as_str().unwrap_or("?"), e["ref"].as_str().unwrap_or("?")))
            .collect(),
    )
}
