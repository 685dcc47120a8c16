//! The numbers by which a conversation speaks of an answer's products, each product once.

use crate::answer::{Card, Nearest};
use crate::catalog::ProductId;

/// Products by number.
#[derive(Debug, Clone, Default)]
pub struct Numbering(Vec<(ProductId, usize)>);

impl Numbering {
    /// The numbers of what an answer shows.
    pub fn of(products: &[Card], nearest: &[Nearest]) -> Self {
        let mut numbered: Vec<(ProductId, usize)> = Vec::new();
        for card in products.iter().chain(nearest.iter().flat_map(|n| &n.products)) {
            if numbered.iter().all(|(id, _)| *id != card.id) {
                numbered.push((card.id.clone(), card.place));
            }
        }
        Self(numbered)
    }

    /// The number of a product, from 1.
    pub fn number(&self, id: &ProductId) -> Option<usize> {
        self.0.iter().find(|(one, number)| one == id && *number > 0).map(|(_, number)| *number)
    }

    /// `[2] `, or nothing for a product that has no number.
    pub fn mark(&self, id: &ProductId) -> String {
        self.number(id).map_or_else(String::new, |number| format!("[{number}] "))
    }

    /// All of them, in the order in which they are shown.
    pub fn ids(&self) -> impl ExactSizeIterator<Item = &ProductId> {
        self.0.iter().map(|(id, _)| id)
    }
}
