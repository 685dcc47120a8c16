//! Things that shops sell, so that the assistant knows what it is asked for even when this shop has none.

use serde::Deserialize;

use crate::knowledge::{Bilingual, WordList};

/// A department of retail and what belongs to it.
#[derive(Debug, Clone, Deserialize)]
pub struct Department {
    pub id: String,
    pub name: Bilingual,
    /// Ids of our categories that come nearest, if any do.
    #[serde(default)]
    pub near: Vec<String>,
    pub goods: Vec<WordList>,
}

/// All departments.
#[derive(Debug, Clone, Deserialize)]
pub struct Goods {
    #[serde(rename = "department")]
    pub departments: Vec<Department>,
}
