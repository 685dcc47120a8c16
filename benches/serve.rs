//! What the web service bears, beside bare axum streaming the same bytes, in the same run: `cargo bench --bench serve`.
//!
//! 256 clients, each asking again as soon as it has its answer, over the sample shop without a model and without a limit per
//! client. Service, clients and floor share the machine's cores, so the client's own work is in every figure. The first event
//! is `need`; a stream is whole with its last chunk, after `done`. Any status but 200, and any stream that ends without
//! `done`, stops the run.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a measurement prints, and stops when it cannot go on")]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::header;
use axum::routing::post;
use futures::stream;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const CLIENTS: usize = 256;
const SECONDS: u64 = 10;
/// Clients ask for so long before anything counts.
const WARM: Duration = Duration::from_secs(2);

/// Asked with another figure each time, so that no answer was given before.
const WORDINGS: [&str; 8] = [
    "{}元以内的降噪耳机",
    "圆脸适合什么帽子，预算{}",
    "送长辈的茶叶，{}块以内",
    "{}以内的防水帐篷，四个人",
    "a hat for a round face under {}",
    "running shoes for flat feet below ¥{}",
    "an office chair for back pain, up to {}",
    "quiet robot vacuum under {} for long-haired cats",
];

/// The service, over a shop of its own.
struct Service {
    child: Child,
    address: String,
    _data: tempfile::TempDir,
}

impl Service {
    fn start() -> Self {
        let data = tempfile::TempDir::new().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_daogou"));
        command.current_dir(&data).args(["--log", "error", "serve", "--listen", "127.0.0.1:0", "--data"]).arg(data.path()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = lines.by_ref().find_map(|line| line.unwrap().strip_prefix("listening on http://").map(str::to_owned)).unwrap();
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, address, _data: data }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Milliseconds of one stream.
struct Took {
    first: f64,
    whole: f64,
}

fn main() {
    let service = Service::start();
    let clients = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    clients.block_on(async {
        let presets = presets(&service.address).await;
        let sample = whole_stream(&service.address, &presets[0]).await;
        let floor = floor(split(&sample)).await;
        println!("{CLIENTS} clients, {SECONDS} seconds each; milliseconds at the 50th and the 99th percentile");
        println!("                              streams/s   of floor   first event p50   p99   whole p50    p99    max");
        let asked = Arc::new(AtomicU64::new(0));
        let preset = move |at: u64| presets[at as usize % presets.len()].clone();
        let fresh = |at: u64| WORDINGS[at as usize % WORDINGS.len()].replace("{}", &(150 + at).to_string());
        let base = load("bare axum, the same bytes", &floor, Arc::clone(&asked), preset.clone(), None).await;
        load("the eight preset questions", &service.address, Arc::clone(&asked), preset, Some(base)).await;
        load("questions never asked before", &service.address, asked, fresh, Some(base)).await;
    });
}

/// Lets all clients ask for a while, prints what it took, and gives the streams a second.
async fn load<Q>(name: &str, address: &str, asked: Arc<AtomicU64>, question: Q, floor: Option<f64>) -> f64
where
    Q: Fn(u64) -> String + Clone + 'static,
{
    let begun = Instant::now();
    let counted = begun + WARM;
    let end = counted + Duration::from_secs(SECONDS);
    let local = tokio::task::LocalSet::new();
    let all = local.run_until(async {
        let clients = (0..CLIENTS).map(|_| {
            let (asked, question, address) = (Arc::clone(&asked), question.clone(), address.to_owned());
            tokio::task::spawn_local(async move {
                let mut socket = TcpStream::connect(&address).await.unwrap();
                let mut took = Vec::new();
                while Instant::now() < end {
                    let one = ask(&mut socket, &question(asked.fetch_add(1, Ordering::Relaxed))).await;
                    if Instant::now() > counted {
                        took.push(one);
                    }
                }
                took
            })
        });
        let mut all = Vec::new();
        for client in clients.collect::<Vec<_>>() {
            all.extend(client.await.unwrap());
        }
        all
    });
    let all = all.await;
    let rate = all.len() as f64 / SECONDS as f64;
    let sorted = |of: fn(&Took) -> f64| {
        let mut sorted: Vec<f64> = all.iter().map(of).collect();
        sorted.sort_by(f64::total_cmp);
        sorted
    };
    let at = |share: f64, sorted: &[f64]| sorted[((sorted.len() - 1) as f64 * share) as usize];
    let (first, whole) = (sorted(|took| took.first), sorted(|took| took.whole));
    println!(
        "{name:<30} {rate:>8.0}   {:>8.3}   {:>15.1} {:>5.1}   {:>9.1} {:>6.1} {:>6.1}",
        rate / floor.unwrap_or(rate),
        at(0.5, &first),
        at(0.99, &first),
        at(0.5, &whole),
        at(0.99, &whole),
        at(1.0, &whole)
    );
    rate
}

/// One question on an open connection.
async fn ask(socket: &mut TcpStream, question: &str) -> Took {
    let started = Instant::now();
    let body = serde_json::json!({ "message": question }).to_string();
    let head = "POST /api/chat HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\naccept: text/event-stream\r\n";
    socket.write_all(format!("{head}content-length: {}\r\n\r\n{body}", body.len()).as_bytes()).await.unwrap();
    let mut read: Vec<u8> = Vec::with_capacity(32 << 10);
    let mut first = None;
    loop {
        assert!(socket.read_buf(&mut read).await.unwrap() > 0, "`{question}`: the connection was closed");
        if first.is_none() && holds(&read, b"event: ") {
            assert!(read.starts_with(b"HTTP/1.1 200 "), "`{question}`: {}", String::from_utf8_lossy(&read));
            first = Some(started.elapsed());
        }
        if read.ends_with(b"\r\n0\r\n\r\n") {
            break;
        }
    }
    assert!(holds(&read, b"event: done"), "`{question}`: {}", String::from_utf8_lossy(&read));
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    Took { first: ms(first.unwrap()), whole: ms(started.elapsed()) }
}

fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

async fn presets(address: &str) -> Vec<String> {
    let all: serde_json::Value = serde_json::from_str(&get(address, "/api/suggestions").await).unwrap();
    all["suggestions"].as_array().unwrap().iter().map(|s| s["text"].as_str().unwrap().to_owned()).collect()
}

async fn get(address: &str, path: &str) -> String {
    reqwest::get(format!("http://{address}{path}")).await.unwrap().text().await.unwrap()
}

/// The body of an answer that streams.
async fn whole_stream(address: &str, question: &str) -> String {
    let request = reqwest::Client::new().post(format!("http://{address}/api/chat")).header("accept", "text/event-stream");
    let body = serde_json::json!({ "message": question }).to_string();
    request.header("content-type", "application/json").body(body).send().await.unwrap().text().await.unwrap()
}

/// What the service writes in pieces: what was understood, and then all that was made of it.
fn split(stream: &str) -> Vec<Bytes> {
    let first = stream.find("\n\n").unwrap() + 2;
    vec![Bytes::copy_from_slice(&stream.as_bytes()[..first]), Bytes::copy_from_slice(&stream.as_bytes()[first..])]
}

/// Bare axum, on threads of its own, giving the same pieces to everyone.
async fn floor(pieces: Vec<Bytes>) -> String {
    let (ready, address) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(async {
            let answer = move |_body: Bytes| {
                let pieces = pieces.clone();
                async { ([(header::CONTENT_TYPE, "text/event-stream")], Body::from_stream(stream::iter(pieces.into_iter().map(Ok::<_, std::io::Error>)))) }
            };
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            ready.send(listener.local_addr().unwrap().to_string()).unwrap();
            let router = Router::new().route("/api/chat", post(answer));
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                let service = TowerToHyperService::new(router.clone());
                tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(socket), service));
            }
        });
    });
    address.await.unwrap()
}
