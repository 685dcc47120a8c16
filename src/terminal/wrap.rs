//! Text for a terminal: cleaned of what could steer it, counted in columns, broken into lines.

use textwrap::core::Word;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Catalog and model text is untrusted: no character of it may move the cursor, start an escape sequence, end a line or turn
/// the direction of writing.
pub fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| !steers(*c)).collect()
}

/// Whether a character acts on the terminal instead of being shown.
pub(super) fn steers(character: char) -> bool {
    let invisible = matches!(character,
        '\u{061c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}');
    character.is_control() || invisible
}

/// How many columns a text takes.
pub fn columns(text: &str) -> usize {
    text.width()
}

/// Lines of at most `width` columns; the first begins with `first`, the others with `rest`. Nothing makes no line.
pub fn wrap(text: &str, width: usize, first: &str, rest: &str) -> Vec<String> {
    let text = clean(text);
    if text.trim().is_empty() {
        return Vec::new();
    }
    let options = textwrap::Options::new(width).initial_indent(first).subsequent_indent(rest).word_separator(textwrap::WordSeparator::Custom(pieces));
    textwrap::wrap(&text, options).into_iter().map(|line| line.trim_end().to_owned()).collect()
}

/// Items one after the other, broken between them where that is possible. The separator is left out at a break.
pub fn flow(items: &[String], separator: &str, width: usize, first: &str, rest: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for item in items.iter().map(|item| clean(item)).filter(|item| !item.is_empty()) {
        let indent = if lines.is_empty() { first } else { rest };
        let joined = if line.is_empty() { format!("{indent}{item}") } else { format!("{line}{separator}{item}") };
        if columns(&joined) <= width {
            line = joined;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        let indent = if lines.is_empty() { first } else { rest };
        lines.extend(wrap(&item, width, indent, rest));
        line = lines.pop().unwrap_or_default();
    }
    lines.extend((!line.is_empty()).then_some(line));
    lines
}

/// The text on one line of at most `width` columns; an ellipsis stands for what is left out.
pub fn clip(text: &str, width: usize) -> String {
    let text = clean(text);
    if columns(&text) <= width {
        return text;
    }
    let mut kept = String::new();
    let mut used = 1;
    for character in text.chars() {
        used += character.width().unwrap_or(0);
        if used > width {
            break;
        }
        kept.push(character);
    }
    format!("{}…", kept.trim_end())
}

/// The text with spaces behind it up to `width` columns.
pub fn fill(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(columns(text))))
}

/// Words of English, single characters of Chinese; closing marks stay with what they close, opening ones with what follows.
fn pieces(line: &str) -> Box<dyn Iterator<Item = Word<'_>> + '_> {
    let wide = |c: char| c.width().unwrap_or(0) > 1;
    let mut borders = vec![0];
    let mut before: Option<char> = None;
    for (at, character) in line.char_indices() {
        let border = before.is_some_and(|before| {
            let after_space = before == ' ' && character != ' ';
            let between = (wide(before) || wide(character)) && before != ' ' && !closes(character) && !opens(before);
            after_space || between
        });
        if border {
            borders.push(at);
        }
        before = Some(character);
    }
    borders.push(line.len());
    let words: Vec<Word<'_>> = borders.windows(2).filter(|w| w[0] < w[1]).map(|w| Word::from(&line[w[0]..w[1]])).collect();
    Box::new(words.into_iter())
}

/// No line begins with it. Joiners and marks that are drawn over the character before stay with it, too.
fn closes(character: char) -> bool {
    "，。、；：！？）》」』】”’…·,.;:!?)%".contains(character) || character.width() == Some(0)
}

/// No line ends with it.
fn opens(character: char) -> bool {
    "（《「『【“‘([¥$\u{200d}".contains(character)
}
