//! Work that reads or computes much, away from the async threads.

use std::sync::LazyLock;

use anyhow::Context;
use tokio::sync::Semaphore;

/// A line to wait in. Each has as many threads as there are cores: more would only make each piece of work slower.
#[derive(Debug)]
pub struct Lane(LazyLock<Semaphore>);

/// Understanding takes a tenth of the time of retrieval, and the shopper sees at once what was understood: it does not wait
/// behind the searches of others.
pub static UNDERSTANDING: Lane = Lane::new();
/// All that reads many products.
pub static RETRIEVAL: Lane = Lane::new();

impl Lane {
    const fn new() -> Self {
        Self(LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map_or(2, usize::from))))
    }

    /// Does a piece of work in its turn. A panic in it, which only a damaged file could cause, comes back as an error.
    ///
    /// # Errors
    /// Those of the work.
    pub async fn run<T: Send + 'static>(&'static self, work: impl FnOnce() -> anyhow::Result<T> + Send + 'static) -> anyhow::Result<T> {
        let core = self.0.acquire().await.context("the program is ending")?;
        tokio::task::spawn_blocking(move || {
            let _core = core;
            work()
        })
        .await
        .context("the search stopped half-way; delete the folder `search` in the data folder and it is built again")?
    }
}
