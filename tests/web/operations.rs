//! What those who run the service rely on.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;

use serde_json::{Value, json};

use super::{Service, block, client, command, hats, until};
use crate::support::{Program, stderr};

#[test]
fn health_readiness_and_request_ids() {
    let service = Service::start();
    assert_eq!(service.get("/healthz").json(), json!({"status": "ok"}));
    let ready = until("the index answers", || Some(service.get("/readyz")).filter(|reply| reply.status == 200));
    assert!(ready.json()["products"].as_u64().unwrap() > 3_000);
    let given = service.send(client().get(service.at("/healthz")).header("x-request-id", "abc-123"));
    assert_eq!(given.header("x-request-id"), "abc-123");
    let insane = service.send(client().get(service.at("/healthz")).header("x-request-id", "a b<script>"));
    assert_eq!(insane.header("x-request-id").len(), 32);
}

#[test]
fn metrics_count_what_happens() {
    let service = Service::start();
    service.ask(&hats());
    service.stream(&json!({"message": "how is the weather"}));
    service.get("/api/products/nothing");
    for (name, value) in [
        (r#"daogou_http_requests_total{method="POST",route="/api/chat",status="200"}"#, 2.0),
        (r#"daogou_http_requests_total{method="GET",route="/api/products/{id}",status="404"}"#, 1.0),
        (r#"daogou_answers_total{outcome="products",persona="guide",lang="zh"}"#, 1.0),
        (r#"daogou_stage_seconds_count{stage="retrieve"}"#, 2.0),
        ("daogou_sessions ", 2.0),
        ("daogou_open_streams ", 0.0),
    ] {
        assert_eq!(service.metric(name), value, "{name}\n{}", service.get("/metrics").text);
    }
}

#[test]
fn every_figure_of_the_dashboard_is_one_that_is_counted() {
    let service = Service::start();
    service.ask(&hats());
    let metrics = service.get("/metrics").text;
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/grafana-dashboard.json")).unwrap();
    let dashboard: Value = serde_json::from_str(&text).unwrap();
    let expressions: Vec<&str> =
        dashboard["panels"].as_array().unwrap().iter().flat_map(|p| p["targets"].as_array().unwrap()).map(|t| t["expr"].as_str().unwrap()).collect();
    assert!(expressions.len() >= 8);
    for expression in expressions {
        // These two are counted where a model writes.
        let names = expression.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).filter(|word| word.starts_with("daogou_"));
        for name in names.filter(|name| !["daogou_degraded_total", "daogou_passages_total"].contains(name)) {
            assert!(metrics.contains(name), "`{name}` of the dashboard is not in /metrics");
        }
    }
}

#[test]
fn the_description_is_the_one_that_is_committed() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/openapi.json");
    let description = daogou::serve::description() + "\n";
    if std::env::var_os("DAOGOU_TEST_RENEW").is_some() {
        std::fs::write(&path, &description).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == description,
        "docs/openapi.json is not what the code describes; renew it with DAOGOU_TEST_RENEW=1 cargo test --release web::operations"
    );
    let object: Value = serde_json::from_str(&description).unwrap();
    for (path, operations) in object["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            assert!(operation["responses"]["200"].is_object() || operation["responses"]["204"].is_object(), "{method} {path}");
        }
    }
    assert_eq!(Service::start().get("/openapi.json").json(), object);
}

#[test]
fn an_address_in_use_is_named_with_a_way_out() {
    let service = Service::start();
    let address = service.url.strip_prefix("http://").unwrap();
    let output = Program::new().run(&["serve", "--listen", address]);
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    assert!(said.contains(address) && said.contains("--listen") && said.contains("in use"), "{said}");
}

#[test]
fn other_origins_are_let_in_only_by_configuration() {
    let ask = |service: &Service, origin: &str| {
        let request = client().request(reqwest::Method::OPTIONS, service.at("/api/chat")).header("origin", origin);
        service.send(request.header("access-control-request-method", "POST")).header("access-control-allow-origin").to_owned()
    };
    let closed = Service::start();
    assert_eq!(ask(&closed, "https://shop.example"), "");
    let open = Service::with(&[("DAOGOU_SERVE_CORS_ORIGINS", "https://shop.example https://app.example")]);
    assert_eq!(ask(&open, "https://shop.example"), "https://shop.example");
    assert_eq!(ask(&open, "https://evil.example"), "");
}

#[test]
fn clients_that_vanish_leave_nothing_behind() {
    let service = Service::start();
    service.ask(&hats());
    block(async {
        for n in 0..40 {
            let body = json!({"message": format!("帽子 {n} 元以内")}).to_string();
            let request = client().post(service.at("/api/chat")).header("content-type", "application/json").header("accept", "text/event-stream");
            drop(request.body(body).send().await.unwrap());
        }
    });
    until("no stream is open", || (service.metric("daogou_open_streams ") == 0.0).then_some(()));
    assert_eq!(service.stream(&hats()).events().last().unwrap().0, "done");
}

/// A client that asks for much and reads nothing is cut off, and what it held is free again.
#[test]
fn a_reader_that_does_not_read_is_let_go() {
    let service = Service::with(&[("DAOGOU_SERVE_WRITE_SECONDS", "1"), ("DAOGOU_SERVE_CONNECTIONS", "2")]);
    service.ask(&hats());
    let address = service.url.strip_prefix("http://").unwrap().to_owned();
    let mut stuck = TcpStream::connect(&address).unwrap();
    let request = "GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n";
    // Far more than the buffers between the two hold. The service stops taking requests when nobody takes its answers.
    stuck.set_nonblocking(true).unwrap();
    let mut asked = 0;
    until("the service has cut it off", || {
        for _ in 0..64 {
            match stuck.write(request.as_bytes()) {
                Ok(written) => asked += written / request.len(),
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => break,
                Err(_) => return Some(()),
            }
        }
        None
    });
    assert!(asked > 64);
    assert_eq!(service.stream(&hats()).events().last().unwrap().0, "done");
}

/// Begins a request whose body is not there yet.
fn begun(service: &Service) -> (TcpStream, String) {
    let body = hats().to_string();
    let mut stream = TcpStream::connect(service.url.strip_prefix("http://").unwrap()).unwrap();
    let head = format!(
        "POST /api/chat HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\naccept: text/event-stream\r\nexpect: 100-continue\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    // The handler asks for the body: it is at work.
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).unwrap();
    assert!(go_on.starts_with(b"HTTP/1.1 100"));
    (stream, body)
}

#[test]
fn what_has_begun_is_finished_before_the_service_ends() {
    for signal in ["TERM", "INT"] {
        let mut service = Service::start();
        service.ask(&hats());
        let (mut stream, body) = begun(&service);
        service.signal(signal);
        until("no connection is taken any more", || TcpStream::connect(service.url.strip_prefix("http://").unwrap()).is_err().then_some(()));
        stream.write_all(body.as_bytes()).unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        assert!(reply.starts_with("HTTP/1.1 200") && reply.contains("event: done"), "{reply}");
        assert!(service.ended().success());
    }
}

#[test]
fn the_end_does_not_wait_longer_than_it_is_told() {
    let mut service = Service::with(&[("DAOGOU_SERVE_SHUTDOWN_SECONDS", "1")]);
    service.ask(&hats());
    let (_stream, _) = begun(&service);
    service.signal("TERM");
    assert!(service.ended().success());
}

#[test]
fn the_log_holds_no_word_of_a_shopper() {
    let program = Program::new();
    let mut child = command(&program).args(["--listen", "127.0.0.1:0"]).envs([("DAOGOU_LOG_FORMAT", "json"), ("DAOGOU_LOG", "daogou=debug")]).spawn().unwrap();
    let mut reader = std::io::BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.starts_with("listening on ") {
        line.clear();
        assert!(std::io::BufRead::read_line(&mut reader, &mut line).unwrap() > 0, "it ended early");
    }
    // Read on while it runs: a full pipe would hold the program up.
    let log = std::thread::spawn(move || {
        let mut log = String::new();
        reader.read_to_string(&mut log).unwrap();
        log
    });
    let url = line.trim().strip_prefix("listening on ").unwrap().to_owned();
    block(async {
        let body = json!({"message": "zanzibar hat"}).to_string();
        let chat = client().post(format!("{url}/api/chat")).header("content-type", "application/json").body(body);
        assert_eq!(chat.send().await.unwrap().status(), 200);
        client().get(format!("{url}/api/search?q=zanzibar")).send().await.unwrap();
        client().get(format!("{url}/api/products/zanzibar")).send().await.unwrap();
    });
    child.kill().unwrap();
    child.wait().unwrap();
    let log = log.join().unwrap();
    assert!(log.contains(r#""route":"/api/chat""#) && log.contains("/api/products/{id}"), "{log}");
    assert!(!log.contains("zanzibar"), "{log}");
}
