//! Stores that are damaged, too new, not there, or gone for a while.

use daogou::session::Place;
use serde_json::json;
use sqlx::{Connection, Executor};

use super::home::{Home, in_each_place};
use super::{questions, wishes};
use crate::support::{Program, stderr};
use crate::web::{block, until};

in_each_place! {
    a_store_of_a_newer_program_is_left_alone
    what_cannot_be_read_any_more_counts_as_nothing_remembered
    answers_go_on_while_the_store_is_away_and_are_kept_when_it_is_back
}

#[track_caller]
fn refuses(home: &Home, words: &[&str]) {
    for arguments in [&["serve", "--listen", "127.0.0.1:0"][..], &["ask", "--session", "trip", "帽子"]] {
        let output = home.terminal().args(arguments).output().unwrap();
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(words.iter().all(|word| said.contains(word)) && !said.contains("a-secret"), "{said}");
    }
    assert!(home.terminal().args(["ask", "帽子"]).output().unwrap().status.success());
}

fn a_store_of_a_newer_program_is_left_alone(home: &Home) {
    drop(home.serve());
    home.change(if home.database.is_some() { "UPDATE daogou_schema SET version = 99" } else { "PRAGMA user_version = 99" });
    refuses(home, &["99", "newer"]);
}

#[test]
fn a_damaged_file_is_named_with_a_way_out() {
    let home = Home::file();
    std::fs::write(home.program.data().join("sessions.db"), "this is no database, and it is longer than a header of one. ".repeat(100)).unwrap();
    refuses(&home, &["sessions.db", "damaged", "move it away"]);
}

#[cfg(unix)]
#[test]
fn only_its_owner_can_read_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::file();
    let service = home.serve();
    service.ask(&json!({"message": "帽子"}));
    for name in ["sessions.db", "sessions.db-wal"] {
        assert_eq!(std::fs::metadata(home.program.data().join(name)).unwrap().permissions().mode() & 0o077, 0, "{name}");
    }
}

#[test]
fn a_file_of_another_program_is_left_alone() {
    let home = Home::file();
    block(async {
        let url = format!("sqlite://{}?mode=rwc", home.program.data().join("sessions.db").display());
        sqlx::SqliteConnection::connect(&url).await.unwrap().execute("CREATE TABLE mine (x)").await.unwrap();
    });
    refuses(&home, &["another program"]);
}

#[test]
fn a_database_that_is_not_there_is_named_without_its_password() {
    let Some(home) = Home::postgres() else { return };
    home.database.as_ref().unwrap().0.close();
    refuses(&home, &["127.0.0.1", "cannot connect", "sessions.url"]);
}

#[test]
fn the_address_of_a_database_is_a_secret() {
    let program = Program::new();
    let output = program.command().env("DAOGOU_SESSIONS_URL", "postgres://shop:a-secret@127.0.0.1/shop").args(["config"]).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("sessions.url") && !said.contains("a-secret"), "{said}");
    let output = program.command().env("DAOGOU_SESSIONS_URL", "mysql://shop:a-secret@127.0.0.1/shop").args(["config"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("postgres://") && !stderr(&output).contains("a-secret"), "{}", stderr(&output));
}

fn what_cannot_be_read_any_more_counts_as_nothing_remembered(home: &Home) {
    let service = home.serve();
    let first = service.ask(&json!({"message": "帽子，三百以内"}));
    drop(service);
    home.change("UPDATE daogou_session SET remembered = '{\"need\": 5}'");
    let nothing = if home.database.is_some() { r"'\x00'" } else { "x'00'" };
    home.change(&format!("UPDATE daogou_turn SET answer = {nothing}"));
    let service = home.serve();
    let next = service.ask(&json!({"message": "要红色的帽子", "session": first["session"]}));
    assert_eq!((&next["session"], wishes(&next)), (&first["session"], vec!["红色"]));
    assert_eq!(questions(&service, &first), ["要红色的帽子"]);
}

/// Nobody can write into a file that another process writes; a database is gone when the way to it is closed.
fn answers_go_on_while_the_store_is_away_and_are_kept_when_it_is_back(home: &Home) {
    let mut service = home.serve();
    let first = service.ask(&json!({"message": "帽子，三百以内"}));
    let mut lock = match home.place() {
        Place::Postgres(_) => None,
        _ => Some(block(home.file_connection())),
    };
    match (&mut lock, &home.database) {
        (Some(lock), _) => drop(block(lock.execute("BEGIN IMMEDIATE")).unwrap()),
        (None, Some((way, _))) => way.close(),
        (None, None) => {}
    }
    let second = service.ask(&json!({"message": "不要黑色", "session": first["session"]}));
    let third = service.ask(&json!({"message": "要女款", "session": first["session"]}));
    assert_eq!((&third["session"], wishes(&third).len()), (&first["session"], wishes(&second).len() + 1), "{}", third["need"]);
    let other = service.ask(&json!({"message": "耳机"}));
    assert_eq!(service.get("/readyz").json()["sessions"], "failing");
    let failures =
        service.get("/metrics").text.lines().filter(|line| line.starts_with("daogou_session_store_failures_total{") && !line.ends_with(" 0")).count();
    assert!(failures > 0, "{}", service.get("/metrics").text);
    match (&mut lock, &home.database) {
        (Some(lock), _) => drop(block(lock.execute("ROLLBACK")).unwrap()),
        (None, Some((way, _))) => way.open(),
        (None, None) => {}
    }
    until("the store is used again", || {
        (service.get("/readyz").json()["sessions"] == "ok" && service.metric("daogou_sessions_unwritten ") == 0.0).then_some(())
    });
    service.kill();
    let service = home.serve();
    assert_eq!(questions(&service, &first), ["帽子，三百以内", "不要黑色", "要女款"]);
    assert_eq!(questions(&service, &other), ["耳机"]);
}
