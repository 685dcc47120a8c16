//! Every phrase the assistant knows, and where a question mentions one.

use std::collections::HashMap;
use std::ops::Range;

use crate::lexicon::WordClass;
use crate::text::{Atom, AtomKind, phrase_key};

/// What a phrase stands for. Numbers are places in the list that the variant names.
#[derive(Debug, Clone, PartialEq)]
pub enum Meaning {
    /// A category of ours, by id.
    Category(String),
    /// A category path of the catalog that we have no file for, by key.
    CatalogCategory(String),
    /// A wider word, by place in the taxonomy's umbrellas.
    Umbrella(usize),
    /// A value of one of our categories.
    Value { category: String, attribute: String, value: String, kind_of_product: bool },
    /// A color family, by place in the lexicon.
    Color(usize),
    /// A value that the catalog itself has.
    CatalogValue { attribute: String, key: String, phrase: String },
    /// A trait, by place in the lexicon.
    Trait(usize),
    /// A good, by place of department and good in the lexicon.
    Goods(usize, usize),
    /// A name of an attribute, by key.
    AttributeName(String),
    /// An entry of the scope lexicon, by place.
    Scope(usize),
    /// A scene, by id, that is asked for outright.
    Scene(String),
    /// What a scene is about, by the scene's id.
    SceneSubject(String),
    /// A word that asks for a role, by place in the lexicon.
    Task(usize),
}

impl Meaning {
    /// The category of ours that is named, by its name or by a kind of its products.
    pub fn named_category(&self) -> Option<&str> {
        match self {
            Self::Category(id) | Self::Value { category: id, kind_of_product: true, .. } => Some(id),
            _ => None,
        }
    }
}

/// Where a phrase stands in the question.
#[derive(Debug, Clone, PartialEq)]
pub struct Mention<M> {
    /// Places of atoms; a phrase with a gap spans it.
    pub span: Range<usize>,
    /// The atoms that are the phrase itself.
    pub atoms: Vec<usize>,
    pub meanings: Vec<M>,
}

#[derive(Debug, Clone)]
struct Gapped<M> {
    /// Phrase keys of the parts after the first.
    rest: Vec<String>,
    meaning: M,
}

/// Most Han characters, and most words, that a `*` stands for.
const GAP_HAN: usize = 6;
const GAP_WORDS: usize = 4;
/// Longest phrase, in atoms.
const LONGEST_PHRASE: usize = 14;

/// Phrases by their comparable form.
#[derive(Debug, Clone)]
pub struct Phrasebook<M> {
    exact: HashMap<String, Vec<M>>,
    gapped: HashMap<String, Vec<Gapped<M>>>,
    longest: usize,
}

impl<M: Clone + PartialEq> Default for Phrasebook<M> {
    fn default() -> Self {
        Self { exact: HashMap::new(), gapped: HashMap::new(), longest: 0 }
    }
}

impl<M: Clone + PartialEq> Phrasebook<M> {
    /// Adds a phrase; `*` in it is a gap. Phrases without atoms, or too long, are left out.
    pub fn add(&mut self, phrase: &str, meaning: M) {
        let mut parts = phrase.split('*').map(phrase_key).filter(|key| !key.is_empty());
        let Some(first) = parts.next() else { return };
        let rest: Vec<String> = parts.collect();
        if rest.is_empty() {
            self.add_key(first, meaning);
        } else {
            self.longest = self.longest.max(first.split(' ').count()).min(LONGEST_PHRASE);
            self.gapped.entry(first).or_default().push(Gapped { rest, meaning });
        }
    }

    /// Adds a phrase by its key.
    pub fn add_key(&mut self, key: String, meaning: M) {
        let length = key.split(' ').count();
        if key.is_empty() || length > LONGEST_PHRASE {
            return;
        }
        self.longest = self.longest.max(length);
        let known = self.exact.entry(key).or_default();
        if !known.contains(&meaning) {
            known.push(meaning);
        }
    }

    /// Every mention, overlapping ones too.
    pub fn mentions(&self, atoms: &[Atom]) -> Vec<Mention<M>> {
        let mut mentions = Vec::new();
        for start in 0..atoms.len() {
            for (end, key, places) in stretches(atoms, start, self.longest) {
                if let Some(meanings) = self.exact.get(&key) {
                    mentions.push(Mention { span: start..end, atoms: places.clone(), meanings: meanings.clone() });
                }
                for gapped in self.gapped.get(&key).into_iter().flatten() {
                    if let Some((end, rest)) = follow(atoms, end, &gapped.rest) {
                        let mut places = places.clone();
                        places.extend(rest);
                        mentions.push(Mention { span: start..end, atoms: places, meanings: vec![gapped.meaning.clone()] });
                    }
                }
            }
        }
        mentions
    }
}

/// The stretches of content atoms from a place on that stay in one clause, with their keys.
fn stretches(atoms: &[Atom], start: usize, longest: usize) -> Vec<(usize, String, Vec<usize>)> {
    let mut found = Vec::new();
    let (mut key, mut places) = (String::new(), Vec::new());
    for (place, atom) in atoms.iter().enumerate().skip(start) {
        match atom.kind {
            AtomKind::Stop => break,
            AtomKind::Sign if places.is_empty() => break,
            AtomKind::Sign => continue,
            _ => {}
        }
        if !key.is_empty() {
            key.push(' ');
        }
        key.push_str(&atom.text);
        places.push(place);
        found.push((place + 1, key.clone(), places.clone()));
        if places.len() >= longest {
            break;
        }
    }
    found
}

/// Finds the parts after a gap, each within reach of the one before.
fn follow(atoms: &[Atom], from: usize, parts: &[String]) -> Option<(usize, Vec<usize>)> {
    let Some((part, rest)) = parts.split_first() else { return Some((from, Vec::new())) };
    let (mut han, mut words) = (0, 0);
    for start in from..atoms.len() {
        match atoms[start].kind {
            AtomKind::Stop => return None,
            AtomKind::Sign => continue,
            _ => {}
        }
        let length = part.split(' ').count();
        let here = stretches(atoms, start, length).into_iter().find(|(_, key, _)| key == part);
        if let Some((end, _, mut places)) = here
            && let Some((end, more)) = follow(atoms, end, rest)
        {
            places.extend(more);
            return Some((end, places));
        }
        match atoms[start].kind {
            AtomKind::Han => han += 1,
            _ => words += 1,
        }
        if han > GAP_HAN || words > GAP_WORDS {
            return None;
        }
    }
    None
}

/// Picks mentions so that no atom is claimed twice: the longest first, then the earliest. `free` says which atoms may be
/// claimed at all and is updated. A mention with a gap claims only its own atoms.
pub fn resolve<M: Clone>(mut mentions: Vec<Mention<M>>, free: &mut [bool], fits: impl Fn(&Mention<M>) -> bool) -> Vec<Mention<M>> {
    // The sort is stable: of equally long mentions those that were given first come first.
    mentions.sort_by_key(|m| std::cmp::Reverse(m.atoms.len()));
    let mut picked: Vec<Mention<M>> = Vec::new();
    for mention in mentions {
        if mention.atoms.iter().all(|place| free[*place]) && fits(&mention) {
            mention.atoms.iter().for_each(|place| free[*place] = false);
            picked.push(mention);
        }
    }
    picked.sort_by_key(|m| m.span.start);
    picked
}

/// The function words as a phrasebook.
pub fn function_words(words: &crate::lexicon::Words) -> Phrasebook<WordClass> {
    let mut book = Phrasebook::default();
    for (class, list) in words.classes() {
        list.each().for_each(|word| book.add(word, class));
    }
    book
}
