//! Writing a talk to a file that somebody named.

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::config::home;

/// "~/talk.md" is in the home folder.
pub fn expanded(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), home()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(path),
    }
}

/// Writes a new file, or over one that is there when `over` says so.
///
/// # Errors
/// `AlreadyExists` when it is there and may not be written over.
pub fn write(path: &Path, text: &str, over: bool) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true);
    if over {
        options.create(true).truncate(true)
    } else {
        options.create_new(true)
    };
    options.open(path)?.write_all(text.as_bytes())
}
