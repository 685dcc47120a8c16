//! What happens around every request: its id, its line in the log, its metrics, and the body of a refusal.

use std::time::Instant;

use axum::body::Body;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

use super::error::ApiError;
use super::metrics;

const REQUEST_ID: &str = "x-request-id";
/// Longest id of a request that is taken over.
const LONGEST_ID: usize = 64;
/// Where clients speak OpenAI's language.
const OPENAI: &str = "/v1";

/// Runs the rest and sees to what every response has in common. Neither path nor words of the shopper reach the log: only the
/// route's template.
pub async fn observe(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = request_id(request.headers());
    let method = method_name(request.method());
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let openai = request.uri().path() == OPENAI || request.uri().path().starts_with("/v1/");
    let mut response = complete(next.run(request).await, openai);
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, value);
    }
    let (status, took) = (response.status().as_u16(), started.elapsed());
    metrics::requested(method, &route, status, took);
    tracing::info!(target: "daogou::serve", method, route, status, ms = took.as_secs_f64() * 1e3, request_id = id, "request");
    response
}

/// Methods that nobody knows must not become labels.
fn method_name(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "POST" => "POST",
        "DELETE" => "DELETE",
        "HEAD" => "HEAD",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

/// The id that the client or a proxy gave, if it is a plain word; else one of our own.
fn request_id(headers: &HeaderMap) -> String {
    let given = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok());
    let sane = |id: &&str| !id.is_empty() && id.len() <= LONGEST_ID && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    given.filter(sane).map_or_else(|| uuid::Uuid::new_v4().simple().to_string(), str::to_owned)
}

/// Writes the body of a refusal, in the shape of the route.
fn complete(mut response: Response, openai: bool) -> Response {
    let error = match (response.extensions_mut().remove::<ApiError>(), response.status()) {
        (Some(error), _) => error,
        (None, StatusCode::METHOD_NOT_ALLOWED) => ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "this route does not know the method")
            .hint("the header Allow lists those it knows"),
        (None, _) => return response,
    };
    if openai && error.status == StatusCode::UNPROCESSABLE_ENTITY {
        *response.status_mut() = StatusCode::BAD_REQUEST;
    }
    let object = if openai { error.openai_object() } else { error.object() };
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().remove(header::CONTENT_LENGTH);
    *response.body_mut() = Body::from(object.to_string());
    response
}
