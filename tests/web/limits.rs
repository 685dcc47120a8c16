//! Limits: of a client, of the whole service, and who counts as a client.

use std::net::IpAddr;

use daogou::serve::limit::{Limiter, client as client_of};
use reqwest::header::HeaderMap;
use serde_json::json;

use super::{Service, block, client, hats};

#[test]
fn who_asks_too_much_is_told_when_to_come_back() {
    let service = Service::with(&[("DAOGOU_SERVE_CHATS_PER_MINUTE", "2"), ("DAOGOU_SERVE_TRUSTED_PROXIES", "1")]);
    let ask = |from: &str| {
        let request = client().post(service.at("/api/chat")).header("content-type", "application/json").header("x-forwarded-for", from);
        service.send(request.body(hats().to_string()))
    };
    assert_eq!([ask("6.6.6.6, 1.2.3.4").status, ask("7.7.7.7, 1.2.3.4").status], [200, 200]);
    let refused = ask("8.8.8.8, 1.2.3.4");
    assert_eq!((refused.status, &refused.json()["error"]["code"]), (429, &json!("rate_limit_exceeded")));
    assert!((1..=60).contains(&refused.header("retry-after").parse::<u32>().unwrap()));
    assert_eq!(ask("1.2.3.5").status, 200);
    let openai = client().post(service.at("/v1/chat/completions")).header("content-type", "application/json").header("x-forwarded-for", "1.2.3.4");
    let openai = service.send(openai.body("{}"));
    assert_eq!((openai.status, &openai.json()["error"]["type"]), (429, &json!("rate_limit_error")));
    assert_eq!(service.get("/healthz").status, 200);
}

#[test]
fn on_a_loopback_address_there_is_no_limit_unless_it_is_set() {
    let service = Service::start();
    assert!((0..80).all(|_| service.post("/api/chat", &json!({"message": "帽子"})).status == 200));
}

#[test]
fn more_answers_at_once_than_are_allowed_are_refused_and_the_next_is_made() {
    let service = Service::with(&[("DAOGOU_SERVE_ANSWERS", "1")]);
    service.ask(&hats());
    let replies = block(async {
        let all = (0..24).map(|n| {
            let body = json!({"message": format!("{} 元以内的帽子", 100 + n)}).to_string();
            client().post(service.at("/api/chat")).header("content-type", "application/json").body(body).send()
        });
        futures::future::join_all(all).await
    });
    let replies: Vec<reqwest::Response> = replies.into_iter().map(|reply| reply.unwrap()).collect();
    let refused: Vec<&reqwest::Response> = replies.iter().filter(|reply| reply.status() == 503).collect();
    assert!(!refused.is_empty() && refused.len() < replies.len());
    assert!(refused.iter().all(|reply| reply.headers()["retry-after"] == "1"));
    assert!(replies.iter().all(|reply| [200, 503].contains(&reply.status().as_u16())));
    assert_eq!(service.post("/api/chat", &hats()).status, 200);
}

#[track_caller]
fn check(peer: &str, forwarded: &[&str], trusted: usize, expected: &str) {
    let mut headers = HeaderMap::new();
    for value in forwarded {
        headers.append("x-forwarded-for", value.parse().unwrap());
    }
    assert_eq!(client_of(peer.parse().unwrap(), &headers, trusted), expected.parse::<IpAddr>().unwrap());
}

#[test]
fn the_client_is_who_the_outermost_trusted_proxy_saw() {
    check("10.0.0.1", &["1.2.3.4"], 0, "10.0.0.1");
    check("10.0.0.1", &["6.6.6.6, 1.2.3.4"], 1, "1.2.3.4");
    check("10.0.0.1", &["6.6.6.6", "1.2.3.4, 10.0.0.2"], 2, "1.2.3.4");
    check("10.0.0.1", &["1.2.3.4:5678"], 1, "1.2.3.4");
    check("10.0.0.1", &["nonsense"], 1, "10.0.0.1");
    check("10.0.0.1", &[], 1, "10.0.0.1");
    check("10.0.0.1", &["1.2.3.4"], 3, "1.2.3.4");
}

#[test]
fn an_ipv6_network_is_one_client() {
    check("2001:db8:1:2:3:4:5:6", &[], 0, "2001:db8:1:2::");
    check("::ffff:1.2.3.4", &[], 0, "1.2.3.4");
    check("10.0.0.1", &["[2001:db8:1:2::9]:443"], 1, "2001:db8:1:2::");
}

#[test]
fn a_bucket_gives_so_many_and_says_when_there_is_more() {
    let limiter = Limiter::new(3);
    let client = IpAddr::from([1, 2, 3, 4]);
    assert!((0..3).all(|_| limiter.take(client).is_ok()));
    assert!((1..=20).contains(&limiter.take(client).unwrap_err()));
    assert!(limiter.take(IpAddr::from([1, 2, 3, 5])).is_ok());
    assert!((0..100).all(|_| Limiter::new(0).take(client).is_ok()));
}
