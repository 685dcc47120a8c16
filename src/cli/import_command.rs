//! `daogou import` and `daogou delete`.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use serde_json::json;

use super::{DONE, REJECTED, open, print, remark, runtime};
use crate::catalog::ProductId;
use crate::catalog::feed::RejectedRow;
use crate::catalog::store::Batch;
use crate::config::Config;
use crate::import::{Importer, Plan, Source, Summary, rows};
use crate::knowledge::Knowledge;
use crate::lexicon::AttributeNames;
use crate::wire;

/// Rejects printed to stderr; the rest is counted, and all go to `--rejects`.
const PRINTED_REJECTS: usize = 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Found out from the source; today always JSON lines
    Auto,
    /// One product object a line
    Jsonl,
}

#[derive(Debug, Args)]
pub struct Import {
    /// Files, http(s) addresses, or `-` for standard input
    #[arg(required = true, value_name = "SOURCE")]
    sources: Vec<String>,
    /// How the sources are written
    #[arg(long, value_enum, default_value_t = Format::Auto)]
    format: Format,
    /// Make the sources the whole catalog: whatever is not in them goes
    #[arg(long)]
    replace_all: bool,
    /// Remove products that no row of the sources mentions, not even a rejected one
    #[arg(long)]
    delete_missing: bool,
    /// Check all rows and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Write every rejected row to this file, as JSON lines
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// Print one summary object
    #[arg(long)]
    json: bool,
}

impl Import {
    pub fn run(self, config: &Config) -> anyhow::Result<u8> {
        let sources: Vec<Source> = self.sources.iter().map(|s| Source::parse(s)).collect();
        if sources.iter().filter(|s| **s == Source::Standard).count() > 1 {
            bail!("standard input can be read once only, found `-` twice");
        }
        let plan = Plan { replace_all: self.replace_all, delete_missing: self.delete_missing };
        let runtime = runtime()?;
        let handle = runtime.handle().clone();
        let summary = if self.dry_run {
            let knowledge = Knowledge::load(&config.knowledge)?;
            read_all(&sources, &handle, &knowledge.lexicon.attribute_names, None, &plan)?
        } else {
            let shop = open::shop(config, self.replace_all)?;
            let names = shop.knowledge().lexicon.attribute_names.clone();
            let bar = open::Bar::new("indexing");
            let (summary, _) = shop.change(&|done, total| bar.at(done, total), |batch| read_all(&sources, &handle, &names, Some(batch), &plan))?;
            bar.finish();
            let total = shop.store().len()?;
            let sample = shop.store().sample_left()?;
            if sample > 0 && sample < total && summary.added > 0 && !self.json {
                remark(&format!(
                    "{sample} products of the sample catalog are still in the shop; `daogou import --replace-all …` makes your feed the whole catalog"
                ));
            }
            summary
        };
        if let Some(path) = &self.rejects {
            write_rejects(path, &summary.rejects)?;
        }
        if self.json {
            print(&wire::import_summary(&summary, self.dry_run).to_string())?;
        } else {
            print(&describe(&summary, self.dry_run))?;
        }
        for row in summary.rejects.iter().take(PRINTED_REJECTS) {
            remark(&format!(
                "rejected {}:{}{} field `{}`: found `{}`, wanted {}",
                row.file,
                row.line,
                row.reject.id.as_ref().map(|id| format!(" id `{id}`")).unwrap_or_default(),
                row.reject.field,
                row.reject.found,
                row.reject.wanted
            ));
        }
        if summary.rejected > PRINTED_REJECTS as u64 && self.rejects.is_none() {
            remark(&format!("… and {} more; `--rejects FILE` writes all of them down", summary.rejected - PRINTED_REJECTS as u64));
        }
        Ok(if summary.rejected > 0 { REJECTED } else { DONE })
    }
}

fn read_all(
    sources: &[Source],
    runtime: &tokio::runtime::Handle,
    names: &AttributeNames,
    batch: Option<&mut Batch<'_>>,
    plan: &Plan,
) -> anyhow::Result<Summary> {
    let mut importer = Importer::new(batch);
    let bar = open::Bar::new("reading");
    for source in sources {
        let name = source.name();
        rows(source.open(runtime)?, &name, names, |line, row| {
            bar.at(importer.summary.rows + 1, importer.summary.rows + 1);
            importer.row(&name, line, row)
        })?;
    }
    bar.finish();
    importer.finish(plan)
}

fn describe(summary: &Summary, dry: bool) -> String {
    let verb = if dry { "would be added or replaced" } else { "added" };
    let seconds = summary.elapsed.as_secs_f64();
    if dry {
        return format!("{} rows: {} {verb}, {} rejected; nothing was changed ({seconds:.1} s)", summary.rows, summary.added, summary.rejected);
    }
    format!(
        "{} rows: {} {verb}, {} replaced, {} unchanged, {} deleted, {} rejected ({seconds:.1} s)",
        summary.rows, summary.added, summary.replaced, summary.unchanged, summary.deleted, summary.rejected
    )
}

fn write_rejects(path: &PathBuf, rejects: &[RejectedRow]) -> anyhow::Result<()> {
    let file = std::fs::File::create(path).with_context(|| format!("cannot write the rejects to `{}`", path.display()))?;
    let mut out = std::io::BufWriter::new(file);
    for row in rejects {
        writeln!(out, "{}", wire::reject(row)).with_context(|| format!("cannot write the rejects to `{}`", path.display()))?;
    }
    out.flush().with_context(|| format!("cannot write the rejects to `{}`", path.display()))
}

#[derive(Debug, Args)]
pub struct Delete {
    /// Ids of products
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,
    /// Print one summary object
    #[arg(long)]
    json: bool,
}

impl Delete {
    pub fn run(self, config: &Config) -> anyhow::Result<u8> {
        let shop = open::shop(config, false)?;
        let (missing, _) = shop.change(&|_, _| {}, |batch| {
            let mut missing = Vec::new();
            for id in &self.ids {
                let known = ProductId::new(id).map(|id| batch.delete(&id)).transpose()?.unwrap_or(false);
                if !known {
                    missing.push(id.clone());
                }
            }
            Ok(missing)
        })?;
        let deleted = self.ids.len() - missing.len();
        if self.json {
            print(&json!({"deleted": deleted, "missing": missing}).to_string())?;
        } else {
            print(&format!("{deleted} deleted"))?;
            if !missing.is_empty() {
                remark(&format!("no product has the id {}", missing.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ")));
            }
        }
        Ok(if missing.is_empty() { DONE } else { super::FAILED })
    }
}
