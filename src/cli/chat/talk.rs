//! A talk at a terminal: lines are read, questions asked, commands followed.

use std::io::Write;

use tokio::runtime::Runtime;

use super::commands::{self, Line};
use super::complete::{Known, Shared};
use super::editor::{Input, Reader, history_file, is_first_time};
use super::signals::Ending;
use super::state::State;
use super::texts::{Texts, filled};
use crate::assistant::Assistant;
use crate::catalog::Lang;
use crate::cli::screen::{self, Hush};
use crate::cli::{Answering, live, remark};
use crate::config::{Config, surroundings};
use crate::terminal::wrap::{clean, wrap};

/// What a line leads to.
pub(super) enum Step {
    /// Nothing more.
    Rest,
    /// This is said beside the answers.
    Say(Vec<String>),
    /// A question in words, which are shown when they are not the shopper's own.
    Ask {
        text: String,
        own: bool,
    },
    /// The last question once more, without what was taken back.
    Again,
    Quit,
}

pub(super) fn say(text: &str) -> Step {
    Step::Say(told(text))
}

/// The text as lines; its own line breaks stay.
pub(super) fn told(text: &str) -> Vec<String> {
    let width = screen::remarks().width();
    let indented = |line: &str| {
        let (indent, words) = line.split_at(line.len() - line.trim_start().len());
        wrap(words, width, indent, indent)
    };
    text.lines().flat_map(indented).collect()
}

pub struct Talk<'a> {
    runtime: &'a Runtime,
    pub(super) answering: Answering,
    pub(super) assistant: Assistant,
    /// The same without the model, where there is one.
    plain: Option<Assistant>,
    pub(super) model_wanted: bool,
    pub(super) state: State,
    known: Shared,
    locale: Option<Lang>,
}

impl<'a> Talk<'a> {
    pub fn new(assistant: Assistant, answering: Answering, runtime: &'a Runtime) -> Self {
        let plain = assistant.model().is_some().then(|| Assistant::with_sessions(assistant.shop().clone(), None, assistant.sessions().clone()));
        Self { runtime, answering, assistant, plain, model_wanted: true, state: State::default(), known: Shared::default(), locale: locale() }
    }

    /// Talks until the end.
    ///
    /// # Errors
    /// When the catalog cannot be read, or nothing can be printed.
    pub fn run(mut self, config: &Config) -> anyhow::Result<()> {
        let ending = Ending::new(self.runtime);
        let history = history_file(&config.data_dir);
        let mut reader = Reader::new(&history, self.known.clone(), ending.flag.clone());
        self.welcome(history.as_ref().err(), is_first_time(&history));
        loop {
            self.tell_editor();
            let input = match reader.read(self.own_lang()) {
                // The terminal has gone, and with it whoever typed.
                Err(_) if ending.is_told() => return Ok(()),
                Err(error) if matches!(reader, Reader::Editor(_)) => {
                    tracing::info!("no line editor here: {error:#}");
                    reader = Reader::Plain;
                    continue;
                }
                other => other?,
            };
            let done = match input {
                Input::Line(line) => {
                    let step = self.step(&line);
                    self.take(step, &ending)
                }
                Input::Interrupt(true) => self.take(say(self.texts().leave), &ending),
                Input::Interrupt(false) => Ok(false),
                Input::End => Ok(true),
            };
            match done {
                Ok(false) if !ending.is_told() => {}
                Err(error) if !ending.is_told() => return Err(error),
                _ => return Ok(()),
            }
        }
    }

    fn welcome(&self, no_history: Option<&String>, first: bool) {
        let texts = self.texts();
        let mut lines = told(texts.welcome);
        if first {
            lines.extend(told(texts.examples));
        }
        if let Some(why) = no_history {
            lines.extend(told(&filled(texts.no_history, &[why])));
        }
        remark(&format!("{}\n", lines.join("\n")));
    }

    /// The language of what is said beside answers: the one asked for, else that of the locale, else that of the last answer.
    pub(super) fn own_lang(&self) -> Lang {
        self.answering.lang.lang().or(self.locale).or_else(|| self.state.lang()).unwrap_or(Lang::En)
    }

    /// The language of what belongs to an answer.
    pub(super) fn answer_lang(&self) -> Lang {
        self.answering.lang.lang().or_else(|| self.state.lang()).unwrap_or_else(|| self.own_lang())
    }

    pub(super) fn texts(&self) -> &'static Texts {
        Texts::of(self.own_lang())
    }

    fn tell_editor(&self) {
        self.known.set(Known {
            lang: self.own_lang(),
            products: self.state.cards().iter().map(|card| clean(&card.title)).collect(),
            pieces: self.state.pieces.iter().map(|piece| (clean(&piece.chip.label), piece.gone)).collect(),
        });
    }

    /// Does what a line led to; `true` ends the talk.
    fn take(&mut self, step: Step, ending: &Ending) -> anyhow::Result<bool> {
        match step {
            Step::Rest => {}
            Step::Quit => return Ok(true),
            Step::Say(lines) => remark(&format!("{}\n", lines.join("\n"))),
            Step::Ask { text, own } => {
                if !own {
                    remark(&screen::remarks().faint(&format!("> {}", clean(&text))));
                }
                self.ask(&text, false, ending)?;
            }
            Step::Again => {
                let question = self.state.wished().map(|turn| turn.question.clone());
                if let Some(question) = question {
                    self.ask(&question, true, ending)?;
                }
            }
        }
        Ok(false)
    }

    fn ask(&mut self, text: &str, again: bool, ending: &Ending) -> anyhow::Result<()> {
        let Some(mut question) = self.answering.question(text) else { return Ok(()) };
        if again {
            question.without = self.state.without();
        }
        self.gap()?;
        let assistant = self.plain.as_ref().filter(|_| !self.model_wanted).unwrap_or(&self.assistant);
        let hush = Hush::new();
        let answer = self.runtime.block_on(live::answer(assistant, &question, &self.answering, true, ending.or_interrupted()))?;
        drop(hush);
        match answer {
            Some(answer) => {
                self.state.take_in(question.text(), answer, again);
                self.gap()?;
            }
            None if ending.is_told() => {}
            None => remark(&format!("{}\n", told(self.texts().stopped).join("\n"))),
        }
        Ok(())
    }

    /// An empty line around answers, for eyes only.
    fn gap(&self) -> anyhow::Result<()> {
        use std::io::IsTerminal;
        let mut out = std::io::stdout().lock();
        if !self.answering.json && out.is_terminal() {
            writeln!(out)?;
        }
        Ok(())
    }

    fn step(&mut self, line: &str) -> Step {
        match commands::read(line) {
            Line::Empty => Step::Rest,
            Line::Question(text) => match self.state.chosen(line) {
                Some(text) => Step::Ask { text, own: false },
                None => Step::Ask { text: text.to_owned(), own: true },
            },
            Line::Unknown { word, nearest } => {
                let texts = self.texts();
                let first = match nearest {
                    Some(nearest) => filled(texts.did_you_mean, &[word, nearest]),
                    None => filled(texts.no_command, &[word]),
                };
                say(&format!("{first}\n{}", texts.as_question))
            }
            Line::Command { name, arguments, bang } => self.command(name, arguments, bang).unwrap_or_else(|| self.usage(name)),
        }
    }
}

/// The language that the locale asks for; a locale such as `C` asks for none.
fn locale() -> Option<Lang> {
    let set = |name| surroundings(name).filter(|value| !value.is_empty());
    let locale = set("LC_ALL").or_else(|| set("LC_MESSAGES")).or_else(|| set("LANG"))?.to_ascii_lowercase();
    match locale.split(['_', '.', '-', '@']).next()? {
        "zh" => Some(Lang::Zh),
        "c" | "posix" => None,
        _ => Some(Lang::En),
    }
}
