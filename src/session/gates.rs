//! Turns of one conversation are answered one after the other: a gate for each that is being talked in.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OwnedMutexGuard;

/// Turns of one conversation that are answered or wait at once.
const MOST: usize = 8;

type Gate = Arc<tokio::sync::Mutex<()>>;

/// The gates of this process.
#[derive(Debug, Clone, Default)]
pub struct Gates {
    /// Each with how many stand at it.
    gates: Arc<Mutex<HashMap<String, (Gate, usize)>>>,
}

/// A place in the queue at a gate, and at last the right to answer.
#[derive(Debug)]
pub struct Place {
    gates: Gates,
    id: String,
    gate: Gate,
    held: Option<OwnedMutexGuard<()>>,
}

impl Gates {
    /// Stands in line.
    pub fn join(&self, id: &str) -> Place {
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        let (gate, standing) = gates.entry(id.to_owned()).or_default();
        *standing += 1;
        Place { gates: self.clone(), id: id.to_owned(), gate: Arc::clone(gate), held: None }
    }

    /// Whether the line is too long already.
    pub fn is_full(&self, id: &str) -> bool {
        self.gates.lock().unwrap_or_else(PoisonError::into_inner).get(id).is_some_and(|(_, standing)| *standing >= MOST)
    }

    /// Whether a turn is being answered.
    pub fn is_busy(&self, id: &str) -> bool {
        self.gates.lock().unwrap_or_else(PoisonError::into_inner).contains_key(id)
    }
}

impl Place {
    /// Waits until it is this one's turn.
    pub async fn wait(mut self) -> Self {
        self.held = Some(Arc::clone(&self.gate).lock_owned().await);
        self
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut gates = self.gates.gates.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.held.take());
        if let Some((_, standing)) = gates.get_mut(&self.id) {
            *standing -= 1;
            if *standing == 0 {
                gates.remove(&self.id);
            }
        }
    }
}
