//! A walk through the question from left to right: what is wanted, what is ruled out, what is only liked.

use super::numbers::ONE;
use super::phrasebook::{Meaning, Mention};
use super::quantity::{Bound, Dimension, Quantity};
use super::reading::Reading;
use super::{Interpreter, Lookup};
use crate::catalog::{Currency, Money};
use crate::lexicon::{PlainFigure, Unit, WordClass};
use crate::need::{Comparison, Constraint, Need, Phrase, Remark, Rule, WantedValue};
use crate::taxonomy::Category;
use crate::text::{self, AtomKind};

/// How far "about" reaches: 15 in 100 each way for prices, 10 for measures.
const ABOUT_PRICE: (i64, i64) = (85, 115);
const ABOUT_MEASURE: (f64, f64) = (0.9, 1.1);
/// A price named without a bound ("300块的帽子") is met within 20 in 100.
const PLAIN_PRICE: (i64, i64) = (80, 120);

/// How much more than the figure still fits well, where a figure means "at least".
const ROOMY: f64 = 1.5;

/// What a walk finds.
pub struct Found {
    pub constraints: Vec<Constraint>,
    pub words: Vec<Phrase>,
    pub remarks: Vec<Remark>,
    /// Traits that were denied ("不是油皮").
    pub dropped_traits: Vec<String>,
}

/// One thing on the way, by the place where it starts.
enum Event<'r> {
    Stop(&'r str),
    Function(&'r Mention<WordClass>),
    Content(&'r Mention<Meaning>),
    Trait(&'r Mention<Meaning>),
    Quantity(&'r Quantity),
    /// A run of atoms nothing claims.
    Words(std::ops::Range<usize>),
}

/// The walk and its state.
pub struct Walk<'w> {
    interpreter: &'w Interpreter,
    reading: &'w Reading,
    need: &'w Need,
    lookup: &'w dyn Lookup,
    found: Found,
    /// A negation holds for what follows.
    negated: Option<usize>,
    /// A wish word holds until the clause ends.
    soft: bool,
    /// Two values are weighed against each other.
    comparing: bool,
    /// The last value was joined by "or", or by nothing.
    joining: bool,
    /// Single characters, which mean something only where nothing else does.
    singles: Vec<Phrase>,
    /// Constraints of this clause that a negation behind them would deny, with the place where they start.
    deniable: Vec<(usize, usize)>,
}

impl<'w> Walk<'w> {
    pub fn new(interpreter: &'w Interpreter, reading: &'w Reading, need: &'w Need, lookup: &'w dyn Lookup) -> Self {
        let found = Found { constraints: Vec::new(), words: Vec::new(), remarks: need.remarks.clone(), dropped_traits: Vec::new() };
        let comparing = reading.functions.iter().any(|f| f.meanings.contains(&WordClass::Comparing));
        Self { interpreter, reading, need, lookup, found, negated: None, soft: false, comparing, joining: false, singles: Vec::new(), deniable: Vec::new() }
    }

    pub fn finish(mut self) -> Found {
        if self.need.categories.is_empty() && self.found.words.is_empty() && self.need.traits.is_empty() {
            let lookup = self.lookup;
            self.found.words.extend(self.singles.into_iter().filter(|w| lookup.titles_with(&w.said) > 0));
        }
        self.found
    }

    pub fn run(&mut self) {
        for event in events(self.reading) {
            match event {
                Event::Stop("、") => {}
                Event::Stop(_) => {
                    self.negated = None;
                    self.soft = false;
                    self.joining = false;
                    self.deniable.clear();
                }
                Event::Function(function) => self.function(function),
                Event::Content(mention) => self.content(mention),
                Event::Trait(mention) => self.a_trait(mention),
                Event::Quantity(quantity) => {
                    self.quantity(quantity);
                    self.negated = None;
                }
                Event::Words(span) => self.words(span),
            }
        }
    }

    fn function(&mut self, function: &Mention<WordClass>) {
        let is = |class| function.meanings.contains(&class);
        let denies = is(WordClass::Negation);
        if is(WordClass::NegationAfter) && !self.deniable.is_empty() && !(denies && self.value_follows(function.span.end)) {
            for (place, start) in std::mem::take(&mut self.deniable) {
                if let Some(constraint) = self.found.constraints.get_mut(place) {
                    deny(constraint);
                    constraint.text = self.reading.quote(&(start..function.span.end));
                    constraint.hard = true;
                }
            }
            return;
        }
        if denies {
            self.negated = Some(function.span.start);
        }
        if is(WordClass::Preference) && !denies {
            self.soft = true;
        }
        if is(WordClass::Alternative) || is(WordClass::And) {
            self.joining = true;
        }
    }

    /// Whether the next thing in this clause is a property.
    fn value_follows(&self, end: usize) -> bool {
        let clause_end =
            self.reading.atoms.iter().enumerate().skip(end).find(|(_, a)| a.kind == AtomKind::Stop).map_or(self.reading.atoms.len(), |(place, _)| place);
        self.reading.content.iter().any(|m| m.span.start >= end && m.span.start < clause_end && self.property(m).is_some())
    }

    fn content(&mut self, mention: &Mention<Meaning>) {
        if let Some((attribute, value)) = self.property(mention) {
            self.value(mention, attribute, value);
            return;
        }
        let category =
            mention.meanings.iter().any(|m| matches!(m, Meaning::Category(_) | Meaning::CatalogCategory(_) | Meaning::Umbrella(_) | Meaning::Goods(..)));
        let named_only_here = mention.meanings.iter().any(|m| matches!(m, Meaning::CatalogCategory(_)));
        let attribute_name = mention.meanings.iter().all(|m| matches!(m, Meaning::AttributeName(_)));
        if category || !attribute_name {
            // A category that filters says all; any other word still has to be searched for.
            let filters = self.need.categories.iter().any(|c| c.id.is_some());
            if self.negated.is_some() && !filters {
                self.exclude_words(&mention.span);
            } else if !filters || named_only_here || !category {
                self.found.words.push(Phrase::new(self.reading.folded(&mention.span)));
            }
            self.negated = None;
        }
        self.joining = false;
    }

    /// The attribute and value that a mention means in the categories at hand, if it is a property at all.
    fn property(&self, mention: &Mention<Meaning>) -> Option<(String, WantedValue)> {
        let known: Vec<&Category> =
            self.need.categories.iter().filter_map(|c| c.id.as_deref()).filter_map(|id| self.interpreter.knowledge.taxonomy.by_id(id)).collect();
        for meaning in &mention.meanings {
            match meaning {
                Meaning::Value { category, attribute, value, .. } if known.iter().any(|k| k.id == *category) && attribute != "color" => {
                    let vocabulary = known.iter().find(|k| k.id == *category)?.attribute(attribute)?;
                    let definition = vocabulary.value(value)?;
                    let words: Vec<String> = definition.words().map(text::phrase_key).collect();
                    let others = vocabulary.values.iter().filter(|v| v.id != *value).flat_map(|v| [&v.zh, &v.en]).map(|word| text::phrase_key(word));
                    return Some((attribute.clone(), WantedValue { key: definition.key(), others: others.filter(|o| !words.contains(o)).collect(), words }));
                }
                _ => {}
            }
        }
        for meaning in &mention.meanings {
            if let Meaning::Color(place) = meaning
                && self.interpreter.vocabulary.attributes.contains_key("color")
                && (known.is_empty() || known.iter().any(|k| k.attribute("color").is_some()))
            {
                return self.color(*place).map(|value| ("color".to_owned(), value));
            }
        }
        let belongs = |attribute: &str, key: &str| attribute == "brand" || known.is_empty() || known.iter().any(|k| self.speaks(k, attribute, key));
        // A value that the catalog calls by exactly these words, under the attribute where most products have it. Of the many
        // attributes of a foreign feed only those that the lexicon knows make a rule, and only where the words are not rather
        // what products are called.
        let mut best: Option<(u32, &String, &String, &String)> = None;
        for meaning in &mention.meanings {
            if let Meaning::CatalogValue { attribute, key, phrase } = meaning
                && belongs(attribute, key)
            {
                let count = self.interpreter.vocabulary.attributes.get(attribute).and_then(|a| a.values.iter().find(|v| v.key == *key)).map_or(0, |v| v.count);
                let a_rule = attribute == "brand"
                    || self.negated.is_some()
                    || !known.is_empty()
                    || (self.interpreter.knowledge.lexicon.attribute_names.knows(attribute) && count as usize >= self.lookup.titles_with(phrase));
                if a_rule && best.is_none_or(|(most, ..)| count > most) {
                    best = Some((count, attribute, key, phrase));
                }
            }
        }
        // A word that also names a category or a good is that first.
        let names_thing = mention.meanings.iter().any(|m| matches!(m, Meaning::Category(_) | Meaning::CatalogCategory(_) | Meaning::Umbrella(_)));
        best.filter(|_| !names_thing)
            .map(|(_, attribute, key, phrase)| (attribute.clone(), WantedValue { key: key.clone(), words: vec![phrase.clone()], others: Vec::new() }))
    }

    /// Whether a value of the catalog can belong to one of our categories: it is in its vocabulary, or in no category's.
    fn speaks(&self, category: &Category, attribute: &str, key: &str) -> bool {
        let has = |c: &Category| c.attribute(attribute).is_some_and(|a| a.values.iter().any(|v| v.key() == key));
        let measured = category.attribute(attribute).is_some_and(|a| a.unit.is_some());
        has(category) || (!measured && !self.interpreter.knowledge.taxonomy.each().any(has))
    }

    fn color(&self, place: usize) -> Option<WantedValue> {
        let colors = &self.interpreter.knowledge.lexicon.colors;
        let color = colors.get(place)?;
        let family = colors.iter().filter(|c| c.id == color.id || c.within.contains(&color.id));
        let words = family.flat_map(|c| c.zh.iter().chain(&c.en)).map(|word| text::phrase_key(word)).collect();
        Some(WantedValue { key: color.id.replace('_', " "), words, others: Vec::new() })
    }

    fn value(&mut self, mention: &Mention<Meaning>, attribute: String, value: WantedValue) {
        let start = self.negated.unwrap_or(mention.span.start);
        let text = self.reading.quote(&(start..mention.span.end));
        let comparison = if self.negated.is_some() { Comparison::NotEqual } else { Comparison::Equal };
        // What the guide answers as a trait ("适合油皮") ranks through its advice; as a filter it would hide the rest.
        let answered =
            self.negated.is_none() && self.reading.traits.iter().any(|t| t.atoms.iter().any(|place| mention.atoms.contains(place)) && self.answered(t));
        let hard = !(self.soft || self.comparing || answered) || self.negated.is_some();
        // "black or white", "黑色 白色": one wish with two ways to meet it.
        let same = |c: &Constraint| {
            matches!(&c.rule, Rule::Value { attribute: known, comparison: op, .. } if *known == attribute && *op == comparison) && c.hard == hard
        };
        if comparison == Comparison::Equal
            && let Some(known) = self.found.constraints.iter_mut().find(|c| same(c))
            && let Rule::Value { any_of, .. } = &mut known.rule
        {
            if !any_of.contains(&value) {
                any_of.push(value);
                known.text = format!("{} {text}", known.text);
            }
        } else {
            self.found.constraints.push(Constraint { rule: Rule::Value { attribute, comparison, any_of: vec![value] }, text, hard });
            if comparison == Comparison::Equal {
                self.deniable.push((self.found.constraints.len() - 1, mention.span.start));
            }
        }
        self.joining = false;
    }

    /// Whether a guide of the categories at hand has advice for this trait.
    fn answered(&self, mention: &Mention<Meaning>) -> bool {
        let knowledge = &self.interpreter.knowledge;
        let ids = mention.meanings.iter().filter_map(|m| if let Meaning::Trait(place) = m { knowledge.lexicon.traits.get(*place) } else { None });
        let guides = || self.need.categories.iter().filter_map(|c| knowledge.guides.of(c.id.as_deref()?));
        ids.map(|t| &t.id).any(|id| guides().any(|g| g.answers(id)))
    }

    fn a_trait(&mut self, mention: &Mention<Meaning>) {
        let denied = self.negated.is_some_and(|start| {
            let between = self.reading.functions.iter().filter(|f| f.span.start >= start && f.span.end <= mention.span.start).map(|f| f.span.end).max();
            between.is_some_and(|end| mention.span.start - end <= 1)
        });
        if denied {
            for meaning in &mention.meanings {
                if let Meaning::Trait(place) = meaning {
                    self.found.dropped_traits.extend(self.interpreter.knowledge.lexicon.traits.get(*place).map(|t| t.id.clone()));
                }
            }
        }
        self.negated = None;
    }

    fn words(&mut self, span: std::ops::Range<usize>) {
        let atoms = &self.reading.atoms[span.clone()];
        let single_han = atoms.len() == 1 && atoms[0].kind == AtomKind::Han;
        if single_han && self.negated.is_none() {
            self.singles.push(Phrase::new(self.reading.folded(&span)));
        }
        if single_han || atoms.iter().all(|a| matches!(a.kind, AtomKind::Sign | AtomKind::Stop)) {
            return;
        }
        if self.negated.is_some() {
            self.exclude_words(&span);
            self.negated = None;
        } else {
            self.found.words.push(Phrase::new(self.reading.folded(&span)));
        }
        self.joining = false;
    }

    /// An exclusion that no attribute knows, kept only when some title has the words: else there is nothing to exclude.
    fn exclude_words(&mut self, span: &std::ops::Range<usize>) {
        let key = text::phrase_key(&self.reading.folded(span));
        if self.lookup.titles_with(&key) > 0 {
            let start = self.negated.unwrap_or(span.start);
            let text = self.reading.quote(&(start..span.end));
            self.found.constraints.push(Constraint { rule: Rule::Without { words: vec![key] }, text, hard: true });
        }
    }

    fn quantity(&mut self, quantity: &Quantity) {
        let text = self.reading.quote(&quantity.span);
        let near_body = |f: &Mention<WordClass>| {
            f.meanings.contains(&WordClass::OwnBody) && f.span.start.abs_diff(quantity.span.end) <= 3
                || f.meanings.contains(&WordClass::OwnBody) && quantity.span.start.abs_diff(f.span.end) <= 3
        };
        if self.reading.functions.iter().any(near_body) {
            return;
        }
        match &quantity.dimension {
            Dimension::Money(currency) => self.price(quantity, currency.unwrap_or(self.interpreter.currency), text),
            Dimension::Unit(id) => {
                if let Some(unit) = self.interpreter.knowledge.lexicon.units.each().find(|u| u.id == *id) {
                    self.measure(quantity, unit, text);
                }
            }
        }
    }

    fn price(&mut self, quantity: &Quantity, currency: Currency, text: String) {
        let percent = |(low, high): (i64, i64)| (scaled(quantity.low.low, low), scaled(quantity.low.high, high));
        let single = quantity.low.low == quantity.low.high;
        let (low, high) = match quantity.bound {
            Bound::AtMost => (None, Some(quantity.low.high)),
            Bound::AtLeast => (Some(quantity.low.low), None),
            Bound::Between => (Some(quantity.low.low), Some(quantity.high.high)),
            Bound::About if single => spread(percent(ABOUT_PRICE)),
            Bound::Plain if single => spread(percent(PLAIN_PRICE)),
            Bound::About | Bound::Plain => (Some(quantity.low.low), Some(quantity.low.high)),
        };
        for (comparison, figure) in [(Comparison::AtLeast, low), (Comparison::AtMost, high)] {
            let Some(stated) = figure.and_then(|figure| money(figure, currency)) else { continue };
            let lexicon = &self.interpreter.knowledge.lexicon;
            let Some(amount) = lexicon.currencies.convert(stated, self.interpreter.currency) else {
                self.found.remarks.push(Remark::NoRate { stated });
                continue;
            };
            if amount.currency() != stated.currency() {
                self.found.remarks.push(Remark::Converted { stated, used: amount, rates_of: lexicon.currencies.rates_of.clone() });
            }
            self.found.constraints.push(Constraint { rule: Rule::Price { comparison, amount, stated }, text: text.clone(), hard: true });
            if low.is_none() || high.is_none() {
                self.deniable.push((self.found.constraints.len() - 1, quantity.span.start));
            }
        }
    }

    fn measure(&mut self, quantity: &Quantity, unit: &Unit, text: String) {
        let Some(attribute) = self.measured_attribute(quantity, unit) else {
            self.found.words.push(Phrase::new(text::fold(&text)));
            return;
        };
        let own = self
            .need
            .categories
            .iter()
            .filter_map(|c| self.interpreter.knowledge.taxonomy.by_id(c.id.as_deref()?))
            .find_map(|c| c.attribute(&attribute)?.plain);
        let plain = own.unwrap_or(unit.plain);
        let bounds: Vec<(Comparison, f64)> = match quantity.bound {
            Bound::AtMost => vec![(Comparison::AtMost, quantity.low.high_f64())],
            Bound::AtLeast => vec![(Comparison::AtLeast, quantity.low.low_f64())],
            Bound::About => {
                vec![(Comparison::AtLeast, quantity.low.low_f64() * ABOUT_MEASURE.0), (Comparison::AtMost, quantity.low.high_f64() * ABOUT_MEASURE.1)]
            }
            Bound::Between => vec![(Comparison::AtLeast, quantity.low.low_f64()), (Comparison::AtMost, quantity.high.high_f64())],
            Bound::Plain if plain == PlainFigure::AtLeast => vec![(Comparison::AtLeast, quantity.low.low_f64())],
            Bound::Plain if plain == PlainFigure::Exact && quantity.low.low == quantity.low.high => vec![(Comparison::Equal, quantity.low.low_f64())],
            Bound::Plain if plain == PlainFigure::About => {
                vec![(Comparison::AtLeast, quantity.low.low_f64() * ABOUT_MEASURE.0), (Comparison::AtMost, quantity.low.high_f64() * ABOUT_MEASURE.1)]
            }
            Bound::Plain => vec![(Comparison::AtLeast, quantity.low.low_f64()), (Comparison::AtMost, quantity.low.high_f64())],
        };
        let hard = !self.soft;
        // "4人帐篷" takes four at least, and had better not be for eight.
        if quantity.bound == Bound::Plain && plain == PlainFigure::AtLeast {
            let shown = quantity.low.low_f64() * ROOMY;
            let rule = Rule::Measure { attribute: attribute.clone(), comparison: Comparison::AtMost, base: shown * unit.factor, shown, unit: unit.id.clone() };
            self.found.constraints.push(Constraint { rule, text: text.clone(), hard: false });
        }
        for (comparison, shown) in bounds {
            let rule = Rule::Measure { attribute: attribute.clone(), comparison, base: shown * unit.factor, shown, unit: unit.id.clone() };
            self.found.constraints.push(Constraint { rule, text: text.clone(), hard });
        }
    }

    /// The attribute that the figure is about: the one named beside it, else the category's first in this dimension, else
    /// the only one of the catalog.
    fn measured_attribute(&self, quantity: &Quantity, unit: &Unit) -> Option<String> {
        let units = &self.interpreter.knowledge.lexicon.units;
        let same_dimension = |id: &str| units.find(id).is_some_and(|u| u.dimension == unit.dimension);
        let mut candidates: Vec<&str> = Vec::new();
        for category in self.need.categories.iter().filter_map(|c| c.id.as_deref()).filter_map(|id| self.interpreter.knowledge.taxonomy.by_id(id)) {
            candidates.extend(category.attributes.iter().filter(|a| a.unit.as_deref().is_some_and(same_dimension)).map(|a| a.id.as_str()));
        }
        let in_catalog = &self.interpreter.vocabulary.attributes;
        if candidates.is_empty() && self.need.categories.iter().all(|c| c.id.is_none()) {
            candidates.extend(in_catalog.iter().filter(|(_, a)| a.unit.as_deref().is_some_and(same_dimension)).map(|(key, _)| key.as_str()));
            if candidates.len() > 1 {
                return self.named_beside(quantity, &candidates);
            }
        }
        candidates.retain(|c| in_catalog.contains_key(*c));
        self.named_beside(quantity, &candidates).or_else(|| candidates.first().map(|c| (*c).to_owned()))
    }

    fn named_beside(&self, quantity: &Quantity, candidates: &[&str]) -> Option<String> {
        let near = |m: &&Mention<Meaning>| m.span.end.abs_diff(quantity.span.start) <= 3 || m.span.start.abs_diff(quantity.span.end) <= 2;
        let names = self.reading.content.iter().filter(near).flat_map(|m| &m.meanings);
        names
            .filter_map(|m| match m {
                Meaning::AttributeName(key) => candidates.iter().find(|c| *c == key).map(|c| (*c).to_owned()),
                _ => None,
            })
            .next()
    }
}

/// Everything on the way, in order; what starts earlier comes first, and longer before shorter.
fn events(reading: &Reading) -> Vec<Event<'_>> {
    let mut claimed = vec![false; reading.atoms.len()];
    let mut events: Vec<(usize, Event<'_>)> = Vec::new();
    for quantity in &reading.quantities {
        quantity.span.clone().for_each(|place| claimed[place] = true);
        events.push((quantity.span.start, Event::Quantity(quantity)));
    }
    for mention in &reading.content {
        mention.atoms.iter().for_each(|place| claimed[*place] = true);
        events.push((mention.span.start, Event::Content(mention)));
    }
    for mention in &reading.traits {
        mention.atoms.iter().for_each(|place| claimed[*place] = true);
        events.push((mention.span.start, Event::Trait(mention)));
    }
    for function in &reading.functions {
        let in_quantity = reading.quantities.iter().any(|q| q.span.start <= function.span.start && function.span.end <= q.span.end);
        function.atoms.iter().for_each(|place| claimed[*place] = true);
        if !in_quantity {
            events.push((function.span.start, Event::Function(function)));
        }
    }
    let mut place = 0;
    while place < reading.atoms.len() {
        let atom = &reading.atoms[place];
        if atom.kind == AtomKind::Stop {
            events.push((place, Event::Stop(&atom.text)));
        }
        if claimed[place] || atom.kind == AtomKind::Stop {
            place += 1;
            continue;
        }
        let start = place;
        while place < reading.atoms.len() && !claimed[place] && reading.atoms[place].kind != AtomKind::Stop {
            place += 1;
        }
        events.push((start, Event::Words(start..place)));
    }
    // A trait and a value may start together; the value must still see the negation, so traits come last.
    events.sort_by_key(|(start, event)| (*start, matches!(event, Event::Trait(_))));
    events.into_iter().map(|(_, event)| event).collect()
}

/// Turns a wish into its opposite: "黑色的不要", "超过1000的都不要".
fn deny(constraint: &mut Constraint) {
    match &mut constraint.rule {
        Rule::Value { comparison, .. } => *comparison = Comparison::NotEqual,
        Rule::Price { comparison, .. } | Rule::Measure { comparison, .. } => {
            *comparison = match *comparison {
                Comparison::AtLeast => Comparison::AtMost,
                Comparison::AtMost => Comparison::AtLeast,
                Comparison::LessThan => Comparison::MoreThan,
                Comparison::MoreThan => Comparison::LessThan,
                Comparison::Equal => Comparison::NotEqual,
                Comparison::NotEqual => Comparison::Equal,
            }
        }
        Rule::Without { .. } => {}
    }
}

fn scaled(millionths: i64, percent: i64) -> i64 {
    (i128::from(millionths) * i128::from(percent) / 100).clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
}

fn spread((low, high): (i64, i64)) -> (Option<i64>, Option<i64>) {
    (Some(low), Some(high))
}

/// Millionths of a currency's unit as money; parts of a minor unit are dropped.
fn money(millionths: i64, currency: Currency) -> Option<Money> {
    let minor_unit = ONE / 10i64.checked_pow(currency.exponent())?;
    Money::from_minor(millionths / minor_unit.max(1), currency)
}
