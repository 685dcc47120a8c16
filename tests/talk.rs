//! A talk at a terminal: the program runs in one, keys are typed, the screen is looked at.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::model::{good, nothing_read};
use crate::model_server::{Ending, ModelServer, Script, pieces, purpose};
use crate::screen::{Terminal, at_prompt};
use crate::support::sample_data;

const WIDE: (u16, u16) = (80, 40);
const TALL: (u16, u16) = (80, 120);
const ZH: (&str, &str) = ("LANG", "zh_CN.UTF-8");

#[test]
fn the_first_time_there_are_examples_in_the_terminals_language() {
    let data = sample_data();
    let terminal = Terminal::run(data.path(), &["chat"], WIDE, &[ZH]);
    let screen = terminal.until_prompt();
    assert!(screen.contains("/help 看命令") && screen.contains("比如：") && screen.contains("圆脸"), "{screen}");
    terminal.press("/help\r");
    assert!(terminal.until_shows("Ctrl-R 搜索").contains("打开第 N 款的商品页"));
    terminal.until_prompt();
    terminal.press("\u{4}");
    assert_eq!(terminal.end(), 0);
    let terminal = Terminal::run(data.path(), &["chat", "--lang", "en"], WIDE, &[ZH]);
    let screen = terminal.until_prompt();
    assert!(screen.contains("/help lists the commands") && !screen.contains("For example"), "{screen}");
}

#[test]
fn products_have_numbers_that_commands_take() {
    let data = sample_data();
    let terminal = Terminal::run(data.path(), &["chat"], TALL, &[]);
    terminal.until_prompt();
    terminal.press("/why 1\r");
    terminal.until_shows("No products have been shown yet");
    terminal.press("a hat for a round face under 300\r");
    let screen = terminal.until_shows("You could also ask");
    assert!(screen.contains("Understood: Hats · ≤ ¥300 · round face"), "{screen}");
    assert!(screen.contains("[3] ") && screen.contains("a) "), "{screen}");
    terminal.press("/why 2\r");
    let screen = terminal.until_shows("follows the advice on");
    assert!(screen.contains("score ") && screen.contains("meets: under 300"), "{screen}");
    terminal.press("/open 9\r");
    terminal.until_shows("There is no product 9; the numbers go from 1 to 3.");
    terminal.press("/open 1\r");
    assert!(terminal.until_shows("There is no browser").contains("https://shop.daogou.example/item/"));
    terminal.press("/hepl\r");
    terminal.until_shows("did you mean /help?");
    terminal.press("/need\r");
    terminal.until_shows("2. ≤ ¥300");
    terminal.press("/need drop 1\r");
    terminal.until_shows("“Hats” has to stay");
    terminal.press("/need drop 2\r");
    terminal.until("the answer without the budget", |screen| screen.lines().any(|line| line == "Understood: Hats · round face"));
    terminal.press("/need\r");
    terminal.until_shows("2. ≤ ¥300 (taken back)");
    terminal.press("/need keep 2\r");
    terminal.until("the budget again", |screen| screen.matches("Understood: Hats · ≤ ¥300 · round face").count() >= 1 && at_prompt(screen));
    terminal.until_prompt();
    terminal.press("\u{4}");
    assert_eq!(terminal.end(), 0);
}

#[test]
fn commands_ask_in_words_and_letters_choose() {
    let data = sample_data();
    let terminal = Terminal::run(data.path(), &["chat"], TALL, &[ZH]);
    terminal.until_prompt();
    terminal.press("圆脸戴什么帽子\r");
    let screen = terminal.until_shows("还可以问");
    let offered = screen.split("a) ").nth(1).unwrap().split(" (").next().unwrap().to_owned();
    terminal.press("a\r");
    terminal.until_shows(&format!("> {offered}"));
    terminal.until("its answer", at_prompt);
    terminal.press("/need budget 100-300\r");
    terminal.until_shows("> 预算改成 100 到 300 元");
    terminal.until_shows("¥100–¥300");
    terminal.until("its answer", at_prompt);
    terminal.press("/compare 1 3\r");
    terminal.until_shows("> 比较第1个和第3个");
}

#[test]
fn the_opener_of_the_platform_gets_the_link() {
    let data = sample_data();
    let (opener, told) = (data.path().join("xdg-open"), data.path().join("told"));
    fs::write(&opener, format!("#!/bin/sh\necho \"$@\" > {0}.part && mv {0}.part {0}\n", told.display())).unwrap();
    fs::set_permissions(&opener, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", data.path().display());
    for (session, opens) in [(("X", "1"), true), (("SSH_TTY", "/dev/pts/1"), false)] {
        let _ = fs::remove_file(&told);
        let terminal = Terminal::run(data.path(), &["chat"], TALL, &[("PATH", &path), ("DISPLAY", ":7"), session]);
        terminal.until_prompt();
        terminal.press("headphones under 300\r");
        terminal.until_shows("You could also ask");
        terminal.press("/open 1\r");
        terminal.until_shows(if opens { "Opening:" } else { "There is no browser" });
        terminal.until_prompt();
        if opens {
            let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
            while !told.exists() {
                assert!(std::time::Instant::now() < deadline, "the opener was never called");
                std::thread::yield_now();
            }
            assert!(fs::read_to_string(&told).unwrap().starts_with("https://shop.daogou.example/item/"));
        }
        terminal.press("\u{4}");
        assert_eq!(terminal.end(), 0);
        assert_eq!(told.exists(), opens);
    }
}

#[test]
fn wide_characters_are_edited_where_the_cursor_is() {
    let data = sample_data();
    let terminal = Terminal::run(data.path(), &["chat"], WIDE, &[]);
    terminal.until_prompt();
    terminal.press("送爸爸茶叶");
    terminal.until_shows("> 送爸爸茶叶");
    terminal.press("\u{1b}[D\u{1b}[D");
    assert!(wait_for(|| terminal.cursor().0 == 8), "{:?}", terminal.cursor());
    terminal.press("的a");
    terminal.until_shows("> 送爸爸的a茶叶");
    assert!(wait_for(|| terminal.cursor().0 == 11), "{:?}", terminal.cursor());
    terminal.press("\u{7f}\u{7f}");
    terminal.until_shows("> 送爸爸茶叶");
    assert!(wait_for(|| terminal.cursor().0 == 8), "{:?}", terminal.cursor());
}

/// The cursor moves a moment after the text is there.
fn wait_for(done: impl Fn() -> bool) -> bool {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while std::time::Instant::now() < deadline {
        if done() {
            return true;
        }
        std::thread::yield_now();
    }
    false
}

#[test]
fn a_question_may_have_several_lines() {
    let data = sample_data();
    let terminal = Terminal::run(data.path(), &["chat", "--json"], WIDE, &[]);
    terminal.until_prompt();
    terminal.press("a hat\u{1b}\runder 300\\\r");
    terminal.until("three lines", |screen| screen.contains("  under 300\\"));
    terminal.press("for winter\r");
    terminal.until_shows("\"timing_ms\"");
    terminal.until_prompt();
    let raw = terminal.raw();
    assert!(raw.contains("\"value\":\"300\"") && raw.contains("\"id\":\"winter\""), "{raw}");
    // Pasted lines are one question, however many.
    terminal.press("\u{1b}[200~headphones\nunder 500\u{1b}[201~");
    terminal.until("two lines", |screen| screen.contains("> headphones") && screen.contains("  under 500"));
    terminal.press("\u{3}");
    terminal.until("an empty line", at_prompt);
    terminal.press("\u{4}");
    assert_eq!(terminal.end(), 0);
    let history = fs::read_to_string(data.path().join("chat.history")).unwrap();
    assert_eq!(history.lines().count(), 1, "{history}");
}

#[test]
fn the_history_is_its_owners_alone_and_outlives_the_talk() {
    let data = sample_data();
    let history = data.path().join("chat.history");
    for (signal, line) in [("TERM", "/need one"), ("HUP", "/need two"), ("KILL", "/need three")] {
        let terminal = Terminal::run(data.path(), &["chat"], WIDE, &[]);
        terminal.until_prompt();
        terminal.press(&format!("{line}\r"));
        terminal.until("the reply", |screen| screen.contains("Nothing has been asked yet") && at_prompt(screen));
        terminal.press(" /private\r");
        terminal.press("half a li");
        terminal.until_shows("half a li");
        terminal.signal(signal);
        let code = terminal.end();
        assert_eq!(code == 0, signal != "KILL", "{signal}: {code}");
    }
    let kept = fs::read_to_string(&history).unwrap();
    assert_eq!(kept, "/need one\n/need two\n/need three\n");
    assert_eq!(fs::metadata(&history).unwrap().permissions().mode() & 0o777, 0o600);
    let terminal = Terminal::run(data.path(), &["chat"], WIDE, &[]);
    terminal.until_prompt();
    terminal.press("/need tw");
    // The rest of it stands there as a hint.
    terminal.until_shows("> /need two");
    terminal.press("\u{3}");
    terminal.until_prompt();
    terminal.press("\u{1b}[A");
    terminal.until("the last line", |screen| screen.trim_end().ends_with("> /need three"));
}

#[test]
fn a_closed_window_ends_the_talk() {
    let data = sample_data();
    let terminal = Terminal::run(data.path(), &["chat"], WIDE, &[]);
    terminal.until_prompt();
    terminal.press("/need\r");
    terminal.until_shows("Nothing has been asked yet");
    terminal.until_prompt();
    terminal.close();
    assert_eq!(fs::read_to_string(data.path().join("chat.history")).unwrap(), "/need\n");
}

#[test]
fn tab_completes_commands_and_what_follows() {
    let data = sample_data();
    let terminal = Terminal::run(data.path(), &["chat"], WIDE, &[]);
    terminal.until_prompt();
    terminal.press("/pe\t");
    terminal.until_shows("> /persona");
    terminal.press("tr\t");
    terminal.until_shows("> /persona travel");
    terminal.press("\r");
    terminal.until_shows("who answers: travel");
    terminal.press("/ne\t");
    let screen = terminal.until_shows("begin a new conversation");
    assert!(screen.contains("> /ne"), "{screen}");
}

#[test]
fn ctrl_c_stops_an_answer_and_the_talk_goes_on() {
    let server = ModelServer::start(|request| match purpose(request) {
        "understand" => Script::Says(nothing_read().to_string()),
        _ if request.to_string().contains("wool") => Script::Hangs,
        _ => Script::Says(good(request).to_string()),
    });
    let data = sample_data();
    let terminal = Terminal::run(
        data.path(),
        &["chat"],
        WIDE,
        &[("OPENAI_BASE_URL", &server.url), ("DAOGOU_MODEL", "scripted"), ("DAOGOU_LLM_FIRST_TOKEN_MS", "600000"), ("DAOGOU_LLM_ANSWER_MS", "600000")],
    );
    terminal.until_prompt();
    terminal.press("\u{3}");
    terminal.until_shows("Ctrl-D or /quit ends.");
    terminal.press("a wool hat\r");
    terminal.until_shows("Writing…");
    // What is typed meanwhile is not shown in the midst of the answer.
    terminal.press("typed");
    terminal.press("\u{3}");
    let screen = terminal.until_shows("Stopped. The conversation goes on");
    assert!(!screen.contains("Writing…") && !screen.contains("typed"), "{screen}");
    server.await_gone();
    terminal.until("a prompt", |screen| screen.lines().last().is_some_and(|line| line.starts_with('>')));
    terminal.press("\u{15}/model\r");
    terminal.until_shows("language model: scripted, used in this talk");
    terminal.press("/model off\r");
    terminal.until_shows("language model: scripted, not used in this talk");
    terminal.press("a wool hat\r");
    terminal.until_shows("You could also ask");
    terminal.until_prompt();
    terminal.press("\u{4}");
    assert_eq!(terminal.end(), 0);
}

#[test]
fn with_a_model_the_products_come_first() {
    let server = ModelServer::start(|request| match purpose(request) {
        "understand" => Script::Says(nothing_read().to_string()),
        _ => {
            let text = good(request).to_string();
            let half = pieces(&text[..text.find("\"dimension_2").unwrap()]);
            Script::Streams(half, Ending::Stalls)
        }
    });
    let data = sample_data();
    let terminal = Terminal::run(
        data.path(),
        &["chat"],
        TALL,
        &[("OPENAI_BASE_URL", &server.url), ("DAOGOU_MODEL", "scripted"), ("DAOGOU_LLM_STALL_MS", "600000"), ("DAOGOU_LLM_ANSWER_MS", "600000")],
    );
    terminal.until_prompt();
    terminal.press("noise cancelling headphones for my commute under 600, not in-ear\r");
    let screen = terminal.until_shows("1. ");
    let at = |text: &str| screen.find(text).unwrap_or_else(|| panic!("`{text}` is missing in\n{screen}"));
    assert!(at("Understood: ") < at("Picked for you") && at("[3] ") < at("Look at the fit first") && at("Look at the fit first") < at("How to choose"));
    assert_eq!(screen.matches("Picked for you").count(), 1, "sent once or twice, it stands there once\n{screen}");
    terminal.press("\u{3}");
    terminal.until_shows("Stopped.");
    terminal.until_prompt();
    terminal.press("\u{4}");
    assert_eq!(terminal.end(), 0);
}

#[test]
fn the_width_is_followed() {
    let data = sample_data();
    let terminal = Terminal::run(data.path(), &["chat"], TALL, &[]);
    terminal.until_prompt();
    for columns in [20, 40, 100] {
        terminal.resize(columns, 120);
        terminal.press("headphones under 300\r");
        terminal.until("the answer", |screen| screen.contains("a)") && at_prompt(screen));
        terminal.press("\u{c}");
        terminal.until_prompt();
    }
    terminal.press("\u{4}");
    assert_eq!(terminal.end(), 0);
}

#[test]
fn escapes_are_left_out_where_they_are_unwanted() {
    let data = sample_data();
    for (variable, escapes) in [(("X", ""), true), (("NO_COLOR", "1"), false), (("TERM", "dumb"), false)] {
        let terminal = Terminal::run(data.path(), &["ask", "headphones under 300"], TALL, &[variable, ("VTE_VERSION", "7000")]);
        terminal.until_shows("You could also ask");
        let raw = terminal.raw();
        let raw = &raw[raw.find("Chosen for").unwrap()..];
        assert_eq!(raw.contains('\u{1b}'), escapes, "{variable:?}: {raw}");
        assert_eq!(raw.contains("\u{1b}]8;"), escapes, "{variable:?}: {raw}");
        assert_eq!(terminal.end(), 0);
    }
    // A terminal without cursor has no line editor, but commands all the same.
    let terminal = Terminal::run(data.path(), &["chat"], TALL, &[("TERM", "dumb")]);
    terminal.until("a prompt", at_prompt);
    terminal.press("/model\r");
    terminal.until_shows("No language model is configured");
    terminal.press("/quit\r");
    let raw = terminal.raw();
    assert!(!raw[raw.find("daogou: ").unwrap()..].contains('\u{1b}'), "{raw}");
    assert_eq!(terminal.end(), 0);
}

#[test]
fn a_talk_is_saved_as_markdown_and_nothing_is_written_over() {
    let data = sample_data();
    let terminal = Terminal::run(data.path(), &["chat"], TALL, &[]);
    let file = data.path().join("talk.md");
    terminal.until_prompt();
    terminal.press("/save talk.md\r");
    terminal.until_shows("There is no answer to save yet.");
    terminal.press("headphones under 300\r");
    terminal.until_shows("You could also ask");
    terminal.press("/save talk.md\r");
    terminal.until_shows("saved to talk.md");
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.starts_with("# headphones under 300\n\n") && text.contains("## Picked for you\n\n1. ["), "{text}");
    fs::write(&file, "mine").unwrap();
    terminal.press("/save talk.md\r");
    terminal.until_shows("talk.md is there already; /save! talk.md writes over it");
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    terminal.press("/save! ~/talk.md\r");
    terminal.until("that it was saved", |screen| screen.matches("saved to ").count() == 2);
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
    terminal.press("/new\r");
    terminal.until_shows("A new conversation begins.");
    terminal.press("/need\r");
    terminal.until_shows("Nothing has been asked yet.");
}
