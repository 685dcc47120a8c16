//! Answer: what a shopper gets. It can be made only by [`grounding::admit`], which checks every passage first.

pub mod grounding;
mod scrutiny;
pub mod sources;

use std::ops::Deref;

use crate::catalog::{Availability, Link, Money, ProductId};
use crate::comparison::Comparison;
use crate::compose::Outcome;
use crate::kit::Kit;
use crate::llm::Usage;
use crate::need::Need;
use crate::pricing::PriceStep;
use crate::rank::Signal;

/// A product as it is shown. Everything but `reason` is printed from its record.
#[derive(Debug, Clone)]
pub struct Card {
    pub id: ProductId,
    /// The number by which the conversation speaks of it, from 1; 0 for none.
    pub place: usize,
    pub title: String,
    pub link: Link,
    pub image_link: Option<String>,
    pub price: Money,
    pub final_price: Money,
    pub price_steps: Vec<PriceStep>,
    pub availability: Availability,
    pub brand: Option<String>,
    pub rating: Option<f64>,
    pub review_count: Option<u64>,
    pub seller: Option<String>,
    pub reason: String,
    pub meets: Vec<String>,
    pub unstated: Vec<String>,
    pub labels: Vec<String>,
    pub signals: Vec<Signal>,
}

/// What a piece of advice rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cited {
    /// "guide", "facet" or "review".
    pub kind: &'static str,
    pub reference: String,
    pub text: Option<String>,
}

/// The advice in one dimension.
#[derive(Debug, Clone)]
pub struct DimensionAdvice {
    pub id: String,
    pub name: String,
    pub advice: String,
    pub prefer: Vec<String>,
    pub avoid: Vec<String>,
    pub evidence: Vec<Cited>,
    /// Shown products that follow it.
    pub products: Vec<ProductId>,
}

/// What one relaxed constraint would give.
#[derive(Debug, Clone)]
pub struct Nearest {
    pub relaxed: String,
    pub text: String,
    pub count: u64,
    pub products: Vec<Card>,
}

/// A category as people read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CategoryLabel {
    /// The path in English, as the contract has it.
    pub path: String,
    /// The last part of the path in the answer's language.
    pub name: String,
}

/// The one question beside the products.
#[derive(Debug, Clone)]
pub struct Ask {
    pub text: String,
    pub facet: String,
    /// Values with how many products have them.
    pub options: Vec<(String, u64)>,
}

/// Milliseconds by stage.
#[derive(Debug, Clone, Copy, Default)]
pub struct Timing {
    pub understand: f64,
    pub retrieve: f64,
    pub compose: f64,
    pub first_event: f64,
    pub total: f64,
}

/// What is in an answer. Reading is free; making one is not: see [`Answer`].
#[derive(Debug, Clone)]
pub struct Content {
    pub id: String,
    pub session: String,
    pub outcome: Outcome,
    pub need: Need,
    /// Categories for people, in step with the need's.
    pub categories: Vec<CategoryLabel>,
    pub summary: String,
    /// Which product for which wish; only a model writes one.
    pub verdict: Option<String>,
    pub dimensions: Vec<DimensionAdvice>,
    pub products: Vec<Card>,
    /// What a scene needs, by slots.
    pub kit: Option<Kit>,
    pub nearest: Vec<Nearest>,
    pub comparison: Option<Comparison>,
    pub question: Option<Ask>,
    pub follow_ups: Vec<String>,
    pub notices: Vec<String>,
    /// The model that wrote it; `None` for the built-in composer.
    pub model: Option<String>,
    pub degraded: Option<String>,
    pub timing: Timing,
    /// Tokens that the model took.
    pub usage: Usage,
    /// Passages of the model that were admitted.
    pub admitted: usize,
    /// Passages that were dropped because they said what no source carries.
    pub dropped: usize,
}

impl Content {
    fn understood(&self) -> Understood {
        Understood { id: self.id.clone(), session: self.session.clone(), need: self.need.clone(), categories: self.categories.clone() }
    }

    fn offer(&self) -> Offer {
        Offer { products: self.products.clone(), kit: self.kit.clone(), nearest: self.nearest.clone() }
    }
}

/// A checked answer.
#[derive(Debug, Clone)]
pub struct Answer(Content);

impl Deref for Answer {
    type Target = Content;

    fn deref(&self) -> &Content {
        &self.0
    }
}

impl Answer {
    /// Sets how long it took; the only thing that is known last.
    pub fn timed(mut self, timing: Timing) -> Self {
        self.0.timing = timing;
        self
    }

    /// The same answer under another id, given in another session.
    pub fn again(&self, id: String, session: String, timing: Timing) -> Self {
        Self(Content { id, session, timing, ..self.0.clone() })
    }
}

/// What was understood, and of which answer and conversation it is.
#[derive(Debug, Clone)]
pub struct Understood {
    pub id: String,
    pub session: String,
    pub need: Need,
    pub categories: Vec<CategoryLabel>,
}

/// All products of an answer, before any text; reasons come with the whole answer.
#[derive(Debug, Clone)]
pub struct Offer {
    pub products: Vec<Card>,
    pub kit: Option<Kit>,
    pub nearest: Vec<Nearest>,
}

/// What is sent while an answer is made, in this order; after it the whole answer.
#[derive(Debug, Clone)]
pub enum Event {
    Need(Box<Understood>),
    Products(Box<Offer>),
    Summary(String),
    Dimension(Box<DimensionAdvice>),
    Question(Ask),
    Notice(String),
}
