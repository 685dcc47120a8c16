//! The built-in composer: natural prose from guides, facts and phrases. It is a finished product, not a fallback message.

use super::{Case, Outcome, Part, Passage, Segment};
use crate::catalog::Value;
use crate::catalog::attribute::show_figure;
use crate::guide::{Dimension, Preference};
use crate::kit::Kit;
use crate::knowledge::Knowledge;
use crate::need::{Comparison, Constraint, Intent, Need, Rule};
use crate::rank::Pick;
use crate::text;

/// Preferred values that a reason names.
const NAMED_VALUES: usize = 3;
/// Longest quote that counts as a code of both languages.
const LONGEST_CODE: usize = 8;
/// Most characters of the shopper's words that a sentence repeats.
const LONGEST_QUOTE: usize = 40;
/// Products that one dimension names.
const NAMED_PICKS: usize = 2;

/// Writes an answer: its passages in the order in which they are read.
pub fn compose(case: &Case, knowledge: &Knowledge) -> Vec<Passage> {
    Writer { case, knowledge }.passages()
}

/// A case, and the words to write about it.
pub(super) struct Writer<'a> {
    pub case: &'a Case,
    pub knowledge: &'a Knowledge,
}

impl Writer<'_> {
    fn passages(&self) -> Vec<Passage> {
        let mut passages = match &self.case.need.intent {
            Intent::Shown(about) if !self.case.shortlist.picks.is_empty() => super::shown::passages(self, about),
            _ => vec![text_passage(Part::Summary, self.summary())],
        };
        let spoken_of = matches!(self.case.need.intent, Intent::Shown(_));
        if !spoken_of && matches!(self.case.outcome, Outcome::Products | Outcome::NoMatch | Outcome::Advice) {
            for (place, dimension) in self.case.plan.dimensions.iter().enumerate() {
                passages.push(self.dimension(dimension, place));
            }
        }
        for pick in self.case.picks() {
            passages.push(text_passage(Part::Reason(pick.id().clone()), self.reason(pick)));
        }
        passages
    }

    pub(super) fn say(&self, key: &str, fills: &[(&str, &str)]) -> String {
        self.knowledge.phrases.say(self.case.need.lang, key, fills)
    }

    pub(super) fn list(&self, items: &[String]) -> String {
        self.knowledge.phrases.list(self.case.need.lang, items)
    }

    fn summary(&self) -> String {
        let case = self.case;
        if let Some(reply) = &case.reply {
            return reply.clone();
        }
        if let Some(kit) = &case.kit {
            return self.kit_summary(kit);
        }
        if let Some(lead) = &case.lead {
            // What was asked of the shop is answered first.
            let rest = matches!(case.outcome, Outcome::Products | Outcome::NoMatch).then(|| self.outcome_summary());
            return join(case.need.lang, &[Some(lead.clone()), rest].into_iter().flatten().collect::<Vec<_>>());
        }
        self.outcome_summary()
    }

    fn outcome_summary(&self) -> String {
        let case = self.case;
        let categories: Vec<String> =
            case.categories.iter().take(4).map(|(name, count)| self.say("category-count", &[("category", name), ("count", &count.to_string())])).collect();
        let categories = self.list(&categories);
        match case.outcome {
            Outcome::Products => self.products_summary(),
            Outcome::NoMatch => self.no_match_summary(),
            Outcome::NotCarried => {
                let what = case
                    .need
                    .goods
                    .first()
                    .map(|g| g.text.clone())
                    .or_else(|| case.need.words.first().map(|w| w.said.clone()))
                    .unwrap_or_else(|| case.question.chars().take(20).collect());
                let unclear = case.need.goods.is_empty() && case.need.words.len() > 1;
                let key = match (case.categories.is_empty(), unclear) {
                    (true, _) => "not-carried-alone",
                    (false, true) => "not-clear",
                    (false, false) => "not-carried",
                };
                // A quote of a whole page says nothing.
                let what: String = what.chars().take(LONGEST_QUOTE).collect();
                self.say(key, &[("what", &what), ("nearest", &categories)])
            }
            Outcome::NeedsInfo => self.say("needs-info", &[("categories", &categories)]),
            Outcome::Advice if case.plan.general.is_some() => case.plan.general.clone().unwrap_or_default(),
            Outcome::Advice | Outcome::OutOfScope | Outcome::Unsafe => self.say("out-of-scope", &[("categories", &categories)]),
        }
    }

    fn products_summary(&self) -> String {
        let case = self.case;
        let mut sentences = Vec::new();
        let understood = self.understood();
        let shown = case.shortlist.picks.len().to_string();
        let total = case.shortlist.total.to_string();
        let what = self.category_name();
        let key = match (understood.is_empty(), case.shortlist.picks.len() == 1 && case.shortlist.total == 1) {
            (true, false) => "picked",
            (true, true) => "picked-one",
            (false, false) => "picked-for",
            (false, true) => "picked-one-for",
        };
        sentences.push(self.say(key, &[("for", &understood), ("total", &total), ("shown", &shown), ("what", &what)]));
        sentences.extend(case.plan.general.clone());
        join(case.need.lang, &sentences)
    }

    /// What to know, what the kit comes to, and what can be left out.
    fn kit_summary(&self, kit: &Kit) -> String {
        let lang = self.case.need.lang;
        let people = kit.people.to_string();
        let total = kit.total.pretty();
        if self.case.outcome == Outcome::NoMatch {
            let budget = self.case.relaxed.first().map(|r| r.text.clone()).unwrap_or_default();
            return self.say(
                if kit.by_people { "kit-too-dear" } else { "kit-too-dear-plain" },
                &[("people", &people), ("count", &kit.slots.len().to_string()), ("total", &total), ("budget", &budget)],
            );
        }
        let mut sentences: Vec<String> = self.case.plan.general.iter().cloned().collect();
        if kit.ideas {
            sentences.push(self.say("kit-ideas", &[("count", &kit.slots.len().to_string())]));
            return join(lang, &sentences);
        }
        let key = match (kit.by_people, kit.people) {
            (false, _) => "kit-total-plain",
            (true, 1) => "kit-total-one",
            (true, _) => "kit-total",
        };
        sentences.push(self.say(key, &[("people", &people), ("count", &kit.slots.len().to_string()), ("total", &total)]));
        if let Some((spare, cost)) = kit.spare() {
            let names: Vec<String> = spare.iter().map(|slot| slot.name.clone()).collect();
            sentences.push(self.say("kit-spare", &[("names", &self.list(&names)), ("cost", &cost.pretty())]));
        }
        if !kit.left_out.is_empty() {
            sentences.push(self.say("kit-left-out", &[("names", &self.list(&kit.left_out))]));
        }
        if !kit.missing.is_empty() {
            sentences.push(self.say("kit-missing", &[("names", &self.list(&kit.missing))]));
        }
        join(lang, &sentences)
    }

    fn no_match_summary(&self) -> String {
        let case = self.case;
        let relative = |c: &Constraint| self.knowledge.lexicon.dialogue.is_relative(&c.text);
        let hard = case.need.constraints.iter().enumerate().filter(|(_, c)| c.hard);
        let said = hard.filter_map(|(place, c)| if relative(c) { case.constraint_labels.get(&place).cloned() } else { Some(c.text.clone()) });
        let wanted: Vec<String> = said.fold(Vec::new(), |mut seen, text| {
            if !seen.contains(&text) {
                seen.push(text);
            }
            seen
        });
        let wanted = self.list(&wanted);
        let what = self.category_name();
        let mut sentences = vec![self.say("no-match", &[("what", &what), ("wanted", &wanted)])];
        match case.relaxed.first() {
            Some(relaxed) => sentences.push(self.say("no-match-relax", &[("constraint", &relaxed.text), ("count", &relaxed.count.to_string())])),
            None => sentences.push(self.say("no-match-alone", &[])),
        }
        join(case.need.lang, &sentences)
    }

    /// "圆脸、300 元以内": what the shopper said of themselves and of the product.
    fn understood(&self) -> String {
        let need = &self.case.need;
        let traits = need.traits.iter().filter_map(|t| self.knowledge.lexicon.trait_by_id(&t.id)).map(|t| t.name.get(need.lang).to_owned());
        let mut items: Vec<String> = traits.collect();
        for label in self.case.constraint_labels.values() {
            if !items.contains(label) {
                items.push(label.clone());
            }
        }
        self.list(&items)
    }

    pub(super) fn category_name(&self) -> String {
        let need = &self.case.need;
        match need.categories.as_slice() {
            [one, ..] if need.categories.iter().all(|c| c.id == one.id) => match one.id.as_deref().and_then(|id| self.knowledge.taxonomy.by_id(id)) {
                Some(known) => known.label(need.lang).to_owned(),
                None => one.key.rsplit(" > ").next().unwrap_or(&one.key).to_owned(),
            },
            [] => match need.words.first() {
                Some(words) => self.say("quoted", &[("words", &words.said)]),
                None => self.say("products", &[]),
            },
            _ => self.say("products", &[]),
        }
    }

    fn dimension(&self, dimension: &Dimension, place: usize) -> Passage {
        let case = self.case;
        let mut segments: Vec<Segment> = Vec::new();
        let advice: Vec<String> = dimension.advice.iter().map(|a| a.text.clone()).collect();
        segments.push(Segment::Text(join(case.need.lang, &advice)));
        // Only what is shown as fitting is named; what a relaxed wish would give stays apart.
        let mut fitting: Vec<(usize, &Pick, &[Preference])> =
            case.shortlist.picks.iter().enumerate().filter_map(|(at, p)| p.follows_in(&dimension.id).map(|held| (at, p, held))).collect();
        if case.kit.is_none() {
            // Each dimension names two, and begins with another one than the dimension before.
            let count = fitting.len().max(1);
            fitting.rotate_left(place % count);
            fitting.truncate(NAMED_PICKS);
            fitting.sort_by_key(|(at, ..)| *at);
        }
        if !fitting.is_empty() {
            let english = case.need.lang == crate::catalog::Lang::En;
            let key = match (&case.kit, fitting.len()) {
                (Some(kit), _) if kit.ideas => "idea-step",
                (Some(_), _) => "kit-step",
                (None, 1) => "dimension-pick",
                (None, _) => "dimension-picks",
            };
            let sentence = self.knowledge.phrases.say_seeded(case.need.lang, key, place, &[("products", "\u{1}")]);
            let (before, after) = sentence.split_once('\u{1}').unwrap_or((&sentence, ""));
            segments.push(Segment::Text(format!("{}{before}", if english { " " } else { "" })));
            for (at, (_, pick, held)) in fitting.iter().enumerate() {
                if at > 0 {
                    let last = at + 1 == fitting.len();
                    let joiner = match (english, last) {
                        (true, true) => " and ",
                        (true, false) => ", ",
                        (false, true) => "和",
                        (false, false) => "、",
                    };
                    segments.push(Segment::Text(joiner.to_owned()));
                }
                segments.push(Segment::Product(pick.id().clone()));
                if let Some(filled) = case.kit.as_ref().and_then(|kit| kit.slot_of(pick.id())) {
                    let key = match (&case.kit, filled.products.first() == Some(pick.id())) {
                        (Some(kit), _) if kit.ideas => "kit-idea",
                        (_, true) => "kit-quantity",
                        (_, false) => "kit-instead",
                    };
                    segments.push(Segment::Text(self.say(key, &[("slot", &filled.name), ("quantity", &filled.quantity.to_string())])));
                } else if let Some(first) = held.first() {
                    let shown = self.held(pick, dimension, first);
                    segments.push(Segment::Text(if english { format!(" ({shown})") } else { format!("（{shown}）") }));
                }
            }
            segments.push(Segment::Text(after.to_owned()));
        }
        Passage { part: Part::Dimension(dimension.id.clone()), segments }
    }

    /// What the record holds of a preferred value: its label, or for a number the record's own figure.
    pub(super) fn held(&self, pick: &Pick, dimension: &Dimension, preference: &Preference) -> String {
        let lang = self.case.need.lang;
        match preference {
            Preference::Value { .. } => preference.show(lang),
            Preference::Range { attribute, .. } => {
                let name = self.attribute_name(attribute, dimension);
                pick.value(attribute, &self.knowledge.lexicon.units, lang)
                    .map_or_else(|| preference.show(lang), |value| if value.contains(&name) { value } else { format!("{name} {value}") })
            }
        }
    }

    fn attribute_name(&self, attribute: &str, dimension: &Dimension) -> String {
        if dimension.attribute == attribute && self.known_label(attribute).is_none() { dimension.name.clone() } else { self.label(attribute) }
    }

    fn known_label(&self, attribute: &str) -> Option<&str> {
        self.knowledge.attribute_label(self.case.plan.guide.as_deref(), attribute, self.case.need.lang)
    }

    /// What people call an attribute: as its category does, as most feeds do, or as a shown record does.
    pub(super) fn label(&self, attribute: &str) -> String {
        let written =
            || self.case.picks().find_map(|p| p.product().attribute(attribute)).map_or(attribute, |a| a.name.get(self.case.need.lang)).replace('_', " ");
        self.known_label(attribute).map_or_else(written, str::to_owned)
    }

    /// Why this product: what it has of the advice, what it meets of the wishes, what buyers say, what is not known.
    fn reason(&self, pick: &Pick) -> String {
        let case = self.case;
        let mut clauses: Vec<String> = Vec::new();
        if let Some(filled) = case.kit.as_ref().and_then(|kit| kit.slot_of(pick.id())) {
            clauses.push(filled.why.trim_end_matches(['。', '.']).to_owned());
        }
        let personal = |id: &str| case.plan.dimension(id).is_some_and(|d| d.personal);
        let mut follows: Vec<&(String, Vec<Preference>)> = pick.follows().iter().collect();
        follows.sort_by_key(|(id, _)| !personal(id));
        let mut held: Vec<String> = Vec::new();
        for (id, preferences) in follows {
            if let (Some(dimension), Some(first)) = (case.plan.dimension(id), preferences.first()) {
                let value = self.held(pick, dimension, first);
                if !held.contains(&value) {
                    held.push(value);
                }
            }
        }
        held.truncate(NAMED_VALUES);
        // In a kit it is the slot that says why.
        if !held.is_empty() && case.kit.is_none() {
            clauses.push(self.say("reason-follows", &[("values", &self.list(&held))]));
        }
        let met: Vec<String> = case
            .need
            .constraints
            .iter()
            .enumerate()
            .filter(|(_, c)| c.hard && pick.meets().iter().any(|m| m == c.name()))
            .filter_map(|(place, c)| self.met(c, pick, place))
            .fold(Vec::new(), |mut seen, text| {
                if !seen.contains(&text) && !held.contains(&text) {
                    seen.push(text);
                }
                seen
            });
        if !met.is_empty() {
            clauses.push(self.say("reason-meets", &[("wishes", &self.list(&met))]));
        }
        let product = pick.product();
        if held.is_empty() && met.is_empty() {
            clauses.extend(self.facts(pick));
        }
        match (product.rating, product.review_count.filter(|n| *n > 0)) {
            (Some(rating), Some(count)) => clauses.push(self.say("reason-rating", &[("rating", &show_figure(rating)), ("count", &count.to_string())])),
            _ => clauses.push(self.say("reason-unrated", &[])),
        }
        clauses.join(if case.need.lang == crate::catalog::Lang::Zh { "；" } else { "; " }) + &self.say("full-stop", &[])
    }

    /// How a pick meets a constraint, with the record's own value.
    fn met(&self, constraint: &Constraint, pick: &Pick, place: usize) -> Option<String> {
        let lang = self.case.need.lang;
        match &constraint.rule {
            Rule::Price { .. } => Some(self.say("within-budget", &[("price", &pick.price().total.pretty())])),
            Rule::Measure { attribute, .. } => {
                let value = pick.value(attribute, &self.knowledge.lexicon.units, lang);
                value.or_else(|| self.case.constraint_labels.get(&place).cloned())
            }
            Rule::Value { attribute, comparison: Comparison::Equal, any_of } => {
                let wanted = |v: &&Value| v.keys().iter().any(|key| any_of.iter().any(|w| w.is(key)));
                let values =
                    pick.product().attribute(attribute).map(|a| a.values.iter().filter(wanted).map(|v| v.show(lang)).collect::<Vec<_>>()).unwrap_or_default();
                if values.is_empty() { self.case.constraint_labels.get(&place).cloned() } else { Some(values.join(" / ")) }
            }
            Rule::Value { .. } | Rule::Without { .. } => self.case.constraint_labels.get(&place).cloned(),
        }
    }

    /// Two facts of the record, where neither advice nor wishes speak.
    fn facts(&self, pick: &Pick) -> Option<String> {
        let lang = self.case.need.lang;
        let stated = pick.product().attributes.iter().take(2);
        let facts: Vec<String> = stated
            .filter_map(|a| {
                let value = pick.value(&a.key, &self.knowledge.lexicon.units, lang)?;
                let name = self.label(&a.key);
                Some(self.say("fact", &[("name", &name), ("value", &value.chars().take(60).collect::<String>())]))
            })
            .collect();
        (!facts.is_empty()).then(|| self.list(&facts))
    }
}

/// How a constraint reads: the shopper's words where they are in the answer's language, else the rule.
pub fn constraint_label(constraint: &Constraint, need: &Need, knowledge: &Knowledge) -> String {
    let letters = constraint.text.chars().any(char::is_alphabetic);
    // "SPF50" reads the same in both languages.
    let code =
        constraint.text.chars().count() <= LONGEST_CODE && constraint.text.chars().any(|c| c.is_ascii_digit()) && text::han_share(&constraint.text) == 0.0;
    let relative = knowledge.lexicon.dialogue.is_relative(&constraint.text);
    if !constraint.text.is_empty() && !relative && (!letters || code || crate::catalog::Lang::of(&constraint.text) == need.lang) {
        return constraint.text.clone();
    }
    let bound = |comparison: Comparison, figure: &str| match comparison {
        Comparison::LessThan if relative => knowledge.phrases.say(need.lang, "below", &[("amount", figure)]),
        Comparison::MoreThan if relative => knowledge.phrases.say(need.lang, "above", &[("amount", figure)]),
        other => format!("{} {figure}", other.sign()),
    };
    match &constraint.rule {
        Rule::Price { comparison, amount, .. } => bound(*comparison, &amount.pretty()),
        Rule::Measure { comparison, shown, unit, .. } => {
            bound(*comparison, &knowledge.lexicon.units.find(unit).map_or_else(|| show_figure(*shown), |u| u.show(*shown, need.lang)))
        }
        Rule::Value { attribute, comparison, any_of } => {
            let values = any_of.iter().map(|v| value_label(attribute, &v.key, need, knowledge)).collect::<Vec<_>>().join(" / ");
            if *comparison == Comparison::NotEqual { format!("≠ {values}") } else { values }
        }
        Rule::Without { .. } => constraint.text.clone(),
    }
}

/// What people call a value in the answer's language, where the lexicon or a category knows it.
fn value_label(attribute: &str, key: &str, need: &Need, knowledge: &Knowledge) -> String {
    let color = knowledge.lexicon.colors.iter().filter(|_| attribute == "color").find(|c| c.id.replace('_', " ") == key);
    if let Some(name) = color.and_then(|c| if need.lang == crate::catalog::Lang::Zh { c.zh.first() } else { c.en.first() }) {
        return name.clone();
    }
    let values = knowledge.taxonomy.each().filter_map(|c| c.attribute(attribute)).flat_map(|a| &a.values);
    values.into_iter().find(|v| v.key() == key).map_or_else(|| key.to_owned(), |v| v.label(need.lang).to_owned())
}

fn text_passage(part: Part, text: String) -> Passage {
    Passage { part, segments: vec![Segment::Text(text)] }
}

/// Sentences one after another, as the language spaces them.
fn join(lang: crate::catalog::Lang, sentences: &[String]) -> String {
    sentences.join(if lang == crate::catalog::Lang::Zh { "" } else { " " })
}
