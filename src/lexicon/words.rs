//! Function words: asking, denying, limiting, joining.

use serde::Deserialize;

use crate::knowledge::WordList;

/// What a function word does to the words around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WordClass {
    /// Asking and politeness; carries no need.
    Question,
    Negation,
    /// Stands behind what it denies: "除外", "-free".
    NegationAfter,
    /// Turns a rule into a wish: "最好", "ideally".
    Preference,
    /// Joins choices: "还是", "or".
    Alternative,
    /// Weighs two things without deciding: "还是", "versus".
    Comparing,
    /// The figure beside it is the shopper's own: weight, height, age.
    OwnBody,
    /// Always stands behind its figure: "以内", "or less".
    Behind,
    /// Asks for an explanation: "是什么", "what is".
    Explain,
    And,
    About,
    AtMost,
    AtLeast,
    Between,
    Budget,
    /// Takes a wish back: "都行", "any".
    Reset,
    /// Asks for other products of the same need.
    More,
    /// Asks for one end of an order; which one, `superlatives.toml` says.
    Superlative,
}

/// All function words by class.
#[derive(Debug, Clone, Deserialize)]
pub struct Words {
    question: WordList,
    negation: WordList,
    negation_after: WordList,
    preference: WordList,
    alternative: WordList,
    comparing: WordList,
    own_body: WordList,
    explain: WordList,
    behind: WordList,
    and: WordList,
    about: WordList,
    at_most: WordList,
    at_least: WordList,
    between: WordList,
    budget: WordList,
    reset: WordList,
    more: WordList,
}

impl Words {
    /// Every class with its words. A word may stand in several.
    pub fn classes(&self) -> [(WordClass, &WordList); 17] {
        [
            (WordClass::More, &self.more),
            (WordClass::NegationAfter, &self.negation_after),
            (WordClass::Negation, &self.negation),
            (WordClass::Preference, &self.preference),
            (WordClass::Comparing, &self.comparing),
            (WordClass::Alternative, &self.alternative),
            (WordClass::OwnBody, &self.own_body),
            (WordClass::Explain, &self.explain),
            (WordClass::Behind, &self.behind),
            (WordClass::And, &self.and),
            (WordClass::About, &self.about),
            (WordClass::AtMost, &self.at_most),
            (WordClass::AtLeast, &self.at_least),
            (WordClass::Between, &self.between),
            (WordClass::Budget, &self.budget),
            (WordClass::Reset, &self.reset),
            (WordClass::Question, &self.question),
        ]
    }
}
