//! `POST /api/chat`, and what a shopper sees around it.

use serde_json::{Value, json};

use super::{Service, client, hats};

#[test]
fn one_answer_in_either_language() {
    let service = Service::start();
    let zh = service.ask(&hats());
    assert_eq!((&zh["schema"], &zh["lang"], &zh["outcome"]), (&json!("daogou.answer/1"), &json!("zh"), &json!("products")));
    let en = service.ask(&json!({"message": "headphones for my commute under 500"}));
    assert_eq!((&en["lang"], &en["outcome"]), (&json!("en"), &json!("products")));
    let told = service.ask(&json!({"message": "帽子", "lang": "en", "persona": "guide", "session": null, "something": "else"}));
    assert_eq!((&told["lang"], &told["persona"]), (&json!("en"), &json!("guide")));
}

#[test]
fn a_stream_shows_products_before_text_and_ends_with_the_answer() {
    let service = Service::start();
    for message in ["三百块以内的降噪耳机", "a quiet robot vacuum for long cat hair under 2500", "四个人吃火锅要买什么", "100 块以内的降噪耳机"]
    {
        let reply = service.stream(&json!({"message": message}));
        assert_eq!(reply.header("content-type"), "text/event-stream");
        assert_eq!((reply.header("cache-control"), reply.header("x-accel-buffering")), ("no-cache", "no"));
        let events = reply.events();
        let names: Vec<&str> = events.iter().map(|(name, _, _)| name.as_str()).collect();
        assert_eq!(&names[..2], ["need", "products"], "{message}");
        assert!(names[2..names.len() - 1].is_sorted_by_key(|name| ["summary", "dimension", "question", "notice"].iter().position(|n| n == name)), "{names:?}");
        assert_eq!(names.last(), Some(&"done"));
        assert!(events.windows(2).all(|pair| pair[0].1 < pair[1].1));
        let (need, products, done) = (&events[0].2, &events[1].2, &events.last().unwrap().2);
        let whole = service.ask(&json!({"message": message}));
        assert_eq!(keys(done), keys(&whole));
        assert_eq!(done["summary"], whole["summary"]);
        assert_eq!((&need["session"], &need["id"], &need["constraints"]), (&done["session"], &done["id"], &done["need"]["constraints"]));
        assert_eq!((&need["categories"], &need["traits"]), (&done["need"]["categories"], &done["need"]["traits"]));
        assert_eq!((ids(&products["products"]), &products["kit"]), (ids(&done["products"]), &done["kit"]));
        assert_eq!(products["nearest"].as_array().unwrap().len(), done["nearest"].as_array().unwrap().len());
        assert_ne!(whole["session"], done["session"]);
        assert_ne!(whole["id"], done["id"]);
    }
}

fn keys(object: &Value) -> Vec<&String> {
    object.as_object().unwrap().keys().collect()
}

fn ids(products: &Value) -> Vec<&Value> {
    products.as_array().unwrap().iter().map(|product| &product["id"]).collect()
}

#[test]
fn a_chip_that_is_clicked_away_is_left_out() {
    let service = Service::start();
    let first = service.ask(&json!({"message": "100 块以内的头戴式降噪耳机"}));
    let session = &first["session"];
    assert_eq!(first["outcome"], "no_match");
    let again = service.ask(&json!({"message": "100 块以内的头戴式降噪耳机", "session": session, "without": ["price", "nothing-known"]}));
    assert_eq!((&again["outcome"], &again["session"]), (&json!("products"), session));
    let names = |answer: &Value| answer["need"]["constraints"].as_array().unwrap().iter().map(|c| c["kind"].clone()).collect::<Vec<_>>();
    assert!(names(&first).contains(&json!("price")) && !names(&again).contains(&json!("price")));
    assert!(names(&again).contains(&json!("attribute")));
    // What was taken back stays so, and the question stands in the session once.
    assert!(!names(&service.ask(&json!({"message": "要黑色的", "session": session}))).contains(&json!("price")));
    let turns = service.get(&format!("/api/sessions/{}", session.as_str().unwrap())).json()["turns"].as_array().unwrap().len();
    assert_eq!(turns, 2);
    let round = service.ask(&json!({"message": "我是大圆脸，怎么挑一顶显脸小的帽子？", "without": ["round-face"]}));
    assert_eq!(round["need"]["traits"], json!([]));
}

#[test]
fn every_preset_question_has_a_real_answer() {
    let service = Service::start();
    for lang in ["zh", "en"] {
        let suggestions = service.get(&format!("/api/suggestions?lang={lang}")).json();
        let suggestions = suggestions["suggestions"].as_array().unwrap().clone();
        assert!(suggestions.len() >= 5);
        for suggestion in suggestions {
            let answer = service.ask(&json!({"message": suggestion["text"]}));
            assert!(["products", "advice"].contains(&answer["outcome"].as_str().unwrap()), "{suggestion}: {}", answer["outcome"]);
            assert_eq!((&answer["lang"], &answer["persona"]), (&json!(lang), &suggestion["persona"]), "{suggestion}");
        }
    }
    assert_eq!(service.get("/api/suggestions?lang=fr").status, 422);
}

#[test]
fn the_page_and_its_pictures_are_served_under_a_strict_policy() {
    let service = Service::start();
    let page = service.get("/");
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    let policy = page.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
    assert_eq!((page.header("x-content-type-options"), page.header("referrer-policy")), ("nosniff", "no-referrer"));
    let same = service.send(client().get(service.at("/")).header("if-none-match", page.header("etag")));
    assert_eq!((same.status, same.text.as_str()), (304, ""));
    assert_eq!(service.get("/page/app.js").header("content-type"), "text/javascript; charset=utf-8");
    assert_eq!(service.get("/page/style.css").header("content-type"), "text/css; charset=utf-8");
    assert_eq!(service.get("/page/..%2f..%2fCargo.toml").status, 404);
    let answer = service.ask(&hats());
    let picture = service.get(answer["products"][0]["image_link"].as_str().unwrap());
    assert_eq!((picture.status, picture.header("content-type")), (200, "image/svg+xml"));
    assert!(picture.text.starts_with("<svg") && picture.header("cache-control").contains("max-age"));
    assert_eq!(service.get("/images/sample/nothing-navy.svg").status, 404);
}

#[test]
fn products_and_retrieval_alone() {
    let service = Service::start();
    let found = service.get("/api/search?q=%E9%98%B2%E6%B0%B4%E5%B8%90%E7%AF%B7&limit=2").json();
    assert_eq!(found["query"], "防水帐篷");
    let hits = found["hits"].as_array().unwrap();
    assert_eq!(hits.len(), 2);
    let record = service.get(&format!("/api/products/{}", hits[0]["id"].as_str().unwrap())).json();
    assert_eq!(record, hits[0]["product"]);
    assert_eq!(service.get("/api/products/no-such-product").json()["error"]["code"], "not_found");
    for wrong in ["/api/search?q=", "/api/search?q=hat&limit=0", "/api/search?q=hat&limit=101"] {
        assert_eq!(service.get(wrong).status, 422, "{wrong}");
    }
    assert_eq!(service.get("/api/search").status, 400);
    assert_eq!(service.get("/api/search?q=hat&limit=many").status, 400);
}

#[test]
fn who_asks_the_same_at_once_has_an_answer_of_their_own() {
    let service = Service::start();
    for message in ["三百三以内的降噪耳机", "a tent for three under 777", "四个人吃火锅要买什么"] {
        let body = json!({"message": message});
        // The first to ask may go away before there is anything.
        let head = "POST /api/chat HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\naccept: text/event-stream\r\n";
        let mut gone = std::net::TcpStream::connect(service.url.trim_start_matches("http://")).unwrap();
        std::io::Write::write_all(&mut gone, format!("{head}content-length: {}\r\n\r\n{body}", body.to_string().len()).as_bytes()).unwrap();
        drop(gone);
        let replies: Vec<_> = std::thread::scope(|scope| {
            let asking: Vec<_> = (0..24).map(|_| scope.spawn(|| service.stream(&body).events())).collect();
            asking.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let mut sessions: Vec<&str> = Vec::new();
        for events in &replies {
            let (need, products, done) = (&events[0].2, &events[1].2, &events.last().unwrap().2);
            assert_eq!((events[0].0.as_str(), events[1].0.as_str(), events.last().unwrap().0.as_str()), ("need", "products", "done"));
            assert_eq!(need["session"], done["session"]);
            assert_eq!(ids(&products["products"]), ids(&done["products"]));
            assert_eq!(ids(&done["products"]), ids(&replies[0].last().unwrap().2["products"]));
            let names: Vec<&str> = events.iter().map(|(name, _, _)| name.as_str()).collect();
            let first: Vec<&str> = replies[0].iter().map(|(name, _, _)| name.as_str()).collect();
            assert_eq!(names, first, "{message}");
            sessions.push(done["session"].as_str().unwrap());
        }
        sessions.sort_unstable();
        sessions.dedup();
        assert_eq!(sessions.len(), replies.len());
    }
}
