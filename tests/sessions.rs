//! Sessions outlive the process that they were begun in: in a file, and in a database that several instances share.

mod bounds;
mod home;
mod postgres;
mod trouble;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use crate::model::{good, nothing_read};
use crate::model_server::{Ending, ModelServer, Script, pieces, purpose};
use crate::web::{Service, block, client};
use home::{Home, in_each_place};

in_each_place! {
    a_session_goes_on_after_a_restart
    a_killed_service_loses_the_turn_it_was_answering_and_nothing_else
    the_terminal_goes_on_where_the_page_ended_and_the_other_way_round
    names_from_the_terminal_are_no_keys_on_the_web
    instances_answer_turns_of_one_session_one_after_the_other
    an_erased_session_is_gone_from_the_store
    a_turn_of_an_erased_session_leaves_nothing
    what_is_not_to_be_kept_is_not_kept
    a_taken_back_wish_replaces_its_turn
}

pub fn path(answer: &Value) -> String {
    format!("/api/sessions/{}", answer["session"].as_str().unwrap())
}

pub fn questions(service: &Service, answer: &Value) -> Vec<String> {
    let read = service.get(&path(answer));
    assert_eq!(read.status, 200, "{}", read.text);
    read.json()["turns"].as_array().unwrap().iter().map(|turn| turn["question"].as_str().unwrap().to_owned()).collect()
}

/// What was understood, in the shopper's words: constraints, then traits.
pub fn wishes(answer: &Value) -> Vec<&str> {
    let list = |name: &str| answer["need"][name].as_array().unwrap().iter().map(|wish| wish["text"].as_str().unwrap());
    list("constraints").chain(list("traits")).collect()
}

fn a_session_goes_on_after_a_restart(home: &Home) {
    let mut service = home.serve();
    let first = service.ask(&json!({"message": "帽子，三百以内"}));
    let second = service.ask(&json!({"message": "不要黑色", "session": first["session"]}));
    service.signal("TERM");
    assert!(service.ended().success());
    let service = home.serve();
    let turns = service.get(&path(&first)).json()["turns"].clone();
    assert_eq!(turns, json!([{"question": "帽子，三百以内", "answer": first}, {"question": "不要黑色", "answer": second}]));
    let third = service.ask(&json!({"message": "还有别的吗", "session": first["session"]}));
    assert_eq!((&third["session"], wishes(&third)), (&first["session"], vec!["三百以内", "不要黑色"]));
    assert!(crate::support::shown(&third).iter().all(|id| !crate::support::shown(&second).contains(id)));
}

/// A model that falls silent when it is told to.
fn model() -> (ModelServer, Arc<AtomicBool>) {
    let silent = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&silent);
    let server = ModelServer::start(move |request| match purpose(request) {
        _ if told.load(Ordering::SeqCst) => Script::Hangs,
        "understand" => Script::Says(nothing_read().to_string()),
        _ => Script::Streams(pieces(&good(request).to_string()), Ending::Whole),
    });
    (server, silent)
}

/// A turn whose answer has begun.
async fn begun(service: &Service, body: &Value) -> (reqwest::Response, String) {
    let request = client().post(service.at("/api/chat")).header("content-type", "application/json").header("accept", "text/event-stream");
    let mut response = request.body(body.to_string()).send().await.unwrap();
    let mut text = String::new();
    while !text.contains("event: products") {
        text.push_str(std::str::from_utf8(&response.chunk().await.unwrap().expect("products come first")).unwrap());
    }
    (response, text)
}

fn a_killed_service_loses_the_turn_it_was_answering_and_nothing_else(home: &Home) {
    let (model, silent) = model();
    let settings = [("DAOGOU_LLM_MODEL", "scripted"), ("DAOGOU_LLM_BASE_URL", model.url.as_str()), ("DAOGOU_LLM_API_KEY", "none")];
    let mut service = home.serve_with(&settings);
    let stream = service.stream(&json!({"message": "帽子，三百以内"}));
    let (_, _, first) = stream.events().pop().unwrap();
    silent.store(true, Ordering::SeqCst);
    block(async {
        let _stream = begun(&service, &json!({"message": "不要黑色", "session": first["session"]})).await;
        service.kill();
    });
    let service = home.serve();
    assert_eq!(questions(&service, &first), ["帽子，三百以内"]);
    let next = service.ask(&json!({"message": "要红色的", "session": first["session"]}));
    assert_eq!((&next["session"], wishes(&next)), (&first["session"], vec!["三百以内", "红色"]));
    assert_eq!(questions(&service, &first), ["帽子，三百以内", "要红色的"]);
}

fn ask(home: &Home, arguments: &[&str]) -> Value {
    let output = home.terminal().args(["ask", "--json"]).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", crate::support::stderr(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn the_terminal_goes_on_where_the_page_ended_and_the_other_way_round(home: &Home) {
    let service = home.serve();
    let first = service.ask(&json!({"message": "帽子，三百以内"}));
    let session = first["session"].as_str().unwrap();
    let second = service.ask(&json!({"message": "不要黑色", "session": session}));
    let third = ask(home, &["--session", session, "要女款"]);
    assert_eq!((&third["session"], wishes(&third).len()), (&first["session"], wishes(&second).len() + 1), "{}", third["need"]);
    let output = home.terminal().args(["chat", "--json", "--session", session]).write_stdin("预算无所谓\n").output().unwrap();
    assert!(output.status.success(), "{}", crate::support::stderr(&output));
    let fifth = service.ask(&json!({"message": "还有别的吗", "session": session}));
    assert_eq!(wishes(&fifth).len(), wishes(&third).len() - 1, "{}", fifth["need"]);
    assert_eq!(questions(&service, &first), ["帽子，三百以内", "不要黑色", "要女款", "预算无所谓", "还有别的吗"]);
}

fn names_from_the_terminal_are_no_keys_on_the_web(home: &Home) {
    ask(home, &["--session", "trip", "帽子，三百以内"]);
    assert_eq!(wishes(&ask(home, &["--session", "trip", "不要黑色"])), ["三百以内", "不要黑色"]);
    let service = home.serve();
    assert_eq!((service.get("/api/sessions/trip").status, service.delete("/api/sessions/trip").status), (404, 404));
    let other = service.ask(&json!({"message": "要红色的", "session": "trip"}));
    assert_ne!(other["session"], "trip");
    for name in ["", "a b", "../x", &"x".repeat(129)] {
        let output = home.terminal().args(["ask", "--session", name, "帽子"]).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "`{name}`");
    }
}

/// Where sessions are kept in a file, the second instance is a second process on the same folder: turns of both are kept, but
/// only those of one process wait for each other.
fn instances_answer_turns_of_one_session_one_after_the_other(home: &Home) {
    let services = [home.serve(), home.serve()];
    let first = services[0].ask(&json!({"message": "帽子"}));
    let mut last = Value::Null;
    for (n, message) in ["三百以内", "不要黑色", "要女款"].into_iter().enumerate() {
        last = services[(n + 1) % 2].ask(&json!({"message": message, "session": first["session"]}));
        assert_eq!((&last["session"], wishes(&last).len()), (&first["session"], n + 1), "{}", last["need"]);
    }
    let asked = if home.database.is_some() { 2 } else { 1 };
    let session = services[0].ask(&json!({"message": "电饭煲"}));
    let answers: Vec<Value> = block(async {
        let turns = (0..6).map(|n| {
            let body = json!({"message": "还有别的吗", "session": session["session"]}).to_string();
            let at = services[n % asked].at("/api/chat");
            async move { client().post(at).header("content-type", "application/json").body(body).send().await.unwrap().text().await.unwrap() }
        });
        futures::future::join_all(turns).await.iter().map(|text| serde_json::from_str(text).unwrap()).collect()
    });
    // Each knows what all before it have shown: none is shown twice.
    let mut shown: Vec<String> = answers.iter().chain([&session]).flat_map(crate::support::shown).collect();
    let all = shown.len();
    shown.sort();
    shown.dedup();
    assert_eq!((shown.len(), questions(&services[1], &session).len()), (all, 7), "{last}");
    assert_eq!(questions(&services[0], &first), ["帽子", "三百以内", "不要黑色", "要女款"]);
}

fn an_erased_session_is_gone_from_the_store(home: &Home) {
    let service = home.serve();
    let kept = service.ask(&json!({"message": "帽子"}));
    let first = service.ask(&json!({"message": "zanzibar headphones under 300"}));
    service.ask(&json!({"message": "not in-ear, says zanzibar", "session": first["session"]}));
    assert_eq!(service.delete(&path(&first)).status, 204);
    assert_eq!((service.get(&path(&first)).status, service.delete(&path(&first)).status), (404, 404));
    assert_eq!((home.figure("SELECT count(*) FROM daogou_session"), home.figure("SELECT count(*) FROM daogou_turn")), (1, 1));
    if home.database.is_none() {
        for name in ["sessions.db", "sessions.db-wal"] {
            let bytes = std::fs::read(home.program.data().join(name)).unwrap();
            assert!(!bytes.windows(8).any(|window| window == b"zanzibar"), "{name} still has what was said");
        }
    }
    drop(service);
    let service = home.serve();
    assert_eq!((service.get(&path(&first)).status, service.get(&path(&kept)).status), (404, 200));
}

fn a_turn_of_an_erased_session_leaves_nothing(home: &Home) {
    let (model, silent) = model();
    let settings = [
        ("DAOGOU_LLM_MODEL", "scripted"),
        ("DAOGOU_LLM_BASE_URL", model.url.as_str()),
        ("DAOGOU_LLM_API_KEY", "none"),
        ("DAOGOU_LLM_UNDERSTAND_MS", "1"),
        ("DAOGOU_LLM_FIRST_TOKEN_MS", "1500"),
        ("DAOGOU_LLM_RETRIES", "0"),
    ];
    // Erased by another instance, where there can be one.
    let (service, other) = (home.serve_with(&settings), home.serve());
    silent.store(true, Ordering::SeqCst);
    block(async {
        let (mut response, mut text) = begun(&service, &json!({"message": "帽子，三百以内"})).await;
        let session = text.split(r#""session":""#).nth(1).unwrap().split('"').next().unwrap().to_owned();
        let eraser = if home.database.is_some() { &other } else { &service };
        assert_eq!(client().delete(eraser.at(&format!("/api/sessions/{session}"))).send().await.unwrap().status(), 204);
        while let Some(chunk) = response.chunk().await.unwrap() {
            text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
        assert!(text.contains("event: done"), "{text}");
        assert_eq!(client().get(service.at(&format!("/api/sessions/{session}"))).send().await.unwrap().status(), 404);
    });
    assert_eq!((home.figure("SELECT count(*) FROM daogou_session"), home.figure("SELECT count(*) FROM daogou_turn")), (0, 0));
}

fn what_is_not_to_be_kept_is_not_kept(home: &Home) {
    ask(home, &["帽子"]);
    if home.database.is_none() {
        assert!(!home.program.data().join("sessions.db").exists());
    }
    let service = home.serve();
    let messages = json!([{"role": "user", "content": "帽子"}, {"role": "user", "content": "三百以内"}]);
    assert_eq!(service.post("/v1/chat/completions", &json!({"model": "daogou", "messages": messages})).status, 200);
    assert_eq!(home.figure("SELECT count(*) FROM daogou_session"), 0);
}

fn a_taken_back_wish_replaces_its_turn(home: &Home) {
    let service = home.serve();
    let first = service.ask(&json!({"message": "帽子，三百以内"}));
    let again = service.ask(&json!({"message": "帽子，三百以内", "session": first["session"], "without": ["price"]}));
    assert!(wishes(&again).is_empty());
    assert_eq!(service.get(&path(&first)).json()["turns"], json!([{"question": "帽子，三百以内", "answer": again}]));
    assert_eq!(home.figure("SELECT turns FROM daogou_session"), 1);
}
