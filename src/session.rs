//! Conversations: the need as of the last turn, what was shown, and the turns themselves; in memory, with bounds and expiry.

mod remembered;

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::answer::Answer;
use crate::need::Need;
pub use remembered::Remembered;

/// What a conversation without any turn is taken to weigh, in bytes.
const LEAST_WEIGHT: usize = 2_048;
/// Turns of one conversation that wait for their order at once.
const MOST_WAITING: usize = 8;

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

#[derive(Debug)]
struct Session {
    remembered: Remembered,
    turns: VecDeque<Turn>,
    touched: Instant,
    /// Its place among all, by when it was touched.
    place: u64,
    /// Held by the turn that is being answered.
    gate: Arc<tokio::sync::Mutex<()>>,
}

impl Session {
    fn weight(&self) -> usize {
        LEAST_WEIGHT + self.turns.iter().map(|turn| turn.question.len() + turn.answer.len()).sum::<usize>()
    }
}

/// All conversations of this process.
#[derive(Debug, Default)]
pub struct Sessions {
    bounds: Bounds,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    sessions: HashMap<String, Session>,
    /// Ids, longest idle first.
    order: BTreeMap<u64, String>,
    next_place: u64,
    weight: usize,
    /// Erased while a turn of theirs is being answered: what that turn leaves behind is not taken in.
    erased: HashSet<String>,
}

/// The right to answer the next turn of a conversation; others of the same conversation wait.
pub struct Seat {
    sessions: Arc<Sessions>,
    id: String,
    _gate: tokio::sync::OwnedMutexGuard<()>,
}

impl Seat {
    pub fn id(&self) -> &str {
        &self.id
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.sessions.lock().erased.remove(&self.id);
    }
}

/// What became of asking for a seat.
pub enum Entry {
    Seat(Seat),
    /// There is no such conversation, or not any more.
    Unknown,
    /// Too many turns of it wait already.
    Busy,
}

impl Sessions {
    pub fn new(bounds: Bounds) -> Self {
        Self { bounds, open: Mutex::default() }
    }

    /// Begins a conversation under an id that nobody can guess.
    pub async fn begin(self: &Arc<Self>) -> Seat {
        let id = uuid::Uuid::new_v4().to_string();
        let gate = Arc::<tokio::sync::Mutex<()>>::default();
        let held = Arc::clone(&gate).lock_owned().await;
        let mut open = self.lock();
        open.expire(self.bounds.expiry);
        open.insert(&id, gate);
        open.make_room(&self.bounds, &id);
        Seat { sessions: Arc::clone(self), id, _gate: held }
    }

    /// Waits for the turns before it in a conversation that exists.
    pub async fn enter(self: &Arc<Self>, id: &str) -> Entry {
        let gate = {
            let mut open = self.lock();
            open.expire(self.bounds.expiry);
            match open.sessions.get(id) {
                None => return Entry::Unknown,
                Some(session) if Arc::strong_count(&session.gate) > MOST_WAITING => return Entry::Busy,
                Some(session) => Arc::clone(&session.gate),
            }
        };
        let held = gate.lock_owned().await;
        // It may have been erased meanwhile.
        let same = self.lock().sessions.get(id).is_some_and(|session| Arc::ptr_eq(&session.gate, tokio::sync::OwnedMutexGuard::mutex(&held)));
        if same { Entry::Seat(Seat { sessions: Arc::clone(self), id: id.to_owned(), _gate: held }) } else { Entry::Unknown }
    }

    /// What is known of a conversation; nothing of one that is new.
    pub fn last(&self, id: &str) -> Remembered {
        let mut open = self.lock();
        open.expire(self.bounds.expiry);
        open.sessions.get(id).map(|session| session.remembered.clone()).unwrap_or_default()
    }

    /// Remembers what an answer means for the turns after it.
    pub fn take_in(&self, id: &str, answer: &Answer) {
        self.remember(id, |remembered| remembered.take_in(answer));
    }

    /// Remembers a turn of which only the need is known.
    pub fn record(&self, id: &str, need: Need) {
        self.remember(id, |remembered| remembered.need = Some(need));
    }

    fn remember(&self, id: &str, change: impl FnOnce(&mut Remembered)) {
        let mut open = self.lock();
        if open.erased.contains(id) {
            return;
        }
        if !open.sessions.contains_key(id) {
            open.insert(id, Arc::default());
            open.make_room(&self.bounds, id);
        }
        open.touch(id);
        if let Some(session) = open.sessions.get_mut(id) {
            change(&mut session.remembered);
        }
    }

    /// Keeps a turn for being shown again; `again` puts it in the place of the last one when that asked the same.
    pub fn keep(&self, id: &str, turn: Turn, again: bool) {
        let mut open = self.lock();
        let Some(session) = open.sessions.get_mut(id) else { return };
        let before = session.weight();
        if again && session.turns.back().is_some_and(|last| last.question == turn.question) {
            session.turns.pop_back();
        }
        session.turns.push_back(turn);
        while session.turns.len() > self.bounds.turns {
            session.turns.pop_front();
        }
        let after = session.weight();
        open.weight = (open.weight + after).saturating_sub(before);
        open.make_room(&self.bounds, id);
    }

    /// The turns of a conversation, first to last.
    pub fn turns(&self, id: &str) -> Option<Vec<Turn>> {
        let mut open = self.lock();
        open.expire(self.bounds.expiry);
        open.sessions.get(id).map(|session| session.turns.iter().cloned().collect())
    }

    /// Forgets a conversation for good; a turn of it that is being answered leaves nothing behind. `false` when there is none.
    pub fn erase(&self, id: &str) -> bool {
        let mut open = self.lock();
        let Some(session) = open.remove(id) else { return false };
        if Arc::strong_count(&session.gate) > 1 {
            open.erased.insert(id.to_owned());
        }
        true
    }

    /// How many conversations there are.
    pub fn count(&self) -> usize {
        let mut open = self.lock();
        open.expire(self.bounds.expiry);
        open.sessions.len()
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        // A panic while holding the lock leaves whole entries only, so the map is still good.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn insert(&mut self, id: &str, gate: Arc<tokio::sync::Mutex<()>>) {
        let place = self.new_place(id);
        let session = Session { remembered: Remembered::default(), turns: VecDeque::new(), touched: Instant::now(), place, gate };
        self.weight += session.weight();
        self.sessions.insert(id.to_owned(), session);
    }

    fn new_place(&mut self, id: &str) -> u64 {
        self.next_place += 1;
        self.order.insert(self.next_place, id.to_owned());
        self.next_place
    }

    fn touch(&mut self, id: &str) {
        let place = self.new_place(id);
        if let Some(session) = self.sessions.get_mut(id) {
            self.order.remove(&session.place);
            (session.place, session.touched) = (place, Instant::now());
        }
    }

    fn remove(&mut self, id: &str) -> Option<Session> {
        let session = self.sessions.remove(id)?;
        self.order.remove(&session.place);
        self.weight = self.weight.saturating_sub(session.weight());
        Some(session)
    }

    fn longest_idle(&self) -> Option<String> {
        self.order.first_key_value().map(|(_, id)| id.clone())
    }

    fn expire(&mut self, expiry: Duration) {
        while let Some(id) = self.longest_idle()
            && self.sessions.get(&id).is_none_or(|session| session.touched.elapsed() >= expiry)
        {
            if self.remove(&id).is_none() {
                self.order.pop_first();
            }
        }
    }

    /// Lets the conversations idle longest go until all is within bounds again, but never the one that makes the noise.
    fn make_room(&mut self, bounds: &Bounds, but: &str) {
        while self.sessions.len() > bounds.sessions.max(1) || (self.weight > bounds.bytes && self.sessions.len() > 1) {
            match self.longest_idle() {
                Some(id) if id != but => drop(self.remove(&id)),
                _ => return,
            }
        }
    }
}
