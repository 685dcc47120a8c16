//! A streamed completion: chunks of Markdown as the parts of the answer come.

use serde_json::{Value, json};

use super::MODEL;
use crate::answer::Event;
use crate::catalog::Lang;
use crate::markdown;
use crate::serve::answering::Finished;
use crate::serve::error::ApiError;
use crate::serve::stream::Frames;

/// What all chunks of a completion have in common.
pub struct Head {
    pub id: String,
    pub created: i64,
}

impl Head {
    pub fn new() -> Self {
        Self { id: format!("chatcmpl-{}", uuid::Uuid::new_v4().simple()), created: jiff::Timestamp::now().as_second() }
    }
}

/// Tokens as the model counted them; none without one.
pub fn usage(object: &Value) -> Value {
    let count = |name: &str| object["usage"][name].as_u64().unwrap_or(0);
    let (prompt, completion) = (count("prompt_tokens"), count("completion_tokens"));
    json!({"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion})
}

/// Writes chunks.
pub struct Chunks {
    head: Head,
    wants_usage: bool,
    lang: Lang,
    dimensions: usize,
    begun: bool,
}

impl Chunks {
    pub fn new(wants_usage: bool) -> Self {
        Self { head: Head::new(), wants_usage, lang: Lang::Zh, dimensions: 0, begun: false }
    }

    fn chunk(&self, choices: Value) -> Value {
        let mut chunk = json!({"id": self.head.id, "object": "chat.completion.chunk", "created": self.head.created, "model": MODEL, "choices": choices});
        if self.wants_usage {
            chunk["usage"] = Value::Null;
        }
        chunk
    }

    fn delta(&self, delta: &Value, finish: &Value, out: &mut String) {
        write(&self.chunk(json!([{"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish}])), out);
    }

    fn text(&self, text: &str, out: &mut String) {
        if !text.is_empty() {
            self.delta(&json!({"content": text}), &Value::Null, out);
        }
    }
}

fn write(chunk: &Value, out: &mut String) {
    out.push_str(&format!("data: {chunk}\n\n"));
}

impl Frames for Chunks {
    fn part(&mut self, event: &Event, out: &mut String) {
        match event {
            Event::Need(known) => {
                self.lang = known.need.lang;
                if std::mem::replace(&mut self.begun, true) {
                    // A model has read more in the question; the text has not begun yet.
                    return;
                }
                self.delta(&json!({"role": "assistant", "content": ""}), &Value::Null, out);
            }
            Event::Summary(text) => self.text(&markdown::summary(text), out),
            Event::Dimension(advice) => {
                let heading = if self.dimensions == 0 { markdown::advice_heading(self.lang) } else { String::new() };
                self.dimensions += 1;
                self.text(&(heading + &markdown::dimension(advice)), out);
            }
            // Products come with their reasons, which are known last.
            Event::Products(_) | Event::Question(_) | Event::Notice(_) => {}
        }
    }

    fn end(&mut self, result: &Result<Finished, ApiError>, out: &mut String) {
        match result {
            Ok(finished) => {
                self.text(&markdown::rest(&finished.answer), out);
                let object: Value = serde_json::from_str(&finished.object).unwrap_or_default();
                let mut last = self.chunk(json!([{"index": 0, "delta": {}, "logprobs": null, "finish_reason": "stop"}]));
                if self.wants_usage {
                    write(&last, out);
                    last = self.chunk(json!([]));
                    last["usage"] = usage(&object);
                }
                last["daogou"] = object;
                write(&last, out);
            }
            Err(error) => write(&error.openai_object(), out),
        }
        out.push_str("data: [DONE]\n\n");
    }
}
