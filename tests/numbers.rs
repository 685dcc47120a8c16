//! Figures as people write them.

use daogou::text::{atoms, fold};
use daogou::understand::numbers::{ONE, figure_at};
use proptest::prelude::*;

#[track_caller]
fn check(text: &str, low: f64, high: f64) {
    let atoms = atoms(&fold(text));
    let figure = figure_at(&atoms, 0).unwrap_or_else(|| panic!("`{text}` is no figure"));
    assert_eq!((figure.low as f64 / ONE as f64, figure.high as f64 / ONE as f64), (low, high), "`{text}`");
    assert_eq!(figure.end, atoms.len(), "`{text}` is read to its end");
}

#[test]
fn digits_and_what_multiplies_them() {
    check("300", 300.0, 300.0);
    check("１，５００", 1_500.0, 1_500.0);
    check("1.5k", 1_500.0, 1_500.0);
    check("3千", 3_000.0, 3_000.0);
    check("2万", 20_000.0, 20_000.0);
    check("300多", 300.0, 400.0);
}

#[test]
fn chinese_numerals() {
    check("三百", 300.0, 300.0);
    check("两百五", 250.0, 250.0);
    check("一千五", 1_500.0, 1_500.0);
    check("一千零五十", 1_050.0, 1_050.0);
    check("一万二", 12_000.0, 12_000.0);
    check("十五", 15.0, 15.0);
    check("二十", 20.0, 20.0);
    check("两三百", 200.0, 300.0);
    check("三五百", 300.0, 500.0);
    check("七八十", 70.0, 80.0);
    check("一百多", 100.0, 200.0);
    check("几百", 100.0, 1_000.0);
    check("百", 100.0, 100.0);
    check("十来", 10.0, 10.0);
    check("兩百", 200.0, 200.0);
}

#[test]
fn english_number_words() {
    check("fifty", 50.0, 50.0);
    check("two hundred", 200.0, 200.0);
    check("a hundred", 100.0, 100.0);
    check("two hundred and fifty", 250.0, 250.0);
    check("one thousand five hundred", 1_500.0, 1_500.0);
    check("a couple hundred", 200.0, 200.0);
}

#[test]
fn words_are_no_figures() {
    for text in ["帽子", "hat", "多少", "点", "and", "a hat"] {
        assert_eq!(figure_at(&atoms(&fold(text)), 0), None, "`{text}`");
    }
}

/// A number below ten thousand in Chinese numerals, by the textbook.
fn numeral(number: u32) -> String {
    const DIGITS: [&str; 10] = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let mut text = String::new();
    let mut gap = false;
    for (power, name) in [(1_000, "千"), (100, "百"), (10, "十"), (1, "")] {
        let digit = number / power % 10;
        if digit == 0 {
            gap |= !text.is_empty();
            continue;
        }
        if gap {
            text.push('零');
            gap = false;
        }
        text.push_str(DIGITS[digit as usize]);
        text.push_str(name);
    }
    text
}

proptest! {
    #[test]
    fn every_numeral_means_its_number(number in 1u32..10_000) {
        let atoms = atoms(&fold(&numeral(number)));
        let figure = figure_at(&atoms, 0).unwrap();
        prop_assert_eq!((figure.low, figure.high, figure.end), (i64::from(number) * ONE, i64::from(number) * ONE, atoms.len()), "{}", numeral(number));
    }

    #[test]
    fn decimals_are_exact(whole in 0u32..1_000_000, cents in 0u32..100) {
        let atoms = atoms(&format!("{whole}.{cents:02}"));
        prop_assert_eq!(figure_at(&atoms, 0).unwrap().low, i64::from(whole) * ONE + i64::from(cents) * ONE / 100);
    }

    #[test]
    fn no_text_panics(text in "[一二两三五十百千万几多来半零点0-9a-z. ,-]{0,30}") {
        let atoms = atoms(&fold(&text));
        for place in 0..atoms.len() {
            if let Some(figure) = figure_at(&atoms, place) {
                prop_assert!(figure.end > place && figure.end <= atoms.len() && figure.low <= figure.high);
            }
        }
    }
}
