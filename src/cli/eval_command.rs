//! `daogou eval`: answers over canned questions, and retrieval over judged queries.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::Value;

use super::{DONE, REJECTED, open, print, remark, runtime};
use crate::assistant::Assistant;
use crate::config::Config;
use crate::eval::case::{self, Split};
use crate::eval::judge as opinions;
use crate::eval::judged::judge;
use crate::eval::measure::{Measured, measure};
use crate::eval::report::{self, Header, baseline, floors, html, junit, terminal};
use crate::eval::retrieval::{self, Comparison, DEPTH};
use crate::eval::run::{Bench, Settings};
use crate::eval::subject::{Records, Service, Subject};
use crate::eval::{trec, understanding};
use crate::llm::Llm;

const EXAMPLES: &str = "\
Examples:
  daogou eval tests/questions/*.jsonl --html report.html --json today.json
  daogou eval questions.jsonl --baseline yesterday.json --repeat 5
  daogou eval questions.jsonl --url http://127.0.0.1:8080 --floors floors.toml
  daogou eval retrieval --queries queries.tsv --qrels qrels.txt --run mine.run
  daogou eval retrieval --queries queries.tsv --qrels qrels.txt --against yesterday.run
  daogou eval retrieval --qrels qrels.txt --score other.run";

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true, after_help = EXAMPLES)]
pub struct Eval {
    #[command(subcommand)]
    kind: Option<Kind>,
    /// Files of cases, one JSON object a line
    #[arg(value_name = "FILE", required_unless_present = "definitions")]
    files: Vec<PathBuf>,
    /// Write the report as JSON (`-` for standard output, in place of the tables)
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write the report as one page
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Write the report as JUnit XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Compare with an earlier report (one that --json wrote)
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Least values to reach; exit status 3 when one is missed
    #[arg(long, value_name = "FILE")]
    floors: Option<PathBuf>,
    /// Ask each case so many times, and report pass^k
    #[arg(long, value_name = "K", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=100))]
    repeat: u16,
    /// Ask a running service instead of this process
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Longest wait for one answer of a service, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    patience: u64,
    /// Only cases of this split; may be given more than once
    #[arg(long, value_enum)]
    split: Vec<SplitChoice>,
    /// Only cases with this in their id or among their tags
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Cases asked at the same time [default: the number of cores]
    #[arg(long, value_name = "N")]
    parallel: Option<usize>,
    /// Keep finished cases in this file, and go on from it
    #[arg(long, value_name = "FILE")]
    resume: Option<PathBuf>,
    /// Answer without the language model
    #[arg(long)]
    no_llm: bool,
    /// Let the configured model judge the answers; its opinions are kept in this file and decide nothing
    #[arg(long, value_name = "FILE")]
    judge: Option<PathBuf>,
    /// List every failed case
    #[arg(long)]
    all: bool,
    /// Print what every check and metric means, and stop
    #[arg(long)]
    definitions: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SplitChoice {
    Frozen,
    Open,
    Holdout,
}

impl SplitChoice {
    fn split(self) -> Split {
        match self {
            Self::Frozen => Split::Frozen,
            Self::Open => Split::Open,
            Self::Holdout => Split::Holdout,
        }
    }
}

#[derive(Debug, Subcommand)]
enum Kind {
    /// Search judged queries and measure the rankings: nDCG, MRR, recall, with intervals
    Retrieval(Retrieval),
    /// Compare what is understood of natural requests with hand-made labels: precision, recall
    Understanding(UnderstandingCommand),
}

#[derive(Debug, Args)]
struct UnderstandingCommand {
    /// Labels: JSON lines that name requests by data set, file and place
    #[arg(long, value_name = "FILE", required = true)]
    labels: Vec<PathBuf>,
    /// The folder with the data sets
    #[arg(long, value_name = "DIR")]
    sources: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Retrieval {
    /// Queries: `id<TAB>text` a line, or TREC topics; `.gz` is unpacked
    #[arg(long, value_name = "FILE", required_unless_present = "score")]
    queries: Option<PathBuf>,
    /// Judgments: `query 0 document grade`, or `query document grade`
    #[arg(long, value_name = "FILE")]
    qrels: PathBuf,
    /// Write the rankings as a TREC run file
    #[arg(long, value_name = "FILE")]
    run: Option<PathBuf>,
    /// Compare with an earlier run file by a paired test
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
    /// Measure this run file instead of searching
    #[arg(long, value_name = "FILE", conflicts_with = "run")]
    score: Option<PathBuf>,
    /// Write the report as JSON (`-` for standard output, in place of the table)
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Search again without each signal of the text score, and print what each brings as a Markdown table
    #[arg(long, conflicts_with_all = ["score", "run", "against", "json"])]
    ablate: bool,
}

impl Eval {
    pub fn run(self, config: &Config) -> anyhow::Result<u8> {
        match self.kind {
            Some(Kind::Retrieval(command)) => command.run(config),
            Some(Kind::Understanding(command)) => command.run(config),
            None if self.definitions => print(&terminal::definitions()).map(|()| DONE),
            None => self.answers(config),
        }
    }

    fn answers(self, config: &Config) -> anyhow::Result<u8> {
        let wanted: Vec<Split> = self.split.iter().map(|s| s.split()).collect();
        let mut cases = case::load(&self.files)?;
        cases.retain(|c| wanted.is_empty() || wanted.contains(&c.split));
        cases.retain(|c| self.only.as_deref().is_none_or(|only| c.id.contains(only) || c.tags.iter().any(|t| t == only)));
        if cases.is_empty() {
            bail!("no case is left by --split and --only");
        }
        if self.judge.is_some() && config.llm.is_none() {
            bail!("--judge needs a model; set DAOGOU_MODEL, and OPENAI_BASE_URL or OPENAI_API_KEY");
        }
        let floors = self.floors.as_deref().map(floors::load).transpose()?;
        let earlier = self.baseline.as_deref().map(baseline::load).transpose()?;
        let shop = Arc::new(open::shop(config, false)?);
        let records = Records::of(&shop)?;
        let knowledge = Arc::clone(shop.knowledge());
        let settings = shop.settings().clone();
        let subject_name = self.url.clone().unwrap_or_else(|| "this process".to_owned());
        let subject = match &self.url {
            Some(url) => Subject::Service(Service::new(url, Duration::from_secs(self.patience.max(1)))?),
            None => Subject::Local(Assistant::new(shop, open::model(config, self.no_llm)?)),
        };
        let mut header = Header {
            subject: subject_name.clone(),
            products: records.each().count(),
            repeat: usize::from(self.repeat),
            started: jiff::Timestamp::now().round(jiff::Unit::Second)?.to_string(),
            seconds: 0.0,
        };
        let bench = Arc::new(Bench::new(subject, records, knowledge, settings));
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let settings =
            Settings { repeat: usize::from(self.repeat), parallel: self.parallel.unwrap_or(cores), state: self.resume.clone(), subject: subject_name };
        let bar = open::Bar::new("asking");
        let started = Instant::now();
        let runs = runtime()?.block_on(bench.run(cases, &settings, &|done, total| bar.at(done, total)))?;
        bar.finish();
        header.seconds = started.elapsed().as_secs_f64();
        let judged = judge(runs);
        let mut object = report::object(&header, &judged);
        if let (Some(kept), Some(settings)) = (&self.judge, &config.llm) {
            let bar = open::Bar::new("judging");
            let llm = Llm::new(settings)?;
            object["opinions"] = runtime()?.block_on(opinions::judge(&llm, &judged, kept, &|done, total| bar.at(done, total)))?;
            bar.finish();
        }
        let comparison = earlier.as_ref().map(|earlier| baseline::compare(&object, earlier));
        if let Some(comparison) = &comparison {
            object["baseline"] = comparison.clone();
        }
        let missed = floors.as_ref().map(|floors| floors::missed(floors, &object)).transpose()?.unwrap_or_default();
        if let Some(path) = &self.html {
            write(path, &html::render(&object, comparison.as_ref())?)?;
        }
        if let Some(path) = &self.junit {
            write(path, &junit::render(&object)?)?;
        }
        let beside = comparison.as_ref().map(baseline::table).unwrap_or_default();
        give_out(self.json.as_deref(), &object, || format!("{}{beside}", terminal::render(&object, self.all)))?;
        missed.iter().for_each(|floor| remark(&format!("floor missed: {floor}")));
        Ok(if missed.is_empty() { DONE } else { REJECTED })
    }
}

impl Retrieval {
    fn run(self, config: &Config) -> anyhow::Result<u8> {
        let judgments = trec::judgments(&self.qrels)?;
        if self.ablate {
            let path = self.queries.as_deref().context("--ablate searches, so it needs --queries FILE")?;
            let queries = trec::queries(path)?;
            let bar = open::Bar::new("searching");
            let table = retrieval::ablation(open::shop(config, false)?, &queries, &judgments, &|done, total| bar.at(done, total))?;
            bar.finish();
            return print(&table).map(|()| DONE);
        }
        let (run, queries) = match (&self.score, &self.queries) {
            (Some(score), queries) => {
                let wanted = match queries {
                    Some(path) => trec::queries(path)?.into_iter().map(|q| q.id).collect(),
                    None => judgments.keys().cloned().collect(),
                };
                (trec::run(score)?, wanted)
            }
            (None, Some(path)) => {
                let queries = trec::queries(path)?;
                let shop = open::shop(config, false)?;
                let bar = open::Bar::new("searching");
                let ranked = retrieval::search_all(&shop, &queries, DEPTH, &|done, total| bar.at(done, total))?;
                bar.finish();
                if let Some(path) = &self.run {
                    write(path, &retrieval::run_file(&ranked)?)?;
                }
                (retrieval::order(&ranked), queries.into_iter().map(|q| q.id).collect::<Vec<_>>())
            }
            (None, None) => bail!("no queries; name them with --queries FILE, or a run with --score FILE"),
        };
        let measured = measure(&run, &judgments, &queries);
        if measured.queries.is_empty() {
            bail!("none of the {} queries is judged in `{}`; do both files use the same ids?", queries.len(), self.qrels.display());
        }
        if measured.queries.len() < queries.len() {
            remark(&format!("{} of {} queries have no judgment and are left out", queries.len() - measured.queries.len(), queries.len()));
        }
        let other: Option<Measured> = self.against.as_deref().map(|path| anyhow::Ok(measure(&trec::run(path)?, &judgments, &measured.queries))).transpose()?;
        let name = self.against.as_deref().and_then(Path::file_name).map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let comparison = other.as_ref().map(|other| Comparison { name: &name, other });
        let object = retrieval::object(&measured, comparison.as_ref());
        give_out(self.json.as_deref(), &object, || retrieval::table(&measured, comparison.as_ref()))?;
        Ok(DONE)
    }
}

impl UnderstandingCommand {
    fn run(self, config: &Config) -> anyhow::Result<u8> {
        let requests = understanding::load(&self.labels, &self.sources)?;
        let measured = understanding::measure(&open::shop(config, false)?, &requests)?;
        if self.json {
            return print(&measured.object().to_string()).map(|()| DONE);
        }
        let mut text = "| condition | labels | understood | kept |\n|---|---:|---:|---:|\n".to_owned();
        let total = measured.total();
        for (name, count) in measured.by_name.iter().map(|(name, count)| (name.as_str(), count)).chain(std::iter::once(("all", &total))) {
            text.push_str(&format!("| {name} | {} | {} | {} |\n", count.labels, count.understood, count.kept));
        }
        let share = |part: u64, whole: u64| part as f64 / whole.max(1) as f64;
        text.push_str(&format!(
            "\n{} requests. Precision {:.3} ({} of {} constraints made), recall {:.3}, kept {:.3}.",
            measured.requests,
            share(measured.right, measured.made),
            measured.right,
            measured.made,
            share(total.understood, total.labels),
            share(total.kept, total.labels)
        ));
        print(&text).map(|()| DONE)
    }
}

/// Prints a report: as JSON where its file is `-`, else as tables, beside the file.
fn give_out(json: Option<&Path>, object: &Value, tables: impl FnOnce() -> String) -> anyhow::Result<()> {
    match json {
        Some(path) if path.as_os_str() == "-" => print(&object.to_string()),
        json => {
            if let Some(path) = json {
                write(path, &format!("{object:#}\n"))?;
            }
            print(&tables())
        }
    }
}

/// Writes a report.
fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(path, text).with_context(|| format!("cannot write `{}`", path.display()))
}
