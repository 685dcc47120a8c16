//! Replies of the usual kinds.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

/// JSON that is already written.
pub fn json_text(text: String) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], text).into_response()
}

pub fn json(value: &Value) -> Response {
    json_text(value.to_string())
}
