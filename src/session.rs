//! Conversations: the questions asked so far, kept in memory with bounds and expiry.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::need::Need;

/// Conversations that are kept at once; the one idle longest makes room.
const MOST_SESSIONS: usize = 10_000;
/// A conversation is forgotten after this long without a turn.
const EXPIRY: Duration = Duration::from_secs(6 * 3600);

#[derive(Debug, Clone)]
struct Session {
    last: Need,
    touched: Instant,
}

/// All conversations of this process.
#[derive(Debug, Default)]
pub struct Sessions {
    open: Mutex<HashMap<String, Session>>,
}

impl Sessions {
    /// The need as of the last turn of a conversation.
    pub fn last_need(&self, id: &str) -> Option<Need> {
        let mut open = self.lock();
        open.retain(|_, session| session.touched.elapsed() < EXPIRY);
        open.get(id).map(|session| session.last.clone())
    }

    /// Remembers a turn.
    pub fn record(&self, id: &str, need: Need) {
        let mut open = self.lock();
        if open.len() >= MOST_SESSIONS && !open.contains_key(id) {
            let idle = open.iter().min_by_key(|(_, session)| session.touched).map(|(id, _)| id.clone());
            idle.map(|id| open.remove(&id));
        }
        open.insert(id.to_owned(), Session { last: need, touched: Instant::now() });
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Session>> {
        // A panic while holding the lock leaves whole entries only, so the map is still good.
        self.open.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
