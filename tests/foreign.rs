//! Catalogs that no guide was written for: dimensions still come out, all of them the catalog's own facts.

use serde_json::{Value, json};

use crate::support::{Program, TestShop, shared_data};

/// Twelve desks of two materials, with a width, a brand and reviews.
fn desks() -> Vec<Value> {
    (0..12)
        .map(|n| {
            let oak = n % 2 == 0;
            let (brand, finish) = (["Nordbo", "Plank", "Ferro"][n % 3], ["matte", "gloss", "oiled"][n % 3]);
            json!({
                "id": format!("desk-{n}"), "title": format!("{} Writing Desk {}", if oak { "Oak" } else { "Steel" }, 80 + n * 10),
                "link": format!("https://shop.example/desk-{n}"), "price": format!("{}.00 USD", if oak { 300 + n * 10 } else { 150 + n * 5 }),
                "product_type": "Office > Desks", "brand": brand,
                "attributes": {"material": if oak { "oak" } else { "steel" }, "width": {"value": 80 + n * 10, "unit": "cm"}, "finish": finish},
                "rating": if oak { 4.8 } else { 4.1 }, "review_count": 40,
                "reviews": [{"text": if oak { "Very sturdy and easy to assemble." } else { "Easy to assemble, but it wobbles." }, "rating": 4}]
            })
        })
        .collect()
}

#[test]
fn dimensions_come_from_the_catalog_itself() {
    let shop = TestShop::with(&desks());
    let answer = shop.ask("I need a writing desk under $250");
    assert_eq!(answer["outcome"], "products");
    let dimensions = answer["dimensions"].as_array().unwrap();
    assert!(dimensions.len() >= 4, "{dimensions:#?}");
    for dimension in dimensions {
        assert!(!dimension["evidence"].as_array().unwrap().is_empty());
        assert!(dimension["advice"].as_str().unwrap().ends_with(['.', '。']), "a whole sentence: {}", dimension["advice"]);
    }
    for card in answer["products"].as_array().unwrap() {
        let price: f64 = card["final_price"].as_str().unwrap().trim_end_matches(" USD").parse().unwrap();
        assert!(price <= 250.0);
    }
}

#[test]
fn the_counts_in_the_advice_are_those_of_a_brute_force_count() {
    let rows = desks();
    let shop = TestShop::with(&rows);
    let answer = shop.ask("writing desk");
    let material = answer["dimensions"].as_array().unwrap().iter().find(|d| d["id"] == "material").expect("material splits the desks");
    let oak = rows.iter().filter(|r| r["attributes"]["material"] == "oak").count();
    let text = material["advice"].as_str().unwrap();
    assert!(text.contains(&format!("oak ({oak}")), "{text}");
    assert_eq!(material["evidence"][0]["kind"], "facet");
    // Buyers rate oak better, so it is what the plan prefers, and what is shown first.
    assert_eq!(material["prefer"][0], "oak");
    assert!(answer["products"][0]["title"].as_str().unwrap().starts_with("Oak"));
}

#[test]
fn a_chinese_question_finds_english_goods_by_the_lexicon() {
    let rows = [json!({"id": "t1", "title": "Bath Towel 70 x 140", "link": "https://shop.example/t1", "price": "12.00 USD"})];
    let answer = TestShop::with(&rows).ask("有没有毛巾");
    assert_eq!(answer["outcome"], "products", "{}", answer["summary"]);
    assert_eq!(answer["products"][0]["id"], "t1");
}

#[test]
fn a_guide_applies_to_another_shops_category_of_the_same_name() {
    let hat = |id: &str, title: &str, kind: &str| json!({"id": id, "title": title, "link": format!("https://shop.example/{id}"), "price": "80.00 CNY", "product_type": "服饰配件 > 帽子", "attributes": {"款式": kind}});
    let rows = [hat("a", "针织冷帽", "针织帽"), hat("b", "复古报童帽", "报童帽"), hat("c", "格纹报童帽", "报童帽")];
    let answer = TestShop::with(&rows).ask("圆脸适合什么帽子");
    assert_eq!(answer["dimensions"].as_array().unwrap().len(), 5);
    assert_ne!(answer["products"][0]["id"], "a", "what the guide prefers comes first");
}

#[test]
fn a_sale_that_is_over_no_longer_counts() {
    let row = |id: &str, period: &str| json!({"id": id, "title": format!("Copper Kettle {id}"), "link": format!("https://shop.example/{id}"), "price": "200.00 USD", "sale_price": "90.00 USD", "sale_price_effective_date": period});
    let shop = TestShop::with(&[
        row("over", "2020-01-01T00:00:00Z/2020-02-01T00:00:00Z"),
        row("on", "2020-01-01T00:00:00Z/2999-01-01T00:00:00Z"),
        row("coming", "2998-01-01T00:00:00Z/2999-01-01T00:00:00Z"),
    ]);
    let ids = |question: &str| crate::support::shown(&shop.ask(question));
    assert_eq!(ids("copper kettle under $100"), ["on"]);
    let mut dear = ids("copper kettle over $150");
    dear.sort();
    assert_eq!(dear, ["coming", "over"]);
}

#[test]
fn money_is_compared_to_the_cent() {
    let row = |id: &str, price: &str| json!({"id": id, "title": format!("Grand Piano {id}"), "link": format!("https://shop.example/{id}"), "price": price});
    let shop = TestShop::with(&[row("a", "100000.00 CNY"), row("b", "100000.01 CNY")]);
    assert_eq!(crate::support::shown(&shop.ask("grand piano, at most 100000 yuan")), ["a"]);
}

/// Every figure in the advice stands in its own evidence, and every link is the record's.
fn check_grounded(answer: &Value) {
    for dimension in answer["dimensions"].as_array().unwrap() {
        let evidence = dimension["evidence"].to_string();
        if dimension["evidence"][0]["kind"] == "facet" {
            let stated = dimension["evidence"][0]["text"].as_str().unwrap();
            assert!(dimension["advice"].as_str().unwrap().starts_with(stated.trim_end()), "{evidence}");
        }
    }
}

#[test]
fn real_catalogs_without_guides_get_answers_in_dimensions() {
    for (name, questions) in
        [("litemall-yanxuan-zh", ["四件套", "锅", "毛巾"]), ("chorus-electronics", ["hdmi cable", "wireless mouse under $50", "laser printer"])]
    {
        let Some(folder) = shared_data(name) else { continue };
        let tool = folder.join("../../tools/to_catalog.py");
        let made = std::process::Command::new("python3").arg(tool).arg(&folder).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let program = Program::new();
        let feed = program.folder.path().join("feed.jsonl");
        std::fs::write(&feed, made.stdout).unwrap();
        program.ok(&["import", "--replace-all", feed.to_str().unwrap()]);
        for question in questions {
            let answer = program.json(&["ask", "--json", question]);
            assert_eq!(answer["outcome"], "products", "{name}: `{question}`: {}", answer["summary"]);
            assert!(answer["dimensions"].as_array().unwrap().len() >= 2, "{name}: `{question}`");
            check_grounded(&answer);
        }
    }
}
