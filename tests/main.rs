//! The one test binary: a file a feature. Tests go through the front door, and input and expectation stand in the test body.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on should stop")]
#![allow(clippy::print_stderr, reason = "a skipped test says so")]

mod support;

mod analysis;
mod browser;
mod catalog;
mod config;
mod conversation;
mod data;
mod dialogue;
mod evaluation;
mod foreign;
mod grounding;
mod hostile;
mod main_job;
mod model;
mod model_server;
mod money;
mod natural;
mod numbers;
mod outcomes;
mod paraphrases;
mod prompts;
mod prose;
mod readings;
mod readme;
mod real_model;
mod retrieval;
mod scenes;
#[cfg(unix)]
mod screen;
mod sessions;
mod store;
#[cfg(unix)]
mod talk;
mod terminal;
mod tidy;
mod understanding;
mod web;
