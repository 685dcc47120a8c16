//! Changes of the catalog while it is served.

use serde_json::json;

use super::{Service, client};
use crate::support::product;

const TOKEN: &str = "correct-horse-battery";

#[test]
fn without_a_token_there_are_no_admin_routes() {
    let service = Service::start();
    let reply = service.post("/api/admin/products", &product("a", "Hat", "10.00 CNY"));
    assert_eq!((reply.status, &reply.json()["error"]["code"]), (404, &json!("not_found")));
    assert_eq!(service.delete("/api/admin/products/a").status, 404);
}

#[test]
fn products_come_and_go_while_questions_are_answered() {
    let service = Service::with(&[("DAOGOU_SERVE_ADMIN_TOKEN", TOKEN)]);
    let rows = format!("{}\n{{\"id\": \"broken\"}}\n", product("quokka-1", "Quokka Zyxophone", "10.00 CNY"));
    let post = |token: Option<&str>, kind: &str| {
        let request = client().post(service.at("/api/admin/products")).header("content-type", kind);
        service.send(token.map_or(request.try_clone().unwrap(), |token| request.bearer_auth(token)).body(rows.clone()))
    };
    let refused = [post(None, "application/x-ndjson"), post(Some("wrong"), "application/x-ndjson")];
    assert!(refused.iter().all(|r| r.status == 401 && r.header("www-authenticate") == "Bearer"));
    assert_eq!(post(Some(TOKEN), "image/png").status, 415);
    let summary = post(Some(TOKEN), "application/x-ndjson");
    assert_eq!(summary.status, 200, "{}", summary.text);
    assert_eq!((&summary.json()["added"], &summary.json()["rejected"]), (&json!(1), &json!(1)));
    assert_eq!(service.get("/api/products/quokka-1").status, 200);
    assert_eq!(service.get("/api/search?q=quokka%20zyxophone").json()["hits"][0]["id"], "quokka-1");
    let before = service.ask(&json!({"message": "quokka zyxophone"}));
    assert_eq!(before["products"][0]["id"], "quokka-1");
    let remove = || service.send(client().delete(service.at("/api/admin/products/quokka-1")).bearer_auth(TOKEN));
    assert_eq!((remove().status, remove().status), (200, 404));
    assert_eq!(service.get("/api/products/quokka-1").status, 404);
    let after = service.ask(&json!({"message": "quokka zyxophone"}));
    assert!(after["products"].as_array().unwrap().iter().all(|p| p["id"] != "quokka-1"), "an answer outlived its product");
}
