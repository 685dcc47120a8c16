//! daogou (导购): a shopping assistant that answers in dimensions and shows only what the shop really has.
//!
//! Start at [`assistant`]: it names every stage of the main path. The types on the way are
//! [`question::Question`] → [`need::Need`] → [`guide::Plan`] → [`index::Top`] → [`rank::Shortlist`] → [`compose::Passage`] →
//! [`answer::Answer`], and each is settled knowledge that later stages only read. The modules stand below in reading order.

pub mod answer;
pub mod assistant;
pub mod catalog;
pub mod cli;
pub mod comparison;
pub mod compose;
pub mod config;
pub mod eval;
pub mod filter;
pub mod guide;
pub mod import;
pub mod index;
pub mod kit;
pub mod knowledge;
pub mod lexicon;
pub mod llm;
pub mod markdown;
pub mod model;
pub mod need;
pub mod off_thread;
pub mod phrases;
pub mod pricing;
pub mod prompt;
pub mod question;
pub mod rank;
pub mod serve;
pub mod session;
pub mod shop;
pub mod suggest;
pub mod taxonomy;
pub mod terminal;
pub mod text;
pub mod understand;
pub mod wire;
