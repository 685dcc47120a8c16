//! What a shop sells: [`Product`] and the types its fields are made of.
//!
//! A `Product` is a checked record: its id is bounded, its price is whole minor units, its link is http(s). It is made
//! only by [`feed`], which says of every row it refuses what was found and what was wanted.

pub mod attribute;
pub mod feed;
pub mod link;
pub mod localized;
pub mod money;
pub mod picture;
pub mod record;
pub mod sample;
pub mod store;

use std::fmt;

pub use attribute::{Attribute, Value};
pub use link::Link;
pub use localized::{Lang, Localized};
pub use money::{Currency, Money};
pub use record::Record;

/// The key of a product, 1 to 128 characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ProductId(String);

impl TryFrom<String> for ProductId {
    type Error = String;

    fn try_from(id: String) -> Result<Self, String> {
        Self::new(&id).ok_or_else(|| format!("`{id}` is no product id"))
    }
}

impl From<ProductId> for String {
    fn from(id: ProductId) -> Self {
        id.0
    }
}

impl ProductId {
    /// Longest id, in characters.
    pub const LONGEST: usize = 128;

    /// Checks an id. `None` when it is empty, too long, or holds control characters.
    pub fn new(id: &str) -> Option<Self> {
        let id = id.trim();
        let fits = !id.is_empty() && id.chars().count() <= Self::LONGEST && !id.chars().any(char::is_control);
        fits.then(|| Self(id.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProductId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a product can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Availability {
    #[default]
    InStock,
    OutOfStock,
    Preorder,
    Backorder,
}

impl Availability {
    pub const ALL: [Self; 4] = [Self::InStock, Self::OutOfStock, Self::Preorder, Self::Backorder];

    /// The word of the product data specification.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InStock => "in_stock",
            Self::OutOfStock => "out_of_stock",
            Self::Preorder => "preorder",
            Self::Backorder => "backorder",
        }
    }

    /// Reads the word of the product data specification; spaces and case are forgiven ("in stock").
    pub fn parse(text: &str) -> Option<Self> {
        let word = text.trim().to_ascii_lowercase().replace([' ', '-'], "_");
        Self::ALL.into_iter().find(|a| a.as_str() == word)
    }
}

/// When a sale price holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    pub start: jiff::Timestamp,
    pub end: jiff::Timestamp,
}

/// A reduced price, and when it holds; without a period it holds always.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sale {
    pub price: Money,
    pub period: Option<Period>,
}

/// A buyer's review. The text is untrusted.
#[derive(Debug, Clone, PartialEq)]
pub struct Review {
    pub text: Localized,
    /// 0 to 5.
    pub rating: Option<f64>,
}

/// Who sells it, on a marketplace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seller {
    pub id: String,
    pub name: String,
}

/// One product of the shop, as in the native feed. Title, description and reviews are untrusted text.
#[derive(Debug, Clone, PartialEq)]
pub struct Product {
    pub id: ProductId,
    pub title: Localized,
    pub description: Option<Localized>,
    pub link: Link,
    pub image_link: Option<String>,
    pub price: Money,
    pub sale: Option<Sale>,
    pub availability: Availability,
    pub brand: Option<String>,
    pub gtin: Option<String>,
    pub mpn: Option<String>,
    pub condition: Option<String>,
    pub item_group_id: Option<String>,
    /// The category path, from the widest to the narrowest, parts separated by " > ".
    pub product_type: Option<Localized>,
    pub attributes: Vec<Attribute>,
    pub seller: Option<Seller>,
    /// 0 to 5.
    pub rating: Option<f64>,
    pub review_count: Option<u64>,
    pub sales: Option<u64>,
    pub reviews: Vec<Review>,
    pub updated_at: Option<jiff::Timestamp>,
}

impl Product {
    /// The attribute with this canonical key.
    pub fn attribute(&self, key: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|a| a.key == key)
    }
}
