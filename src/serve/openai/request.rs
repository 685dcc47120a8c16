//! What clients of the OpenAI interface send. Fields that are not named here are ignored.

use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::question::Question;
use crate::serve::error::ApiError;

/// A conversation whose last message is to be answered.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CompletionRequest {
    #[schema(example = "daogou")]
    pub model: String,
    /// One of the role `user` must have text in it.
    #[schema(min_items = 1, example = json!([{"role": "user", "content": "三百块以内的降噪耳机"}]))]
    messages: Vec<Message>,
    pub stream: Option<bool>,
    stream_options: Option<StreamOptions>,
    /// Only 1.
    #[schema(minimum = 1, maximum = 1)]
    pub n: Option<u32>,
}

#[derive(Debug, Deserialize, ToSchema)]
struct StreamOptions {
    include_usage: Option<bool>,
}

#[derive(Debug, Deserialize, ToSchema)]
struct Message {
    /// system, developer, user, assistant or tool
    role: String,
    content: Option<Content>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<Part>),
}

/// A part of a message; those without text are passed over.
#[derive(Debug, Deserialize, ToSchema)]
struct Part {
    text: Option<String>,
}

impl Message {
    fn text(&self) -> String {
        match &self.content {
            None => String::new(),
            Some(Content::Text(text)) => text.clone(),
            Some(Content::Parts(parts)) => parts.iter().filter_map(|part| part.text.as_deref()).collect::<Vec<_>>().join("\n"),
        }
    }
}

impl CompletionRequest {
    pub fn wants_usage(&self) -> bool {
        self.stream_options.as_ref().and_then(|options| options.include_usage).unwrap_or(false)
    }

    /// The earlier questions, first to last, and the one to be answered.
    ///
    /// # Errors
    /// When nobody asks anything.
    pub fn questions(&self) -> Result<(Vec<Question>, Question), ApiError> {
        let asked = self.messages.iter().filter(|message| message.role == "user");
        let mut questions: Vec<Question> = asked.filter_map(|message| Question::new(&message.text())).collect();
        let none = || ApiError::new(StatusCode::BAD_REQUEST, "invalid_value", "`messages` holds no message of the role `user` with text in it");
        let last = questions.pop().ok_or_else(none)?;
        Ok((questions, last))
    }
}
