//! The chat page: files under `page/`, inside the program, under a policy that runs nothing but them.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

use super::error::ApiError;
use super::extract::ApiPath;
use super::schema::{BadRequest, NotFound};

#[derive(RustEmbed)]
#[folder = "page/"]
struct Page;

/// Nothing inline, nothing from elsewhere but pictures of the catalog's links, and no frame around it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https: http:; connect-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

/// The chat page.
#[utoipa::path(
    get, path = "/", tag = "page",
    responses((status = 200, description = "The page", body = String, content_type = "text/html"), (status = 304, description = "Not changed"))
)]
pub async fn index(headers: HeaderMap) -> Result<Response, ApiError> {
    file("index.html", &headers)
}

/// A file of the chat page.
#[utoipa::path(
    get, path = "/page/{file}", tag = "page", params(("file" = String, Path, description = "Name of the file")),
    responses(
        (status = 200, description = "The file", content((String = "text/javascript"), (String = "text/css"), (String = "image/svg+xml"), (String = "text/html"))),
        (status = 304, description = "Not changed"), BadRequest, NotFound
    )
)]
pub async fn part(ApiPath(name): ApiPath<String>, headers: HeaderMap) -> Result<Response, ApiError> {
    file(&name, &headers)
}

fn file(name: &str, headers: &HeaderMap) -> Result<Response, ApiError> {
    let known = Page::get(name).ok_or_else(|| ApiError::not_found("the page has no such file"))?;
    let hash: String = known.metadata.sha256_hash().iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    let tag = format!("\"{hash}\"");
    let same = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok()).any(|value| value.contains(&tag) || value.trim() == "*");
    let common = [
        (header::ETAG, HeaderValue::from_str(&tag).map_err(|_| ApiError::internal())?),
        // Asked again each time, and answered with 304 until the program changes.
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    ];
    if same {
        return Ok((StatusCode::NOT_MODIFIED, common).into_response());
    }
    Ok((common, [(header::CONTENT_TYPE, HeaderValue::from_static(kind(name)))], known.data).into_response())
}

fn kind(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("json" | "webmanifest") => "application/json",
        _ => "application/octet-stream",
    }
}
