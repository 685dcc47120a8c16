//! The store, as careful people use it: with patience that ends, a count of failures, and a memory for what could not be
//! written yet.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::memory::Memory;
use super::store::{Found, Store};
use super::{Bounds, Remembered, Turn, packed};

/// Nothing in the store takes longer.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long a store that failed is left alone.
const REST: Duration = Duration::from_secs(1);

const FAILURES: &str = "daogou_session_store_failures_total";
const WRITES: &str = "daogou_session_write_seconds";
const UNWRITTEN: &str = "daogou_sessions_unwritten";

/// The store cannot be used at the moment. What happened stands in the log.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("sessions cannot be read or written at the moment")]
pub struct Fault;

/// What the store says of a conversation.
#[derive(Debug)]
pub enum Known {
    /// With the state of other processes' changes that it is as of.
    Yes(Box<Remembered>, Option<u64>),
    /// Another process answers a turn of it.
    Held,
    No,
}

/// Looks after a store.
#[derive(Debug)]
pub struct Keeper {
    pub store: Store,
    pub memory: Arc<Mutex<Memory>>,
    pub bounds: Bounds,
    /// Since when the store fails, as of the last try.
    failing: Mutex<Option<Instant>>,
    /// Leases that this process holds.
    leases: Mutex<HashMap<String, i64>>,
}

impl Keeper {
    pub fn new(store: Store, memory: Arc<Mutex<Memory>>, bounds: Bounds) -> Self {
        for operation in ["read", "write", "erase", "tidy", "lease"] {
            metrics::counter!(FAILURES, "operation" => operation).absolute(0);
        }
        metrics::gauge!(UNWRITTEN).set(0.0);
        Self { store, memory, bounds, failing: Mutex::default(), leases: Mutex::default() }
    }

    pub fn memory(&self) -> MutexGuard<'_, Memory> {
        lock(&self.memory)
    }

    pub fn is_failing(&self) -> bool {
        lock(&self.failing).is_some()
    }

    /// Does something with the store, unless it failed a moment ago.
    pub async fn attempt<T>(&self, operation: &'static str, work: impl Future<Output = sqlx::Result<T>>) -> Result<T, Fault> {
        if lock(&self.failing).is_some_and(|since| since.elapsed() < REST) {
            return Err(Fault);
        }
        let error = match tokio::time::timeout(PATIENCE, work).await {
            Ok(Ok(done)) => {
                if lock(&self.failing).take().is_some() {
                    tracing::warn!("the store of sessions can be used again");
                }
                return Ok(done);
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no answer within {} s", PATIENCE.as_secs()),
        };
        metrics::counter!(FAILURES, "operation" => operation).increment(1);
        if lock(&self.failing).replace(Instant::now()).is_none() {
            tracing::error!(operation, error, "the store of sessions cannot be used; answers are given, and kept in memory until it can");
        }
        Err(Fault)
    }

    /// What is known of a conversation. Where others could answer it meanwhile, it is leased to this holder then.
    pub async fn enter(&self, id: &str, holder: i64) -> Result<Known, Fault> {
        // Looked at first: what is changed after this is seen the next time.
        let seen = self.store.seen();
        Ok(match self.attempt("read", self.store.enter(id, holder)).await? {
            Found::Absent => Known::No,
            Found::Held => Known::Held,
            Found::Known(json) => {
                self.lease(id, holder);
                Known::Yes(Box::new(remembered(&json)), seen)
            }
        })
    }

    /// Makes a conversation known before its first turn, where others could ask for it meanwhile.
    pub async fn begin(&self, id: &str, holder: i64) -> bool {
        let begun = self.attempt("write", self.store.begin(id, holder)).await.unwrap_or(false);
        if begun {
            self.lease(id, holder);
        }
        begun
    }

    fn lease(&self, id: &str, holder: i64) {
        if matches!(self.store, Store::Postgres(_)) {
            lock(&self.leases).insert(id.to_owned(), holder);
        }
    }

    /// The lease that is held on a conversation.
    pub fn leased(&self, id: &str) -> Option<i64> {
        lock(&self.leases).get(id).copied()
    }

    /// A lease is over: given back in the store, or about to be.
    pub fn end_lease(&self, id: &str) -> Option<i64> {
        lock(&self.leases).remove(id)
    }

    /// Renews all leases.
    pub async fn renew(&self) {
        let leases: Vec<(String, i64)> = lock(&self.leases).iter().map(|(id, holder)| (id.clone(), *holder)).collect();
        if let (Store::Postgres(store), false) = (&self.store, leases.is_empty()) {
            // Who loses a lease for that is told so by nobody; its turn is kept all the same.
            let _ = self.attempt("lease", store.renew(&leases)).await;
        }
    }

    /// The turns of a conversation, first to last.
    pub async fn turns(&self, id: &str) -> Result<Option<Vec<Turn>>, Fault> {
        let Some(stored) = self.attempt("read", self.store.turns(id)).await? else { return Ok(None) };
        let unpacked = tokio::task::spawn_blocking(move || {
            let readable = stored.into_iter().filter_map(|(question, answer)| Some(Turn { question, answer: packed::unpack(&answer)? }));
            readable.collect::<Vec<Turn>>()
        });
        Ok(Some(unpacked.await.unwrap_or_default()))
    }

    /// Conversations with turns that could not be written yet.
    pub fn unwritten(&self) -> Vec<String> {
        let unwritten = self.memory().unwritten();
        metrics::gauge!(UNWRITTEN).set(unwritten.len() as f64);
        unwritten
    }

    /// So long a write took.
    pub fn measured(&self, took: Duration) {
        metrics::histogram!(WRITES).record(took.as_secs_f64());
    }
}

/// What was written by a version that said it otherwise, or damaged, counts as nothing remembered.
fn remembered(json: &str) -> Remembered {
    serde_json::from_str(json).unwrap_or_else(|error| {
        tracing::warn!(line = error.line(), column = error.column(), "what a session remembered cannot be read any more, so it begins anew");
        Remembered::default()
    })
}

/// A panic while holding one of these locks leaves whole entries only, so what it guards is still good.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
