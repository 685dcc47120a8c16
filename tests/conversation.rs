//! Turns that build on each other.

use serde_json::Value;

use crate::support::{TestShop, sample_shop, shown};

fn talk(shop: &TestShop, turns: &[&str]) -> Vec<Value> {
    let mut session: Option<String> = None;
    let mut answers = Vec::new();
    for turn in turns {
        let answer = shop.turn(turn, session.as_deref());
        session = answer["session"].as_str().map(str::to_owned);
        answers.push(answer);
    }
    answers
}

/// The constraints of an answer, as "name operator value".
fn constraints(answer: &Value) -> Vec<String> {
    let list = answer["need"]["constraints"].as_array().unwrap();
    list.iter()
        .map(|c| format!("{} {} {}", c["name"].as_str().or(c["kind"].as_str()).unwrap(), c["op"].as_str().unwrap(), c["value"].as_str().unwrap()))
        .collect()
}

#[test]
fn small_talk_and_other_goods_do_not_make_it_forget() {
    for turns in [["帽子，三百以内", "今天天气怎么样", "要红色的"], ["a hat under 300", "do you sell refrigerators?", "in red please"]] {
        let answers = talk(sample_shop(), &turns);
        assert_ne!(answers[1]["outcome"], "products");
        assert_eq!(constraints(&answers[2]), ["price <= 300", "color = red"], "{turns:?}");
        assert_eq!(answers[2]["need"]["categories"][0], "Apparel > Hats");
    }
}

#[test]
fn naming_the_same_goods_again_keeps_the_wishes() {
    let answers = talk(sample_shop(), &["电饭煲，五百以内", "电饭煲要银色的"]);
    assert_eq!(constraints(&answers[1]), ["price <= 500", "color = silver"]);
    let other = talk(sample_shop(), &["电饭煲，五百以内", "那看看帐篷"]);
    assert!(constraints(&other[1]).is_empty());
}

#[test]
fn no_facet_is_asked_about_twice() {
    let answers = talk(sample_shop(), &["a tent", "any others?", "some more", "any others?", "more please"]);
    let asked: Vec<&str> = answers.iter().filter_map(|a| a["question"]["facet"].as_str()).collect();
    let mut once = asked.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(asked.len(), once.len(), "asked about {asked:?}");
    assert!(asked.len() > 1);
}

#[test]
fn what_only_other_goods_are_made_of_can_be_refused() {
    for (question, text) in [("保温杯，不要塑料的", "不要塑料"), ("a water bottle, no plastic", "no plastic")] {
        let answer = sample_shop().ask(question);
        let refused = &answer["need"]["constraints"][0];
        assert_eq!((refused["kind"].as_str(), refused["op"].as_str(), refused["text"].as_str()), (Some("title"), Some("!="), Some(text)), "{refused}");
    }
}

#[test]
fn a_word_may_be_figure_and_unit_at_once() {
    for question in ["双人帐篷", "給我一頂雙人帳篷", "两人帐篷", "a two-person tent"] {
        let bounds = constraints(&sample_shop().ask(question));
        assert!(bounds.iter().any(|c| c.starts_with("capacity >= 2")), "{question}: {bounds:?}");
    }
}

#[test]
fn a_thing_can_be_named_by_what_it_is_for() {
    for question in ["something to keep my tea hot until noon", "早上的咖啡到中午还是热的，用什么装"] {
        assert_eq!(sample_shop().ask(question)["need"]["categories"][0], "Kitchen Appliances > Thermos Cups", "{question}");
    }
}

#[test]
fn what_a_property_is_called_asks_for_it_in_both_languages() {
    for (question, wish) in [
        ("防水登山鞋", "waterproof ="),
        ("waterproof hiking boots", "waterproof ="),
        ("双肩包，防水，能装15.6寸电脑", "laptop_size ="),
        ("a waterproof backpack for a 15.6 inch laptop", "laptop_size ="),
        ("防紫外线的墨镜", "uv_protection ="),
    ] {
        let answer = sample_shop().ask(question);
        assert_eq!(answer["need"]["categories"].as_array().unwrap().len(), 1, "{question}: {}", answer["need"]);
        assert!(constraints(&answer).iter().any(|c| c.starts_with(wish)), "{question}: {}", answer["need"]);
    }
}

#[test]
fn when_everything_was_shown_that_is_said() {
    for (begin, more, said) in [("贝雷帽", "还有别的吗", "都看过了"), ("a beret", "anything else?", "everything that fits")] {
        let answers = talk(sample_shop(), &[&[begin][..], &[more; 5]].concat());
        let mut seen: Vec<String> = Vec::new();
        let mut repeated = false;
        for answer in &answers {
            let ids = shown(answer);
            let known = ids.iter().all(|id| seen.contains(id));
            repeated |= known;
            assert_eq!(answer["notices"].to_string().contains(said), known, "{begin}: {ids:?} after {seen:?}");
            seen.extend(ids);
        }
        assert!(repeated, "{begin}: {seen:?}");
    }
}

#[test]
fn the_language_is_the_shoppers() {
    let lang = |question: &str| sample_shop().ask(question)["lang"].as_str().unwrap().to_owned();
    assert_eq!(lang("need a 报童帽 that isn't black, under 200 please"), "en");
    assert_eq!(lang("想要一个 noise cancelling 的耳机"), "zh");
    assert_eq!(lang("wo xiang mai yi ding mao zi"), "zh");
    assert_eq!(lang("SPF50 防晒"), "zh");
    assert_eq!(lang("hat for women"), "en");
    // A bare figure has no language of its own.
    let answers = talk(sample_shop(), &["跑鞋，女款", "38"]);
    assert_eq!(answers[1]["lang"], "zh");
}

#[test]
fn a_denied_bound_is_the_other_bound() {
    let price = |question: &str| constraints(&sample_shop().ask(question)).into_iter().filter(|c| c.starts_with("price")).collect::<Vec<_>>();
    assert_eq!(price("headphones, nothing over 800"), ["price <= 800"]);
    assert_eq!(price("headphones, nothing cheaper than 1000"), ["price >= 1000"]);
    assert_eq!(price("耳机，不要超过500的"), ["price <= 500"]);
}

#[test]
fn the_cheapest_come_first_and_meet_every_wish() {
    let shop = sample_shop();
    for question in ["最便宜的双人帐篷有哪些", "which tents are the cheapest?", "the cheapest hat that is not black"] {
        let answer = shop.ask(question);
        let prices: Vec<f64> =
            answer["products"].as_array().unwrap().iter().map(|p| p["final_price"].as_str().unwrap().split(' ').next().unwrap().parse().unwrap()).collect();
        assert!(prices.windows(2).all(|pair| pair[0] <= pair[1]), "`{question}`: {prices:?}");
        assert_eq!(shown(&answer).len(), 3);
    }
}
