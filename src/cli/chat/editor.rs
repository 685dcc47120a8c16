//! Where the next line of a talk comes from: a line editor on a terminal that can have one, else plain reading.

use std::borrow::Cow;
use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;
use reedline::{
    Color, ColumnarMenu, DefaultHinter, EditCommand, Emacs, FileBackedHistory, Hinter, History, KeyCode, KeyModifiers, MenuBuilder, Prompt, PromptEditMode,
    PromptHistorySearch, Reedline, ReedlineEvent, ReedlineMenu, Signal, ValidationResult, Validator, default_emacs_keybindings,
};

use super::complete::{Completion, Shared};
use super::texts::Texts;
use crate::catalog::Lang;
use crate::cli::screen;
use crate::config::no_color;

/// Lines that are kept in the history; the first ones go.
const MOST_LINES: usize = 1_000;
const MENU: &str = "completion";
const PROMPT: &str = "> ";

/// What became of waiting for a line.
#[derive(Debug, PartialEq, Eq)]
pub enum Input {
    Line(String),
    /// Ctrl-C; `true` when there was nothing to clear.
    Interrupt(bool),
    End,
}

/// Reads lines.
pub enum Reader {
    Editor(Box<Editor>),
    /// A terminal that understands no escape sequences, or whose screen is not ours to draw on.
    Plain,
}

impl Reader {
    /// `ending` is set when the program is told to end.
    pub fn new(history: &Result<PathBuf, String>, known: Shared, ending: Arc<AtomicBool>) -> Self {
        if screen::is_dumb() || !std::io::stderr().is_terminal() {
            return Self::Plain;
        }
        Self::Editor(Box::new(Editor::new(history.as_deref().ok(), known, ending)))
    }

    /// Waits for a line.
    ///
    /// # Errors
    /// When standard input cannot be read.
    pub fn read(&mut self, lang: Lang) -> anyhow::Result<Input> {
        match self {
            Self::Editor(editor) => editor.read(lang),
            Self::Plain => plain(),
        }
    }
}

fn plain() -> anyhow::Result<Input> {
    let mut prompt = std::io::stderr().lock();
    let _ = write!(prompt, "{PROMPT}").and_then(|()| prompt.flush());
    let mut line = Vec::new();
    let read = std::io::stdin().lock().read_until(b'\n', &mut line).context("cannot read from standard input")?;
    Ok(if read == 0 { Input::End } else { Input::Line(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned()) })
}

/// The file of the history: made for its owner alone, and told so where it cannot be.
///
/// # Errors
/// Why there is none.
pub fn history_file(folder: &Path) -> Result<PathBuf, String> {
    let path = folder.join("chat.history");
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600)).map_err(|error| format!("{}: {error}", path.display()))?;
    drop(file);
    Ok(path)
}

/// Whether a history has nothing in it yet.
pub fn is_first_time(history: &Result<PathBuf, String>) -> bool {
    history.as_ref().is_ok_and(|path| path.metadata().is_ok_and(|file| file.len() == 0))
}

pub struct Editor {
    line: Reedline,
    empty: Arc<AtomicBool>,
}

impl Editor {
    fn new(history: Option<&Path>, known: Shared, ending: Arc<AtomicBool>) -> Self {
        let mut keys = default_emacs_keybindings();
        keys.add_binding(KeyModifiers::NONE, KeyCode::Tab, ReedlineEvent::UntilFound(vec![ReedlineEvent::Menu(MENU.to_owned()), ReedlineEvent::MenuNext]));
        keys.add_binding(KeyModifiers::SHIFT, KeyCode::BackTab, ReedlineEvent::MenuPrevious);
        keys.add_binding(KeyModifiers::ALT, KeyCode::Enter, ReedlineEvent::Edit(vec![EditCommand::InsertNewline]));
        // What was typed ahead while an answer was printed may end in a line feed.
        keys.add_binding(KeyModifiers::CONTROL, KeyCode::Char('j'), ReedlineEvent::Enter);
        let menu = ColumnarMenu::default().with_name(MENU).with_columns(1).with_marker(PROMPT);
        let empty = Arc::new(AtomicBool::new(true));
        let hints = Hints { hints: DefaultHinter::default().with_min_chars(2).with_style(Color::DarkGray.normal()), empty: Arc::clone(&empty) };
        let line = Reedline::create()
            .with_edit_mode(Box::new(Emacs::new(keys)))
            .with_menu(ReedlineMenu::EngineCompleter(Box::new(menu)))
            .with_completer(Box::new(Completion(known)))
            .with_quick_completions(true)
            .with_partial_completions(true)
            .with_hinter(Box::new(hints))
            .with_validator(Box::new(Backslash))
            .with_ansi_colors(no_color().is_none())
            .with_history_exclusion_prefix(Some(" ".to_owned()))
            .with_break_signal(ending)
            .use_bracketed_paste(true);
        let kept = history.and_then(|path| match FileBackedHistory::with_file(MOST_LINES, path.to_owned()) {
            Ok(history) => Some(history),
            Err(error) => {
                tracing::warn!(%error, path = %path.display(), "the history cannot be read");
                None
            }
        });
        let line = match kept.or_else(|| FileBackedHistory::new(MOST_LINES).ok()) {
            Some(history) => line.with_history(Box::new(history)),
            None => line,
        };
        Self { line, empty }
    }

    fn read(&mut self, lang: Lang) -> anyhow::Result<Input> {
        self.empty.store(true, Ordering::Relaxed);
        let signal = self.line.read_line(&Arrow(lang)).context("cannot read from the terminal")?;
        // A line is kept as soon as it is there: whatever ends the program, it is not lost.
        if let Err(error) = self.line.sync_history() {
            tracing::debug!(%error, "the history cannot be written");
        }
        Ok(match signal {
            Signal::Success(line) => Input::Line(line.replace("\\\n", "\n")),
            Signal::CtrlC => Input::Interrupt(self.empty.load(Ordering::Relaxed)),
            _ => Input::End,
        })
    }
}

/// Hints from the history; knows in passing whether the line is empty.
struct Hints {
    hints: DefaultHinter,
    empty: Arc<AtomicBool>,
}

impl Hinter for Hints {
    fn handle(&mut self, line: &str, pos: usize, history: &dyn History, color: bool, folder: &str) -> String {
        self.empty.store(line.is_empty(), Ordering::Relaxed);
        let hint = self.hints.handle(line, pos, history, color, folder);
        // Without color a hint could not be told from what was typed.
        if color { hint } else { String::new() }
    }

    fn complete_hint(&self) -> String {
        self.hints.complete_hint()
    }

    fn next_hint_token(&self) -> String {
        self.hints.next_hint_token()
    }
}

/// A backslash at the end of a line says that another one follows.
struct Backslash;

impl Validator for Backslash {
    fn validate(&self, line: &str) -> ValidationResult {
        if line.ends_with('\\') { ValidationResult::Incomplete } else { ValidationResult::Complete }
    }
}

struct Arrow(Lang);

impl Prompt for Arrow {
    fn render_prompt_left(&self) -> Cow<'_, str> {
        Cow::Borrowed("")
    }

    fn render_prompt_right(&self) -> Cow<'_, str> {
        Cow::Borrowed("")
    }

    fn render_prompt_indicator(&self, _: PromptEditMode) -> Cow<'_, str> {
        Cow::Borrowed(PROMPT)
    }

    fn render_prompt_multiline_indicator(&self) -> Cow<'_, str> {
        Cow::Borrowed("  ")
    }

    fn render_prompt_history_search_indicator(&self, search: PromptHistorySearch) -> Cow<'_, str> {
        Cow::Owned(format!("({}: {}) ", Texts::of(self.0).search, search.term))
    }
}
