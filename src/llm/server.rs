//! One OpenAI-compatible server. What it can do (schemas, JSON mode, the name of the token limit) is found out by asking once.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::error::OpenAIError;
use async_openai::middleware::HttpRequestFactory;
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Endpoint, Failure, Limits, Piece, Prompted, Usage};

/// Longest reply that is read, and longest error.
const LONGEST_REPLY: usize = 2 << 20;
const LONGEST_ERROR: usize = 16 << 10;
/// Characters that make a token, where a server does not count. Chinese has fewer, English more.
const CHARACTERS_PER_TOKEN: usize = 3;

/// How the reply's form can be asked for, best first.
const SCHEMA: u8 = 0;
const JSON_MODE: u8 = 1;
const PLAIN: u8 = 2;

/// What a refused call said, carried through the client's own error.
#[derive(Debug, thiserror::Error)]
#[error("the server refused")]
struct Refused {
    failure: Failure,
    retry_after: Option<Duration>,
    body: String,
}

/// One server.
pub struct Server {
    whole: Client<OpenAIConfig>,
    streaming: Client<OpenAIConfig>,
    model: String,
    form: AtomicU8,
    new_token_limit: AtomicBool,
    plain_temperature: AtomicBool,
    retry_after: Mutex<Option<Instant>>,
}

#[derive(Debug, Default, Deserialize)]
struct Chunk {
    choices: Option<Vec<Choice>>,
    usage: Option<Counted>,
    error: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
struct Choice {
    delta: Option<Said>,
    message: Option<Said>,
    finish_reason: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
struct Said {
    content: Option<Value>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
struct Counted {
    #[serde(default)]
    prompt_tokens: u64,
    #[serde(default)]
    completion_tokens: u64,
}

impl Chunk {
    fn text(&self) -> Option<&str> {
        let choice = self.choices.as_ref()?.first()?;
        choice.delta.as_ref().or(choice.message.as_ref())?.content.as_ref()?.as_str()
    }

    fn finished(&self) -> bool {
        self.choices.iter().flatten().any(|c| c.finish_reason.as_ref().is_some_and(|reason| !reason.is_null()))
    }
}

impl Server {
    pub fn new(endpoint: &Endpoint, limits: &Limits) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder()
            .connect_timeout(limits.connect)
            .user_agent(concat!("daogou/", env!("CARGO_PKG_VERSION")))
            .build()
            .context("no HTTP client can be made")?;
        let mut config = OpenAIConfig::new().with_api_key(endpoint.api_key.trim());
        if !endpoint.base_url.is_empty() {
            config = config.with_api_base(endpoint.base_url.trim_end_matches('/'));
        }
        let client = |streaming: bool| {
            let http = http.clone();
            let send = tower::service_fn(move |request: HttpRequestFactory| {
                let http = http.clone();
                async move { checked(http.execute(request.build().await?).await?, streaming).await }
            });
            Client::with_config(config.clone()).with_http_service(send)
        };
        Ok(Self {
            whole: client(false),
            streaming: client(true),
            model: endpoint.model.clone(),
            form: AtomicU8::new(SCHEMA),
            new_token_limit: AtomicBool::new(false),
            plain_temperature: AtomicBool::new(false),
            retry_after: Mutex::new(None),
        })
    }

    pub fn model(&self) -> &str {
        &self.model
    }

    /// How long the server asked to be left alone, when its last reply was that.
    pub fn retry_after(&self) -> Option<Duration> {
        let until = *self.retry_after.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        until.map(|until| until.saturating_duration_since(Instant::now())).filter(|wait| !wait.is_zero())
    }

    pub async fn complete(&self, asked: &Prompted, wait: Duration) -> Result<(String, Usage), Failure> {
        let call = |body: Value| async move {
            let chat = self.whole.chat();
            let reply: Chunk = chat.create_byot(body).await?;
            Ok(reply)
        };
        let reply = tokio::time::timeout(wait, self.learning(asked, false, call)).await.map_err(|_| Failure::Timeout)??;
        let text = reply.text().ok_or(Failure::Unreadable)?.to_owned();
        let usage = counted(reply.usage, asked, text.len());
        Ok((text, usage))
    }

    /// Pieces from the first on; whoever reads them minds the time.
    pub async fn stream(&self, asked: &Prompted, wait: Duration) -> Result<BoxStream<'static, Result<Piece, Failure>>, Failure> {
        let call = |body: Value| async move {
            let chat = self.streaming.chat();
            let mut chunks = chat.create_stream_byot::<Value, Chunk>(body).await?;
            let first = chunks.next().await;
            Ok((first, chunks))
        };
        let opened = tokio::time::timeout(wait, self.learning(asked, true, call)).await.map_err(|_| Failure::Timeout)??;
        let (first, rest) = opened;
        let first = first.ok_or(Failure::Interrupted)?;
        let first = first.map_err(|error| self.failure(&error))?;
        if first.error.is_some() {
            return Err(Failure::Unreadable);
        }
        Ok(pieces(first, rest, asked.clone()))
    }

    pub async fn embed(&self, model: &str, texts: &[String]) -> Result<(Vec<Vec<f32>>, Usage), Failure> {
        #[derive(Deserialize)]
        struct Reply {
            data: Vec<Vector>,
            usage: Option<Counted>,
        }
        #[derive(Deserialize)]
        struct Vector {
            embedding: Vec<f32>,
            #[serde(default)]
            index: usize,
        }
        let request = json!({"model": model, "input": texts, "encoding_format": "float"});
        let mut reply: Reply = self.whole.embeddings().create_byot(request).await.map_err(|error| self.failure(&error))?;
        reply.data.sort_by_key(|vector| vector.index);
        let usage = reply.usage.unwrap_or_default();
        let vectors = reply.data.into_iter().map(|vector| vector.embedding).collect();
        Ok((vectors, Usage { prompt: usage.prompt_tokens, completion: usage.completion_tokens }))
    }

    /// Makes a call, and makes it again in a plainer form where the server does not know the better one. What was learned is
    /// kept once the plainer form has worked.
    async fn learning<T, F: Future<Output = Result<T, OpenAIError>>>(&self, asked: &Prompted, stream: bool, call: impl Fn(Value) -> F) -> Result<T, Failure> {
        let mut form = if asked.schema.is_some() { self.form.load(Ordering::Relaxed) } else { PLAIN };
        let mut new_limit = self.new_token_limit.load(Ordering::Relaxed);
        let mut plain_temperature = self.plain_temperature.load(Ordering::Relaxed);
        loop {
            let error = match call(self.body(asked, stream, form, new_limit, plain_temperature)).await {
                Ok(reply) => {
                    if asked.schema.is_some() {
                        self.form.store(form, Ordering::Relaxed);
                    }
                    self.new_token_limit.store(new_limit, Ordering::Relaxed);
                    self.plain_temperature.store(plain_temperature, Ordering::Relaxed);
                    return Ok(reply);
                }
                Err(error) => error,
            };
            let failure = self.failure(&error);
            let said = refused(&error).map_or(String::new(), |refused| refused.body.to_ascii_lowercase());
            let unknown = matches!(failure, Failure::Status(400 | 404 | 415 | 422 | 501));
            if unknown && !new_limit && said.contains("max_completion_tokens") {
                new_limit = true;
            } else if unknown && !plain_temperature && said.contains("temperature") {
                plain_temperature = true;
            } else if unknown && form < PLAIN {
                form += 1;
            } else {
                return Err(failure);
            }
        }
    }

    fn body(&self, asked: &Prompted, stream: bool, form: u8, new_limit: bool, plain_temperature: bool) -> Value {
        let mut body = json!({
            "model": self.model,
            "messages": [{"role": "system", "content": asked.system}, {"role": "user", "content": asked.user}],
        });
        body[if new_limit { "max_completion_tokens" } else { "max_tokens" }] = json!(asked.max_tokens);
        if !plain_temperature {
            body["temperature"] = json!(0);
        }
        if stream {
            body["stream"] = json!(true);
            body["stream_options"] = json!({"include_usage": true});
        }
        match (&asked.schema, form) {
            (Some(schema), SCHEMA) => {
                body["response_format"] = json!({"type": "json_schema", "json_schema": {"name": asked.purpose, "strict": true, "schema": schema}});
            }
            (Some(_), JSON_MODE) => body["response_format"] = json!({"type": "json_object"}),
            _ => {}
        }
        body
    }

    /// What an error of the client means; a wait that the server asked for is kept.
    fn failure(&self, error: &OpenAIError) -> Failure {
        if let Some(refused) = refused(error) {
            *self.retry_after.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = refused.retry_after.map(|wait| Instant::now() + wait);
            return refused.failure;
        }
        match error {
            OpenAIError::Reqwest(error) if error.is_timeout() => Failure::Timeout,
            OpenAIError::Reqwest(error) if error.is_connect() || error.is_request() => Failure::Unreachable,
            OpenAIError::Reqwest(_) | OpenAIError::StreamError(_) => Failure::Interrupted,
            _ => Failure::Unreadable,
        }
    }
}

fn refused(error: &OpenAIError) -> Option<&Refused> {
    match error {
        OpenAIError::Boxed(inner) => inner.downcast_ref::<Refused>(),
        _ => None,
    }
}

/// A response that is one: refusals, foreign content and endless bodies become failures here, where their status is known.
async fn checked(response: reqwest::Response, streaming: bool) -> Result<reqwest::Response, OpenAIError> {
    let refuse = |failure, retry_after, body| OpenAIError::Boxed(Box::new(Refused { failure, retry_after, body }));
    let status = response.status();
    if !status.is_success() {
        let retry_after = response.headers().get("retry-after").and_then(|v| v.to_str().ok()).and_then(|v| v.trim().parse::<f64>().ok());
        let retry_after = retry_after.filter(|s| (0.0..1e6).contains(s)).map(Duration::from_secs_f64);
        let body = read_start(response).await;
        let lower = body.to_ascii_lowercase();
        let too_long = lower.contains("context") && ["exceed", "length", "maximum", "too long"].iter().any(|word| lower.contains(word));
        let failure = if status.is_client_error() && too_long { Failure::TooLong } else { Failure::Status(status.as_u16()) };
        return Err(refuse(failure, retry_after, body));
    }
    let kind = response.headers().get("content-type").and_then(|v| v.to_str().ok()).unwrap_or_default().to_ascii_lowercase();
    let (is_json, is_stream) = (kind.contains("json"), kind.starts_with("text/event-stream"));
    if !(is_json || (streaming && is_stream)) {
        return Err(refuse(Failure::WrongContentType, None, String::new()));
    }
    let (version, headers) = (response.version(), response.headers().clone());
    let mut left = LONGEST_REPLY;
    let bytes = response.bytes_stream().map_err(std::io::Error::other).and_then(move |bytes| {
        let fits = bytes.len() <= left;
        left = left.saturating_sub(bytes.len());
        async move { if fits { Ok(bytes) } else { Err(std::io::Error::other("the reply is too long")) } }
    });
    // A server that does not stream gives the whole reply as one event.
    let framed = if streaming && is_json {
        let before = futures::stream::once(async { Ok(bytes::Bytes::from_static(b"data: ")) });
        let after = futures::stream::once(async { Ok(bytes::Bytes::from_static(b"\n\n")) });
        let one_line = bytes.map_ok(|bytes| bytes.iter().map(|b| if *b == b'\n' || *b == b'\r' { b' ' } else { *b }).collect::<bytes::Bytes>());
        reqwest::Body::wrap_stream(before.chain(one_line).chain(after))
    } else {
        reqwest::Body::wrap_stream(bytes)
    };
    let mut rebuilt = http::Response::new(framed);
    *rebuilt.status_mut() = status;
    *rebuilt.version_mut() = version;
    *rebuilt.headers_mut() = headers;
    rebuilt.headers_mut().remove("content-length");
    Ok(reqwest::Response::from(rebuilt))
}

async fn read_start(response: reqwest::Response) -> String {
    let mut bytes = response.bytes_stream();
    let mut start: Vec<u8> = Vec::new();
    while let Some(Ok(part)) = bytes.next().await {
        start.extend_from_slice(&part);
        if start.len() >= LONGEST_ERROR {
            break;
        }
    }
    String::from_utf8_lossy(&start).into_owned()
}

/// The pieces of a stream. It is whole once a finish reason was seen; what follows can only be the count of tokens.
fn pieces(first: Chunk, rest: async_openai::types::stream::StreamResponse<Chunk>, asked: Prompted) -> BoxStream<'static, Result<Piece, Failure>> {
    struct State {
        next: Option<Chunk>,
        rest: async_openai::types::stream::StreamResponse<Chunk>,
        written: usize,
        finished: bool,
        usage: Option<Counted>,
        ended: bool,
    }
    let state = State { next: Some(first), rest, written: 0, finished: false, usage: None, ended: false };
    futures::stream::unfold((state, asked), |(mut state, asked)| async move {
        if state.ended {
            return None;
        }
        loop {
            let chunk = match state.next.take() {
                Some(chunk) => Some(Ok(chunk)),
                None => state.rest.next().await,
            };
            let piece = match chunk {
                Some(Ok(chunk)) if chunk.error.is_some() => Err(Failure::Interrupted),
                Some(Ok(chunk)) => {
                    state.finished |= chunk.finished();
                    state.usage = chunk.usage.or(state.usage);
                    let Some(text) = chunk.text().filter(|text| !text.is_empty()) else { continue };
                    state.written += text.len();
                    if state.written > LONGEST_REPLY / 16 { Err(Failure::Oversized) } else { Ok(Piece::Text(text.to_owned())) }
                }
                Some(Err(_)) if state.finished => Ok(Piece::End(counted(state.usage, &asked, state.written))),
                Some(Err(OpenAIError::JSONDeserialize(..))) => Err(Failure::Unreadable),
                Some(Err(_)) => Err(Failure::Interrupted),
                None if state.finished => Ok(Piece::End(counted(state.usage, &asked, state.written))),
                None => Err(Failure::Interrupted),
            };
            state.ended = !matches!(piece, Ok(Piece::Text(_)));
            return Some((piece, (state, asked)));
        }
    })
    .boxed()
}

/// What the server counted, else an estimate.
fn counted(usage: Option<Counted>, asked: &Prompted, written: usize) -> Usage {
    let estimate = |bytes: usize| (bytes / CHARACTERS_PER_TOKEN) as u64;
    match usage {
        Some(usage) => Usage { prompt: usage.prompt_tokens, completion: usage.completion_tokens },
        None => Usage { prompt: estimate(asked.system.len() + asked.user.len()), completion: estimate(written) },
    }
}
