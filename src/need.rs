//! What a shopper needs, as far as it is understood: a value that every later stage reads and none changes.

pub mod check;

use serde::{Deserialize, Serialize};

use crate::catalog::{Lang, Money, ProductId};
use crate::lexicon::FieldId;
use crate::text;

/// How a value is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Comparison {
    AtMost,
    LessThan,
    AtLeast,
    MoreThan,
    Equal,
    NotEqual,
}

impl Comparison {
    /// Reads `<=`, `<`, `>=`, `>`, `=` or `!=`.
    pub fn parse(operator: &str) -> Option<Self> {
        Some(match operator {
            "<=" | "≤" => Self::AtMost,
            "<" => Self::LessThan,
            ">=" | "≥" => Self::AtLeast,
            ">" => Self::MoreThan,
            "=" | "==" => Self::Equal,
            "!=" | "≠" => Self::NotEqual,
            _ => return None,
        })
    }

    /// The operator of answers: `<=`.
    pub fn operator(self) -> &'static str {
        match self {
            Self::AtMost => "<=",
            Self::LessThan => "<",
            Self::AtLeast => ">=",
            Self::MoreThan => ">",
            Self::Equal => "=",
            Self::NotEqual => "!=",
        }
    }

    /// The sign people read: `≤`.
    pub fn sign(self) -> &'static str {
        match self {
            Self::AtMost => "≤",
            Self::AtLeast => "≥",
            Self::NotEqual => "≠",
            other => other.operator(),
        }
    }

    /// Whether an exact comparison came out as the operator asks.
    pub fn admits(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            Self::AtMost => ordering.is_le(),
            Self::LessThan => ordering.is_lt(),
            Self::AtLeast => ordering.is_ge(),
            Self::MoreThan => ordering.is_gt(),
            Self::Equal => ordering.is_eq(),
            Self::NotEqual => ordering.is_ne(),
        }
    }

    /// Whether `left op right` holds for measures. Equality forgives rounding of one part in a million; money is compared by
    /// [`Comparison::admits`].
    pub fn holds(self, left: f64, right: f64) -> bool {
        let equal = (left - right).abs() <= right.abs().max(1.0) * 1e-6;
        match self {
            Self::AtMost => left < right || equal,
            Self::LessThan => left < right && !equal,
            Self::AtLeast => left > right || equal,
            Self::MoreThan => left > right && !equal,
            Self::Equal => equal,
            Self::NotEqual => !equal,
        }
    }
}

/// A value that is wanted or unwanted, and the phrases by which a record shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WantedValue {
    /// The canonical form, as in answers: "black".
    pub key: String,
    /// Phrase keys; a record's value that contains one of them is this value.
    pub words: Vec<String>,
    /// Phrase keys of other values of the same vocabulary: 中长款 contains 长款 and is another thing.
    pub others: Vec<String>,
}

impl WantedValue {
    /// The words by which a title, too, says this value: none that another value has in it ("入耳式" in 半入耳式), and no single
    /// character, which may mean anything.
    pub fn title_words(&self) -> impl Iterator<Item = &String> {
        let telling = |word: &&String| word.contains(' ') || word.chars().count() > 2;
        self.words.iter().filter(telling).filter(|word| !self.others.iter().any(|other| text::key_contains(other, word)))
    }

    /// Whether a value of a record, as a phrase key, is this one.
    pub fn is(&self, value: &str) -> bool {
        self.words.iter().any(|word| word == value)
            || (!self.others.iter().any(|other| other == value) && self.words.iter().any(|word| text::value_contains(value, word)))
    }
}

/// What must be true of a product.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Rule {
    /// What it costs now. `amount` is in the shop's currency, `stated` in the shopper's.
    Price { comparison: Comparison, amount: Money, stated: Money },
    /// An attribute, or the brand, holds one of the values (`Equal`) or none of them (`NotEqual`).
    Value { attribute: String, comparison: Comparison, any_of: Vec<WantedValue> },
    /// A number, in the base unit of its dimension ("" for figures without a unit); `shown` is the figure in `unit`, a unit's id.
    Measure { attribute: String, comparison: Comparison, dimension: String, base: f64, shown: f64, unit: String },
    /// The title holds none of these phrases: an exclusion that no attribute knows.
    Without { words: Vec<String> },
}

/// A rule, and the shopper's words it came from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Constraint {
    pub rule: Rule,
    pub text: String,
    /// A hard constraint is a filter; a soft one only ranks.
    pub hard: bool,
}

impl Constraint {
    /// What it is about: "price", or the attribute.
    pub fn name(&self) -> &str {
        match &self.rule {
            Rule::Price { .. } => "price",
            Rule::Value { attribute, .. } | Rule::Measure { attribute, .. } => attribute,
            Rule::Without { .. } => "title",
        }
    }
}

/// How a category was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Found {
    /// The shopper named it, or a kind of it.
    Named,
    /// A wider word covers it.
    Umbrella,
    /// Retrieval or traits point to it.
    Inferred,
}

/// A category of this catalog that is meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategoryMatch {
    /// The comparable path, as in the index.
    pub key: String,
    /// Our own category with vocabulary and guide, if it is one.
    pub id: Option<String>,
    /// The shopper's words, empty when inferred.
    pub text: String,
    pub found: Found,
    /// Whether products outside of it are left out: where the catalog files its goods by our own tree, or a filter asks for
    /// it. Other catalogs' paths are too loose for that.
    pub filters: bool,
}

/// A trait that was recognized.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraitMatch {
    pub id: String,
    pub text: String,
}

/// How many people there are, and the words that say so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    pub people: u32,
    pub text: String,
}

/// The five roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Persona {
    #[default]
    Guide,
    Life,
    Food,
    Travel,
    Writer,
}

impl Persona {
    pub const ALL: [Self; 5] = [Self::Guide, Self::Life, Self::Food, Self::Travel, Self::Writer];

    /// The role of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|persona| persona.as_str() == name)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Guide => "guide",
            Self::Life => "life",
            Self::Food => "food",
            Self::Travel => "travel",
            Self::Writer => "writer",
        }
    }
}

/// What kind of turn it is.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub enum Intent {
    /// Wants products, or help in choosing them.
    #[default]
    Shop,
    /// Not for us; the id of the entry in `lexicon/scope.toml`.
    Scope(String),
    /// A question of life with an answer of its own; the id of the scene.
    Scene(String),
    /// About products that were shown before.
    Shown(About),
}

/// What is asked of products that were shown before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct About {
    pub products: Vec<ProductId>,
    /// Their places in the last list, from 1, in step with them; 0 for one of an earlier list.
    pub places: Vec<usize>,
    pub wish: Wish,
}

/// What a turn about shown products wants of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Wish {
    /// What their records say of this.
    Facts(Vec<Topic>),
    /// How they differ; in one thing most of all, where one was named.
    Compare(Option<Order>),
    /// To see them again.
    See,
}

/// Something that is asked of a record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Topic {
    /// One attribute, or several that go by the name that was said.
    Attribute(Vec<String>),
    /// Whatever is measured in this dimension.
    Dimension(String),
    Field(FieldId),
    /// Whether it meets this. Being asked about never makes it a filter.
    Holds(Constraint),
    /// Whether it suits this, by the advice.
    Suits(TraitMatch),
    /// Anything that buyers or the description say of these words.
    Words(String),
}

/// What is asked of the shop beside products.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Shelf {
    /// What it sells at all.
    Departments,
    /// How many products meet the need.
    Count,
    /// Which values an attribute has among them.
    Values(String),
    /// From which price to which.
    Prices,
}

/// A good that the lexicon knows and the shopper named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoodsMatch {
    /// Id of the department in `lexicon/goods.toml`.
    pub department: String,
    pub text: String,
    /// Phrase keys of the good.
    pub words: Vec<String>,
}

/// Words to be searched for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phrase {
    /// As said, folded.
    pub said: String,
    /// Other names of the same thing that this catalog uses, in either language.
    pub also: Vec<String>,
    /// It is the good itself: a product must be called so.
    pub good: bool,
    /// No title holds what was said; the other names are the ones to go by.
    pub only_others: bool,
}

impl Phrase {
    pub fn new(said: String) -> Self {
        Self { said, also: Vec::new(), good: false, only_others: false }
    }
}

/// What products can be put in order by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum OrderBy {
    Price,
    Rating,
    Sales,
    Updated,
    /// Attributes measured in units of this dimension: "mass".
    Dimension(String),
}

impl OrderBy {
    /// Reads "price", "rating", "sales", "updated", or the dimension of a unit.
    pub fn parse(name: &str) -> Self {
        match name {
            "price" => Self::Price,
            "rating" => Self::Rating,
            "sales" => Self::Sales,
            "updated" => Self::Updated,
            dimension => Self::Dimension(dimension.to_owned()),
        }
    }
}

/// An order that was asked for ("the cheapest"): products are shown in it and in no other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    pub by: OrderBy,
    /// The lower end comes first.
    pub least: bool,
    pub text: String,
}

/// What a model would look at in one attribute of goods that no guide is written for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leaning {
    pub attribute: String,
    pub prefer: Vec<WantedValue>,
    pub avoid: Vec<WantedValue>,
}

/// What the shopper needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Need {
    pub lang: Lang,
    pub persona: Persona,
    pub intent: Intent,
    pub categories: Vec<CategoryMatch>,
    pub constraints: Vec<Constraint>,
    pub traits: Vec<TraitMatch>,
    /// How many people a scene is for.
    pub party: Option<Party>,
    /// What else was said that may stand in product text, in order.
    pub words: Vec<Phrase>,
    /// All that was said and may stand in product text, whether or not it is understood otherwise, in unbroken runs: what
    /// is searched for where no category filters.
    pub wording: Vec<Phrase>,
    pub goods: Vec<GoodsMatch>,
    /// Earlier wishes that are taken back, by constraint name: "品牌无所谓", "any price".
    pub reset: Vec<String>,
    /// One end of an order that was asked for.
    pub order: Option<Order>,
    /// Facets that the conversation was asked about already.
    pub asked: Vec<String>,
    /// Asks for other products than those shown before.
    pub more: bool,
    /// Shown before, and not to be shown again.
    pub seen: Vec<ProductId>,
    /// Sent away by the shopper.
    #[serde(default)]
    pub rejected: Vec<ProductId>,
    /// What is asked of the shop beside products.
    #[serde(default)]
    pub shelf: Option<Shelf>,
    /// Asks what to do ("怎么办", "how do I cook") rather than for a thing.
    pub asks_how: bool,
    /// Asks for an explanation ("what is", "为什么") rather than for a thing.
    pub asks_why: bool,
    /// What people must be told of how it was understood: keys of phrases with one filling.
    pub remarks: Vec<Remark>,
    /// What a model would look at, most important first; a guide goes before it.
    pub leanings: Vec<Leaning>,
    /// A model's reading has been merged with that of the rules.
    pub by_model: bool,
}

/// Something the shopper should know about how the need was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Remark {
    /// The question was cut at so many characters.
    Cut(usize),
    /// A budget was converted: stated amount, amount used, day of the rate.
    Converted { stated: Money, used: Money, rates_of: String },
    /// There is no rate for this currency, so the budget could not be applied.
    NoRate { stated: Money },
    /// A word was read as another: found, taken for.
    Corrected { found: String, taken: String },
    /// A budget was left behind, because hardly anything of the new kind meets it: the shopper's words.
    BudgetLeft(String),
    /// A place was named that the last list does not have: it had so many.
    NoSuchPlace(usize),
    /// What was spoken of does not meet this earlier wish: the shopper's words.
    Outside(String),
}

impl Need {
    /// A need of which nothing is known yet.
    pub fn blank(lang: Lang) -> Self {
        Self {
            lang,
            persona: Persona::default(),
            intent: Intent::Shop,
            categories: Vec::new(),
            constraints: Vec::new(),
            traits: Vec::new(),
            party: None,
            words: Vec::new(),
            wording: Vec::new(),
            goods: Vec::new(),
            reset: Vec::new(),
            order: None,
            asked: Vec::new(),
            more: false,
            seen: Vec::new(),
            rejected: Vec::new(),
            shelf: None,
            asks_how: false,
            asks_why: false,
            remarks: Vec::new(),
            leanings: Vec::new(),
            by_model: false,
        }
    }

    /// The constraints that are filters.
    pub fn hard(&self) -> impl Iterator<Item = &Constraint> {
        self.constraints.iter().filter(|c| c.hard)
    }

    /// Leaves out what the shopper has taken back by name: constraints, traits, the category, the people. Names of nothing
    /// change nothing.
    pub fn leave_out(&mut self, names: &[String]) {
        let named = |name: &str| names.iter().any(|one| one == name);
        self.constraints.retain(|c| !named(c.name()));
        self.traits.retain(|t| !named(&t.id));
        if named("category") {
            self.categories.clear();
        }
        if named("party") {
            self.party = None;
        }
        if named("price") {
            self.remarks.retain(|r| !matches!(r, Remark::Converted { .. } | Remark::NoRate { .. }));
        }
    }

    pub fn has_trait(&self, id: &str) -> bool {
        self.traits.iter().any(|t| t.id == id)
    }

    /// Nothing in it that could find a product.
    pub fn is_blank(&self) -> bool {
        self.categories.is_empty() && self.constraints.is_empty() && self.traits.is_empty() && self.words.is_empty() && self.goods.is_empty()
    }
}
