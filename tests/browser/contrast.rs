//! Text is readable: AA contrast of every text on the page, from the computed styles, in both themes.

use serde_json::json;

use super::driver::{Browser, DESKTOP, PHONE};
use super::{page, stalling_model, visit, with_model};
use crate::web::Service;

/// Texts with less contrast than they need: 4.5, or 3 for large ones; and edges of fields and of the focus with less than 3.
const FAINT: &str = r"(() => {
    const parse = (color) => {
        const figures = color.match(/-?[\d.]+(?:e-?\d+)?/g).map(Number);
        const [r, g, b] = color.startsWith('color(') ? figures.map((part) => part * 255) : figures;
        return { r, g, b, a: figures[3] ?? 1 };
    };
    const over = (top, below) => ({ r: top.r * top.a + below.r * (1 - top.a), g: top.g * top.a + below.g * (1 - top.a), b: top.b * top.a + below.b * (1 - top.a), a: 1 });
    const ground = (element) => {
        const layers = [];
        for (let at = element; at; at = at.parentElement) {
            const color = parse(getComputedStyle(at).backgroundColor);
            layers.push(color);
            if (color.a === 1 || at.matches('dialog')) break;
        }
        return layers.reduceRight((below, layer) => over(layer, below), { r: 255, g: 255, b: 255, a: 1 });
    };
    const light = ({ r, g, b }) => {
        const part = (value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
        return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
    };
    const contrast = (one, other) => { const [dark, bright] = [light(one), light(other)].sort((a, b) => a - b); return (bright + 0.05) / (dark + 0.05); };
    const faint = [];
    const check = (element, color, least, what) => {
        const below = ground(element);
        const found = contrast(over(parse(color), below), below);
        if (found < least) faint.push(`${found.toFixed(2)} of ${least}: ${what}`);
    };
    let texts = 0;
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || !element.checkVisibility({ opacityProperty: true }) || element.closest('.hidden, :disabled, svg, script, noscript')) continue;
        const style = getComputedStyle(element);
        const size = parseFloat(style.fontSize);
        const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
        texts += 1;
        check(element, style.color, large ? 3 : 4.5, `${element.className || element.tagName}: ${walker.currentNode.data.trim().slice(0, 30)}`);
    }
    const message = document.getElementById('message');
    check(message, getComputedStyle(message, '::placeholder').color, 4.5, 'placeholder');
    check(document.body, getComputedStyle(document.querySelector('.composer')).borderColor, 3, 'edge of the composer');
    const accent = document.createElement('span');
    accent.className = 'jump';
    document.body.append(accent);
    accent.tabIndex = 0;
    accent.focus({ preventScroll: true });
    check(document.body, getComputedStyle(accent).outlineColor, 3, 'outline of the focus');
    accent.remove();
    return { texts, faint: [...new Set(faint)] };
})()";

/// Every text of the page as it is now, in both themes.
#[track_caller]
fn check(browser: &Browser, at_least: u64) {
    for theme in ["light", "dark"] {
        browser.run(&format!("document.documentElement.dataset.theme = '{theme}'"));
        browser.settled();
        let found = browser.get(FAINT);
        assert_eq!(found["faint"], json!([]), "{theme}");
        assert!(found["texts"].as_u64().unwrap() >= at_least, "{found}");
    }
}

#[test]
fn every_text_of_an_answer_has_contrast() {
    let Some((_service, browser)) = page(DESKTOP) else { return };
    check(&browser, 15);
    browser.ask("三百块以内的降噪耳机，最好是白色");
    browser.run("for (const details of document.querySelectorAll('details')) details.open = true");
    browser.run("for (const tick of all('compare', turn())) tick.click(); turn().querySelector('.chip-price .chip-text').click()");
    browser.until("one('chip-editor')");
    check(&browser, 60);
    browser.click("[data-testid=compare-open]");
    browser.until("!document.querySelector('.compare-note').innerText");
    check(&browser, 80);
}

#[test]
fn so_have_lists_and_what_is_near() {
    let Some((_service, browser)) = page(PHONE.english()) else { return };
    browser.ask("What do I need for hot pot for four?");
    check(&browser, 40);
    browser.ask("over-ear noise cancelling headphones under 100");
    browser.click("article:last-child [data-names=price] [data-testid=chip-remove]");
    browser.until("turn().ariaBusy === 'false' && one('chip-restore', turn())");
    check(&browser, 60);
}

#[test]
fn so_has_what_went_wrong() {
    let model = stalling_model(0.4);
    let mut service = Service::with(&with_model(&model.url));
    let Some(browser) = visit(&service, DESKTOP) else { return };
    browser.begin("我是大圆脸，怎么挑一顶显脸小的帽子？");
    browser.until("all('card', turn()).length > 0");
    service.signal("KILL");
    service.ended();
    browser.until("seen(one('retry', turn()))");
    check(&browser, 15);
    browser.run("one('erase').click()");
    browser.click("[data-testid=erase-confirm]");
    browser.until("document.getElementById('erase-problem').innerText");
    check(&browser, 20);
}
