//! Changes of the catalog while it is being served. These routes exist only where a token is configured.

use std::io::Cursor;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use serde_json::json;
use subtle::ConstantTimeEq;

use super::error::ApiError;
use super::extract::{self, ApiPath};
use super::reply;
use super::router::no_route;
use super::schema::{self, BadRequest, MediaType, NotFound, SlowBody, TooLarge, Unauthorized, Unavailable};
use super::service::Service;
use crate::catalog::ProductId;
use crate::import::{Importer, Plan, rows};
use crate::shop::Shop;
use crate::wire;

/// How rows that came this way are called in rejects.
const SOURCE: &str = "request";

/// Whoever may change the catalog.
pub struct Admin;

impl FromRequestParts<Arc<Service>> for Admin {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, service: &Arc<Service>) -> Result<Self, ApiError> {
        let Some(token) = &service.settings.admin_token else { return Err(no_route()) };
        let given = bearer(&parts.headers).unwrap_or_default();
        if bool::from(given.as_bytes().ct_eq(token.as_bytes())) {
            Ok(Self)
        } else {
            Err(ApiError::new(StatusCode::UNAUTHORIZED, "unauthorized", "the token is missing or wrong").hint("send the header `Authorization: Bearer TOKEN`"))
        }
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Adds products, or replaces them by id: one JSON object a line.
///
/// A row that breaks a rule is rejected and the others load; the summary says which and why.
#[utoipa::path(
    post, path = "/api/admin/products", tag = "admin", security(("token" = [])),
    request_body(content = String, content_type = "text/plain", description = "One product object a line; application/x-ndjson is the better name of the type"),
    responses(
        (status = 200, description = "What was done", body = schema::ImportSummary),
        BadRequest, Unauthorized, NotFound, SlowBody, TooLarge, MediaType, Unavailable
    )
)]
pub async fn add(_admin: Admin, State(service): State<Arc<Service>>, request: Request) -> Result<Response, ApiError> {
    if !is_lines(request.headers()) {
        return Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "the body's type is not JSON lines")
            .hint("send the header `Content-Type: application/x-ndjson`"));
    }
    let body = extract::body(request, service.settings.admin_body_bytes).await?;
    let summary = change(&service, move |shop| {
        let names = shop.knowledge().lexicon.attribute_names.clone();
        let (summary, _) = shop.change(&|_, _| {}, |batch| {
            let mut importer = Importer::new(Some(batch));
            rows(Box::new(Cursor::new(body)), SOURCE, &names, |line, row| importer.row(SOURCE, line, row))?;
            importer.finish(&Plan::default())
        })?;
        Ok(summary)
    })
    .await?;
    Ok(reply::json(&wire::import_summary(&summary, false)))
}

fn is_lines(headers: &HeaderMap) -> bool {
    const KINDS: [&str; 6] = ["application/x-ndjson", "application/jsonl", "application/x-jsonlines", "application/json-seq", "application/json", "text/plain"];
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    KINDS.contains(&kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str())
}

/// Removes a product.
#[utoipa::path(
    delete, path = "/api/admin/products/{id}", tag = "admin", security(("token" = [])), params(("id" = String, Path, description = "Id of the product")),
    responses((status = 200, description = "What was done", body = schema::Deleted), BadRequest, Unauthorized, NotFound, Unavailable)
)]
pub async fn remove(_admin: Admin, State(service): State<Arc<Service>>, ApiPath(id): ApiPath<String>) -> Result<Response, ApiError> {
    let unknown = || ApiError::not_found("no product has this id");
    let known = ProductId::new(&id).filter(|known| known.as_str() == id).ok_or_else(unknown)?;
    let deleted = change(&service, move |shop| Ok(shop.change(&|_, _| {}, |batch| batch.delete(&known))?.0)).await?;
    if deleted { Ok(reply::json(&json!({"deleted": 1, "missing": []}))) } else { Err(unknown()) }
}

/// Changes the catalog on a thread of its own: one change waits for another, and questions must not wait for either.
async fn change<T: Send + 'static>(service: &Arc<Service>, work: impl FnOnce(&Shop) -> anyhow::Result<T> + Send + 'static) -> Result<T, ApiError> {
    let shop = Arc::clone(service.assistant().await?.shop());
    let done = tokio::task::spawn_blocking(move || work(&shop)).await;
    done.map_err(|_| ApiError::internal())?.map_err(|error| ApiError::unavailable(&error))
}
