//! `daogou ask`: one answer on standard output.

use std::io::Read;

use anyhow::{Context, bail};
use clap::Args;

use super::{Answering, DONE, INTERRUPTED, live, open, remark, runtime};
use crate::config::Config;
use crate::question::Question;

/// Most bytes that are read of a question on standard input.
const LONGEST_INPUT: u64 = 4 << 20;

#[derive(Debug, Args)]
pub struct Ask {
    /// The question, in your own words, Chinese or English; `-` reads it from standard input
    question: String,
    /// Print to standard error what was sent to the language model
    #[arg(long)]
    show_prompts: bool,
    #[command(flatten)]
    answering: Answering,
}

impl Ask {
    pub fn run(self, config: &Config) -> anyhow::Result<u8> {
        let text = if self.question == "-" { from_standard_input()? } else { self.question };
        let question =
            self.answering.question(&text).context("the question is empty; ask for example: daogou ask \"a warm hat for a round face, under 200\"")?;
        let runtime = runtime()?;
        let assistant = open::assistant(config, &self.answering, &runtime)?;
        match assistant.model() {
            Some(model) if self.show_prompts => model.llm().watch(),
            None if self.show_prompts => bail!("no model is asked, so there is no prompt to show; set DAOGOU_MODEL, and OPENAI_BASE_URL or OPENAI_API_KEY"),
            _ => {}
        }
        let answer = runtime.block_on(live::answer(&assistant, &question, &self.answering, false, live::interrupted()))?;
        for sent in assistant.model().map(|model| model.llm().watched()).unwrap_or_default() {
            remark(&format!("=== {}: system ===\n{}\n=== {}: user ===\n{}\n", sent.purpose, sent.system, sent.purpose, sent.user));
        }
        Ok(if answer.is_some() { DONE } else { INTERRUPTED })
    }
}

fn from_standard_input() -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    std::io::stdin().take(LONGEST_INPUT).read_to_end(&mut bytes).context("cannot read the question from standard input")?;
    if bytes.contains(&0) {
        bail!("the question on standard input is not text (it has a zero byte), wanted UTF-8");
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

impl Answering {
    /// A question with these options. `None` when it is empty.
    pub fn question(&self, text: &str) -> Option<Question> {
        let mut question = Question::new(text)?;
        question.lang = self.lang.lang();
        question.persona = self.persona.persona();
        question.session.clone_from(&self.session);
        Some(question)
    }
}
