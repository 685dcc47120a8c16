//! What an answer offers to go on with, by letter: the values of its question, then the questions that could follow.
//!
//! Products have the numbers, and a figure alone may be an answer ("38"); letters up to `k` are nobody's size.

use crate::answer::Answer;

const LETTERS: &str = "abcdefghijk";

/// The texts that can be chosen, in the order of their letters.
pub fn texts(answer: &Answer) -> Vec<&str> {
    let options = answer.question.iter().flat_map(|question| question.options.iter().map(|(value, _)| value.as_str()));
    options.chain(answer.follow_ups.iter().map(String::as_str)).take(LETTERS.len()).collect()
}

/// Their letters.
pub(super) fn letters(answer: &Answer) -> impl Iterator<Item = char> {
    LETTERS.chars().take(texts(answer).len())
}

/// What a line chooses that is such a letter and nothing else.
pub fn chosen<'a>(line: &str, texts: &[&'a str]) -> Option<&'a str> {
    let letter = line.trim().trim_end_matches([')', '）', '.']).to_ascii_lowercase();
    let mut characters = letter.chars();
    let place = LETTERS.find(characters.next()?).filter(|_| characters.next().is_none())?;
    texts.get(place).copied()
}
