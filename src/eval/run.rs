//! Asking every case, some at a time, and keeping what came back so that a stopped run goes on where it was.

use std::collections::HashMap;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use anyhow::{Context, bail};
use futures::StreamExt;
use serde_json::{Value, json};

use super::case::Case;
use super::check::Truth;
use super::subject::{Records, Reply, Subject};
use super::trec;
use crate::assistant::Assistant;
use crate::catalog::feed::jsonl;
use crate::catalog::store::Store;
use crate::knowledge::Knowledge;
use crate::shop::{Shop, ShopSettings};

/// Products compared between wordings of one need.
pub const TOP: usize = 5;

/// How a run is done.
pub struct Settings {
    /// Times that each case is asked.
    pub repeat: usize,
    /// Cases asked at the same time.
    pub parallel: usize,
    /// Where finished attempts are kept, and read from when the run goes on.
    pub state: Option<PathBuf>,
    /// What is asked, for the state file: attempts of another subject are not taken over.
    pub subject: String,
}

/// One time that a case was asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// One reply a turn.
    pub replies: Vec<Reply>,
    /// The first products that retrieval alone gives, for cases that belong to a group.
    pub top: Option<Vec<String>>,
    /// Why the case could not be asked of this subject.
    pub skipped: Option<String>,
}

/// A case with all its attempts, and what they are held against.
pub struct CaseRun {
    pub case: Case,
    pub attempts: Vec<Attempt>,
    pub truth: Arc<Truth>,
}

/// An assistant and the truth about its catalog.
struct Stage {
    subject: Subject,
    truth: Arc<Truth>,
    _folder: Option<tempfile::TempDir>,
}

/// Everything that cases are asked of.
pub struct Bench {
    usual: Arc<Stage>,
    knowledge: Arc<Knowledge>,
    settings: ShopSettings,
}

impl Bench {
    pub fn new(subject: Subject, records: Records, knowledge: Arc<Knowledge>, settings: ShopSettings) -> Self {
        let truth = Arc::new(Truth::new(records, Arc::clone(&knowledge)));
        Self { usual: Arc::new(Stage { subject, truth, _folder: None }), knowledge, settings }
    }

    /// The stage of a case: a shop of its own where the case brings a catalog or products.
    fn stage(&self, case: &Case) -> anyhow::Result<Option<Arc<Stage>>> {
        if case.catalog.is_none() && case.products.is_empty() {
            return Ok(Some(Arc::clone(&self.usual)));
        }
        if matches!(self.usual.subject, Subject::Service(_)) {
            return Ok(None);
        }
        let names = &self.knowledge.lexicon.attribute_names;
        let parse = |row: &[u8], place: &str| match jsonl::parse_line(row, names) {
            Some(Ok(product)) => Ok(product),
            Some(Err(reject)) => bail!("{place}: `{}` is `{}`, wanted {}", reject.field, reject.found, reject.wanted),
            None => bail!("{place}: an empty line is no product"),
        };
        let mut products = Vec::new();
        match &case.catalog {
            Some(path) => {
                let text = trec::read(path).with_context(|| format!("{}: the catalog of `{}`", case.origin, case.id))?;
                for (at, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
                    products.push(parse(line.as_bytes(), &format!("{}:{}", path.display(), at + 1))?);
                }
            }
            None => {
                for (_, record) in self.usual.truth.records.each() {
                    products.push(parse(record.to_string().as_bytes(), "a product of the catalog")?);
                }
            }
        }
        for row in &case.products {
            products.push(parse(row.to_string().as_bytes(), &case.origin)?);
        }
        products.sort_by(|a, b| a.id.as_str().cmp(b.id.as_str()));
        let folder = tempfile::tempdir().context("cannot make a folder for the catalog of a case")?;
        let shop = Arc::new(self.shop(folder.path(), &products)?);
        let truth = Arc::new(Truth::new(Records::of(&shop)?, Arc::clone(&self.knowledge)));
        Ok(Some(Arc::new(Stage { subject: Subject::Local(Assistant::new(shop, None)), truth, _folder: Some(folder) })))
    }

    fn shop(&self, folder: &Path, products: &[crate::catalog::Product]) -> anyhow::Result<Shop> {
        let store = Arc::new(Store::open(&folder.join("catalog"), self.knowledge.lexicon.attribute_names.clone())?);
        let mut batch = store.begin()?;
        for product in products {
            batch.put(product)?;
        }
        batch.commit()?;
        Ok(Shop::open(folder, store, Arc::clone(&self.knowledge), self.settings.clone(), &|_, _| {})?.0)
    }

    /// Asks all cases. `progress` is told how many attempts are done.
    ///
    /// # Errors
    /// When a case's own catalog cannot be built or the state file cannot be read or written. That the assistant fails is a
    /// result, not an error.
    pub async fn run(self: Arc<Self>, cases: Vec<Case>, settings: &Settings, progress: &(dyn Fn(u64, u64) + Sync)) -> anyhow::Result<Vec<CaseRun>> {
        let state = State::open(settings)?;
        let total = (cases.len() * settings.repeat) as u64;
        let done = std::sync::atomic::AtomicU64::new(0);
        let jobs = cases.into_iter().map(|case| {
            let (bench, state, done) = (Arc::clone(&self), &state, &done);
            async move {
                let staged = Arc::clone(&bench);
                let asked = case.clone();
                let stage = tokio::task::spawn_blocking(move || staged.stage(&asked)).await.context("building a catalog stopped half-way")??;
                let truth = stage.as_ref().map_or_else(|| Arc::clone(&bench.usual.truth), |s| Arc::clone(&s.truth));
                let mut attempts = Vec::new();
                for repeat in 0..settings.repeat {
                    let attempt = match (state.known(&case, repeat), &stage) {
                        (Some(known), _) => known,
                        (None, None) => Attempt {
                            replies: Vec::new(),
                            top: None,
                            skipped: Some("the case brings products of its own, which a service cannot take".to_owned()),
                        },
                        (None, Some(stage)) => {
                            let fresh = attempt(&stage.subject, &case).await;
                            state.keep(&case, repeat, &fresh)?;
                            fresh
                        }
                    };
                    attempts.push(attempt);
                    progress(done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1, total);
                }
                anyhow::Ok(CaseRun { case, attempts, truth })
            }
        });
        let mut runs: Vec<CaseRun> = Vec::new();
        let mut stream = futures::stream::iter(jobs).buffer_unordered(settings.parallel.max(1));
        while let Some(run) = stream.next().await {
            runs.push(run?);
        }
        runs.sort_by(|a, b| a.case.id.cmp(&b.case.id));
        self.fetch_unknown(&mut runs).await;
        Ok(runs)
    }

    /// Records of shown products that are not known here are asked of the service.
    async fn fetch_unknown(&self, runs: &mut [CaseRun]) {
        if matches!(self.usual.subject, Subject::Local(_)) {
            return;
        }
        let answers = runs.iter().flat_map(|r| &r.attempts).flat_map(|a| &a.replies).map(|r| &r.answer);
        let mut unknown: Vec<String> =
            answers.flat_map(super::check::shown).filter(|id| self.usual.truth.records.get(id).is_none()).map(str::to_owned).collect();
        unknown.sort();
        unknown.dedup();
        let mut records = Records::default();
        self.usual.truth.records.each().for_each(|(id, record)| records.insert(id.to_owned(), record.clone()));
        for id in unknown {
            if let Some(record) = self.usual.subject.record(&id).await {
                records.insert(id, record);
            }
        }
        let truth = Arc::new(Truth::new(records, Arc::clone(&self.knowledge)));
        runs.iter_mut().for_each(|run| run.truth = Arc::clone(&truth));
    }
}

async fn attempt(subject: &Subject, case: &Case) -> Attempt {
    let mut replies: Vec<Reply> = Vec::new();
    let mut session: Option<String> = None;
    for turn in &case.turns {
        let reply = subject.ask(case, turn, session.as_deref()).await;
        session = reply.answer["session"].as_str().map(str::to_owned).or(session);
        replies.push(reply);
    }
    let top = match (&case.group, case.turns.first()) {
        (Some(_), Some(turn)) => subject.top(&turn.ask, TOP).await,
        _ => None,
    };
    Attempt { replies, top, skipped: None }
}

/// Finished attempts, kept in a file of JSON lines.
struct State {
    known: HashMap<String, Attempt>,
    file: Option<Mutex<File>>,
}

impl State {
    fn open(settings: &Settings) -> anyhow::Result<Self> {
        let Some(path) = &settings.state else { return Ok(Self { known: HashMap::new(), file: None }) };
        let header = json!({"daogou": env!("CARGO_PKG_VERSION"), "subject": settings.subject});
        let mut known = HashMap::new();
        let exists = path.exists();
        if exists {
            let text = std::fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))?;
            let mut lines = text.lines();
            if lines.next().and_then(|line| serde_json::from_str::<Value>(line).ok()) != Some(header.clone()) {
                bail!("`{}` belongs to a run of something else; delete it, or name another file", path.display());
            }
            // The last line may be cut off where the run was stopped.
            known.extend(
                lines.filter_map(|line| serde_json::from_str::<Value>(line).ok()).filter_map(|row| Some((row["key"].as_str()?.to_owned(), read(&row)))),
            );
        }
        let mut file = File::options().create(true).append(true).open(path).with_context(|| format!("cannot write `{}`", path.display()))?;
        // A line break first, so that a cut-off line harms only itself.
        if exists {
            writeln!(file)?
        } else {
            writeln!(file, "{header}")?
        }
        Ok(Self { known, file: Some(Mutex::new(file)) })
    }

    fn known(&self, case: &Case, repeat: usize) -> Option<Attempt> {
        self.known.get(&key(case, repeat)).cloned()
    }

    fn keep(&self, case: &Case, repeat: usize, attempt: &Attempt) -> anyhow::Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        let replies: Vec<Value> = attempt.replies.iter().map(|r| json!({"answer": r.answer, "error": r.error, "wall_ms": r.wall_ms})).collect();
        let row = json!({"key": key(case, repeat), "replies": replies, "top": attempt.top});
        let mut file = file.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        writeln!(file, "{row}").context("cannot write the state of the run")
    }
}

fn key(case: &Case, repeat: usize) -> String {
    format!("{}#{repeat}#{:016x}", case.id, case.fingerprint)
}

fn read(row: &Value) -> Attempt {
    let reply = |r: &Value| Reply { answer: r["answer"].clone(), error: r["error"].as_str().map(str::to_owned), wall_ms: r["wall_ms"].as_f64().unwrap_or(0.0) };
    let top = row["top"].as_array().map(|ids| ids.iter().filter_map(|id| id.as_str().map(str::to_owned)).collect());
    Attempt { replies: super::check::list(&row["replies"]).iter().map(reply).collect(), top, skipped: None }
}
