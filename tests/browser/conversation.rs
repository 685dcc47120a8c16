//! A conversation is kept over a reload, begun anew, and erased for good.

use super::driver::{Browser, DESKTOP, Key, PHONE};
use super::{kept_turns, page};

fn session(browser: &Browser) -> serde_json::Value {
    browser.get("sessionStorage.getItem('daogou.session')")
}

#[test]
fn a_reload_keeps_the_conversation_and_what_was_clicked_away() {
    let Some((_service, browser)) = page(DESKTOP) else { return };
    browser.ask("三百块以内的头戴式耳机");
    browser.ask("不要黑色");
    browser.click("article:last-child [data-names=price] [data-testid=chip-remove]");
    browser.until("turn().ariaBusy === 'false' && one('chip-restore', turn())");
    let before = (browser.cards(), browser.get("all('turn').map((one) => one.querySelector('h2').innerText)"));
    browser.reload();
    browser.until("all('turn').length === 2");
    browser.answered();
    assert_eq!((browser.cards(), browser.get("all('turn').map((one) => one.querySelector('h2').innerText)")), before);
    assert_eq!(browser.texts("chip-restore").len(), 1);
    assert_eq!(browser.get("seen(document.getElementById('welcome'))"), false);
    // And it goes on where it was.
    browser.ask("有线的");
    assert!(browser.texts("chip").iter().any(|chip| chip.contains("头戴式")), "{:?}", browser.texts("chip"));
    browser.is_content();
}

#[test]
fn a_new_conversation_knows_nothing_of_the_old_one() {
    let Some((service, browser)) = page(DESKTOP) else { return };
    browser.ask("三百块以内的头戴式耳机");
    let old = session(&browser);
    browser.click("[data-testid=new-conversation]");
    browser.until("seen(one('preset')) && all('turn').length === 0 && document.activeElement.id === 'message'");
    browser.ask("不要黑色的帽子");
    assert_ne!(session(&browser), old);
    assert!(browser.texts("chip").iter().all(|chip| !chip.contains("300")), "{:?}", browser.texts("chip"));
    assert_eq!(kept_turns(&service, &old), Some(1));
}

#[test]
fn an_erased_conversation_is_gone_here_and_on_the_server() {
    let Some((service, browser)) = page(DESKTOP) else { return };
    browser.ask("三百块以内的头戴式耳机");
    let id = session(&browser);
    browser.click("[data-testid=erase]");
    browser.until("one('erase-dialog').open");
    browser.shot("erase-desktop-light-zh");
    browser.press(Key::Escape);
    browser.until("!one('erase-dialog').open && document.activeElement === one('erase')");
    assert_eq!((browser.get("all('turn').length"), kept_turns(&service, &id)), (1.into(), Some(1)));
    browser.click("[data-testid=erase]");
    browser.click("[data-testid=erase-confirm]");
    browser.until("seen(one('preset')) && all('turn').length === 0");
    assert_eq!(kept_turns(&service, &id), None);
    browser.reload();
    browser.until("seen(one('preset'))");
    assert_eq!(browser.get("all('turn').length"), 0);
    assert!(session(&browser).is_null());
}

#[test]
fn the_dialog_fits_a_phone() {
    let Some((_service, browser)) = page(PHONE.english().dark()) else { return };
    browser.ask("a warm hat under 200");
    browser.click("[data-testid=erase]");
    browser.until("one('erase-dialog').open && inView(one('erase-confirm')) && inView(one('erase-cancel'))");
    browser.shot("erase-phone-dark-en");
}
