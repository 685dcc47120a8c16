//! The numbers of an answer's products: their place in it, those of relaxed wishes behind the others, each product once.

use crate::answer::{Card, Nearest};
use crate::catalog::ProductId;

/// Products by number.
#[derive(Debug, Clone, Default)]
pub struct Numbering(Vec<ProductId>);

impl Numbering {
    /// Numbers what an answer shows.
    pub fn of(products: &[Card], nearest: &[Nearest]) -> Self {
        let mut ids: Vec<ProductId> = Vec::new();
        for card in products.iter().chain(nearest.iter().flat_map(|n| &n.products)) {
            if !ids.contains(&card.id) {
                ids.push(card.id.clone());
            }
        }
        Self(ids)
    }

    /// The number of a product, from 1.
    pub fn number(&self, id: &ProductId) -> Option<usize> {
        self.0.iter().position(|one| one == id).map(|place| place + 1)
    }

    /// `[2] `, or nothing for a product that is not shown.
    pub fn mark(&self, id: &ProductId) -> String {
        self.number(id).map_or_else(String::new, |number| format!("[{number}] "))
    }

    pub fn ids(&self) -> &[ProductId] {
        &self.0
    }
}
