//! Everything by keyboard, and it is always to be seen where one is.

use serde_json::json;

use super::driver::{Browser, DESKTOP, Key};
use super::page;

/// The element with the focus has an outline, is on the screen, and nothing lies over it.
#[track_caller]
fn focus_shows(browser: &Browser) {
    browser.settled();
    let seen = browser.get(
        "(() => {
            const focused = document.activeElement;
            if (focused === document.body) return 'nowhere, between the end of the page and its start';
            const drawn = (element) => { const style = getComputedStyle(element); return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1 && !/ 0\\)$|rgba\\(0, 0, 0, 0\\)|transparent/.test(style.outlineColor); };
            const holder = [focused, focused.closest('label'), focused.closest('.composer')].find((element) => element && drawn(element));
            if (!holder) return `no outline at ${focused.outerHTML.slice(0, 200)}`;
            // A link may run over two lines.
            const box = holder.getClientRects()[0];
            const [x, y] = [box.left + box.width / 2, box.top + Math.min(box.height / 2, innerHeight / 3)];
            const above = document.elementFromPoint(x, y);
            if (!above || !(holder.contains(above) || above.contains(holder) && !above.closest('.dock, .bar'))) return `covered or off the screen at ${x}, ${y}: ${focused.outerHTML.slice(0, 200)}`;
            return null;
        })()",
    );
    let between = seen.as_str().is_some_and(|text| text.starts_with("nowhere"));
    assert!(seen.is_null() || between, "{seen}");
}

/// Goes on with the tab key until an element has the focus.
#[track_caller]
fn tab_to(browser: &Browser, selector: &str) {
    for _ in 0..80 {
        browser.press(Key::Tab);
        focus_shows(browser);
        if browser.get(&format!("document.activeElement.matches({})", json!(selector))) == true {
            return;
        }
    }
    browser.shot("failed");
    panic!("80 tabs never led to {selector}");
}

#[test]
fn a_whole_conversation_by_keyboard() {
    let Some((_service, browser)) = page(DESKTOP) else { return };
    // A new page waits for the question; its presets come before, the link that skips them first.
    assert_eq!(browser.get("document.activeElement.id"), "message");
    tab_to(&browser, ".skip");
    browser.shot("skip-link-desktop-light-zh");
    browser.press(Key::Enter);
    browser.until("document.activeElement.id === 'message'");
    focus_shows(&browser);
    browser.type_text("三百块以内的头戴式耳机");
    browser.press(Key::Enter);
    browser.until("turn()");
    browser.answered();
    // Back into the answer, where the chips come first.
    tab_to(&browser, "[data-names=price] [data-testid=chip-remove]");
    browser.shot("focus-desktop-light-zh");
    browser.press(Key::Enter);
    browser.until("turn().ariaBusy === 'false' && one('chip-restore', turn())");
    browser.until("document.activeElement.closest('[data-testid=turn]')");
    focus_shows(&browser);
    tab_to(&browser, "[data-testid=shop-link]");
    tab_to(&browser, "[data-testid=compare]");
    browser.press(Key::Space);
    tab_to(&browser, "[data-testid=compare]");
    browser.press(Key::Space);
    browser.until("all('compare').filter((tick) => tick.checked).length === 2");
    tab_to(&browser, "[data-testid=named-product]");
    browser.press(Key::Enter);
    browser.until("document.activeElement.matches('.card')");
    tab_to(&browser, "[data-testid=follow-up]");
    tab_to(&browser, "[data-testid=compare-open]");
    browser.press(Key::Enter);
    browser.until("one('compare-dialog').open && one('compare-dialog').contains(document.activeElement)");
    for _ in 0..4 {
        focus_shows(&browser);
        browser.press(Key::Tab);
    }
    browser.press(Key::Escape);
    browser.until("!one('compare-dialog').open && document.activeElement === one('compare-open')");
    browser.is_content();
}

#[test]
fn dialogs_and_forms_close_with_escape_and_give_the_focus_back() {
    let Some((_service, browser)) = page(DESKTOP) else { return };
    browser.ask("三百块以内的头戴式耳机");
    tab_to(&browser, "[data-testid=erase]");
    browser.press(Key::Enter);
    browser.until("one('erase-dialog').open && one('erase-dialog').contains(document.activeElement)");
    focus_shows(&browser);
    browser.press(Key::Tab);
    focus_shows(&browser);
    browser.press(Key::Escape);
    browser.until("!one('erase-dialog').open && document.activeElement === one('erase')");
    tab_to(&browser, "[data-names=price] [data-testid=chip-text]");
    browser.press(Key::Enter);
    browser.until("document.activeElement === one('edit-high', turn())");
    focus_shows(&browser);
    browser.press(Key::Escape);
    browser.until("!one('chip-editor') && document.activeElement.matches('[data-names=price] [data-testid=chip-text]')");
    browser.press_with_shift(Key::Tab);
    focus_shows(&browser);
}
