//! Words that are almost, or sound exactly, like known ones: typos, pinyin, wrong characters of the same sound.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use pinyin::ToPinyin;

use super::Lookup;
use crate::knowledge::Knowledge;
use crate::need::Phrase;
use crate::text::{self, AtomKind};

/// Shortest English word that is corrected, and the shortest that may differ in two letters. As many letters as may differ must
/// be the same at the beginning.
const SHORTEST: usize = 5;
const TWO_LETTERS_FROM: usize = 7;

/// Finds the known word behind a misspelled one.
pub struct Corrector {
    /// Stemmed English words of categories, values and goods, one by one.
    words: HashSet<String>,
    /// A way to write each stem.
    written: HashMap<String, String>,
    /// Chinese category names by their sound.
    sounds: HashMap<String, String>,
    knowledge: Arc<Knowledge>,
}

impl Corrector {
    pub(super) fn new(knowledge: &Arc<Knowledge>) -> Self {
        let mut written = HashMap::new();
        let values = knowledge.taxonomy.each().flat_map(|c| c.names.en.iter().chain(c.attributes.iter().flat_map(|a| &a.values).map(|v| &v.en)));
        let goods = knowledge.lexicon.goods.departments.iter().flat_map(|d| &d.goods).flat_map(|g| &g.en);
        for word in values.chain(goods).flat_map(|phrase| phrase.split([' ', '-'])) {
            written.entry(text::stem(&text::fold(word))).or_insert_with(|| text::fold(word));
        }
        // Only names of things and of their properties are guessed at: an unknown "always" is no "away".
        let words = written.keys().filter(|w: &&String| w.len() >= SHORTEST - 1 && w.bytes().all(|b| b.is_ascii_lowercase())).cloned().collect();
        let mut sounds = HashMap::new();
        for name in knowledge.taxonomy.each().flat_map(|c| &c.names.zh) {
            if let Some(sound) = sound(name) {
                sounds.entry(sound).or_insert_with(|| text::fold(name));
            }
        }
        Self { words, written, sounds, knowledge: Arc::clone(knowledge) }
    }

    /// The question with its first misspelling put right, what was found and what it was taken for. Only words that no
    /// product speaks of are looked at.
    pub fn correct(&self, question: &str, unknown: &[Phrase], lookup: &dyn Lookup) -> Option<(String, String, String)> {
        for phrase in unknown.iter().map(|p| p.said.as_str()) {
            let atoms = text::atoms(phrase);
            let han: String = atoms.iter().filter(|a| a.kind == AtomKind::Han).map(|a| a.text.as_str()).collect();
            if let Some((found, taken)) = self.same_sound(&han, lookup) {
                return Some((replace(question, &found, &taken)?, found, taken));
            }
            for atom in atoms.iter().filter(|a| a.kind == AtomKind::Word && a.text.len() >= SHORTEST && a.text.is_ascii()) {
                if self.words.contains(&atom.text) || lookup.names_products(&atom.text) > 0 || self.knowledge.spells(&atom.text) {
                    continue;
                }
                let reach = if atom.text.len() >= TWO_LETTERS_FROM { 2 } else { 1 };
                let near = |word: &&String| word.len().abs_diff(atom.text.len()) <= reach && word.as_bytes().get(..reach) == atom.text.as_bytes().get(..reach);
                let best = self
                    .words
                    .iter()
                    .filter(near)
                    .map(|word| (strsim::damerau_levenshtein(word, &atom.text), word))
                    .filter(|(distance, _)| *distance <= reach)
                    .min();
                if let Some((_, taken)) = best {
                    let taken = self.written.get(taken).unwrap_or(taken);
                    let found = &phrase[atom.range.clone()];
                    return Some((replace(question, found, taken)?, found.to_owned(), taken.clone()));
                }
            }
        }
        None
    }

    /// A stretch of two to five characters that sounds like a category's name but is written otherwise.
    fn same_sound(&self, han: &str, lookup: &dyn Lookup) -> Option<(String, String)> {
        let chars: Vec<char> = han.chars().take(40).collect();
        for length in (2..=5).rev() {
            for window in chars.windows(length) {
                let written: String = window.iter().collect();
                if let Some(taken) = sound(&written).and_then(|s| self.sounds.get(&s))
                    && *taken != written
                    && lookup.titles_with(&text::phrase_key(&written)) == 0
                {
                    return Some((written, taken.clone()));
                }
            }
        }
        None
    }
}

/// How a Chinese word is typed in pinyin: in one piece and in syllables.
pub fn pinyin_forms(name: &str) -> Vec<String> {
    let syllables: Option<Vec<&str>> = name.to_pinyin().map(|s| s.map(|s| s.plain())).collect();
    match syllables {
        Some(syllables) if syllables.len() > 1 => vec![syllables.concat(), syllables.join(" ")],
        _ => Vec::new(),
    }
}

fn sound(name: &str) -> Option<String> {
    pinyin_forms(name).pop()
}

/// The question with a folded stretch replaced, wherever it stands in whatever script or case.
fn replace(question: &str, found: &str, taken: &str) -> Option<String> {
    let folded = text::Folded::new(question);
    let at = folded.text.find(found)?;
    let original = folded.quote(at..at + found.len());
    Some(question.replacen(original, taken, 1)).filter(|corrected| corrected != question)
}
