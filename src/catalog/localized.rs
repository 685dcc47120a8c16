//! Text that may exist in Chinese, in English, or in one unknown language.

use crate::text;

/// The two languages the assistant speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    Zh,
    En,
}

/// Share of Han characters among characters and words from which a text is Chinese.
const ENOUGH_HAN: f64 = 0.35;

impl Lang {
    pub const BOTH: [Self; 2] = [Self::Zh, Self::En];

    /// The code used in answers and settings.
    pub fn code(self) -> &'static str {
        match self {
            Self::Zh => "zh",
            Self::En => "en",
        }
    }

    /// The language of a text, by its share of Han characters. A fifth is enough: "AirPods Pro 保护套" is Chinese.
    pub fn of(text: &str) -> Self {
        if text::han_share(text) >= ENOUGH_HAN || text::is_pinyin(text) { Self::Zh } else { Self::En }
    }
}

/// A text in one or two languages. At least one is there and none is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Localized {
    /// One text, whatever its language.
    Plain(String),
    Both {
        zh: String,
        en: String,
    },
}

impl Localized {
    /// Builds from what a feed has. `None` when all is blank. A text in one language only is plain.
    pub fn new(zh: Option<String>, en: Option<String>) -> Option<Self> {
        let clean = |text: Option<String>| text.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty());
        match (clean(zh), clean(en)) {
            (Some(zh), Some(en)) if zh != en => Some(Self::Both { zh, en }),
            (Some(one), _) | (None, Some(one)) => Some(Self::Plain(one)),
            (None, None) => None,
        }
    }

    /// One text, whatever its language. `None` when it is blank.
    pub fn plain(text: impl Into<String>) -> Option<Self> {
        Self::new(Some(text.into()), None)
    }

    /// The text in a language, or in the only language there is.
    pub fn get(&self, lang: Lang) -> &str {
        match (self, lang) {
            (Self::Plain(text), _) => text,
            (Self::Both { zh, .. }, Lang::Zh) => zh,
            (Self::Both { en, .. }, Lang::En) => en,
        }
    }

    /// Every text there is.
    pub fn each(&self) -> impl Iterator<Item = &str> {
        let (first, second) = match self {
            Self::Plain(text) => (text, None),
            Self::Both { zh, en } => (zh, Some(en)),
        };
        std::iter::once(first.as_str()).chain(second.map(String::as_str))
    }

    /// The comparable form by which two records mean the same: of the English text where there is one.
    pub fn key(&self) -> String {
        let key = text::phrase_key_unstemmed(self.get(Lang::En));
        if key.is_empty() { text::fold(self.get(Lang::En)).trim().to_owned() } else { key }
    }
}
