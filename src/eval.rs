//! The evaluation harness: how good are the answers, and how good is what was found?
//!
//! [`retrieval`] measures rankings against judged queries.

pub mod measure;
pub mod retrieval;
pub mod significance;
pub mod trec;
