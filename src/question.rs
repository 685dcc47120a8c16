//! A question, as it came in.

use crate::catalog::Lang;
use crate::need::Persona;
use crate::text::LONGEST_QUESTION;

/// One turn of a shopper: bounded, trimmed, never empty.
#[derive(Debug, Clone)]
pub struct Question {
    text: String,
    /// Set when the caller fixed the answer's language.
    pub lang: Option<Lang>,
    /// Set when the caller fixed the role.
    pub persona: Option<Persona>,
    /// The conversation it belongs to.
    pub session: Option<String>,
    /// Names of constraints and ids of traits that the shopper has taken back by hand, or "category": they are left out of
    /// what is understood.
    pub without: Vec<String>,
    /// How many characters were left out at the end.
    pub cut: usize,
}

impl Question {
    /// Takes a question in. `None` when nothing but blanks and control characters is in it.
    pub fn new(text: &str) -> Option<Self> {
        let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let clean = clean.trim();
        if clean.is_empty() {
            return None;
        }
        let kept: String = clean.chars().take(LONGEST_QUESTION).collect();
        let cut = clean.chars().count().saturating_sub(LONGEST_QUESTION);
        Some(Self { text: kept, lang: None, persona: None, session: None, without: Vec::new(), cut })
    }

    /// The same turn with only some of its words; `None` when nothing is left. The language stays that of the whole.
    pub fn narrowed(&self, text: &str) -> Option<Self> {
        let kept = Self::new(text)?;
        Some(Self { text: kept.text, lang: Some(self.lang()), ..self.clone() })
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// The language to answer in: the one asked for, else the question's own.
    pub fn lang(&self) -> Lang {
        self.lang.unwrap_or_else(|| Lang::of(&self.text))
    }
}
