//! `/v1`: the assistant as an OpenAI-compatible model, for chat programs and SDKs that speak that language.

mod chunks;
mod request;

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use super::answering::Answering;
use super::error::ApiError;
use super::extract::{ApiJson, ApiPath};
use super::limit::{Admission, Asker};
use super::reply;
use super::schema::{self, OpenAiBadRequest, OpenAiLimited, OpenAiMediaType, OpenAiNotFound, OpenAiSlowBody, OpenAiTooLarge, OpenAiUnavailable};
use super::service::Service;
use super::stream;
use crate::markdown;
use chunks::Chunks;
pub use request::CompletionRequest;

/// The model's name.
const MODEL: &str = "daogou";
/// Earlier questions of a conversation that are gone through again, the last ones.
const MOST_EARLIER: usize = 12;

fn model_object() -> Value {
    // The day the first version was made; clients want a figure that does not move.
    json!({"id": MODEL, "object": "model", "created": 1_793_491_200, "owned_by": "daogou"})
}

fn no_such_model(name: &str) -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "model_not_found", format!("there is no model `{name}`, wanted `{MODEL}`"))
}

/// The one model.
#[utoipa::path(get, path = "/v1/models", tag = "openai", responses((status = 200, description = "The models", body = schema::Models)))]
pub async fn models() -> Response {
    reply::json(&json!({"object": "list", "data": [model_object()]}))
}

/// The model by its name.
#[utoipa::path(
    get, path = "/v1/models/{model}", tag = "openai", params(("model" = String, Path, description = "`daogou`")),
    responses((status = 200, description = "The model", body = schema::Model), OpenAiBadRequest, OpenAiNotFound)
)]
pub async fn model(ApiPath(name): ApiPath<String>) -> Result<Response, ApiError> {
    if name == MODEL { Ok(reply::json(&model_object())) } else { Err(no_such_model(&name)) }
}

/// Answers the last message of a conversation, as Markdown; the Answer object stands in the field `daogou`.
///
/// Earlier questions are understood again, in order. System messages change nothing: what is shown is the catalog's.
#[utoipa::path(
    post, path = "/v1/chat/completions", tag = "openai", request_body = CompletionRequest,
    responses(
        (status = 200, description = "The completion", content((schema::Completion = "application/json"), (String = "text/event-stream"))),
        OpenAiBadRequest, OpenAiNotFound, OpenAiSlowBody, OpenAiTooLarge, OpenAiMediaType, OpenAiLimited, OpenAiUnavailable
    )
)]
pub async fn completions(State(service): State<Arc<Service>>, _asker: Asker, ApiJson(request): ApiJson<CompletionRequest>) -> Result<Response, ApiError> {
    if request.model != MODEL {
        return Err(no_such_model(&request.model));
    }
    if request.n.is_some_and(|n| n != 1) {
        return Err(ApiError::unprocessable("`n` is not 1: there is one answer to a question"));
    }
    let (earlier, question) = request.questions()?;
    let admission = Admission::of(&service)?;
    let assistant = service.assistant().await?;
    // The whole conversation comes with each request, so its session ends with the answer.
    let seat = assistant.sessions().begin_passing().await;
    let again = service.again.clone().filter(|_| earlier.is_empty());
    let answering = Answering { assistant: Arc::clone(&assistant), seat, question, admission, again, keep: false };
    for earlier in earlier.iter().rev().take(MOST_EARLIER).rev() {
        assistant.recall(earlier, answering.seat.id()).await.map_err(|error| ApiError::unavailable(&error))?;
    }
    if request.stream.unwrap_or(false) {
        return Ok(stream::respond(&service, answering, Chunks::new(request.wants_usage())));
    }
    let finished = answering.whole().await?;
    let text = markdown::whole(&finished.answer);
    let object: Value = serde_json::from_str(&finished.object).map_err(|_| ApiError::internal())?;
    let head = chunks::Head::new();
    Ok(reply::json(&json!({
        "id": head.id, "object": "chat.completion", "created": head.created, "model": MODEL,
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text, "refusal": null}, "logprobs": null, "finish_reason": "stop"}],
        "usage": chunks::usage(&object), "system_fingerprint": null, "daogou": object,
    })))
}
