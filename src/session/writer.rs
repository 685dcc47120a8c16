//! One task that does all writing: turns that wait together are written together, and nothing overtakes anything.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;
use tokio::time::{MissedTickBehavior, interval};

use super::keeper::{Fault, Keeper};
use super::memory::Kept;
use super::postgres::RENEWAL;
use super::seat::Held;
use super::store::{Record, Row, Store};
use super::{Remembered, packed};

/// Things that are done in one go.
const TOGETHER: usize = 256;
/// How often it is seen whether something is to be tidied up or written once more.
const TICK: Duration = Duration::from_secs(1);
/// Longest time between two sweeps.
const SWEEP: Duration = Duration::from_secs(30);

/// What is to be done.
pub enum Command {
    /// Write what memory has of a conversation. Its seat is held until that is done.
    Turn {
        seat: Arc<Held>,
        done: oneshot::Sender<()>,
    },
    Erase {
        id: String,
        done: oneshot::Sender<Result<bool, Fault>>,
    },
    /// Give back the lease on a turn that came to nothing.
    Leave {
        id: String,
        holder: i64,
    },
    /// Write everything, and end.
    Close {
        done: oneshot::Sender<()>,
    },
}

/// Starts writing for a keeper.
pub fn start(keeper: &Arc<Keeper>) -> UnboundedSender<Command> {
    let (commands, to_do) = unbounded_channel();
    tokio::spawn(run(Arc::clone(keeper), to_do));
    if matches!(keeper.store, Store::Postgres(_)) {
        tokio::spawn(renew(Arc::downgrade(keeper)));
    }
    commands
}

/// Beside the writing, which may take a while.
async fn renew(keeper: Weak<Keeper>) {
    loop {
        tokio::time::sleep(RENEWAL).await;
        let Some(keeper) = keeper.upgrade() else { return };
        keeper.renew().await;
    }
}

async fn run(keeper: Arc<Keeper>, mut to_do: UnboundedReceiver<Command>) {
    let sweep = (keeper.bounds.expiry / 4).clamp(TICK, SWEEP);
    let mut swept = Instant::now();
    let mut behind = false;
    let mut tick = interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut commands = Vec::new();
    loop {
        tokio::select! {
            received = to_do.recv_many(&mut commands, TOGETHER) => {
                if received == 0 {
                    return;
                }
                if let Some(closed) = follow(&keeper, commands.drain(..)).await {
                    let _ = closed.send(());
                    return;
                }
                behind |= keeper.is_failing();
            }
            _ = tick.tick() => {
                if behind || keeper.is_failing() {
                    behind = again(&keeper).await.is_err();
                }
                if swept.elapsed() >= sweep {
                    swept = Instant::now();
                    let _ = tidy(&keeper).await;
                }
            }
        }
    }
}

/// Does what is to be done, in order. Gives back whom to tell when this was the end.
async fn follow(keeper: &Arc<Keeper>, commands: impl Iterator<Item = Command>) -> Option<oneshot::Sender<()>> {
    let mut turns = Vec::new();
    for command in commands {
        if let Command::Turn { seat, done } = command {
            turns.push((seat, done));
            continue;
        }
        write_turns(keeper, &mut turns).await;
        match command {
            Command::Turn { .. } => {}
            Command::Erase { id, done } => _ = done.send(keeper.attempt("erase", keeper.store.erase(&id)).await),
            Command::Leave { id, holder } => _ = keeper.attempt("lease", keeper.store.leave(&id, holder)).await,
            Command::Close { done } => {
                let _ = again(keeper).await;
                keeper.store.close().await;
                return Some(done);
            }
        }
    }
    write_turns(keeper, &mut turns).await;
    None
}

async fn write_turns(keeper: &Arc<Keeper>, turns: &mut Vec<(Arc<Held>, oneshot::Sender<()>)>) {
    if turns.is_empty() {
        return;
    }
    let ids = turns.iter().map(|(seat, _)| seat.id().to_owned()).collect();
    // A lease ends with the turn that it was for. What was not written gives it back with the seat.
    for id in write(keeper, ids, true).await.unwrap_or_default() {
        keeper.end_lease(&id);
    }
    for (seat, done) in turns.drain(..) {
        // First, so that who is told can go on at once.
        drop(seat);
        let _ = done.send(());
    }
}

/// Tries once more to write what could not be written.
async fn again(keeper: &Arc<Keeper>) -> Result<(), Fault> {
    if keeper.is_failing() {
        tidy(keeper).await?;
    }
    write(keeper, keeper.unwritten(), false).await?;
    keeper.unwritten();
    Ok(())
}

async fn tidy(keeper: &Keeper) -> Result<(), Fault> {
    let gone = keeper.attempt("tidy", keeper.store.tidy()).await?;
    forget(keeper, &gone);
    Ok(())
}

fn forget(keeper: &Keeper, gone: &[String]) {
    let mut memory = keeper.memory();
    for id in gone {
        memory.remove(id);
    }
}

/// What memory has of a conversation.
struct Draft {
    id: String,
    new: bool,
    remembered: Remembered,
    turns: Vec<Kept>,
    holder: Option<i64>,
}

/// Writes what memory has of these conversations, and gives the ids of those there was something of.
async fn write(keeper: &Arc<Keeper>, ids: Vec<String>, with_leases: bool) -> Result<Vec<String>, Fault> {
    let drafts: Vec<Draft> = {
        let memory = keeper.memory();
        let draft = |id: String| {
            let session = memory.get(&id).filter(|session| !session.turns.is_empty())?;
            let holder = keeper.leased(&id).filter(|_| with_leases);
            Some(Draft { id, new: !session.stored, remembered: session.remembered.clone(), turns: session.turns.iter().cloned().collect(), holder })
        };
        ids.into_iter().filter_map(draft).collect()
    };
    if drafts.is_empty() {
        return Ok(Vec::new());
    }
    let records = tokio::task::spawn_blocking(move || drafts.into_iter().map(record).collect::<Vec<Record>>()).await.map_err(|_| Fault)?;
    let began = Instant::now();
    let gone = keeper.attempt("write", keeper.store.write(&records)).await?;
    keeper.measured(began.elapsed());
    {
        let mut memory = keeper.memory();
        for record in &records {
            memory.written(&record.id, &record.turns.iter().map(|row| row.token).collect::<Vec<_>>());
        }
    }
    forget(keeper, &gone);
    Ok(records.into_iter().map(|record| record.id).collect())
}

/// Takes a few microseconds a turn, which is too much for the threads that others wait for.
fn record(draft: Draft) -> Record {
    let row = |kept: Kept| Row { token: kept.token, answer: packed::pack(&kept.turn.answer), question: kept.turn.question, again: kept.again };
    // It consists of texts, lists and figures, which always can be written.
    let remembered = serde_json::to_string(&draft.remembered).unwrap_or_else(|_| "{}".to_owned());
    Record { id: draft.id, new: draft.new, remembered, turns: draft.turns.into_iter().map(row).collect(), holder: draft.holder }
}
