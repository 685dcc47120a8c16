//! Conversations: what they know of their earlier turns, and the turns themselves; with bounds and expiry.
//!
//! `memory` holds them, `gates` puts the turns of each in order. Where they shall outlive the process there is a `store`: a
//! `keeper` looks after it, and one `writer` writes turns of many conversations at once. Memory then holds the ones in use.

mod gates;
mod keeper;
mod memory;
mod neighbors;
mod packed;
mod postgres;
mod remembered;
mod seat;
mod sqlite;
mod store;
mod writer;

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;

use crate::answer::Answer;
use crate::need::Need;
use gates::Gates;
pub use keeper::Fault;
use keeper::{Keeper, lock};
use memory::{Kept, Memory};
pub use remembered::Remembered;
pub use seat::{Entry, Seat};
pub use store::Place;
use store::Store;
use writer::Command;

/// What a conversation without any turn is taken to weigh, in bytes.
const LEAST_WEIGHT: usize = 2_048;
/// Conversations in memory, where there is a store for all others.
const MOST_IN_USE: usize = 10_000;
/// How long an answer is held back until it is written.
const WRITTEN: Duration = Duration::from_secs(4);
/// How long the end waits until all is written.
const CLOSED: Duration = Duration::from_secs(5);
/// Longest id, in characters.
const LONGEST_ID: usize = 128;

/// How much is kept, and how long.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// Conversations kept at once; the one idle longest makes room.
    pub sessions: usize,
    /// Turns of one conversation; the first ones go.
    pub turns: usize,
    /// Bytes of all turns together; the conversation idle longest makes room.
    pub bytes: usize,
    /// A conversation is forgotten after this long without a turn.
    pub expiry: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { sessions: 10_000, turns: 50, bytes: 64 << 20, expiry: Duration::from_secs(6 * 3600) }
    }
}

/// A turn as it is shown again: the question, and the Answer object as JSON.
#[derive(Debug, Clone)]
pub struct Turn {
    pub question: String,
    pub answer: Arc<str>,
}

/// All conversations that this process can reach.
#[derive(Debug, Default)]
pub struct Sessions {
    /// Of what is in memory.
    bounds: Bounds,
    memory: Arc<Mutex<Memory>>,
    gates: Gates,
    desk: Option<Desk>,
}

/// Where conversations are written down.
#[derive(Debug)]
struct Desk {
    keeper: Arc<Keeper>,
    commands: UnboundedSender<Command>,
}

/// Whether a text may be the id of a conversation that somebody names.
pub fn is_id(text: &str) -> bool {
    (1..=LONGEST_ID).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:@".contains(&byte))
}

/// Whether an id is of the kind that cannot be guessed: names that people choose are no key to a conversation.
fn is_key(id: &str) -> bool {
    uuid::Uuid::try_parse(id).is_ok_and(|parsed| parsed.get_version_num() == 4 && parsed.to_string() == id)
}

impl Sessions {
    /// In memory only.
    pub fn new(bounds: Bounds) -> Self {
        Self { bounds, ..Self::default() }
    }

    /// Opens the place where conversations are kept. `stays` for a process that goes on for long.
    ///
    /// # Errors
    /// Says what is wrong with the place, and the way out.
    pub async fn open(place: &Place, bounds: Bounds, stays: bool) -> anyhow::Result<Self> {
        let store = match place {
            Place::Memory => return Ok(Self::new(bounds)),
            Place::Postgres(url) => Store::Postgres(postgres::Postgres::open(url, bounds.clone()).await?),
            Place::File(path) => match sqlite::Sqlite::open(path, bounds.clone(), stays).await? {
                Some(store) => Store::Sqlite(store),
                None => {
                    tracing::warn!("`{}` cannot be written, so sessions end with this process", path.display());
                    return Ok(Self::new(bounds));
                }
            },
        };
        let memory = Arc::<Mutex<Memory>>::default();
        let keeper = Arc::new(Keeper::new(store, Arc::clone(&memory), bounds.clone()));
        let commands = writer::start(&keeper);
        let bounds = Bounds { sessions: bounds.sessions.min(MOST_IN_USE), ..bounds };
        Ok(Self { bounds, memory, gates: Gates::default(), desk: Some(Desk { keeper, commands }) })
    }

    /// Writes what is not written yet, and lets go of the store.
    pub async fn close(&self) {
        if let Some(desk) = &self.desk {
            let (done, closed) = oneshot::channel();
            let _ = desk.commands.send(Command::Close { done });
            let _ = tokio::time::timeout(CLOSED, closed).await;
        }
    }

    /// Whether there is a store, and it fails.
    pub fn is_failing(&self) -> bool {
        self.desk.as_ref().is_some_and(|desk| desk.keeper.is_failing())
    }

    /// What is known of a conversation that somebody has the seat of; nothing of one that is new.
    pub fn last(&self, id: &str) -> Remembered {
        let mut memory = self.memory();
        memory.expire(self.bounds.expiry);
        memory.get(id).map(|session| session.remembered.clone()).unwrap_or_default()
    }

    /// Remembers what an answer means for the turns after it.
    pub fn take_in(&self, id: &str, answer: &Answer) {
        self.memory().remember(id, &self.bounds, |remembered| remembered.take_in(answer));
    }

    /// Remembers a turn of which only the need is known.
    pub fn record(&self, id: &str, need: Need) {
        self.memory().remember(id, &self.bounds, |remembered| remembered.need = Some(need));
    }

    /// Keeps a turn for being shown again, and what is remembered for the turns after it; `again` puts it in the place of the
    /// last one when that asked the same. Where there is a store, it is written when this is done, or the store fails.
    pub async fn keep(&self, seat: &Seat, turn: Turn, again: bool) {
        let kept = Kept { turn, token: random(), again };
        let alive = self.memory().keep(seat.id(), kept, &self.bounds);
        if let (Some(desk), true) = (&self.desk, alive) {
            let (done, written) = oneshot::channel();
            let _ = desk.commands.send(Command::Turn { seat: seat.share(), done });
            let _ = tokio::time::timeout(WRITTEN, written).await;
        }
    }

    /// The turns of a conversation, first to last.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn turns(&self, id: &str) -> Result<Option<Vec<Turn>>, Fault> {
        let unwritten = || -> Option<Vec<Turn>> {
            let mut memory = self.memory();
            memory.expire(self.bounds.expiry);
            memory.get(id).map(|session| session.turns.iter().map(|kept| kept.turn.clone()).collect())
        };
        let Some(desk) = &self.desk else { return Ok(unwritten()) };
        if !is_key(id) {
            return Ok(None);
        }
        let written = desk.keeper.turns(id).await?;
        Ok(match (written, unwritten()) {
            (Some(mut turns), more) => {
                turns.extend(more.unwrap_or_default());
                Some(turns)
            }
            (None, more) => more.filter(|turns| !turns.is_empty()),
        })
    }

    /// Forgets a conversation for good; a turn of it that is being answered leaves nothing behind. `false` when there is none.
    ///
    /// # Errors
    /// When the store fails: then it is not erased.
    pub async fn erase(&self, id: &str) -> Result<bool, Fault> {
        if self.desk.is_some() && !is_key(id) {
            return Ok(false);
        }
        let known = {
            let mut memory = self.memory();
            if self.gates.is_busy(id) {
                memory.mark_erased(id);
            }
            memory.expire(self.bounds.expiry);
            memory.remove(id)
        };
        let Some(desk) = &self.desk else { return Ok(known) };
        let (done, erased) = oneshot::channel();
        let _ = desk.commands.send(Command::Erase { id: id.to_owned(), done });
        Ok(erased.await.map_err(|_| Fault)?? || known)
    }

    /// Ends a conversation of which nothing was written.
    pub fn forget(&self, id: &str) {
        self.memory().remove(id);
    }

    /// How many conversations there are.
    pub fn count(&self) -> usize {
        match &self.desk {
            Some(desk) => usize::try_from(desk.keeper.store.totals().sessions).unwrap_or(0),
            None => {
                let mut memory = self.memory();
                memory.expire(self.bounds.expiry);
                memory.len()
            }
        }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        lock(&self.memory)
    }
}

/// Tells turns and leases apart.
fn random() -> i64 {
    uuid::Uuid::new_v4().as_u64_pair().0.cast_signed()
}
