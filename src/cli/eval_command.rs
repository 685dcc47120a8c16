//! `daogou eval`: answers over canned questions, and retrieval over judged queries.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};

use super::{DONE, open, print, remark};
use crate::config::Config;
use crate::eval::measure::{Measured, measure};
use crate::eval::retrieval::{self, Comparison, DEPTH};
use crate::eval::trec;

const EXAMPLES: &str = "\
Examples:
  daogou eval retrieval --queries queries.tsv --qrels qrels.txt --run mine.run
  daogou eval retrieval --queries queries.tsv --qrels qrels.txt --against yesterday.run
  daogou eval retrieval --qrels qrels.txt --score other.run";

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true, after_help = EXAMPLES)]
pub struct Eval {
    #[command(subcommand)]
    kind: Option<Kind>,
}

#[derive(Debug, Subcommand)]
enum Kind {
    /// Search judged queries and measure the rankings: nDCG, MRR, recall, with intervals
    Retrieval(Retrieval),
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
}

impl Eval {
    pub fn run(self, config: &Config) -> anyhow::Result<u8> {
        match self.kind {
            Some(Kind::Retrieval(command)) => command.run(config),
            None => bail!("nothing to evaluate"),
        }
    }
}

impl Retrieval {
    fn run(self, config: &Config) -> anyhow::Result<u8> {
        let judgments = trec::judgments(&self.qrels)?;
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
        match &self.json {
            Some(path) if path.as_os_str() == "-" => print(&retrieval::object(&measured, comparison.as_ref()).to_string())?,
            json => {
                if let Some(path) = json {
                    write(path, &format!("{:#}\n", retrieval::object(&measured, comparison.as_ref())))?;
                }
                print(&retrieval::table(&measured, comparison.as_ref()))?;
            }
        }
        Ok(DONE)
    }
}

/// Writes a report.
fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(path, text).with_context(|| format!("cannot write `{}`", path.display()))
}
