//! Settings: read once, each with one default, each with the place it came from. Nothing else looks at the environment.
//!
//! An option on the command line goes before the environment (`DAOGOU_SECTION_KEY`), that before the configuration file, that
//! before the default.

mod llm;
mod serve;

use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, anyhow, bail};

use crate::catalog::Currency;
use crate::knowledge::Files;
use crate::llm::LlmSettings;
use crate::rank::Weights;
use crate::session::Place;

pub use serve::ServeSettings;

/// One setting as it is documented.
pub struct Setting {
    /// "section.key", as in the file; `DAOGOU_SECTION_KEY` in the environment.
    pub name: &'static str,
    pub default: &'static str,
    /// One sentence for the example file and for `daogou config`.
    pub help: &'static str,
    /// Never printed.
    pub secret: bool,
}

const fn setting(name: &'static str, default: &'static str, help: &'static str) -> Setting {
    Setting { name, default, help, secret: false }
}

/// Every setting.
pub const SETTINGS: &[Setting] = &[
    setting("data.dir", "", "Where catalog and index live. Empty: `index/build` inside a checkout of the project, else the user's data folder."),
    setting("knowledge.dir", "", "A folder laid out like the project's `index/` whose guides and lexicon take the place of those compiled in."),
    setting("catalog.currency", "CNY", "The currency of a bare figure (\"under 300\") while the catalog is empty; otherwise that of most prices."),
    setting("currency.rates", "", "Worth of one unit in CNY, such as \"USD=7.1 EUR=8.2\"; used to compare a budget in another currency."),
    setting("answer.products", "3", "How many products an answer shows, 1 to 10."),
    setting("ranking.text", "1.0", "Weight of the text match, 0 to 10."),
    setting("ranking.plan", "1.0", "Weight of following the advice."),
    setting("ranking.wish", "0.5", "Weight of meeting soft wishes (\"preferably blue\")."),
    setting("ranking.rating", "0.2", "Weight of the rating, shrunk by its count."),
    setting("ranking.sales", "0.1", "Weight of sales."),
    setting("ranking.freshness", "0.03", "Weight of how recently the product changed."),
    setting("ranking.stock", "0.6", "Weight of being available now."),
    setting("ranking.price", "0.35", "Weight of price when \"cheap\" or \"premium\" was said without a figure."),
    setting("ranking.audience", "0.5", "Weight of not being made for someone else (children's goods for an adult)."),
    setting("log.level", "warn", "error, warn, info, debug or trace; or a filter such as \"daogou=debug\"."),
    setting("log.format", "text", "text or json."),
    Setting { name: "llm.api_key", default: "", help: "Key of the model's server; OPENAI_API_KEY is read too.", secret: true },
    setting("llm.base_url", "", "Address of an OpenAI-compatible server; OPENAI_BASE_URL is read too."),
    setting("llm.model", "", "The model's name; DAOGOU_MODEL is read too."),
    Setting { name: "llm.fallback_api_key", default: "", help: "Key of a second server, asked when the first fails.", secret: true },
    setting("llm.fallback_base_url", "", "Address of the second server; empty: that of the first."),
    setting("llm.fallback_model", "", "The second model; empty: none."),
    setting("llm.embedding_model", "", "The model of `/v1/embeddings`; empty: none."),
    setting("llm.connect_ms", "3000", "Longest wait for a connection to the model's server, in milliseconds."),
    setting("llm.understand_ms", "2500", "Longest wait for the model's reading of a question; the rules' reading is used when it is late."),
    setting("llm.first_token_ms", "8000", "Longest wait for the first piece of a reply."),
    setting("llm.stall_ms", "8000", "Longest wait between two pieces of a reply."),
    setting("llm.answer_ms", "30000", "Longest time from question to whole answer; what is missing then, the built-in composer writes."),
    setting("llm.retries", "2", "Further tries after a refused connection, HTTP 429 or 5xx, 0 to 10."),
    setting("llm.concurrent", "8", "Calls to the model at the same time, 1 to 1000."),
    setting("llm.answer_tokens", "1500", "Most tokens of one reply, 50 to 100000."),
    setting("llm.tokens_per_day", "0", "Most tokens of prompts and replies a day (UTC); 0: no limit. Counted by each process."),
    setting("llm.breaker_failures", "5", "Failures in a row after which a server is left alone for a while, 1 to 1000."),
    setting("llm.breaker_rest_ms", "30000", "How long it is left alone."),
    setting("llm.cache_answers", "1000", "Answers of the model that are kept for the same need; 0: none."),
    setting("llm.cache_seconds", "3600", "How long they are kept."),
    Setting {
        name: "sessions.url",
        default: "",
        help: "Where sessions are kept: empty, the file `sessions.db` in the data folder; memory, nowhere, they end with the process; postgres://USER:PASSWORD@HOST/DATABASE, a database that several instances share.",
        secret: true,
    },
    setting("serve.listen", "127.0.0.1:8080", "Where `daogou serve` listens: address and port; port 0 takes a free one."),
    Setting {
        name: "serve.admin_token",
        default: "",
        help: "The token that the routes under /api/admin/ ask for; empty: these routes do not exist.",
        secret: true,
    },
    setting(
        "serve.chats_per_minute",
        "auto",
        "Questions and searches that one client may send in a minute, 0 for no limit; auto: none on a loopback address, else 60.",
    ),
    setting("serve.trusted_proxies", "0", "How many proxies in front are trusted to say in X-Forwarded-For who the client is."),
    setting(
        "serve.cors_origins",
        "",
        "Web origins whose pages may use the service, separated by spaces, such as \"https://shop.example\"; empty: none but its own.",
    ),
    setting("serve.answers", "512", "Answers that are made at once; more are refused with status 503."),
    setting("serve.connections", "4096", "Connections that are open at once; more wait."),
    setting("serve.write_seconds", "30", "A client that takes nothing of what is sent for so long is cut off."),
    setting("serve.body_kib", "64", "Largest body of a request, in KiB."),
    setting("serve.admin_body_mib", "64", "Largest body of products that the admin routes take, in MiB."),
    setting("serve.shutdown_seconds", "20", "How long answers may go on after the service was told to stop."),
    setting("serve.sessions", "10000", "Conversations that are kept; the one idle longest makes room."),
    setting("serve.session_mib", "64", "Room for the turns of all conversations, in MiB."),
    setting("serve.session_minutes", "360", "A conversation is forgotten after so many minutes without a turn."),
];

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    Default,
    File(PathBuf),
    Environment(String),
    Option(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::Option(name) => f.write_str(name),
        }
    }
}

/// What the command line says about settings.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    pub config: Option<PathBuf>,
    pub data: Option<PathBuf>,
    pub log: Option<String>,
}

/// Settings in force.
#[derive(Debug, Clone)]
pub struct Config {
    values: BTreeMap<&'static str, (String, Origin)>,
    pub data_dir: PathBuf,
    pub knowledge: Files,
    pub currency: Currency,
    pub rates: BTreeMap<String, i64>,
    pub products: usize,
    pub weights: Weights,
    pub log_level: String,
    pub log_json: bool,
    /// The language model; `None` when none is named.
    pub llm: Option<LlmSettings>,
    pub serve: ServeSettings,
    /// Where sessions are kept.
    pub sessions: Place,
}

impl Config {
    /// Reads everything.
    ///
    /// # Errors
    /// Names the setting, where it stands, what was found and what was wanted; for an unknown one, the nearest known.
    pub fn load(overrides: &Overrides) -> anyhow::Result<Self> {
        let mut values: BTreeMap<&'static str, (String, Origin)> = SETTINGS.iter().map(|s| (s.name, (s.default.to_owned(), Origin::Default))).collect();
        if let Some(path) = config_file(overrides)? {
            read_file(&path, &mut values)?;
        }
        read_environment(&mut values)?;
        if let Some(dir) = &overrides.data {
            values.insert("data.dir", (dir.display().to_string(), Origin::Option("--data")));
        }
        if let Some(level) = &overrides.log {
            values.insert("log.level", (level.clone(), Origin::Option("--log")));
        }
        let get = |name: &'static str| values.get(name).map_or("", |(value, _)| value.as_str());
        let wrong = |name: &'static str, wanted: &str| {
            let origin = values.get(name).map_or(Origin::Default, |(_, origin)| origin.clone());
            anyhow!("setting `{name}` is `{}` ({origin}), wanted {wanted}", get(name))
        };
        let weight =
            |name: &'static str| get(name).parse::<f32>().ok().filter(|w| (0.0..=10.0).contains(w)).ok_or_else(|| wrong(name, "a number from 0 to 10"));
        let knowledge = match get("knowledge.dir") {
            "" => Files::Shipped,
            dir if Path::new(dir).is_dir() => Files::Folder(PathBuf::from(dir)),
            _ => return Err(wrong("knowledge.dir", "a folder that exists")),
        };
        let log_json = match get("log.format") {
            "json" => true,
            "text" => false,
            _ => return Err(wrong("log.format", "`text` or `json`")),
        };
        let data_dir = data_dir(get("data.dir"))?;
        let sessions = match get("sessions.url") {
            "" => Place::File(data_dir.join("sessions.db")),
            "memory" => Place::Memory,
            url if url.starts_with("postgres://") || url.starts_with("postgresql://") => Place::Postgres(url.to_owned()),
            // Not shown: it may hold a password.
            _ => bail!("setting `sessions.url` names no place for sessions, wanted nothing, `memory`, or postgres://USER:PASSWORD@HOST/DATABASE"),
        };
        Ok(Self {
            data_dir,
            sessions,
            knowledge,
            currency: Currency::parse(get("catalog.currency")).ok_or_else(|| wrong("catalog.currency", "an ISO 4217 code such as CNY"))?,
            rates: rates(get("currency.rates")).ok_or_else(|| wrong("currency.rates", "pairs such as \"USD=7.1 EUR=8.2\""))?,
            products: whole_number("answer.products", get("answer.products"), 1..=10, &wrong)?,
            weights: Weights {
                text: weight("ranking.text")?,
                plan: weight("ranking.plan")?,
                wish: weight("ranking.wish")?,
                rating: weight("ranking.rating")?,
                sales: weight("ranking.sales")?,
                freshness: weight("ranking.freshness")?,
                stock: weight("ranking.stock")?,
                price: weight("ranking.price")?,
                audience: weight("ranking.audience")?,
            },
            log_level: get("log.level").to_owned(),
            log_json,
            llm: llm::settings(&get, &wrong)?,
            serve: serve::read(&get, &wrong)?,
            values,
        })
    }

    /// Every setting with its value and origin; secrets are masked.
    pub fn shown(&self) -> Vec<(&'static Setting, String, String)> {
        let shown = |s: &'static Setting| {
            let (value, origin) = self.values.get(s.name).cloned().unwrap_or((String::new(), Origin::Default));
            let value = match (s.name, s.secret && !value.is_empty()) {
                (_, true) => "********".to_owned(),
                ("data.dir", _) => self.data_dir.display().to_string(),
                _ => value,
            };
            (s, value, origin.to_string())
        };
        SETTINGS.iter().map(shown).collect()
    }
}

/// Variables that other programs use for the model's server.
const COMMON_NAMES: [(&str, &str); 3] = [("OPENAI_API_KEY", "llm.api_key"), ("OPENAI_BASE_URL", "llm.base_url"), ("DAOGOU_MODEL", "llm.model")];
/// Variables with a name of their own.
const OWN_NAMES: [(&str, &str); 2] = [("DAOGOU_DATA", "data.dir"), ("DAOGOU_LOG", "log.level")];

fn read_environment(values: &mut BTreeMap<&'static str, (String, Origin)>) -> anyhow::Result<()> {
    let mut put = |variable: &str, name: &'static str, value: String| {
        values.insert(name, (value.trim().to_owned(), Origin::Environment(variable.to_owned())));
    };
    for (variable, name) in COMMON_NAMES.into_iter().chain(OWN_NAMES) {
        if let Ok(value) = std::env::var(variable) {
            put(variable, name, value);
        }
    }
    for (variable, value) in std::env::vars_os() {
        let (Some(variable), Some(value)) = (variable.to_str(), value.to_str()) else { continue };
        let Some(rest) = variable.strip_prefix("DAOGOU_") else { continue };
        if variable == "DAOGOU_CONFIG" || COMMON_NAMES.iter().chain(&OWN_NAMES).any(|(known, _)| *known == variable) {
            continue;
        }
        let variable_of = |s: &Setting| s.name.replace('.', "_").to_ascii_uppercase();
        match SETTINGS.iter().find(|s| variable_of(s) == rest) {
            Some(setting) => put(variable, setting.name, value.to_owned()),
            None => bail!(
                "environment variable `{variable}` is no setting{}",
                nearest(rest, SETTINGS.iter().map(|s| format!("DAOGOU_{}", variable_of(s))), "DAOGOU_")
            ),
        }
    }
    Ok(())
}

fn config_file(overrides: &Overrides) -> anyhow::Result<Option<PathBuf>> {
    let named = overrides.config.clone().or_else(|| std::env::var_os("DAOGOU_CONFIG").map(PathBuf::from));
    if let Some(path) = named {
        return if path.is_file() {
            Ok(Some(path))
        } else {
            Err(anyhow!("there is no configuration file `{}`; copy config.example.toml or leave --config out", path.display()))
        };
    }
    let here = PathBuf::from("daogou.toml");
    let mut places = vec![here];
    places.extend(user_dirs().map(|dirs| dirs.0.join("config.toml")));
    Ok(places.into_iter().find(|path| path.is_file()))
}

fn read_file(path: &Path, values: &mut BTreeMap<&'static str, (String, Origin)>) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    let table: toml::Table = text.parse().with_context(|| format!("cannot understand `{}`", path.display()))?;
    for (section, entries) in &table {
        let Some(entries) = entries.as_table() else {
            bail!("`{}` has `{section}` outside of a section, wanted `[section]` lines and keys under them", path.display())
        };
        for (key, value) in entries {
            let name = format!("{section}.{key}");
            let Some(setting) = SETTINGS.iter().find(|s| s.name == name) else {
                bail!("`{}` has the setting `{name}`, which does not exist{}", path.display(), nearest(&name, SETTINGS.iter().map(|s| s.name.to_owned()), ""));
            };
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            values.insert(setting.name, (text, Origin::File(path.to_owned())));
        }
    }
    Ok(())
}

/// A setting that is a whole number within bounds.
fn whole_number<N: FromStr + PartialOrd + fmt::Display>(
    name: &'static str,
    value: &str,
    bounds: RangeInclusive<N>,
    wrong: &dyn Fn(&'static str, &str) -> anyhow::Error,
) -> anyhow::Result<N> {
    let wanted = || wrong(name, &format!("a whole number from {} to {}", bounds.start(), bounds.end()));
    value.parse().ok().filter(|number| bounds.contains(number)).ok_or_else(wanted)
}

/// "; did you mean …?" for the nearest known name.
fn nearest(found: &str, known: impl Iterator<Item = String>, prefix: &str) -> String {
    let found = format!("{prefix}{found}");
    let best = known.map(|name| (strsim::damerau_levenshtein(&found, &name), name)).min();
    best.map_or_else(String::new, |(_, name)| format!("; did you mean `{name}`? `daogou config` lists all"))
}

fn rates(text: &str) -> Option<BTreeMap<String, i64>> {
    text.split([' ', ',', ';'])
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (code, rate) = pair.split_once('=')?;
            let currency = Currency::parse(code)?;
            let (whole, fraction) = rate.split_once('.').unwrap_or((rate, ""));
            let digits = format!("{whole}{:0<6}", fraction.get(..fraction.len().min(6))?);
            let micro = digits.parse::<i64>().ok().filter(|rate| *rate > 0 && !whole.is_empty())?;
            Some((currency.code().to_owned(), micro))
        })
        .collect()
}

/// The configuration and data folders of this user for this program.
fn user_dirs() -> Option<(PathBuf, PathBuf)> {
    use etcetera::BaseStrategy;
    let base = etcetera::choose_base_strategy().ok()?;
    Some((base.config_dir().join("daogou"), base.data_dir().join("daogou")))
}

fn data_dir(configured: &str) -> anyhow::Result<PathBuf> {
    if !configured.is_empty() {
        return Ok(PathBuf::from(configured));
    }
    if Path::new("index/sample").is_dir() && Path::new("index/categories").is_dir() {
        return Ok(PathBuf::from("index/build"));
    }
    user_dirs().map(|(_, data)| data).context("this user has no home folder; name a data folder with --data DIR")
}

/// Why colors are unwanted, if they are: `NO_COLOR` set to anything, or a terminal that calls itself dumb.
pub fn no_color() -> Option<&'static str> {
    if std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) {
        return Some("NO_COLOR");
    }
    std::env::var_os("TERM").is_some_and(|term| term == "dumb").then_some("TERM")
}

/// A variable by which terminals, sessions and locales say what they are. None of them is a setting.
pub fn surroundings(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The home folder of this user.
pub fn home() -> Option<PathBuf> {
    etcetera::home_dir().ok()
}
