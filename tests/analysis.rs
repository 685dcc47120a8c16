//! Text analysis, token by token, in two languages at once.

use std::sync::OnceLock;

use daogou::index::analysis::Analyzer;
use daogou::knowledge::{Files, Knowledge};
use daogou::text::{Folded, fold, phrase_key};
use proptest::prelude::*;

fn analyzer() -> &'static Analyzer {
    static ANALYZER: OnceLock<Analyzer> = OnceLock::new();
    ANALYZER.get_or_init(|| Analyzer::new(&Knowledge::load(&Files::Shipped).unwrap()))
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    assert_eq!(analyzer().words(text), expected, "`{text}`");
}

#[test]
fn words_of_both_languages_in_one_sentence() {
    check("羊毛报童帽 Wool Newsboy Caps", &["羊毛", "报童", "报童帽", "wool", "newsboy", "cap"]);
    check("降噪耳机WH-1000XM4", &["降噪", "耳机", "降噪耳机", "wh", "1000", "xm", "4", "wh1000xm4"]);
    check("SPF50+ 防晒霜", &["spf", "50", "spf50", "防晒", "防晒霜"]);
    check("Ｗｉｒｅｌｅｓｓ　耳機", &["wireless", "耳机"]);
}

#[test]
fn grams_are_the_net_below_the_segmenter() {
    assert_eq!(analyzer().grams("报童帽 cap"), ["报", "报童", "童", "童帽", "帽"]);
}

#[test]
fn width_case_and_script_are_folded() {
    assert_eq!(fold("ＡＢＣ１２３"), "abc123");
    assert_eq!(fold("羽絨服"), "羽绒服");
    assert_eq!(phrase_key("Long-Haired Cats"), "long hair cat");
    assert_eq!(phrase_key("don't"), "dont");
}

#[test]
fn a_quote_gives_back_the_shoppers_own_writing() {
    let folded = Folded::new("想買ＢＬＡＣＫ帽子");
    let at = folded.text.find("black").unwrap();
    assert_eq!(folded.quote(at..at + 5), "ＢＬＡＣＫ");
    let at = folded.text.find("买").unwrap();
    assert_eq!(folded.quote(at..at + "买".len()), "買");
}

proptest! {
    // Not of Han characters: 薴 is written 苧, and 苧, where it is traditional, 苎.
    #[test]
    fn folding_twice_changes_nothing(text in "[ -~À-ÿ！-～]{0,60}") {
        prop_assert_eq!(fold(&fold(&text)), fold(&text));
    }

    #[test]
    fn any_quote_is_part_of_the_original(text in "\\PC{0,40}") {
        use unicode_normalization::UnicodeNormalization;
        let folded = Folded::new(&text);
        let original: String = text.nfc().collect();
        for atom in daogou::text::atoms(&folded.text) {
            prop_assert!(original.contains(folded.quote(atom.range)));
        }
    }

    #[test]
    fn analysis_never_panics(text in "\\PC{0,80}") {
        let _ = analyzer().words(&text);
        let _ = analyzer().grams(&text);
    }
}
