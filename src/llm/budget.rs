//! How much the model may be used: calls at the same time, and tokens of a day.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{Failure, Usage};

const DAY: u64 = 24 * 3600;

/// A running call.
pub type Turn = OwnedSemaphorePermit;

/// What may still be used.
#[derive(Debug)]
pub struct Budget {
    calls: Arc<Semaphore>,
    per_day: u64,
    /// The day, counted from 1970, and what it has used.
    used: Mutex<(u64, u64)>,
}

impl Budget {
    pub fn new(concurrent: usize, per_day: u64) -> Self {
        Self { calls: Arc::new(Semaphore::new(concurrent.max(1))), per_day, used: Mutex::new((0, 0)) }
    }

    /// Waits for a free place among the calls.
    ///
    /// # Errors
    /// [`Failure::Busy`] when none gets free in time, [`Failure::DailyLimit`] when today's tokens are used up.
    pub async fn begin(&self, wait: Duration) -> Result<Turn, Failure> {
        if self.per_day > 0 && self.used_today().1 >= self.per_day {
            return Err(Failure::DailyLimit);
        }
        match tokio::time::timeout(wait, Arc::clone(&self.calls).acquire_owned()).await {
            Ok(Ok(turn)) => Ok(turn),
            _ => Err(Failure::Busy),
        }
    }

    pub fn spend(&self, usage: Usage) {
        let mut used = self.used_today();
        used.1 += usage.prompt + usage.completion;
    }

    fn used_today(&self) -> std::sync::MutexGuard<'_, (u64, u64)> {
        let today = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() / DAY);
        let mut used = self.used.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if used.0 != today {
            *used = (today, 0);
        }
        used
    }
}
