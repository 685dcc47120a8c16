//! Only what a source carries is said, whoever wrote it.

use daogou::answer::Event;
use daogou::answer::grounding::{Frame, Rules, admit};
use daogou::compose::{Part, Passage, Segment, Writing};
use daogou::question::Question;

use crate::support::sample_shop;

/// Sends one passage about the round face through admission; gives the summary and how many were dropped.
fn admitted(part: Part, segments: Vec<Segment>) -> (String, usize) {
    let shop = sample_shop().shop();
    let question = Question::new("圆脸适合什么帽子，300以内").unwrap();
    let need = shop.understand(&question, None).unwrap();
    let found = shop.find(question.text(), need).unwrap();
    let passages = vec![Passage { part, segments }];
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (out, mut events) = tokio::sync::mpsc::channel::<Event>(16);
    let rules = Rules::new(shop.knowledge(), shop.index().analyzer(), &shop.vocabulary(), &Writing::BuiltIn);
    let answer = runtime.block_on(async { admit(passages, Writing::BuiltIn, &found.case, Frame::default(), &rules, &out).await });
    drop(out);
    // Whatever was dropped was not sent either.
    let mut sent = String::new();
    while let Some(event) = events.blocking_recv() {
        if let Event::Summary(text) = event {
            sent = text;
        }
    }
    assert_eq!(sent, answer.summary);
    (answer.summary.clone(), answer.dropped)
}

#[track_caller]
fn dropped(text: &str) {
    let (summary, dropped) = admitted(Part::Summary, vec![Segment::Text(text.to_owned())]);
    assert_eq!((summary.as_str(), dropped), ("", 1), "`{text}` was admitted");
}

#[test]
fn figures_of_no_source_are_dropped() {
    dropped("现在只要 ¥9.9！");
    dropped("已有 123456 人购买。");
    dropped("Only 7777 left.");
    dropped("全角也不行：８８８８ 元。");
}

#[test]
fn links_are_dropped_in_any_notation() {
    for text in ["see https://evil.example/x", "点这里 www.evil.cn", "[buy](//evil)", "到 evil-shop.com 下单", "ＨＴＴＰＳ：／／evil.example"] {
        dropped(text);
    }
}

#[test]
fn a_product_that_is_not_shown_cannot_be_named() {
    let stranger = daogou::catalog::ProductId::new("tent-of-someone-else").unwrap();
    let (summary, count) = admitted(Part::Summary, vec![Segment::Text("推荐".into()), Segment::Product(stranger)]);
    assert_eq!((summary.as_str(), count), ("", 1));
}

#[test]
fn the_shoppers_own_figures_and_the_records_are_admitted() {
    let (summary, count) = admitted(Part::Summary, vec![Segment::Text("300 以内都可以。".into())]);
    assert_eq!((summary.as_str(), count), ("300 以内都可以。", 0));
}

#[test]
fn the_built_in_composer_is_never_caught() {
    for question in [
        "圆脸适合什么帽子",
        "a tent for two under 1500 yuan",
        "敏感肌防晒",
        "suitcase 24 inch",
        "两三百的茶叶 送长辈",
        "quiet robot vacuum",
        "跑鞋 大体重 42码",
        "rice cooker for a family of four",
        "-30度 羽绒服",
        "pillow for side sleepers",
    ] {
        let shop = sample_shop().shop();
        let need = shop.understand(&Question::new(question).unwrap(), None).unwrap();
        let found = shop.find(question, need).unwrap();
        let passages = daogou::compose::plain::compose(&found.case, shop.knowledge());
        let rules = Rules::new(shop.knowledge(), shop.index().analyzer(), &shop.vocabulary(), &Writing::BuiltIn);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (out, _events) = tokio::sync::mpsc::channel::<Event>(256);
        let answer = runtime.block_on(admit(passages, Writing::BuiltIn, &found.case, Frame::default(), &rules, &out));
        assert_eq!(answer.dropped, 0, "`{question}`");
        assert!(answer.products.iter().all(|p| !p.reason.is_empty()));
    }
}
