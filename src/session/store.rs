//! Where conversations are written down, so that they outlive the process.

use std::path::PathBuf;

use super::postgres::Postgres;
use super::sqlite::Sqlite;
use super::{Bounds, LEAST_WEIGHT};

/// What becomes of conversations.
#[derive(Debug, Clone)]
pub enum Place {
    /// They end with the process.
    Memory,
    /// A file for the processes of one machine.
    File(PathBuf),
    /// A database that several machines share.
    Postgres(String),
}

/// A store that is open.
#[derive(Debug)]
pub enum Store {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

/// What is written of a conversation at once.
#[derive(Debug)]
pub struct Record {
    pub id: String,
    /// The store does not know the conversation; otherwise, what it does not know was erased, and nothing is written.
    pub new: bool,
    pub remembered: String,
    pub turns: Vec<Row>,
    /// The lease under which its turn was answered.
    pub holder: Option<i64>,
}

/// A turn as it lies in the store.
#[derive(Debug)]
pub struct Row {
    pub token: i64,
    pub question: String,
    /// Compressed.
    pub answer: Vec<u8>,
    /// It takes the place of the turn before, if that asked the same.
    pub again: bool,
}

impl Record {
    /// What the turns weigh.
    pub fn weight(&self) -> i64 {
        self.turns.iter().map(Row::weight).sum()
    }
}

impl Row {
    pub fn weight(&self) -> i64 {
        (self.question.len() + self.answer.len()) as i64
    }
}

/// What the store says of a conversation.
#[derive(Debug)]
pub enum Found {
    /// What was remembered, as JSON.
    Known(String),
    /// Another process answers a turn of it.
    Held,
    Absent,
}

/// Conversations in the store, and what they weigh.
#[derive(Debug, Clone, Copy, Default)]
pub struct Totals {
    pub sessions: i64,
    pub weight: i64,
}

impl Totals {
    /// Of the conversations idle longest, those that must go so that the rest is within bounds.
    pub fn surplus(&mut self, bounds: &Bounds, idle: Vec<(String, i64)>) -> Vec<String> {
        let mut gone = Vec::new();
        for (id, weight) in idle {
            if !self.over(bounds) {
                break;
            }
            (self.sessions, self.weight) = (self.sessions - 1, self.weight - weight);
            gone.push(id);
        }
        gone
    }

    /// Whether there is more than may be.
    pub fn over(&self, bounds: &Bounds) -> bool {
        let most = |bound: usize| i64::try_from(bound).unwrap_or(i64::MAX);
        self.sessions > most(bounds.sessions.max(1)) || (self.weight > most(bounds.bytes) && self.sessions > 1)
    }
}

/// What a conversation weighs on its own.
pub const EMPTY: i64 = LEAST_WEIGHT as i64;
/// Conversations that are looked at, or removed, in one go.
pub const MANY: i64 = 500;

/// A turn in the store: question, and answer as it lies there.
pub type Stored = (String, Vec<u8>);

/// Asks whichever store it is.
macro_rules! ask {
    ($self:ident, $store:ident => $asked:expr) => {
        match $self {
            Store::Sqlite($store) => $asked,
            Store::Postgres($store) => $asked,
        }
    };
}

impl Store {
    /// Makes a conversation known before its first turn is answered, where others could ask for it meanwhile. `false` where
    /// nobody can.
    pub async fn begin(&self, id: &str, holder: i64) -> sqlx::Result<bool> {
        match self {
            Self::Sqlite(_) => Ok(false),
            Self::Postgres(store) => store.begin(id, holder).await.map(|()| true),
        }
    }

    /// What is known of a conversation, and, where others could answer it meanwhile, the lease on its next turn.
    pub async fn enter(&self, id: &str, holder: i64) -> sqlx::Result<Found> {
        match self {
            Self::Sqlite(store) => store.enter(id).await,
            Self::Postgres(store) => store.enter(id, holder).await,
        }
    }

    /// Gives a lease back.
    pub async fn leave(&self, id: &str, holder: i64) -> sqlx::Result<()> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(store) => store.leave(id, holder).await,
        }
    }

    /// Writes all, or nothing. Gives the ids of those that are not there any more, among them whatever had to make room.
    pub async fn write(&self, records: &[Record]) -> sqlx::Result<Vec<String>> {
        ask!(self, store => store.write(records).await)
    }

    /// The turns of a conversation, first to last; `None` when there is no such conversation.
    pub async fn turns(&self, id: &str) -> sqlx::Result<Option<Vec<Stored>>> {
        ask!(self, store => store.turns(id).await)
    }

    /// Erases a conversation. `false` when there is none.
    pub async fn erase(&self, id: &str) -> sqlx::Result<bool> {
        ask!(self, store => store.erase(id).await)
    }

    /// Removes what is too old or too much, and gives the ids. After this the totals are true.
    pub async fn tidy(&self) -> sqlx::Result<Vec<String>> {
        ask!(self, store => store.tidy().await)
    }

    /// How much there is.
    pub fn totals(&self) -> Totals {
        ask!(self, store => store.totals())
    }

    /// Which state of other processes' changes is known to be in the memory of this one; `None` where that cannot be told.
    pub fn seen(&self) -> Option<u64> {
        match self {
            Self::Sqlite(store) => store.seen(),
            Self::Postgres(_) => None,
        }
    }

    pub async fn close(&self) {
        ask!(self, store => store.close().await);
    }
}
