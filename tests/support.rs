//! Builders: a shop in a folder of its own, asked in process or through the program.

use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::{Arc, OnceLock};

use daogou::answer::Event;
use daogou::assistant::Assistant;
use daogou::catalog::Currency;
use daogou::catalog::feed::jsonl;
use daogou::catalog::sample;
use daogou::catalog::store::Store;
use daogou::knowledge::{Files, Knowledge};
use daogou::llm::{Llm, LlmSettings};
use daogou::model::Model;
use daogou::question::Question;
use daogou::rank::Weights;
use daogou::shop::{Hits, Shop, ShopSettings};
use daogou::wire;
use serde_json::Value;
use tempfile::TempDir;

/// A shop in process.
pub struct TestShop {
    assistant: Assistant,
    runtime: tokio::runtime::Runtime,
    _folder: Option<TempDir>,
}

impl TestShop {
    /// The same shop, with a model.
    pub fn with_model(&self, settings: &LlmSettings) -> Self {
        let model = Model::new(Arc::new(Llm::new(settings).unwrap())).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        Self { assistant: Assistant::new(Arc::clone(self.assistant.shop()), Some(Arc::new(model))), runtime, _folder: None }
    }

    pub fn assistant(&self) -> &Assistant {
        &self.assistant
    }

    pub fn runtime(&self) -> &tokio::runtime::Runtime {
        &self.runtime
    }

    /// A shop with these products, one JSON object each; every one must be accepted.
    pub fn with(products: &[Value]) -> Self {
        let knowledge = Arc::new(Knowledge::load(&Files::Shipped).unwrap());
        let names = knowledge.lexicon.attribute_names.clone();
        Self::fill(knowledge, |knowledge| {
            let parse = |row: &Value| jsonl::parse_line(row.to_string().as_bytes(), &names).unwrap().unwrap_or_else(|reject| panic!("rejected: {reject:?}"));
            let _ = knowledge;
            products.iter().map(parse).collect()
        })
    }

    fn fill(knowledge: Arc<Knowledge>, products: impl FnOnce(&Knowledge) -> Vec<daogou::catalog::Product>) -> Self {
        let folder = TempDir::new().unwrap();
        let store = Arc::new(Store::open(&folder.path().join("catalog"), knowledge.lexicon.attribute_names.clone()).unwrap());
        let mut batch = store.begin().unwrap();
        for product in products(&knowledge) {
            batch.put(&product).unwrap();
        }
        batch.commit().unwrap();
        let settings = ShopSettings { shown: 3, weights: Weights::default(), currency: Currency::CNY };
        let (shop, _) = Shop::open(folder.path(), store, knowledge, settings, &|_, _| {}).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        Self { assistant: Assistant::new(Arc::new(shop), None), runtime, _folder: Some(folder) }
    }

    /// One answer, as `ask --json` prints it.
    pub fn ask(&self, question: &str) -> Value {
        self.turn(question, None)
    }

    /// One turn of a conversation.
    pub fn turn(&self, question: &str, session: Option<&str>) -> Value {
        self.turn_with_events(question, session).0
    }

    /// One turn, and the parts that were sent on the way.
    pub fn turn_with_events(&self, question: &str, session: Option<&str>) -> (Value, Vec<Event>) {
        let mut question = Question::new(question).unwrap();
        question.session = session.map(str::to_owned);
        let (out, mut events) = tokio::sync::mpsc::channel(64);
        let answer = self.runtime.block_on(async {
            let drain = async {
                let mut sent = Vec::new();
                while let Some(event) = events.recv().await {
                    sent.push(event);
                }
                sent
            };
            let ask = async { self.assistant.ask(&question, &{ out }).await };
            tokio::join!(ask, drain)
        });
        (wire::answer(&answer.0.unwrap()), answer.1)
    }

    pub fn search(&self, query: &str, limit: usize) -> Hits {
        self.shop().search(&Question::new(query).unwrap(), limit, |_| Ok(())).unwrap()
    }

    pub fn shop(&self) -> &Shop {
        self.assistant.shop()
    }
}

/// The sample shop, opened once for all tests that only read it.
pub fn sample_shop() -> &'static TestShop {
    static SHOP: OnceLock<TestShop> = OnceLock::new();
    SHOP.get_or_init(|| {
        let knowledge = Arc::new(Knowledge::load(&Files::Shipped).unwrap());
        TestShop::fill(knowledge, |knowledge| sample::load(&Files::Shipped, knowledge).unwrap())
    })
}

/// The record of a product of a shop.
pub fn record(shop: &TestShop, id: &str) -> Value {
    let id = daogou::catalog::ProductId::new(id).unwrap();
    jsonl::to_json(&shop.shop().product(&id).unwrap().unwrap_or_else(|| panic!("`{id}` is not in the catalog")))
}

/// Ids of the shown products.
pub fn shown(answer: &Value) -> Vec<String> {
    answer["products"].as_array().unwrap().iter().map(|p| p["id"].as_str().unwrap().to_owned()).collect()
}

/// The program, without the settings of whoever runs the tests.
pub fn program() -> std::process::Command {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_daogou"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("DAOGOU_") || name.starts_with("OPENAI_")) {
        command.env_remove(name);
    }
    command
}

/// The program with a data folder of its own.
pub struct Program {
    pub folder: TempDir,
}

impl Program {
    pub fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Writes a file beside the data folder and gives its path.
    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    pub fn command(&self) -> assert_cmd::Command {
        let mut command = assert_cmd::Command::from_std(program());
        command.current_dir(self.folder.path()).arg("--data").arg(self.data());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command().args(arguments).output().unwrap()
    }

    /// Runs a command that must succeed, and gives its standard output.
    pub fn ok(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?} failed: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs a command that must succeed and print one JSON object.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let text = self.ok(arguments);
        serde_json::from_str(text.trim()).unwrap_or_else(|error| panic!("{arguments:?} printed no JSON object: {error}\n{text}"))
    }
}

/// A data folder of its own with the sample shop in it, copied from one that is filled once.
pub fn sample_data() -> TempDir {
    static FILLED: OnceLock<Program> = OnceLock::new();
    let filled = FILLED.get_or_init(|| {
        let program = Program::new();
        program.ok(&["stats", "--json"]);
        program
    });
    let folder = TempDir::new().unwrap();
    copy(&filled.data(), folder.path());
    folder
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            std::fs::create_dir_all(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A minimal product row.
pub fn product(id: &str, title: &str, price: &str) -> Value {
    serde_json::json!({"id": id, "title": title, "link": format!("https://shop.example/{id}"), "price": price})
}

/// A Python for what is written in it: the one that `DAOGOU_TEST_PYTHON` names, else the one that `.ci/run` fills.
pub fn python() -> PathBuf {
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/test-venv/bin/python");
    std::env::var_os("DAOGOU_TEST_PYTHON").map_or(installed, PathBuf::from)
}

/// The folder of shared data, or a loud line that it is not here.
pub fn shared_data(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(name);
    if path.is_dir() {
        return Some(path);
    }
    eprintln!("SKIPPED: the data set `{name}` is not on this machine");
    None
}

/// A service that answers `POST /api/chat` with what the function makes of the message; a `null` answer is a failure of the
/// service.
pub fn serve_chat(respond: impl Fn(&str) -> Value + Send + Sync + 'static) -> String {
    serve("/api/chat", move |request| respond(request["message"].as_str().unwrap()))
}

/// A model server that replies to the last message with what the function makes of it. Its address is the base URL.
pub fn serve_model(reply: impl Fn(&str) -> String + Send + Sync + 'static) -> String {
    let url = serve("/v1/chat/completions", move |request| {
        let said = request["messages"].as_array().unwrap().last().unwrap()["content"].as_str().unwrap().to_owned();
        serde_json::json!({"id": "1", "object": "chat.completion", "created": 1, "model": request["model"],
            "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": reply(&said)}}]})
    });
    format!("{url}/v1")
}

/// An HTTP service for one path, which takes and gives JSON. It lives as long as the test process.
fn serve(path: &'static str, respond: impl Fn(&Value) -> Value + Send + Sync + 'static) -> String {
    use std::io::{BufRead, BufReader, Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let respond = Arc::new(respond);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let respond = Arc::clone(&respond);
            std::thread::spawn(move || {
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                let known = line.starts_with(&format!("POST {path} "));
                let mut length = 0;
                loop {
                    let mut header = String::new();
                    if reader.read_line(&mut header).unwrap() <= 2 {
                        break;
                    }
                    if let Some(value) = header.to_ascii_lowercase().strip_prefix("content-length:") {
                        length = value.trim().parse().unwrap();
                    }
                }
                let mut body = vec![0; length];
                reader.read_exact(&mut body).unwrap();
                let answer = if known { respond(&serde_json::from_slice(&body).unwrap()) } else { Value::Null };
                let (status, body) = if answer.is_null() { ("503 Service Unavailable", "{}".to_owned()) } else { ("200 OK", answer.to_string()) };
                let _ =
                    write!(&stream, "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
            });
        }
    });
    url
}
