//! What nobody decent sends. Nothing of it ends the service, and every refusal has the same shape.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};

use super::{Service, client, hats, until};

/// Sends bytes as they are and gives all that comes back.
fn raw(service: &Service, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(service.url.strip_prefix("http://").unwrap()).unwrap();
    // The server may have refused and closed before all was sent.
    let _ = stream.write_all(bytes);
    let mut reply = Vec::new();
    let _ = stream.read_to_end(&mut reply);
    String::from_utf8_lossy(&reply).into_owned()
}

#[test]
fn refusals_say_what_was_wanted() {
    let service = Service::start();
    let post = |kind: &str, body: Vec<u8>| service.send(client().post(service.at("/api/chat")).header("content-type", kind).body(body));
    let json_kind = "application/json";
    let deep = "[".repeat(100_000).into_bytes();
    let cases: Vec<(u16, &str, Vec<u8>)> = vec![
        (400, json_kind, b"{".to_vec()),
        (400, json_kind, b"\0\0\0".to_vec()),
        (400, json_kind, b"{\"message\": \"\xff\xfe\"}".to_vec()),
        (413, json_kind, vec![b' '; 65 << 10]),
        (413, json_kind, deep),
        (400, json_kind, format!("{{\"message\": \"hat\", \"deep\": {}", "[".repeat(10_000)).into_bytes()),
        (415, "text/plain", hats().to_string().into_bytes()),
        (422, json_kind, b"[]".to_vec()),
        (422, json_kind, b"{}".to_vec()),
        (422, json_kind, b"{\"message\": 7}".to_vec()),
        (422, json_kind, b"{\"message\": \" \\u0000 \"}".to_vec()),
        (422, json_kind, b"{\"message\": \"hat\", \"lang\": \"fr\"}".to_vec()),
        (422, json_kind, b"{\"message\": \"hat\", \"persona\": \"king\"}".to_vec()),
    ];
    for (status, kind, body) in cases {
        let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
        let reply = post(kind, body);
        assert_eq!(reply.status, status, "{shown}: {}", reply.text);
        let error: &Value = &reply.json()["error"];
        assert!(error["code"].is_string() && error["message"].is_string(), "{error}");
    }
    assert_eq!(service.ask(&json!({"message": "hat\u{0}<script>alert(1)</script>"}))["schema"], "daogou.answer/1");
    let unknown = service.get("/no/such/route");
    assert_eq!((unknown.status, &unknown.json()["error"]["code"]), (404, &json!("not_found")));
    let put = service.send(client().put(service.at("/api/chat")));
    assert_eq!((put.status, put.header("allow"), &put.json()["error"]["code"]), (405, "POST", &json!("method_not_allowed")));
    assert_eq!(service.get("/api/products/%ff%fe").status, 400);
    assert_eq!(service.get("/api/sessions/%00").status, 404);
}

#[test]
fn huge_heads_and_no_http_at_all_are_refused() {
    let service = Service::start();
    let huge = format!("GET / HTTP/1.1\r\nhost: x\r\nx-much: {}\r\n\r\n", "a".repeat(200_000));
    assert!(raw(&service, huge.as_bytes()).starts_with("HTTP/1.1 431"));
    let many: String = (0..500).map(|n| format!("x-{n}: 1\r\n")).collect();
    assert!(raw(&service, format!("GET / HTTP/1.1\r\nhost: x\r\n{many}\r\n").as_bytes()).starts_with("HTTP/1.1 431"));
    raw(&service, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n");
    let lying = "POST /api/chat HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: 99999999999\r\n\r\n{}";
    assert!(raw(&service, lying.as_bytes()).starts_with("HTTP/1.1 413"));
    until("it is as ready as ever", || (service.get("/readyz").status == 200).then_some(()));
}
