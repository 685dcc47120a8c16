//! A product as ranking reads it: with the comparable forms of its words, each worked out once.

use std::collections::HashSet;
use std::ops::Deref;
use std::sync::OnceLock;

use super::Product;
use super::feed::jsonl;
use crate::text;

/// A product of the store. Reading one often costs no more than reading it once.
#[derive(Debug)]
pub struct Record {
    product: Product,
    titles: OnceLock<Vec<String>>,
    brand: OnceLock<Option<String>>,
    /// In step with the product's attributes.
    values: OnceLock<Vec<Vec<String>>>,
    figures: OnceLock<HashSet<String>>,
}

impl From<Product> for Record {
    fn from(product: Product) -> Self {
        Self { product, titles: OnceLock::new(), brand: OnceLock::new(), values: OnceLock::new(), figures: OnceLock::new() }
    }
}

impl Deref for Record {
    type Target = Product;

    fn deref(&self) -> &Product {
        &self.product
    }
}

impl Record {
    /// The phrase keys of its titles, one a language.
    pub fn title_keys(&self) -> &[String] {
        self.titles.get_or_init(|| self.title.each().map(text::phrase_key).collect())
    }

    /// The phrase key of its brand.
    pub fn brand_key(&self) -> Option<&str> {
        self.brand.get_or_init(|| self.product.brand.as_deref().map(text::phrase_key)).as_deref()
    }

    /// The comparable forms of one attribute's values. `None` when it is not stated.
    pub fn value_keys(&self, attribute: &str) -> Option<&[String]> {
        let at = self.attributes.iter().position(|a| a.key == attribute)?;
        self.values().get(at).map(Vec::as_slice)
    }

    /// The comparable forms of every value.
    pub fn each_value_key(&self) -> impl Iterator<Item = &String> {
        self.values().iter().flatten()
    }

    /// Whether one of its titles holds one of these phrases, given as phrase keys.
    pub fn title_holds<S: AsRef<str>>(&self, phrases: &[S]) -> bool {
        self.title_keys().iter().any(|title| phrases.iter().any(|phrase| text::key_contains(title, phrase.as_ref())))
    }

    /// Every figure it states anywhere, in the form of [`text::figures`].
    pub fn figures(&self) -> &HashSet<String> {
        self.figures.get_or_init(|| text::figures(&jsonl::to_json(self).to_string()).into_iter().collect())
    }

    fn values(&self) -> &[Vec<String>] {
        self.values.get_or_init(|| self.attributes.iter().map(|a| a.values.iter().flat_map(super::Value::keys).collect()).collect())
    }
}
