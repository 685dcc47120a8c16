//! Documentation is run.

use std::fs;
use std::path::Path;

use crate::support::{Program, stderr};

fn read(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// The code blocks of a kind, in order.
fn blocks(text: &str, kind: &str) -> Vec<String> {
    text.split(&format!("```{kind}\n")).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

#[test]
fn the_first_command_of_the_readme_works() {
    let commands = blocks(&read("README.md"), "sh");
    let first = commands[0].trim();
    let question =
        first.strip_prefix("cargo run --release -- ask \"").and_then(|rest| rest.strip_suffix('"')).unwrap_or_else(|| panic!("the first command is `{first}`"));
    assert!(Program::new().ok(&["ask", question]).contains("帽型"));
}

#[test]
fn ci_runs_the_readmes_second_command() {
    let commands = blocks(&read("README.md"), "sh");
    let second = commands[1].trim();
    assert!(read(".ci/run").lines().any(|line| line.trim() == second), "`{second}` is not in .ci/run");
}

#[test]
fn the_readmes_products_can_be_imported() {
    let program = Program::new();
    let rows = blocks(&read("README.md"), "json").into_iter().find(|block| block.contains("\"link\"")).expect("the README shows product rows");
    let feed = program.file("products.jsonl", &rows);
    let summary = program.json(&["import", "--replace-all", "--json", feed.to_str().unwrap()]);
    assert_eq!(summary["rejected"], 0, "{summary}");
    assert!(summary["added"].as_u64().unwrap() >= 3);
}

#[test]
fn the_example_configuration_holds_every_setting_with_its_default() {
    let text = read("config.example.toml");
    let program = Program::new();
    let live: String = text
        .lines()
        .map(|line| line.strip_prefix("# ").filter(|rest| rest.contains(" = ") && !rest.ends_with('.')).unwrap_or(line).to_owned() + "\n")
        .collect();
    let file = program.file("example.toml", &live);
    let output = program.run(&["--config", file.to_str().unwrap(), "config", "--json"]);
    assert!(output.status.success(), "{}\n{live}", stderr(&output));
    let table: toml::Table = live.parse().unwrap();
    for setting in daogou::config::SETTINGS {
        let (section, key) = setting.name.split_once('.').unwrap();
        let value = table.get(section).and_then(|s| s.get(key)).unwrap_or_else(|| panic!("`{}` is not in config.example.toml", setting.name));
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        assert_eq!(value, setting.default, "default of `{}`", setting.name);
        assert!(text.contains(setting.help), "help of `{}`", setting.name);
    }
}

#[test]
fn help_teaches_with_examples_that_work() {
    let program = Program::new();
    let help = program.ok(&["--help"]);
    for command in ["ask", "chat", "import", "delete", "search", "serve", "stats", "config"] {
        assert!(help.contains(&format!("  {command} ")), "{command}");
        assert!(program.ok(&[command, "--help"]).contains("Usage"));
    }
    assert!(help.contains("Examples:"));
}
