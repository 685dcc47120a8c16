//! A walk through the question from left to right: what is wanted, what is ruled out, what is only liked.

use super::phrasebook::{Meaning, Mention};
use super::quantity::Quantity;
use super::reading::Reading;
use super::{Interpreter, Lookup};
use crate::lexicon::WordClass;
use crate::need::{Comparison, Constraint, Need, Phrase, Remark, Rule, WantedValue};
use crate::text::{self, AtomKind};

/// What a walk finds.
pub struct Found {
    pub constraints: Vec<Constraint>,
    pub words: Vec<Phrase>,
    /// All that was said and may stand in product text.
    pub wording: Vec<Phrase>,
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

impl Event<'_> {
    /// The span of what may stand in product text.
    fn text(&self) -> Option<&std::ops::Range<usize>> {
        match self {
            Self::Content(mention) | Self::Trait(mention) => Some(&mention.span),
            Self::Words(span) => Some(span),
            Self::Stop(_) | Self::Function(_) | Self::Quantity(_) => None,
        }
    }
}

/// The walk and its state.
pub struct Walk<'w> {
    pub(super) interpreter: &'w Interpreter,
    pub(super) reading: &'w Reading,
    pub(super) need: &'w Need,
    pub(super) lookup: &'w dyn Lookup,
    pub(super) found: Found,
    /// A negation holds for what follows.
    pub(super) negated: Option<usize>,
    /// A wish word holds until the clause ends.
    pub(super) soft: bool,
    /// Two values are weighed against each other.
    pub(super) comparing: bool,
    /// The last value was joined by "or", or by nothing.
    pub(super) joining: bool,
    /// Single characters, which mean something only where nothing else does.
    pub(super) singles: Vec<Phrase>,
    /// Constraints of this clause that a negation behind them would deny, with the place where they start.
    pub(super) deniable: Vec<(usize, usize)>,
}

impl<'w> Walk<'w> {
    pub fn new(interpreter: &'w Interpreter, reading: &'w Reading, need: &'w Need, lookup: &'w dyn Lookup) -> Self {
        let found = Found { constraints: Vec::new(), words: Vec::new(), wording: Vec::new(), remarks: need.remarks.clone(), dropped_traits: Vec::new() };
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
        let (mut start, mut before) = (0, 0);
        for event in events(self.reading) {
            if let Some(span) = event.text()
                && self.negated.is_none()
                && self.stands_in_text(&event)
            {
                let goes_on = span.start <= before || self.only_particles(before..span.start);
                match self.found.wording.last_mut() {
                    Some(run) if goes_on => {
                        before = before.max(span.end);
                        run.said = self.reading.folded(&(start..before));
                    }
                    _ => {
                        self.found.wording.push(Phrase::new(self.reading.folded(span)));
                        (start, before) = (span.start, span.end);
                    }
                }
            }
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

    /// A trait that only shoppers speak of is not looked for in product text.
    fn stands_in_text(&self, event: &Event<'_>) -> bool {
        let Event::Trait(mention) = event else { return true };
        let known = |m: &Meaning| if let Meaning::Trait(place) = m { self.interpreter.knowledge.lexicon.traits.get(*place) } else { None };
        mention.meanings.iter().filter_map(known).any(|t| t.kind.stands_in_text())
    }

    /// Whether nothing but single Han characters stands there: "爱的教育" is one run.
    fn only_particles(&self, gap: std::ops::Range<usize>) -> bool {
        let han = |place: usize| self.reading.atoms.get(place).is_some_and(|a| a.kind == AtomKind::Han);
        gap.len() == 1 && han(gap.start) && han(gap.end) && gap.start.checked_sub(1).is_some_and(han)
    }

    fn function(&mut self, function: &Mention<WordClass>) {
        let is = |class| function.meanings.contains(&class);
        let denies = is(WordClass::Negation);
        if is(WordClass::NegationAfter) && !self.deniable.is_empty() && !(denies && self.something_follows(function.span.end)) {
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

    /// Whether something that can be refused stands behind in this clause: a thing, a property, or two characters or a word that
    /// nothing explains ("礼盒不要月饼").
    fn something_follows(&self, end: usize) -> bool {
        let clause_end =
            self.reading.atoms.iter().enumerate().skip(end).find(|(_, a)| a.kind == AtomKind::Stop).map_or(self.reading.atoms.len(), |(place, _)| place);
        let functions = |place: usize| self.reading.functions.iter().any(|f| f.atoms.contains(&place));
        let open = (end..clause_end).filter(|place| !functions(*place));
        let size: usize = open
            .map(|place| match self.reading.atoms[place].kind {
                AtomKind::Han => 1,
                AtomKind::Word => 2,
                _ => 0,
            })
            .sum();
        let named = |m: &Mention<Meaning>| m.span.start >= end && m.span.start < clause_end && self.property(m).is_some();
        size >= 2 || self.reading.content.iter().any(named)
    }

    fn content(&mut self, mention: &Mention<Meaning>) {
        // "any noise cancelling", "颜色不限": the name takes a wish back and makes none.
        if mention.meanings.iter().any(|m| matches!(m, Meaning::AttributeName(key) if self.need.reset.contains(key))) {
            self.negated = None;
            return;
        }
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
            let filters = self.need.categories.iter().any(|c| c.filters);
            if self.negated.is_some() && !(filters && category) {
                self.exclude_words(&mention.span);
            } else if !filters || named_only_here || !category {
                self.found.words.push(Phrase::new(self.reading.folded(&mention.span)));
            }
            self.negated = None;
        }
        self.joining = false;
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
        if single_han && self.negated.is_some() {
            self.exclude_short_values(&span);
            return;
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

    /// "不要太浓": a single character rules out the values of two characters that have it (浓厚), and nothing else: in longer
    /// ones it may mean anything.
    fn exclude_short_values(&mut self, span: &std::ops::Range<usize>) {
        let key = text::phrase_key(&self.reading.folded(span));
        let Some((attribute, mut values)) = self.values_with(&key) else { return };
        values.retain(|value| value.words.iter().any(|word| word.split(' ').count() == 2 && text::key_contains(word, &key)));
        if !values.is_empty() {
            let text = self.reading.quote(&(self.negated.unwrap_or(span.start)..span.end));
            self.found.constraints.push(Constraint { rule: Rule::Value { attribute, comparison: Comparison::NotEqual, any_of: values }, text, hard: true });
            self.negated = None;
        }
    }

    /// An exclusion that no attribute knows, kept only when some title has the words: else there is nothing to exclude.
    fn exclude_words(&mut self, span: &std::ops::Range<usize>) {
        let key = text::phrase_key(&self.reading.folded(span));
        let text = self.reading.quote(&(self.negated.unwrap_or(span.start)..span.end));
        if let Some((attribute, values)) = self.values_with(&key) {
            self.found.constraints.push(Constraint { rule: Rule::Value { attribute, comparison: Comparison::NotEqual, any_of: values }, text, hard: true });
            return;
        }
        if self.lookup.titles_with(&key) > 0 {
            self.found.constraints.push(Constraint { rule: Rule::Without { words: vec![key] }, text, hard: true });
        }
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
