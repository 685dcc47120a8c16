//! Products, retrieval alone, preset questions, and the pictures of sample products.
#![allow(unused_qualifications, reason = "the macro that describes routes names parameters by their path")]

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;

use super::error::ApiError;
use super::extract::{ApiPath, ApiQuery};
use super::limit::{Admission, Asker};
use super::reply;
use super::schema::{self, BadRequest, Limited, NotFound, Unavailable, Unprocessable};
use super::service::Service;
use crate::catalog::feed::jsonl;
use crate::catalog::{Lang, ProductId, picture};
use crate::off_thread::RETRIEVAL;
use crate::question::Question;
use crate::wire;

/// Most products that one search gives, and how many without being asked.
const MOST: u32 = 100;
const USUAL: u32 = 10;

/// One product, with all that the catalog states of it.
#[utoipa::path(
    get, path = "/api/products/{id}", tag = "catalog", params(("id" = String, Path, description = "Id of the product")),
    responses((status = 200, description = "The product", body = schema::Product), BadRequest, NotFound, Unavailable)
)]
pub async fn product(State(service): State<Arc<Service>>, ApiPath(id): ApiPath<String>) -> Result<Response, ApiError> {
    let unknown = || ApiError::not_found("no product has this id");
    let assistant = service.assistant().await?;
    let known = ProductId::new(&id).filter(|known| known.as_str() == id).ok_or_else(unknown)?;
    // One record out of a memory map: too little to change threads for.
    let product = assistant.shop().product(&known).map_err(|error| ApiError::unavailable(&error))?;
    Ok(reply::json(&jsonl::to_json(&product.ok_or_else(unknown)?)))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SearchQuery {
    /// What to look for, in one's own words.
    #[param(pattern = r"[^\s\x00-\x1f\x7f-\x9f]", example = "防水帐篷")]
    q: String,
    /// How many products, at most 100.
    #[param(minimum = 1, maximum = 100, default = 10)]
    limit: Option<u32>,
}

/// Retrieval alone: which products match, best first, each with the parts of its score.
#[utoipa::path(
    get, path = "/api/search", tag = "catalog", params(SearchQuery),
    responses((status = 200, description = "The matches", body = schema::Hits), BadRequest, Unprocessable, Limited, Unavailable)
)]
pub async fn search(State(service): State<Arc<Service>>, _asker: Asker, ApiQuery(query): ApiQuery<SearchQuery>) -> Result<Response, ApiError> {
    let limit = query.limit.unwrap_or(USUAL);
    if !(1..=MOST).contains(&limit) {
        return Err(ApiError::unprocessable(format!("`limit` is {limit}, wanted 1 to {MOST}")));
    }
    let question = Question::new(&query.q).ok_or_else(|| ApiError::unprocessable("`q` is empty, wanted what to look for"))?;
    let _admission = Admission::of(&service)?;
    let shop = Arc::clone(service.assistant().await?.shop());
    let found = RETRIEVAL.run(move || shop.search(&question, limit as usize, |_| Ok(()))).await;
    Ok(reply::json(&wire::hits(&query.q, &found.map_err(|error| ApiError::unavailable(&error))?)))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SuggestionQuery {
    /// The language of the questions: `zh` (without it, too) or `en`.
    #[param(pattern = "^(zh|en)$")]
    lang: Option<String>,
}

/// The preset questions.
#[utoipa::path(
    get, path = "/api/suggestions", tag = "chat", params(SuggestionQuery),
    responses((status = 200, description = "Questions to begin with", body = schema::Suggestions), BadRequest, Unprocessable)
)]
pub async fn suggestions(State(service): State<Arc<Service>>, ApiQuery(query): ApiQuery<SuggestionQuery>) -> Result<Response, ApiError> {
    let lang = match query.lang.as_deref() {
        None | Some("zh") => Lang::Zh,
        Some("en") => Lang::En,
        Some(_) => return Err(ApiError::unprocessable("`lang` is no language of this service, wanted zh or en")),
    };
    let all: Vec<_> = service.suggestions.iter().map(|s| json!({"text": s.text.get(lang), "persona": s.persona.as_str()})).collect();
    Ok(reply::json(&json!({"suggestions": all})))
}

/// The picture of a sample product: the outline of its category in its color.
#[utoipa::path(
    get, path = "/images/sample/{name}", tag = "page", params(("name" = String, Path, description = "Category and color: `hats-navy.svg`")),
    responses((status = 200, description = "The picture", body = String, content_type = "image/svg+xml"), BadRequest, NotFound, Unavailable)
)]
pub async fn image(State(service): State<Arc<Service>>, ApiPath(name): ApiPath<String>) -> Result<Response, ApiError> {
    let assistant = service.assistant().await?;
    let drawn = picture::draw(&format!("{}{name}", picture::FOLDER), assistant.shop().knowledge());
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/svg+xml")),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=86400")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
    ];
    Ok((headers, drawn.ok_or_else(|| ApiError::not_found("there is no such picture"))?).into_response())
}
