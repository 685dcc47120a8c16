//! Phone, dark, Chinese and English.

use serde_json::json;

use super::driver::{Browser, DESKTOP, PHONE};
use super::page;

/// Nothing scrolls sideways but what is meant to, and every main control is large enough for a finger.
#[track_caller]
fn fits(browser: &Browser) {
    let wide = browser.get(
        "[...document.querySelectorAll('body *')]
            .filter((element) => !element.closest('.cards, .table-scroll, .hidden, .sprite, .skip') && seen(element) && element.getBoundingClientRect().right > innerWidth + 0.5)
            .map((element) => element.outerHTML.slice(0, 120))",
    );
    assert_eq!((browser.get("document.documentElement.scrollWidth <= innerWidth"), wide), (true.into(), json!([])));
    let small = browser.get(
        "[...document.querySelectorAll('button, summary, label.tick, a.button, .edit-field input')]
            .filter((element) => seen(element) && !element.closest('.hidden'))
            .filter((element) => { const box = element.getBoundingClientRect(); return box.width < 39.9 || box.height < 39.9; })
            .map((element) => element.outerHTML.slice(0, 120))",
    );
    assert_eq!(small, json!([]));
    // Smaller type makes phones zoom into a field.
    assert_eq!(
        browser.get("[...document.querySelectorAll('input[type=number], textarea')].every((field) => parseFloat(getComputedStyle(field).fontSize) >= 16)"),
        true
    );
}

#[test]
fn a_phone_in_english_and_dark() {
    let Some((_service, browser)) = page(PHONE.english().dark()) else { return };
    assert_eq!(browser.get("[innerWidth, innerHeight]"), json!([390, 844]));
    fits(&browser);
    browser.shot("start-phone-dark-en");
    browser.click("[data-testid=preset]");
    browser.answered();
    fits(&browser);
    browser.shot("answer-phone-dark-en");
    browser.long_shot("answer-long-phone-dark-en");
    browser.ask("What do I need for hot pot for four?");
    fits(&browser);
    browser.long_shot("kit-long-phone-dark-en");
    browser.ask("over-ear noise cancelling headphones under 100");
    browser.run("turn().querySelector('.chip-price .chip-text').click()");
    browser.until("one('chip-editor')");
    fits(&browser);
    browser.shot("nearest-phone-dark-en");
}

#[test]
fn a_phone_in_chinese_and_light() {
    let Some((_service, browser)) = page(PHONE) else { return };
    fits(&browser);
    browser.shot("start-phone-light-zh");
    browser.ask("我是大圆脸，怎么挑一顶显脸小的帽子？");
    fits(&browser);
    browser.shot("answer-phone-light-zh");
    browser.long_shot("answer-long-phone-light-zh");
    // The keyboard of a phone does not cover the answer.
    assert_ne!(browser.get("document.activeElement.id"), "message");
}

const GROUND: &str = "getComputedStyle(document.body).backgroundColor";

#[test]
fn dark_by_preference_and_by_choice() {
    let Some((_service, browser)) = page(DESKTOP) else { return };
    let light = browser.get(GROUND);
    browser.prefer_dark(true);
    browser.until(&format!("{GROUND} !== {light}"));
    let dark = browser.get(GROUND);
    // A choice goes before the preference and outlives a reload.
    browser.click("[data-testid=theme-toggle]");
    assert_eq!(browser.get(GROUND), light);
    browser.reload();
    browser.until("seen(one('preset'))");
    assert_eq!(browser.get(GROUND), light);
    browser.click("[data-testid=theme-toggle]");
    assert_eq!(browser.get(GROUND), dark);
    browser.ask("三百块以内的降噪耳机，通勤用");
    browser.shot("answer-desktop-dark-zh");
    browser.long_shot("answer-long-desktop-dark-zh");
}

#[test]
fn chinese_and_english_by_a_click() {
    let Some((_service, browser)) = page(DESKTOP) else { return };
    assert_eq!(browser.get("[document.documentElement.lang, document.querySelector('#welcome h2').innerText]"), json!(["zh-CN", "想买点什么？"]));
    browser.click("[data-testid=lang-toggle]");
    browser.until("document.documentElement.lang === 'en' && /^[\\x00-\\x7f’–]+$/.test(one('preset').innerText)");
    browser.reload();
    browser.until("seen(one('preset'))");
    assert_eq!(browser.get("/[一-鿿]/.test(document.querySelector('main').innerText + document.querySelector('.dock').innerText)"), false);
    browser.shot("start-desktop-light-en");
    browser.click("[data-testid=preset]");
    browser.answered();
    // Names of makers are names.
    let chinese =
        "[...turn().querySelectorAll('*')].filter((part) => !part.childElementCount && !part.matches('.maker') && /[一-鿿]/.test(part.textContent)).length";
    assert_eq!(browser.get(chinese), 0);
    browser.shot("answer-desktop-light-en");
    browser.long_shot("answer-long-desktop-light-en");
    // What was asked stays in its language; what is said around it changes.
    browser.click("[data-testid=lang-toggle]");
    browser.until("document.documentElement.lang === 'zh-CN'");
    assert_eq!(browser.get("turn().lang"), "en");
    browser.ask("帽子");
    assert_eq!(browser.get("turn().lang"), "zh-CN");
    browser.is_content();
}
