//! `daogou chat`: one question a line. With standard input not a terminal, answers in order and nothing else.

use std::io::{BufRead, IsTerminal, Write};

use clap::Args;

use super::ask::answer;
use super::{Answering, DONE, LangChoice, PersonaChoice, open, remark, runtime};
use crate::config::Config;

#[derive(Debug, Args)]
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
        let terminal = std::io::stdin().is_terminal();
        // All lines of one talk are one conversation.
        self.answering.session.get_or_insert_with(|| uuid::Uuid::new_v4().to_string());
        if terminal {
            remark(
                "Ask in your own words, 中文 or English. An empty line is skipped; Ctrl-D or /quit ends.\nFor example: 我是大圆脸，怎么挑一顶显脸小的帽子？  |  a quiet robot vacuum for long cat hair under 2500",
            );
        }
        let mut line = Vec::new();
        let mut input = std::io::stdin().lock();
        loop {
            if terminal {
                let mut prompt = std::io::stderr().lock();
                let _ = write!(prompt, "> ").and_then(|()| prompt.flush());
            }
            line.clear();
            if input.read_until(b'\n', &mut line)? == 0 {
                return Ok(DONE);
            }
            let text = String::from_utf8_lossy(&line);
            match text.trim() {
                "" => continue,
                "/quit" | "/exit" | "/bye" if terminal => return Ok(DONE),
                text => {
                    if let Some(question) = self.answering.question(text) {
                        let answer = runtime.block_on(answer(&assistant, &question))?;
                        self.answering.show(&answer)?;
                    }
                }
            }
        }
    }
}
