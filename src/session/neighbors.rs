//! Other processes on the same file. The one that serves may trust its memory as long as no other has written.
//!
//! Which one that is, a lock on `sessions.lock` says: it ends with the process, however that ends. All others make
//! `sessions.changes` one byte longer after each change, and its length is cheap to look at.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

/// What is known of other processes.
#[derive(Debug)]
pub struct Neighbors {
    changes: PathBuf,
    /// Held by the process that may trust its memory.
    first: Option<File>,
}

impl Neighbors {
    /// Looks around. Only who stays, and so gains by it, asks to be the one that may trust its memory.
    pub fn meet(folder: &Path, stays: bool) -> Self {
        let changes = folder.join("sessions.changes");
        let lock = || {
            let file = OpenOptions::new().create(true).truncate(false).write(true).open(folder.join("sessions.lock")).ok()?;
            file.try_lock().ok().map(|()| file)
        };
        let first = if stays { lock() } else { None };
        if first.is_some() {
            // Nothing is in memory yet, so what was counted before does not matter.
            let _ = File::create(&changes);
        }
        Self { changes, first }
    }

    /// How much others have changed so far; `None` for a process that cannot tell.
    pub fn seen(&self) -> Option<u64> {
        self.first.as_ref()?;
        std::fs::metadata(&self.changes).ok().map(|file| file.len())
    }

    /// Tells the others of a change.
    pub fn tell(&self) {
        if self.first.is_none()
            && let Err(error) = OpenOptions::new().create(true).append(true).open(&self.changes).and_then(|mut file| file.write_all(b"."))
        {
            tracing::warn!("other processes cannot be told of a change of `{}`: {error}", self.changes.display());
        }
    }
}
