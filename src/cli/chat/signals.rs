//! Being told to end: by the system, or because the terminal was closed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::sync::watch;

/// How long an orderly end may take.
const GRACE: Duration = Duration::from_secs(1);

/// Tells when it is time to end.
pub struct Ending {
    /// Makes the line editor let go.
    pub flag: Arc<AtomicBool>,
    told: watch::Receiver<bool>,
}

impl Ending {
    /// Listens from now on.
    pub fn new(runtime: &Runtime) -> Self {
        let (tell, told) = watch::channel(false);
        let flag = Arc::new(AtomicBool::new(false));
        let raised = Arc::clone(&flag);
        runtime.spawn(async move {
            asked_to_end().await;
            raised.store(true, Ordering::Relaxed);
            let _ = tell.send(true);
            // A terminal that is gone may leave whoever reads from it reading forever. The history is kept with every line, so
            // nothing is lost by not waiting for that.
            tokio::time::sleep(GRACE).await;
            std::process::exit(0);
        });
        Self { flag, told }
    }

    /// Whether it is time.
    pub fn is_told(&self) -> bool {
        *self.told.borrow()
    }

    /// Waits for Ctrl-C or the end, whichever comes first.
    pub async fn or_interrupted(&self) {
        let mut told = self.told.clone();
        tokio::select! {
            () = crate::cli::live::interrupted() => {}
            _ = told.wait_for(|told| *told) => {}
        }
    }
}

#[cfg(unix)]
async fn asked_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    match (signal(SignalKind::terminate()), signal(SignalKind::hangup())) {
        (Ok(mut terminate), Ok(mut hangup)) => tokio::select! {
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        },
        _ => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn asked_to_end() {
    std::future::pending().await
}
