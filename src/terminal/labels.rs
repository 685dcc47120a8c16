//! The words of the frame around an answer, in both languages.

use crate::catalog::{Availability, Lang};

pub(crate) struct Labels {
    pub advice: &'static str,
    pub prefer: &'static str,
    pub avoid: &'static str,
    pub products: &'static str,
    pub reasons: &'static str,
    pub reread: &'static str,
    pub nearest: &'static str,
    pub steps: &'static str,
    pub kit: &'static str,
    pub next: &'static str,
    pub stars: &'static str,
    pub was: &'static str,
    pub degraded: &'static str,
    /// Between values of a list.
    pub comma: &'static str,
    /// Between a name and what it is.
    pub colon: &'static str,
    pub comparison: &'static str,
    pub same: &'static str,
    pub not_stated: &'static str,
    pub understood: &'static str,
    pub soft: &'static str,
    pub taken_back: &'static str,
    pub people: &'static str,
    pub nothing_understood: &'static str,
    pub score: &'static str,
    pub meets: &'static str,
    pub unstated: &'static str,
    pub follows: &'static str,
    out_of_stock: &'static str,
    preorder: &'static str,
    backorder: &'static str,
}

const ZH: Labels = Labels {
    advice: "怎么选",
    prefer: "宜",
    avoid: "忌",
    products: "为你挑的",
    reasons: "为什么是这几款",
    reread: "再读一遍，改成这几款",
    nearest: "放宽一条就有",
    steps: "一步一步来",
    kit: "清单",
    next: "还可以问",
    stars: "分",
    was: "原价",
    degraded: "语言模型没有用上，或没有写完",
    comma: "、",
    colon: "：",
    comparison: "对比",
    same: "相同之处",
    not_stated: "没写明",
    understood: "理解到的",
    soft: "尽量满足",
    taken_back: "已去掉",
    people: "人",
    nothing_understood: "这个问题里没有可以改的条件。",
    score: "得分",
    meets: "符合",
    unstated: "没写明",
    follows: "合乎这几条建议",
    out_of_stock: "缺货",
    preorder: "预售",
    backorder: "可订，需等货",
};
const EN: Labels = Labels {
    advice: "How to choose",
    prefer: "prefer",
    avoid: "avoid",
    products: "Picked for you",
    reasons: "Why these",
    reread: "On a second reading, these instead",
    nearest: "With one wish relaxed",
    steps: "Step by step",
    kit: "The list",
    next: "You could also ask",
    stars: "stars",
    was: "was",
    degraded: "the language model was not used, or not to the end",
    comma: ", ",
    colon: ": ",
    comparison: "Side by side",
    same: "In common",
    not_stated: "not stated",
    understood: "Understood",
    soft: "nice to have",
    taken_back: "taken back",
    people: "people",
    nothing_understood: "There is nothing in this question that could be changed.",
    score: "score",
    meets: "meets",
    unstated: "not stated",
    follows: "follows the advice on",
    out_of_stock: "out of stock",
    preorder: "pre-order",
    backorder: "on back-order",
};

impl Labels {
    pub fn of(lang: Lang) -> &'static Self {
        if lang == Lang::Zh { &ZH } else { &EN }
    }

    /// Whether it can be had; in stock goes without saying.
    pub fn stock(&self, availability: Availability) -> Option<&'static str> {
        match availability {
            Availability::InStock => None,
            Availability::OutOfStock => Some(self.out_of_stock),
            Availability::Preorder => Some(self.preorder),
            Availability::Backorder => Some(self.backorder),
        }
    }
}

/// What a part of a score is called; the name of the signal where there is no word for it.
pub(crate) fn signal(name: &str, lang: Lang) -> &str {
    let (zh, en) = match name {
        "text" => ("文字相符", "words"),
        "plan" => ("合乎建议", "advice"),
        "wish" => ("合乎偏好", "wishes"),
        "rating" => ("评分", "rating"),
        "sales" => ("销量", "sales"),
        "freshness" => ("新近", "newness"),
        "stock" => ("库存", "stock"),
        "price" => ("价位", "price"),
        "audience" => ("适合的人", "audience"),
        "order" => ("要的顺序", "order asked for"),
        other => return other,
    };
    if lang == Lang::Zh { zh } else { en }
}
