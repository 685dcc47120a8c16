//! The language model, through any OpenAI-compatible server. The only home of async_openai.

use std::time::Duration;

use anyhow::{Context, bail};
use async_openai::Client;
use async_openai::config::OpenAIConfig;
use serde_json::{Value, json};

/// Longest wait for a connection, and for a whole reply.
const CONNECT: Duration = Duration::from_secs(5);
const REPLY: Duration = Duration::from_secs(120);

/// Where the model is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LlmSettings {
    pub api_key: String,
    /// Empty for OpenAI's own.
    pub base_url: String,
    pub model: String,
}

/// A model that can be asked.
pub struct Llm {
    client: Client<OpenAIConfig>,
    model: String,
}

impl Llm {
    /// # Errors
    /// When the key holds what no header can carry.
    pub fn new(settings: &LlmSettings) -> anyhow::Result<Self> {
        let key = settings.api_key.trim();
        if key.chars().any(|c| c.is_control() || !c.is_ascii()) {
            bail!("the model's key holds characters that no key has; check OPENAI_API_KEY");
        }
        let mut config = OpenAIConfig::new().with_api_key(key);
        if !settings.base_url.is_empty() {
            config = config.with_api_base(settings.base_url.trim_end_matches('/'));
        }
        let http = reqwest::Client::builder().connect_timeout(CONNECT).read_timeout(REPLY).build()?;
        Ok(Self { client: Client::build(http, config), model: settings.model.clone() })
    }

    pub fn model(&self) -> &str {
        &self.model
    }

    /// One reply, as plain text.
    ///
    /// # Errors
    /// When the server cannot be reached, refuses, or says nothing in time.
    pub async fn complete(&self, system: &str, user: &str) -> anyhow::Result<String> {
        let request = json!({
            "model": self.model, "temperature": 0,
            "messages": [{"role": "system", "content": system}, {"role": "user", "content": user}],
        });
        let chat = self.client.chat();
        let asked = tokio::time::timeout(REPLY, chat.create_byot(request)).await.context("the model did not reply in time")?;
        let reply: Value = asked.context("the model's server did not answer")?;
        reply["choices"][0]["message"]["content"].as_str().map(str::to_owned).context("the model's reply has no text")
    }
}
