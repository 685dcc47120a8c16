//! Need, plan and shortlist → Draft: passages of prose that nobody trusts yet.

pub mod plain;
pub mod shelf;
mod shown;

use std::collections::BTreeMap;

use futures::stream::BoxStream;

use crate::catalog::ProductId;
use crate::comparison::Comparison;
use crate::guide::Plan;
use crate::index::Survey;
use crate::kit::Kit;
use crate::need::Need;
use crate::rank::{Pick, Shortlist};

/// What a passage is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    Summary,
    /// The advice of a dimension, by id.
    Dimension(String),
    /// Why a product fits.
    Reason(ProductId),
    /// Which product for which wish. Only a model writes one.
    Verdict,
}

/// A stretch of a passage. A product is referred to; the program prints its title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    Text(String),
    Product(ProductId),
    /// A reference to nothing that is there.
    Stray,
}

/// A finished piece of prose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    pub part: Part,
    pub segments: Vec<Segment>,
}

/// What comes from a model that writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    Passage(Passage),
    /// A part that nobody asked for.
    Foreign,
    /// The end of the reply, and the tokens it took.
    Used {
        prompt: u64,
        completion: u64,
    },
    /// Nothing more comes, and why.
    Failed(String),
}

/// A model's text while it is being written.
pub struct Manuscript {
    pub model: String,
    /// What the model was told to do, which must not stand in what it writes.
    pub instructions: String,
    pub written: BoxStream<'static, Written>,
}

/// Who writes beside the built-in composer.
pub enum Writing {
    /// No model is asked.
    BuiltIn,
    Model(Manuscript),
    /// A model is there, and why it does not write.
    Failed(String),
}

/// How a turn ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Products,
    NoMatch,
    NotCarried,
    NeedsInfo,
    Advice,
    OutOfScope,
    Unsafe,
}

impl Outcome {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Products => "products",
            Self::NoMatch => "no_match",
            Self::NotCarried => "not_carried",
            Self::NeedsInfo => "needs_info",
            Self::Advice => "advice",
            Self::OutOfScope => "out_of_scope",
            Self::Unsafe => "unsafe",
        }
    }
}

/// What relaxing one constraint would give.
#[derive(Debug, Clone)]
pub struct Relaxed {
    /// The constraint's name: "price", "color".
    pub name: String,
    /// The shopper's words for it.
    pub text: String,
    pub count: u64,
    pub shortlist: Shortlist,
}

/// Everything an answer is made from. Composers read it; grounding checks their prose against it.
#[derive(Debug, Clone)]
pub struct Case {
    /// The question, as asked.
    pub question: String,
    pub need: Need,
    pub plan: Plan,
    pub survey: Survey,
    pub shortlist: Shortlist,
    pub outcome: Outcome,
    /// With no match: what one relaxed constraint would give, most first.
    pub relaxed: Vec<Relaxed>,
    /// Category names with how many products each has, most fitting first: where to go on.
    pub categories: Vec<(String, u64)>,
    /// What a scene needs from the shelf; with no match, the least kit, which the budget does not buy.
    pub kit: Option<Kit>,
    /// The places of the shortlist in the conversation's last list, where it is about that; see [`Case::place`].
    pub places: Vec<usize>,
    /// Products side by side, where that was asked for.
    pub comparison: Option<Comparison>,
    /// What was asked of the shop beside products, answered from the index.
    pub lead: Option<String>,
    /// A reply that data gives word for word, from the scope entries.
    pub reply: Option<String>,
    /// How the constraints read, by place.
    pub constraint_labels: BTreeMap<usize, String>,
}

impl Case {
    /// The number by which a shown product is spoken of, from 1; 0 where it has none.
    pub fn place(&self, at: usize) -> usize {
        self.places.get(at).copied().unwrap_or(at + 1)
    }

    /// Every product that the answer shows: the shortlist, then what relaxed wishes would give.
    pub fn picks(&self) -> impl Iterator<Item = &Pick> {
        self.shortlist.picks.iter().chain(self.relaxed.iter().flat_map(|r| &r.shortlist.picks))
    }
}
