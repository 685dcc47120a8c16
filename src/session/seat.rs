//! Taking one's seat: the right to answer the next turn of a conversation, in this process and among all that share its store.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::gates::Place;
use super::keeper::Known;
use super::writer::Command;
use super::{Remembered, Sessions, is_key, random};

/// How long a turn is waited for that another process answers, and how often it is looked whether it is done.
const HELD_ELSEWHERE: Duration = Duration::from_secs(60);
const LOOK_AGAIN: Duration = Duration::from_millis(25);

/// The right to answer the next turn of a conversation; others of the same conversation wait.
pub struct Seat(Arc<Held>);

/// A seat that somebody has, or that is being written for.
pub struct Held {
    sessions: Arc<Sessions>,
    id: String,
    _place: Place,
}

/// What became of asking for a seat.
pub enum Entry {
    Seat(Seat),
    /// There is no such conversation, or not any more.
    Unknown,
    /// Too many turns of it wait already.
    Busy,
}

impl Seat {
    pub fn id(&self) -> &str {
        self.0.id()
    }

    /// For whoever goes on after the one who has it.
    pub(super) fn share(&self) -> Arc<Held> {
        Arc::clone(&self.0)
    }
}

impl Held {
    pub fn id(&self) -> &str {
        &self.id
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.sessions.memory().turn_over(&self.id, self.sessions.desk.is_some());
        if let Some(desk) = &self.sessions.desk
            && let Some(holder) = desk.keeper.end_lease(&self.id)
        {
            let _ = desk.commands.send(Command::Leave { id: self.id.clone(), holder });
        }
    }
}

impl Sessions {
    /// Begins a conversation under an id that nobody can guess.
    pub async fn begin(self: &Arc<Self>) -> Seat {
        self.begin_as(uuid::Uuid::new_v4().to_string(), false).await
    }

    /// Begins a conversation that ends with its first turn and leaves nothing.
    pub async fn begin_passing(self: &Arc<Self>) -> Seat {
        self.begin_as(uuid::Uuid::new_v4().to_string(), true).await
    }

    async fn begin_as(self: &Arc<Self>, id: String, passing: bool) -> Seat {
        let seat = self.sit(&id).await;
        {
            let seen = self.desk.as_ref().and_then(|desk| desk.keeper.store.seen());
            let mut memory = self.memory();
            memory.expire(self.bounds.expiry);
            memory.begin(&id, passing, seen, &self.bounds);
        }
        if let (Some(desk), false) = (&self.desk, passing)
            && desk.keeper.begin(&id, random()).await
        {
            self.memory().load(&id, Remembered::default(), None, &self.bounds);
        }
        seat
    }

    /// Waits for the turns before it in a conversation that exists.
    pub async fn enter(self: &Arc<Self>, id: &str) -> Entry {
        if !is_key(id) {
            return Entry::Unknown;
        }
        self.wait_for(id, false).await
    }

    /// The same for a conversation by any name, which begins with this turn if there is none.
    pub async fn go_on(self: &Arc<Self>, id: &str) -> Entry {
        self.wait_for(id, true).await
    }

    async fn wait_for(self: &Arc<Self>, id: &str, begin: bool) -> Entry {
        if self.gates.is_full(id) {
            return Entry::Busy;
        }
        let seat = self.sit(id).await;
        let waited = Instant::now();
        loop {
            match self.find(id).await {
                Some(true) => return Entry::Seat(seat),
                Some(false) if begin => {
                    drop(seat);
                    return Entry::Seat(self.begin_as(id.to_owned(), false).await);
                }
                Some(false) => return Entry::Unknown,
                None if waited.elapsed() >= HELD_ELSEWHERE => return Entry::Busy,
                None => tokio::time::sleep(LOOK_AGAIN).await,
            }
        }
    }

    async fn sit(self: &Arc<Self>, id: &str) -> Seat {
        let place = self.gates.join(id).wait().await;
        Seat(Arc::new(Held { sessions: Arc::clone(self), id: id.to_owned(), _place: place }))
    }

    /// Whether there is such a conversation; then memory has it as the store has it. `None` while another process answers it.
    async fn find(&self, id: &str) -> Option<bool> {
        let known = {
            let mut memory = self.memory();
            memory.expire(self.bounds.expiry);
            memory.get(id).map(|session| (session.stored, session.seen))
        };
        let Some(desk) = &self.desk else { return Some(known.is_some()) };
        if let Some((_, Some(seen))) = known
            && desk.keeper.store.seen() == Some(seen)
        {
            return Some(true);
        }
        match desk.keeper.enter(id, random()).await {
            Ok(Known::Yes(remembered, seen)) => self.memory().load(id, *remembered, seen, &self.bounds),
            Ok(Known::Held) => return None,
            // It was begun while the store failed, and is not written yet.
            Ok(Known::No) if known.is_some_and(|(stored, _)| !stored) => {}
            Ok(Known::No) => {
                self.memory().remove(id);
                return Some(false);
            }
            // What is in memory may be old, but is better than nothing.
            Err(_) => return Some(known.is_some()),
        }
        Some(true)
    }
}
