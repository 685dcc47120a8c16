//! A talk at a terminal: lines are read, questions asked, commands followed.

use std::io::Write;

use clap::ValueEnum;
use tokio::runtime::Runtime;

use super::commands::{self, COMMANDS, Line, Name};
use super::complete::{Known, Shared};
use super::editor::{Input, Reader, history_file, is_first_time};
use super::signals::Ending;
use super::state::{Piece, State};
use super::texts::{self, Texts, filled};
use super::{files, opener};
use crate::assistant::Assistant;
use crate::catalog::Lang;
use crate::cli::screen::{self, Hush};
use crate::cli::{Answering, LangChoice, PersonaChoice, live, remark};
use crate::config::{Config, surroundings};
use crate::terminal::wrap::{clean, columns, wrap};
use crate::terminal::{self, Numbering};

/// What a line leads to.
enum Step {
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

fn say(text: &str) -> Step {
    Step::Say(told(text))
}

/// The text as lines; its own line breaks stay.
fn told(text: &str) -> Vec<String> {
    let width = screen::remarks().width();
    let indented = |line: &str| {
        let (indent, words) = line.split_at(line.len() - line.trim_start().len());
        wrap(words, width, indent, indent)
    };
    text.lines().flat_map(indented).collect()
}

pub struct Talk<'a> {
    runtime: &'a Runtime,
    answering: Answering,
    assistant: Assistant,
    /// The same without the model, where there is one.
    plain: Option<Assistant>,
    model_wanted: bool,
    state: State,
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
    fn own_lang(&self) -> Lang {
        self.answering.lang.lang().or(self.locale).or_else(|| self.state.lang()).unwrap_or(Lang::En)
    }

    /// The language of what belongs to an answer.
    fn answer_lang(&self) -> Lang {
        self.answering.lang.lang().or_else(|| self.state.lang()).unwrap_or_else(|| self.own_lang())
    }

    fn texts(&self) -> &'static Texts {
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

    fn usage(&self, name: Name) -> Step {
        let texts = self.texts();
        say(&format!("{}\n{}", filled(texts.usage, &[&commands::of(name).usage()]), texts.as_question))
    }

    /// Follows a command. `None` when its arguments make no sense.
    fn command(&mut self, name: Name, arguments: &str, bang: bool) -> Option<Step> {
        let texts = self.texts();
        Some(match name {
            Name::Quit => Step::Quit,
            Name::Help => self.help(),
            Name::New => {
                self.answering.session = Some(uuid::Uuid::new_v4().to_string());
                self.state = State::default();
                say(texts.new_talk)
            }
            Name::Open => {
                let number = single(arguments)?;
                let card = match self.product(number) {
                    Ok(card) => card,
                    Err(step) => return Some(step),
                };
                let mut lines = told(if opener::open(&card.link) { texts.opening } else { texts.by_hand });
                lines.push(terminal::links::line(screen::remarks(), &card.link, ""));
                Step::Say(lines)
            }
            Name::Why => {
                let card = match self.product(single(arguments)?) {
                    Ok(card) => card,
                    Err(step) => return Some(step),
                };
                let answer = self.state.shown()?;
                let numbers = Numbering::of(&answer.products, &answer.nearest);
                Step::Say(terminal::why::why(card, answer, &numbers, screen::remarks()))
            }
            Name::Compare => self.compare(&commands::numbers(arguments)?),
            Name::Need => self.need(arguments)?,
            Name::Lang => {
                if !arguments.is_empty() {
                    self.answering.lang = LangChoice::from_str(arguments, true).ok()?;
                }
                say(&filled(self.texts().lang_now, &[value_name(&self.answering.lang).as_str()]))
            }
            Name::Persona => {
                if !arguments.is_empty() {
                    self.answering.persona = PersonaChoice::from_str(arguments, true).ok()?;
                }
                say(&filled(texts.persona_now, &[value_name(&self.answering.persona).as_str()]))
            }
            Name::Model => {
                match arguments {
                    "" => {}
                    "on" => self.model_wanted = true,
                    "off" => self.model_wanted = false,
                    _ => return None,
                }
                self.model()
            }
            Name::Save => self.save(arguments, bang)?,
        })
    }

    fn product(&self, number: usize) -> Result<&crate::answer::Card, Step> {
        let cards = self.state.cards();
        if cards.is_empty() {
            return Err(say(self.texts().no_products));
        }
        let found = number.checked_sub(1).and_then(|place| cards.get(place).copied());
        found.ok_or_else(|| say(&filled(self.texts().no_such_product, &[&number.to_string(), &cards.len().to_string()])))
    }

    /// Asks in words, by the places that the conversation counts with.
    fn compare(&self, numbers: &[usize]) -> Step {
        let most = self.state.cards().len().min(4);
        let all: Vec<usize> = (1..=most).collect();
        let mut places = Vec::new();
        for number in if numbers.is_empty() { &all } else { numbers } {
            let card = match self.product(*number) {
                Ok(card) => card,
                Err(step) => return step,
            };
            places.extend(self.state.place(&card.id).filter(|place| !places.contains(place)));
        }
        match places.len() {
            0 if most == 0 => say(self.texts().no_products),
            0 | 1 => say(self.texts().two_at_least),
            _ => Step::Ask { text: texts::compare(&places, self.answer_lang()), own: false },
        }
    }

    fn need(&mut self, arguments: &str) -> Option<Step> {
        let (texts, lang) = (self.texts(), self.answer_lang());
        let Some(turn) = self.state.wished() else { return Some(say(texts.nothing_asked)) };
        let (edit, value) = arguments.split_once(char::is_whitespace).unwrap_or((arguments, ""));
        Some(match edit {
            "" => {
                let style = screen::remarks();
                let gone: Vec<bool> = self.state.pieces.iter().map(|piece| piece.gone).collect();
                let chips: Vec<_> = self.state.pieces.iter().map(|piece| piece.chip.clone()).collect();
                let mut lines = terminal::need::list(&chips, &gone, turn.answer.need.lang, style);
                if !chips.is_empty() {
                    lines.extend(told(texts.need_ways).iter().map(|line| style.faint(line)));
                }
                Step::Say(lines)
            }
            "drop" => self.drop_piece(single(value)?),
            "keep" => self.keep_piece(single(value)?),
            "budget" => {
                let currency = self.state.currency().unwrap_or_else(|| self.assistant.shop().currency());
                let unit = if currency == crate::catalog::Currency::CNY { Texts::of(lang).yuan } else { currency.code() };
                Step::Ask { text: texts::budget(value, unit, lang)?, own: false }
            }
            "people" => Step::Ask { text: texts::people(single(value).filter(|count| (1..=1_000).contains(count))?, lang), own: false },
            _ => return None,
        })
    }

    fn piece(&mut self, number: usize) -> Result<&mut Piece, Step> {
        let (texts, count) = (self.texts(), self.state.pieces.len());
        let none = || say(&filled(texts.no_such_piece, &[&number.to_string(), &count.to_string()]));
        number.checked_sub(1).and_then(|place| self.state.pieces.get_mut(place)).ok_or_else(none)
    }

    fn drop_piece(&mut self, number: usize) -> Step {
        let texts = self.texts();
        match self.piece(number) {
            Err(step) => step,
            Ok(piece) if piece.chip.names.is_empty() => say(&filled(texts.stays, &[&piece.chip.label])),
            Ok(piece) if piece.gone => say(&filled(texts.gone_already, &[&piece.chip.label])),
            Ok(piece) => {
                let names = piece.chip.names.clone();
                self.mark(&names, true);
                Step::Again
            }
        }
    }

    fn keep_piece(&mut self, number: usize) -> Step {
        let texts = self.texts();
        match self.piece(number) {
            Err(step) => step,
            Ok(piece) if !piece.gone => say(&filled(texts.there_already, &[&piece.chip.label])),
            Ok(piece) => {
                let chip = piece.chip.clone();
                self.mark(&chip.names, false);
                match self.state.wished() {
                    // Said in an earlier turn, and forgotten since: it is said again.
                    Some(turn) if !chip.said.is_empty() && !turn.question.contains(&chip.said) => Step::Ask { text: chip.said, own: false },
                    _ => Step::Again,
                }
            }
        }
    }

    /// Pieces of one name go and come together.
    fn mark(&mut self, names: &[String], gone: bool) {
        for piece in self.state.pieces.iter_mut().filter(|piece| piece.chip.names.iter().any(|name| names.contains(name))) {
            piece.gone = gone;
        }
    }

    fn model(&self) -> Step {
        let texts = self.texts();
        let Some(model) = self.assistant.model() else { return say(texts.no_model) };
        let now = if self.model_wanted { texts.model_now } else { texts.model_off };
        let mut text = filled(now, &[model.llm().model()]);
        if let Some(turn) = self.state.last() {
            let answer = &turn.answer;
            text.push('\n');
            text.push_str(&match (&answer.degraded, &answer.model) {
                (Some(why), _) => filled(texts.last_degraded, &[why]),
                (None, Some(_)) => filled(texts.last_by_model, &[&answer.admitted.to_string(), &answer.dropped.to_string()]),
                (None, None) => texts.last_by_rules.to_owned(),
            });
        }
        say(&text)
    }

    fn save(&self, arguments: &str, bang: bool) -> Option<Step> {
        let texts = self.texts();
        let (path, over) = arguments.strip_suffix(" !").map_or((arguments, bang), |path| (path, true));
        if path.is_empty() {
            return None;
        }
        if self.state.turns().len() == 0 {
            return Some(say(texts.nothing_to_save));
        }
        let text = crate::markdown::talk(self.state.turns().map(|turn| (turn.question.as_str(), &turn.answer)));
        let file = files::expanded(path);
        let shown = file.display().to_string();
        Some(say(&match files::write(&file, &text, over) {
            Ok(()) => filled(texts.saved, &[&shown]),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => filled(texts.exists, &[&shown, path]),
            Err(error) => filled(texts.not_saved, &[&shown, &error.to_string()]),
        }))
    }

    fn help(&self) -> Step {
        let (lang, style) = (self.own_lang(), screen::remarks());
        let usages: Vec<String> = COMMANDS.iter().map(commands::Spec::usage).collect();
        let column = usages.iter().map(|usage| columns(usage)).filter(|width| *width <= 22).max().unwrap_or(0) + 2;
        let beside = style.width() >= 60;
        let mut lines = Vec::new();
        for (spec, usage) in COMMANDS.iter().zip(&usages) {
            if beside && columns(usage) + 2 <= column {
                let text = wrap(spec.help(lang), style.width(), &" ".repeat(column), &" ".repeat(column));
                let first = text.first().map_or("", |line| line.get(column..).unwrap_or(""));
                lines.push(format!("{}{first}", style.bold(&terminal::wrap::fill(usage, column))));
                lines.extend(text.into_iter().skip(1));
            } else {
                lines.extend(wrap(usage, style.width(), "", "  ").iter().map(|line| style.bold(line)));
                let indent = " ".repeat(if beside { column } else { 4 });
                lines.extend(wrap(spec.help(lang), style.width(), &indent, &indent));
            }
        }
        lines.push(String::new());
        lines.extend(told(self.texts().keys));
        Step::Say(lines)
    }
}

fn single(text: &str) -> Option<usize> {
    match commands::numbers(text)?.as_slice() {
        [one] => Some(*one),
        _ => None,
    }
}

fn value_name(value: &impl ValueEnum) -> String {
    value.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
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
