//! A terminal of our own: the program runs in it, keys are typed, and what stands on the screen is looked at.

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// Longest wait for anything.
const PATIENCE: Duration = Duration::from_secs(20);

/// Counts how often the program asked where the cursor is; a terminal answers that.
#[derive(Default)]
struct Asked(usize);

impl vt100::Callbacks for Asked {
    fn unhandled_csi(&mut self, _: &mut vt100::Screen, _: Option<u8>, _: Option<u8>, parameters: &[&[u16]], command: char) {
        if command == 'n' && parameters == [&[6_u16][..]] {
            self.0 += 1;
        }
    }
}

struct Seen {
    parser: vt100::Parser<Asked>,
    raw: Vec<u8>,
    ended: bool,
    /// Nobody looks any more.
    left: bool,
}

pub struct Terminal {
    seen: Arc<(Mutex<Seen>, Condvar)>,
    keys: Arc<Mutex<Box<dyn Write + Send>>>,
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    looking: JoinHandle<()>,
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

fn some(count: u16) -> NonZeroU16 {
    NonZeroU16::new(count).unwrap()
}

impl Terminal {
    /// Runs the program on a data folder, with nothing in its environment but these variables.
    pub fn run(data: &Path, arguments: &[&str], (columns, rows): (u16, u16), variables: &[(&str, &str)]) -> Self {
        let pair = native_pty_system().openpty(size(columns, rows)).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_daogou"));
        command.env_clear();
        command.env("TERM", "xterm-256color");
        command.env("LANG", "en_US.UTF-8");
        command.env("HOME", data);
        for (name, value) in variables {
            command.env(name, value);
        }
        command.cwd(data);
        command.arg("--data");
        command.arg(data);
        command.args(arguments);
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut output = pair.master.try_clone_reader().unwrap();
        let keys = Arc::new(Mutex::new(pair.master.take_writer().unwrap()));
        let parser = vt100::Parser::new_with_callbacks(some(rows), some(columns), 1_000, Asked::default());
        let seen = Arc::new((Mutex::new(Seen { parser, raw: Vec::new(), ended: false, left: false }), Condvar::new()));
        let (shared, answer) = (Arc::clone(&seen), Arc::clone(&keys));
        let looking = std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            loop {
                let count = output.read(&mut bytes).unwrap_or(0);
                let mut seen = shared.0.lock().unwrap();
                seen.raw.extend(&bytes[..count]);
                seen.parser.process(&bytes[..count]);
                let (row, column) = seen.parser.screen().cursor_position();
                for _ in 0..std::mem::take(&mut seen.parser.callbacks_mut().0) {
                    let _ = write!(answer.lock().unwrap(), "\u{1b}[{};{}R", row + 1, column + 1);
                }
                seen.ended |= count == 0;
                shared.1.notify_all();
                if count == 0 || seen.left {
                    return;
                }
            }
        });
        Self { seen, keys, master: pair.master, child, looking }
    }

    /// Presses keys. The line editor forgets what comes in one go with Ctrl-C, and a terminal what comes before Ctrl-D is awaited:
    /// wait for the prompt before each of them.
    pub fn press(&self, keys: &str) {
        let mut out = self.keys.lock().unwrap();
        out.write_all(keys.as_bytes()).unwrap();
        out.flush().unwrap();
    }

    /// Waits until the screen is as wanted, and gives its text.
    #[track_caller]
    pub fn until(&self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        let mut text = String::new();
        let found = self.wait(|seen| {
            text = seen.parser.screen().contents();
            wanted(&text)
        });
        assert!(found, "never saw {what}; the screen is\n{text}");
        text
    }

    /// Waits until a text stands on the screen.
    #[track_caller]
    pub fn until_shows(&self, text: &str) -> String {
        self.until(text, |screen| screen.contains(text))
    }

    /// Waits for an empty prompt at the end of the screen.
    #[track_caller]
    pub fn until_prompt(&self) -> String {
        self.until("an empty prompt", at_prompt)
    }

    fn wait(&self, mut done: impl FnMut(&Seen) -> bool) -> bool {
        let deadline = Instant::now() + PATIENCE;
        let mut seen = self.seen.0.lock().unwrap();
        loop {
            if done(&seen) {
                return true;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            seen = self.seen.1.wait_timeout(seen, left).unwrap().0;
        }
    }

    /// Where the cursor is: column and row.
    pub fn cursor(&self) -> (u16, u16) {
        let (row, column) = self.seen.0.lock().unwrap().parser.screen().cursor_position();
        (column, row)
    }

    /// Everything that was sent to the terminal so far.
    pub fn raw(&self) -> String {
        String::from_utf8_lossy(&self.seen.0.lock().unwrap().raw).into_owned()
    }

    pub fn resize(&self, columns: u16, rows: u16) {
        self.seen.0.lock().unwrap().parser.set_size(some(rows), some(columns));
        self.master.resize(size(columns, rows)).unwrap();
    }

    /// Sends a signal to the program.
    pub fn signal(&self, name: &str) {
        let id = self.child.process_id().unwrap().to_string();
        assert!(std::process::Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    /// Closes the window, and waits until the program has ended, too.
    pub fn close(self) {
        let Self { seen, keys, master, mut child, looking } = self;
        seen.0.lock().unwrap().left = true;
        // What is shown of the key wakes whoever looks. The library sends Enter and Ctrl-D before it closes; behind a backslash
        // they do not end the talk.
        keys.lock().unwrap().write_all(b"a\\").unwrap();
        looking.join().unwrap();
        drop((keys, master));
        let (tell, ended) = std::sync::mpsc::channel();
        std::thread::spawn(move || tell.send(child.wait().is_ok()));
        assert_eq!(ended.recv_timeout(PATIENCE), Ok(true), "the program goes on without its terminal");
    }

    /// Waits for the end, and gives the exit code.
    #[track_caller]
    pub fn end(mut self) -> u32 {
        assert!(self.wait(|seen| seen.ended), "the program never ended; the screen is\n{}", self.seen.0.lock().unwrap().parser.screen().contents());
        self.child.wait().unwrap().exit_code()
    }
}

/// Whether the program waits for a line.
pub fn at_prompt(screen: &str) -> bool {
    screen.trim_end().lines().last() == Some(">")
}
