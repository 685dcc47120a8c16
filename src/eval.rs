//! The evaluation harness: how good are the answers, and how good is what was found?
//!
//! Cases ([`case`]) are asked of a subject ([`subject`]) by a run ([`run`]), judged by checks and metrics ([`check`],
//! [`metric`], [`judged`]) and reported ([`report`]). [`retrieval`] measures rankings against judged queries, and
//! [`understanding`] what is read in natural requests.

pub mod case;
pub mod check;
pub mod condition;
pub mod judge;
pub mod judged;
pub mod metric;
pub mod report;
pub mod run;
pub mod subject;

pub mod measure;
pub mod retrieval;
pub mod significance;
pub mod trec;
pub mod understanding;
