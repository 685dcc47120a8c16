//! How much is kept, and how long.

use std::sync::Arc;
use std::time::Duration;

use daogou::session::{Bounds, Seat, Sessions, Turn};
use serde_json::{Value, json};

use super::home::{Home, in_each_place};
use super::path;
use crate::web::{block, until};

in_each_place! {
    the_session_idle_longest_makes_room
    turns_and_bytes_have_bounds
    what_is_too_old_is_not_there_any_more
    what_is_too_old_is_removed_though_nobody_asks
}

fn the_session_idle_longest_makes_room(home: &Home) {
    let service = home.serve_with(&[("DAOGOU_SERVE_SESSIONS", "2")]);
    let answers: Vec<Value> = (0..2).map(|_| service.ask(&json!({"message": "帽子"}))).collect();
    service.ask(&json!({"message": "三百以内", "session": answers[0]["session"]}));
    let third = service.ask(&json!({"message": "帽子"}));
    let statuses: Vec<u16> = answers.iter().chain([&third]).map(|answer| service.get(&path(answer)).status).collect();
    assert_eq!(statuses, [200, 404, 200]);
    assert_eq!(service.metric("daogou_sessions "), 2.0);
    drop(service);
    let service = home.serve_with(&[("DAOGOU_SERVE_SESSIONS", "1")]);
    let statuses: Vec<u16> = answers.iter().chain([&third]).map(|answer| service.get(&path(answer)).status).collect();
    assert_eq!(statuses, [404, 404, 200]);
}

/// Works with the store as the service does, on a runtime that goes on meanwhile.
fn with_sessions<T>(home: &Home, bounds: Bounds, work: impl AsyncFnOnce(Arc<Sessions>) -> T) -> T {
    block(async {
        let sessions = Arc::new(Sessions::open(&home.place(), bounds, true).await.unwrap());
        let done = work(Arc::clone(&sessions)).await;
        sessions.close().await;
        done
    })
}

/// A turn of so many bytes that do not shrink.
async fn keep(sessions: &Sessions, seat: &Seat, question: &str, bytes: usize) {
    let answer: String = (0..bytes.div_ceil(32)).map(|_| uuid::Uuid::new_v4().simple().to_string()).collect();
    sessions.keep(seat, Turn { question: question.to_owned(), answer: answer.into() }, false).await;
}

fn turns_and_bytes_have_bounds(home: &Home) {
    let bounds = Bounds { turns: 2, bytes: 60_000, ..Bounds::default() };
    let (kept, first, second) = with_sessions(home, bounds, async |sessions| {
        let seat = sessions.begin().await;
        for question in ["one", "two", "three", "four"] {
            keep(&sessions, &seat, question, 100).await;
        }
        let kept = sessions.turns(seat.id()).await.unwrap().unwrap().into_iter().map(|turn| turn.question).collect::<Vec<_>>();
        let other = sessions.begin().await;
        keep(&sessions, &other, "long", 80_000).await;
        (kept, sessions.turns(seat.id()).await.unwrap().is_some(), sessions.turns(other.id()).await.unwrap().is_some())
    });
    assert_eq!((kept, first, second), (vec!["three".to_owned(), "four".to_owned()], false, true));
    assert_eq!(home.figure("SELECT count(*) FROM daogou_turn"), 1);
}

fn what_is_too_old_is_not_there_any_more(home: &Home) {
    let service = home.serve();
    let first = service.ask(&json!({"message": "帽子，三百以内"}));
    drop(service);
    let service = home.serve();
    // Six hours and more, which the service cannot know of before it looks.
    home.change("UPDATE daogou_session SET touched = touched - 25000000");
    assert_eq!(service.get(&path(&first)).status, 404);
    let next = service.ask(&json!({"message": "不要黑色", "session": first["session"]}));
    assert_ne!(next["session"], first["session"]);
    assert_eq!(super::wishes(&next), ["不要黑色"]);
}

fn what_is_too_old_is_removed_though_nobody_asks(home: &Home) {
    let bounds = Bounds { expiry: Duration::from_secs(1), ..Bounds::default() };
    with_sessions(home, bounds, async |sessions| {
        let seat = sessions.begin().await;
        keep(&sessions, &seat, "anything", 100).await;
        drop(seat);
        // Counting needs this thread, and so does the sweep.
        tokio::task::spawn_blocking({
            let (place, database) = (home.program.data(), home.url());
            move || until("it is removed", || (rows(&place, &database) == 0).then_some(()))
        })
        .await
        .unwrap();
    });
}

fn rows(data: &std::path::Path, url: &str) -> i64 {
    block(async {
        use sqlx::Connection;
        if url.is_empty() {
            let mut file = sqlx::SqliteConnection::connect(&format!("sqlite://{}", data.join("sessions.db").display())).await.unwrap();
            sqlx::query_scalar("SELECT count(*) FROM turn").fetch_one(&mut file).await.unwrap()
        } else {
            let mut database = sqlx::PgConnection::connect(url).await.unwrap();
            sqlx::query_scalar("SELECT count(*) FROM daogou_turn").fetch_one(&mut database).await.unwrap()
        }
    })
}
