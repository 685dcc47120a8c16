//! Products side by side.

use crate::catalog::ProductId;

/// Products side by side.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// In the order that they were shown in, whatever order they were named in.
    pub products: Vec<ProductId>,
    /// Rows that differ first.
    pub rows: Vec<ComparisonRow>,
    /// Which product for which wish, by what the records say.
    pub verdict: String,
}

/// One property of products that are compared.
#[derive(Debug, Clone)]
pub struct ComparisonRow {
    pub name: String,
    /// As the records state it, in step with the products; `None` where one says nothing.
    pub values: Vec<Option<String>>,
    pub differs: bool,
}
