//! The web service, through a really started program over HTTP.

mod admin;
mod chat;
mod hostile;
mod limits;
mod openai;
mod operations;
mod sessions;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Program, program};

/// Nothing here takes longer.
const PATIENCE: Duration = Duration::from_secs(60);

/// A service of its own, on a port that was free. Ended when it is dropped.
pub struct Service {
    pub url: String,
    child: Child,
    _program: Arc<Program>,
}

/// What came back.
pub struct Reply {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Reply {
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{} is no JSON: {error}", self.text))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The events of a stream: name, id, data.
    #[track_caller]
    pub fn events(&self) -> Vec<(String, u64, Value)> {
        let field = |event: &str, name: &str| event.lines().find_map(|line| line.strip_prefix(name).map(str::to_owned)).unwrap_or_default();
        let events = self.text.split("\n\n").filter(|event| event.contains("data: "));
        events.map(|e| (field(e, "event: "), field(e, "id: ").parse().unwrap(), serde_json::from_str(&field(e, "data: ")).unwrap())).collect()
    }
}

impl Service {
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// A service with settings of its own, each as the environment has it.
    pub fn with(settings: &[(&str, &str)]) -> Self {
        Self::over(shop(), settings)
    }

    /// A service over a data folder that others may use, before, after or meanwhile.
    pub fn over(program: Arc<Program>, settings: &[(&str, &str)]) -> Self {
        Self::of(program, settings, "127.0.0.1:0")
    }

    /// A service over a data folder, at an address.
    pub fn of(program: Arc<Program>, settings: &[(&str, &str)], listen: &str) -> Self {
        let mut child = command(&program).args(["--listen", listen]).envs(settings.iter().copied()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let url = lines.by_ref().map(|line| line.unwrap()).find_map(|line| line.strip_prefix("listening on ").map(str::to_owned)).unwrap();
        // Read on, so that the program never waits for somebody to read what it says.
        std::thread::spawn(move || lines.for_each(drop));
        Self { url, child, _program: program }
    }

    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    pub fn send(&self, request: reqwest::RequestBuilder) -> Reply {
        block(async {
            let response = request.send().await.unwrap();
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            Reply { status, headers, text: response.text().await.unwrap() }
        })
    }

    pub fn get(&self, path: &str) -> Reply {
        self.send(client().get(self.at(path)))
    }

    pub fn delete(&self, path: &str) -> Reply {
        self.send(client().delete(self.at(path)))
    }

    pub fn post(&self, path: &str, body: &Value) -> Reply {
        self.send(client().post(self.at(path)).header("content-type", "application/json").body(body.to_string()))
    }

    /// One Answer.
    #[track_caller]
    pub fn ask(&self, body: &Value) -> Value {
        let reply = self.post("/api/chat", body);
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.json()
    }

    pub fn stream(&self, body: &Value) -> Reply {
        let request = client().post(self.at("/api/chat")).header("content-type", "application/json").header("accept", "text/event-stream");
        self.send(request.body(body.to_string()))
    }

    /// A value of `/metrics`, by the whole text before it.
    pub fn metric(&self, name: &str) -> f64 {
        let text = self.get("/metrics").text;
        text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok()).unwrap_or(0.0)
    }

    pub fn signal(&self, name: &str) {
        assert!(Command::new("kill").args([format!("-{name}"), self.child.id().to_string()]).status().unwrap().success());
    }

    /// Ends the process at once, whatever it is doing.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// The end of the process, which must come.
    pub fn ended(&mut self) -> ExitStatus {
        until("the service ends", || self.child.try_wait().unwrap())
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A data folder with the sample shop.
pub fn shop() -> Arc<Program> {
    let program = Program::new();
    copy(sample_data(), &program.data());
    Arc::new(program)
}

/// The sample shop as the program lays it down, made once: most tests need it, and none needs to wait for it again.
fn sample_data() -> &'static Path {
    static DATA: OnceLock<PathBuf> = OnceLock::new();
    DATA.get_or_init(|| {
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("web-sample");
        let _ = std::fs::remove_dir_all(&kept);
        let program = Program::new();
        program.ok(&["stats", "--json"]);
        copy(&program.data(), &kept);
        kept
    })
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &target),
            false => assert!(std::fs::copy(entry.path(), target).is_ok()),
        }
    }
}

/// The program, about to serve.
pub fn command(with: &Program) -> Command {
    let mut command = program();
    command.current_dir(with.folder.path()).arg("--data").arg(with.data()).arg("serve").stderr(Stdio::piped());
    command
}

pub fn client() -> reqwest::Client {
    // A connection a request: tests must not share what a server closes.
    reqwest::Client::builder().timeout(PATIENCE).pool_max_idle_per_host(0).build().unwrap()
}

pub fn block<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

/// Tries until there is something, or the test has waited long enough.
#[track_caller]
pub fn until<T>(what: &str, mut attempt: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = attempt() {
            return found;
        }
        assert!(started.elapsed() < PATIENCE, "waited in vain until {what}");
        std::thread::yield_now();
    }
}

pub fn hats() -> Value {
    json!({"message": "我是大圆脸，怎么挑一顶显脸小的帽子？"})
}
