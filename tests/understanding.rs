//! What is understood of a question, case by case: constraints as `name op value`, with `~` before soft ones.

use serde_json::Value;

use crate::support::sample_shop;

fn constraints(answer: &Value) -> String {
    let show = |c: &Value| {
        let name = c.get("name").unwrap_or(&c["kind"]).as_str().unwrap();
        let unit = c.get("unit").and_then(Value::as_str).unwrap_or("");
        format!("{}{name} {} {}{unit}", if c["hard"] == true { "" } else { "~" }, c["op"].as_str().unwrap(), c["value"].as_str().unwrap())
    };
    answer["need"]["constraints"].as_array().unwrap().iter().map(show).collect::<Vec<_>>().join("; ")
}

#[track_caller]
fn check(question: &str, category: &str, expected: &str) {
    let answer = sample_shop().ask(question);
    let categories: Vec<&str> = answer["need"]["categories"].as_array().unwrap().iter().map(|c| c.as_str().unwrap()).collect();
    assert_eq!(categories.join(", "), category, "`{question}`");
    assert_eq!(constraints(&answer), expected, "`{question}`");
}

#[track_caller]
fn check_traits(question: &str, expected: &[&str]) {
    let answer = sample_shop().ask(question);
    let traits: Vec<&str> = answer["need"]["traits"].as_array().unwrap().iter().map(|t| t["id"].as_str().unwrap()).collect();
    assert_eq!(traits, expected, "`{question}`");
}

const HEADPHONES: &str = "Electronics > Headphones";
const HATS: &str = "Apparel > Hats";
const SHOES: &str = "Sports & Outdoors > Running Shoes";
const CHAIRS: &str = "Home > Office Chairs";
const TEA: &str = "Food & Drink > Tea";

#[test]
fn budgets_in_chinese() {
    check("三百块以内的耳机", HEADPHONES, "price <= 300");
    check("耳机，两三百", HEADPHONES, "price >= 200; price <= 300");
    check("500到800的耳机", HEADPHONES, "price >= 500; price <= 800");
    check("一千左右的耳机", HEADPHONES, "price >= 850; price <= 1150");
    check("耳机 不超过一千五", HEADPHONES, "price <= 1500");
    check("耳机 预算500", HEADPHONES, "price <= 500");
    check("２００元以下的耳机", HEADPHONES, "price <= 200");
    check("五百以內的耳機", HEADPHONES, "price <= 500");
    check("超过1000的都不要，跑鞋", SHOES, "price <= 1000");
    check("一百多的帽子", HATS, "price >= 100; price <= 200");
    check("帽子要100块以上的", HATS, "price >= 100");
}

#[test]
fn budgets_in_english() {
    check("headphones under 300 yuan", HEADPHONES, "price <= 300");
    check("headphones around 1500", HEADPHONES, "price >= 1275; price <= 1725");
    check("headphones between 200 and 400 yuan", HEADPHONES, "price >= 200; price <= 400");
    check("hats, at most two hundred yuan", HATS, "price <= 200");
    check("a hat for 50 to 80 yuan", HATS, "price >= 50; price <= 80");
    check("an office chair over 1,000 rmb", CHAIRS, "price >= 1000");
}

#[test]
fn a_budget_in_another_currency_is_converted_and_said_so() {
    let answer = sample_shop().ask("headphones under $50");
    let price = &answer["need"]["constraints"][0];
    assert_eq!((price["currency"].as_str(), price["value"].as_str()), (Some("CNY"), Some("355")));
    assert_eq!(price["stated"], serde_json::json!({"value": "50", "currency": "USD"}));
    assert_eq!(price["text"], "under $50");
    assert!(answer["notices"][0].as_str().unwrap().contains("$50"));
}

#[test]
fn cheap_is_a_preference_and_never_a_limit() {
    for question in ["便宜点的耳机", "cheap headphones"] {
        check(question, HEADPHONES, "");
        check_traits(question, &["budget-low"]);
    }
}

#[test]
fn values_wanted_and_ruled_out() {
    check("帽子，不要黑色", HATS, "color != black");
    check("帽子 黑色的不要", HATS, "color != black");
    check("a hat, not black", HATS, "color != black");
    check("不要黑色和灰色的帽子", HATS, "color != black; color != gray");
    check("no black or gray hats", HATS, "color != black; color != gray");
    check("黑色或者白色的帽子", HATS, "color in black|white");
    check("羊毛帽子", HATS, "material = wool");
    check("除了真皮以外的办公椅", CHAIRS, "material != leather");
    check("headphones, not in-ear", HEADPHONES, "type != in ear headphones");
    check("sunscreen without alcohol", "Beauty > Sunscreen", "alcohol = alcohol free");
    check("tea, but no tea bags", TEA, "form != tea bag");
}

#[test]
fn a_value_is_not_met_by_its_opposite_nor_by_a_longer_neighbor() {
    // 无防水等级 contains 防水, and 中长款 contains 长款.
    for (question, attribute, wanted) in [("防水的耳机", "water_resistance", "IPX7"), ("长款羽绒服", "length", "长款")] {
        let answer = sample_shop().ask(question);
        for card in answer["products"].as_array().unwrap() {
            let record = crate::support::record(sample_shop(), card["id"].as_str().unwrap());
            let stated = &record["attributes"][attribute];
            let values: Vec<String> =
                stated.as_array().cloned().unwrap_or_else(|| vec![stated.clone()]).iter().map(|v| v["zh"].as_str().unwrap().to_owned()).collect();
            assert!(values.iter().any(|v| v.starts_with(wanted)), "`{question}` shows {values:?}");
        }
    }
}

#[test]
fn what_is_ruled_out_may_be_part_of_a_values_name() {
    check("防晒霜，不要喷雾", "Beauty > Sunscreen", "form != sunscreen spray");
}

#[test]
fn wishes_that_are_not_rules() {
    check("帽子，最好是灰色", HATS, "~color = gray");
    check("a hat, preferably gray", HATS, "~color = gray");
    check("帽子黑色还是白色好看", HATS, "~color in black|white");
}

#[test]
fn measures_and_sizes() {
    check("20寸的行李箱", "Apparel > Suitcases", "size = 20in");
    check("24-inch suitcase", "Apparel > Suitcases", "size = 24in");
    check("2公斤以内的帐篷", "Sports & Outdoors > Tents", "weight <= 2kg");
    check("a tent under 4 lb", "Sports & Outdoors > Tents", "weight <= 4lb");
    check("4人帐篷", "Sports & Outdoors > Tents", "~capacity <= 6people; capacity >= 4people");
    check("SPF50以上的防晒霜", "Beauty > Sunscreen", "spf >= 50spf");
    check("跑鞋 42码", SHOES, "size = eu 42");
    check("枕头，10厘米左右", "Home > Pillows", "height >= 9cm; height <= 11cm");
}

#[test]
fn a_bound_belongs_to_the_figure_it_stands_at() {
    check("a tent for 4 people under 1500 yuan", "Sports & Outdoors > Tents", "~capacity <= 6people; capacity >= 4people; price <= 1500");
    check("跑鞋500以内42码", SHOES, "price <= 500; size = eu 42");
}

#[test]
fn the_shoppers_own_weight_is_no_constraint() {
    check("office chair, I weigh 130 kg", CHAIRS, "");
    check("跑鞋，我体重90公斤", SHOES, "");
}

#[test]
fn kinds_of_a_product_name_its_category() {
    check("贝雷帽", HATS, "shape = beret");
    check("a bucket hat", HATS, "shape = bucket hat");
    check("乌龙茶", TEA, "type = oolong");
}

#[test]
fn the_head_noun_decides() {
    check("帐篷里用的枕头", "Home > Pillows", "");
    check("a pillow for my tent", "Home > Pillows", "");
    check("帽子 防晒", HATS, "");
}

#[test]
fn traits_in_both_languages() {
    check_traits("脸有点圆，戴什么帽子", &["round-face"]);
    check_traits("a hat for my chubby face", &["round-face"]);
    check_traits("腰不好，买什么办公椅", &["back-pain"]);
    check_traits("running shoes for a heavy runner", &["heavy"]);
    check_traits("去哈尔滨穿的羽绒服", &["extreme-cold"]);
}

#[test]
fn a_denied_trait_is_dropped() {
    check_traits("我不是油皮，用什么防晒", &[]);
}

#[test]
fn question_words_never_reach_the_index() {
    for question in ["can you suggest a hat", "有没有推荐的帽子", "帽子怎么选", "which hat should I get please"] {
        let hits = sample_shop().search(question, 5);
        assert!(hits.need.words.is_empty(), "`{question}`: {:?}", hits.need.words);
    }
}

#[test]
fn pinyin_typos_and_wrong_characters_of_the_same_sound() {
    check("maozi", HATS, "");
    check("冒子", HATS, "");
    check("headfones under 300 yuan", HEADPHONES, "price <= 300");
    let answer = sample_shop().ask("suitcsae");
    assert_eq!(answer["need"]["categories"][0], "Apparel > Suitcases");
    assert!(answer["notices"][0].as_str().unwrap().contains("suitcsae"));
}

#[test]
fn every_constraint_quotes_the_shopper() {
    let question = "三百块以内的耳机，不要黑色，最好是头戴式";
    let answer = sample_shop().ask(question);
    for constraint in answer["need"]["constraints"].as_array().unwrap() {
        assert!(question.contains(constraint["text"].as_str().unwrap()), "{constraint}");
    }
}

#[test]
fn a_single_character_can_rule_a_value_out() {
    let answer = sample_shop().ask("适合办公室喝的茶，不要太浓");
    assert_eq!(answer["outcome"], "products");
    for id in crate::support::shown(&answer) {
        let record = crate::support::record(sample_shop(), &id);
        assert!(!record["attributes"]["body"]["zh"].as_str().unwrap_or_default().contains('浓'), "`{id}` is strong");
    }
}
