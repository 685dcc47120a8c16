//! A PostgreSQL of the tests' own, and a way to take it away.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tempfile::TempDir;

use crate::web::{block, until};

/// Lives as long as the test process: the shell around it reads standard input to its end, and ends the server then.
struct Cluster {
    port: u16,
    _shell: Mutex<Child>,
}

const SCRIPT: &str = r#"
"$BIN/initdb" -D "$FOLDER/data" -U shop -A trust --no-sync --no-locale -E UTF8 > "$FOLDER/log" 2>&1 || exit 1
"$BIN/postgres" -D "$FOLDER/data" -p "$PORT" -k "$FOLDER" -c listen_addresses=127.0.0.1 -c fsync=off >> "$FOLDER/log" 2>&1 &
cat > /dev/null
kill -QUIT $!
wait
rm -rf "$FOLDER"
"#;

/// Where Debian or the search path has the server's programs.
fn programs() -> Option<PathBuf> {
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|version| version.path().join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    debian.chain(std::env::split_paths(&path)).find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
}

fn said(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).unwrap().trim().to_owned())
}

/// The server refuses to run as root, so then it runs as somebody else.
fn shell(folder: &str) -> Command {
    if said("id", &["-u"]).as_deref() != Some("0") {
        return Command::new("sh");
    }
    let user = ["postgres", "nobody"].into_iter().find(|user| said("id", &["-u", user]).is_some()).expect("a user who is not root");
    assert!(Command::new("chown").args([user, folder]).status().unwrap().success());
    let mut shell = Command::new("runuser");
    shell.args(["-u", user, "--", "sh"]);
    shell
}

fn start() -> Option<Cluster> {
    let programs = programs()?;
    let folder = TempDir::new().unwrap().keep();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut shell = shell(folder.to_str().unwrap());
    shell.args(["-c", SCRIPT]).env("BIN", programs).env("FOLDER", &folder).env("PORT", port.to_string()).current_dir("/");
    let mut shell = shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let log = || std::fs::read_to_string(folder.join("log")).unwrap_or_default();
    until("the database server answers", || {
        assert!(shell.try_wait().unwrap().is_none(), "no database server: {}", log());
        block(PgConnection::connect(&url(port, "postgres"))).ok()
    });
    Some(Cluster { port, _shell: Mutex::new(shell) })
}

fn url(port: u16, database: &str) -> String {
    format!("postgres://shop@127.0.0.1:{port}/{database}")
}

/// A database that nobody else uses: the port of its server, and its name.
pub fn database() -> Option<(u16, String)> {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
    let port = CLUSTER.get_or_init(start).as_ref()?.port;
    let name = format!("shop_{}", uuid::Uuid::new_v4().simple());
    block(async {
        let mut connection = PgConnection::connect(&url(port, "postgres")).await.unwrap();
        connection.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
    });
    Some((port, name))
}

/// The way to a server, which can be closed and opened again.
pub struct Way {
    pub port: u16,
    open: Arc<AtomicBool>,
    streams: Arc<Mutex<Vec<TcpStream>>>,
}

impl Way {
    pub fn to(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let way = Self { port: listener.local_addr().unwrap().port(), open: Arc::new(AtomicBool::new(true)), streams: Arc::default() };
        let (open, streams) = (Arc::clone(&way.open), Arc::clone(&way.streams));
        std::thread::spawn(move || {
            for near in listener.incoming().flatten() {
                if let (true, Ok(far)) = (open.load(Ordering::SeqCst), TcpStream::connect(("127.0.0.1", server))) {
                    streams.lock().unwrap().extend([near.try_clone().unwrap(), far.try_clone().unwrap()]);
                    pass(near.try_clone().unwrap(), far.try_clone().unwrap());
                    pass(far, near);
                }
            }
        });
        way
    }

    pub fn close(&self) {
        self.open.store(false, Ordering::SeqCst);
        for stream in self.streams.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    pub fn open(&self) {
        self.open.store(true, Ordering::SeqCst);
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream) {
    std::thread::spawn(move || {
        let mut some = [0; 16 << 10];
        while let Ok(length @ 1..) = from.read(&mut some) {
            if to.write_all(&some[..length]).is_err() {
                break;
            }
        }
        let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
    });
}
