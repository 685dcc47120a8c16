//! Products before text, nothing that jumps while it arrives, and a button that stops it.

use super::driver::{Browser, DESKTOP, Look, PHONE};
use super::{HeldModel, page, visit, with_model};
use crate::web::Service;

#[test]
fn products_stand_there_before_the_text() {
    let model = HeldModel::start();
    let service = Service::with(&with_model(&model.server.url));
    let Some(browser) = visit(&service, DESKTOP) else { return };
    browser.begin("我是大圆脸，怎么挑一顶显脸小的帽子？");
    browser.until("all('card', turn()).length === 3 && all('card', turn()).every((card) => card.querySelector('.price-final'))");
    assert_eq!(browser.get("[turn().ariaBusy, turn().querySelectorAll('.prose').length, all('dimension', turn()).length]"), serde_json::json!(["true", 0, 0]));
    assert_eq!(browser.get("inView(turn().querySelector('.card-title'))"), true);
    browser.shot("waiting-desktop-light-zh");
    model.let_go();
    browser.answered();
    assert!(browser.get("turn().querySelector('.summary').innerText").as_str().unwrap().contains("先看帽型"));
    assert_eq!(browser.cards().len(), 3);
    browser.is_content();
}

#[test]
fn without_a_model_too_products_come_first() {
    let Some((_service, browser)) = page(DESKTOP) else { return };
    browser.run(
        "window.order = [];
        const note = (name) => window.order.includes(name) || window.order.push(name);
        new MutationObserver(() => {
            if (one('card')) note('products');
            if (document.querySelector('.turn .prose')) note('text');
        }).observe(document.getElementById('conversation'), { childList: true, subtree: true });",
    );
    browser.click("[data-testid=preset]");
    browser.answered();
    assert_eq!(browser.get("window.order"), serde_json::json!(["products", "text"]));
}

#[test]
fn the_stop_button_stops() {
    let model = HeldModel::start();
    let service = Service::with(&with_model(&model.server.url));
    let Some(browser) = visit(&service, DESKTOP) else { return };
    browser.begin("三百块以内的降噪耳机");
    browser.until("all('card', turn()).length > 0");
    let cards = browser.cards();
    browser.click("[data-testid=stop]");
    browser.until("turn().ariaBusy === 'false' && one('problem', turn()).innerText.includes('已停止')");
    assert_eq!(browser.cards(), cards);
    assert_eq!(browser.get("[seen(one('stop')), seen(one('send'))]"), serde_json::json!([false, true]));
    browser.shot("stopped-desktop-light-zh");
    model.let_go();
    browser.click("[data-testid=retry]");
    browser.answered();
    assert_eq!(browser.get("[all('turn').length, all('problem').length]"), serde_json::json!([1, 0]));
}

#[test]
fn a_reload_in_the_middle_keeps_the_question_in_the_box() {
    let model = HeldModel::start();
    let service = Service::with(&with_model(&model.server.url));
    let Some(browser) = visit(&service, DESKTOP) else { return };
    browser.begin("三百块以内的降噪耳机");
    browser.until("all('card', turn()).length > 0");
    browser.reload();
    browser.until("one('message').value === '三百块以内的降噪耳机'");
    model.let_go();
    browser.click("[data-testid=send]");
    browser.until("turn()");
    browser.answered();
}

/// Asks by an address, so that no click excuses what moves, and sums up how much moved.
#[track_caller]
fn shifts(browser: &Browser, service: &Service, question: &str, meanwhile: impl FnOnce()) -> f64 {
    let address = format!("{}/?q={}", service.url, url::form_urlencoded::byte_serialize(question.as_bytes()).collect::<String>());
    browser.run(&format!("location.href = '{address}'"));
    browser.until("turn() && all('card', turn()).length > 0");
    meanwhile();
    browser.answered();
    browser.run(
        "window.shifts = { sum: 0, ready: false };
        new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts.sum += entry.value;
        }).observe({ type: 'layout-shift', buffered: true });
        requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => (window.shifts.ready = true), 100)));",
    );
    browser.until("window.shifts.ready");
    browser.get("window.shifts.sum").as_f64().unwrap()
}

#[track_caller]
fn check_shifts(look: Look, question: &str) {
    let model = HeldModel::start();
    let service = Service::with(&with_model(&model.server.url));
    let Some(browser) = visit(&service, look) else { return };
    let held = shifts(&browser, &service, question, || model.let_go());
    assert!(held < 0.1, "`{question}` with a model: {held}");
    let service = Service::start();
    browser.run("sessionStorage.clear()");
    let at_once = shifts(&browser, &service, question, || {});
    assert!(at_once < 0.1, "`{question}`: {at_once}");
}

#[test]
fn nothing_jumps_while_an_answer_arrives() {
    check_shifts(DESKTOP, "我是大圆脸，怎么挑一顶显脸小的帽子？");
}

#[test]
fn nothing_jumps_on_a_phone() {
    check_shifts(PHONE.english(), "Noise-cancelling headphones for my commute under 500");
}

#[test]
fn nothing_jumps_when_a_list_arrives() {
    check_shifts(DESKTOP, "四个人吃火锅要买什么？");
}
