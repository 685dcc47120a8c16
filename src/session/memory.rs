//! Conversations in memory, with bounds and expiry: all there is of them where nothing is stored, else those in use.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::time::{Duration, Instant};

use super::{Bounds, LEAST_WEIGHT, Remembered, Turn};

/// A turn on its way into the store, or kept here where there is none.
#[derive(Debug, Clone)]
pub struct Kept {
    pub turn: Turn,
    /// Tells it from every other turn of its conversation.
    pub token: i64,
    /// It takes the place of the turn before, if that asked the same.
    pub again: bool,
}

/// A conversation.
#[derive(Debug)]
pub struct Session {
    pub remembered: Remembered,
    /// Its turns; where there is a store, those that are not written yet.
    pub turns: VecDeque<Kept>,
    /// The store knows of it.
    pub stored: bool,
    /// More is remembered than what was kept.
    pub ahead: bool,
    /// It ends with its first turn, and nothing of it is ever written.
    pub passing: bool,
    /// Changes by other processes that were taken into account; `None` where the store must be asked each time.
    pub seen: Option<u64>,
    touched: Instant,
    /// Its place among all, by when it was touched.
    place: u64,
}

impl Session {
    fn weight(&self) -> usize {
        LEAST_WEIGHT + self.turns.iter().map(|kept| kept.turn.question.len() + kept.turn.answer.len()).sum::<usize>()
    }
}

/// Many conversations.
#[derive(Debug, Default)]
pub struct Memory {
    sessions: HashMap<String, Session>,
    /// Ids, longest idle first.
    order: BTreeMap<u64, String>,
    next_place: u64,
    weight: usize,
    /// Erased while a turn of theirs is being answered: what that turn leaves behind is not taken in.
    erased: HashSet<String>,
}

impl Memory {
    pub fn get(&self, id: &str) -> Option<&Session> {
        self.sessions.get(id)
    }

    pub fn len(&self) -> usize {
        self.sessions.len()
    }

    /// Ids of conversations with turns that the store does not have yet.
    pub fn unwritten(&self) -> Vec<String> {
        self.sessions.iter().filter(|(_, session)| !session.passing && !session.turns.is_empty()).map(|(id, _)| id.clone()).collect()
    }

    /// Begins a conversation.
    pub fn begin(&mut self, id: &str, passing: bool, seen: Option<u64>, bounds: &Bounds) {
        let place = self.new_place(id);
        let session =
            Session { remembered: Remembered::default(), turns: VecDeque::new(), stored: false, ahead: false, passing, seen, touched: Instant::now(), place };
        self.weight += session.weight();
        self.sessions.insert(id.to_owned(), session);
        self.make_room(bounds, id);
    }

    /// Takes in what the store knows of a conversation. Turns that the store does not have yet go before it.
    pub fn load(&mut self, id: &str, remembered: Remembered, seen: Option<u64>, bounds: &Bounds) {
        if !self.sessions.contains_key(id) {
            self.begin(id, false, None, bounds);
        }
        self.touch(id);
        if let Some(session) = self.sessions.get_mut(id) {
            (session.stored, session.seen) = (true, seen);
            if session.turns.is_empty() {
                (session.remembered, session.ahead) = (remembered, false);
            }
        }
    }

    /// Changes what is remembered, unless the conversation was erased meanwhile.
    pub fn remember(&mut self, id: &str, bounds: &Bounds, change: impl FnOnce(&mut Remembered)) {
        if self.erased.contains(id) {
            return;
        }
        if !self.sessions.contains_key(id) {
            self.begin(id, false, None, bounds);
        }
        self.touch(id);
        if let Some(session) = self.sessions.get_mut(id) {
            change(&mut session.remembered);
            session.ahead = true;
        }
    }

    /// Keeps a turn. `false` when nothing of it may be kept.
    pub fn keep(&mut self, id: &str, kept: Kept, bounds: &Bounds) -> bool {
        let alive = self.change_turns(id, |session| {
            if kept.again && session.turns.back().is_some_and(|last| last.turn.question == kept.turn.question) {
                session.turns.pop_back();
            }
            session.turns.push_back(kept);
            while session.turns.len() > bounds.turns {
                session.turns.pop_front();
            }
            !session.passing
        });
        self.make_room(bounds, id);
        alive.unwrap_or(false)
    }

    /// The store has these turns of a conversation, and what was remembered with them.
    pub fn written(&mut self, id: &str, tokens: &[i64]) {
        self.change_turns(id, |session| {
            session.stored = true;
            session.turns.retain(|kept| !tokens.contains(&kept.token));
            session.ahead &= !session.turns.is_empty();
        });
    }

    fn change_turns<T>(&mut self, id: &str, change: impl FnOnce(&mut Session) -> T) -> Option<T> {
        let session = self.sessions.get_mut(id)?;
        let before = session.weight();
        let changed = change(session);
        let after = session.weight();
        self.weight = (self.weight + after).saturating_sub(before);
        Some(changed)
    }

    /// Forgets a conversation. `false` when there is none.
    pub fn remove(&mut self, id: &str) -> bool {
        let Some(session) = self.sessions.remove(id) else { return false };
        self.order.remove(&session.place);
        self.weight = self.weight.saturating_sub(session.weight());
        true
    }

    /// Nothing of the turn that is being answered may be taken in.
    pub fn mark_erased(&mut self, id: &str) {
        self.erased.insert(id.to_owned());
    }

    /// The turn that was being answered is over. Where there is a store, what it has is the truth: a turn that came to nothing
    /// leaves nothing behind.
    pub fn turn_over(&mut self, id: &str, has_store: bool) {
        let came_to_nothing = |session: &Session| has_store && !session.passing && session.ahead && session.turns.is_empty();
        if self.erased.remove(id) || self.sessions.get(id).is_some_and(came_to_nothing) {
            self.remove(id);
        }
    }

    /// Forgets what was idle for too long.
    pub fn expire(&mut self, expiry: Duration) {
        while let Some(id) = self.longest_idle()
            && self.sessions.get(&id).is_none_or(|session| session.touched.elapsed() >= expiry)
        {
            if !self.remove(&id) {
                self.order.pop_first();
            }
        }
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

    fn longest_idle(&self) -> Option<String> {
        self.order.first_key_value().map(|(_, id)| id.clone())
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
