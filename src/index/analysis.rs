//! Text to terms: one analyzer for product text and for shoppers' words, Chinese and English together.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::{Arc, LazyLock};

use jieba_rs::Jieba;

use super::schema::TokenKind;
use crate::knowledge::Knowledge;
use crate::lexicon::Units;
use crate::text::{self, AtomKind};

type LazyJieba = LazyLock<Jieba, Box<dyn FnOnce() -> Jieba + Send>>;

/// Longest name of a unit, in atoms: 毫安时 has three.
const LONGEST_UNIT: usize = 4;
/// How far a figure may be off through rounding, as a share of it.
const MEASURE_REACH: f64 = 0.005;

/// A token of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryToken {
    pub kind: TokenKind,
    pub text: String,
    /// What it makes when written together with the next token: "headset" of "head" in "head set".
    pub compound: Option<String>,
}

/// Splits text into terms. Cheap to clone.
#[derive(Clone)]
pub struct Analyzer {
    /// Loaded at the first Chinese text: the dictionary takes about a tenth of a second.
    jieba: Arc<LazyJieba>,
    units: Arc<Units>,
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
        Self { jieba: Arc::new(LazyLock::new(Box::new(build))), units: Arc::new(knowledge.lexicon.units.clone()) }
    }

    /// Loads the dictionary now rather than at the first Chinese text.
    pub fn warm(&self) {
        LazyLock::force(&self.jieba);
    }

    /// Words: Chinese as the segmenter cuts it (long words and the shorter ones in them), English stemmed, figures as they
    /// are, and names written with hyphens ("wh-1000xm4") both whole and in parts.
    pub fn words(&self, text: &str) -> Vec<String> {
        self.folded_words(&text::fold(text))
    }

    /// Figures with their units, each as one term in its dimension's base unit, so that 27", "27 inch" and "68.6 cm" meet. A
    /// product gets a term for either side where the figure lies on the border of two.
    pub fn measures(&self, text: &str) -> BTreeSet<String> {
        let reach = [1.0 - MEASURE_REACH, 1.0, 1.0 + MEASURE_REACH];
        self.figures(&text::fold(text)).into_iter().flat_map(|(_, dimension, base)| reach.map(|factor| measure_term(&dimension, base * factor))).collect()
    }

    /// Every figure with a unit: where it stands, its dimension, and itself in the base unit.
    fn figures(&self, folded: &str) -> Vec<(Range<usize>, String, f64)> {
        let atoms = text::atoms(folded);
        let mut figures = Vec::new();
        for (place, figure) in atoms.iter().enumerate().filter(|(_, a)| a.kind == AtomKind::Number) {
            let Ok(value) = figure.text.parse::<f64>() else { continue };
            let rest = &atoms[place + 1..];
            // The longest run of at most four neighbors that names a unit.
            let unit = (1..=rest.len().min(LONGEST_UNIT)).rev().find_map(|length| {
                let end = rest[length - 1].range.end;
                let unit = self.units.find(folded[figure.range.end..end].trim_start_matches([' ', '-']))?;
                Some((figure.range.start..end, unit.dimension.clone(), value * unit.factor))
            });
            figures.extend(unit.filter(|_| value > 0.0));
        }
        figures
    }

    /// The parts of names with inner capitals: "play" and "station" of "PlayStation".
    pub fn name_parts(&self, text: &str) -> Vec<String> {
        let names = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| has_inner_capital(word));
        names.flat_map(|name| self.folded_words(&text::fold(&apart(name)))).collect()
    }

    /// The tokens of a question: its words, and for Han text its characters and their pairs.
    pub fn query_tokens(&self, text: &str) -> Vec<QueryToken> {
        let folded = text::fold(text);
        let han = |word: &str| word.chars().all(text::is_han);
        let token = |kind, text| QueryToken { kind, text, compound: None };
        let figures = self.figures(&folded);
        // A measure stands for its figure and its unit, which other notations lack.
        let mut rest = folded.clone();
        for (span, ..) in &figures {
            rest.replace_range(span.clone(), &" ".repeat(span.len()));
        }
        let words = self.folded_words(&rest).into_iter().map(|word| token(if han(&word) { TokenKind::HanWord } else { TokenKind::Word }, word));
        let mut tokens: Vec<QueryToken> = words.collect();
        let atoms = text::atoms(&folded);
        for pair in atoms.windows(2).filter(|pair| pair.iter().all(|a| a.kind == AtomKind::Word)) {
            let apart = folded[pair[0].range.end..pair[1].range.start].chars().all(char::is_whitespace);
            let place = tokens.windows(2).position(|two| two[0].text == pair[0].text && two[1].text == pair[1].text);
            if let Some(place) = place.filter(|_| apart) {
                tokens[place].compound = Some(text::stem(&format!("{}{}", &folded[pair[0].range.clone()], &folded[pair[1].range.clone()])));
            }
        }
        tokens.extend(figures.into_iter().map(|(_, dimension, base)| token(TokenKind::Measure, measure_term(&dimension, base))));
        tokens.extend(self.grams(&folded).into_iter().map(|gram| {
            let kind = if gram.chars().nth(1).is_some() { TokenKind::Pair } else { TokenKind::Character };
            token(kind, gram)
        }));
        tokens
    }

    fn folded_words(&self, folded: &str) -> Vec<String> {
        let mut terms = Vec::new();
        let atoms = text::atoms(folded);
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
                        && (index == start || joined(folded, last_of(&atoms, index), &atoms[index]))
                    {
                        terms.push(atoms[index].text.clone());
                        index += 1;
                        let hyphen = atoms.get(index).is_some_and(|a| a.text == "-");
                        if hyphen
                            && atoms
                                .get(index + 1)
                                .is_some_and(|next| matches!(next.kind, AtomKind::Word | AtomKind::Number) && joined(folded, &atoms[index - 1], next))
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

    /// The words of a text, each with whether the dictionary calls it a name of somebody, some place or some make.
    pub fn tagged(&self, folded: &str) -> Vec<(String, bool)> {
        let is_name = |tag: &str| tag.starts_with("nr") || tag.starts_with("nz") || tag.starts_with("nt");
        self.jieba.tag(folded, false).into_iter().map(|tagged| (tagged.word.to_owned(), is_name(tagged.tag))).collect()
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

/// A measure rounded to two figures, under its dimension.
fn measure_term(dimension: &str, base: f64) -> String {
    format!("{dimension}={base:.1e}")
}

/// The atom before this one that is no sign.
fn last_of(atoms: &[text::Atom], index: usize) -> &text::Atom {
    let before = atoms[..index].iter().rev().find(|a| a.kind != AtomKind::Sign);
    before.unwrap_or(&atoms[index])
}

/// Whether two atoms belong to one name: a hyphen or underscore between them, or nothing where one is a figure.
fn joined(folded: &str, left: &text::Atom, right: &text::Atom) -> bool {
    match &folded[left.range.end..right.range.start] {
        "-" | "_" => true,
        "" => left.kind == AtomKind::Number || right.kind == AtomKind::Number,
        _ => false,
    }
}

/// A capital after a small letter, with two letters or more on each side.
fn has_inner_capital(word: &str) -> bool {
    apart(word).split(' ').all(|part| part.len() > 1) && apart(word).contains(' ')
}

/// "PlayStation" as "Play Station".
fn apart(word: &str) -> String {
    let mut spaced = String::with_capacity(word.len() + 2);
    let mut small = false;
    for character in word.chars() {
        if small && character.is_ascii_uppercase() {
            spaced.push(' ');
        }
        small = character.is_ascii_lowercase();
        spaced.push(character);
    }
    spaced
}
