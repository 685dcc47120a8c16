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

/// What a conversation knows of its earlier turns.
#[derive(Debug, Clone, Default)]
pub struct Remembered {
    /// The last need that was about products: small talk and goods that are not carried do not make it forgotten.
    pub need: Option<Need>,
    /// Everything shown so far, in order.
    pub shown: Vec<ProductId>,
    /// Facets that were asked about.
    pub asked: Vec<String>,
}

#[derive(Debug, Clone)]
struct Session {
    remembered: Remembered,
    touched: Instant,
}

/// All conversations of this process.
#[derive(Debug, Default)]
pub struct Sessions {
    open: Mutex<HashMap<String, Session>>,
}

impl Sessions {
    /// What is known of a conversation; nothing of one that is new.
    pub fn last(&self, id: &str) -> Remembered {
        let mut open = self.lock();
        open.retain(|_, session| session.touched.elapsed() < EXPIRY);
        open.get(id).map(|session| session.remembered.clone()).unwrap_or_default()
    }

    /// Remembers a turn: its need when it was about products, what was shown, and what was asked.
    pub fn record(&self, id: &str, need: Option<Need>, shown: impl Iterator<Item = ProductId>, asked: Option<String>) {
        let mut open = self.lock();
        if open.len() >= MOST_SESSIONS && !open.contains_key(id) {
            let idle = open.iter().min_by_key(|(_, session)| session.touched).map(|(id, _)| id.clone());
            idle.map(|id| open.remove(&id));
        }
        let session = open.entry(id.to_owned()).or_insert_with(|| Session { remembered: Remembered::default(), touched: Instant::now() });
        session.touched = Instant::now();
        let remembered = &mut session.remembered;
        remembered.need = need.or(remembered.need.take());
        remembered.asked.extend(asked);
        remembered.shown.extend(shown);
        let surplus = remembered.shown.len().saturating_sub(MOST_SHOWN);
        remembered.shown.drain(..surplus);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Session>> {
        // A panic while holding the lock leaves whole entries only, so the map is still good.
        self.open.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
