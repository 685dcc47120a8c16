//! A scripted OpenAI-compatible server at the level of HTTP: it streams, stalls, lies, breaks off and hangs as told.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

/// What the server does with a request.
pub enum Script {
    /// A whole reply with this text.
    Says(String),
    /// Status, further header lines, content type and body.
    Raw(u16, String, &'static str, String),
    /// A stream of these pieces of text, and how it ends.
    Streams(Vec<String>, Ending),
    /// Never answers.
    Hangs,
    /// Closes the connection at once.
    Closes,
}

/// How a stream ends.
pub enum Ending {
    Whole,
    /// Without a finish reason.
    CutOff,
    /// Keeps the connection open and says nothing more.
    Stalls,
    /// Sends a line that is no JSON.
    HalfJson,
    /// Sends an error in the stream.
    Error,
}

pub struct ModelServer {
    pub url: String,
    seen: Arc<Mutex<Vec<Value>>>,
    /// Tells when a client closed the connection of a hanging or stalled call.
    gone: Mutex<Receiver<()>>,
}

impl ModelServer {
    /// Starts a server that does with each request what the function says.
    pub fn start(script: impl Fn(&Value) -> Script + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (script, requests) = (Arc::new(script), Arc::clone(&seen));
        let (gone, told) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (script, requests, gone) = (Arc::clone(&script), Arc::clone(&requests), gone.clone());
                std::thread::spawn(move || serve(stream, &*script, &requests, &gone));
            }
        });
        Self { url, seen, gone: Mutex::new(told) }
    }

    /// A server that fills in the form of each purpose with what the function gives.
    pub fn writing(fill: impl Fn(&str, &Value) -> Value + Send + Sync + 'static) -> Self {
        Self::start(move |request| {
            let text = fill(purpose(request), request).to_string();
            if request["stream"] == true { Script::Streams(pieces(&text), Ending::Whole) } else { Script::Says(text) }
        })
    }

    /// The requests so far.
    pub fn seen(&self) -> Vec<Value> {
        self.seen.lock().unwrap().clone()
    }

    /// How many requests there were for a purpose.
    pub fn calls(&self, name: &str) -> usize {
        self.seen().iter().filter(|request| purpose(request) == name).count()
    }

    /// Waits until a client has gone away.
    pub fn await_gone(&self) {
        self.gone.lock().unwrap().recv_timeout(std::time::Duration::from_secs(20)).expect("the client never closed its connection");
    }
}

/// "understand" or "compose".
pub fn purpose(request: &Value) -> &'static str {
    let system = request["messages"][0]["content"].as_str().unwrap_or_default();
    if request["input"].is_array() {
        "embed"
    } else if system.contains("fill in a form") {
        "understand"
    } else {
        "compose"
    }
}

/// The fields that the form of a request asks for, with these texts by field name (without its number).
pub fn form(request: &Value, text: impl Fn(&str) -> String) -> Value {
    let system = request["messages"][0]["content"].as_str().unwrap_or_default();
    let fields = system.lines().filter_map(|line| line.strip_prefix("- \"")?.split('"').next());
    Value::Object(fields.map(|name| (name.to_owned(), json!(text(name)))).collect())
}

/// A text in pieces of a few characters, as models send it.
pub fn pieces(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    characters.chunks(7).map(|chunk| chunk.iter().collect()).collect()
}

fn serve(stream: TcpStream, script: &dyn Fn(&Value) -> Script, seen: &Mutex<Vec<Value>>, gone: &Sender<()>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut out = stream;
    let Some(request) = read_request(&mut reader) else { return };
    seen.lock().unwrap().push(request.clone());
    let usage = json!({"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150});
    match script(&request) {
        Script::Says(text) => {
            let body = json!({"id": "1", "object": "chat.completion", "model": request["model"], "usage": usage,
                "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}]});
            let _ = write!(out, "{}{body}", head(200, "", "application/json", Some(body.to_string().len())));
        }
        Script::Raw(status, headers, kind, body) => {
            let _ = write!(out, "{}{body}", head(status, &headers, kind, Some(body.len())));
        }
        Script::Streams(pieces, ending) => {
            let _ = write!(out, "{}", head(200, "", "text/event-stream", None));
            let mut send = |data: &str| write!(out, "data: {data}\n\n").and_then(|()| out.flush());
            let chunk = |delta: Value, reason: Value| json!({"id": "1", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]});
            for piece in pieces {
                if send(&chunk(json!({"content": piece}), Value::Null).to_string()).is_err() {
                    let _ = gone.send(());
                    return;
                }
            }
            match ending {
                Ending::Whole => {
                    let _ = send(&chunk(json!({}), json!("stop")).to_string());
                    let _ = send(&json!({"id": "1", "choices": [], "usage": usage}).to_string());
                    let _ = send("[DONE]");
                }
                Ending::CutOff => {}
                Ending::HalfJson => _ = send("{\"choices\": [{\"del"),
                Ending::Error => _ = send("{\"error\": {\"message\": \"overloaded\", \"code\": 500}}"),
                Ending::Stalls => wait_for_end(&mut reader, gone),
            }
        }
        Script::Hangs => wait_for_end(&mut reader, gone),
        Script::Closes => {}
    }
}

fn wait_for_end(reader: &mut BufReader<TcpStream>, gone: &Sender<()>) {
    let mut rest = Vec::new();
    let _ = reader.read_to_end(&mut rest);
    let _ = gone.send(());
}

fn head(status: u16, headers: &str, kind: &str, length: Option<usize>) -> String {
    let length = length.map_or(String::new(), |length| format!("content-length: {length}\r\n"));
    format!("HTTP/1.1 {status} Scripted\r\ncontent-type: {kind}\r\n{length}{headers}connection: close\r\n\r\n")
}

fn read_request(reader: &mut BufReader<TcpStream>) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? <= 2 {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}
