//! A question taken apart: atoms, word borders, and which phrases claim which atoms.

use std::collections::HashSet;
use std::ops::Range;

use super::phrasebook::{Meaning, Mention, resolve};
use super::quantity::{Free, Quantity};
use super::{Interpreter, is_trait};
use crate::catalog::Lang;
use crate::lexicon::WordClass;
use crate::text::{Atom, AtomKind, Folded, atoms};

/// Atoms between a reset word and what it takes back.
const RESET_REACH: usize = 2;

/// A question taken apart.
pub struct Reading {
    folded: Folded,
    pub atoms: Vec<Atom>,
    /// Whether a word of the segmenter starts at this atom.
    starts: Vec<bool>,
    /// Things and properties, none overlapping another.
    pub content: Vec<Mention<Meaning>>,
    /// Category names inside a longer property of the same category: "tent" in "beach tent".
    pub inner_categories: Vec<Mention<Meaning>>,
    /// Traits; they may overlap things and properties.
    pub traits: Vec<Mention<Meaning>>,
    pub functions: Vec<Mention<WordClass>>,
    /// Function words where no trait hides them: "预算不限" is a wish for something fine, and takes a budget back.
    takes_back: Vec<Mention<WordClass>>,
    /// Scope entries, scenes, their subjects and tasks; they may overlap anything.
    pub life: Vec<Mention<Meaning>>,
    pub quantities: Vec<Quantity>,
    lang: Lang,
}

impl Reading {
    pub fn new(text: &str, interpreter: &Interpreter) -> Self {
        let folded = Folded::new(text);
        let atoms = atoms(&folded.text);
        let starts = word_starts(&folded.text, &atoms, interpreter);
        let lang = Lang::of(text);
        let mut reading = Self {
            folded,
            atoms,
            starts,
            content: Vec::new(),
            inner_categories: Vec::new(),
            traits: Vec::new(),
            functions: Vec::new(),
            takes_back: Vec::new(),
            life: Vec::new(),
            quantities: Vec::new(),
            lang,
        };
        reading.life = interpreter.scope.mentions(&reading.atoms).into_iter().filter(|m| reading.is_word(m)).collect();
        let mentions: Vec<Mention<Meaning>> = interpreter.content.mentions(&reading.atoms).into_iter().filter(|m| reading.is_word(m)).collect();
        let (traits, things): (Vec<_>, Vec<_>) = mentions.into_iter().flat_map(split_traits).partition(is_trait);

        let mut free = vec![true; reading.atoms.len()];
        let things = speaking_of_named(things);
        let categories: Vec<_> = things.iter().filter(|m| names_category(m)).cloned().collect();
        reading.content = resolve(things, &mut free, |_| true);
        reading.inner_categories =
            categories.into_iter().filter(|inner| reading.content.iter().any(|outer| outer.atoms.len() > inner.atoms.len() && holds(outer, inner))).collect();
        // "办公" in 办公椅 says nothing; "保暖" in 保暖帽 does, because the guide of hats answers it.
        let idle_in_category = |mention: &Mention<Meaning>| {
            let around = reading
                .content
                .iter()
                .find(|c| c.atoms.len() > mention.atoms.len() && names_category(c) && mention.atoms.iter().all(|place| c.atoms.contains(place)));
            around.is_some_and(|category| !interpreter.answers_inside(category, mention))
        };
        let traits: Vec<_> = traits.into_iter().filter(|m| !idle_in_category(m)).filter_map(|m| interpreter.speaking(m, &reading.content)).collect();
        reading.traits = uncontained(traits);
        let functions: Vec<_> = interpreter.functions.mentions(&reading.atoms).into_iter().filter(|m| reading.is_word(m)).collect();
        // "cheaper than 1000" bounds, though "cheaper" alone is a wish.
        let bounds = |f: &Mention<WordClass>| f.meanings.iter().any(|m| matches!(m, WordClass::AtMost | WordClass::AtLeast));
        let inside = |t: &Mention<Meaning>, f: &Mention<WordClass>| f.atoms.len() > t.atoms.len() && t.atoms.iter().all(|place| f.atoms.contains(place));
        reading.traits.retain(|t| !functions.iter().any(|f| bounds(f) && inside(t, f)));
        let mut free = Free { of_content: free.clone(), of_traits: free };
        for mention in &reading.traits {
            mention.atoms.iter().for_each(|place| free.of_traits[*place] = false);
        }
        // A quantity may stand on words that also ask ("一"), and bounds stand beside quantities, so functions come first and
        // leave the figures alone.
        let mut for_functions = free.of_traits.clone();
        reading.takes_back = resolve(functions.clone(), &mut vec![true; reading.atoms.len()], |_| true);
        reading.functions = resolve(functions, &mut for_functions, |_| true);
        reading.quantities = interpreter.quantities.find(&reading.atoms, &free, &reading.functions, &interpreter.knowledge.lexicon);
        reading
    }

    /// The shopper's words behind a span of atoms.
    pub fn quote(&self, span: &Range<usize>) -> String {
        match (self.atoms.get(span.start), span.end.checked_sub(1).and_then(|last| self.atoms.get(last))) {
            (Some(first), Some(last)) => self.folded.quote(first.range.start..last.range.end).to_owned(),
            _ => String::new(),
        }
    }

    /// The folded words behind a span of atoms.
    pub fn folded(&self, span: &Range<usize>) -> String {
        match (self.atoms.get(span.start), span.end.checked_sub(1).and_then(|last| self.atoms.get(last))) {
            (Some(first), Some(last)) => self.folded.text[first.range.start..last.range.end].to_owned(),
            _ => String::new(),
        }
    }

    /// What a reset word takes back: the attribute named beside it, or the price beside a budget word.
    pub fn resets(&self) -> Vec<String> {
        let near = |a: &Range<usize>, b: &Range<usize>| a.start.abs_diff(b.end) <= RESET_REACH || b.start.abs_diff(a.end) <= RESET_REACH;
        let mut names = Vec::new();
        for reset in self.takes_back.iter().filter(|f| f.meanings.contains(&WordClass::Reset)) {
            let attributes = self.content.iter().filter(|m| near(&m.span, &reset.span)).flat_map(|m| &m.meanings);
            names.extend(attributes.filter_map(|m| if let Meaning::AttributeName(key) = m { Some(key.clone()) } else { None }));
            if self.takes_back.iter().any(|f| f.meanings.contains(&WordClass::Budget) && near(&f.span, &reset.span)) {
                names.push("price".to_owned());
            }
        }
        names
    }

    /// The attributes that are named, each with the words that name it; a name may be that of several.
    pub fn attribute_names(&self) -> Vec<(Vec<String>, String)> {
        let keys =
            |m: &Mention<Meaning>| m.meanings.iter().filter_map(|m| if let Meaning::AttributeName(key) = m { Some(key.clone()) } else { None }).collect();
        self.content.iter().map(|m| (keys(m), self.quote(&m.span))).filter(|(keys, _): &(Vec<String>, String)| !keys.is_empty()).collect()
    }

    /// Runs of words that nothing explains, of two Han characters or one word at least.
    pub fn unexplained(&self) -> Vec<String> {
        self.runs(self.functions.iter().flat_map(|f| &f.atoms).chain(self.content.iter().chain(&self.traits).flat_map(|m| &m.atoms)).copied())
    }

    /// The same of all words that are no function words.
    pub fn said(&self) -> Vec<String> {
        self.runs(self.takes_back.iter().flat_map(|f| &f.atoms).copied())
    }

    fn runs(&self, known: impl Iterator<Item = usize>) -> Vec<String> {
        let mut open = vec![true; self.atoms.len()];
        known.chain(self.quantities.iter().flat_map(|q| q.span.clone())).for_each(|place| open[place] = false);
        let places: Vec<usize> =
            (0..self.atoms.len()).filter(|place| open[*place] && matches!(self.atoms[*place].kind, AtomKind::Han | AtomKind::Word)).collect();
        let runs = places.chunk_by(|a, b| a + 1 == *b).filter_map(|run| Some(*run.first()?..run.last()? + 1));
        let telling = |run: &Range<usize>| run.len() > 1 || self.atoms[run.start].kind == AtomKind::Word;
        runs.filter(telling).map(|run| self.quote(&run)).collect()
    }

    /// How many words nothing explains; two Han characters count as a word.
    pub fn unknown_words(&self) -> usize {
        let mut known = vec![false; self.atoms.len()];
        let spans = self.functions.iter().flat_map(|f| &f.atoms).chain(self.content.iter().chain(&self.traits).flat_map(|m| &m.atoms)).copied();
        spans.chain(self.quantities.iter().flat_map(|q| q.span.clone())).for_each(|place| known[place] = true);
        let unknown = |kind| self.atoms.iter().zip(&known).filter(|(atom, known)| !**known && atom.kind == kind).count();
        unknown(AtomKind::Word) + unknown(AtomKind::Han) / 2
    }

    /// How many atoms carry text.
    pub fn content_atoms(&self) -> usize {
        self.atoms.iter().filter(|a| !matches!(a.kind, AtomKind::Stop | AtomKind::Sign)).count()
    }

    /// Whether the mention is a word of its own, as far as Chinese has borders: a single character must be a whole word of
    /// the segmenter, and a short phrase must not reach from inside one word into another.
    pub fn is_word<M>(&self, mention: &Mention<M>) -> bool {
        let (Some(first), Some(last)) = (mention.atoms.first().copied(), mention.atoms.last().copied()) else { return false };
        if self.atoms[first].kind != AtomKind::Han || mention.atoms.len() != last + 1 - first {
            return true;
        }
        let starts_at = |place: usize| self.starts.get(place).copied().unwrap_or(true);
        let (left, right) = (starts_at(first), starts_at(last + 1));
        match mention.atoms.len() {
            1 => left && right,
            2 | 3 => {
                let border_inside = (first + 1..=last).any(starts_at);
                // Inside one word it is a part of it; from border to border it is words; else it straddles.
                (left && right) || !border_inside || ((left || right) && mention.atoms.len() == 3)
            }
            _ => true,
        }
    }

    /// Starts of category mentions that a negation stands directly before.
    pub fn negated_categories(&self) -> Vec<usize> {
        let directly_before = |start: usize| {
            self.functions.iter().any(|f| f.span.end == start && f.meanings.contains(&WordClass::Negation) && !f.meanings.contains(&WordClass::Question))
        };
        self.content.iter().filter(|m| names_category(m) && directly_before(m.span.start)).map(|m| m.span.start).collect()
    }

    /// Of several named things, those that are asked for: in Chinese the last, in English the first ("a pillow for a tent");
    /// things joined by "and", "or" or a comma count together.
    pub fn head<T>(&self, mut named: Vec<(usize, T)>) -> Vec<T> {
        named.sort_by_key(|(start, _)| *start);
        self.keep_asked(&mut named);
        let mut clusters: Vec<(usize, Vec<T>)> = Vec::new();
        for (start, item) in named {
            match clusters.last_mut() {
                Some((last, cluster)) if *last == start || self.joined(*last, start) => {
                    *last = start;
                    cluster.push(item);
                }
                _ => clusters.push((start, vec![item])),
            }
        }
        let chosen = if self.lang == Lang::Zh { clusters.pop() } else { clusters.into_iter().next() };
        chosen.map(|(_, cluster)| cluster).unwrap_or_default()
    }

    /// Of things in several sentences, those of the last sentence that asks: "I cook rice for one. What cooker makes sense?"
    fn keep_asked<T>(&self, named: &mut Vec<(usize, T)>) {
        let sentence = |place: usize| self.atoms[..place].iter().filter(|a| a.kind == AtomKind::Stop && ".!?。…\n".contains(a.text.as_str())).count();
        let asks: Vec<usize> = self.functions.iter().filter(|f| f.meanings.contains(&WordClass::Question)).map(|f| sentence(f.span.start)).collect();
        if let Some(last) = named.iter().map(|(start, _)| sentence(*start)).filter(|s| asks.contains(s)).max() {
            named.retain(|(start, _)| sentence(*start) == last);
        }
    }

    fn joined(&self, first: usize, second: usize) -> bool {
        let Some(end) = self.content.iter().find(|m| m.span.start == first).map(|m| m.span.end) else { return false };
        (end..second).all(|place| {
            let joins = |f: &Mention<WordClass>| {
                f.span.contains(&place) && f.meanings.iter().any(|c| matches!(c, WordClass::And | WordClass::Alternative | WordClass::Comparing))
            };
            let mark = matches!(self.atoms[place].text.as_str(), "、" | "," | "/");
            mark || self.functions.iter().any(joins)
        })
    }
}

/// Traits resolve apart from the things they overlap.
fn split_traits(mention: Mention<Meaning>) -> Vec<Mention<Meaning>> {
    let (traits, things): (Vec<Meaning>, Vec<Meaning>) = mention.meanings.iter().cloned().partition(|m| matches!(m, Meaning::Trait(_)));
    [traits, things].into_iter().filter(|meanings| !meanings.is_empty()).map(|meanings| Mention { meanings, ..mention.clone() }).collect()
}

/// Where things are named, what other categories call a property says nothing: "60%" of keyboards beside a rice cooker. And of
/// equally long readings the name of a thing comes first.
fn speaking_of_named(mut things: Vec<Mention<Meaning>>) -> Vec<Mention<Meaning>> {
    let named: HashSet<String> = things.iter().flat_map(|m| &m.meanings).filter_map(Meaning::named_category).map(str::to_owned).collect();
    if !named.is_empty() {
        for mention in &mut things {
            mention.meanings.retain(|meaning| !matches!(meaning, Meaning::Value { category, kind_of_product: false, .. } if !named.contains(category)));
        }
        things.retain(|mention| !mention.meanings.is_empty());
    }
    things.sort_by_key(|mention| !names_category(mention));
    things
}

/// Traits may share words (送女 and 女朋友 in 送女朋友), but a longer one hides those inside it (学生 in 小学生).
fn uncontained(traits: Vec<Mention<Meaning>>) -> Vec<Mention<Meaning>> {
    let inside = |inner: &Mention<Meaning>, outer: &Mention<Meaning>| {
        outer.atoms.len() > inner.atoms.len() && inner.atoms.iter().all(|place| outer.atoms.contains(place))
    };
    let mut kept: Vec<Mention<Meaning>> = traits.iter().filter(|inner| !traits.iter().any(|outer| inside(inner, outer))).cloned().collect();
    kept.sort_by_key(|mention| mention.span.start);
    kept
}

/// Whether a property stands around a name of its own category.
fn holds(outer: &Mention<Meaning>, inner: &Mention<Meaning>) -> bool {
    let same = |id: &String| outer.meanings.iter().any(|m| matches!(m, Meaning::Value { category, .. } if category == id));
    inner.atoms.iter().all(|place| outer.atoms.contains(place)) && inner.meanings.iter().any(|m| matches!(m, Meaning::Category(id) if same(id)))
}

fn names_category(mention: &Mention<Meaning>) -> bool {
    mention.meanings.iter().any(|m| matches!(m, Meaning::Category(_) | Meaning::CatalogCategory(_) | Meaning::Umbrella(_)))
}

/// Where the segmenter starts words, by atom; everything that is not Han starts one.
fn word_starts(folded: &str, atoms: &[Atom], interpreter: &Interpreter) -> Vec<bool> {
    let mut starts = vec![true; atoms.len()];
    let mut place = 0;
    while place < atoms.len() {
        if atoms[place].kind != AtomKind::Han {
            place += 1;
            continue;
        }
        let first = place;
        while place + 1 < atoms.len() && atoms[place + 1].kind == AtomKind::Han && atoms[place + 1].range.start == atoms[place].range.end {
            place += 1;
        }
        let run = &folded[atoms[first].range.start..atoms[place].range.end];
        let borders = interpreter.analyzer.borders(run);
        for at in first..=place {
            starts[at] = borders.contains(&(atoms[at].range.start - atoms[first].range.start));
        }
        place += 1;
    }
    starts
}
