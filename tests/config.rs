//! Settings: layers, origins, and errors that name the nearest known one.

use serde_json::Value;

use crate::support::{Program, stderr};

fn setting(program: &Program, name: &str) -> (String, String) {
    let all = program.json(&["config", "--json"]);
    let one: &Value = &all["settings"][name];
    (one["value"].as_str().unwrap().to_owned(), one["origin"].as_str().unwrap().to_owned())
}

#[test]
fn the_environment_goes_before_the_file_and_the_option_before_both() {
    let program = Program::new();
    assert_eq!(setting(&program, "answer.products"), ("3".into(), "default".into()));
    program.file("daogou.toml", "[answer]\nproducts = 5\n[log]\nlevel = \"info\"\n");
    assert_eq!(setting(&program, "answer.products"), ("5".into(), "daogou.toml".into()));
    let output = program.command().env("DAOGOU_ANSWER_PRODUCTS", "4").args(["--log", "error", "config", "--json"]).output().unwrap();
    let all: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(all["settings"]["answer.products"]["origin"], "environment DAOGOU_ANSWER_PRODUCTS");
    assert_eq!(all["settings"]["log.level"]["origin"], "--log");
}

#[test]
fn unknown_settings_name_the_nearest_known_one() {
    let program = Program::new();
    let output = program.command().env("DAOGOU_ANSWER_PRODUCT", "4").arg("config").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("DAOGOU_ANSWER_PRODUCTS"), "{}", stderr(&output));
    program.file("daogou.toml", "[rankin]\nplan = 2\n");
    let output = program.run(&["config"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("ranking.plan"), "{}", stderr(&output));
}

#[test]
fn a_wrong_value_says_where_it_stands_and_what_was_wanted() {
    let program = Program::new();
    let file = program.file("my.toml", "[answer]\nproducts = 99\n");
    let output = program.run(&["--config", file.to_str().unwrap(), "config"]);
    assert_eq!(output.status.code(), Some(2));
    let said = stderr(&output);
    assert!(said.contains("my.toml") && said.contains("99") && said.contains("1 to 10"), "{said}");
}

#[test]
fn secrets_are_masked() {
    let program = Program::new();
    let output = program.command().env("OPENAI_API_KEY", "sk-very-secret").args(["config"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.contains("sk-very-secret") && text.contains("********"), "{text}");
}

#[test]
fn the_number_of_products_is_a_setting() {
    let program = Program::new();
    let output = program.command().env("DAOGOU_ANSWER_PRODUCTS", "5").args(["ask", "--json", "帽子"]).output().unwrap();
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["products"].as_array().unwrap().len(), 5);
}
