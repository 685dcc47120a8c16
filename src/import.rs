//! Import: sources → rows → store, then the index follows. A bad row never stops it.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, bail};

use crate::catalog::ProductId;
use crate::catalog::feed::{LONGEST_ROW, RejectedRow, Row, jsonl};
use crate::catalog::store::{Batch, Put};
use crate::lexicon::AttributeNames;

/// How long a fetched feed may take to connect and to send.
const FETCH_TIME: Duration = Duration::from_secs(600);
const CONNECT_TIME: Duration = Duration::from_secs(10);
/// Rejects that are kept for printing and for `--rejects`; all of them are counted.
const KEPT_REJECTS: usize = 1_000_000;

/// Where rows come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    Standard,
    File(PathBuf),
    Url(String),
}

impl Source {
    pub fn parse(text: &str) -> Self {
        match text {
            "-" => Self::Standard,
            url if url.starts_with("http://") || url.starts_with("https://") => Self::Url(url.to_owned()),
            path => Self::File(PathBuf::from(path)),
        }
    }

    /// How it is called in messages and rejects.
    pub fn name(&self) -> String {
        match self {
            Self::Standard => "-".to_owned(),
            Self::File(path) => path.display().to_string(),
            Self::Url(url) => url.clone(),
        }
    }

    /// Opens it for reading. Blocking: not for the async threads.
    pub fn open(&self, runtime: &tokio::runtime::Handle) -> anyhow::Result<Box<dyn BufRead>> {
        match self {
            Self::Standard => Ok(Box::new(BufReader::new(std::io::stdin()))),
            Self::File(path) if path.is_dir() => bail!("`{}` is a folder, wanted a file of product rows", path.display()),
            Self::File(path) => {
                let file = std::fs::File::open(path).with_context(|| format!("cannot read `{}`", path.display()))?;
                Ok(Box::new(BufReader::with_capacity(1 << 18, file)))
            }
            Self::Url(url) => Ok(Box::new(BufReader::with_capacity(1 << 18, fetch(url, runtime)?))),
        }
    }
}

/// A feed on the web, read as it arrives.
struct Fetched {
    response: reqwest::Response,
    runtime: tokio::runtime::Handle,
    chunk: Vec<u8>,
    read: usize,
}

fn fetch(url: &str, runtime: &tokio::runtime::Handle) -> anyhow::Result<Fetched> {
    let agent = concat!("daogou/", env!("CARGO_PKG_VERSION"));
    let _inside = runtime.enter();
    let client =
        reqwest::Client::builder().user_agent(agent).connect_timeout(CONNECT_TIME).timeout(FETCH_TIME).build().context("cannot start an HTTP client")?;
    let response = runtime.block_on(client.get(url).send()).with_context(|| format!("cannot fetch `{url}`"))?;
    if !response.status().is_success() {
        return Err(anyhow!("`{url}` answered {}, wanted 200; is the address right?", response.status()));
    }
    Ok(Fetched { response, runtime: runtime.clone(), chunk: Vec::new(), read: 0 })
}

impl Read for Fetched {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while self.read >= self.chunk.len() {
            match self.runtime.block_on(self.response.chunk()).map_err(std::io::Error::other)? {
                None => return Ok(0),
                Some(bytes) => (self.chunk, self.read) = (bytes.to_vec(), 0),
            }
        }
        let count = buffer.len().min(self.chunk.len() - self.read);
        buffer[..count].copy_from_slice(&self.chunk[self.read..self.read + count]);
        self.read += count;
        Ok(count)
    }
}

/// What an import is to do.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// Start from an empty catalog.
    pub replace_all: bool,
    /// Remove products that no source mentions.
    pub delete_missing: bool,
}

/// What an import did.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    pub rows: u64,
    pub added: u64,
    pub replaced: u64,
    pub unchanged: u64,
    pub deleted: u64,
    pub rejected: u64,
    pub rejects: Vec<RejectedRow>,
    pub elapsed: Duration,
}

/// Reads every row of a source; the visitor gets accepted products and rejects alike.
pub fn rows(mut reader: Box<dyn BufRead>, name: &str, names: &AttributeNames, mut visit: impl FnMut(usize, Row) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let mut line = Vec::new();
    let mut number = 0;
    loop {
        line.clear();
        let taken = (&mut reader)
            .take(LONGEST_ROW as u64 + 1)
            .read_until(b'\n', &mut line)
            .with_context(|| format!("cannot read on in `{name}` after line {number}"))?;
        if taken == 0 {
            return Ok(());
        }
        number += 1;
        if line.len() > LONGEST_ROW && line.last() != Some(&b'\n') {
            skip_line(&mut reader).with_context(|| format!("cannot read on in `{name}` after line {number}"))?;
        }
        if let Some(row) = jsonl::parse_line(&line, names) {
            visit(number, row)?;
        }
    }
}

/// Leaves the rest of an overlong line unread, without keeping it.
fn skip_line(reader: &mut Box<dyn BufRead>) -> std::io::Result<()> {
    loop {
        let buffer = reader.fill_buf()?;
        if buffer.is_empty() {
            return Ok(());
        }
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let used = end.map_or(buffer.len(), |at| at + 1);
        reader.consume(used);
        if end.is_some() {
            return Ok(());
        }
    }
}

/// Takes rows into a change of the catalog, or, without one, only checks them.
pub struct Importer<'a, 'b> {
    batch: Option<&'a mut Batch<'b>>,
    /// Ids of accepted rows, and of all rows that have one.
    accepted: HashSet<ProductId>,
    mentioned: HashSet<ProductId>,
    pub summary: Summary,
    started: Instant,
}

impl<'a, 'b> Importer<'a, 'b> {
    pub fn new(batch: Option<&'a mut Batch<'b>>) -> Self {
        Self { batch, accepted: HashSet::new(), mentioned: HashSet::new(), summary: Summary::default(), started: Instant::now() }
    }

    /// One row.
    pub fn row(&mut self, file: &str, line: usize, row: Row) -> anyhow::Result<()> {
        self.summary.rows += 1;
        match row {
            Ok(product) => {
                self.mentioned.insert(product.id.clone());
                self.accepted.insert(product.id.clone());
                match self.batch.as_mut().map(|batch| batch.put(&product)).transpose()? {
                    Some(Put::Added) | None => self.summary.added += 1,
                    Some(Put::Replaced) => self.summary.replaced += 1,
                    Some(Put::Unchanged) => self.summary.unchanged += 1,
                }
            }
            Err(reject) => {
                // A product whose new row is broken keeps its old one.
                self.mentioned.extend(reject.id.clone());
                self.summary.rejected += 1;
                if self.summary.rejects.len() < KEPT_REJECTS {
                    self.summary.rejects.push(RejectedRow { file: file.to_owned(), line, reject });
                }
            }
        }
        Ok(())
    }

    /// Ends the import: removes what no row mentions, where that was asked for.
    ///
    /// # Errors
    /// When everything would be removed because no row was accepted: an empty or broken feed must not empty a shop.
    pub fn finish(mut self, plan: &Plan) -> anyhow::Result<Summary> {
        if plan.replace_all || plan.delete_missing {
            if self.accepted.is_empty() {
                bail!("no row was accepted ({} rejected), so nothing was removed and the catalog is as before", self.summary.rejected);
            }
            let kept = if plan.replace_all { &self.accepted } else { &self.mentioned };
            if let Some(batch) = self.batch.as_mut() {
                for id in batch.ids()? {
                    if !kept.contains(&id) && batch.delete(&id)? {
                        self.summary.deleted += 1;
                    }
                }
            }
        }
        self.summary.elapsed = self.started.elapsed();
        Ok(self.summary)
    }
}
