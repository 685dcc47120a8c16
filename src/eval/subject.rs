//! Who is asked: an assistant in this process, or a service at a URL. Both give the Answer object as JSON, so every check is
//! the same for both.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::case::{Case, Turn};
use crate::assistant::Assistant;
use crate::catalog::ProductId;
use crate::catalog::feed::jsonl;
use crate::question::Question;
use crate::shop::Shop;
use crate::wire;

/// Largest answer of a service that is read, in bytes.
const LARGEST_ANSWER: usize = 8 << 20;

/// What came back for one turn.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// The Answer object; `null` when there was none.
    pub answer: Value,
    /// Why there was none.
    pub error: Option<String>,
    /// From asking to having the whole answer, in milliseconds, as measured here.
    pub wall_ms: f64,
}

/// An assistant that can be asked.
pub enum Subject {
    Local(Assistant),
    Service(Service),
}

/// A running service, asked by the contract's HTTP routes.
pub struct Service {
    client: reqwest::Client,
    base: String,
}

impl Service {
    /// # Errors
    /// When the URL is none.
    pub fn new(base: &str, patience: Duration) -> anyhow::Result<Self> {
        let url = url::Url::parse(base).with_context(|| format!("`{base}` is no URL; wanted for example http://127.0.0.1:8080"))?;
        if !matches!(url.scheme(), "http" | "https") {
            bail!("`{base}` is no web address; wanted http or https");
        }
        let client = reqwest::Client::builder().timeout(patience).user_agent(concat!("daogou/", env!("CARGO_PKG_VERSION"))).build()?;
        Ok(Self { client, base: base.trim_end_matches('/').to_owned() })
    }

    async fn send(request: reqwest::RequestBuilder) -> anyhow::Result<Value> {
        let mut response = request.send().await?;
        let status = response.status();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > LARGEST_ANSWER {
                bail!("the answer has more than {LARGEST_ANSWER} bytes");
            }
            body.extend_from_slice(&chunk);
        }
        if !status.is_success() {
            bail!("the service answered {status}: {}", String::from_utf8_lossy(&body).chars().take(200).collect::<String>());
        }
        serde_json::from_slice(&body).context("the service's answer is no JSON")
    }
}

impl Subject {
    /// Asks one turn in a session.
    pub async fn ask(&self, case: &Case, turn: &Turn, session: Option<&str>) -> Reply {
        let started = Instant::now();
        let answer = match self {
            Self::Local(assistant) => local(assistant, case, turn, session).await,
            Self::Service(service) => {
                let mut body = json!({"message": turn.ask});
                if let Some(session) = session {
                    body["session"] = json!(session);
                }
                if let Some(persona) = case.persona {
                    body["persona"] = json!(persona.as_str());
                }
                let request = service.client.post(format!("{}/api/chat", service.base)).header("accept", "application/json");
                Service::send(request.header("content-type", "application/json").body(body.to_string())).await
            }
        };
        let wall_ms = started.elapsed().as_secs_f64() * 1e3;
        match answer {
            Ok(answer) => Reply { answer, error: None, wall_ms },
            Err(error) => Reply { answer: Value::Null, error: Some(format!("{error:#}")), wall_ms },
        }
    }

    /// Ids of the first products that retrieval alone gives. `None` where it cannot be asked.
    pub async fn top(&self, query: &str, count: usize) -> Option<Vec<String>> {
        match self {
            Self::Local(assistant) => {
                let (shop, query) = (Arc::clone(assistant.shop()), query.to_owned());
                let found = tokio::task::spawn_blocking(move || shop.search(&Question::new(&query)?, count, |_| Ok(())).ok()).await.ok()??;
                Some(found.picks.iter().map(|p| p.id().as_str().to_owned()).collect())
            }
            Self::Service(service) => {
                let url = url::Url::parse_with_params(&format!("{}/api/search", service.base), [("q", query), ("limit", &count.to_string())]).ok()?;
                let found = Service::send(service.client.get(url)).await.ok()?;
                Some(found["hits"].as_array()?.iter().filter_map(|h| h["id"].as_str().map(str::to_owned)).collect())
            }
        }
    }

    /// The record of a product, when it is not among those known here.
    pub async fn record(&self, id: &str) -> Option<Value> {
        match self {
            Self::Local(_) => None,
            Self::Service(service) => {
                let mut url = url::Url::parse(&service.base).ok()?;
                url.path_segments_mut().ok()?.pop_if_empty().extend(["api", "products", id]);
                Service::send(service.client.get(url)).await.ok()
            }
        }
    }
}

async fn local(assistant: &Assistant, case: &Case, turn: &Turn, session: Option<&str>) -> anyhow::Result<Value> {
    let mut question = Question::new(&turn.ask).context("the question is empty")?;
    question.persona = case.persona;
    question.session = session.map(str::to_owned);
    let (out, mut events) = mpsc::channel(64);
    let drain = async { while events.recv().await.is_some() {} };
    let ask = async move { assistant.ask(&question, &out).await };
    let (answer, ()) = tokio::join!(ask, drain);
    Ok(wire::answer(&answer?))
}

/// Records that answers are held against: the truth.
#[derive(Default)]
pub struct Records(HashMap<String, Value>);

impl Records {
    /// Every record of a shop.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn of(shop: &Shop) -> anyhow::Result<Self> {
        let mut records = HashMap::new();
        shop.store().each(|_, product| {
            records.insert(product.id.as_str().to_owned(), jsonl::to_json(&product));
            Ok(())
        })?;
        Ok(Self(records))
    }

    pub fn get(&self, id: &str) -> Option<&Value> {
        self.0.get(id).or_else(|| ProductId::new(id).and_then(|id| self.0.get(id.as_str())))
    }

    pub fn insert(&mut self, id: String, record: Value) {
        self.0.insert(id, record);
    }

    pub fn each(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(id, record)| (id.as_str(), record))
    }
}
