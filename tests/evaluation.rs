//! The evaluation harness: it passes a good assistant, and every kind of bad one fails the check that is made for it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::support::{Program, record, sample_shop, serve_chat, serve_model, shown, stderr};

/// Questions that the assistant answers well, so that any failure is the bad assistant's.
const CASES: &str = r#"
{"id": "hat", "split": "frozen", "lang": "en", "ask": "a wool hat under 200 for a round face", "expect": {"outcome": "products", "categories": ["Apparel > Hats"], "constraints": ["price <= 200", "material = wool"], "dimensions": ["shape", "color", "material", "size", "decoration"]}}
{"id": "茶", "split": "frozen", "lang": "zh", "ask": "送长辈的茶叶，300元以内", "expect": {"outcome": "products", "categories": ["Food & Drink > Tea"], "constraints": ["price <= 300"]}}
{"id": "tent", "split": "open", "lang": "en", "ask": "a tent for 4 people", "expect": {"outcome": "products", "categories": ["Sports & Outdoors > Tents"], "constraints": ["capacity >= 4 people"]}}
"#;

/// A good answer to a question, as the program itself gives it.
fn good(message: &str) -> Value {
    sample_shop().ask(message)
}

/// Runs the questions against an assistant and gives the report.
fn report(respond: impl Fn(&str) -> Value + Send + Sync + 'static) -> Value {
    let program = Program::new();
    let cases = program.file("cases.jsonl", CASES);
    let url = serve_chat(respond);
    program.json(&["eval", cases.to_str().unwrap(), "--url", &url, "--json", "-", "--patience", "2"])
}

/// Names of checks that failed somewhere.
fn failed(report: &Value) -> Vec<String> {
    let checks = report["checks"].as_array().unwrap();
    checks.iter().filter(|c| c["failed"].as_u64().unwrap() > 0).map(|c| c["name"].as_str().unwrap().to_owned()).collect()
}

/// An assistant whose answers are spoiled must fail this check.
#[track_caller]
fn caught(check: &str, spoil: impl Fn(&mut Value) + Send + Sync + 'static) {
    let report = report(move |message| {
        let mut answer = good(message);
        spoil(&mut answer);
        answer
    });
    assert!(failed(&report).iter().any(|name| name == check), "wanted `{check}` to fail, these did: {:?}", failed(&report));
    assert!(report["pass"]["pass^1"].as_f64().unwrap() < 1.0);
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[test]
fn a_good_assistant_passes() {
    let report = report(good);
    assert_eq!(failed(&report), Vec::<String>::new(), "{:#}", report["results"][0]["attempts"][0]["failures"]);
    assert_eq!(report["pass"]["pass^1"], 1.0);
    assert_eq!(report["cases"], 3);
}

#[test]
fn products_that_break_a_wish_are_caught() {
    let dear = |answer: &mut Value| {
        if answer["products"][0]["id"].as_str().is_some_and(|id| id.starts_with("hat")) {
            let record = record(sample_shop(), "hat-newsboy-cashmere-navy");
            for name in ["id", "link", "price", "rating", "review_count", "availability"] {
                answer["products"][0][name] = record[name].clone();
            }
            answer["products"][0]["title"] = record["title"]["en"].clone();
        }
    };
    caught("constraints", dear);
    caught("categories", |answer| answer["products"] = good("robot vacuum")["products"].clone());
}

#[test]
fn an_assistant_that_always_says_the_same_is_caught() {
    let one = good("a tent for 4 people");
    let report = report(move |_| one.clone());
    for check in ["repetition", "categories", "language"] {
        assert!(failed(&report).iter().any(|name| name == check), "`{check}` did not fail: {:?}", failed(&report));
    }
}

#[test]
fn an_assistant_that_shows_nothing_is_caught() {
    caught("shown", |answer| answer["products"] = json!([]));
    caught("outcome", |answer| (answer["outcome"], answer["products"]) = (json!("no_match"), json!([])));
    caught("question", |answer| {
        answer["products"] = json!([]);
        answer["question"] =
            json!({"text": "What is your budget?", "facet": "price", "options": [{"value": "cheap", "count": 1}, {"value": "dear", "count": 2}]});
    });
    caught("question", |answer| answer["question"] = json!({"text": "Which size? And which color?", "facet": "size", "options": []}));
}

#[test]
fn inventions_are_caught() {
    caught("records", |answer| answer["products"][0]["link"] = json!("https://elsewhere.example/cheap"));
    caught("records", |answer| answer["products"][1]["price"] = json!("9.90 CNY"));
    caught("records", |answer| answer["products"][1]["final_price"] = json!("1.00 CNY"));
    caught("records", |answer| answer["products"][0]["title"] = json!("The best product of the world"));
    caught("records", |answer| answer["products"][0]["rating"] = json!(5.0));
    caught("records", |answer| answer["products"][0]["id"] = json!("no-such-product"));
    caught("links", |answer| answer["summary"] = json!(format!("{} See www.elsewhere.example/deal", text(&answer["summary"]))));
    caught("figures", |answer| answer["summary"] = json!(format!("{} Only 87654 left.", text(&answer["summary"]))));
    caught("names", |answer| {
        let other = text(&record(sample_shop(), "rv-lichenway-path")["title"]["en"]);
        answer["dimensions"][0]["advice"] = json!(format!("{} Or take the {other}.", text(&answer["dimensions"][0]["advice"])));
    });
    caught("attributes", |answer| {
        if answer["lang"] == "en" {
            answer["products"][0]["reason"] = json!("It is made of cashmere and has a silk lining and an aluminum pole.");
        }
    });
    caught("evidence", |answer| answer["dimensions"][0]["evidence"] = json!([{"kind": "guide", "ref": "hats#no-such-dimension.x"}]));
    caught("evidence", |answer| answer["dimensions"][0]["evidence"] = json!([{"kind": "review", "ref": "hat-beret-wool-red#99"}]));
}

#[test]
fn advice_that_disagrees_with_products_is_caught() {
    caught("agreement", |answer| answer["dimensions"][0]["products"] = json!(["rv-lichenway-path"]));
    caught("agreement", |answer| answer["products"][1] = answer["products"][0].clone());
    caught("agreement", |answer| answer["products"][0]["reason"] = json!(""));
    caught("advice tied", |answer| answer["dimensions"][0]["prefer"] = json!(["solid gold"]));
    caught("dimensions", |answer| answer["dimensions"] = json!([]));
    caught("advice followed", |answer| {
        answer["dimensions"].as_array_mut().unwrap().iter_mut().for_each(|d| (d["prefer"], d["products"]) = (json!(["solid gold"]), json!([])));
    });
}

#[test]
fn bad_manners_are_caught() {
    caught("language", |answer| {
        answer["summary"] = json!("这几款都很不错，先看材质，再看颜色和尺寸，最后看价格合不合适，您可以慢慢挑。");
        answer["dimensions"] = json!([]);
    });
    caught("manners", |answer| answer["summary"] = json!("<script>alert(1)</script> Here they are."));
    caught("manners", |answer| answer["summary"] = json!(""));
    caught("shape", |answer| answer["dimensions"] = json!("none"));
    caught("shape", |answer| answer["schema"] = json!("another/1"));
    caught("answered", |answer| *answer = Value::Null);
}

#[test]
fn every_attempt_counts() {
    let asked = AtomicUsize::new(0);
    let url = serve_chat(move |message| {
        let mut answer = good(message);
        if asked.fetch_add(1, Ordering::Relaxed) % 2 == 1 {
            answer["products"] = json!([]);
        }
        answer
    });
    let program = Program::new();
    let case = CASES.lines().nth(1).unwrap();
    let cases = program.file("cases.jsonl", case);
    let report = program.json(&["eval", cases.to_str().unwrap(), "--url", &url, "--json", "-", "--repeat", "4", "--parallel", "1"]);
    assert_eq!(report["pass"]["pass^1"], 0.5);
    // Two of four attempts pass: C(2, 2) / C(4, 2) = 1 / 6.
    assert!((report["pass"]["pass^2"].as_f64().unwrap() - 1.0 / 6.0).abs() < 1e-9);
    assert_eq!(report["pass"]["pass^4"], 0.0);
}

#[test]
fn degraded_answers_are_no_success_of_the_model() {
    let report = report(|message| {
        let mut answer = good(message);
        if message.contains("tent") {
            answer["degraded"] = json!("timeout")
        } else {
            answer["model"] = json!("some-model")
        }
        answer
    });
    assert_eq!(report["degraded"]["attempts"], 1);
    assert_eq!(report["degraded"]["reasons"], json!({"timeout": 1}));
    assert_eq!(report["degraded"]["attempts_by_model"], 2);
    assert_eq!(report["written_by"], json!({"built-in composer": 1, "some-model": 2}));
}

#[test]
fn a_stopped_run_goes_on() {
    let asked = Arc::new(Mutex::new(HashMap::<String, usize>::new()));
    let counted = Arc::clone(&asked);
    let url = serve_chat(move |message| {
        *counted.lock().unwrap().entry(message.to_owned()).or_default() += 1;
        good(message)
    });
    let program = Program::new();
    let cases = program.file("cases.jsonl", CASES);
    let state = program.folder.path().join("state.jsonl");
    let run = || program.json(&["eval", cases.to_str().unwrap(), "--url", &url, "--json", "-", "--resume", state.to_str().unwrap()]);
    run();
    // The machine went down while the last line was being written.
    let kept = std::fs::read_to_string(&state).unwrap();
    let lines: Vec<&str> = kept.lines().collect();
    std::fs::write(&state, format!("{}\n{}", lines[..lines.len() - 1].join("\n"), &lines[lines.len() - 1][..40])).unwrap();
    let report = run();
    assert_eq!(report["pass"]["pass^1"], 1.0);
    let asked = asked.lock().unwrap();
    assert_eq!(asked.values().sum::<usize>(), 4, "only the case whose line was cut off is asked again: {asked:?}");
}

#[test]
fn floors_and_baselines_decide() {
    let program = Program::new();
    let cases = program.file("cases.jsonl", CASES);
    let floors = program.file("floors.toml", "[floors]\n\"pass.all\" = 1.0\n\"check.records\" = 1.0\n\"metric.diversity\" = 0.1\n");
    let earlier = program.folder.path().join("earlier.json");
    let good_run = program.run(&["eval", cases.to_str().unwrap(), "--floors", floors.to_str().unwrap(), "--json", earlier.to_str().unwrap()]);
    assert_eq!(good_run.status.code(), Some(0), "{}", stderr(&good_run));

    let url = serve_chat(|message| {
        let mut answer = good(message);
        answer["products"][0]["price"] = json!("1.00 CNY");
        answer
    });
    let now = program.folder.path().join("now.json");
    let bad_run = program.run(&[
        "eval",
        cases.to_str().unwrap(),
        "--url",
        &url,
        "--floors",
        floors.to_str().unwrap(),
        "--baseline",
        earlier.to_str().unwrap(),
        "--json",
        now.to_str().unwrap(),
    ]);
    assert_eq!(bad_run.status.code(), Some(3));
    assert!(stderr(&bad_run).contains("floor missed: pass.all is 0.0000, wanted 1"), "{}", stderr(&bad_run));
    let report: Value = serde_json::from_str(&std::fs::read_to_string(now).unwrap()).unwrap();
    assert_eq!(report["baseline"]["fails_now"], json!(["hat", "tent", "茶"]));

    let wrong = program.file("wrong.toml", "[floors]\n\"check.nonsense\" = 1.0\n");
    let run = program.run(&["eval", cases.to_str().unwrap(), "--floors", wrong.to_str().unwrap()]);
    assert_eq!(run.status.code(), Some(1));
    assert!(stderr(&run).contains("names no check"), "{}", stderr(&run));
}

#[test]
fn reports_escape_what_others_wrote() {
    let program = Program::new();
    let cases = program.file(
        "cases.jsonl",
        r#"{"id": "x", "lang": "en", "ask": "a plain hat <b>under</b> 200", "products": [{"id": "evil", "title": "Hat <script>alert(1)</script> newsboy", "link": "https://shop.example/evil", "price": "9.00 CNY", "product_type": {"zh": "服饰 > 帽子", "en": "Apparel > Hats"}, "attributes": {"shape": {"zh": "报童帽", "en": "newsboy cap"}}}], "expect": {"outcome": "unsafe"}}"#,
    );
    let (page, xml) = (program.folder.path().join("report.html"), program.folder.path().join("report.xml"));
    program.ok(&["eval", cases.to_str().unwrap(), "--html", page.to_str().unwrap(), "--junit", xml.to_str().unwrap()]);
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains("a plain hat &lt;b&gt;under") && !page.contains("<script>alert"), "the page carries foreign markup");
    assert!(!page.contains("src=") && !page.contains("href="), "the page needs something else");
    let xml = std::fs::read_to_string(xml).unwrap();
    assert!(xml.contains("<testcase name=\"x\"") && xml.contains("wanted unsafe"), "{xml}");
}

#[test]
fn wrong_cases_are_told_with_their_place() {
    let program = Program::new();
    let check = |row: &str, told: &str| {
        let cases = program.file("cases.jsonl", row);
        let run = program.run(&["eval", cases.to_str().unwrap()]);
        assert_eq!(run.status.code(), Some(1));
        assert!(stderr(&run).contains("cases.jsonl:1") && stderr(&run).contains(told), "wanted `{told}`: {}", stderr(&run));
    };
    check(r#"{"id": "a", "lang": "en", "ask": "hat", "expekt": {}}"#, "expekt");
    check(r#"{"id": "a", "lang": "fr", "ask": "chapeau", "expect": {}}"#, "wanted `zh` or `en`");
    check(r#"{"id": "a", "lang": "en", "ask": "hat", "expect": {"outcome": "fine"}}"#, "wanted one of products");
    check(r#"{"id": "a", "lang": "en", "ask": "hat", "expect": {"constraints": ["cheap"]}}"#, "wanted for example `price <= 300`");
    check(r#"{"id": "a", "lang": "en", "turns": [{"ask": "hat", "expect": {"refers_to": [{"turn": 1, "place": 1}]}}]}"#, "wanted an earlier turn");
    check(r#"{"id": "a", "lang": "en", "ask": "hat", "expect": {}, "twin_of": "b"}"#, "in none of the files");
}

/// The frozen questions, whose floors are beside them, and that the harness itself is sound on all of them.
#[test]
fn the_frozen_questions_keep_their_floors() {
    let program = Program::new();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/questions");
    let file = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let files = [file("zh-turns.jsonl"), file("en-turns.jsonl"), file("dialogues.jsonl")];
    let floors = file("floors.toml");
    let mut arguments = vec!["eval"];
    arguments.extend(files.iter().map(String::as_str));
    arguments.extend(["--floors", &floors]);
    let run = program.run(&arguments);
    assert_eq!(run.status.code(), Some(0), "{}\n{}", stderr(&run), String::from_utf8_lossy(&run.stdout));
}

#[test]
fn questions_and_dialogues_are_many_and_in_both_languages() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/questions");
    let mut count: HashMap<(String, bool), usize> = HashMap::new();
    for file in std::fs::read_dir(folder).unwrap().flatten().filter(|f| f.path().extension().is_some_and(|e| e == "jsonl")) {
        for line in std::fs::read_to_string(file.path()).unwrap().lines() {
            let case: Value = serde_json::from_str(line).unwrap();
            *count.entry((text(&case["lang"]), case["turns"].is_array())).or_default() += 1;
        }
    }
    for lang in ["zh", "en"] {
        assert!(count[&(lang.to_owned(), false)] >= 100 && count[&(lang.to_owned(), true)] >= 20, "{count:?}");
    }
}

#[test]
fn what_is_shown_is_what_the_program_shows() {
    // The subject in process and the one at a URL are asked the same way and answer the same.
    let program = Program::new();
    let cases = program.file("cases.jsonl", CASES);
    let url = serve_chat(good);
    let local = program.json(&["eval", cases.to_str().unwrap(), "--json", "-"]);
    let served = program.json(&["eval", cases.to_str().unwrap(), "--json", "-", "--url", &url]);
    let products =
        |report: &Value| -> Vec<Vec<String>> { report["results"].as_array().unwrap().iter().map(|r| shown(&r["attempts"][0]["turns"][0]["answer"])).collect() };
    assert_eq!(products(&local), products(&served));
}

#[test]
fn a_models_opinion_is_kept_and_decides_nothing() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let url = serve_model(move |prompt| {
        counted.fetch_add(1, Ordering::Relaxed);
        assert!(prompt.contains("The shopper asked:") && !prompt.contains("{{"), "{prompt}");
        // Every model wraps its JSON in something; one opinion is nonsense.
        if prompt.contains("tent") {
            "I like it a lot.".to_owned()
        } else {
            "Sure: ```json\n{\"helpful\": 1, \"consistent\": 2, \"clear\": 4, \"why\": \"thin\"}\n```".to_owned()
        }
    });
    let program = Program::new();
    let cases = program.file("cases.jsonl", CASES);
    let kept = program.folder.path().join("opinions.jsonl");
    let run = || {
        let mut command = program.command();
        command.env("OPENAI_BASE_URL", &url).env("DAOGOU_MODEL", "some-judge").env("OPENAI_API_KEY", "k");
        let output = command.args(["eval", cases.to_str().unwrap(), "--json", "-", "--no-llm", "--judge", kept.to_str().unwrap()]).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    let report = run();
    assert_eq!(report["pass"]["pass^1"], 1.0);
    assert_eq!(report["opinions"]["mean"], json!({"helpful": 1.0, "consistent": 2.0, "clear": 4.0}));
    assert_eq!((&report["opinions"]["judged"], &report["opinions"]["failed"]), (&json!(2), &json!(1)));
    let first = asked.load(Ordering::Relaxed);
    run();
    assert_eq!(asked.load(Ordering::Relaxed), first + 1, "only the answer without an opinion is asked about again");
    let without = program.run(&["eval", cases.to_str().unwrap(), "--judge", kept.to_str().unwrap()]);
    assert_eq!(without.status.code(), Some(1));
    assert!(stderr(&without).contains("DAOGOU_MODEL"), "{}", stderr(&without));
}

#[test]
fn a_prompt_with_a_hole_is_an_error() {
    use daogou::prompt::Prompt;
    let prompt = Prompt::parse("variables: a, b\nSystem {{ a }}\n---\nUser {{ b }} <b>\n").unwrap();
    assert_eq!(prompt.render(&[("a", "1"), ("b", "<2>")]).unwrap(), ("System 1".to_owned(), "User <2> <b>".to_owned()));
    assert!(prompt.render(&[("a", "1")]).unwrap_err().to_string().contains("missing [\"b\"]"));
    assert!(prompt.render(&[("a", "1"), ("b", "2"), ("c", "3")]).unwrap_err().to_string().contains("not declared [\"c\"]"));
    assert!(Prompt::parse("variables: a\nonly one part").is_err());
    assert!(Prompt::parse("variables: a\nSystem\n---\n{{ undeclared }}").unwrap().render(&[("a", "1")]).is_err());
}
