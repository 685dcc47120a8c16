//! Questions of life: the role that answers, the kit, its quantities, its budget, and advice that needs no product.

use daogou::catalog::Money;
use daogou::need::{Intent, Persona};
use daogou::question::Question;
use serde_json::Value;

use crate::support::{record, sample_shop, shown};

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().unwrap()
}

fn minor(value: &Value) -> i64 {
    Money::parse(value.as_str().unwrap()).unwrap().minor()
}

/// What the first product of every slot comes to, from the catalog's records.
fn cost_by_records(answer: &Value) -> i64 {
    let price = |id: &str| {
        let record = record(sample_shop(), id);
        minor(record.get("sale_price").unwrap_or(&record["price"]))
    };
    list(&answer["kit"], "slots").iter().map(|slot| price(slot["products"][0].as_str().unwrap()) * slot["quantity"].as_i64().unwrap()).sum()
}

#[test]
fn a_meal_for_so_many_people_is_a_kit_that_adds_up() {
    for (question, people) in [
        ("六个人在家吃火锅要买什么", 6),
        ("周末请朋友来家里吃火锅，一共8个人，要准备哪些东西", 8),
        ("What do I need for a hotpot at home for six people?", 6),
        ("hot pot at home for 3 people, shopping list please", 3),
    ] {
        let answer = sample_shop().ask(question);
        assert_eq!(answer["outcome"], "products", "`{question}`");
        assert_eq!(answer["persona"], "food", "`{question}`");
        assert_eq!(answer["kit"]["people"], people, "`{question}`");
        assert_eq!(answer["need"]["party"]["people"], people);
        assert_eq!(minor(&answer["kit"]["total"]), cost_by_records(&answer), "`{question}`");
        let mut listed: Vec<String> =
            list(&answer["kit"], "slots").iter().flat_map(|slot| list(slot, "products")).map(|id| id.as_str().unwrap().to_owned()).collect();
        let mut cards = shown(&answer);
        listed.sort();
        cards.sort();
        assert_eq!(listed, cards, "`{question}`");
        assert!(list(&answer, "products").iter().all(|card| !list(card, "labels").is_empty() && card["reason"] != ""));
        let total = Money::parse(answer["kit"]["total"].as_str().unwrap()).unwrap().pretty();
        assert!(answer["summary"].as_str().unwrap().contains(&total), "`{question}`: {}", answer["summary"]);
    }
}

#[test]
fn more_people_need_more() {
    let total = |question: &str| minor(&sample_shop().ask(question)["kit"]["total"]);
    assert!(total("十个人在家吃火锅要买什么") > total("两个人在家吃火锅要买什么") * 2);
    assert!(total("What do I need for a hotpot at home for 10 people?") > total("What do I need for a hotpot at home for 2 people?") * 2);
}

#[test]
fn a_budget_is_for_the_whole_kit() {
    for question in ["四个人在家吃火锅要准备什么，一共250以内", "hotpot at home for 4 people, under 250 yuan in total, what do I need?"] {
        let answer = sample_shop().ask(question);
        assert_eq!(answer["outcome"], "products", "`{question}`");
        assert!(cost_by_records(&answer) <= 25_000, "`{question}`");
    }
    for question in ["四个人在家吃火锅要准备什么，一共20块以内", "hotpot at home for 4 people, under 20 yuan in total, what do I need?"] {
        let answer = sample_shop().ask(question);
        assert_eq!(answer["outcome"], "no_match", "`{question}`");
        assert!(shown(&answer).is_empty());
        assert_eq!(answer["nearest"][0]["relaxed"], "price");
        assert!(!list(&answer["nearest"][0], "products").is_empty());
    }
}

#[test]
fn who_eats_decides_what_is_bought() {
    let categories = |question: &str| -> Vec<String> {
        let answer = sample_shop().ask(question);
        assert_eq!(answer["kit"]["scene"], "hotpot-at-home", "`{question}`");
        shown(&answer).iter().map(|id| record(sample_shop(), id)["product_type"]["en"].as_str().unwrap().to_owned()).collect()
    };
    let meat = "Food & Drink > Fresh Meat & Seafood";
    assert!(categories("四个人在家吃火锅要买什么").iter().any(|c| c == meat));
    for question in ["四个人在家吃火锅要买什么，都吃素", "What do I need for a hotpot at home? We are vegetarian."] {
        assert!(!categories(question).iter().any(|c| c == meat), "`{question}`");
    }
    for question in ["四个人在家吃火锅要买什么，不要羊肉", "hotpot at home for four people, what do I need? No lamb please"] {
        for id in shown(&sample_shop().ask(question)) {
            let cut = record(sample_shop(), &id)["attributes"]["cut"].to_string();
            assert!(!cut.contains('羊'), "`{question}`: {id}");
        }
    }
}

#[test]
fn the_role_is_chosen_by_what_is_asked() {
    for (question, persona) in [
        ("红烧肉怎么做", "food"),
        ("how do I make red-braised pork belly at home", "food"),
        ("周末去三亚玩五天要带什么", "travel"),
        ("what should I pack for a week at the beach", "travel"),
        ("浴室墙上长霉怎么办", "life"),
        ("how do I get rid of mold in my bathroom", "life"),
        ("帮我写一段生日祝福给妈妈", "writer"),
        ("what should I write in a birthday card for my mom", "writer"),
        ("送女朋友什么生日礼物好", "guide"),
        ("gift ideas for my teacher", "guide"),
        ("圆脸适合什么帽子", "guide"),
        ("which hat suits a round face", "guide"),
    ] {
        assert_eq!(sample_shop().ask(question)["persona"], persona, "`{question}`");
    }
}

#[test]
fn a_role_can_be_forced() {
    let mut question = Question::new("妈妈的生日").unwrap();
    question.persona = Some(Persona::Writer);
    let need = sample_shop().shop().understand(&question, None).unwrap();
    assert_eq!((need.persona, need.intent), (Persona::Writer, Intent::Scene("birthday-words".to_owned())));
    let mut question = Question::new("圆脸适合什么帽子").unwrap();
    question.persona = Some(Persona::Life);
    let need = sample_shop().shop().understand(&question, None).unwrap();
    assert_eq!((need.persona, need.intent), (Persona::Life, Intent::Shop));
}

#[test]
fn a_product_that_is_named_is_what_is_wanted() {
    for (question, category) in [
        ("去三亚要带什么防晒霜", "Beauty > Sunscreen"),
        ("which sunscreen should I bring to the beach", "Beauty > Sunscreen"),
        ("火锅底料哪个好吃", "Food & Drink > Hotpot Bases"),
        ("a sleeping bag for my first camping trip", "Sports & Outdoors > Sleeping Bags"),
        ("露营用的睡袋", "Sports & Outdoors > Sleeping Bags"),
        ("送岳父的茶叶，500以内", "Food & Drink > Tea"),
        ("a scarf as a gift for my mother", "Apparel > Scarves"),
    ] {
        let answer = sample_shop().ask(question);
        assert_eq!(answer["need"]["categories"], serde_json::json!([category]), "`{question}`");
        assert!(answer["kit"].is_null(), "`{question}`");
    }
}

#[test]
fn a_kit_can_be_talked_over() {
    let shop = sample_shop();
    for (session, turns) in [
        ("kit-zh", ["四个人在家吃火锅要买什么", "那六个人呢", "不要辣的", "一共400以内"]),
        ("kit-en", ["what do I need for a hotpot at home for four people?", "what about six people?", "nothing spicy please", "under 400 yuan in total"]),
    ] {
        let mut last = Value::Null;
        for (place, turn) in turns.iter().enumerate() {
            last = shop.turn(turn, Some(session));
            assert_eq!(last["kit"]["scene"], "hotpot-at-home", "`{turn}`");
            assert_eq!(last["kit"]["people"], if place == 0 { 4 } else { 6 }, "`{turn}`");
        }
        assert!(cost_by_records(&last) <= 40_000);
        assert!(list(&last["need"], "traits").iter().any(|t| t["id"] == "no-spicy"), "what was said before still holds");
    }
}

#[test]
fn a_question_that_needs_no_product_gets_advice_alone() {
    for question in [
        "戴耳机开多大音量不伤耳朵",
        "How loud is too loud if I wear headphones all day?",
        "My down jacket came out of the washing machine full of clumps. How do I rescue it?",
        "羽绒服洗完结块了怎么办",
    ] {
        let answer = sample_shop().ask(question);
        assert_eq!(answer["outcome"], "advice", "`{question}`");
        assert!(shown(&answer).is_empty());
        assert!(list(&answer, "dimensions").len() >= 3, "`{question}`");
        assert!(list(&answer, "dimensions").iter().all(|d| d["evidence"][0]["kind"] == "scene"), "`{question}`");
        assert!(!list(&answer, "follow_ups").is_empty());
    }
}

#[test]
fn another_recipient_gets_other_words() {
    let texts = |question: &str| -> String {
        let answer = sample_shop().ask(question);
        assert_eq!(answer["persona"], "writer", "`{question}`");
        list(&answer, "dimensions").iter().map(|d| d["advice"].as_str().unwrap()).collect()
    };
    assert_ne!(texts("帮我写一段生日祝福给妈妈"), texts("帮我写一段生日祝福给同事"));
    assert_ne!(texts("what should I write in a birthday card for my mom"), texts("what should I write in a birthday card for a colleague"));
}

#[test]
fn ideas_are_for_this_person_and_each_within_the_budget() {
    let ideas = |question: &str| {
        let answer = sample_shop().ask(question);
        assert_eq!(answer["kit"]["ideas"], true, "`{question}`");
        assert!(answer["kit"]["total"].is_null(), "ideas are no sum");
        let products = list(&answer, "products");
        assert!(products.len() >= 3, "`{question}`");
        assert!(products.iter().all(|p| minor(&p["final_price"]) <= 30_000), "`{question}`");
        shown(&answer)
    };
    assert_ne!(ideas("送老师什么礼物好，300以内"), ideas("送女朋友什么礼物好，300以内"));
    assert_ne!(ideas("gift ideas for my teacher under 300 yuan"), ideas("gift ideas for my girlfriend under 300 yuan"));
}

#[test]
fn every_scene_is_found_by_its_own_phrases() {
    let shop = sample_shop().shop();
    let mut missed = Vec::new();
    for scene in &shop.knowledge().scenes {
        for phrase in scene.asks.each().filter(|phrase| !phrase.contains('*')) {
            let need = shop.understand(&Question::new(phrase).unwrap(), None).unwrap();
            if need.intent != Intent::Scene(scene.id.clone()) {
                missed.push(format!("`{phrase}` asks for {}, understood {:?}", scene.id, need.intent));
            }
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}
