//! The main job: a need in, advice in dimensions with products out.

use daogou::answer::Event;
use daogou::off_thread::RETRIEVAL;
use daogou::question::Question;
use serde_json::Value;

use crate::support::{Program, record, sample_shop, shown};

const ZH: &str = "我是大圆脸，怎么挑一顶显脸小的帽子？";
const EN: &str = "My face is a big round face, how do you choose a hat?";

fn dimension_ids(answer: &Value) -> Vec<&str> {
    answer["dimensions"].as_array().unwrap().iter().map(|d| d["id"].as_str().unwrap()).collect()
}

#[test]
fn a_round_face_gets_five_dimensions_and_three_hats_in_both_languages() {
    for (question, lang, word) in [(ZH, "zh", "脸"), (EN, "en", "face")] {
        let answer = sample_shop().ask(question);
        assert_eq!(answer["schema"], "daogou.answer/1");
        assert_eq!(answer["outcome"], "products");
        assert_eq!(answer["lang"], lang);
        assert_eq!(answer["need"]["categories"][0], "Apparel > Hats");
        assert_eq!(answer["need"]["traits"][0]["id"], "round-face");
        assert_eq!(dimension_ids(&answer), ["shape", "color", "material", "size", "decoration"]);
        assert_eq!(answer["products"].as_array().unwrap().len(), 3);
        for dimension in answer["dimensions"].as_array().unwrap() {
            let cited = dimension["evidence"].as_array().unwrap().iter().any(|e| e["ref"].as_str().unwrap().ends_with(".round-face"));
            assert!(cited, "{} does not answer the round face", dimension["id"]);
            assert!(dimension["advice"].as_str().unwrap().contains(word), "{}: {}", dimension["id"], dimension["advice"]);
        }
    }
}

#[test]
fn what_is_advised_is_what_is_shown() {
    for question in [ZH, EN, "敏感肌用什么防晒", "a robot vacuum for my long-haired cats", "腰疼，想买把办公椅", "running shoes for flat feet"]
    {
        let answer = sample_shop().ask(question);
        for product in answer["products"].as_array().unwrap() {
            let id = product["id"].as_str().unwrap();
            let followed = answer["dimensions"].as_array().unwrap().iter().filter(|d| d["products"].as_array().unwrap().iter().any(|p| p == id)).count();
            assert!(followed >= 2, "`{question}`: {id} follows only {followed} dimensions");
        }
    }
}

#[test]
fn everything_printed_of_a_product_is_the_catalogs() {
    let answer = sample_shop().ask(ZH);
    for card in answer["products"].as_array().unwrap() {
        let record = record(sample_shop(), card["id"].as_str().unwrap());
        assert_eq!(card["title"], record["title"]["zh"]);
        for field in ["link", "price", "availability", "rating", "review_count"] {
            assert_eq!(card[field], record[field], "{field}");
        }
        let sale = record.get("sale_price").unwrap_or(&record["price"]);
        assert_eq!(card["final_price"], *sale);
    }
}

#[test]
fn two_shoppers_get_different_advice_and_different_hats() {
    let (round, long) = (sample_shop().ask("圆脸适合什么帽子"), sample_shop().ask("长脸适合什么帽子"));
    let prefer = |answer: &Value| answer["dimensions"][0]["prefer"].clone();
    assert_ne!(prefer(&round), prefer(&long));
    assert_ne!(shown(&round), shown(&long));
}

#[test]
fn the_program_prints_the_answer_and_builds_the_index_first() {
    let program = Program::new();
    let output = program.run(&["ask", ZH]);
    assert!(output.status.success());
    let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    for name in ["帽型", "颜色", "材质", "尺寸", "装饰"] {
        assert!(out.contains(name), "no {name} in {out}");
    }
    assert_eq!(out.matches("https://shop.daogou.example/item/").count(), 3);
    assert!(err.contains("index built in"), "{err}");
    // The second time the index is there.
    let again = program.run(&["ask", "--json", EN]);
    assert!(!String::from_utf8_lossy(&again.stderr).contains("index built"));
    let answer: Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!(answer["lang"], "en");
}

#[test]
fn links_in_the_text_are_catalog_links() {
    let program = Program::new();
    let out = program.ok(&["ask", EN]);
    for link in out.split_whitespace().filter(|word| word.starts_with("http")) {
        let id = link.strip_prefix("https://shop.daogou.example/item/").unwrap_or_else(|| panic!("foreign link {link}"));
        assert_eq!(record(sample_shop(), id)["link"], link);
    }
}

#[test]
fn chat_answers_line_by_line_in_order() {
    let program = Program::new();
    let output = program.command().args(["chat", "--json"]).write_stdin("圆脸戴什么帽子\n\nheadphones under 300 yuan\n").output().unwrap();
    let langs: Vec<String> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["lang"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(langs, ["zh", "en"]);
}

#[test]
fn a_refining_turn_keeps_the_category_and_the_earlier_wishes() {
    let shop = sample_shop();
    shop.turn("圆脸戴什么帽子，不要黑色", Some("refine"));
    let answer = shop.turn("两百以内的", Some("refine"));
    assert_eq!(answer["need"]["categories"][0], "Apparel > Hats");
    let names: Vec<&str> = answer["need"]["constraints"].as_array().unwrap().iter().map(|c| c["kind"].as_str().unwrap()).collect();
    assert_eq!(names, ["attribute", "price"]);
    assert_eq!(answer["need"]["traits"][0]["id"], "round-face");
}

#[test]
fn more_of_the_same_repeats_nothing_and_a_wish_can_be_taken_back() {
    let shop = sample_shop();
    let first = shown(&shop.turn("圆脸戴什么帽子，200以内", Some("more")));
    let second = shop.turn("还有别的吗", Some("more"));
    assert_eq!(second["need"]["categories"][0], "Apparel > Hats");
    assert!(shown(&second).iter().all(|id| !first.contains(id)), "{first:?} {:?}", shown(&second));
    let third = shop.turn("预算无所谓", Some("more"));
    assert_eq!(third["need"]["constraints"].as_array().unwrap().len(), 0);
    assert_eq!(third["need"]["traits"][0]["id"], "round-face");
}

#[test]
fn the_follow_ups_of_a_no_match_lead_to_products() {
    let shop = sample_shop();
    for (place, question) in ["二十块以内的降噪耳机，不要入耳式", "noise cancelling headphones under 20 yuan, not in-ear"].into_iter().enumerate()
    {
        let session = format!("relax-{place}");
        let answer = shop.turn(question, Some(&session));
        assert_eq!(answer["outcome"], "no_match");
        let follow_up = answer["follow_ups"][0].as_str().unwrap().to_owned();
        let next = shop.turn(&follow_up, Some(&session));
        assert_eq!(next["outcome"], "products", "`{follow_up}`: {}", next["summary"]);
        assert!(!next["need"]["constraints"].to_string().contains("\"price\""), "{}", next["need"]);
    }
}

#[test]
fn what_was_understood_is_sent_while_all_searches_are_busy() {
    let shop = sample_shop();
    for text in [ZH, EN, "四个人吃火锅要买什么？"] {
        shop.runtime().block_on(async {
            let (let_go, busy) = std::sync::mpsc::channel::<()>();
            let busy = std::sync::Arc::new(std::sync::Mutex::new(busy));
            let cores = std::thread::available_parallelism().map_or(2, usize::from);
            let searches = (0..cores).map(|_| {
                let busy = std::sync::Arc::clone(&busy);
                // Ends when the sender is dropped.
                RETRIEVAL.run(move || Ok(busy.lock().unwrap().recv().is_err()))
            });
            let (out, mut events) = tokio::sync::mpsc::channel(64);
            let question = Question::new(text).unwrap();
            let watch = async {
                assert!(matches!(events.recv().await, Some(Event::Need(_))));
                drop(let_go);
                assert!(matches!(events.recv().await, Some(Event::Products(offer)) if !offer.products.is_empty()));
                events
            };
            let (_, answer, _events) = tokio::join!(futures::future::join_all(searches), shop.assistant().ask(&question, &out), watch);
            assert!(!answer.unwrap().products.is_empty());
        });
    }
}
