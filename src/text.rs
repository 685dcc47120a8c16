//! One normalization for shoppers' words and for indexed text.
//!
//! Width, case and script are folded (full-width to half-width, lower case, traditional to simplified Chinese), and every
//! folded byte still knows the byte of the original it came from, so that an answer can quote the shopper literally.
//! What both sides then compare are [`Atom`]s: one Han character, one stemmed Latin word, or one number.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use ferrous_opencc::{OpenCC, config::BuiltinConfig};
use frostem::{Algorithm, Stemmer};
use unicode_normalization::UnicodeNormalization;

/// Longest question or query that is looked at, in characters; what follows is ignored and said so.
pub const LONGEST_QUESTION: usize = 2_000;

static STEMMER: LazyLock<Stemmer> = LazyLock::new(|| Stemmer::new(Algorithm::English));

/// Single characters whose simplified form differs, from OpenCC's character table.
static SIMPLIFIED: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    let Ok(converter) = OpenCC::from_config(BuiltinConfig::T2s) else { return HashMap::new() };
    let unified = ('\u{3400}'..='\u{9fff}').chain('\u{f900}'..='\u{faff}');
    let table: Vec<char> = unified.collect();
    // One call per character: the phrase table must not see neighbors.
    let mut buffer = [0u8; 4];
    table
        .into_iter()
        .filter_map(|traditional| {
            let simplified = converter.convert(traditional.encode_utf8(&mut buffer));
            let mut chars = simplified.chars();
            match (chars.next(), chars.next()) {
                (Some(one), None) if one != traditional => Some((traditional, one)),
                _ => None,
            }
        })
        .collect()
});

/// Text with width, case and script folded, and the way back to the original.
#[derive(Debug, Clone)]
pub struct Folded {
    /// The original in Unicode normal form C.
    original: String,
    /// What is compared.
    pub text: String,
    /// For every byte of `text`, the byte of `original` where its character starts.
    origin: Vec<u32>,
}

impl Folded {
    /// Folds `text`. Never fails; control characters become spaces.
    pub fn new(text: &str) -> Self {
        let original: String = text.nfc().collect();
        let mut folded = String::with_capacity(original.len());
        let mut origin = Vec::with_capacity(original.len());
        for (at, character) in original.char_indices() {
            let before = folded.len();
            fold_into(character, &mut folded);
            origin.resize(origin.len() + folded.len() - before, at as u32);
        }
        Self { original, text: folded, origin }
    }

    /// The shopper's own words behind a range of [`Folded::text`].
    pub fn quote(&self, range: Range<usize>) -> &str {
        if range.is_empty() || range.end > self.origin.len() {
            return "";
        }
        let start = self.origin[range.start] as usize;
        let last = self.origin[range.end - 1] as usize;
        let end = last + self.original[last..].chars().next().map_or(0, char::len_utf8);
        self.original[start..end].trim()
    }
}

/// Folds text when the way back is not needed.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    text.nfc().for_each(|character| fold_into(character, &mut folded));
    folded
}

fn fold_into(character: char, out: &mut String) {
    if character.is_ascii() {
        out.push(if character.is_ascii_control() { ' ' } else { character.to_ascii_lowercase() });
        return;
    }
    for character in std::iter::once(character).nfkc() {
        let simplified = if is_han(character) { SIMPLIFIED.get(&character).copied().unwrap_or(character) } else { character };
        if simplified.is_control() {
            out.push(' ');
        } else {
            out.extend(simplified.to_lowercase());
        }
    }
}

/// Whether a character is a Han ideograph.
pub fn is_han(character: char) -> bool {
    matches!(character, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}' | '〇')
}

/// The smallest thing that is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Atom {
    /// One Han character, a stemmed Latin word, or digits with at most one decimal point.
    pub text: String,
    /// Bytes of [`Folded::text`].
    pub range: Range<usize>,
    pub kind: AtomKind,
}

/// What an [`Atom`] is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtomKind {
    Han,
    Word,
    Number,
    /// Punctuation that ends a clause; phrases do not reach over it.
    Stop,
    /// A sign that carries meaning next to a figure: `$`, `%`, `"`, `-` between figures, `~`, `℃`.
    Sign,
}

/// Splits folded text into atoms.
pub fn atoms(folded: &str) -> Vec<Atom> {
    let mut atoms: Vec<Atom> = Vec::new();
    let chars: Vec<(usize, char)> = folded.char_indices().collect();
    let end_of = |index: usize| chars.get(index).map_or(folded.len(), |(at, _)| *at);
    let mut index = 0;
    while index < chars.len() {
        let (start, character) = chars[index];
        let next = chars.get(index + 1).map(|(_, next)| *next);
        if is_han(character) {
            index += 1;
            atoms.push(Atom { text: character.to_string(), range: start..end_of(index), kind: AtomKind::Han });
        } else if character.is_ascii_digit() || (character == '-' && next.is_some_and(|n| n.is_ascii_digit()) && starts_figure(&chars, index)) {
            index += 1;
            while index < chars.len() && continues_figure(&chars, index) {
                index += 1;
            }
            let text: String = folded[start..end_of(index)].chars().filter(|c| *c != ',').collect();
            atoms.push(Atom { text, range: start..end_of(index), kind: AtomKind::Number });
        } else if character.is_alphabetic() {
            index += 1;
            while index < chars.len() && continues_word(&chars, index) {
                index += 1;
            }
            let word: String = folded[start..end_of(index)].chars().filter(|c| !is_apostrophe(*c)).collect();
            atoms.push(Atom { text: stem(&word), range: start..end_of(index), kind: AtomKind::Word });
        } else {
            index += 1;
            let kind = match character {
                '.' | '?' | '!' | ';' | ',' | '。' | '、' | '…' | '(' | ')' | '|' | '\n' | ':' => Some(AtomKind::Stop),
                '$' | '€' | '£' | '¥' | '%' | '"' | '″' | '~' | '-' | '–' | '—' | '°' | '²' | '/' | '<' | '>' | '=' | '≤' | '≥' => {
                    Some(AtomKind::Sign)
                }
                _ => None,
            };
            if let Some(kind) = kind {
                atoms.push(Atom { text: character.to_string(), range: start..end_of(index), kind });
            }
        }
    }
    atoms
}

/// A minus sign belongs to the figure when nothing it could subtract from stands before it.
fn starts_figure(chars: &[(usize, char)], index: usize) -> bool {
    index == 0 || matches!(chars[index - 1].1, before if before.is_whitespace() || (is_han(before) && !"块元到至".contains(before)) || before == '(')
}

fn continues_figure(chars: &[(usize, char)], index: usize) -> bool {
    let character = chars[index].1;
    let next_is_digit = |by: usize| chars.get(index + by).is_some_and(|(_, next)| next.is_ascii_digit());
    let before_is_digit = index > 0 && chars[index - 1].1.is_ascii_digit();
    character.is_ascii_digit()
        || (character == '.' && before_is_digit && next_is_digit(1))
        || (character == ',' && before_is_digit && next_is_digit(1) && next_is_digit(2) && next_is_digit(3) && !next_is_digit(4))
}

fn continues_word(chars: &[(usize, char)], index: usize) -> bool {
    let character = chars[index].1;
    (character.is_alphabetic() && !is_han(character))
        || (is_apostrophe(character) && chars.get(index + 1).is_some_and(|(_, next)| next.is_alphabetic() && !is_han(*next)))
}

fn is_apostrophe(character: char) -> bool {
    matches!(character, '\'' | '’')
}

/// The stem of a folded Latin word, by the Snowball English stemmer.
pub fn stem(word: &str) -> String {
    STEMMER.stem(word).into_owned()
}

/// The comparable form of a phrase: its atoms, joined by single spaces. Punctuation does not count.
pub fn phrase_key(phrase: &str) -> String {
    let atoms = atoms(&fold(phrase));
    let words: Vec<&str> = atoms.iter().filter(|a| !matches!(a.kind, AtomKind::Stop | AtomKind::Sign)).map(|a| a.text.as_str()).collect();
    words.join(" ")
}

/// The figures of a text in one form: digits without needless zeros or separators.
pub fn figures(prose: &str) -> Vec<String> {
    let atoms = atoms(&fold(prose));
    let numbers = atoms.iter().filter(|a| a.kind == AtomKind::Number);
    numbers
        .map(|a| a.text.trim_start_matches('-'))
        .map(|figure| if figure.contains('.') { figure.trim_end_matches('0').trim_end_matches('.') } else { figure })
        .map(|figure| figure.trim_start_matches('0'))
        .map(|figure| if figure.is_empty() || figure.starts_with('.') { format!("0{figure}") } else { figure.to_owned() })
        .collect()
}

/// Whether the phrase behind `needle` stands in the text behind `haystack`, at word borders; both are [`phrase_key`]s.
pub fn key_contains(haystack: &str, needle: &str) -> bool {
    if needle.is_empty() {
        return false;
    }
    haystack.match_indices(needle).any(|(at, _)| {
        let end = at + needle.len();
        (at == 0 || haystack.as_bytes()[at - 1] == b' ') && (end == haystack.len() || haystack.as_bytes()[end] == b' ')
    })
}

/// Words that turn a value into its opposite when they stand right before it, and right behind it.
const DENIES_BEFORE: [&str; 9] = ["无", "不", "非", "未", "没", "no", "not", "non", "without"];
const DENIES_BEHIND: [&str; 2] = ["free", "less"];

/// Like [`key_contains`], for values of a record: "无防水等级" is not 防水, and "alcohol free" is not alcohol.
pub fn value_contains(value: &str, word: &str) -> bool {
    if word.is_empty() || value == word {
        return !word.is_empty();
    }
    value.match_indices(word).any(|(at, _)| {
        let (before, behind) = (&value[..at], &value[at + word.len()..]);
        let whole = (before.is_empty() || before.ends_with(' ')) && (behind.is_empty() || behind.starts_with(' '));
        let denied = before.trim_end().rsplit(' ').next().is_some_and(|w| DENIES_BEFORE.contains(&w))
            || behind.trim_start().split(' ').next().is_some_and(|w| DENIES_BEHIND.contains(&w));
        whole && !denied
    })
}

/// Share of Han characters among letters, 0 to 1; 0 for text without letters.
pub fn han_share(text: &str) -> f64 {
    let (mut han, mut words) = (0usize, 0usize);
    for atom in atoms(&fold(text)) {
        match atom.kind {
            AtomKind::Han => han += 1,
            AtomKind::Word => words += 1,
            _ => {}
        }
    }
    if han + words == 0 { 0.0 } else { han as f64 / (han + words) as f64 }
}

/// Like [`phrase_key`], but words keep their endings; for keys that people read ("newsboy cap").
/// Han characters stand together.
pub fn phrase_key_unstemmed(phrase: &str) -> String {
    let folded = fold(phrase);
    let mut key = String::with_capacity(folded.len());
    let mut after_han = true;
    for atom in atoms(&folded) {
        if matches!(atom.kind, AtomKind::Stop) || (atom.kind == AtomKind::Sign && !"%/°²".contains(&atom.text)) {
            continue;
        }
        let han = atom.kind == AtomKind::Han;
        let first = key.is_empty();
        if !(first || han && after_han) {
            key.push(' ');
        }
        key.push_str(&folded[atom.range]);
        after_han = han;
    }
    key
}

/// A [`phrase_key`] as text again: Han characters stand together.
pub fn unspaced(key: &str) -> String {
    let mut text = String::with_capacity(key.len());
    for word in key.split(' ') {
        let han = word.chars().all(is_han);
        let after_han = text.chars().next_back().is_none_or(is_han);
        if !(text.is_empty() || han && after_han) {
            text.push(' ');
        }
        text.push_str(word);
    }
    text
}

/// Fewest syllables that make a sentence in pinyin; fewer may be words of any language.
const FEWEST_SYLLABLES: usize = 4;

/// Whether a text is Chinese written in Latin letters: every word of it falls apart into syllables of pinyin.
pub fn is_pinyin(text: &str) -> bool {
    use pinyin::ToPinyin;
    static SYLLABLES: LazyLock<std::collections::HashSet<&'static str>> =
        LazyLock::new(|| ('\u{4e00}'..='\u{9fa5}').filter_map(|c| c.to_pinyin()).map(|p| p.plain()).collect());
    /// How many syllables a word falls into, the fewest.
    fn syllables(word: &str) -> Option<usize> {
        let mut fewest: Vec<Option<usize>> = vec![None; word.len() + 1];
        fewest[0] = Some(0);
        for end in 1..=word.len() {
            let starts = (end.saturating_sub(6)..end).filter(|start| SYLLABLES.contains(&word[*start..end]));
            fewest[end] = starts.filter_map(|start| fewest[start]).min().map(|n| n + 1);
        }
        fewest[word.len()]
    }
    let words = || text.split(|c: char| !c.is_ascii_alphabetic()).filter(|w| !w.is_empty());
    if text.chars().any(|c| c.is_alphabetic() && !c.is_ascii()) || words().any(|w| w.len() > 24) {
        return false;
    }
    let all: Option<usize> = words().map(|word| syllables(&word.to_ascii_lowercase())).sum();
    all.is_some_and(|count| count >= FEWEST_SYLLABLES)
}
