//! The words that our own prose uses: what an ordinary word looks like, beside which a name stands out.

use std::collections::HashSet;

use super::Knowledge;
use crate::text::{self, AtomKind};

/// Words and pairs of Chinese characters of guides, scenes, phrases and vocabularies.
#[derive(Debug, Default)]
pub struct Prose {
    words: HashSet<String>,
    pairs: HashSet<(char, char)>,
}

impl Prose {
    pub(super) fn of(knowledge: &Knowledge) -> Self {
        let mut prose = Self::default();
        let guides = knowledge.guides.each().flat_map(|guide| guide.texts());
        let scenes = knowledge.scenes.iter().flat_map(|scene| scene.texts());
        for text in guides.chain(scenes) {
            prose.learn(&text.zh);
            prose.learn(&text.en);
        }
        for category in knowledge.taxonomy.each() {
            category.names.each().for_each(|name| prose.learn(name));
            for attribute in &category.attributes {
                prose.learn(&attribute.name.zh);
                prose.learn(&attribute.name.en);
                attribute.values.iter().flat_map(|value| value.words()).for_each(|word| prose.learn(word));
            }
        }
        for known in &knowledge.lexicon.traits {
            prose.learn(&known.name.zh);
            prose.learn(&known.name.en);
        }
        knowledge.phrases.wordings().for_each(|wording| prose.learn(wording));
        prose
    }

    /// Learns the words of a text.
    pub fn learn(&mut self, said: &str) {
        let folded = text::fold(said);
        self.words.extend(text::atoms(&folded).into_iter().filter(|atom| atom.kind == AtomKind::Word).map(|atom| atom.text));
        let characters: Vec<char> = folded.chars().collect();
        self.pairs.extend(characters.windows(2).filter(|pair| pair.iter().all(|c| text::is_han(*c))).map(|pair| (pair[0], pair[1])));
    }

    /// Whether a folded, stemmed word is known.
    pub fn has_word(&self, stem: &str) -> bool {
        self.words.contains(stem)
    }

    pub fn has_pair(&self, first: char, second: char) -> bool {
        self.pairs.contains(&(first, second))
    }
}
