//! `POST /api/chat`: one turn, as one Answer or as a stream of its parts.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

use super::answering::{Answering, Finished};
use super::error::ApiError;
use super::extract::ApiJson;
use super::limit::{Admission, Asker};
use super::reply;
use super::schema::{self, BadRequest, Conflict, Limited, MediaType, SlowBody, TooLarge, Unavailable, Unprocessable};
use super::service::{Service, seat};
use super::stream::{self, Frames};
use crate::answer::Event;
use crate::catalog::Lang;
use crate::need::Persona;
use crate::question::Question;
use crate::wire;

/// Names that one request can take back.
const MOST_WITHOUT: usize = 64;

/// A question.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ChatRequest {
    /// The question, in Chinese or English; what is longer than 2,000 characters is cut.
    #[schema(example = "三百块以内的降噪耳机", pattern = r"[^\s\x00-\x1f\x7f-\x9f]")]
    message: String,
    /// The session it goes on in. An unknown one is not taken on: the answer names a new one.
    session: Option<String>,
    /// The language of the answer; `auto` is the question's own.
    lang: Option<LangChoice>,
    /// Who answers; `auto` leaves it to the question.
    persona: Option<PersonaChoice>,
    /// What the shopper took back of what was understood: names of constraints ("price", "color"), ids of traits, "category",
    /// "party". The message is that of the last turn, asked again.
    without: Option<Vec<String>>,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum LangChoice {
    Auto,
    Zh,
    En,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum PersonaChoice {
    Auto,
    Guide,
    Life,
    Food,
    Travel,
    Writer,
}

impl ChatRequest {
    fn question(&self) -> Result<Question, ApiError> {
        let mut question = Question::new(&self.message)
            .ok_or_else(|| ApiError::unprocessable("`message` is empty, wanted a question").hint(r#"for example {"message": "a warm hat under 200"}"#))?;
        question.lang = self.lang.and_then(LangChoice::lang);
        question.persona = self.persona.and_then(PersonaChoice::persona);
        question.without = self.without.iter().flatten().take(MOST_WITHOUT).cloned().collect();
        Ok(question)
    }
}

impl LangChoice {
    fn lang(self) -> Option<Lang> {
        match self {
            Self::Auto => None,
            Self::Zh => Some(Lang::Zh),
            Self::En => Some(Lang::En),
        }
    }
}

impl PersonaChoice {
    fn persona(self) -> Option<Persona> {
        match self {
            Self::Auto => None,
            Self::Guide => Some(Persona::Guide),
            Self::Life => Some(Persona::Life),
            Self::Food => Some(Persona::Food),
            Self::Travel => Some(Persona::Travel),
            Self::Writer => Some(Persona::Writer),
        }
    }
}

/// Answers a question.
///
/// With `Accept: text/event-stream` the answer comes in parts, each with an increasing id: `need`, `products`, then `summary`,
/// `dimension`, `question`, `notice`, and last `done` with the whole Answer, or `error`.
#[utoipa::path(
    post, path = "/api/chat", tag = "chat", request_body = ChatRequest,
    responses(
        (status = 200, description = "The answer", content((schema::Answer = "application/json"), (String = "text/event-stream"))),
        BadRequest, Conflict, SlowBody, TooLarge, MediaType, Unprocessable, Limited, Unavailable
    )
)]
pub async fn chat(
    State(service): State<Arc<Service>>,
    _asker: Asker,
    headers: HeaderMap,
    ApiJson(request): ApiJson<ChatRequest>,
) -> Result<Response, ApiError> {
    let question = request.question()?;
    let admission = Admission::of(&service)?;
    let assistant = service.assistant().await?;
    let (seat, first) = seat(&assistant, request.session.as_deref()).await?;
    let again = service.again.clone().filter(|_| first);
    let answering = Answering { assistant, seat, question, admission, again, keep: true };
    if wants_stream(&headers) {
        return Ok(stream::respond(&service, answering, Events::default()));
    }
    Ok(reply::json_text(answering.whole().await?.object.to_string()))
}

fn wants_stream(headers: &HeaderMap) -> bool {
    headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).any(|value| value.contains("text/event-stream"))
}

/// The parts as events with names and increasing ids.
#[derive(Default)]
struct Events {
    last_id: u64,
    people_said: bool,
}

impl Events {
    fn write(&mut self, name: &str, data: &str, out: &mut String) {
        self.last_id += 1;
        // JSON on one line: it holds no line break that would end the field.
        out.push_str(&format!("id: {}\nevent: {name}\ndata: {data}\n\n", self.last_id));
    }
}

impl Frames for Events {
    fn part(&mut self, event: &Event, out: &mut String) {
        if let Event::Need(known) = event {
            self.people_said = known.need.party.is_some();
        }
        let (name, data) = wire::event(event, self.people_said);
        self.write(name, &data.to_string(), out);
    }

    fn end(&mut self, result: &Result<Finished, ApiError>, out: &mut String) {
        match result {
            Ok(finished) => self.write("done", &finished.object, out),
            Err(error) => self.write("error", &error.object().to_string(), out),
        }
    }
}
