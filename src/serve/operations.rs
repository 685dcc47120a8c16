//! What those who run the service ask it: is it alive, is it ready, how is it doing, what can it do.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::error::ApiError;
use super::metrics;
use super::reply;
use super::router;
use super::schema::{self, Unavailable};
use super::service::{Phase, Service};
use crate::catalog::Lang;
use crate::need::Need;
use crate::off_thread::RETRIEVAL;

/// A ready index answers the smallest query within this time.
const READY_WITHIN: Duration = Duration::from_secs(5);

/// The process is alive.
#[utoipa::path(get, path = "/healthz", tag = "operations", responses((status = 200, description = "Alive", body = schema::Health)))]
pub async fn healthz() -> Response {
    reply::json(&json!({"status": "ok"}))
}

/// The index answers. `sessions` is `failing` while their store cannot be used: answers are given, and not yet kept.
#[utoipa::path(get, path = "/readyz", tag = "operations", responses((status = 200, description = "Ready", body = schema::Ready), Unavailable))]
pub async fn readyz(State(service): State<Arc<Service>>) -> Result<Response, ApiError> {
    if service.phase() != Phase::Running {
        return Err(ApiError::stopping());
    }
    let assistant = service.ready().ok_or_else(ApiError::starting)?;
    let shop = Arc::clone(assistant.shop());
    let counted = tokio::time::timeout(READY_WITHIN, RETRIEVAL.run(move || shop.index().count(&Need::blank(Lang::Zh), &[]))).await;
    let products = counted.map_err(|_| ApiError::starting())?.map_err(|error| ApiError::unavailable(&error))?;
    // Without a store questions are answered all the same, so that is no reason to take the service out of use.
    let sessions = if assistant.sessions().is_failing() { "failing" } else { "ok" };
    Ok(reply::json(&json!({"status": "ready", "products": products, "sessions": sessions})))
}

/// Counters and timers, as Prometheus reads them.
#[utoipa::path(get, path = "/metrics", tag = "operations", responses((status = 200, description = "All metrics", body = String, content_type = "text/plain")))]
pub async fn metrics(State(service): State<Arc<Service>>) -> Response {
    if let Some(assistant) = service.ready() {
        metrics::sessions(assistant.sessions().count());
    }
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    ([(header::CONTENT_TYPE, kind)], service.recorder.render()).into_response()
}

/// This description.
#[utoipa::path(get, path = "/openapi.json", tag = "operations", responses((status = 200, description = "The description of all routes", body = Object)))]
pub async fn openapi() -> Response {
    reply::json_text(router::description())
}
