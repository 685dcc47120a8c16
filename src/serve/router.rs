//! All routes in one table, and what lies around them.

use std::any::Any;
use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{AllowOrigin, CorsLayer};
use utoipa::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::ApiError;
use super::observe::observe;
use super::service::Service;
use super::{admin, catalog, chat, openai, operations, page, schema, sessions};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "daogou",
        description = "A shopping assistant for one shop: advice in dimensions, and products of its catalog that follow it.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    components(schemas(schema::Error, schema::OpenAiError)),
    tags(
        (name = "chat", description = "Questions and answers"),
        (name = "sessions", description = "Conversations"),
        (name = "catalog", description = "Products"),
        (name = "openai", description = "The assistant as an OpenAI-compatible model"),
        (name = "admin", description = "Changes of the catalog; only where a token is configured"),
        (name = "page", description = "The chat page"),
        (name = "operations", description = "For those who run the service")
    )
)]
struct Description;

/// Every route; those that change the catalog only with `admin`.
fn routes(admin: bool) -> OpenApiRouter<Arc<Service>> {
    let mut description = Description::openapi();
    let token = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
    description.components.get_or_insert_default().security_schemes.insert("token".to_owned(), token.into());
    let shoppers = OpenApiRouter::with_openapi(description)
        .routes(routes!(chat::chat))
        .routes(routes!(sessions::read, sessions::erase))
        .routes(routes!(catalog::product))
        .routes(routes!(catalog::search))
        .routes(routes!(catalog::suggestions))
        .routes(routes!(openai::models))
        .routes(routes!(openai::model))
        .routes(routes!(openai::completions))
        .routes(routes!(page::index))
        .routes(routes!(page::part))
        .routes(routes!(catalog::image))
        .routes(routes!(operations::healthz))
        .routes(routes!(operations::readyz))
        .routes(routes!(operations::metrics))
        .routes(routes!(operations::openapi));
    if admin { shoppers.routes(routes!(admin::add)).routes(routes!(admin::remove)) } else { shoppers }
}

/// The description of all routes, as `/openapi.json` gives it.
pub fn description() -> String {
    routes(true).into_openapi().to_pretty_json().unwrap_or_default()
}

/// The whole service.
pub fn router(service: Arc<Service>) -> Router {
    let (router, _) = routes(service.settings.admin_token.is_some()).split_for_parts();
    let router = router.fallback(async || no_route()).layer(CatchPanicLayer::custom(panicked)).layer(from_fn(observe));
    let router = match cors(&service.settings.cors_origins) {
        Some(cors) => router.layer(cors),
        None => router,
    };
    router.with_state(service)
}

/// The refusal of a path that is not there.
pub fn no_route() -> ApiError {
    ApiError::not_found("there is no such route").hint("/openapi.json lists all")
}

/// The panic itself is in the log already, through the panic hook.
fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    ApiError::internal().into_response()
}

fn cors(origins: &[String]) -> Option<CorsLayer> {
    let origins: Vec<HeaderValue> = origins.iter().filter_map(|origin| origin.parse().ok()).collect();
    if origins.is_empty() {
        return None;
    }
    Some(
        CorsLayer::new()
            .allow_origin(AllowOrigin::list(origins))
            .allow_methods([Method::GET, Method::POST, Method::DELETE])
            .allow_headers([header::CONTENT_TYPE, header::ACCEPT, header::AUTHORIZATION, HeaderName::from_static("x-request-id")])
            .expose_headers([header::RETRY_AFTER, HeaderName::from_static("x-request-id")]),
    )
}
