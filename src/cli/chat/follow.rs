//! What each command of a talk does.

use clap::ValueEnum;

use super::commands::{self, COMMANDS, Name};
use super::state::{Piece, State};
use super::talk::{Step, Talk, say, told};
use super::texts::{self, Texts, filled};
use super::{files, opener};
use crate::cli::{LangChoice, PersonaChoice, screen};
use crate::terminal::wrap::{columns, wrap};
use crate::terminal::{self, Numbering};

impl Talk<'_> {
    pub(super) fn usage(&self, name: Name) -> Step {
        let texts = self.texts();
        say(&format!("{}\n{}", filled(texts.usage, &[&commands::of(name).usage()]), texts.as_question))
    }

    /// Follows a command. `None` when its arguments make no sense.
    pub(super) fn command(&mut self, name: Name, arguments: &str, bang: bool) -> Option<Step> {
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
