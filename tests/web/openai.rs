//! `/v1`: shapes, and two clients that other people wrote.

use std::path::Path;
use std::process::Command;

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::types::chat::{CreateChatCompletionRequest, FinishReason};
use futures::StreamExt;
use serde_json::{Value, json};

use super::{Service, block};

fn conversation() -> Value {
    json!([
        {"role": "system", "content": "你是客服"},
        {"role": "user", "content": "三百块以内的降噪耳机"},
        {"role": "assistant", "content": null},
        {"role": "user", "content": [{"type": "text", "text": "只要头戴式"}, {"type": "image_url", "image_url": {"url": "data:,"}}]},
    ])
}

#[test]
fn a_completion_carries_markdown_and_the_answer() {
    let service = Service::start();
    let reply = service.post("/v1/chat/completions", &json!({"model": "daogou", "messages": conversation(), "temperature": 0.3, "chat_id": "x"}));
    assert_eq!(reply.status, 200, "{}", reply.text);
    let completion = reply.json();
    assert_eq!(completion["object"], "chat.completion");
    let (choice, answer) = (&completion["choices"][0], &completion["daogou"]);
    assert_eq!((&choice["finish_reason"], &choice["message"]["role"]), (&json!("stop"), &json!("assistant")));
    let said: Vec<&Value> = answer["need"]["constraints"].as_array().unwrap().iter().map(|c| &c["text"]).collect();
    assert!(said.contains(&&json!("三百块以内")) && said.len() == 3, "{said:?}");
    let text = choice["message"]["content"].as_str().unwrap();
    let shown =
        answer["products"].as_array().unwrap().iter().chain(answer["nearest"].as_array().unwrap().iter().flat_map(|n| n["products"].as_array().unwrap()));
    assert!(shown.clone().count() > 0);
    for product in shown {
        assert!(text.contains(&format!("](<{}>)", product["link"].as_str().unwrap())), "{text}");
    }
    // The conversation came with the request, and nothing of it stays.
    assert_eq!(service.get(&format!("/api/sessions/{}", answer["session"].as_str().unwrap())).status, 404);
}

#[test]
fn a_stream_says_the_same_and_ends_as_clients_expect() {
    let service = Service::start();
    let mut body = json!({"model": "daogou", "messages": conversation()});
    let whole = service.post("/v1/chat/completions", &body).json();
    (body["stream"], body["stream_options"]) = (json!(true), json!({"include_usage": true}));
    let reply = service.post("/v1/chat/completions", &body);
    assert_eq!(reply.header("content-type"), "text/event-stream");
    let mut data: Vec<&str> = reply.text.split("\n\n").filter_map(|event| event.strip_prefix("data: ")).collect();
    assert_eq!(data.pop(), Some("[DONE]"));
    let chunks: Vec<Value> = data.iter().map(|one| serde_json::from_str(one).unwrap()).collect();
    let text: String = chunks.iter().filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str()).collect();
    assert_eq!(text, whole["choices"][0]["message"]["content"]);
    assert_eq!(chunks[0]["choices"][0]["delta"]["role"], "assistant");
    let (last, before) = (&chunks[chunks.len() - 1], &chunks[chunks.len() - 2]);
    assert_eq!((&before["choices"][0]["finish_reason"], &before["usage"]), (&json!("stop"), &Value::Null));
    assert_eq!((&last["choices"], last["usage"].is_object(), &last["daogou"]["outcome"]), (&json!([]), true, &whole["daogou"]["outcome"]));
    assert!(chunks.iter().all(|chunk| chunk["id"] == chunks[0]["id"] && chunk["object"] == "chat.completion.chunk"));
}

#[test]
fn errors_have_the_shape_of_openai() {
    let service = Service::start();
    let check = |body: Value, status: u16, code: &str| {
        let reply = service.post("/v1/chat/completions", &body);
        assert_eq!(reply.status, status, "{}", reply.text);
        let error = &reply.json()["error"];
        assert_eq!((&error["code"], &error["type"], &error["param"]), (&json!(code), &json!("invalid_request_error"), &Value::Null));
        assert!(error["message"].is_string());
    };
    check(json!({"model": "gpt-9", "messages": conversation()}), 404, "model_not_found");
    check(json!({"model": "daogou", "messages": []}), 400, "invalid_value");
    check(json!({"model": "daogou", "messages": [{"role": "user", "content": " "}]}), 400, "invalid_value");
    check(json!({"model": "daogou"}), 400, "invalid_value");
    check(json!({"model": "daogou", "messages": conversation(), "n": 3}), 400, "invalid_value");
    assert_eq!(service.get("/v1/nothing").json()["error"]["type"], "invalid_request_error");
    assert_eq!(service.get("/v1/models").json()["data"][0]["id"], "daogou");
    assert_eq!(service.get("/v1/models/other").status, 404);
}

#[test]
fn async_openai_understands_the_service() {
    let service = Service::start();
    let client = Client::with_config(OpenAIConfig::new().with_api_key("none").with_api_base(service.at("/v1")));
    let mut request: CreateChatCompletionRequest = serde_json::from_value(json!({
        "model": "daogou", "messages": [{"role": "user", "content": "帽子，三百以内"}, {"role": "user", "content": "不要黑色"}],
    }))
    .unwrap();
    block(async {
        let whole = client.chat().create(request.clone()).await.unwrap();
        let text = whole.choices[0].message.content.clone().unwrap();
        assert!(text.contains("https://"), "{text}");
        request.stream = Some(true);
        let mut chunks = client.chat().create_stream(request).await.unwrap();
        let (mut streamed, mut finished) = (String::new(), None);
        while let Some(chunk) = chunks.next().await {
            for choice in chunk.unwrap().choices {
                streamed.push_str(&choice.delta.content.unwrap_or_default());
                finished = choice.finish_reason.or(finished);
            }
        }
        assert_eq!((streamed, finished), (text, Some(FinishReason::Stop)));
    });
}

#[test]
fn the_official_python_package_understands_the_service() {
    let python = crate::support::python();
    let here = Command::new(&python).args(["-c", "import openai"]).output().is_ok_and(|output| output.status.success());
    if !here {
        eprintln!("SKIPPED: {python:?} has no package `openai`; DAOGOU_TEST_PYTHON names a Python that has it");
        return;
    }
    let service = Service::start();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/openai_sdk.py");
    let output = Command::new(python).arg(script).arg(service.at("/v1")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
