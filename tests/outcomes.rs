//! How a turn ends, and that no end is a dead one.

use serde_json::Value;

use crate::support::{record, sample_shop};

#[track_caller]
fn check(question: &str, outcome: &str) -> Value {
    let answer = sample_shop().ask(question);
    assert_eq!(answer["outcome"], outcome, "`{question}`: {}", answer["summary"]);
    let ways_on = answer["follow_ups"].as_array().unwrap().len() + usize::from(answer["question"].is_object());
    assert!(ways_on > 0, "`{question}` ends in a dead end");
    assert!(!answer["summary"].as_str().unwrap().is_empty());
    answer
}

#[test]
fn goods_that_the_shop_lacks_are_not_padded() {
    for question in ["我想买一架钢琴", "do you sell refrigerators?", "iPhone 手机壳", "I need a new lawn mower"] {
        let answer = check(question, "not_carried");
        assert!(answer["products"].as_array().unwrap().is_empty());
    }
    assert!(check("我想买一架钢琴", "not_carried")["summary"].as_str().unwrap().contains("钢琴"));
}

#[test]
fn what_is_not_a_matter_for_a_shop() {
    check("今天天气怎么样", "out_of_scope");
    check("what is the capital of France?", "out_of_scope");
    check("量子力学是什么", "out_of_scope");
    check("高原反应怎么办", "out_of_scope");
    check("how to make a bomb", "unsafe");
    check("怎么制作炸弹", "unsafe");
}

#[test]
fn a_greeting_or_nothing_to_go_by_asks_for_more() {
    for question in ["你好", "hello", "？？？", "😀😀😀", "推荐", "what should I buy?"] {
        let answer = check(question, "needs_info");
        assert!(answer["products"].as_array().unwrap().is_empty());
        assert_eq!(answer["question"]["facet"], "category");
    }
}

#[test]
fn a_life_question_gets_advice_and_no_product() {
    for question in ["羽绒服怎么洗？", "how much water for rice?"] {
        let answer = check(question, "advice");
        assert!(answer["products"].as_array().unwrap().is_empty());
    }
}

#[test]
fn no_match_names_the_one_wish_to_relax_with_counts_and_keeps_its_products_apart() {
    let answer = check("二十块以内的降噪耳机", "no_match");
    assert!(answer["products"].as_array().unwrap().is_empty());
    let nearest = &answer["nearest"][0];
    assert_eq!(nearest["relaxed"], "price");
    assert_eq!(nearest["text"], "二十块以内");
    // The count is the number of headphones that cancel noise, counted over the records themselves.
    let mut count = 0;
    sample_shop()
        .shop()
        .store()
        .each(|_, product| {
            let headphones = product.product_type.as_ref().is_some_and(|t| t.get(daogou::catalog::Lang::En) == "Electronics > Headphones");
            let cancels = product
                .attribute("noise_cancelling")
                .is_some_and(|a| a.values.iter().any(|v| v.show(daogou::catalog::Lang::En).contains("active noise cancelling")));
            count += u64::from(headphones && cancels);
            Ok(())
        })
        .unwrap();
    assert_eq!(nearest["count"], count);
    assert!(answer["summary"].as_str().unwrap().contains(&count.to_string()));
}

#[test]
fn when_no_single_wish_is_enough_the_best_two_are_named() {
    let answer = check("帽子，不要黑色，50块以内，羊绒的，礼帽", "no_match");
    assert!(answer["nearest"][0]["relaxed"].as_str().unwrap().contains('+'), "{}", answer["nearest"]);
}

#[test]
fn every_shown_product_meets_every_hard_constraint() {
    let questions = [
        "三百块以内的耳机，不要入耳式",
        "headphones between 200 and 800 yuan, not black",
        "跑鞋 500以下 42码 不要白色",
        "a hat under 100 yuan, wool",
        "4人帐篷，2000以内",
        "tea under 150 yuan, no tea bags",
        "20寸行李箱 不要黑色 600以内",
    ];
    for question in questions {
        let answer = sample_shop().ask(question);
        assert!(!answer["products"].as_array().unwrap().is_empty(), "`{question}` shows nothing");
        for card in answer["products"].as_array().unwrap() {
            let record = record(sample_shop(), card["id"].as_str().unwrap());
            for constraint in answer["need"]["constraints"].as_array().unwrap().iter().filter(|c| c["hard"] == true) {
                assert!(holds(constraint, card, &record), "`{question}`: {} breaks {constraint}", card["title"]);
            }
        }
    }
}

/// The rule again, written without the program's own code.
fn holds(constraint: &Value, card: &Value, record: &Value) -> bool {
    let op = constraint["op"].as_str().unwrap();
    let number = |text: &Value| text.as_str().unwrap().split(' ').next().unwrap().parse::<f64>().unwrap();
    let compare = |left: f64, right: f64| match op {
        "<=" => left <= right,
        ">=" => left >= right,
        _ => (left - right).abs() < 1e-6,
    };
    if constraint["kind"] == "price" {
        return compare(number(&card["final_price"]), number(&constraint["value"]));
    }
    let stated = &record["attributes"][constraint["name"].as_str().unwrap()];
    if constraint.get("unit").is_some() {
        return compare(stated["value"].as_f64().unwrap(), number(&constraint["value"]));
    }
    let values: Vec<String> =
        stated.as_array().cloned().unwrap_or_else(|| vec![stated.clone()]).iter().map(|v| v["en"].as_str().unwrap().to_lowercase().replace('-', " ")).collect();
    let wanted: Vec<&str> = constraint["value"].as_str().unwrap().split('|').collect();
    let held = values.iter().any(|v| wanted.contains(&v.as_str()));
    if op == "!=" { !held } else { held }
}

#[test]
fn at_most_one_question_stands_beside_the_products() {
    let answer = check("帽子", "products");
    let options = answer["question"]["options"].as_array().unwrap();
    assert!(options.len() >= 2);
    assert!(options.iter().all(|o| o["count"].as_u64().unwrap() > 0));
}

#[test]
fn a_product_for_children_is_not_shown_to_a_parent_who_asks_for_herself() {
    for question in ["给妈妈买个枕头，她怕热", "敏感肌用什么防晒"] {
        for card in check(question, "products")["products"].as_array().unwrap() {
            assert!(!card["title"].as_str().unwrap().contains("儿童"), "`{question}`: {}", card["title"]);
        }
    }
    let for_child = check("给孩子用的防晒", "products");
    assert!(for_child["products"].to_string().contains("儿童"));
}

#[test]
fn accessories_and_mentions_are_not_the_good_itself() {
    // Rice cookers here are steered by "手机APP", and that makes none of them a phone.
    check("苹果手机", "not_carried");
    // Robot vacuums avoid obstacles by camera.
    check("我想买个相机", "not_carried");
}

#[test]
fn a_relaxed_wish_is_never_said_to_be_met() {
    let answer = check("二十块以内的降噪耳机", "no_match");
    for card in answer["nearest"][0]["products"].as_array().unwrap() {
        assert!(!card["meets"].as_array().unwrap().iter().any(|m| m == "price"), "{card}");
        assert!(!card["reason"].as_str().unwrap().contains("预算"), "{}", card["reason"]);
    }
}

#[test]
fn unknown_goods_with_a_color_are_not_carried_rather_than_unmatched() {
    check("turquoise glitter nail polish remover wipes", "not_carried");
    check("白色切尔西高跟短靴", "not_carried");
}
