//! The language model, through any OpenAI-compatible server: asked within limits, never trusted. The only home of
//! async_openai.
//!
//! A call goes to the first server whose circuit is closed, is tried again where that is safe (nothing of a reply has been
//! read yet), and then goes to the next server. Every failure has a short name that people and metrics see.

mod breaker;
mod budget;
mod server;

use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::bail;
use futures::stream::BoxStream;
use futures::{Stream, StreamExt};
use serde_json::{Value, json};

use breaker::Breaker;
use budget::Budget;
use server::Server;

/// First wait before another try; each further one is twice as long, and half of every wait is left to chance.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// One server and the model asked there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    pub api_key: String,
    /// Empty for OpenAI's own.
    pub base_url: String,
    pub model: String,
}

/// How long, how often and how much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Longest wait for a connection, for the first piece of a reply, and between two pieces.
    pub connect: Duration,
    pub first_token: Duration,
    pub stall: Duration,
    /// Longest wait for the model's reading of a question.
    pub understand: Duration,
    /// Longest time from the question to the whole answer.
    pub answer: Duration,
    /// Further tries on one server.
    pub retries: u32,
    /// Calls at the same time.
    pub concurrent: usize,
    /// Most tokens of one reply.
    pub answer_tokens: u32,
    /// Most tokens a day, UTC, of prompts and replies together; 0 for no limit.
    pub tokens_per_day: u64,
    /// Failures in a row that open a server's circuit, and how long it stays open.
    pub failures: u32,
    pub rest: Duration,
    /// Answers that are kept for the same need, and for how long.
    pub kept_answers: u64,
    pub keep_answers: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(3),
            first_token: Duration::from_secs(8),
            stall: Duration::from_secs(8),
            understand: Duration::from_millis(2_500),
            answer: Duration::from_secs(30),
            retries: 2,
            concurrent: 8,
            answer_tokens: 1_500,
            tokens_per_day: 0,
            failures: 5,
            rest: Duration::from_secs(30),
            kept_answers: 1_000,
            keep_answers: Duration::from_secs(3_600),
        }
    }
}

/// Where the models are, and within what limits they are asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LlmSettings {
    pub endpoint: Endpoint,
    /// Asked when the first fails.
    pub fallback: Option<Endpoint>,
    /// The model of `/v1/embeddings`; empty for none.
    pub embedding_model: String,
    pub limits: Limits,
}

/// Why a call gave nothing, or not all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    Unreachable,
    Timeout,
    Status(u16),
    /// The prompt is longer than what the model can read.
    TooLong,
    /// What came back is no reply of a chat server.
    Unreadable,
    WrongContentType,
    /// The reply stopped before its end.
    Interrupted,
    /// The reply is longer than anything that was asked for.
    Oversized,
    CircuitOpen,
    Busy,
    DailyLimit,
}

impl Failure {
    /// The name for answers and metrics: "http 429".
    pub fn reason(self) -> String {
        match self {
            Self::Unreachable => "unreachable".to_owned(),
            Self::Timeout => "timeout".to_owned(),
            Self::Status(status) => format!("http {status}"),
            Self::TooLong => "prompt too long".to_owned(),
            Self::Unreadable => "unreadable reply".to_owned(),
            Self::WrongContentType => "wrong content type".to_owned(),
            Self::Interrupted => "interrupted".to_owned(),
            Self::Oversized => "reply too long".to_owned(),
            Self::CircuitOpen => "circuit open".to_owned(),
            Self::Busy => "busy".to_owned(),
            Self::DailyLimit => "daily token limit".to_owned(),
        }
    }

    /// Whether the same call may go well a moment later.
    fn passes(self) -> bool {
        matches!(self, Self::Unreachable | Self::Status(408 | 409 | 425 | 429 | 500 | 502 | 503 | 504 | 529))
    }
}

/// Tokens of prompts and replies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    pub prompt: u64,
    pub completion: u64,
}

impl std::ops::AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        self.prompt += other.prompt;
        self.completion += other.completion;
    }
}

/// What the model is asked.
#[derive(Debug, Clone)]
pub struct Prompted {
    /// What the call is for: "understand", "compose".
    pub purpose: &'static str,
    pub system: String,
    pub user: String,
    /// The JSON schema that the reply must have; none for free text.
    pub schema: Option<Value>,
    pub max_tokens: u32,
    pub deadline: Instant,
}

/// A whole reply.
#[derive(Debug, Clone)]
pub struct Reply {
    pub text: String,
    pub usage: Usage,
    pub model: String,
}

/// A part of a reply that is still being written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    Text(String),
    /// The reply is whole. Without this a stream was cut.
    End(Usage),
}

/// A reply on its way, and who writes it.
pub struct Flow {
    pub model: String,
    pub pieces: BoxStream<'static, Result<Piece, Failure>>,
}

/// The models that can be asked.
pub struct Llm {
    servers: Vec<Server>,
    breakers: Vec<Breaker>,
    budget: Budget,
    limits: Limits,
    embedding_model: String,
    /// What was sent, while somebody wants to see it.
    sent: Mutex<Option<Vec<Prompted>>>,
}

impl Llm {
    /// # Errors
    /// When a key holds what no header can carry, or an address is none.
    pub fn new(settings: &LlmSettings) -> anyhow::Result<Self> {
        let limits = settings.limits.clone();
        let mut servers = Vec::new();
        for endpoint in std::iter::once(&settings.endpoint).chain(&settings.fallback) {
            if endpoint.api_key.chars().any(|c| c.is_control() || !c.is_ascii()) {
                bail!("the model's key holds characters that no key has; check OPENAI_API_KEY");
            }
            if !endpoint.base_url.is_empty() && url::Url::parse(&endpoint.base_url).is_err() {
                bail!("the model's address `{}` is no URL, wanted one such as http://localhost:11434/v1; check OPENAI_BASE_URL", endpoint.base_url);
            }
            servers.push(Server::new(endpoint, &limits)?);
        }
        let breakers = servers.iter().map(|_| Breaker::new(limits.failures, limits.rest)).collect();
        let budget = Budget::new(limits.concurrent, limits.tokens_per_day);
        Ok(Self { servers, breakers, budget, limits, embedding_model: settings.embedding_model.clone(), sent: Mutex::new(None) })
    }

    /// The name of the model that is asked first.
    pub fn model(&self) -> &str {
        self.servers.first().map_or("", Server::model)
    }

    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Keeps what is sent from now on.
    pub fn watch(&self) {
        *self.lock() = Some(Vec::new());
    }

    /// What was sent since [`Llm::watch`].
    pub fn watched(&self) -> Vec<Prompted> {
        self.lock().as_ref().cloned().unwrap_or_default()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Vec<Prompted>>> {
        self.sent.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// One whole reply.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn complete(&self, asked: &Prompted) -> Result<Reply, Failure> {
        let _turn = self.begin(asked).await?;
        let call = |server: usize| async move {
            let server = &self.servers[server];
            let (text, usage) = server.complete(asked, remaining(asked, self.limits.answer)).await?;
            Ok(Reply { text, usage, model: server.model().to_owned() })
        };
        let reply = self.on_any_server(asked, call).await?;
        self.budget.spend(reply.usage);
        count_tokens(reply.usage);
        Ok(reply)
    }

    /// A reply piece by piece; it ends with [`Piece::End`] or a failure. Dropping it ends the call.
    ///
    /// # Errors
    /// Why no first piece came.
    pub async fn stream(self: &std::sync::Arc<Self>, asked: &Prompted) -> Result<Flow, Failure> {
        let turn = self.begin(asked).await?;
        let call = |server: usize| async move {
            let server = &self.servers[server];
            let pieces = server.stream(asked, remaining(asked, self.limits.first_token)).await?;
            Ok((server.model().to_owned(), pieces))
        };
        let (model, pieces) = self.on_any_server(asked, call).await?;
        let (llm, deadline, stall) = (std::sync::Arc::clone(self), asked.deadline, self.limits.stall);
        let counted = bounded(pieces, deadline, stall).inspect(move |piece| {
            // The permit lives as long as the stream that holds it.
            let _held = &turn;
            if let Ok(Piece::End(usage)) = piece {
                llm.budget.spend(*usage);
                count_tokens(*usage);
            }
        });
        Ok(Flow { model, pieces: counted.boxed() })
    }

    /// Vectors of texts, in their order.
    ///
    /// # Errors
    /// Why there are none.
    pub async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, Failure> {
        let Some(server) = self.servers.first().filter(|_| !self.embedding_model.is_empty()) else { return Err(Failure::Unreachable) };
        let asked = async { server.embed(&self.embedding_model, texts).await };
        let (vectors, usage) = tokio::time::timeout(self.limits.answer, asked).await.map_err(|_| Failure::Timeout)??;
        self.budget.spend(usage);
        let length = vectors.first().map_or(0, Vec::len);
        let sound = vectors.len() == texts.len() && length > 0 && vectors.iter().all(|v| v.len() == length && v.iter().all(|x| x.is_finite()));
        if sound { Ok(vectors) } else { Err(Failure::Unreadable) }
    }

    async fn begin(&self, asked: &Prompted) -> Result<budget::Turn, Failure> {
        if let Some(sent) = self.lock().as_mut() {
            sent.push(asked.clone());
        }
        let turn = self.budget.begin(remaining(asked, self.limits.first_token)).await;
        turn.inspect_err(|failure| count_call(asked.purpose, &failure.reason()))
    }

    /// Tries the servers in their order, each as often as is safe and as time allows.
    async fn on_any_server<T, F: Future<Output = Result<T, Failure>>>(&self, asked: &Prompted, call: impl Fn(usize) -> F) -> Result<T, Failure> {
        let mut last = Failure::CircuitOpen;
        for (place, breaker) in self.breakers.iter().enumerate() {
            if !breaker.allows() {
                continue;
            }
            let mut pause = FIRST_PAUSE;
            for tries_left in (0..=self.limits.retries).rev() {
                let failure = match call(place).await {
                    Ok(done) => {
                        breaker.succeeded();
                        count_call(asked.purpose, "ok");
                        return Ok(done);
                    }
                    Err(failure) => failure,
                };
                count_call(asked.purpose, &failure.reason());
                tracing::warn!(purpose = asked.purpose, server = place, reason = failure.reason(), "the model was not reached");
                last = failure;
                if failure != Failure::TooLong {
                    breaker.failed();
                }
                let wait = self.servers[place].retry_after().unwrap_or_else(|| jittered(pause));
                if tries_left == 0 || !failure.passes() || Instant::now() + wait >= asked.deadline || !breaker.allows() {
                    break;
                }
                tokio::time::sleep(wait).await;
                pause *= 2;
            }
            if last == Failure::TooLong || Instant::now() >= asked.deadline {
                break;
            }
        }
        Err(last)
    }
}

/// What is left of the time for a call, at most `longest`.
fn remaining(asked: &Prompted, longest: Duration) -> Duration {
    asked.deadline.saturating_duration_since(Instant::now()).min(longest)
}

/// Between half and the whole of a pause.
fn jittered(pause: Duration) -> Duration {
    pause.mul_f64(rand::random_range(0.5..1.0))
}

/// A stream of pieces that ends with a failure when it stalls or outlives its deadline.
fn bounded(pieces: BoxStream<'static, Result<Piece, Failure>>, deadline: Instant, stall: Duration) -> impl Stream<Item = Result<Piece, Failure>> + Send {
    futures::stream::unfold(Some(pieces), move |pieces| async move {
        let mut pieces = pieces?;
        let wait = deadline.saturating_duration_since(Instant::now()).min(stall);
        match tokio::time::timeout(wait, pieces.next()).await {
            Ok(Some(Ok(Piece::Text(text)))) => Some((Ok(Piece::Text(text)), Some(pieces))),
            Ok(Some(last)) => Some((last, None)),
            Ok(None) => Some((Err(Failure::Interrupted), None)),
            Err(_) => Some((Err(Failure::Timeout), None)),
        }
    })
}

fn count_call(purpose: &'static str, result: &str) {
    metrics::counter!("daogou_llm_calls_total", "purpose" => purpose, "result" => result.to_owned()).increment(1);
}

fn count_tokens(usage: Usage) {
    metrics::counter!("daogou_llm_tokens_total", "kind" => "prompt").increment(usage.prompt);
    metrics::counter!("daogou_llm_tokens_total", "kind" => "completion").increment(usage.completion);
}

/// The first JSON object in a text: models put them between prose and code fences.
pub fn first_object(text: &str) -> Option<Value> {
    text.match_indices('{').take(8).find_map(|(start, _)| {
        let mut objects = serde_json::Deserializer::from_str(&text[start..]).into_iter::<Value>();
        objects.next()?.ok().filter(Value::is_object)
    })
}

/// A schema of an object all of whose fields are required and nothing else is allowed, as strict structured output wants it.
pub fn object_schema(properties: serde_json::Map<String, Value>) -> Value {
    let required: Vec<&String> = properties.keys().collect();
    json!({"type": "object", "required": required, "properties": properties, "additionalProperties": false})
}
