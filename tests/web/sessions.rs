//! Sessions: by an id that nobody can guess, in order, and gone when they are erased.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Service, block, client, until};

fn path(answer: &Value) -> String {
    format!("/api/sessions/{}", answer["session"].as_str().unwrap())
}

#[test]
fn a_session_goes_on_and_can_be_read_again() {
    let service = Service::start();
    let first = service.ask(&json!({"message": "帽子，三百以内"}));
    let second = service.ask(&json!({"message": "不要黑色", "session": first["session"]}));
    assert_eq!(second["session"], first["session"]);
    assert_eq!(second["need"]["constraints"].as_array().unwrap().len(), 2, "{}", second["need"]);
    let read = service.get(&path(&first)).json();
    assert_eq!(read["session"], first["session"]);
    assert_eq!(read["turns"], json!([{"question": "帽子，三百以内", "answer": first}, {"question": "不要黑色", "answer": second}]));
}

#[test]
fn an_id_that_a_client_makes_up_is_never_taken_on() {
    let service = Service::start();
    let answer = service.ask(&json!({"message": "帽子", "session": "12345"}));
    let id = answer["session"].as_str().unwrap();
    assert!(id != "12345" && id.len() == 36, "{id}");
    assert_eq!(service.get("/api/sessions/12345").status, 404);
    let other = service.ask(&json!({"message": "帽子"}));
    assert_ne!(other["session"], answer["session"]);
}

#[test]
fn an_erased_session_is_gone_also_for_what_follows() {
    let service = Service::start();
    let first = service.ask(&json!({"message": "帽子，三百以内"}));
    let kept = service.ask(&json!({"message": "耳机"}));
    assert_eq!(service.delete(&path(&first)).status, 204);
    assert_eq!((service.get(&path(&first)).status, service.delete(&path(&first)).status), (404, 404));
    let next = service.ask(&json!({"message": "不要黑色", "session": first["session"]}));
    assert_ne!(next["session"], first["session"]);
    assert!(next["need"]["constraints"].as_array().unwrap().iter().all(|c| c["kind"] != "price"));
    assert_eq!(service.get(&path(&kept)).status, 200);
}

#[test]
fn sessions_have_bounds() {
    let service = Service::with(&[("DAOGOU_SERVE_SESSIONS", "2")]);
    let answers: Vec<Value> = (0..3).map(|_| service.ask(&json!({"message": "帽子"}))).collect();
    let statuses: Vec<u16> = answers.iter().map(|answer| service.get(&path(answer)).status).collect();
    assert_eq!(statuses, [404, 200, 200]);
    assert_eq!(service.metric("daogou_sessions "), 2.0);
}

#[test]
fn turns_of_one_session_are_answered_one_after_the_other() {
    let service = Arc::new(Service::start());
    let first = service.ask(&json!({"message": "帽子"}));
    let session = &first["session"];
    let asked = block(async {
        let turns = (0..6).map(|n| {
            let body = json!({"message": format!("{} 元以内", 200 + n), "session": session}).to_string();
            client().post(service.at("/api/chat")).header("content-type", "application/json").body(body).send()
        });
        futures::future::join_all(turns).await.into_iter().map(|reply| reply.unwrap().status().as_u16()).collect::<Vec<_>>()
    });
    assert_eq!(asked, [200; 6]);
    let turns = until("all turns are kept", || {
        let turns = service.get(&path(&first)).json()["turns"].as_array().unwrap().clone();
        (turns.len() == 7).then_some(turns)
    });
    // Each turn went on from the one before: one price at a time, and still about hats.
    for turn in &turns[1..] {
        assert_eq!(turn["answer"]["need"]["categories"], turns[0]["answer"]["need"]["categories"]);
        assert_eq!(turn["answer"]["need"]["constraints"].as_array().unwrap().len(), 1);
    }
}
