//! How to print: colors, links and the width.

/// Lines are never wider: longer ones are hard to read.
const WIDEST: usize = 100;
/// Below this, nothing can be laid out; the terminal breaks the lines then.
const NARROWEST: usize = 10;

/// How to print.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    pub color: bool,
    /// Whether links can be clicked.
    pub links: bool,
    columns: usize,
}

impl Style {
    /// For an output of so many columns.
    pub fn new(color: bool, links: bool, columns: usize) -> Self {
        Self { color, links, columns: columns.max(1) }
    }

    /// Text alone.
    pub fn plain(columns: usize) -> Self {
        Self::new(false, false, columns)
    }

    /// Columns that a line of text may take.
    pub fn width(self) -> usize {
        self.columns.clamp(NARROWEST, WIDEST)
    }

    /// Columns of the screen.
    pub fn columns(self) -> usize {
        self.columns
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.color && !text.is_empty() { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    pub fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    pub fn faint(self, text: &str) -> String {
        self.paint("2", text)
    }

    /// Headings.
    pub fn heading(self, text: &str) -> String {
        self.paint("1;36", text)
    }

    /// What something costs.
    pub fn price(self, text: &str) -> String {
        self.paint("33", text)
    }

    /// A link as text.
    pub fn link(self, text: &str) -> String {
        self.paint("4;36", text)
    }
}
