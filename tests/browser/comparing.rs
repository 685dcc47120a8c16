//! Products side by side.

use super::driver::{Browser, DESKTOP, Key, PHONE};
use super::page;

fn tick(browser: &Browser, card: usize) {
    let number = card + 1;
    browser.run(&format!("all('card', turn())[{card}].scrollIntoView({{ block: 'end', inline: 'center' }}); scrollBy(0, 200)"));
    browser.click(&format!("li:nth-child({number}) > [data-testid=card] [data-testid=compare]"));
    browser.until(&format!("all('compare', turn())[{card}].checked"));
}

#[test]
fn ticked_products_are_compared_in_a_table() {
    let Some((_service, browser)) = page(DESKTOP) else { return };
    browser.ask("耳机");
    tick(&browser, 0);
    assert_eq!(browser.get("one('compare-open').disabled"), true);
    tick(&browser, 1);
    tick(&browser, 2);
    browser.shot("tray-desktop-light-zh");
    browser.click("[data-testid=compare-open]");
    // The records have come.
    browser.until("seen(one('compare-table')) && !document.querySelector('.compare-note').innerText");
    let titles = browser.get("[...document.querySelectorAll('.compare-table thead th')].map((head) => head.innerText)");
    assert_eq!(titles, browser.get("[...turn().querySelectorAll('.card-title')].map((title) => title.innerText)"));
    assert!(browser.get("one('compareDiffers').querySelectorAll('tr').length").as_u64().unwrap() > 3);
    browser.shot("comparison-desktop-light-zh");
    browser.press(Key::Escape);
    browser.until("!one('compare-dialog').open");
    browser.until("document.activeElement === one('compare-open')");
    browser.click("[data-testid=compare-clear]");
    browser.until("!seen(document.getElementById('tray')) && all('compare').every((tick) => !tick.checked)");
    browser.is_content();
}

#[test]
fn the_table_fits_a_phone() {
    let Some((_service, browser)) = page(PHONE.english().dark()) else { return };
    browser.ask("headphones");
    tick(&browser, 0);
    tick(&browser, 1);
    browser.shot("tray-phone-dark-en");
    browser.click("[data-testid=compare-open]");
    browser.until("seen(one('compare-table')) && !document.querySelector('.compare-note').innerText");
    let wide = browser.get("one('compare-dialog').getBoundingClientRect().width <= innerWidth && document.documentElement.scrollWidth <= innerWidth");
    assert_eq!(wide, true);
    browser.shot("comparison-phone-dark-en");
    browser.click("[data-testid=compare-close]");
    browser.until("!one('compare-dialog').open");
}
