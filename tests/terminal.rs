//! Answers as text for terminals of any width.

use std::io::Read;
use std::process::Stdio;

use daogou::answer::{Answer, Card, Event};
use daogou::catalog::{Availability, Currency, Lang, Link, Money, ProductId};
use daogou::comparison::{Comparison, ComparisonRow};
use daogou::question::Question;
use daogou::terminal::stream::{Piece, Stream};
use daogou::terminal::wrap::{clean, clip, columns, flow, wrap};
use daogou::terminal::{Numbering, Style, comparison, links, render, reply, why};
use serde_json::Value;

use crate::support::{TestShop, product, program, sample_data, sample_shop, stderr};

const WIDTHS: [usize; 5] = [120, 80, 40, 20, 3];
const QUESTIONS: [&str; 8] = [
    "圆脸戴什么帽子，300以内",
    "a quiet robot vacuum for long cat hair under 2500",
    "三百块以内的降噪耳机，不要入耳式",
    "noise cancelling headphones under 20 yuan, not in-ear",
    "四个人吃火锅要买什么，不要辣",
    "how do I wash a down jacket?",
    "有冰箱吗",
    "hello",
];

/// An answer, and the parts that were sent before it.
fn ask(shop: &TestShop, question: &str) -> (Answer, Vec<Event>) {
    let question = Question::new(question).unwrap();
    let (out, mut events) = tokio::sync::mpsc::channel(64);
    shop.runtime().block_on(async {
        let answer = shop.assistant().ask(&question, &out).await.unwrap();
        drop(out);
        let mut sent = Vec::new();
        while let Some(event) = events.recv().await {
            sent.push(event);
        }
        (answer, sent)
    })
}

/// What is printed of an answer that comes part by part.
fn streamed(answer: &Answer, events: &[Event], talk: bool, style: Style) -> String {
    let mut stream = Stream::new(talk);
    let mut pieces: Vec<Piece> = events.iter().filter_map(|event| stream.part(event.clone(), style)).collect();
    pieces.extend(stream.end(answer, style));
    let text = |piece| if let Piece::More(text) = piece { text } else { panic!("nothing was sent twice") };
    pieces.into_iter().map(text).collect()
}

/// A text without the sequences that we print ourselves: colors and links.
fn without_ours(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\u{1b}') {
        plain.push_str(&rest[..at]);
        let sequence = &rest[at..];
        let end = if let Some(color) = sequence.strip_prefix("\u{1b}[") {
            let digits = color.find(|c: char| !c.is_ascii_digit() && c != ';').unwrap();
            assert_eq!(&color[digits..=digits], "m", "{sequence:?}");
            digits + 3
        } else {
            let link = sequence.strip_prefix("\u{1b}]8;").unwrap_or_else(|| panic!("not ours: {sequence:?}"));
            let end = link.find("\u{1b}\\").unwrap();
            assert!(link[..end].is_ascii() && !link[..end].contains(|c: char| c.is_control()), "{link:?}");
            end + 6
        };
        rest = &sequence[end..];
    }
    plain + rest
}

#[test]
fn every_answer_fits_every_width() {
    for question in QUESTIONS {
        let (answer, events) = ask(sample_shop(), question);
        for width in WIDTHS {
            for (color, link) in [(false, false), (true, true)] {
                let style = Style::new(color, link, width);
                for text in [render(&answer, style), reply(&answer, style), streamed(&answer, &events, true, style)] {
                    assert!(color || !text.contains('\u{1b}'), "{text}");
                    let plain = without_ours(&text);
                    assert!(plain.ends_with('\n') && !plain.contains("\n\n\n"), "{plain:?}");
                    for line in plain.lines() {
                        // Narrower than 20 columns, it is enough to go on.
                        let fits = columns(line) <= style.width() || (!link && line.contains("://"));
                        assert!(fits || width < 20, "{width}: {line:?} takes {} columns\n{plain}", columns(line));
                        assert_eq!(line.trim_end(), line, "{plain}");
                    }
                }
            }
        }
    }
}

#[test]
fn the_stream_says_what_the_whole_answer_says() {
    for question in QUESTIONS {
        let (answer, events) = ask(sample_shop(), question);
        let style = Style::plain(80);
        let text = streamed(&answer, &events, false, style);
        let words = |text: &str| text.split_whitespace().collect::<String>();
        let whole = words(&text);
        for said in [&answer.summary].into_iter().chain(answer.dimensions.iter().map(|d| &d.advice)).chain(answer.products.iter().map(|card| &card.reason)) {
            assert!(whole.contains(&words(&clean(said))), "`{said}` is missing in\n{text}");
        }
        for card in &answer.products {
            assert!(text.contains(card.link.as_str()), "{text}");
        }
    }
}

#[test]
fn products_that_are_sent_again_take_the_place_of_the_first_ones() {
    let (first, other) = (ask(sample_shop(), "a hat under 300").1, ask(sample_shop(), "headphones under 500").1);
    let style = Style::plain(80);
    let mut stream = Stream::new(true);
    assert_eq!(stream.part(first[0].clone(), style), None, "what was understood waits for the products");
    let Some(Piece::More(text)) = stream.part(first[1].clone(), style) else { panic!("products are printed as they come") };
    assert!(text.starts_with("Understood: Hats"), "{text}");
    assert_eq!((stream.part(first[0].clone(), style), stream.part(first[1].clone(), style)), (None, None), "the same again changes nothing");
    stream.part(other[0].clone(), style);
    let Some(Piece::Instead { rows, text: again, or }) = stream.part(other[1].clone(), style) else { panic!("other products replace them") };
    assert_eq!(rows, text.lines().count());
    assert!(again.starts_with("Understood: Headphones") && or.starts_with("On a second reading, these instead\n"), "{or}");
    // After the width has changed, nobody knows where the first ones stand.
    stream.part(first[0].clone(), Style::plain(60));
    assert!(matches!(stream.part(first[1].clone(), Style::plain(60)), Some(Piece::More(_))));
}

#[test]
fn nothing_of_a_catalog_steers_the_terminal() {
    let evil = "Hat \u{1b}[31mred\u{1b}]8;;https://evil.example\u{1b}\\click\u{7}\u{9b}2J\u{202e}drah\u{2066}\u{200b}\r\nfake: ¥1\u{2028}line\u{e0041}";
    let mut row = product("evil", evil, "129.00 CNY");
    row["brand"] = Value::from("Br\u{1b}[2Jand\u{85}");
    row["link"] = Value::from("https://shop.example/帽子?a=\u{202e}b;c\u{2067}");
    row["attributes"] = serde_json::json!({"material": "wool\u{1b}[5m", "color": "bl\u{0}ack"});
    row["product_type"] = Value::from("Apparel > Ha\u{1b}ts");
    row["reviews"] = serde_json::json!([{"text": "good\u{1b}c", "rating": 5}]);
    let shop = TestShop::with(&[row, product("plain", "Wool Hat", "99.00 CNY")]);
    for question in ["a wool hat", "hat \u{1b}[31m under 300", "帽子"] {
        let (answer, events) = ask(&shop, question);
        for style in [Style::new(true, true, 80), Style::new(true, true, 20), Style::plain(40)] {
            let numbers = Numbering::of(&answer.products, &answer.nearest);
            let whys = answer.products.iter().map(|card| why::why(card, &answer, &numbers, style).join("\n"));
            for text in [render(&answer, style), reply(&answer, style), streamed(&answer, &events, true, style)].into_iter().chain(whys) {
                let plain = without_ours(&text);
                let bad = plain
                    .chars()
                    .find(|c| (c.is_control() && *c != '\n') || matches!(c, '\u{200b}' | '\u{2028}' | '\u{202e}' | '\u{2066}' | '\u{2067}' | '\u{e0041}'));
                assert_eq!(bad, None, "{plain:?}");
                assert!(!plain.lines().any(|line| line.starts_with("fake")), "{plain}");
            }
        }
    }
}

#[test]
fn links_are_whole_and_harmless() {
    let link = Link::parse("https://shop.example/帽子?a=\u{202e}b;c").unwrap();
    assert_eq!(links::shown(&link), "https://shop.example/帽子?a=%E2%80%AEb;c");
    let clickable = links::linked(Style::new(false, true, 80), &link, "hat");
    assert!(
        clickable.starts_with("\u{1b}]8;id=") && clickable.ends_with(";https://shop.example/%E5%B8%BD%E5%AD%90?a=%E2%80%AEb;c\u{1b}\\hat\u{1b}]8;;\u{1b}\\"),
        "{clickable:?}"
    );
    assert_eq!(links::linked(Style::plain(80), &link, "hat"), "hat");
    let long = Link::parse(&format!("https://shop.example/{}", "a".repeat(100))).unwrap();
    assert_eq!(links::line(Style::plain(40), &long, "    "), long.as_str(), "where it cannot be clicked it stays whole");
    let clipped = without_ours(&links::line(Style::new(false, true, 40), &long, "    "));
    assert_eq!((columns(&clipped), clipped.ends_with('…')), (40, true), "{clipped}");
}

#[test]
fn only_known_terminals_get_clickable_links() {
    let known = |variables: &[(&str, &str)]| links::supported(|name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()));
    for (variables, expected) in [
        (&[][..], false),
        (&[("TERM", "xterm-256color")][..], false),
        (&[("TERM_PROGRAM", "Apple_Terminal")][..], false),
        (&[("TERM_PROGRAM", "iTerm.app")][..], true),
        (&[("TERM_PROGRAM", "vscode")][..], true),
        (&[("VTE_VERSION", "7600")][..], true),
        (&[("VTE_VERSION", "4205")][..], false),
        (&[("WT_SESSION", "1")][..], true),
        (&[("TERM", "xterm-kitty")][..], true),
        (&[("KONSOLE_VERSION", "220401")][..], true),
        (&[("TMUX", "x"), ("VTE_VERSION", "7600")][..], false),
        (&[("TMUX", "x"), ("TERM_PROGRAM", "tmux"), ("TERM_PROGRAM_VERSION", "3.3a")][..], false),
        (&[("TMUX", "x"), ("TERM_PROGRAM", "tmux"), ("TERM_PROGRAM_VERSION", "3.4")][..], true),
        (&[("STY", "x"), ("VTE_VERSION", "7600")][..], false),
        (&[("NO_COLOR", "1"), ("VTE_VERSION", "7600")][..], false),
        (&[("FORCE_HYPERLINK", "1")][..], true),
        (&[("FORCE_HYPERLINK", "0"), ("VTE_VERSION", "7600")][..], false),
        (&[("FORCE_HYPERLINK", "1"), ("TERM", "dumb")][..], false),
    ] {
        assert_eq!(known(variables), expected, "{variables:?}");
    }
}

#[test]
fn text_is_broken_where_it_may_be() {
    assert_eq!(wrap("羊毛帽子，（保暖）不扎人。", 10, "", ""), ["羊毛帽子，", "（保暖）不", "扎人。"]);
    assert_eq!(wrap("a red hat 帽子", 8, "- ", "  "), ["- a red", "  hat 帽", "  子"]);
    assert_eq!(clip("羊毛帽子 wool", 7), "羊毛帽…");
    assert_eq!(clip("hat", 3), "hat");
    let items: Vec<String> = ["¥129", "4.8 stars", "北巷 Northlane"].map(str::to_owned).into();
    assert_eq!(flow(&items, " · ", 18, "  ", "  "), ["  ¥129 · 4.8 stars", "  北巷 Northlane"]);
    assert_eq!(flow(&items, " · ", 8, "", " "), ["¥129", " 4.8", " stars", " 北巷", " Northla", " ne"]);
}

fn card(id: &str, place: usize, title: &str) -> Card {
    let price = Money::parse_amount("129", Currency::CNY).unwrap();
    Card {
        id: ProductId::new(id).unwrap(),
        place,
        title: title.to_owned(),
        link: Link::parse("https://shop.example/x").unwrap(),
        image_link: None,
        price,
        final_price: price,
        price_steps: Vec::new(),
        availability: Availability::InStock,
        brand: None,
        rating: None,
        review_count: None,
        seller: None,
        reason: String::new(),
        meets: Vec::new(),
        unstated: Vec::new(),
        labels: Vec::new(),
        signals: Vec::new(),
    }
}

fn compared(lang: Lang, width: usize) -> String {
    let zh = lang == Lang::Zh;
    let say = |zh_text: &str, en_text: &str| if zh { zh_text.to_owned() } else { en_text.to_owned() };
    let cards = [
        card("a", 1, &say("羊毛呢细竖条纹八角报童帽 侧边金属扣 黑色", "Pinstripe Wool Newsboy Cap with Side Metal Buckle, Black")),
        card("b", 2, &say("羊毛毡礼帽", "Wool Felt Fedora")),
    ];
    let row = |name: String, values: [Option<String>; 2]| ComparisonRow { differs: values[0] != values[1], name, values: values.into() };
    let rows = vec![
        row(say("到手价", "Price"), [Some("¥129".to_owned()), Some("¥239".to_owned())]),
        row(say("适合的头围", "Head size"), [Some(say("五十六到五十八厘米，后面可以调节", "56 to 58 cm, adjustable at the back")), None]),
        row(say("材质", "Material"), [Some(say("羊毛", "wool")), Some(say("羊毛", "wool"))]),
    ];
    let verdict = say("想便宜选第 1 款。", "For the price take pick 1.");
    let comparison = Comparison { products: cards.iter().map(|card| card.id.clone()).collect(), rows, verdict };
    let lines = comparison::comparison(&comparison, &cards, &Numbering::of(&cards, &[]), lang, Style::plain(width));
    assert!(lines.iter().all(|line| columns(line) <= width), "{lines:#?}");
    lines.iter().map(|line| format!("{}\n", line.trim_end())).collect()
}

#[test]
fn products_stand_side_by_side_where_there_is_room() {
    insta::assert_snapshot!("comparison_80_zh", compared(Lang::Zh, 80));
    insta::assert_snapshot!("comparison_80_en", compared(Lang::En, 80));
    insta::assert_snapshot!("comparison_40_zh", compared(Lang::Zh, 40));
    insta::assert_snapshot!("comparison_40_en", compared(Lang::En, 40));
    insta::assert_snapshot!("comparison_20_zh", compared(Lang::Zh, 20));
}

#[test]
fn answers_look_the_same_as_ever() {
    for (name, question) in [("zh", "圆脸戴什么帽子，300以内"), ("en", "noise cancelling headphones under 20 yuan, not in-ear")] {
        let answer = ask(sample_shop(), question).0;
        for width in [80, 40, 20] {
            insta::assert_snapshot!(format!("answer_{width}_{name}"), reply(&answer, Style::plain(width)));
        }
    }
}

#[test]
fn from_a_pipe_every_line_is_a_question() {
    let data = sample_data();
    let chat = || {
        let mut command = assert_cmd::Command::from_std(program());
        command.current_dir(&data).arg("--data").arg(data.path());
        command
    };
    let output = chat().args(["chat", "--json"]).write_stdin("/help\r\n \n/quit\nheadphones under 300").output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let answers: Vec<Value> = String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), 3);
    assert_eq!(answers[2]["outcome"], "products");
    let plain = chat().arg("chat").env("FORCE_HYPERLINK", "1").env("VTE_VERSION", "7000").write_stdin("headphones under 300\n").output().unwrap();
    let text = String::from_utf8(plain.stdout).unwrap();
    assert!(!text.contains('\u{1b}') && !text.contains("a) ") && text.contains(" / "), "{text}");
    assert!(!data.path().join("chat.history").exists(), "what comes from a pipe is not kept");
}

#[test]
fn a_reader_that_has_enough_is_left_quietly() {
    let data = sample_data();
    let mut command = program();
    command.arg("--data").arg(data.path()).arg("chat").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), "headphones\n帽子\n".repeat(3).as_bytes()).unwrap();
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(0), ""));
}
