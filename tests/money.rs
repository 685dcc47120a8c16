//! Money: whole minor units, exact, and the same after printing.

use daogou::catalog::{Currency, Money};
use daogou::knowledge::{Files, Knowledge};
use proptest::prelude::*;

#[track_caller]
fn check(text: &str, expected: Option<(i64, &str)>) {
    let money = Money::parse(text);
    assert_eq!(money.map(|m| (m.minor(), m.currency().code())), expected, "`{text}`");
}

#[test]
fn decimals_with_a_code() {
    check("129.00 CNY", Some((12_900, "CNY")));
    check("129 CNY", Some((12_900, "CNY")));
    check("0.5 usd", Some((50, "USD")));
    check("3000 JPY", Some((3_000, "JPY")));
    check("3000.00 JPY", Some((3_000, "JPY")));
    check("1.234 KWD", Some((1_234, "KWD")));
}

#[test]
fn everything_else_is_refused() {
    for text in [
        "",
        "129",
        "CNY",
        "129.005 CNY",
        "-5.00 CNY",
        "1,299.00 CNY",
        "１２９ CNY",
        "1e3 CNY",
        "129. CNY",
        ".5 CNY",
        "129.00 XXZ",
        "99999999999999999999.00 CNY",
        "12 9.00 CNY",
        "0.5 JPY",
    ] {
        check(text, None);
    }
}

#[test]
fn for_people() {
    let pretty = |text: &str| Money::parse(text).unwrap().pretty();
    assert_eq!(pretty("129.00 CNY"), "¥129");
    assert_eq!(pretty("45.50 USD"), "$45.50");
    assert_eq!(pretty("3000 JPY"), "JPY 3000");
}

#[test]
fn conversion_rounds_to_the_minor_unit_and_there_and_back_stays_close() {
    let currencies = Knowledge::load(&Files::Shipped).unwrap().lexicon.currencies;
    let dollars = Money::parse("50.00 USD").unwrap();
    assert_eq!(currencies.convert(dollars, Currency::CNY), Money::parse("355.00 CNY"));
    assert_eq!(currencies.convert(dollars, Currency::parse("CHF").unwrap()), None, "no rate, no guess");
}

proptest! {
    #[test]
    fn printing_and_reading_is_the_identity(minor in 0i64..=Money::MOST, code in prop::sample::select(vec!["CNY", "USD", "JPY", "KWD", "EUR"])) {
        let money = Money::from_minor(minor, Currency::parse(code).unwrap()).unwrap();
        prop_assert_eq!(Money::parse(&money.to_string()), Some(money));
    }

    #[test]
    fn no_text_panics(text in ".{0,40}") {
        let _ = Money::parse(&text);
    }

    #[test]
    fn order_survives_printing(a in 0i64..1_000_000, b in 0i64..1_000_000) {
        let amount = |minor| Money::from_minor(minor, Currency::CNY).unwrap().amount().parse::<f64>().unwrap();
        prop_assert_eq!(a.cmp(&b), amount(a).total_cmp(&amount(b)));
    }
}
