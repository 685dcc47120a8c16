//! An answer while it is made: printed part by part where somebody watches and a model writes, whole elsewhere; and stopped when
//! that is wanted.

use std::future::Future;
use std::io::IsTerminal;
use std::pin::pin;
use std::time::Duration;

use anyhow::bail;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};

use super::screen::{self, Status};
use super::{Answering, print};
use crate::answer::{Answer, Event};
use crate::assistant::Assistant;
use crate::catalog::Lang;
use crate::question::Question;
use crate::session::{Entry, Turn};
use crate::terminal::stream::Stream;
use crate::{terminal, wire};

/// Time between two frames of the status line.
const FRAME: Duration = Duration::from_millis(100);

struct Texts {
    looking: &'static str,
    writing: &'static str,
}

const ZH: Texts = Texts { looking: "正在找…", writing: "正在写…" };
const EN: Texts = Texts { looking: "Looking…", writing: "Writing…" };

/// Asks and prints. `None` when `stop` came first: then the work is dropped, and the conversation does not know of it.
///
/// # Errors
/// When the catalog cannot be read, or nothing can be printed.
pub async fn answer(
    assistant: &Assistant,
    question: &Question,
    answering: &Answering,
    talk: bool,
    stop: impl Future<Output = ()>,
) -> anyhow::Result<Option<Answer>> {
    let seat = match &question.session {
        Some(id) => match assistant.sessions().go_on(id).await {
            Entry::Seat(seat) => Some(seat),
            _ => bail!("another process has been answering in this session for long; ask again later, or in another session"),
        },
        None => None,
    };
    let streams = !answering.json && assistant.model().is_some() && std::io::stdout().is_terminal();
    let texts = if question.lang() == Lang::Zh { &ZH } else { &EN };
    let mut stream = Stream::new(talk);
    let mut status = Status::new(texts.looking);
    let mut clock = interval(FRAME);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (out, mut parts) = mpsc::channel(64);
    let (mut ask, mut stop) = (pin!(assistant.ask(question, &out)), pin!(stop));
    let mut take = |event: Event, status: &mut Status| -> anyhow::Result<()> {
        if matches!(event, Event::Products(_)) {
            status.now(texts.writing);
        }
        if streams && let Some(piece) = stream.part(event, screen::output()) {
            status.clear();
            screen::put(&piece)?;
        }
        Ok(())
    };
    let answer = loop {
        tokio::select! {
            biased;
            () = &mut stop => return Ok(None),
            Some(event) = parts.recv() => take(event, &mut status)?,
            answer = &mut ask => break answer?,
            _ = clock.tick() => status.tick(),
        }
    };
    while let Ok(event) = parts.try_recv() {
        take(event, &mut status)?;
    }
    status.clear();
    if let Some(seat) = seat {
        // The next turn goes on from this one, in this process or in another.
        let turn = Turn { question: question.text().to_owned(), answer: wire::answer(&answer).to_string().into() };
        assistant.sessions().keep(&seat, turn, !question.without.is_empty()).await;
    }
    match (answering.json, streams) {
        (true, _) => print(&wire::answer(&answer).to_string())?,
        (false, true) => stream.end(&answer, screen::output()).iter().try_for_each(screen::put)?,
        (false, false) if talk => print(&terminal::reply(&answer, screen::output()))?,
        (false, false) => print(&terminal::render(&answer, screen::output()))?,
    }
    Ok(Some(answer))
}

/// Ctrl-C, where nothing else is to be done about it.
pub async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        // It cannot be listened for, so it ends the program as it always did.
        std::future::pending::<()>().await;
    }
}
