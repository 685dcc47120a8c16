//! daogou (导购): a shopping assistant that answers in dimensions and shows only what the shop really has.
//!
//! Start at [`assistant`]: it names every stage of the main path. The types on the way are
//! [`question::Question`] → [`need::Need`] → [`guide::Plan`] → [`index::Top`] → [`rank::Shortlist`] → [`compose::Draft`] →
//! [`answer::Answer`], and each is settled knowledge that later stages only read. The modules stand below in reading order.

pub mod assistant;
pub mod question;
pub mod need;
pub mod understand;
pub mod text;
pub mod shop;
pub mod guide;
pub mod index;
pub mod rank;
pub mod pricing;
pub mod compose;
pub mod answer;
pub mod suggest;
pub mod session;
pub mod catalog;
pub mod import;
pub mod filter;
pub mod knowledge;
pub mod taxonomy;
pub mod lexicon;
pub mod phrases;
pub mod wire;
pub mod terminal;
pub mod config;
pub mod cli;
