//! What handlers take from requests; every refusal is an [`ApiError`].

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::{HeaderMap, StatusCode, header};
use futures::StreamExt;
use serde::de::DeserializeOwned;

use super::error::ApiError;
use super::service::Service;

/// How long a request may take to send its body.
const BODY_TIME: Duration = Duration::from_secs(30);

/// A body of JSON.
pub struct ApiJson<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Arc<Service>> for ApiJson<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, service: &Arc<Service>) -> Result<Self, ApiError> {
        if !is_json(request.headers()) {
            return Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "the body's type is not JSON")
                .hint("send the header `Content-Type: application/json`"));
        }
        let bytes = body(request, service.settings.body_bytes).await?;
        serde_json::from_slice(&bytes).map(Self).map_err(|error| {
            let message = format!("the body cannot be used: {error}");
            if error.is_data() { ApiError::unprocessable(message) } else { ApiError::new(StatusCode::BAD_REQUEST, "bad_json", message) }
        })
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(kind) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) else { return false };
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

/// Reads a whole body, up to `most` bytes.
pub async fn body(request: Request, most: usize) -> Result<Bytes, ApiError> {
    let too_large = || {
        ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", format!("the body has more than {most} bytes"))
            .hint("`serve.body_kib` and `serve.admin_body_mib` set how much is taken")
    };
    let told = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if told.is_some_and(|length| length > most) {
        return Err(too_large());
    }
    let read = async {
        let mut parts = Body::into_data_stream(request.into_body());
        let mut bytes = Vec::with_capacity(told.unwrap_or_default());
        while let Some(part) = parts.next().await {
            let part = part.map_err(|_| ApiError::new(StatusCode::BAD_REQUEST, "bad_body", "the body broke off"))?;
            if bytes.len() + part.len() > most {
                return Err(too_large());
            }
            bytes.extend_from_slice(&part);
        }
        Ok(Bytes::from(bytes))
    };
    match tokio::time::timeout(BODY_TIME, read).await {
        Ok(done) => done,
        Err(_) => Err(ApiError::new(StatusCode::REQUEST_TIMEOUT, "timeout", "the body did not arrive in time")),
    }
}

/// Parameters after the question mark.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(ApiError))]
pub struct ApiQuery<T>(pub T);

/// A part of the path.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(ApiError))]
pub struct ApiPath<T>(pub T);
