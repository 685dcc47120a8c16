//! Turns that speak of earlier turns: which products are meant, what is said of them, and what is kept of the wishes.

use serde_json::Value;

use crate::support::{TestShop, record, sample_shop, shown};

/// A conversation, and the list that places count in.
struct Talk {
    shop: &'static TestShop,
    session: Option<String>,
    list: Vec<String>,
    last: Value,
}

impl Talk {
    /// Begins with a question that shows products.
    fn begin(question: &str) -> Self {
        let mut talk = Self { shop: sample_shop(), session: None, list: Vec::new(), last: Value::Null };
        talk.say(question);
        talk.list = shown(&talk.last);
        assert_eq!(talk.list.len(), 3, "{question}");
        talk
    }

    fn say(&mut self, turn: &str) -> &Value {
        self.last = self.shop.turn(turn, self.session.as_deref());
        self.session = self.last["session"].as_str().map(str::to_owned);
        &self.last
    }

    /// A turn that shows a list of its own.
    fn refine(&mut self, turn: &str) -> &Value {
        self.say(turn);
        self.list = shown(&self.last);
        &self.last
    }

    /// The products at these places of the list, from 1.
    fn at(&self, places: &[usize]) -> Vec<String> {
        places.iter().map(|place| self.list[place - 1].clone()).collect()
    }

    /// Says a turn that must speak of these places and change no wish.
    #[track_caller]
    fn means(&mut self, turn: &str, places: &[usize]) {
        let (wishes, expected) = (constraints(&self.last), self.at(places));
        self.say(turn);
        assert_eq!(shown(&self.last), expected, "`{turn}`: {}", self.last["summary"]);
        assert_eq!(constraints(&self.last), wishes, "`{turn}` changed the wishes");
    }

    fn summary(&self) -> &str {
        self.last["summary"].as_str().unwrap()
    }
}

/// The constraints of an answer, as "name operator value".
fn constraints(answer: &Value) -> Vec<String> {
    let list = answer["need"]["constraints"].as_array().unwrap();
    list.iter()
        .map(|c| format!("{} {} {}", c["name"].as_str().or(c["kind"].as_str()).unwrap(), c["op"].as_str().unwrap(), c["value"].as_str().unwrap()))
        .collect()
}

fn category(answer: &Value) -> &str {
    answer["need"]["categories"][0].as_str().unwrap_or_default()
}

fn price(card: &Value) -> f64 {
    card["final_price"].as_str().unwrap().split(' ').next().unwrap().parse().unwrap()
}

#[test]
fn places_mean_the_products_of_the_last_list() {
    let mut talk = Talk::begin("双人帐篷，一千以内");
    for (turn, places) in [
        ("第二个防水吗", &[2][..]),
        ("第一款多少钱？", &[1]),
        ("最后一个是什么颜色", &[3]),
        ("第3个有货吗", &[3]),
        ("2号多重", &[2]),
        ("前两个有什么区别", &[1, 2]),
        ("后两款比一下", &[2, 3]),
        ("第三个和第一个哪个好", &[1, 3]),
        ("比较1和2", &[1, 2]),
        ("倒数第二个怎么样", &[2]),
        ("中间那个评价怎么样", &[2]),
        ("第一个跟第二个跟第三个对比一下", &[1, 2, 3]),
        ("前三款的材质", &[1, 2, 3]),
        ("第二顶帐篷能住几个人", &[2]),
        ("就第一个吧", &[1]),
        ("一和三哪顶更好", &[1, 3]),
        ("把二和三比比看", &[2, 3]),
        ("前两顶差在哪", &[1, 2]),
        ("最后一顶的评价咋样", &[3]),
        ("末尾那个是哪家的", &[3]),
        ("第三顶和第一顶比", &[1, 3]),
        ("三顶里哪个评分高", &[1, 2, 3]),
        ("这几顶都有货吗", &[1, 2, 3]),
        ("第2顶的差评说什么", &[2]),
        ("第一顶有货不", &[1]),
    ] {
        talk.means(turn, places);
    }
    let mut talk = Talk::begin("noise cancelling headphones under 1000");
    for (turn, places) in [
        ("is the second one waterproof?", &[2][..]),
        ("how much is the first?", &[1]),
        ("what color is the last one", &[3]),
        ("is number 3 in stock?", &[3]),
        ("compare the first and the third", &[1, 3]),
        ("what's the difference between the first two?", &[1, 2]),
        ("the third versus the second", &[2, 3]),
        ("tell me more about option 2", &[2]),
        ("compare 1 and 2", &[1, 2]),
        ("which is better, the first one or the last one?", &[1, 3]),
        ("the middle one, does it have a microphone?", &[2]),
        ("compare all three", &[1, 2, 3]),
        ("I like the third one", &[3]),
        ("what do buyers say about the 2nd one?", &[2]),
        ("how do these differ?", &[1, 2, 3]),
        ("which is the most expensive of these?", &[1, 2, 3]),
        ("how much is #3", &[3]),
        ("is the second in stock?", &[2]),
        ("what about the third's microphone?", &[3]),
        ("how much is the third pair?", &[3]),
        ("the first two, how do they differ", &[1, 2]),
        ("how do the first and last compare?", &[1, 3]),
        ("the third pair looks good", &[3]),
    ] {
        talk.means(turn, places);
    }
}

/// Cards and prose call a product by the number that the shopper would use.
#[test]
fn a_number_stays_what_it_was() {
    for (begin, one, two, sign) in [
        ("耳机，五百以内", "第三个防水吗", "第二个和第三个有什么区别", "第 3 款"),
        ("headphones under 500", "is the third one waterproof?", "compare the second and the third", "pick 3"),
    ] {
        let mut talk = Talk::begin(begin);
        assert_eq!(talk.last["products"].as_array().unwrap().iter().map(|p| p["place"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 2, 3]);
        talk.say(one);
        assert_eq!(talk.last["products"][0]["place"], 3);
        talk.say(two);
        assert_eq!(talk.last["products"].as_array().unwrap().iter().map(|p| p["place"].as_u64().unwrap()).collect::<Vec<_>>(), [2, 3]);
        let verdict = talk.last["comparison"]["verdict"].as_str().unwrap();
        assert!(verdict.contains(sign) && !verdict.contains(&sign.replace('3', "1")), "{verdict}");
    }
}

#[test]
fn it_is_what_was_spoken_of_last() {
    let mut talk = Talk::begin("双人帐篷，一千以内");
    talk.means("第二个防水吗", &[2]);
    talk.means("它多重", &[2]);
    talk.means("有货吗", &[2]);
    talk.means("第一个和第三个有什么区别", &[1, 3]);
    talk.means("这两个哪个更轻", &[1, 3]);
    let mut talk = Talk::begin("a hat for a round face under 300");
    talk.means("is the third one warm?", &[3]);
    talk.means("what is it made of?", &[3]);
    talk.means("does it come in blue?", &[3]);
    talk.means("the first one, how much is it?", &[1]);
    talk.means("compare the first and second", &[1, 2]);
    talk.means("which of them is cheaper?", &[1, 2]);
}

#[test]
fn a_description_tells_which_one_is_meant() {
    let mut talk = Talk::begin("圆脸戴的帽子，三百以内");
    let first = talk.list.clone();
    let hats: Vec<Value> = first.iter().map(|id| record(talk.shop, id)).collect();
    let cheapest = hats.iter().zip(1..).min_by(|a, b| price_of(a.0).total_cmp(&price_of(b.0))).unwrap().1;
    talk.means("便宜的那个多少钱", &[cheapest]);
    talk.means("最便宜的那个是什么材质", &[cheapest]);
    let fedora = first.iter().position(|id| id.contains("fedora")).unwrap() + 1;
    talk.means("礼帽那个是什么颜色", &[fedora]);
    talk.refine("要白色的");
    assert_eq!(constraints(&talk.last), ["price <= 300", "color = white"]);
    // Back to what an earlier turn showed.
    talk.say("刚才那顶黑色的礼帽多少钱");
    assert_eq!(shown(&talk.last), [first[fedora - 1].clone()]);
    talk.say("and the fedora you showed me before, what is it made of?");
    assert_eq!(shown(&talk.last), [first[fedora - 1].clone()]);
    // The wish is still there for the next search.
    talk.refine("还有别的吗");
    assert!(constraints(&talk.last).contains(&"color = white".to_owned()));
}

fn price_of(product: &Value) -> f64 {
    let field = if product["sale_price"].is_string() { "sale_price" } else { "price" };
    product[field].as_str().unwrap().split(' ').next().unwrap().parse().unwrap()
}

#[test]
fn what_is_asked_is_answered_from_the_record_or_not_stated() {
    let mut talk = Talk::begin("双人帐篷，一千以内");
    let weight = record(talk.shop, &talk.list[1]);
    talk.say("第二个多重");
    let stated = weight["attributes"].as_object().unwrap().iter().find(|(name, _)| name.contains("weight")).unwrap().1;
    let figure = stated["value"].as_f64().unwrap();
    assert!(talk.summary().contains(&figure.to_string()), "{} {stated}", talk.summary());
    talk.say("第二个卖家是谁");
    assert!(talk.summary().contains("没有写明"), "{}", talk.summary());
    talk.say("第二个会招蜜蜂吗");
    assert!(talk.summary().contains("没有提到"), "{}", talk.summary());
    let mut talk = Talk::begin("noise cancelling headphones under 1000");
    talk.say("is the first one pink?");
    let colors = record(talk.shop, &talk.list[0])["attributes"]["color"].to_string();
    assert_eq!(talk.summary().contains("does not meet"), !colors.contains("pink"), "{} {colors}", talk.summary());
    talk.say("who sells the first one?");
    assert!(talk.summary().contains("not stated"), "{}", talk.summary());
}

#[test]
fn what_is_only_asked_about_never_becomes_a_wish() {
    for (begin, asked, next) in [
        ("耳机，五百以内", ["第一个防水吗", "它有红色的吗", "续航多久", "会夹头吗"], "要白色的"),
        (
            "headphones under 500",
            ["is the first one waterproof?", "does it come in red?", "how long does the battery last?", "does it squeak?"],
            "in white please",
        ),
    ] {
        let mut talk = Talk::begin(begin);
        let wishes = constraints(&talk.last);
        for turn in asked {
            talk.say(turn);
            assert_eq!(constraints(&talk.last), wishes, "{turn}");
        }
        talk.refine(next);
        assert_eq!(constraints(&talk.last), ["price <= 500", "color = white"]);
    }
}

#[test]
fn wishes_are_refined_replaced_and_taken_back() {
    let mut talk = Talk::begin("想买耳机");
    for (turn, expected) in [
        ("五百以内", &["price <= 500"][..]),
        ("要头戴式的", &["type = over ear headphones", "price <= 500"]),
        ("要蓝色的", &["type = over ear headphones", "price <= 500", "color = blue"]),
        ("不，要白色", &["type = over ear headphones", "price <= 500", "color = white"]),
        ("颜色无所谓", &["type = over ear headphones", "price <= 500"]),
        ("预算提高到两千", &["type = over ear headphones", "price <= 2000"]),
        ("预算不限", &["type = over ear headphones"]),
    ] {
        talk.say(turn);
        let mut found = constraints(&talk.last);
        let mut expected: Vec<String> = expected.iter().map(|c| (*c).to_owned()).collect();
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "{turn}");
    }
    let mut talk = Talk::begin("a hat");
    for (turn, expected) in [
        ("under 300", &["price <= 300"][..]),
        ("in blue", &["color = blue", "price <= 300"]),
        ("no, black please", &["color = black", "price <= 300"]),
        ("any color is fine", &["price <= 300"]),
        ("make it under 200", &["price <= 200"]),
        ("remove the budget", &[]),
    ] {
        talk.say(turn);
        let mut found = constraints(&talk.last);
        found.sort();
        assert_eq!(found, expected, "{turn}");
    }
}

#[test]
fn more_or_less_is_measured_by_what_was_shown() {
    for (begin, cheaper) in
        [("双人帐篷，一千以内", "便宜点的"), ("双人帐篷，一千以内", "太贵了"), ("headphones", "cheaper please"), ("headphones", "these are too expensive")]
    {
        let mut talk = Talk::begin(begin);
        let before: Vec<f64> = talk.last["products"].as_array().unwrap().iter().map(price).collect();
        talk.refine(cheaper);
        let after: Vec<f64> = talk.last["products"].as_array().unwrap().iter().map(price).collect();
        let most = |prices: &[f64]| prices.iter().copied().fold(0.0, f64::max);
        assert!(!after.is_empty() && most(&after) < most(&before), "{cheaper}: {before:?} {after:?}");
    }
    let mut talk = Talk::begin("双人帐篷，一千以内");
    let first = price(&talk.last["products"][0]);
    talk.refine("第一个太贵了");
    assert!(talk.last["products"].as_array().unwrap().iter().all(|card| price(card) < first));
    let mut talk = Talk::begin("tents for two");
    talk.refine("something lighter");
    assert!(constraints(&talk.last).iter().any(|c| c.starts_with("weight <")), "{:?}", constraints(&talk.last));
}

#[test]
fn what_was_sent_away_does_not_come_back() {
    for (begin, away, more) in [("双人帐篷", "不要第二个", "要绿色的"), ("headphones under 1000", "not the second one", "over 100")] {
        let mut talk = Talk::begin(begin);
        let second = talk.list[1].clone();
        talk.refine(away);
        assert!(!shown(&talk.last).contains(&second), "{away}");
        talk.refine(more);
        assert!(!shown(&talk.last).contains(&second), "{more}");
    }
}

#[test]
fn another_thing_instead_keeps_who_it_is_for_and_a_budget_that_makes_sense() {
    let mut talk = Talk::begin("送妈妈的围巾，三百以内");
    talk.say("那换成帽子呢");
    assert_eq!(category(&talk.last), "Apparel > Hats");
    assert_eq!(constraints(&talk.last), ["price <= 300"]);
    assert!(talk.last["need"]["traits"].as_array().unwrap().iter().any(|t| t["id"] == "for-mother"), "{}", talk.last["need"]);
    // Hardly any projector costs so little.
    talk.say("那换成投影仪呢");
    assert!(category(&talk.last).ends_with("Projectors"));
    assert!(constraints(&talk.last).is_empty());
    assert!(talk.last["notices"][0].as_str().unwrap().contains("三百以内"), "{}", talk.last["notices"]);
    let mut talk = Talk::begin("a hat for my dad under 300");
    talk.say("how about a scarf instead?");
    assert!(category(&talk.last).ends_with("Scarves"));
    assert_eq!(constraints(&talk.last), ["price <= 300"]);
    // A bound by what was shown means nothing of other things.
    talk.say("something cheaper");
    talk.say("how about sunglasses instead");
    assert!(constraints(&talk.last).is_empty(), "{:?}", constraints(&talk.last));
}

#[test]
fn a_comparison_holds_only_what_the_records_state_whatever_the_order() {
    let mut talk = Talk::begin("noise cancelling headphones under 1000");
    talk.say("compare the first and the third");
    let one_way = talk.last["comparison"].clone();
    talk.say("compare the third and the first");
    assert_eq!(talk.last["comparison"], one_way);
    assert_eq!(talk.last["outcome"], "products");
    let rows = one_way["rows"].as_array().unwrap();
    let differs: Vec<bool> = rows.iter().map(|row| row["differs"].as_bool().unwrap()).collect();
    assert!(differs.iter().any(|d| *d) && differs.windows(2).all(|pair| pair[0] || !pair[1]), "rows that differ come first: {differs:?}");
    assert!(!one_way["verdict"].as_str().unwrap().is_empty());
    talk.say("比较第二个和第三个");
    assert_eq!(talk.last["lang"], "zh");
    assert_eq!(talk.last["comparison"]["products"].as_array().unwrap().len(), 2);
}

/// Every cell of 50 comparisons is the record's own value, or nothing where the record says nothing.
#[test]
fn fifty_comparisons_have_no_invented_cell() {
    let mut compared = 0;
    for begin in
        ["帽子", "耳机", "帐篷", "跑鞋", "雨伞", "围巾", "背包", "睡袋", "太阳镜", "连衣裙", "羽绒服", "登山鞋", "键盘", "显示器", "台灯", "猫砂", "狗粮"]
    {
        let mut talk = Talk::begin(begin);
        for pair in ["第一个和第二个比较", "第二个和第三个比较", "第一个和第三个比较"] {
            talk.say(pair);
            let comparison = &talk.last["comparison"];
            let ids: Vec<&str> = comparison["products"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
            assert_eq!(ids.len(), 2, "{begin} {pair}");
            for id in ids {
                let own = record(talk.shop, id);
                let text = own.to_string();
                for row in comparison["rows"].as_array().unwrap() {
                    let Some(cell) = row["values"][id].as_str() else { continue };
                    // Figures are those of the record, words stand in it; stock is a word of ours for the record's state.
                    if ["库存", "价格"].contains(&row["name"].as_str().unwrap()) {
                        continue;
                    }
                    for part in cell.split('、') {
                        let mut figures = part.split(|c: char| !c.is_ascii_digit() && c != '.').filter(|figure| !figure.is_empty()).peekable();
                        let known = figures.peek().is_some() && figures.all(|figure| text.contains(figure));
                        assert!(text.contains(part) || known, "{begin}: `{part}` of {} is not in {text}", row["name"]);
                    }
                }
            }
            compared += 1;
        }
    }
    assert!(compared >= 50);
}

#[test]
fn questions_about_the_shop_are_answered_by_counting() {
    let shop = sample_shop();
    let slots = shop.shop().index().all_slots().unwrap();
    let products: Vec<_> = shop.shop().store().products(&slots).unwrap().into_iter().map(|(_, p)| p).collect();
    let now = jiff::Timestamp::now();
    for (leaf, zh, en) in [("Hats", "帽子", "hats"), ("Tents", "帐篷", "tents"), ("Headphones", "耳机", "headphones"), ("Scarves", "围巾", "scarves")] {
        let own: Vec<_> = products
            .iter()
            .filter(|p| p.product_type.as_ref().is_some_and(|path| path.get(daogou::catalog::Lang::En).ends_with(&format!("> {leaf}"))))
            .collect();
        let mut prices: Vec<i64> = own.iter().map(|p| daogou::pricing::final_price(p, now).total.minor()).collect();
        prices.sort_unstable();
        for question in [format!("你们有多少款{zh}"), format!("how many {en} do you have?")] {
            let answer = shop.ask(&question);
            assert!(answer["summary"].as_str().unwrap().contains(&own.len().to_string()), "{question}: {}", answer["summary"]);
            assert_eq!(answer["outcome"], "products");
        }
        for (question, end) in [
            (format!("最贵的{zh}"), *prices.last().unwrap()),
            (format!("最便宜的{zh}"), prices[0]),
            (format!("the most expensive {en}"), *prices.last().unwrap()),
            (format!("what are the cheapest {en}?"), prices[0]),
        ] {
            let answer = shop.ask(&question);
            assert_eq!((price(&answer["products"][0]) * 100.0).round() as i64, end, "{question}");
        }
        for question in [format!("{zh}什么价位"), format!("what is the price range of your {en}?")] {
            let summary = shop.ask(&question)["summary"].as_str().unwrap().to_owned();
            for end in [prices[0], *prices.last().unwrap()] {
                assert!(summary.contains(&format!("¥{}", end / 100)), "{question}: {summary}");
            }
        }
        let mut colors: std::collections::HashMap<String, usize> = std::collections::HashMap::new();
        for product in &own {
            for value in product.attribute("color").into_iter().flat_map(|a| &a.values) {
                *colors.entry(value.show(daogou::catalog::Lang::Zh)).or_default() += 1;
            }
        }
        let summary = shop.ask(&format!("{zh}有哪些颜色"))["summary"].as_str().unwrap().to_owned();
        let most = colors.iter().max_by_key(|(_, count)| **count).unwrap();
        assert!(summary.contains(&format!("{}（{} 款）", most.0, most.1)), "{summary} {most:?}");
    }
    for question in ["你们卖什么", "what do you sell?"] {
        let answer = shop.ask(question);
        assert!(answer["summary"].as_str().unwrap().contains(&products.len().to_string()), "{}", answer["summary"]);
    }
}

#[test]
fn the_language_can_be_changed_in_the_middle() {
    let mut talk = Talk::begin("圆脸戴的帽子，三百以内");
    talk.say("用英文说");
    assert_eq!((talk.last["lang"].as_str(), shown(&talk.last)), (Some("en"), talk.list.clone()));
    assert_eq!(constraints(&talk.last), ["price <= 300"]);
    talk.say("is the second one warm?");
    assert_eq!((talk.last["lang"].as_str(), shown(&talk.last)), (Some("en"), talk.at(&[2])));
    talk.say("要黑色的");
    assert_eq!(talk.last["lang"], "zh");
    assert_eq!(constraints(&talk.last), ["price <= 300", "color = black"]);
}

#[test]
fn a_place_that_is_not_there_is_said_so() {
    for (begin, turn) in [("帽子", "第五个多少钱"), ("hats", "how much is the fifth one?")] {
        let mut talk = Talk::begin(begin);
        talk.say(turn);
        assert_eq!(shown(&talk.last), talk.list, "{turn}");
        assert!(talk.last["notices"][0].as_str().unwrap().contains('3'), "{}", talk.last["notices"]);
    }
}

#[test]
fn what_only_sounds_like_a_reference_is_none() {
    for (begin, turn, expected) in [
        ("帽子", "这个价位，三百以内，要黑色的", &["color = black", "price <= 300"][..]),
        ("hats", "it should be black and under 300", &["color = black", "price <= 300"]),
        ("hats", "this is my first time buying one, I want a black one", &["color = black"]),
        ("帽子", "有黑色的吗", &["color = black"]),
        ("hats", "do you have any in black?", &["color = black"]),
    ] {
        let mut talk = Talk::begin(begin);
        talk.say(turn);
        let mut found = constraints(&talk.last);
        found.sort();
        assert_eq!(found, expected, "{turn}");
    }
}

#[test]
fn which_values_there_are_is_asked_by_their_name() {
    let shop = sample_shop();
    let lead = |question: &str| shop.ask(question)["summary"].as_str().unwrap().to_owned();
    for (question, starts) in [
        ("帽子都有什么颜色", "帽子的颜色"),
        ("帽子的颜色都有哪些", "帽子的颜色"),
        ("what colors do your hats come in", "Hats"),
        ("tell me what materials the hats are available in", "Hats"),
    ] {
        let said = lead(question);
        assert!(said.starts_with(starts), "{question}: {said}");
    }
    for question in
        ["which monitor is best for photo editing on a small desk, around 2000", "什么帽子的材质不扎头", "which hat is of a color that suits everything"]
    {
        let said = lead(question);
        assert!(!said.contains("state their") && !said.contains("没有写明"), "{question}: {said}");
    }
}
