//! Asking, and what leads on from an answer.

use super::driver::DESKTOP;
use super::{page, visit};
use crate::web::Service;

#[test]
fn a_preset_question_is_asked_by_a_click() {
    let Some((_service, browser)) = page(DESKTOP) else { return };
    browser.shot("start-desktop-light-zh");
    let question = browser.get("one('preset').innerText");
    browser.click("[data-testid=preset]");
    browser.answered();
    assert_eq!(browser.get("turn().querySelector('h2').innerText"), question);
    assert_eq!(browser.cards().len(), 3);
    assert!(browser.texts("dimension").len() >= 3);
    assert_eq!(browser.get("seen(document.getElementById('welcome'))"), false);
    browser.shot("answer-desktop-light-zh");
    browser.long_shot("answer-long-desktop-light-zh");
    browser.is_content();
}

#[test]
fn follow_ups_and_the_one_question_are_buttons_that_ask() {
    let Some((_service, browser)) = page(DESKTOP) else { return };
    browser.ask("帽子，两百以内");
    let option = browser.get("one('question-option', turn()).firstChild.data");
    browser.click("[data-testid=question-option]");
    browser.until("all('turn').length === 2");
    browser.answered();
    assert_eq!(browser.get("turn().querySelector('h2').innerText"), option);
    // What was asked first still holds, and only the newest answer has buttons.
    assert!(browser.texts("chip").iter().any(|chip| chip.contains("200")), "{:?}", browser.texts("chip"));
    assert_eq!(browser.get("all('question-option', all('turn')[0]).length"), 0);
    let follow_up = browser.get("one('follow-up', turn()).innerText");
    browser.click("[data-testid=follow-up]");
    browser.until("all('turn').length === 3");
    browser.answered();
    assert_eq!(browser.get("turn().querySelector('h2').innerText"), follow_up);
    browser.is_content();
}

#[test]
fn a_product_named_in_the_advice_leads_to_its_card() {
    let Some((_service, browser)) = page(DESKTOP) else { return };
    browser.ask("我是大圆脸，怎么挑一顶显脸小的帽子？");
    browser.run("all('named-product', turn()).at(-1).scrollIntoView({ block: 'center' })");
    let id = browser.get("all('named-product', turn()).at(-1).dataset.product");
    assert_eq!(browser.get("inView(one('cards', turn()))"), false);
    browser.run("all('named-product', turn()).at(-1).id = 'wanted'");
    browser.click("#wanted");
    browser.until("inView(document.activeElement) && document.activeElement.matches('.card.marked')");
    assert_eq!(browser.get("document.activeElement.dataset.id"), id);
}

#[test]
fn a_scene_is_answered_with_a_list_and_its_sum() {
    let Some((_service, browser)) = page(DESKTOP) else { return };
    browser.ask("四个人吃火锅要买什么？");
    assert!(browser.get("one('kit', turn()).innerText").as_str().unwrap().contains("合计"));
    assert!(browser.texts("chip").contains(&"4 人".to_owned()));
    browser.run("one('kit', turn()).scrollIntoView({ block: 'center' })");
    browser.shot("kit-desktop-light-zh");
    browser.long_shot("kit-long-desktop-light-zh");
    browser.run("turn().querySelector('.kit .jump').scrollIntoView({ block: 'center' })");
    browser.click(".kit .jump");
    browser.until("inView(document.activeElement) && document.activeElement.matches('.card.marked')");
}

#[test]
fn when_nothing_fits_a_wish_can_be_dropped_by_a_click() {
    let Some((_service, browser)) = page(DESKTOP) else { return };
    browser.ask("100 块以内的头戴式降噪耳机");
    assert!(browser.get("one('cards', one('nearest', turn())).children.length").as_u64().unwrap() > 0);
    browser.long_shot("nearest-desktop-light-zh");
    browser.click("[data-testid=nearest-apply]");
    browser.until("turn().ariaBusy === 'false' && !one('nearest', turn()) && all('card', turn()).length > 0");
    assert_eq!(browser.texts("chip-restore").len(), 1);
}

#[test]
fn a_shared_address_asks_its_question_once() {
    let service = Service::start();
    let Some(browser) = visit(&service, DESKTOP) else { return };
    browser.run("location.href = '/?q=' + encodeURIComponent('三百块以内的降噪耳机')");
    browser.until("turn() && location.search === ''");
    browser.answered();
    browser.reload();
    browser.answered();
    assert_eq!(browser.get("all('turn').length"), 1);
}
