//! Feeds: rows of other people's making, turned into [`Product`]s or into a [`Reject`] that says why not.

mod fields;
pub mod jsonl;

use super::{Product, ProductId};

/// Longest row that is read, in bytes.
pub const LONGEST_ROW: usize = 1 << 20;

/// Why a row was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// The row's id, when it has a usable one.
    pub id: Option<ProductId>,
    pub field: String,
    /// What stands there, shortened.
    pub found: String,
    /// What should stand there.
    pub wanted: String,
}

/// A reject and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedRow {
    pub file: String,
    /// From 1.
    pub line: usize,
    pub reject: Reject,
}

/// What a row gave.
pub type Row = Result<Product, Reject>;
