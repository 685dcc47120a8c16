//! A real Chromium, driven over the WebDriver protocol: one driver process for all tests, a browser with a new profile for each.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

/// Nothing on the page takes longer, also where other tests keep the machine busy.
const PATIENCE_MS: u64 = 30_000;

/// What scripts of tests may use: elements by their `data-testid`, the last turn, and whether one can be seen.
const WORDS: &str = "
    const all = (id, within = document) => [...within.querySelectorAll(`[data-testid=\"${id}\"]`)];
    const one = (id, within = document) => all(id, within)[0];
    const turn = () => all('turn').at(-1);
    const texts = (id, within = document) => all(id, within).map((found) => found.innerText.trim());
    const seen = (element) => Boolean(element?.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length);
    const inView = (element) => { const box = element.getBoundingClientRect(); return box.top >= 0 && box.bottom <= innerHeight && box.left >= 0 && box.right <= innerWidth; };
";

/// The process between tests and browsers. It ends with the test process, whatever way that ends.
struct Driver {
    url: String,
    chromium: PathBuf,
    _child: Child,
}

fn driver() -> Option<&'static Driver> {
    static DRIVER: OnceLock<Option<Driver>> = OnceLock::new();
    DRIVER.get_or_init(start_driver).as_ref()
}

fn start_driver() -> Option<Driver> {
    let (Some(chromedriver), Some(chromium)) = (program(&["chromedriver"]), program(&["chromium", "chromium-browser", "google-chrome"])) else {
        eprintln!("SKIPPED: no chromium and chromedriver on the path; `.ci/run` installs them");
        return None;
    };
    // The shell ends the driver when this process closes the pipe, which the system does for it in the end.
    let mut child = Command::new("sh")
        .args(["-c", "\"$0\" --port=0 & cat >/dev/null; kill $!"])
        .arg(chromedriver)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let port = lines.find_map(|line| line.split_once("successfully on port ").map(|(_, port)| port.trim_end_matches('.').to_owned())).unwrap();
    std::thread::spawn(move || lines.for_each(drop));
    Some(Driver { url: format!("http://127.0.0.1:{port}"), chromium, _child: child })
}

/// The first of these programs that is on the path.
fn program(names: &[&str]) -> Option<PathBuf> {
    let folders: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH")?).collect();
    names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name))).find(|path| path.is_file())
}

/// How the shopper looks at the page.
#[derive(Clone, Copy)]
pub struct Look {
    /// What the browser says it prefers to read.
    pub language: &'static str,
    pub phone: bool,
    pub dark: bool,
}

pub const DESKTOP: Look = Look { language: "zh-CN", phone: false, dark: false };
pub const PHONE: Look = Look { phone: true, ..DESKTOP };

impl Look {
    pub const fn english(self) -> Self {
        Self { language: "en-US", ..self }
    }

    pub const fn dark(self) -> Self {
        Self { dark: true, ..self }
    }
}

/// A browser of its own with an empty profile. Closed when it is dropped.
pub struct Browser {
    session: String,
    client: reqwest::Client,
    runtime: tokio::runtime::Runtime,
    look: Look,
    _profile: TempDir,
}

impl Browser {
    /// A browser at this address, or none where there is no Chromium.
    pub fn open(url: &str, look: Look) -> Option<Self> {
        let driver = driver()?;
        let profile = TempDir::new().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_millis(2 * PATIENCE_MS)).build().unwrap();
        let mut browser = Self { session: driver.url.clone(), client, runtime, look, _profile: profile };
        let made = browser.post("/session", &capabilities(driver, browser._profile.path(), look));
        browser.session = format!("{}/session/{}", driver.url, made["sessionId"].as_str().unwrap());
        if look.dark {
            browser.prefer_dark(true);
        }
        browser.post("/url", &json!({"url": url}));
        Some(browser)
    }

    pub fn reload(&self) {
        self.post("/refresh", &json!({}));
    }

    /// Runs a function body in the page; gives what it returns.
    #[track_caller]
    pub fn run(&self, script: &str) -> Value {
        self.post("/execute/sync", &json!({"script": format!("{WORDS}{script}"), "args": []}))
    }

    /// The value of an expression in the page.
    #[track_caller]
    pub fn get(&self, expression: &str) -> Value {
        self.run(&format!("return ({expression});"))
    }

    /// Waits in the page until an expression is true of it, and gives its value.
    #[track_caller]
    pub fn until(&self, expression: &str) -> Value {
        let script = format!(
            "{WORDS}
            const done = arguments[arguments.length - 1];
            const end = performance.now() + {PATIENCE_MS};
            (function look() {{
                let found = null;
                try {{ found = ({expression}); }} catch {{ /* not there yet */ }}
                if (found || performance.now() > end) done(found || null);
                else setTimeout(look, 10);
            }})();"
        );
        let found = self.post("/execute/async", &json!({"script": script, "args": []}));
        if found.is_null() {
            self.picture("failed");
            panic!("waited in vain until {expression}; the page says:\n{}", self.get("document.body.innerText").as_str().unwrap_or_default());
        }
        found
    }

    /// Scrolls there and clicks as a finger or a mouse does: when something else lies above the element, this fails.
    #[track_caller]
    pub fn click(&self, selector: &str) {
        let quoted = json!(selector);
        self.until(&format!("seen(document.querySelector({quoted}))"));
        self.run(&format!("document.querySelector({quoted}).scrollIntoView({{ block: 'nearest', inline: 'nearest' }})"));
        let element = self.element(selector);
        self.post(&format!("/element/{element}/click"), &json!({}));
    }

    /// Writes into a field, key by key.
    #[track_caller]
    pub fn write(&self, selector: &str, text: &str) {
        let element = self.element(selector);
        self.post(&format!("/element/{element}/value"), &json!({"text": text}));
    }

    /// Presses and releases a key on whatever has the focus.
    pub fn press(&self, key: Key) {
        let key = key.code();
        self.actions(&[json!({"type": "keyDown", "value": key}), json!({"type": "keyUp", "value": key})]);
    }

    pub fn press_with_shift(&self, key: Key) {
        let (shift, key) = ("\u{e008}", key.code());
        let step = |kind: &str, value: &str| json!({"type": kind, "value": value});
        self.actions(&[step("keyDown", shift), step("keyDown", key), step("keyUp", key), step("keyUp", shift)]);
    }

    /// Types on whatever has the focus.
    pub fn type_text(&self, text: &str) {
        let keys: Vec<Value> = text.chars().flat_map(|key| [json!({"type": "keyDown", "value": key}), json!({"type": "keyUp", "value": key})]).collect();
        self.actions(&keys);
    }

    fn actions(&self, steps: &[Value]) {
        self.post("/actions", &json!({"actions": [{"type": "key", "id": "keys", "actions": steps}]}));
    }

    /// Waits until nothing on the page is on its way to another look.
    #[track_caller]
    pub fn settled(&self) {
        self.until("document.getAnimations().every((one) => one.playState !== 'running')");
    }

    pub fn prefer_dark(&self, dark: bool) {
        let scheme = if dark { "dark" } else { "light" };
        self.tool("Emulation.setEmulatedMedia", &json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]}));
    }

    /// A picture of the window in `target/screenshots`, once all of it is there.
    pub fn shot(&self, name: &str) {
        self.settled();
        self.until("[...document.images].every((image) => image.complete || !inView(image))");
        self.picture(name);
    }

    /// A picture of the whole page: of a window so high that nothing has to scroll.
    pub fn long_shot(&self, name: &str) {
        let heights = self.get("[innerHeight, document.documentElement.scrollHeight]");
        for (height, last) in [(&heights[1], false), (&heights[0], true)] {
            let scale = if self.look.phone { 2 } else { 1 };
            let window = json!({"width": self.get("innerWidth"), "height": height, "deviceScaleFactor": scale, "mobile": self.look.phone});
            self.tool("Emulation.setDeviceMetricsOverride", &window);
            self.until(&format!("innerHeight === {height}"));
            if !last {
                self.shot(name);
            }
        }
    }

    fn picture(&self, name: &str) {
        let picture = self.tool("Page.captureScreenshot", &json!({"format": "png"}));
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("screenshots");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{name}.png")), base64(picture["data"].as_str().unwrap())).unwrap();
    }

    /// What the console was told since the last time: errors of scripts, of the policy, of the network.
    pub fn complaints(&self) -> Vec<String> {
        let entries = self.post("/se/log", &json!({"type": "browser"}));
        let bad = entries.as_array().unwrap().iter().filter(|entry| ["SEVERE", "WARNING"].contains(&entry["level"].as_str().unwrap()));
        bad.map(|entry| entry["message"].as_str().unwrap().to_owned()).collect()
    }

    /// A command of the browser's own tools.
    pub fn tool(&self, command: &str, parameters: &Value) -> Value {
        self.post("/goog/cdp/execute", &json!({"cmd": command, "params": parameters}))
    }

    #[track_caller]
    fn element(&self, selector: &str) -> String {
        let found = self.post("/element", &json!({"using": "css selector", "value": selector}));
        found.as_object().unwrap().values().next().unwrap().as_str().unwrap().to_owned()
    }

    #[track_caller]
    fn post(&self, path: &str, body: &Value) -> Value {
        let (ok, value) = self.runtime.block_on(async {
            let request = self.client.post(format!("{}{path}", self.session)).body(body.to_string());
            let response = request.send().await.unwrap();
            (response.status().is_success(), response.text().await.unwrap())
        });
        let mut value: Value = serde_json::from_str(&value).unwrap();
        assert!(ok, "{path} {body}: {}", value["value"]["message"].as_str().unwrap_or_default());
        value["value"].take()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The client wants to be inside the runtime already when it prepares a request.
        let _ = self.runtime.block_on(async { self.client.delete(&self.session).send().await });
    }
}

fn capabilities(driver: &Driver, profile: &Path, look: Look) -> Value {
    let mut arguments: Vec<String> = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-proxy-server",
        // A test never asks anybody but its own service.
        "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
        // Scrolling then ends where it is wanted at once.
        "--force-prefers-reduced-motion",
        "--hide-scrollbars",
        "--window-size=1280,900",
    ]
    .map(str::to_owned)
    .into();
    arguments.push(format!("--user-data-dir={}", profile.display()));
    arguments.push(format!("--lang={}", look.language));
    let mut options = json!({"binary": driver.chromium, "args": arguments, "prefs": {"intl.accept_languages": look.language}});
    if look.phone {
        options["mobileEmulation"] = json!({"deviceMetrics": {"width": 390, "height": 844, "pixelRatio": 2.0, "touch": true, "mobile": true}});
    }
    json!({"capabilities": {"alwaysMatch": {
        "browserName": "chrome",
        "timeouts": {"script": 2 * PATIENCE_MS, "pageLoad": PATIENCE_MS},
        "goog:chromeOptions": options,
        "goog:loggingPrefs": {"browser": "ALL"},
    }}})
}

/// A key without a letter.
#[derive(Clone, Copy)]
pub enum Key {
    Tab,
    Enter,
    Escape,
    Space,
}

impl Key {
    const fn code(self) -> &'static str {
        match self {
            Self::Tab => "\u{e004}",
            Self::Enter => "\u{e007}",
            Self::Escape => "\u{e00c}",
            Self::Space => " ",
        }
    }
}

fn base64(text: &str) -> Vec<u8> {
    let digit = |letter: u8| match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let letters: Vec<u8> = text.bytes().filter(|&letter| letter != b'=').map(digit).collect();
    let whole = |four: &[u8]| four.iter().fold(0_u32, |bits, &digit| bits << 6 | u32::from(digit)) << (6 * (4 - four.len()));
    letters.chunks(4).flat_map(|four| whole(four).to_be_bytes()[1..four.len()].to_vec()).collect()
}
