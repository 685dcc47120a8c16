//! The fields of a flat JSON object of texts, each as soon as it is whole, while the object is still being written.

/// Longest object that is read.
const LONGEST: usize = 256 << 10;

/// Reads pieces of text and gives finished fields. Whatever stands before the first brace is skipped, and so is every value
/// that is no text.
#[derive(Debug, Default)]
pub struct Fields {
    text: String,
    /// Bytes that are read already.
    at: usize,
    inside: bool,
    depth: usize,
    key: Option<String>,
    /// A key or value stands next in the outer object.
    wants_value: bool,
    done: bool,
}

impl Fields {
    /// Takes a piece, and gives the fields that it finishes: name and text.
    pub fn take(&mut self, piece: &str) -> Vec<(String, String)> {
        if self.done || self.text.len() + piece.len() > LONGEST {
            self.done = true;
            return Vec::new();
        }
        self.text.push_str(piece);
        let mut fields = Vec::new();
        while !self.done && self.step(&mut fields) {}
        fields
    }

    /// Whether the object is closed.
    pub fn is_whole(&self) -> bool {
        self.done && self.inside
    }

    /// Reads one mark or one string; `false` when more text is needed.
    fn step(&mut self, fields: &mut Vec<(String, String)>) -> bool {
        let rest = &self.text[self.at..];
        let Some(next) = rest.chars().next() else { return false };
        if !self.inside {
            let Some(brace) = rest.find('{') else {
                self.at = self.text.len();
                return false;
            };
            (self.at, self.inside, self.depth) = (self.at + brace + 1, true, 1);
            return true;
        }
        if next == '"' {
            let Some(length) = string_length(rest) else { return false };
            let decoded = serde_json::from_str::<String>(&rest[..length]).ok();
            self.at += length;
            if self.depth == 1 {
                match (self.key.take(), decoded) {
                    (Some(key), Some(text)) if self.wants_value => fields.push((key, text)),
                    (None, Some(key)) if !self.wants_value => self.key = Some(key),
                    _ => {}
                }
            }
            return true;
        }
        self.at += next.len_utf8();
        match next {
            '{' | '[' => self.depth += 1,
            '}' | ']' => {
                self.depth -= 1;
                self.done = self.depth == 0;
            }
            ':' if self.depth == 1 => self.wants_value = true,
            ',' if self.depth == 1 => (self.wants_value, self.key) = (false, None),
            _ => {}
        }
        true
    }
}

/// Bytes of the JSON string at the start of a text, with its quotes; `None` while it is not closed.
fn string_length(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}
