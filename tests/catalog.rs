//! Import, delete, search and stats through the program, with their exit codes.

use std::io::{Read, Write};

use serde_json::json;

use crate::support::{Program, product, stderr};

fn lines(rows: &[serde_json::Value]) -> String {
    rows.iter().map(|row| format!("{row}\n")).collect()
}

#[test]
fn a_bad_row_is_rejected_with_its_place_and_the_others_load() {
    let program = Program::new();
    let rows = [
        product("good", "Oak Table", "900.00 CNY").to_string(),
        "{\"id\": \"broken\"".to_owned(),
        product("", "No id", "1.00 CNY").to_string(),
        product("no-price", "Chair", "cheap").to_string(),
        product("bad-link", "Stool", "10.00 CNY").to_string().replace("https://", "javascript:"),
        json!({"id": "sale", "title": "Bench", "link": "https://shop.example/b", "price": "10.00 CNY", "sale_price": "12.00 CNY"}).to_string(),
        json!({"id": "zero", "title": "Bench", "link": "https://shop.example/b", "price": "10.00 CNY", "sale_price": "0.00 CNY"}).to_string(),
        json!({"id": "stars", "title": "Bench", "link": "https://shop.example/b", "price": "10.00 CNY", "rating": 7}).to_string(),
        String::new(),
        product("also-good", "橡木椅", "300.00 CNY").to_string(),
    ];
    let file = program.file("feed.jsonl", &rows.join("\n"));
    let rejects = program.folder.path().join("rejects.jsonl");
    let output = program.run(&["import", "--replace-all", "--json", "--rejects", rejects.to_str().unwrap(), file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    let summary: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((summary["added"].as_u64(), summary["rejected"].as_u64(), summary["rows"].as_u64()), (Some(2), Some(7), Some(9)));
    let rejected: Vec<serde_json::Value> = std::fs::read_to_string(rejects).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let places: Vec<(u64, &str)> = rejected.iter().map(|r| (r["line"].as_u64().unwrap(), r["field"].as_str().unwrap())).collect();
    assert_eq!(places, [(2, "row"), (3, "id"), (4, "price"), (5, "link"), (6, "sale_price"), (7, "sale_price"), (8, "rating")]);
    assert_eq!(rejected[2]["id"], "no-price");
    assert_eq!(rejected[2]["found"], "cheap");
    assert!(rejected[2]["wanted"].as_str().unwrap().contains("129.00 CNY"));
    assert_eq!(program.json(&["stats", "--json"])["products"], 2);
}

#[test]
fn rows_add_replace_and_stay() {
    let program = Program::new();
    let first = program.file("a.jsonl", &lines(&[product("a", "Oak Table", "900.00 CNY"), product("b", "Pine Chair", "90.00 CNY")]));
    let second = program.file("b.jsonl", &lines(&[product("b", "Pine Chair", "80.00 CNY"), product("c", "Elm Bench", "70.00 CNY")]));
    program.ok(&["import", "--replace-all", first.to_str().unwrap()]);
    let summary = program.json(&["import", "--json", second.to_str().unwrap()]);
    assert_eq!((summary["added"].as_u64(), summary["replaced"].as_u64()), (Some(1), Some(1)));
    let again = program.json(&["import", "--json", second.to_str().unwrap()]);
    assert_eq!(again["unchanged"], 2);
    let hits = program.json(&["search", "--json", "pine chair"]);
    assert_eq!(hits["hits"][0]["product"]["price"], "80.00 CNY");
    assert_eq!(program.json(&["stats", "--json"])["products"], 3);
    let summary = program.json(&["import", "--json", "--delete-missing", second.to_str().unwrap()]);
    assert_eq!(summary["deleted"], 1);
    assert_eq!(program.json(&["search", "--json", "oak table"])["hits"].as_array().unwrap().iter().filter(|h| h["id"] == "a").count(), 0);
}

#[test]
fn a_dry_run_changes_nothing() {
    let program = Program::new();
    let feed = program.file("a.jsonl", &lines(&[product("a", "Oak Table", "900.00 CNY")]));
    let summary = program.json(&["import", "--dry-run", "--json", feed.to_str().unwrap()]);
    assert_eq!((summary["added"].as_u64(), summary["dry_run"].as_bool()), (Some(1), Some(true)));
    assert!(!program.data().exists());
}

#[test]
fn an_empty_feed_never_empties_a_shop() {
    let program = Program::new();
    let feed = program.file("a.jsonl", &lines(&[product("a", "Oak Table", "900.00 CNY")]));
    program.ok(&["import", "--replace-all", feed.to_str().unwrap()]);
    let empty = program.file("empty.jsonl", "");
    let output = program.run(&["import", "--replace-all", empty.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("nothing was removed"), "{}", stderr(&output));
    assert_eq!(program.json(&["stats", "--json"])["products"], 1);
}

#[test]
fn the_first_use_has_the_sample_catalog_and_an_import_adds_to_it() {
    let program = Program::new();
    let feed = program.file("a.jsonl", &lines(&[product("my-hat", "Red Sailor Hat", "55.00 CNY")]));
    let output = program.run(&["import", feed.to_str().unwrap()]);
    assert!(output.status.success());
    assert!(stderr(&output).contains("--replace-all"), "says that sample products are still there: {}", stderr(&output));
    assert_eq!(program.json(&["search", "--json", "red sailor hat", "--limit", "1"])["hits"][0]["id"], "my-hat");
}

#[test]
fn rows_come_from_standard_input_and_from_the_web() {
    let program = Program::new();
    let row = product("a", "Oak Table", "900.00 CNY").to_string();
    let output = program.command().args(["import", "--replace-all", "--json", "-"]).write_stdin(row.clone()).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));

    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let served = product("b", "Elm Bench", "70.00 CNY").to_string();
    let server = std::thread::spawn(move || {
        for path in ["/feed.jsonl", "/missing"] {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 4096];
            let read = stream.read(&mut request).unwrap();
            assert!(String::from_utf8_lossy(&request[..read]).starts_with(&format!("GET {path} ")));
            let (status, body) = if path == "/missing" { ("404 Not Found", "") } else { ("200 OK", served.as_str()) };
            write!(stream, "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len()).unwrap();
        }
    });
    let summary = program.json(&["import", "--json", &format!("http://{address}/feed.jsonl")]);
    assert_eq!(summary["added"], 1);
    let output = program.run(&["import", &format!("http://{address}/missing")]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("404"), "{}", stderr(&output));
    server.join().unwrap();
    assert_eq!(program.json(&["stats", "--json"])["products"], 2);
}

#[test]
fn delete_removes_and_names_what_is_not_there() {
    let program = Program::new();
    let feed = program.file("a.jsonl", &lines(&[product("a", "Oak Table", "900.00 CNY"), product("b", "Elm Bench", "70.00 CNY")]));
    program.ok(&["import", "--replace-all", feed.to_str().unwrap()]);
    assert_eq!(program.json(&["delete", "--json", "a"]), json!({"deleted": 1, "missing": []}));
    let output = program.run(&["delete", "a"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("`a`"));
}

#[test]
fn search_filters_and_explains() {
    let program = Program::new();
    let hits = program.json(&["search", "--json", "帽子", "--filter", "price<=80 and color!=black", "--limit", "50"]);
    assert!(hits["count"].as_u64().unwrap() > 0);
    for hit in hits["hits"].as_array().unwrap() {
        let price: f64 = hit["product"]["sale_price"].as_str().or(hit["product"]["price"].as_str()).unwrap().split(' ').next().unwrap().parse().unwrap();
        assert!(price <= 80.0);
        assert_ne!(hit["product"]["attributes"]["color"]["en"], "black");
        let sum: f64 = hit["signals"].as_object().unwrap().values().map(|v| v.as_f64().unwrap()).sum();
        assert!((sum - hit["score"].as_f64().unwrap()).abs() < 0.002, "the parts add up to the score");
    }
    assert!(program.ok(&["search", "圆脸帽子", "--explain"]).contains("plan +"));
    let output = program.run(&["search", "帽子", "--filter", "colour=black"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("color"), "{}", stderr(&output));
}

#[test]
fn wrong_usage_exits_with_two() {
    let program = Program::new();
    for arguments in [&["ask"][..], &["import"], &["search", "x", "--limit", "0"], &["nonsense"], &["ask", "hat", "--lang", "fr"]] {
        assert_eq!(program.run(arguments).status.code(), Some(2), "{arguments:?}");
    }
    let output = program.run(&["import", "no-such-file.jsonl"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("no-such-file.jsonl"));
}

#[test]
fn attributes_come_back_as_they_were_written() {
    let program = Program::new();
    let row = json!({
        "id": "lamp", "title": {"zh": "台灯", "en": "Desk Lamp"}, "link": "https://shop.example/lamp", "price": "199.90 CNY",
        "product_type": {"zh": "家居 > 台灯", "en": "Home > Desk Lamps"},
        "attributes": {"color": {"zh": "白色", "en": "white"}, "height": {"value": 40, "unit": "cm"}, "modes": ["reading", "night"], "dimmable": true, "颜色温度": 4000},
        "reviews": [{"text": "bright", "rating": 5}], "brand": "Lumen"
    });
    let feed = program.file("a.jsonl", &row.to_string());
    program.ok(&["import", "--replace-all", feed.to_str().unwrap()]);
    let stored = &program.json(&["search", "--json", "desk lamp"])["hits"][0]["product"];
    for field in ["id", "title", "link", "price", "product_type", "reviews", "brand"] {
        assert_eq!(stored[field], row[field], "{field}");
    }
    for name in ["color", "height", "modes", "颜色温度"] {
        assert_eq!(stored["attributes"][name], row["attributes"][name], "{name}");
    }
    assert_eq!(stored["attributes"]["dimmable"], json!({"zh": "是", "en": "yes"}));
}
