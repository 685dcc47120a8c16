//! `daogou chat`: a conversation. With standard input not a terminal, one question a line, answers in order and nothing else.

mod commands;
mod complete;
mod editor;
mod files;
mod follow;
mod opener;
mod signals;
mod state;
mod talk;
mod texts;

use std::io::{BufRead, IsTerminal};

use clap::Args;

use super::{Answering, DONE, INTERRUPTED, LangChoice, PersonaChoice, live, open, runtime};
use crate::config::Config;

const KEYS: &str = "\
On a terminal, lines that begin with / are commands; the first ones to know:
  /help             all commands and keys
  /open 2           the page of product 2
  /compare 1 3      products side by side
  /need             what was understood; `/need drop 2` takes a piece of it back
  /save talk.md     the talk as Markdown
Ctrl-C stops an answer, Ctrl-D ends. A line that begins with a space is always a question.
From a pipe every line is a question, and nothing but answers is printed:
  printf '%s\\n' \"圆脸戴什么帽子\" \"两百以内的\" | daogou chat";

#[derive(Debug, Args)]
#[command(after_help = KEYS)]
pub struct Chat {
    #[command(flatten)]
    answering: Answering,
}

impl Chat {
    /// A talk with default options.
    pub fn plain() -> Self {
        Self { answering: Answering { json: false, session: None, no_llm: false, lang: LangChoice::Auto, persona: PersonaChoice::Auto } }
    }

    pub fn run(mut self, config: &Config) -> anyhow::Result<u8> {
        let runtime = runtime()?;
        let assistant = open::assistant(config, &self.answering, &runtime)?;
        // All lines of one talk are one conversation.
        self.answering.session.get_or_insert_with(|| uuid::Uuid::new_v4().to_string());
        if std::io::stdin().is_terminal() {
            talk::Talk::new(assistant, self.answering, &runtime).run(config)?;
            return Ok(DONE);
        }
        let mut line = Vec::new();
        let mut input = std::io::stdin().lock();
        loop {
            line.clear();
            if input.read_until(b'\n', &mut line)? == 0 {
                return Ok(DONE);
            }
            let Some(question) = self.answering.question(&String::from_utf8_lossy(&line)) else { continue };
            if runtime.block_on(live::answer(&assistant, &question, &self.answering, false, live::interrupted()))?.is_none() {
                return Ok(INTERRUPTED);
            }
        }
    }
}
