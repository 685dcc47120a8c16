//! The terminal around the program: how large it is, what it can show, and a line that says that something is going on.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use crate::config::{no_color, surroundings};
use crate::terminal::stream::Piece;
use crate::terminal::wrap::clip;
use crate::terminal::{Style, links};

/// Columns of an output that is no terminal.
const ELSEWHERE: usize = 100;
/// An answer that is there at once needs no sign of being worked on.
const PATIENCE: Duration = Duration::from_millis(250);
const FRAMES: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/// Whether the terminal understands escape sequences at all.
pub fn is_dumb() -> bool {
    surroundings("TERM").is_some_and(|term| term == "dumb")
}

/// How to print to standard output.
pub fn output() -> Style {
    style(std::io::stdout().is_terminal())
}

/// How to print to standard error.
pub fn remarks() -> Style {
    style(std::io::stderr().is_terminal())
}

fn style(terminal: bool) -> Style {
    let columns = if terminal { textwrap::termwidth() } else { ELSEWHERE };
    Style::new(terminal && no_color().is_none(), terminal && links::supported(surroundings), columns)
}

/// Rows of the screen.
#[cfg(unix)]
fn height() -> usize {
    rustix::termios::tcgetwinsize(std::io::stdout()).map_or(0, |size| usize::from(size.ws_row))
}

/// Rows of the screen; unknown here.
#[cfg(not(unix))]
fn height() -> usize {
    0
}

/// Prints a part of an answer to standard output.
pub fn put(piece: &Piece) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match piece {
        Piece::More(text) => write!(out, "{text}")?,
        // Rows that have left the screen cannot be written over.
        Piece::Instead { rows, text, .. } if *rows < height() && no_color().is_none() => write!(out, "\u{1b}[{rows}A\r\u{1b}[J{text}")?,
        Piece::Instead { or, .. } => write!(out, "{or}")?,
    }
    out.flush()?;
    Ok(())
}

/// A line on standard error that moves while something is awaited. Only a terminal has one.
pub struct Status {
    wanted: bool,
    shown: bool,
    frame: usize,
    since: Instant,
    text: &'static str,
}

impl Status {
    pub fn new(text: &'static str) -> Self {
        let wanted = std::io::stderr().is_terminal() && !is_dumb();
        Self { wanted, shown: false, frame: 0, since: Instant::now(), text }
    }

    /// What is being done now.
    pub fn now(&mut self, text: &'static str) {
        self.text = text;
    }

    pub fn tick(&mut self) {
        let waited = self.since.elapsed();
        if !self.wanted || waited < PATIENCE {
            return;
        }
        let style = remarks();
        let seconds = if waited.as_secs() > 0 { format!(" {} s", waited.as_secs()) } else { String::new() };
        let text = clip(&format!("{} {}{seconds}", FRAMES[self.frame % FRAMES.len()], self.text), style.columns().saturating_sub(1));
        self.frame += 1;
        self.shown = true;
        let mut out = std::io::stderr().lock();
        let _ = write!(out, "\r\u{1b}[2K{}", style.faint(&text)).and_then(|()| out.flush());
    }

    /// Takes the line away.
    pub fn clear(&mut self) {
        if std::mem::take(&mut self.shown) {
            let mut out = std::io::stderr().lock();
            let _ = write!(out, "\r\u{1b}[2K").and_then(|()| out.flush());
        }
    }
}

impl Drop for Status {
    fn drop(&mut self) {
        self.clear();
    }
}

/// While it lives, keys that are pressed are kept for the next line and not shown in the midst of an answer. Ctrl-C still
/// interrupts.
#[cfg(unix)]
pub struct Hush(Option<rustix::termios::Termios>);

#[cfg(unix)]
impl Hush {
    pub fn new() -> Self {
        use rustix::termios::{InputModes, LocalModes, OptionalActions, tcgetattr, tcsetattr};
        let input = std::io::stdin();
        let before = input.is_terminal().then(|| tcgetattr(&input).ok()).flatten();
        if let Some(mut now) = before.clone() {
            now.local_modes.remove(LocalModes::ECHO);
            // Enter arrives as the editor expects it.
            now.input_modes.remove(InputModes::ICRNL);
            let _ = tcsetattr(&input, OptionalActions::Now, &now);
        }
        Self(before)
    }
}

#[cfg(unix)]
impl Drop for Hush {
    fn drop(&mut self) {
        use rustix::termios::{OptionalActions, tcsetattr};
        if let Some(before) = &self.0 {
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, before);
        }
    }
}

/// Keys are kept by the console itself.
#[cfg(not(unix))]
pub struct Hush;

#[cfg(not(unix))]
impl Hush {
    pub fn new() -> Self {
        Self
    }
}
