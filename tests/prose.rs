//! What a decent model writes gets through: the checks that keep bad passages out leave good ones alone.

use serde_json::{Value, json};

use crate::model::settings;
use crate::model_server::ModelServer;
use crate::support::sample_shop;

/// Asks with a model that gives this reply; how many passages were admitted.
fn admitted(question: &str, reply: Value) -> (u64, Value) {
    let server = ModelServer::writing(move |purpose, _| if purpose == "understand" { json!({}) } else { reply.clone() });
    let answer = sample_shop().with_model(&settings(&server.url)).ask(question);
    (answer["passages"]["by_model"].as_u64().unwrap(), answer)
}

#[test]
fn natural_chinese_is_admitted() {
    let (count, answer) = admitted(
        "我是大圆脸，怎么挑一顶显脸小的帽子？三百以内",
        json!({
            "summary": "圆脸挑帽子，关键是给脸部增加一点高度和棱角，别让帽子把脸箍得更圆。预算三百以内，[1]和[2]都很合适，戴起来显脸小又不挑衣服。",
            "dimension_1": "帽型优先看报童帽和礼帽，帽顶蓬起来，视觉上会拉长脸型；贴着头皮的针织帽会让脸显得更圆，尽量避开。",
            "dimension_2": "深色有收缩的效果，黑色、藏青色最稳妥，也最好搭配外套；浅色和粉色容易显膨胀，除非您特别喜欢。",
            "dimension_3": "羊毛和毛呢比较挺括，能撑住帽型，秋冬戴也暖和；太软的棉布容易塌下来，修饰不了脸型。",
            "dimension_4": "尺寸宁可稍微宽松一点，太紧会勒出印子，还会压扁头发。可调节的款式更保险。",
            "dimension_5": "装饰不用太多，侧边有一点金属扣或者竖条纹就够了，能把视线往上带；横条纹和大毛球会横向拉宽。",
            "reason_1": "帽顶蓬松有棱角，竖条纹能拉长脸型，黑色还特别百搭。",
            "reason_2": "礼帽立体挺括，偏侧的金属扣打破了左右对称，圆脸戴着更精神。",
            "reason_3": "适合头围偏大的朋友，加绒的内里冬天戴也不冷。",
            "verdict": "日常通勤选[1]，想要正式一点选[2]，怕冷或者头围大就选[3]。"
        }),
    );
    assert!(count >= 9, "{count} of 10: {answer}");
}

#[test]
fn natural_english_is_admitted() {
    let (count, answer) = admitted(
        "noise cancelling headphones for my commute under 600, not in-ear",
        json!({
            "summary": "For a commute, strong noise cancelling and all-day comfort matter more than studio sound. Since you don't want in-ear, an over-ear pair such as [1] is the safest choice, and it stays within your budget.",
            "dimension_1": "Over-ear cups block the low rumble of trains and buses best, because the pads seal around the ear. On-ear pairs are lighter, but they leak more noise and can press on glasses.",
            "dimension_2": "Active noise cancelling takes care of engine hum; voices and announcements still come through a little, which is safer when you cross a street.",
            "dimension_3": "Look for a battery that lasts the whole working week, so that you only charge it on weekends. Fast charging helps if you forget.",
            "dimension_4": "Soft protein leather seals better, while breathable fabric is cooler in summer. If you wear them for hours, a lighter headband is worth more than anything else.",
            "dimension_5": "A folding frame fits into a bag easily, and a hard case protects it. Wired backup is handy on long flights.",
            "reason_1": "It combines strong noise cancelling with soft ear pads, so it stays comfortable on a long ride.",
            "reason_2": "A lighter option that folds flat, which makes it easy to carry on crowded trains.",
            "reason_3": "It's the pick if you take a lot of calls, since the microphones are tuned for voices.",
            "verdict": "Take [1] for the quietest ride, [2] if weight matters most, and [3] for calls."
        }),
    );
    assert!(count >= 9, "{count} of 10: {answer}");
}
