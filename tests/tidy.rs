//! The walls of the house.

use std::fs;
use std::path::{Path, PathBuf};

fn sources() -> Vec<(String, String)> {
    fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                collect(&path, files);
            } else if path.extension().is_some_and(|e| e == "rs") {
                files.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    files.into_iter().map(|path| (path.strip_prefix(&root).unwrap().to_string_lossy().into_owned(), fs::read_to_string(&path).unwrap())).collect()
}

/// Code without comments, so that a comment may speak of what the code must not do.
fn code(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap_or("")).collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn only_in(what: &str, allowed: &[&str]) {
    for (file, text) in sources() {
        if !allowed.iter().any(|a| file == *a || file.starts_with(&format!("{a}/"))) {
            assert!(!code(&text).contains(what), "`{what}` stands in src/{file}, wanted it only in {allowed:?}");
        }
    }
}

#[test]
fn each_outside_thing_has_one_home() {
    only_in("tantivy::", &["index", "index.rs"]);
    only_in("mimalloc", &["main.rs"]);
    only_in("heed::", &["catalog/store.rs"]);
    only_in("jieba_rs", &["index/analysis.rs"]);
    only_in("reqwest", &["import.rs", "eval/subject.rs", "llm/server.rs"]);
    only_in("async_openai", &["llm/server.rs"]);
    only_in("minijinja", &["eval/report/html.rs", "prompt.rs"]);
    only_in("quick_junit", &["eval/report/junit.rs"]);
    only_in("flate2", &["eval/trec.rs"]);
    only_in("rand::", &["eval/significance.rs", "llm.rs"]);
    // One home for each engine; the others pass on what it says.
    only_in("sqlx::", &["session/sqlite.rs", "session/postgres.rs", "session/store.rs", "session/keeper.rs"]);
    only_in("lz4_flex", &["session/packed.rs"]);
    only_in("moka::", &["model.rs", "catalog/store.rs"]);
    only_in("env::var", &["config.rs"]);
    only_in("std::env::", &["config.rs"]);
    only_in("clap::", &["cli", "cli.rs"]);
    only_in("indicatif", &["cli"]);
    only_in("reedline", &["cli/chat"]);
    only_in("rustix", &["cli/screen.rs"]);
    only_in("stdout()", &["cli", "cli.rs"]);
    only_in("stderr()", &["cli", "cli.rs"]);
    for web in ["axum", "utoipa", "tower_http", "hyper", "tokio_io_timeout", "metrics_exporter_prometheus"] {
        only_in(web, &["serve.rs", "serve"]);
    }
    only_in("iso_currency", &["catalog/money.rs"]);
    only_in("Answer(", &["answer.rs", "answer"]);
    only_in("derive(Serialize", &[]);
}

#[test]
fn a_stage_never_reaches_for_a_later_one() {
    let later: &[(&str, &[&str])] = &[
        ("need", &["crate::index", "crate::rank", "crate::compose", "crate::answer", "crate::shop", "crate::assistant"]),
        ("understand", &["crate::rank", "crate::compose", "crate::answer", "crate::shop", "crate::assistant"]),
        ("guide", &["crate::rank", "crate::compose", "crate::answer", "crate::shop", "crate::assistant"]),
        ("index", &["crate::rank", "crate::compose", "crate::answer", "crate::shop", "crate::assistant"]),
        ("rank", &["crate::compose", "crate::answer", "crate::shop", "crate::assistant"]),
        ("compose", &["crate::answer", "crate::shop", "crate::assistant", "crate::wire", "crate::terminal"]),
        ("catalog", &["crate::index", "crate::rank", "crate::compose", "crate::answer", "crate::shop", "crate::need"]),
        ("answer", &["crate::shop", "crate::assistant", "crate::wire", "crate::terminal", "crate::cli"]),
    ];
    for (file, text) in sources() {
        for (stage, forbidden) in later {
            if file == format!("{stage}.rs") || file.starts_with(&format!("{stage}/")) {
                for name in *forbidden {
                    assert!(!code(&text).contains(name), "src/{file} reaches for {name}");
                }
            }
        }
    }
}

#[test]
fn no_category_is_known_to_the_code() {
    let categories = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("index/categories")).unwrap().flatten();
    let ids: Vec<String> = categories.map(|e| e.path().file_stem().unwrap().to_string_lossy().into_owned()).collect();
    for (file, text) in sources() {
        for id in &ids {
            assert!(!code(&text).contains(&format!("\"{id}\"")), "src/{file} knows the category `{id}`");
        }
    }
}

#[test]
fn files_stay_small() {
    for (file, text) in sources() {
        let lines = text.lines().count();
        let most = match file.as_str() {
            "main.rs" => 100,
            "assistant.rs" => 150,
            _ => 500,
        };
        assert!(lines <= most, "src/{file} has {lines} lines, wanted at most {most}");
    }
}

#[test]
fn every_file_says_what_it_is() {
    for (file, text) in sources() {
        assert!(text.starts_with("//!"), "src/{file} does not begin with a module comment");
    }
}

#[test]
fn nothing_speaks_of_machines() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    // The folder this checkout lies in, and the home of whoever runs the tests, on whatever machine.
    let own = root.parent().map(|folder| format!("{}/", folder.display())).filter(|folder| folder.len() > 2);
    let home = std::env::var("HOME").ok().filter(|home| home.len() > 1).map(|home| format!("{home}/"));
    let paths: Vec<String> = own.into_iter().chain(home).chain(["/home/".to_owned()]).collect();
    for name in ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "index/README.md", "config.example.toml"] {
        let text = fs::read_to_string(root.join(name)).unwrap();
        for word in &paths {
            assert!(!text.contains(word.as_str()), "{name} speaks of {word}");
        }
    }
}
