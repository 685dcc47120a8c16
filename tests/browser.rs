//! The chat page in a real Chromium, as shoppers use it: by mouse, finger and keyboard, in both languages and themes.
//!
//! Pictures of the main states are left in `target/screenshots`.

mod asking;
mod chips;
mod comparing;
mod contrast;
mod conversation;
mod driver;
mod failures;
mod hostile;
mod keyboard;
mod looks;
mod names;
mod streaming;

use std::sync::{Arc, Condvar, Mutex};

use serde_json::{Value, json};

use crate::model::{good, nothing_read};
use crate::model_server::{Ending, ModelServer, Script, pieces, purpose};
use crate::web::Service;

use driver::{Browser, Look};

/// A page of the sample shop, not yet asked anything; nothing where there is no Chromium.
fn page(look: Look) -> Option<(Service, Browser)> {
    let service = Service::start();
    let browser = visit(&service, look)?;
    Some((service, browser))
}

/// Goes to the page of a service and waits until it can be used.
fn visit(service: &Service, look: Look) -> Option<Browser> {
    let browser = Browser::open(&service.url, look)?;
    browser.until("seen(one('preset'))");
    Some(browser)
}

impl Browser {
    /// Asks, without waiting for the answer.
    #[track_caller]
    fn begin(&self, question: &str) {
        self.write("#message", question);
        self.click("[data-testid=send]");
        self.until(&format!("turn().querySelector('h2').innerText === {}", json!(question)));
    }

    /// Asks and waits for the whole answer.
    #[track_caller]
    fn ask(&self, question: &str) {
        self.begin(question);
        self.answered();
    }

    /// Waits until the last answer is whole.
    #[track_caller]
    fn answered(&self) {
        self.until("turn() && turn().ariaBusy === 'false' && one('again', turn())");
    }

    /// Visible texts of elements of the last turn.
    #[track_caller]
    fn texts(&self, id: &str) -> Vec<String> {
        let texts = self.get(&format!("texts('{id}', turn())"));
        texts.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
    }

    /// Ids of the products of the last turn.
    #[track_caller]
    fn cards(&self) -> Vec<String> {
        let ids = self.get("all('card', turn()).map((card) => card.dataset.id)");
        ids.as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect()
    }

    /// Nobody complained in the console.
    #[track_caller]
    fn is_content(&self) {
        assert_eq!(self.complaints(), Vec::<String>::new());
    }
}

/// A model that understands at once and writes when it is let.
struct HeldModel {
    server: ModelServer,
    gate: Arc<(Mutex<bool>, Condvar)>,
}

impl HeldModel {
    fn start() -> Self {
        let gate = Arc::new((Mutex::new(false), Condvar::new()));
        let held = Arc::clone(&gate);
        let server = ModelServer::start(move |request| {
            if purpose(request) == "understand" {
                return Script::Says(nothing_read().to_string());
            }
            let open = held.0.lock().unwrap();
            drop(held.1.wait_while(open, |open| !*open).unwrap());
            Script::Streams(pieces(&good(request).to_string()), Ending::Whole)
        });
        Self { server, gate }
    }

    /// The model may write from now on.
    fn let_go(&self) {
        *self.gate.0.lock().unwrap() = true;
        self.gate.1.notify_all();
    }
}

/// A model that writes the beginning of an answer, this much of it, and keeps the line open.
fn stalling_model(share: f64) -> ModelServer {
    ModelServer::start(move |request| {
        if purpose(request) == "understand" {
            return Script::Says(nothing_read().to_string());
        }
        let mut text = pieces(&good(request).to_string());
        text.truncate((text.len() as f64 * share) as usize);
        Script::Streams(text, Ending::Stalls)
    })
}

/// Settings of a service that has a model with all the time in the world.
fn with_model(url: &str) -> [(&str, &str); 6] {
    [
        ("DAOGOU_LLM_API_KEY", "none"),
        ("DAOGOU_LLM_BASE_URL", url),
        ("DAOGOU_LLM_MODEL", "scripted"),
        ("DAOGOU_LLM_FIRST_TOKEN_MS", "60000"),
        ("DAOGOU_LLM_STALL_MS", "60000"),
        ("DAOGOU_LLM_ANSWER_MS", "120000"),
    ]
}

/// The turns that the service keeps of the conversation on the page.
fn kept_turns(service: &Service, session: &Value) -> Option<usize> {
    let reply = service.get(&format!("/api/sessions/{}", session.as_str().unwrap()));
    (reply.status == 200).then(|| reply.json()["turns"].as_array().unwrap().len())
}
