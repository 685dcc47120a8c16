//! Words by which a turn speaks of the turns before it.

use std::collections::HashSet;

use serde::Deserialize;

use crate::knowledge::{Files, WordList};
use crate::need::OrderBy;
use crate::text;

/// What a word does in a conversation. Numbers are places in the list that the variant names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cue {
    /// "它", "this one".
    It,
    /// "这些", "these".
    These,
    /// "这两个", "both".
    Both,
    /// Stands behind a place: "个", "one".
    One,
    /// Stands before a figure that is a place: "第", "number".
    NumberBefore,
    /// Stand before how many from one end: "前", "the first".
    FirstMany,
    LastMany,
    /// Looks like another cue and is none: "这个价位".
    Idle,
    /// Speaks of what was shown earlier: "刚才".
    Back,
    Compare,
    /// Stands between two things that are weighed: "比".
    Than,
    /// Asks for one end of an order; `superlatives.toml` says which.
    Superlative,
    /// Asks whether something is so, or what it is like.
    Asks,
    /// Asks for other products that have something: "有防水的吗".
    Exists,
    /// Asks for other products: "要", "I want".
    Wish,
    /// Sends a product away: "不喜欢".
    Reject,
    /// Goes over to another thing: "换成", "instead".
    Switch,
    Departments,
    HowMany,
    WhichValues,
    PriceRange,
    InChinese,
    InEnglish,
    /// A place in the last list.
    Ordinal(usize),
    /// A field of records.
    Field(usize),
    /// An attribute or dimension that is asked for in other words than its name.
    Topic(usize),
    /// More or less of something.
    Comparative(usize),
}

/// A place in a list: 1 is the first, −1 the last, 0 the middle.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ordinal {
    pub place: i32,
    zh: Vec<String>,
    en: Vec<String>,
}

/// A field of records that is no attribute.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    pub id: FieldId,
    zh: Vec<String>,
    en: Vec<String>,
}

/// The fields that can be asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldId {
    Price,
    Rating,
    Availability,
    Brand,
    Seller,
    Sales,
}

impl FieldId {
    /// As records name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Price => "price",
            Self::Rating => "rating",
            Self::Availability => "availability",
            Self::Brand => "brand",
            Self::Seller => "seller",
            Self::Sales => "sales",
        }
    }
}

/// Another way to ask for an attribute, or for whatever is measured in a dimension.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TopicWords {
    #[serde(default)]
    pub attribute: Option<String>,
    #[serde(default)]
    pub dimension: Option<String>,
    zh: Vec<String>,
    en: Vec<String>,
}

/// More or less of something than what was shown.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparative {
    /// What it is of; where several are named, the first that the shown products state.
    pub by: Vec<String>,
    pub least: bool,
    zh: Vec<String>,
    en: Vec<String>,
}

impl Comparative {
    /// What it is of, in order.
    pub fn orders(&self) -> impl Iterator<Item = OrderBy> {
        self.by.iter().map(|by| OrderBy::parse(by))
    }
}

/// All of them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dialogue {
    it: WordList,
    these: WordList,
    both: WordList,
    one: WordList,
    number_before: WordList,
    first_many: WordList,
    last_many: WordList,
    idle: WordList,
    back: WordList,
    compare: WordList,
    than: WordList,
    asks: WordList,
    exists: WordList,
    wish: WordList,
    reject: WordList,
    switch: WordList,
    departments: WordList,
    how_many: WordList,
    which_values: WordList,
    price_range: WordList,
    in_chinese: WordList,
    in_english: WordList,
    #[serde(rename = "ordinal")]
    pub ordinals: Vec<Ordinal>,
    #[serde(rename = "field")]
    pub fields: Vec<Field>,
    #[serde(rename = "topic")]
    pub topics: Vec<TopicWords>,
    #[serde(rename = "comparative")]
    pub comparatives: Vec<Comparative>,
    /// The phrase keys of the comparatives.
    #[serde(skip)]
    relative: HashSet<String>,
}

impl Dialogue {
    pub(super) fn load(files: &Files) -> anyhow::Result<Self> {
        let mut dialogue: Self = files.one("lexicon/dialogue.toml")?.parse()?;
        dialogue.relative = dialogue.comparatives.iter().flat_map(|c| c.zh.iter().chain(&c.en)).map(|wording| text::phrase_key(wording)).collect();
        Ok(dialogue)
    }

    /// Whether a wish was said as more or less than what was shown, so that it means nothing of other things.
    pub fn is_relative(&self, wish: &str) -> bool {
        self.relative.contains(&text::phrase_key(wish))
    }

    /// Every wording with what it does. A wording may do several things.
    pub fn each(&self) -> impl Iterator<Item = (&str, Cue)> {
        let lists = [
            (&self.it, Cue::It),
            (&self.these, Cue::These),
            (&self.both, Cue::Both),
            (&self.one, Cue::One),
            (&self.number_before, Cue::NumberBefore),
            (&self.first_many, Cue::FirstMany),
            (&self.last_many, Cue::LastMany),
            (&self.idle, Cue::Idle),
            (&self.back, Cue::Back),
            (&self.compare, Cue::Compare),
            (&self.than, Cue::Than),
            (&self.asks, Cue::Asks),
            (&self.exists, Cue::Exists),
            (&self.wish, Cue::Wish),
            (&self.reject, Cue::Reject),
            (&self.switch, Cue::Switch),
            (&self.departments, Cue::Departments),
            (&self.how_many, Cue::HowMany),
            (&self.which_values, Cue::WhichValues),
            (&self.price_range, Cue::PriceRange),
            (&self.in_chinese, Cue::InChinese),
            (&self.in_english, Cue::InEnglish),
        ];
        let lists = lists.into_iter().flat_map(|(list, cue)| list.each().map(move |word| (word, cue)));
        let ordinals = self.ordinals.iter().enumerate().flat_map(|(at, o)| both(&o.zh, &o.en, Cue::Ordinal(at)));
        let fields = self.fields.iter().enumerate().flat_map(|(at, f)| both(&f.zh, &f.en, Cue::Field(at)));
        let topics = self.topics.iter().enumerate().flat_map(|(at, t)| both(&t.zh, &t.en, Cue::Topic(at)));
        let comparatives = self.comparatives.iter().enumerate().flat_map(|(at, c)| both(&c.zh, &c.en, Cue::Comparative(at)));
        lists.chain(ordinals).chain(fields).chain(topics).chain(comparatives)
    }
}

fn both<'w>(zh: &'w [String], en: &'w [String], cue: Cue) -> impl Iterator<Item = (&'w str, Cue)> {
    zh.iter().chain(en).map(move |word| (word.as_str(), cue))
}
