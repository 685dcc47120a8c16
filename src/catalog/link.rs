//! A link to the shop's own page.

use std::fmt;

use url::Url;

/// An absolute http(s) URL from a product record. There is no other way to make one, so a link in an answer is the catalog's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link(String);

impl Link {
    /// Longest link, in bytes.
    pub const LONGEST: usize = 2_000;

    /// Checks a link. `None` unless it is an absolute http(s) URL of bounded length without user name or spaces.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() > Self::LONGEST || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return None;
        }
        let url = Url::parse(text).ok()?;
        let http = matches!(url.scheme(), "http" | "https") && url.host().is_some();
        (http && url.username().is_empty() && url.password().is_none()).then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
