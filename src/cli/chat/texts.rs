//! What a talk says beside its answers, in both languages.

use crate::catalog::Lang;
use crate::need::Persona;

pub struct Texts {
    pub welcome: &'static str,
    pub examples: &'static str,
    pub leave: &'static str,
    pub keys: &'static str,
    pub stopped: &'static str,
    pub did_you_mean: &'static str,
    pub no_command: &'static str,
    pub usage: &'static str,
    pub as_question: &'static str,
    pub no_products: &'static str,
    pub no_such_product: &'static str,
    pub opening: &'static str,
    pub by_hand: &'static str,
    pub two_at_least: &'static str,
    pub nothing_asked: &'static str,
    pub no_such_piece: &'static str,
    pub stays: &'static str,
    pub gone_already: &'static str,
    pub there_already: &'static str,
    pub need_ways: &'static str,
    pub lang_now: &'static str,
    pub persona_now: &'static str,
    pub no_model: &'static str,
    pub model_now: &'static str,
    pub model_off: &'static str,
    pub last_by_model: &'static str,
    pub last_degraded: &'static str,
    pub last_by_rules: &'static str,
    pub new_talk: &'static str,
    pub nothing_to_save: &'static str,
    pub saved: &'static str,
    pub exists: &'static str,
    pub not_saved: &'static str,
    pub no_history: &'static str,
    pub search: &'static str,
    pub yuan: &'static str,
}

const ZH: Texts = Texts {
    welcome: "导购：想买什么，用自己的话问。/help 看命令，Ctrl-D 结束。",
    examples: "比如：\n  我是大圆脸，怎么挑一顶显脸小的帽子？\n  三百块以内的降噪耳机，不要入耳式",
    leave: "要结束请按 Ctrl-D，或输入 /quit。",
    keys: "\
Enter 发送；Alt-Enter 或行尾的 \\ 换行。Tab 补全命令，→ 采用灰色的提示，↑ 找以前的问题，Ctrl-R 搜索。
Ctrl-C 停下正在写的回答，或清掉这一行。回答末尾的 a)、b)… 输入字母就等于问那一条；数字不算编号，\
“38”就是 38。行首加一个空格，这一行一定当作问题，也不记入历史。",
    stopped: "已停下。对话照旧，这一问不算。",
    did_you_mean: "没有命令 /{}，是不是 /{}？",
    no_command: "没有命令 /{}；/help 列出全部。",
    usage: "用法：{}",
    as_question: "要把它当问题来问，在行首加一个空格。",
    no_products: "还没有列出商品，先问一个问题。",
    no_such_product: "没有第 {} 款，编号从 1 到 {}。",
    opening: "正在打开：",
    by_hand: "这里没有可用的浏览器，链接是：",
    two_at_least: "至少要两款才能比。",
    nothing_asked: "还没有问过问题。",
    no_such_piece: "没有第 {} 条，编号从 1 到 {}。",
    stays: "“{}”去不掉：没有它就不知道要找什么；直接问别的就好。",
    gone_already: "“{}”已经去掉了。",
    there_already: "“{}”本来就在。",
    need_ways: "/need drop N 去掉一条，/need keep N 恢复；/need budget 300 改预算，/need people 4 改人数",
    lang_now: "回答的语言：{}",
    persona_now: "由谁来答：{}",
    no_model: "没有配置大模型，回答都由内置的方式写成。设置 DAOGOU_MODEL 就会用上。",
    model_now: "大模型：{}，这次对话在用。",
    model_off: "大模型：{}，这次对话没有用。",
    last_by_model: "上一个回答由它写了 {} 段，没有通过核对的 {} 段换成了内置的。",
    last_degraded: "上一个回答没有用上它，或没有写完：{}。",
    last_by_rules: "上一个回答没有问它。",
    new_talk: "新的对话开始了。",
    nothing_to_save: "还没有回答可以保存。",
    saved: "已存到 {}",
    exists: "{} 已经在了；要覆盖请用 /save! {}",
    not_saved: "没有存成 {}：{}",
    no_history: "这次的历史不会保存（{}）",
    search: "搜索",
    yuan: "元",
};
const EN: Texts = Texts {
    welcome: "daogou: ask in your own words what to buy. /help lists the commands, Ctrl-D ends.",
    examples: "For example:\n  a hat for a round face, under 200, not black\n  a quiet robot vacuum for long cat hair under 2500",
    leave: "Ctrl-D or /quit ends.",
    keys: "\
Enter sends; Alt-Enter or a \\ at the end of the line begins another line. Tab completes commands, → takes the grey hint, \
↑ brings back earlier lines, Ctrl-R searches them.
Ctrl-C stops the answer that is being written, or clears the line. Where an answer ends in a), b) …, the letter alone asks \
that; a number alone stays what it is (\"38\"). A line that begins with a space is always a question, and is not kept in the history.",
    stopped: "Stopped. The conversation goes on as if this had not been asked.",
    did_you_mean: "there is no command /{}; did you mean /{}?",
    no_command: "there is no command /{}; /help lists all",
    usage: "usage: {}",
    as_question: "To ask it as a question, begin the line with a space.",
    no_products: "No products have been shown yet; ask a question first.",
    no_such_product: "There is no product {}; the numbers go from 1 to {}.",
    opening: "Opening:",
    by_hand: "There is no browser to open it in; the link is",
    two_at_least: "It takes at least two products to compare.",
    nothing_asked: "Nothing has been asked yet.",
    no_such_piece: "There is no piece {}; the numbers go from 1 to {}.",
    stays: "“{}” has to stay: without it there is nothing to look for. Just ask for something else.",
    gone_already: "“{}” is taken back already.",
    there_already: "“{}” is there already.",
    need_ways: "/need drop N takes one back, /need keep N restores it; /need budget 300 and /need people 4 change them",
    lang_now: "language of answers: {}",
    persona_now: "who answers: {}",
    no_model: "No language model is configured; the built-in composer writes every answer. DAOGOU_MODEL names one.",
    model_now: "language model: {}, used in this talk",
    model_off: "language model: {}, not used in this talk",
    last_by_model: "It wrote {} passages of the last answer; {} did not pass the check and were replaced.",
    last_degraded: "It was not used for the last answer, or not to the end: {}.",
    last_by_rules: "It was not asked for the last answer.",
    new_talk: "A new conversation begins.",
    nothing_to_save: "There is no answer to save yet.",
    saved: "saved to {}",
    exists: "{} is there already; /save! {} writes over it",
    not_saved: "cannot save {}: {}",
    no_history: "the history of this talk is not kept ({})",
    search: "search",
    yuan: "yuan",
};

impl Texts {
    pub fn of(lang: Lang) -> &'static Self {
        if lang == Lang::Zh { &ZH } else { &EN }
    }
}

/// Puts the fills into the gaps of a text, in order.
pub fn filled(text: &str, fills: &[&str]) -> String {
    let mut parts = text.split("{}");
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for (place, part) in parts.enumerate() {
        whole.push_str(fills.get(place).copied().unwrap_or_default());
        whole.push_str(part);
    }
    whole
}

/// What a role is for.
pub fn role(persona: Persona, lang: Lang) -> &'static str {
    let (zh, en) = match persona {
        Persona::Guide => ("选购", "shopping"),
        Persona::Life => ("生活", "home life"),
        Persona::Food => ("吃喝", "food"),
        Persona::Travel => ("出行", "travel"),
        Persona::Writer => ("送礼与文案", "gifts and notes"),
    };
    if lang == Lang::Zh { zh } else { en }
}

const ORDINALS: [&str; 10] = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];

/// Asks in words for shown products to be compared, by their places in the list.
pub fn compare(places: &[usize], lang: Lang) -> String {
    let names: Vec<String> = places
        .iter()
        .map(|place| match lang {
            Lang::Zh => format!("第{place}个"),
            Lang::En => ORDINALS.get(place - 1).map_or_else(|| format!("number {place}"), |word| format!("the {word}")),
        })
        .collect();
    match (names.split_last(), lang) {
        (Some((last, rest)), Lang::Zh) if !rest.is_empty() => format!("比较{}和{last}", rest.join("、")),
        (Some((last, rest)), Lang::En) if !rest.is_empty() => format!("compare {} and {last}", rest.join(", ")),
        (Some((last, _)), Lang::Zh) => format!("比较{last}"),
        (Some((last, _)), Lang::En) => format!("compare {last}"),
        (None, _) => String::new(),
    }
}

/// Asks in words for another budget: "300", "100-300", "100-" or "any". `None` when it is none of these.
pub fn budget(text: &str, unit: &str, lang: Lang) -> Option<String> {
    let text = text.trim().trim_start_matches(['¥', '$', '<', '≤']).replace(['–', '—', '~', '～', '到'], "-");
    let amount = |figure: &str| {
        let figure = figure.trim();
        let plain = !figure.is_empty() && figure.len() <= 9 && figure.chars().all(|c| c.is_ascii_digit() || c == '.') && figure.parse::<f64>().is_ok();
        plain.then(|| figure.to_owned())
    };
    if matches!(text.as_str(), "any" | "不限") {
        return Some(if lang == Lang::Zh { "预算不限" } else { "any price" }.to_owned());
    }
    Some(match (text.split_once('-'), lang) {
        (None, Lang::Zh) => format!("预算改成 {} {unit}以内", amount(&text)?),
        (None, Lang::En) => format!("budget under {} {unit}", amount(&text)?),
        (Some((low, "")), Lang::Zh) => format!("预算改成 {} {unit}以上", amount(low)?),
        (Some((low, "")), Lang::En) => format!("at least {} {unit}", amount(low)?),
        (Some((low, high)), Lang::Zh) => format!("预算改成 {} 到 {} {unit}", amount(low)?, amount(high)?),
        (Some((low, high)), Lang::En) => format!("budget between {} and {} {unit}", amount(low)?, amount(high)?),
    })
}

/// Asks in words for another number of people.
pub fn people(count: usize, lang: Lang) -> String {
    if lang == Lang::Zh { format!("按 {count} 个人配") } else { format!("for {count} people") }
}
