//! A circuit: after some failures in a row a server is left alone for a while, and then tried with one call.

use std::sync::Mutex;
use std::time::{Duration, Instant};

/// The circuit of one server.
#[derive(Debug)]
pub struct Breaker {
    most: u32,
    rest: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    failures: u32,
    open_until: Option<Instant>,
}

impl Breaker {
    pub fn new(most: u32, rest: Duration) -> Self {
        Self { most: most.max(1), rest, state: Mutex::new(State::default()) }
    }

    /// Whether a call may go out. The first one after the rest is the trial; others wait for its outcome.
    pub fn allows(&self) -> bool {
        let mut state = self.lock();
        match state.open_until {
            None => true,
            Some(until) if Instant::now() < until => false,
            Some(_) => {
                state.open_until = Some(Instant::now() + self.rest);
                true
            }
        }
    }

    pub fn succeeded(&self) {
        *self.lock() = State::default();
    }

    pub fn failed(&self) {
        let mut state = self.lock();
        state.failures += 1;
        if state.failures >= self.most {
            state.open_until = Some(Instant::now() + self.rest);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
