//! What a model read in a question, merged with what the rules found. Nothing that the rules found goes away: a model adds
//! what is written in the catalog's own vocabulary and quotes the shopper's words, and everything else it says is dropped.

use serde_json::Value;

use super::{Shop, infer};
use crate::index::Vocabulary;
use crate::need::{Comparison, Constraint, Found, Leaning, Need, Persona, Phrase, Rule, TraitMatch, WantedValue};
use crate::question::Question;
use crate::text;

/// How alike a name must be to a known one to be taken for it, 0 to 1.
const ALIKE: f64 = 0.82;
/// Most of each that are taken over.
const MOST: usize = 5;
/// Longest rewritten query, in characters.
const LONGEST_QUERY: usize = 60;

impl Shop {
    /// The need with what a model's reading adds. The same need when it adds nothing.
    pub fn proposed(&self, question: &Question, need: &Need, reading: &Value) -> Need {
        let vocabulary = self.vocabulary();
        let mut merged = need.clone();
        if question.persona.is_none() && need.persona == Persona::default() {
            merged.persona = reading["persona"].as_str().and_then(Persona::parse).unwrap_or_default();
        }
        self.add_categories(&mut merged, reading, &vocabulary);
        let quotes = Quotes::of(question);
        self.add_traits(&mut merged, reading, &quotes);
        self.add_constraints(&mut merged, reading, &quotes, &vocabulary);
        add_query(&mut merged, reading);
        merged.leanings = leanings(&merged, reading, &vocabulary);
        merged
    }

    /// Categories where the shopper named none: what rules have guessed gives way, what was named does not.
    fn add_categories(&self, need: &mut Need, reading: &Value, vocabulary: &Vocabulary) {
        if need.categories.iter().any(|c| c.found == Found::Named) || !need.goods.is_empty() {
            return;
        }
        let mut keys: Vec<String> = Vec::new();
        for name in texts(&reading["categories"]) {
            if let Some(key) = nearest_category(vocabulary, &name).filter(|key| !keys.contains(key)) {
                keys.push(key);
            }
        }
        // A wider word may be narrowed, not left.
        if need.categories.iter().any(|c| c.found == Found::Umbrella) {
            keys.retain(|key| need.categories.iter().any(|c| c.key == *key));
        }
        if !keys.is_empty() {
            need.categories = keys.into_iter().take(2).map(|key| infer::matched(self, key)).collect();
        }
    }

    fn add_traits(&self, need: &mut Need, reading: &Value, quotes: &Quotes) {
        let knowledge = self.knowledge();
        for row in rows(&reading["traits"]) {
            let Some(known) = row["id"].as_str().and_then(|id| knowledge.lexicon.trait_by_id(id)) else { continue };
            let Some(quote) = quotes.find(&row["quote"]) else { continue };
            if !need.has_trait(&known.id) && knowledge.concerns(known, &need.categories) {
                need.traits.push(TraitMatch { id: known.id.clone(), text: quote });
            }
        }
    }

    /// Wishes. One is a filter only where our own reading of its quote says the same; else it ranks.
    fn add_constraints(&self, need: &mut Need, reading: &Value, quotes: &Quotes, vocabulary: &Vocabulary) {
        for row in rows(&reading["constraints"]) {
            let (Some(attribute), Some(quote)) = (row["attribute"].as_str().and_then(|name| nearest_attribute(vocabulary, name)), quotes.find(&row["quote"]))
            else {
                continue;
            };
            if need.constraints.iter().any(|c| c.name() == attribute) {
                continue;
            }
            let Some(value) = row["value"].as_str().and_then(|value| nearest_value(vocabulary, &attribute, value)) else { continue };
            let comparison = if row["op"] == "!=" { Comparison::NotEqual } else { Comparison::Equal };
            let own = self.reading_of(&quote, need).into_iter().find(|c| c.name() == attribute);
            let agrees = |c: &Constraint| matches!(&c.rule, Rule::Value { comparison: own, any_of, .. } if *own == comparison && any_of.iter().any(|v| v.key == value.key));
            need.constraints.push(match own.filter(|own| own.hard && agrees(own)) {
                Some(own) => Constraint { text: quote, ..own },
                None => Constraint { rule: Rule::Value { attribute, comparison, any_of: vec![value] }, text: quote, hard: false },
            });
        }
    }

    /// What the rules read in some words alone.
    fn reading_of(&self, words: &str, need: &Need) -> Vec<Constraint> {
        let Some(question) = Question::new(words) else { return Vec::new() };
        self.current_interpreter().understand(&question, Some(need), self).constraints
    }
}

/// The question, to find quotes in.
struct Quotes {
    folded: text::Folded,
}

impl Quotes {
    fn of(question: &Question) -> Self {
        Self { folded: text::Folded::new(question.text()) }
    }

    /// The shopper's words that a quote repeats; none when it is made up, or says next to nothing.
    fn find(&self, quote: &Value) -> Option<String> {
        let quote = text::fold(quote.as_str()?.trim());
        if quote.chars().filter(|c| c.is_alphanumeric()).count() < 2 {
            return None;
        }
        let start = self.folded.text.find(&quote)?;
        Some(self.folded.quote(start..start + quote.len()).to_owned())
    }
}

/// The query in the catalog's words is another way to say what is searched for, or what is searched for where nothing else is.
fn add_query(need: &mut Need, reading: &Value) {
    let usable = |query: &Value| {
        let said = text::fold(query.as_str()?.trim());
        (said.chars().any(char::is_alphabetic) && said.chars().count() <= LONGEST_QUERY).then_some(said)
    };
    let queries: Vec<String> = [&reading["query"]["zh"], &reading["query"]["en"]].into_iter().filter_map(usable).collect();
    if queries.is_empty() || !need.goods.is_empty() {
        return;
    }
    match need.wording.iter_mut().max_by_key(|phrase| phrase.said.chars().count()) {
        Some(longest) => longest.also.extend(queries.into_iter().filter(|query| *query != longest.said)),
        None if need.categories.is_empty() => {
            let mut queries = queries.into_iter();
            need.wording = queries.next().map(|first| Phrase { also: queries.collect(), ..Phrase::new(first) }).into_iter().collect();
            need.words.clone_from(&need.wording);
        }
        None => {}
    }
}

/// What to look at, in values of the catalog that the shopper has not decided otherwise.
fn leanings(need: &Need, reading: &Value, vocabulary: &Vocabulary) -> Vec<Leaning> {
    let mut leanings: Vec<Leaning> = Vec::new();
    for row in rows(&reading["dimensions"]) {
        let Some(attribute) = row["attribute"].as_str().and_then(|name| nearest_attribute(vocabulary, name)) else { continue };
        if leanings.iter().any(|l| l.attribute == attribute) {
            continue;
        }
        let decided = |value: &WantedValue, wanted: Comparison| {
            need.hard().any(|c| {
                matches!(&c.rule, Rule::Value { attribute: name, comparison, any_of }
                if *name == attribute && *comparison == wanted && any_of.iter().any(|v| v.key == value.key))
            })
        };
        let values = |list: &Value| texts(list).into_iter().filter_map(|name| nearest_value(vocabulary, &attribute, &name)).collect::<Vec<_>>();
        let mut prefer = values(&row["prefer"]);
        prefer.retain(|value| !decided(value, Comparison::NotEqual));
        let mut avoid = values(&row["avoid"]);
        avoid.retain(|value| !decided(value, Comparison::Equal) && !prefer.contains(value));
        if !prefer.is_empty() || !avoid.is_empty() {
            leanings.push(Leaning { attribute, prefer, avoid });
        }
    }
    leanings
}

fn rows(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten().take(MOST)
}

fn texts(list: &Value) -> Vec<String> {
    rows(list).filter_map(Value::as_str).map(str::to_owned).collect()
}

/// How alike two names are, 0 to 1.
fn likeness(found: &str, known: &str) -> f64 {
    if text::phrase_key(found) == text::phrase_key(known) { 1.0 } else { strsim::normalized_damerau_levenshtein(&text::fold(found), &text::fold(known)) }
}

fn nearest<T>(known: impl Iterator<Item = (f64, T)>) -> Option<T> {
    known.filter(|(alike, _)| *alike >= ALIKE).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, item)| item)
}

fn nearest_category(vocabulary: &Vocabulary, name: &str) -> Option<String> {
    use crate::catalog::Lang;
    // As it was listed: path and leaf, one of them, or the key.
    let parts: Vec<&str> = name.split('|').map(str::trim).collect();
    let alike = |known: &str| parts.iter().map(|part| likeness(part, known)).fold(0.0, f64::max);
    nearest(vocabulary.categories.iter().map(|c| {
        let names = [c.path.get(Lang::En), c.path.get(Lang::Zh), c.leaf(Lang::En), c.leaf(Lang::Zh), c.key.as_str()];
        (names.into_iter().map(alike).fold(0.0, f64::max), c.key.clone())
    }))
}

fn nearest_attribute(vocabulary: &Vocabulary, name: &str) -> Option<String> {
    nearest(vocabulary.attributes.iter().map(|(key, known)| {
        let labels = known.name.iter().flat_map(|name| name.each()).map(|label| likeness(name, label));
        (labels.fold(likeness(name, key), f64::max), key.clone())
    }))
}

fn nearest_value(vocabulary: &Vocabulary, attribute: &str, name: &str) -> Option<WantedValue> {
    let known = vocabulary.attributes.get(attribute)?;
    let found =
        nearest(known.values.iter().map(|value| (value.label.each().map(|label| likeness(name, label)).fold(likeness(name, &value.key), f64::max), value)))?;
    Some(WantedValue { key: found.key.clone(), words: found.phrases.clone(), others: Vec::new() })
}
