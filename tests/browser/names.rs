//! What a screen reader is told.

use serde_json::{Value, json};

use super::driver::{Browser, DESKTOP, PHONE};
use super::page;

const OPERATED: [&str; 9] = ["button", "link", "textbox", "checkbox", "spinbutton", "combobox", "searchbox", "dialog", "DisclosureTriangle"];

/// Everything that can be operated has a name.
#[track_caller]
fn all_have_names(browser: &Browser) -> usize {
    let tree = browser.tool("Accessibility.getFullAXTree", &json!({}));
    let text = |node: &Value, field: &str| node[field]["value"].as_str().unwrap_or_default().trim().to_owned();
    let operated: Vec<&Value> =
        tree["nodes"].as_array().unwrap().iter().filter(|node| node["ignored"] == false && OPERATED.contains(&text(node, "role").as_str())).collect();
    for node in &operated {
        assert!(!text(node, "name").is_empty(), "no name: {node}");
    }
    operated.len()
}

#[test]
fn everything_that_can_be_operated_has_a_name() {
    for look in [DESKTOP, PHONE.english()] {
        let Some((_service, browser)) = page(look) else { return };
        assert!(all_have_names(&browser) > 8);
        browser.ask(if look.phone { "a quiet robot vacuum for long cat hair under 2500" } else { "三百块以内的头戴式耳机" });
        assert!(all_have_names(&browser) > 20);
        browser.run("turn().querySelector('.chip-live.chip-price .chip-text').click()");
        browser.until("one('chip-editor')");
        all_have_names(&browser);
        browser.run("one('erase').click()");
        browser.until("one('erase-dialog').open");
        assert!(all_have_names(&browser) >= 3);
    }
}

#[test]
fn the_live_region_tells_what_arrives() {
    let Some((_service, browser)) = page(DESKTOP) else { return };
    assert_eq!(browser.get("[one('announcer').ariaLive, one('announcer').innerText]"), json!(["polite", ""]));
    browser.ask("帽子，两百以内");
    let told: Vec<String> = serde_json::from_value(browser.get("[...one('announcer').children].map((line) => line.textContent)")).unwrap();
    let place = |text: &str| told.iter().position(|line| line.contains(text)).unwrap_or_else(|| panic!("`{text}` was not told: {told:?}"));
    assert!(place("已发送") < place("找到 3 款商品") && place("找到 3 款商品") < place("建议：") && place("建议：") < place("回答完成"));
}
