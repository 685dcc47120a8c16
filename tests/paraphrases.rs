//! One need, many wordings: the same products.

use crate::support::sample_shop;

#[track_caller]
fn check(wordings: &[&str]) {
    let top = |query: &str| -> Vec<String> { sample_shop().search(query, 5).picks.iter().map(|p| p.id().to_string()).collect() };
    let first = top(wordings[0]);
    for other in &wordings[1..] {
        let shared = top(other).iter().filter(|id| first.contains(id)).count();
        assert!(shared >= 4, "`{}` and `{other}` share only {shared} of 5", wordings[0]);
    }
}

#[test]
fn command_question_and_fragment_agree() {
    check(&["推荐帽子适合大圆脸", "大圆脸适合什么帽子？", "大圆脸 帽子", "我脸比较圆，想买顶帽子，有什么推荐吗"]);
    check(&["hat for a round face", "what hat suits a round face?", "recommend me a hat, my face is round", "round face hat"]);
    check(&["三百块以内的耳机，不要入耳式", "想买个耳机，预算300，入耳式的不要", "耳机 300元以下 不要入耳式"]);
    check(&["sunscreen for sensitive skin", "my skin is sensitive, which sunscreen should I use?", "sensitive skin sunscreen"]);
    check(&["腰不好用什么办公椅", "办公椅 腰疼", "推荐一把适合腰痛的人坐的办公椅"]);
    check(&["晚上喝什么茶不影响睡眠", "茶 不影响睡眠", "推荐晚上能喝不失眠的茶"]);
    check(&["running shoes for flat feet", "suggest running shoes, my feet are flat", "flat feet running shoes"]);
    check(&["黑色的帽子 100以内", "想要一顶黑帽子，不超过100元", "帽子，黑的，预算100"]);
    check(&["两个人徒步用什么帐篷", "帐篷 双人 徒步", "推荐两人徒步帐篷"]);
    check(&["长毛猫家用的扫地机器人", "家里养了长毛猫，扫地机器人怎么选", "扫地机器人 长毛猫"]);
}

#[test]
fn both_languages_find_the_same_products() {
    check(&["圆脸适合什么帽子", "hat for a round face"]);
    check(&["颈椎不好的人用的枕头", "pillow for neck pain"]);
}
