//! What was understood, as chips that change the question.

use super::driver::{DESKTOP, Key};
use super::page;

const PRICES: &str = "all('card', turn()).map((card) => Number(card.querySelector('.price-final').innerText.replace(/[^\\d.]/g, '')))";

#[test]
fn a_chip_that_is_clicked_away_no_longer_binds_and_can_come_back() {
    let Some((_service, browser)) = page(DESKTOP) else { return };
    browser.ask("三百块以内的头戴式耳机");
    let first = browser.cards();
    assert_eq!(browser.get(&format!("{PRICES}.every((price) => price <= 300)")), true);
    browser.click("[data-names=price] [data-testid=chip-remove]");
    browser.until("turn().ariaBusy === 'false' && one('chip-restore', turn())");
    assert_eq!(browser.get(&format!("{PRICES}.some((price) => price > 300)")), true);
    assert_ne!(browser.cards(), first);
    assert_eq!(browser.get("all('turn').length"), 1);
    browser.shot("chip-removed-desktop-light-zh");
    browser.click("[data-testid=chip-restore]");
    browser.until("turn().ariaBusy === 'false' && !one('chip-restore', turn()) && turn().querySelector('[data-names=price]')");
    assert_eq!(browser.cards(), first);
    browser.is_content();
}

#[test]
fn a_price_is_changed_in_its_chip() {
    let Some((_service, browser)) = page(DESKTOP) else { return };
    browser.ask("三百块以内的头戴式耳机");
    browser.click("[data-names=price] [data-testid=chip-text]");
    browser.until("document.activeElement === one('edit-high', turn())");
    browser.shot("price-editor-desktop-light-zh");
    browser.type_text("150");
    browser.press(Key::Enter);
    browser.until("all('turn').length === 2");
    browser.answered();
    assert!(browser.texts("chip").iter().any(|chip| chip.contains("150")), "{:?}", browser.texts("chip"));
    assert_eq!(browser.get(&format!("{PRICES}.length > 0 && {PRICES}.every((price) => price <= 150)")), true);
}

#[test]
fn a_chip_without_a_form_of_its_own_is_changed_in_words() {
    let Some((_service, browser)) = page(DESKTOP) else { return };
    browser.ask("三百块以内的头戴式耳机");
    browser.click("[data-names=type] [data-testid=chip-text]");
    browser.until("document.activeElement.id === 'message'");
    let selected = browser.get("document.activeElement.value.slice(document.activeElement.selectionStart, document.activeElement.selectionEnd)");
    assert_eq!(selected, "头戴式耳机");
}
