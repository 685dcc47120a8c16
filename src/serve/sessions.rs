//! `/api/sessions/{id}`: what was said, for whoever holds the id; and its end.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use super::error::ApiError;
use super::extract::ApiPath;
use super::reply;
use super::schema::{self, BadRequest, NotFound, Unavailable};
use super::service::Service;

fn unknown() -> ApiError {
    ApiError::not_found("there is no such session").hint("it was erased or is forgotten; a question without `session` begins another")
}

/// The turns of a session, first to last.
#[utoipa::path(
    get, path = "/api/sessions/{id}", tag = "sessions", params(("id" = String, Path, description = "Id of the session")),
    responses((status = 200, description = "The session", body = schema::Session), BadRequest, NotFound, Unavailable)
)]
pub async fn read(State(service): State<Arc<Service>>, ApiPath(id): ApiPath<String>) -> Result<Response, ApiError> {
    let turns = service.assistant().await?.sessions().turns(&id).await.map_err(ApiError::sessions)?.ok_or_else(unknown)?;
    // The answers are JSON already.
    let turns: Vec<String> = turns.iter().map(|turn| format!(r#"{{"question":{},"answer":{}}}"#, json!(turn.question), turn.answer)).collect();
    Ok(reply::json_text(format!(r#"{{"session":{},"turns":[{}]}}"#, json!(id), turns.join(","))))
}

/// Erases a session: its turns, and all that later turns would have gone by.
#[utoipa::path(
    delete, path = "/api/sessions/{id}", tag = "sessions", params(("id" = String, Path, description = "Id of the session")),
    responses((status = 204, description = "Erased"), BadRequest, NotFound, Unavailable)
)]
pub async fn erase(State(service): State<Arc<Service>>, ApiPath(id): ApiPath<String>) -> Result<StatusCode, ApiError> {
    if service.assistant().await?.sessions().erase(&id).await.map_err(ApiError::sessions)? { Ok(StatusCode::NO_CONTENT) } else { Err(unknown()) }
}
