//! Conversations: the need as of the last turn and what was shown, kept in memory with bounds and expiry.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::catalog::ProductId;
use crate::need::Need;

/// Conversations that are kept at once; the one idle longest makes room.
const MOST_SESSIONS: usize = 10_000;
/// Shown products that a conversation remembers.
const MOST_SHOWN: usize = 300;
/// A conversation is forgotten after this long without a turn.
const EXPIRY: Duration = Duration::from_secs(6 * 3600);

#[derive(Debug, Clone)]
struct Session {
    last: Need,
    /// Everything shown so far, in order.
    shown: Vec<ProductId>,
    touched: Instant,
}

/// All conversations of this process.
#[derive(Debug, Default)]
pub struct Sessions {
    open: Mutex<HashMap<String, Session>>,
}

impl Sessions {
    /// The need as of the last turn of a conversation, and what was shown so far.
    pub fn last(&self, id: &str) -> Option<(Need, Vec<ProductId>)> {
        let mut open = self.lock();
        open.retain(|_, session| session.touched.elapsed() < EXPIRY);
        open.get(id).map(|session| (session.last.clone(), session.shown.clone()))
    }

    /// Remembers a turn.
    pub fn record(&self, id: &str, need: Need, shown: impl Iterator<Item = ProductId>) {
        let mut open = self.lock();
        if open.len() >= MOST_SESSIONS && !open.contains_key(id) {
            let idle = open.iter().min_by_key(|(_, session)| session.touched).map(|(id, _)| id.clone());
            idle.map(|id| open.remove(&id));
        }
        let session = open.entry(id.to_owned()).or_insert_with(|| Session { last: need.clone(), shown: Vec::new(), touched: Instant::now() });
        (session.last, session.touched) = (need, Instant::now());
        session.shown.extend(shown);
        let surplus = session.shown.len().saturating_sub(MOST_SHOWN);
        session.shown.drain(..surplus);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Session>> {
        // A panic while holding the lock leaves whole entries only, so the map is still good.
        self.open.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
