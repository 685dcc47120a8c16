//! What merchants, buyers, shoppers and models write is text. Nothing of it runs.

use serde_json::{Value, json};

use super::driver::{Browser, DESKTOP};
use super::{page, visit, with_model};
use crate::model::nothing_read;
use crate::model_server::{ModelServer, form, purpose};
use crate::support::Program;
use crate::web::Service;

const RUNS: &str =
    "<script>window.ran=1</script><img src=x onerror=\"window.ran=1\"><svg onload='window.ran=1'><iframe srcdoc='<script>parent.ran=1</script>'></iframe>";

/// Hats whose every field wants to run.
fn hostile_shop() -> Program {
    let program = Program::new();
    let hat = |id: &str, price: &str| {
        let mut hat = json!({
            "id": id, "title": format!("帽子 hat {id} {RUNS}"), "description": format!("{RUNS} <a href=\"javascript:window.ran=1\">渔夫帽</a>"),
            "brand": format!("<b onmouseover=window.ran=1>{id}</b>"), "price": price, "product_type": "Apparel > Hats",
            "link": "https://shop.example/x?\"onmouseover=\"window.ran=1", "image_link": "https://shop.example/a.png?\"><script>window.ran=1</script>",
            "rating": 4.5, "review_count": 2, "attributes": {"material": format!("cotton {RUNS}"), "color": "{{constructor.constructor('window.ran=1')()}}"},
        });
        hat["reviews"] = json!([{"rating": 5, "text": format!("很好 {RUNS}")}]);
        hat
    };
    let rows: Vec<String> = [("hat-a", "99 CNY"), ("hat-b", "89 CNY"), ("hat-c", "79 CNY")].iter().map(|(id, price)| hat(id, price).to_string()).collect();
    let file = program.file("hostile.jsonl", &rows.join("\n"));
    program.ok(&["import", "--replace-all", file.to_str().unwrap()]);
    program
}

/// Nothing ran, and no element was made of what was written.
#[track_caller]
fn nothing_ran(browser: &Browser) {
    assert_eq!(browser.get("window.ran ?? null"), Value::Null);
    let made = "[...document.querySelectorAll('#main script, #main iframe, #main b, #main a[href^=javascript], dialog script, dialog iframe, img[src=x], svg[onload], [onerror], [onmouseover]')].length";
    assert_eq!(browser.get(made), 0);
}

#[test]
fn markup_in_the_catalog_is_text() {
    let service = Service::of(std::sync::Arc::new(hostile_shop()), &[], "127.0.0.1:0");
    let Some(browser) = visit(&service, DESKTOP) else { return };
    browser.ask("帽子");
    assert_eq!(browser.cards().len(), 3);
    assert_eq!(browser.get("turn().querySelector('.card-title').innerText.includes('<script>window.ran=1</script>')"), true);
    browser.run("for (const details of document.querySelectorAll('details')) details.open = true");
    nothing_ran(&browser);
    browser.run("for (const tick of all('compare', turn())) tick.click()");
    browser.click("[data-testid=compare-open]");
    browser.until("!document.querySelector('.compare-note').innerText && one('compare-table').innerText.includes('<script>')");
    nothing_ran(&browser);
    browser.shot("hostile-comparison");
    let links =
        browser.get("[...document.querySelectorAll('a[href]')].every((link) => /^https?:/.test(link.href) || link.getAttribute('href').startsWith('#'))");
    assert_eq!(links, true);
}

#[test]
fn markup_in_a_question_is_text() {
    let Some((_service, browser)) = page(DESKTOP) else { return };
    browser.ask("帽子 <img src=x onerror=window.ran=1> <script>window.ran=1</script>");
    assert_eq!(browser.get("turn().querySelector('h2').innerText.includes('<img src=x')"), true);
    browser.reload();
    browser.answered();
    nothing_ran(&browser);
    browser.run("location.href = '/?q=' + encodeURIComponent('<img src=x onerror=window.ran=1> hat')");
    browser.until("location.search === '' && turn()?.innerText.includes('onerror')");
    browser.answered();
    nothing_ran(&browser);
    browser.is_content();
}

#[test]
fn markup_from_a_model_is_text() {
    let model = ModelServer::writing(|_, request| match purpose(request) {
        "understand" => nothing_read(),
        _ => form(request, |_| format!("先看帽型。{RUNS}")),
    });
    let service = Service::with(&with_model(&model.url));
    let Some(browser) = visit(&service, DESKTOP) else { return };
    browser.ask("帽子");
    nothing_ran(&browser);
}

#[test]
fn the_policy_stops_what_is_injected() {
    let Some((_service, browser)) = page(DESKTOP) else { return };
    browser.is_content();
    browser.run(
        "window.stopped = [];
        addEventListener('securitypolicyviolation', (event) => window.stopped.push(event.effectiveDirective));
        const add = (tag, attributes, text = '') => document.body.append(Object.assign(document.createElement(tag), attributes, { textContent: text }));
        add('script', {}, 'window.ran = 1');
        add('script', { src: 'https://elsewhere.example/x.js' });
        add('style', {}, 'body { color: red }');
        add('iframe', { src: 'https://elsewhere.example/' });
        document.body.insertAdjacentHTML('beforeend', '<button id=attack onclick=\"window.ran = 1\">x</button>');
        document.getElementById('attack').click();",
    );
    browser.until("window.stopped.length >= 5");
    let mut stopped: Vec<String> = serde_json::from_value(browser.get("window.stopped")).unwrap();
    stopped.sort();
    assert_eq!(stopped, ["frame-src", "script-src-attr", "script-src-elem", "script-src-elem", "style-src-elem"]);
    assert_eq!(browser.get("window.ran ?? null"), Value::Null);
    assert!(browser.complaints().len() >= 5);
}
