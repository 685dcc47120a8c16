//! Text to terms: one analyzer for product text and for shoppers' words, Chinese and English together.

use std::sync::{Arc, LazyLock};

use jieba_rs::Jieba;

use crate::knowledge::Knowledge;
use crate::text::{self, AtomKind};

type LazyJieba = LazyLock<Jieba, Box<dyn FnOnce() -> Jieba + Send>>;

/// Splits text into terms. Cheap to clone.
#[derive(Clone)]
pub struct Analyzer {
    /// Loaded at the first Chinese text: the dictionary takes about a tenth of a second.
    jieba: Arc<LazyJieba>,
}

impl Analyzer {
    /// An analyzer that knows the words of the lexicon and of all categories as whole words. The dictionary is loaded at the
    /// first Chinese text.
    pub fn new(knowledge: &Knowledge) -> Self {
        let mut words: Vec<String> = Vec::new();
        for category in knowledge.taxonomy.each() {
            words.extend(category.names.zh.iter().cloned());
            words.extend(category.attributes.iter().flat_map(|a| a.values.iter()).flat_map(|v| v.words()).map(str::to_owned));
        }
        words.extend(knowledge.lexicon.goods.departments.iter().flat_map(|d| d.goods.iter()).flat_map(|g| g.zh.iter().cloned()));
        words.extend(knowledge.lexicon.colors.iter().flat_map(|c| c.zh.iter().cloned()));
        words.extend(knowledge.lexicon.traits.iter().flat_map(|t| t.zh.iter().cloned()));
        let words: Vec<String> = words.iter().map(|w| text::fold(w)).filter(|w| w.chars().count() > 1 && w.chars().all(text::is_han)).collect();
        let build = move || {
            let mut jieba = Jieba::new();
            for word in &words {
                if !jieba.has_word(word) {
                    jieba.add_word(word, None, None);
                }
            }
            jieba
        };
        Self { jieba: Arc::new(LazyLock::new(Box::new(build))) }
    }

    /// Loads the dictionary now rather than at the first Chinese text.
    pub fn warm(&self) {
        LazyLock::force(&self.jieba);
    }

    /// Words: Chinese as the segmenter cuts it (long words and the shorter ones in them), English stemmed, figures as they
    /// are, and model names ("wh-1000xm4") both whole and in parts.
    pub fn words(&self, text: &str) -> Vec<String> {
        let folded = text::fold(text);
        let mut terms = Vec::new();
        let atoms = text::atoms(&folded);
        let mut index = 0;
        while index < atoms.len() {
            let start = index;
            match atoms[index].kind {
                AtomKind::Han => {
                    while index < atoms.len()
                        && atoms[index].kind == AtomKind::Han
                        && atoms[index].range.start == atoms[start].range.start + (index - start) * atoms[start].range.len()
                    {
                        index += 1;
                    }
                    let run = &folded[atoms[start].range.start..atoms[index - 1].range.end];
                    terms.extend(self.jieba.cut_for_search(run, false).into_iter().map(|token| token.word.to_owned()));
                }
                AtomKind::Word | AtomKind::Number => {
                    while index < atoms.len()
                        && matches!(atoms[index].kind, AtomKind::Word | AtomKind::Number)
                        && (index == start || joined(&folded, last_of(&atoms, index), &atoms[index]))
                    {
                        terms.push(atoms[index].text.clone());
                        index += 1;
                        let hyphen = atoms.get(index).is_some_and(|a| a.text == "-");
                        if hyphen
                            && atoms
                                .get(index + 1)
                                .is_some_and(|next| matches!(next.kind, AtomKind::Word | AtomKind::Number) && joined(&folded, &atoms[index - 1], next))
                        {
                            index += 1;
                        }
                    }
                    if index - start > 1 {
                        terms.push(folded[atoms[start].range.start..atoms[index - 1].range.end].chars().filter(|c| c.is_alphanumeric()).collect());
                    }
                }
                AtomKind::Stop | AtomKind::Sign => index += 1,
            }
        }
        terms
    }

    /// Every Han character and every pair of neighbors: a net under the segmenter's mistakes.
    pub fn grams(&self, text: &str) -> Vec<String> {
        let folded = text::fold(text);
        let atoms = text::atoms(&folded);
        let mut terms = Vec::new();
        for (index, atom) in atoms.iter().enumerate().filter(|(_, atom)| atom.kind == AtomKind::Han) {
            terms.push(atom.text.clone());
            if let Some(next) = atoms.get(index + 1).filter(|next| next.kind == AtomKind::Han && next.range.start == atom.range.end) {
                terms.push(format!("{}{}", atom.text, next.text));
            }
        }
        terms
    }

    /// Where the segmenter cuts a stretch of Han text, as byte offsets from its start; 0 and the length are among them.
    pub fn borders(&self, run: &str) -> Vec<usize> {
        let mut borders = vec![0];
        for token in self.jieba.cut(run, false) {
            borders.push(borders.last().copied().unwrap_or(0) + token.word.len());
        }
        borders
    }
}

/// The atom before this one that is no sign.
fn last_of(atoms: &[text::Atom], index: usize) -> &text::Atom {
    let before = atoms[..index].iter().rev().find(|a| a.kind != AtomKind::Sign);
    before.unwrap_or(&atoms[index])
}

/// Whether two atoms belong to one model name: nothing, or a hyphen, between them, and one of them has a figure.
fn joined(folded: &str, left: &text::Atom, right: &text::Atom) -> bool {
    let between = &folded[left.range.end..right.range.start];
    matches!(between, "" | "-") && (left.kind == AtomKind::Number || right.kind == AtomKind::Number)
}
