//! Links: clickable where the terminal is known to follow OSC 8, plain elsewhere, and never broken over lines.

use std::fmt::Write;

use super::Style;
use super::wrap::{clip, columns, steers};
use crate::catalog::Link;

/// Whether the terminal that a process writes to is known to make links of OSC 8. `variable` reads the environment.
///
/// A terminal that calls itself dumb never gets one. `FORCE_HYPERLINK` decides the others. After that `NO_COLOR` means no
/// escape sequences in answers at all, and only terminals that are known are trusted.
pub fn supported(variable: impl Fn(&'static str) -> Option<String>) -> bool {
    let set = |name| variable(name).is_some_and(|value| !value.is_empty());
    let number = |name| variable(name).and_then(|value| value.parse::<u32>().ok()).unwrap_or(0);
    let term = variable("TERM").unwrap_or_default();
    if term == "dumb" {
        return false;
    }
    if let Some(forced) = variable("FORCE_HYPERLINK") {
        return !matches!(forced.as_str(), "" | "0" | "false");
    }
    if set("NO_COLOR") || set("STY") {
        return false;
    }
    let program = variable("TERM_PROGRAM").unwrap_or_default();
    if set("TMUX") {
        // Whatever is around it: tmux passes links on from 3.4.
        return program == "tmux" && version(&variable("TERM_PROGRAM_VERSION").unwrap_or_default()) >= (3, 4);
    }
    matches!(program.as_str(), "iTerm.app" | "WezTerm" | "vscode" | "ghostty" | "Hyper" | "Tabby" | "rio" | "WarpTerminal" | "zed")
        || matches!(term.as_str(), "xterm-kitty" | "xterm-ghostty" | "wezterm" | "alacritty" | "foot" | "foot-extra")
        || ["WT_SESSION", "KITTY_WINDOW_ID", "ALACRITTY_WINDOW_ID", "DOMTERM"].into_iter().any(set)
        || number("VTE_VERSION") >= 5_000
        || number("KONSOLE_VERSION") >= 201_200
}

fn version(text: &str) -> (u32, u32) {
    let mut figures = text.split(|c: char| !c.is_ascii_digit()).map(|figure| figure.parse().unwrap_or(0));
    (figures.next().unwrap_or(0), figures.next().unwrap_or(0))
}

/// Text that leads to a link where that is possible, else the text alone. The text must be clean.
pub fn linked(style: Style, link: &Link, text: &str) -> String {
    if !style.links || text.is_empty() {
        return text.to_owned();
    }
    let address = address(link);
    // Lines of one link have one id, so that all of them light up together.
    format!("\u{1b}]8;id={:x};{address}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\", short_name(&address))
}

/// A link on a line of its own: whole where it cannot be clicked, even when the line is longer than the terminal is wide.
pub fn line(style: Style, link: &Link, indent: &str) -> String {
    let shown = shown(link);
    let room = style.width().saturating_sub(indent.len());
    // The terminal would break it: it need not begin late, too.
    let indent = if !style.links && columns(&shown) > style.columns().saturating_sub(indent.len()) { "" } else { indent };
    let shown = if style.links && columns(&shown) > room { clip(&shown, room) } else { shown };
    format!("{indent}{}", linked(style, link, &style.link(&shown)))
}

/// A link as people read it; what would steer the terminal is percent-encoded.
pub fn shown(link: &Link) -> String {
    encoded(link, |character| !steers(character))
}

/// A link as OSC 8 wants it: printable ASCII alone.
fn address(link: &Link) -> String {
    encoded(link, |character| character.is_ascii_graphic())
}

fn encoded(link: &Link, keep: impl Fn(char) -> bool) -> String {
    let mut text = String::with_capacity(link.as_str().len());
    for character in link.as_str().chars() {
        if keep(character) {
            text.push(character);
        } else {
            for byte in character.encode_utf8(&mut [0; 4]).bytes() {
                let _ = write!(text, "%{byte:02X}");
            }
        }
    }
    text
}

/// A short name for a link (FNV-1a).
fn short_name(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |sum, byte| (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}
