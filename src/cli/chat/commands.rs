//! The commands of a talk: their names and help in both languages, and how a line is read as one.

use crate::catalog::Lang;

/// Which command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name {
    Open,
    Compare,
    Need,
    Why,
    Lang,
    Persona,
    Model,
    New,
    Save,
    Help,
    Quit,
}

/// A command as it is written and explained.
pub struct Spec {
    pub name: Name,
    pub word: &'static str,
    /// Other words for it.
    also: &'static [&'static str],
    pub arguments: &'static str,
    zh: &'static str,
    en: &'static str,
}

impl Spec {
    pub fn help(&self, lang: Lang) -> &'static str {
        if lang == Lang::Zh { self.zh } else { self.en }
    }

    /// "/open N".
    pub fn usage(&self) -> String {
        format!("/{} {}", self.word, self.arguments).trim_end().to_owned()
    }
}

const fn spec(name: Name, word: &'static str, also: &'static [&'static str], arguments: &'static str, zh: &'static str, en: &'static str) -> Spec {
    Spec { name, word, also, arguments, zh, en }
}

/// All of them, in the order of the help.
pub const COMMANDS: &[Spec] = &[
    spec(Name::Open, "open", &["打开"], "N", "打开第 N 款的商品页", "open the page of product N"),
    spec(
        Name::Compare,
        "compare",
        &["对比", "比较"],
        "N M …",
        "把这几款放在一起比；不写编号就比前几款",
        "put products side by side; without numbers, the first ones",
    ),
    spec(
        Name::Why,
        "why",
        &["为什么"],
        "N",
        "第 N 款为什么排在这里：得分的每一部分，符合什么，没写明什么",
        "why product N stands there: each part of its score, what it meets and leaves open",
    ),
    spec(
        Name::Need,
        "need",
        &["条件"],
        "[drop N | keep N | budget 300 | people 4]",
        "看看理解成了什么；去掉或恢复第 N 条，改预算（300、100-300、any）或人数",
        "what was understood; take back or restore piece N, change the budget (300, 100-300, any) or the number of people",
    ),
    spec(Name::Lang, "lang", &["语言"], "zh|en|auto", "回答用的语言", "the language of answers"),
    spec(Name::Persona, "persona", &["角色"], "guide|life|food|travel|writer|auto", "由谁来答：选购、生活、吃喝、出行、文案", "who answers"),
    spec(Name::Model, "model", &["模型"], "[on|off]", "用的是哪个大模型；这次对话用不用它", "which language model; whether this talk uses it"),
    spec(Name::New, "new", &["新对话"], "", "另起一段对话，之前说的不再算数", "begin a new conversation; what was said no longer counts"),
    spec(Name::Save, "save", &["保存"], "FILE", "把对话存成 Markdown；/save! 才会覆盖已有的文件", "save the talk as Markdown; /save! also writes over a file"),
    spec(Name::Help, "help", &["h", "帮助"], "", "这一页", "this page"),
    spec(Name::Quit, "quit", &["q", "exit", "bye", "退出"], "", "结束（也可以按 Ctrl-D）", "end (so does Ctrl-D)"),
];

/// What a line is.
#[derive(Debug, PartialEq, Eq)]
pub enum Line<'a> {
    Empty,
    Question(&'a str),
    Command {
        name: Name,
        arguments: &'a str,
        bang: bool,
    },
    /// Looks like a command and is none; the nearest one, if any is near.
    Unknown {
        word: &'a str,
        nearest: Option<&'static str>,
    },
}

/// Reads a line. A command is a slash and a word, alone or before a space; what begins with a space never is one.
pub fn read(line: &str) -> Line<'_> {
    let trimmed = line.trim();
    if trimmed.is_empty() {
        return Line::Empty;
    }
    if line.starts_with([' ', '\u{3000}']) {
        return Line::Question(trimmed);
    }
    if matches!(trimmed, "quit" | "exit" | ":q") {
        return Line::Command { name: Name::Quit, arguments: "", bang: false };
    }
    // Chinese keyboards have other characters on the key of the slash.
    let slash = trimmed.starts_with(['/', '／']);
    let Some(rest) = trimmed.strip_prefix(['/', '／', '、']) else { return Line::Question(trimmed) };
    let (word, arguments) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let (word, bang) = word.strip_suffix(['!', '！']).map_or((word, false), |word| (word, true));
    if slash && word.is_empty() && arguments.is_empty() {
        return Line::Command { name: Name::Help, arguments: "", bang };
    }
    let lower = word.to_ascii_lowercase();
    match COMMANDS.iter().find(|spec| spec.word == lower || spec.also.contains(&lower.as_str())) {
        Some(spec) => Line::Command { name: spec.name, arguments: arguments.trim(), bang },
        // "/tmp/list", "/50元以内" and "/是什么" are no commands that somebody meant.
        None if slash && !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphabetic()) => Line::Unknown { word, nearest: nearest(&lower) },
        None => Line::Question(trimmed),
    }
}

fn nearest(word: &str) -> Option<&'static str> {
    let distances = COMMANDS.iter().map(|spec| (strsim::damerau_levenshtein(word, spec.word), spec.word));
    distances.min().filter(|(distance, known)| *distance <= 2.max(known.len() / 2)).map(|(_, known)| known)
}

/// The command of a name.
pub fn of(name: Name) -> &'static Spec {
    COMMANDS.iter().find(|spec| spec.name == name).unwrap_or(&COMMANDS[0])
}

/// Numbers among words: "1 3", "1,3", "第1个和第3个". `None` when anything else is said.
pub fn numbers(text: &str) -> Option<Vec<usize>> {
    let mut numbers = Vec::new();
    for part in text.split(|c: char| !c.is_numeric()).filter(|part| !part.is_empty()) {
        let digits: String = part.chars().filter_map(|c| char::from_digit(digit(c)?, 10)).collect();
        numbers.push(digits.parse().ok()?);
    }
    let others: String = text.chars().filter(|c| !c.is_numeric() && !c.is_whitespace() && !",，、[]#".contains(*c)).collect();
    let small = others.replace("and", "").replace("vs", "");
    small.chars().all(|c| "第个款和跟与".contains(c)).then_some(numbers)
}

fn digit(character: char) -> Option<u32> {
    character.to_digit(10).or_else(|| ('０'..='９').contains(&character).then(|| u32::from(character) - u32::from('０')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: Line<'_>) {
        assert_eq!(read(line), expected, "{line}");
    }

    fn command(name: Name, arguments: &str) -> Line<'_> {
        Line::Command { name, arguments, bang: false }
    }

    #[test]
    fn lines_are_read() {
        check("", Line::Empty);
        check("  \t", Line::Empty);
        check("/open 2", command(Name::Open, "2"));
        check("/OPEN  2 ", command(Name::Open, "2"));
        check("／compare 1 3", command(Name::Compare, "1 3"));
        check("、help", command(Name::Help, ""));
        check("/对比 1 3", command(Name::Compare, "1 3"));
        check("/", command(Name::Help, ""));
        check("quit", command(Name::Quit, ""));
        check("/save! a b.md", Line::Command { name: Name::Save, arguments: "a b.md", bang: true });
        check("/hlep", Line::Unknown { word: "hlep", nearest: Some("help") });
        check("/personna", Line::Unknown { word: "personna", nearest: Some("persona") });
        check("/zzzzzzzz", Line::Unknown { word: "zzzzzzzz", nearest: None });
    }

    #[test]
    fn questions_may_begin_with_a_slash() {
        for question in ["/home/user/list.txt", "/50元以内的帽子", "/ 是什么", "/是什么", "、然后呢", "//help", "/2 person tent"] {
            check(question, Line::Question(question));
        }
        check(" /open 2", Line::Question("/open 2"));
        check("　/open 2", Line::Question("/open 2"));
    }

    #[test]
    fn numbers_are_read_among_words() {
        for (text, expected) in [
            ("1 3", Some(vec![1, 3])),
            ("1,3、4", Some(vec![1, 3, 4])),
            ("１ ３", Some(vec![1, 3])),
            ("第1个和第3个", Some(vec![1, 3])),
            ("[1] vs [2]", Some(vec![1, 2])),
            ("1 and 2", Some(vec![1, 2])),
            ("", Some(vec![])),
            ("is silk warm", None),
            ("99999999999999999999999", None),
            ("½", None),
        ] {
            assert_eq!(numbers(text), expected, "{text}");
        }
    }
}
