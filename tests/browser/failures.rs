//! What goes wrong is said, what was there stays, and trying again works.

use super::driver::{DESKTOP, Look, PHONE};
use super::{stalling_model, visit, with_model};
use crate::web::{Service, shop, until};

#[track_caller]
fn check_lost_server(look: Look, question: &str, picture: &str) {
    let model = stalling_model(0.4);
    let mut service = Service::with(&with_model(&model.url));
    let Some(browser) = visit(&service, look) else { return };
    browser.begin(question);
    browser.until("all('card', turn()).length > 0 && turn().querySelector('.prose')");
    let (cards, text) = (browser.cards(), browser.get("turn().querySelector('.prose').innerText"));
    service.signal("KILL");
    service.ended();
    browser.until("turn().ariaBusy === 'false' && seen(one('retry', turn()))");
    assert_eq!((browser.cards(), browser.get("turn().querySelector('.prose').innerText")), (cards, text));
    assert!(browser.get("one('problem', turn()).querySelector('[role=alert]').innerText.length").as_u64().unwrap() > 5);
    browser.run("one('problem', turn()).scrollIntoView({ block: 'center' })");
    browser.shot(picture);
    // Nobody is there yet: that is said, and nothing is lost.
    browser.run("one('retry', turn()).dataset.testid = 'old'");
    browser.click("[data-testid=old]");
    browser.until("turn().ariaBusy === 'false' && seen(one('retry', turn()))");
    assert!(!browser.cards().is_empty());
    let again = Service::of(shop(), &[], service.url.strip_prefix("http://").unwrap());
    assert_eq!(again.url, service.url);
    browser.click("[data-testid=retry]");
    browser.answered();
    assert_eq!(browser.get("[all('turn').length, all('problem').length]"), serde_json::json!([1, 0]));
    assert_eq!(browser.get("turn().querySelector('h2').innerText"), question);
    assert!(browser.texts("dimension").len() >= 3);
}

#[test]
fn a_server_that_goes_away_takes_nothing_along() {
    check_lost_server(DESKTOP, "我是大圆脸，怎么挑一顶显脸小的帽子？", "failure-desktop-light-zh");
}

#[test]
fn on_a_phone_too_a_lost_server_takes_nothing_along() {
    check_lost_server(PHONE.english().dark(), "noise cancelling headphones for my commute under 600", "failure-phone-dark-en");
}

#[test]
fn who_asks_too_fast_sees_a_countdown_and_can_try_again() {
    let service = Service::with(&[("DAOGOU_SERVE_CHATS_PER_MINUTE", "10")]);
    let Some(browser) = visit(&service, DESKTOP) else { return };
    browser.write("#message", "三百块以内的降噪耳机");
    until("the limit is reached", || (service.post("/api/chat", &serde_json::json!({"message": "帽子"})).status == 429).then_some(()));
    browser.click("[data-testid=send]");
    let left = browser.until("Number(document.querySelector('.countdown').innerText)");
    assert!((1..=6).contains(&left.as_u64().unwrap()), "{left}");
    browser.shot("refused-desktop-light-zh");
    browser.until("document.querySelector('.problem-later').innerText.includes('现在可以')");
    browser.click("[data-testid=retry]");
    browser.answered();
    assert!(!browser.cards().is_empty());
}
