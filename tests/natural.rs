//! Requests that real people wrote, as inputs: no crash, no dead end, nothing invented.

use std::path::PathBuf;

use daogou::eval::trec;
use serde_json::{Value, json};

use crate::support::{Program, shared_data, stderr};

/// Requests taken of each data set.
const SAMPLE: usize = 150;

/// A fixed sample of requests as cases without expectations.
fn cases(texts: Vec<String>, lang: &str) -> String {
    let step = (texts.len() / SAMPLE).max(1);
    let rows = texts.into_iter().step_by(step).take(SAMPLE).enumerate();
    rows.map(|(at, text)| json!({"id": format!("n{at}"), "lang": lang, "ask": text}).to_string()).collect::<Vec<_>>().join("\n")
}

fn check(texts: Vec<String>, lang: &str) {
    let program = Program::new();
    let cases = program.file("cases.jsonl", &cases(texts, lang));
    let floors: Vec<String> = ["answered", "shape", "manners", "records", "links", "names", "agreement", "evidence", "own constraints"]
        .iter()
        .map(|name| format!("\"check.{name}\" = 1.0"))
        .collect();
    let floors = program.file("floors.toml", &format!("[floors]\n{}\n\"check.figures\" = 0.97\n", floors.join("\n")));
    let run = program.run(&["eval", cases.to_str().unwrap(), "--floors", floors.to_str().unwrap()]);
    assert_eq!(run.status.code(), Some(0), "{}\n{}", stderr(&run), String::from_utf8_lossy(&run.stdout));
}

fn messages(path: PathBuf, list: &str, role: (&str, &str), text: &str) -> Vec<String> {
    let dialogues: Value = serde_json::from_str(&trec::read(&path).unwrap()).unwrap();
    let turns = dialogues.as_array().unwrap().iter().flat_map(|d| d[list].as_array().unwrap());
    turns.filter(|t| t[role.0] == role.1).filter_map(|t| t[text].as_str().map(str::to_owned)).filter(|t| !t.trim().is_empty()).collect()
}

#[test]
fn long_wishes_in_english() {
    let Some(folder) = shared_data("webshop-goals") else { return };
    check(trec::read(&folder.join("human_goals.txt.gz")).unwrap().lines().map(str::to_owned).collect(), "en");
}

#[test]
fn turns_of_people_talking_to_sellers() {
    let (Some(pscon), Some(mg)) = (shared_data("pscon-en"), shared_data("mg-shopdial")) else { return };
    check(messages(pscon.join("conversation_en.json.gz"), "conversation", ("role", "user"), "content"), "en");
    check(messages(mg.join("dialogues.json.gz"), "utterances", ("participant", "Client"), "utterance"), "en");
}

#[test]
fn short_queries_in_chinese() {
    let Some(folder) = shared_data("multi-cpr-ecom-queries") else { return };
    let text = trec::read(&folder.join("dev.query.tsv.gz")).unwrap();
    check(text.lines().filter_map(|line| line.split('\t').nth(1)).map(str::to_owned).collect(), "zh");
}

#[test]
fn what_is_understood_is_counted() {
    let (Some(webshop), Some(_)) = (shared_data("webshop-goals"), shared_data("multi-cpr-ecom-queries")) else { return };
    let labels = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/questions/labels");
    let program = Program::new();
    let sources = webshop.parent().unwrap().to_str().unwrap().to_owned();
    for (file, precision) in [("natural-en.jsonl", 0.6), ("natural-zh.jsonl", 0.4)] {
        let labels = labels.join(file);
        let report = program.json(&["eval", "understanding", "--labels", labels.to_str().unwrap(), "--sources", &sources, "--json"]);
        assert_eq!(report["requests"], 100);
        assert!(report["precision"].as_f64().unwrap() >= precision, "{file}: {report:#}");
    }
}
