//! The shapes of replies, for the description of the service only: what is really sent is written field by field in
//! [`crate::wire`].
#![allow(dead_code, reason = "nobody reads these fields: they are looked at by the macro that describes them")]

use std::collections::BTreeMap;

use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{IntoResponses, ToSchema};

/// A refusal.
#[derive(ToSchema)]
pub struct Error {
    error: ErrorContent,
}

#[derive(ToSchema)]
pub struct ErrorContent {
    /// One word for programs.
    code: String,
    /// One sentence for people.
    message: String,
    /// The way out.
    #[schema(required = false, nullable = false)]
    hint: Option<String>,
}

/// A refusal as clients of OpenAI's interface read it.
#[derive(ToSchema)]
pub struct OpenAiError {
    error: OpenAiErrorContent,
}

#[derive(ToSchema)]
pub struct OpenAiErrorContent {
    message: String,
    r#type: String,
    param: Option<String>,
    code: Option<String>,
}

/// Statuses with the shape of their refusals.
macro_rules! refusals {
    ($($name:ident $status:literal $schema:ident $description:literal,)*) => {$(
        pub struct $name;

        impl IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(stringify!($schema)))).build();
                let response = ResponseBuilder::new().description($description).content("application/json", content).build();
                BTreeMap::from([($status.to_owned(), response.into())])
            }
        }
    )*};
}

refusals! {
    BadRequest "400" Error "The request cannot be read",
    Unauthorized "401" Error "The token is missing or wrong",
    NotFound "404" Error "There is nothing of this name",
    SlowBody "408" Error "The body did not arrive in time",
    Conflict "409" Error "Too many questions of this session wait",
    TooLarge "413" Error "The body is too large",
    MediaType "415" Error "The body is of another type",
    Unprocessable "422" Error "The request can be read, but a value is not what is wanted",
    Limited "429" Error "Too many questions in a minute; Retry-After says when there is room",
    Unavailable "503" Error "Starting, stopping or overloaded; Retry-After says when to try again",
    OpenAiBadRequest "400" OpenAiError "The request cannot be used",
    OpenAiNotFound "404" OpenAiError "There is no such model",
    OpenAiSlowBody "408" OpenAiError "The body did not arrive in time",
    OpenAiTooLarge "413" OpenAiError "The body is too large",
    OpenAiMediaType "415" OpenAiError "The body is no JSON",
    OpenAiLimited "429" OpenAiError "Too many questions in a minute; Retry-After says when there is room",
    OpenAiUnavailable "503" OpenAiError "Starting, stopping or overloaded; Retry-After says when to try again",
}

/// One answer.
#[derive(ToSchema)]
pub struct Answer {
    #[schema(example = "daogou.answer/1")]
    schema: String,
    id: String,
    session: String,
    /// zh or en
    lang: String,
    /// guide, life, food, travel or writer
    persona: String,
    /// products, no_match, not_carried, needs_info, advice, out_of_scope or unsafe
    outcome: String,
    need: Need,
    summary: String,
    dimensions: Vec<Dimension>,
    products: Vec<Card>,
    /// What relaxing one wish gives, only with no_match.
    nearest: Vec<Nearest>,
    /// What a scene needs, by slots.
    kit: Option<Object>,
    comparison: Option<Object>,
    question: Option<Question>,
    follow_ups: Vec<String>,
    notices: Vec<String>,
    /// The model that wrote it; null for the built-in composer.
    model: Option<String>,
    /// Why no model wrote it although one is configured.
    degraded: Option<String>,
    timing_ms: BTreeMap<String, f64>,
    usage: BTreeMap<String, i64>,
}

type Object = serde_json::Map<String, serde_json::Value>;

/// What was understood.
#[derive(ToSchema)]
pub struct Need {
    categories: Vec<String>,
    constraints: Vec<Constraint>,
    traits: Vec<Trait>,
    party: Option<Object>,
    understood_by: String,
}

#[derive(ToSchema)]
pub struct Constraint {
    /// price, attribute or title
    kind: String,
    /// The attribute; a price has none.
    #[schema(required = false, nullable = false)]
    name: Option<String>,
    op: String,
    value: String,
    /// The shopper's words for it.
    text: String,
    /// A filter; otherwise it ranks.
    hard: bool,
}

#[derive(ToSchema)]
pub struct Trait {
    id: String,
    text: String,
}

/// The advice in one dimension.
#[derive(ToSchema)]
pub struct Dimension {
    id: String,
    name: String,
    advice: String,
    prefer: Vec<String>,
    avoid: Vec<String>,
    evidence: Vec<Object>,
    /// Ids of shown products that follow it.
    products: Vec<String>,
}

/// A product as it is shown.
#[derive(ToSchema)]
pub struct Card {
    id: String,
    title: String,
    link: String,
    image_link: Option<String>,
    #[schema(example = "129.00 CNY")]
    price: String,
    final_price: String,
    price_steps: Vec<Object>,
    availability: String,
    brand: Option<String>,
    rating: Option<f64>,
    review_count: Option<i64>,
    seller: Option<String>,
    reason: String,
    meets: Vec<String>,
    unstated: Vec<String>,
    labels: Vec<String>,
    /// The number by which the conversation speaks of it; null for none.
    place: Option<i64>,
}

#[derive(ToSchema)]
pub struct Nearest {
    relaxed: String,
    text: String,
    count: i64,
    products: Vec<Card>,
}

#[derive(ToSchema)]
pub struct Question {
    text: String,
    facet: String,
    options: Vec<Choice>,
}

#[derive(ToSchema)]
pub struct Choice {
    value: String,
    count: i64,
}

/// A conversation.
#[derive(ToSchema)]
pub struct Session {
    session: String,
    turns: Vec<Turn>,
}

#[derive(ToSchema)]
pub struct Turn {
    question: String,
    answer: Answer,
}

/// A product with all that its record states; see the native format of the catalog.
#[derive(ToSchema)]
pub struct Product {
    id: String,
    /// A text, or {"zh", "en"}.
    title: serde_json::Value,
    link: String,
    price: String,
}

/// The result of retrieval alone.
#[derive(ToSchema)]
pub struct Hits {
    query: String,
    /// How many products match.
    count: i64,
    hits: Vec<Hit>,
}

#[derive(ToSchema)]
pub struct Hit {
    id: String,
    score: f64,
    signals: BTreeMap<String, f64>,
    product: Product,
}

/// Questions to begin with.
#[derive(ToSchema)]
pub struct Suggestions {
    suggestions: Vec<Suggestion>,
}

#[derive(ToSchema)]
pub struct Suggestion {
    text: String,
    persona: String,
}

/// What an import did.
#[derive(ToSchema)]
pub struct ImportSummary {
    rows: i64,
    added: i64,
    replaced: i64,
    unchanged: i64,
    deleted: i64,
    rejected: i64,
    dry_run: bool,
    seconds: f64,
    /// The first hundred.
    rejects: Vec<Object>,
}

#[derive(ToSchema)]
pub struct Deleted {
    deleted: i64,
    missing: Vec<String>,
}

#[derive(ToSchema)]
pub struct Health {
    status: String,
}

#[derive(ToSchema)]
pub struct Ready {
    status: String,
    /// In the catalog.
    products: i64,
    /// ok or failing
    sessions: String,
}

/// The models there are.
#[derive(ToSchema)]
pub struct Models {
    object: String,
    data: Vec<Model>,
}

#[derive(ToSchema)]
pub struct Model {
    id: String,
    object: String,
    created: i64,
    owned_by: String,
}

/// A completion; `daogou` is the Answer object.
#[derive(ToSchema)]
pub struct Completion {
    id: String,
    object: String,
    created: i64,
    model: String,
    choices: Vec<Object>,
    usage: BTreeMap<String, i64>,
    daogou: Answer,
}
