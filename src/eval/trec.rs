//! Queries, judgments and runs as files: TREC's, and the tab-separated ones with a header that data sets come in. Files that
//! end in `.gz` are unpacked.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use anyhow::{Context, bail};

/// Most bytes of an unpacked file that are read.
const LARGEST: u64 = 2 << 30;

/// A query to search for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    pub id: String,
    pub text: String,
}

/// Grades by query and document: 1 and more is relevant, 0 and less judged and not relevant.
pub type Judgments = BTreeMap<String, HashMap<String, i32>>;

/// Documents by query, best first.
pub type Run = BTreeMap<String, Vec<String>>;

/// Reads queries: `id<TAB>text` a line (a header line is skipped), or TREC topics with `<num>` and `<title>`.
///
/// # Errors
/// When the file cannot be read, or a line has no tab or names a query a second time.
pub fn queries(path: &Path) -> anyhow::Result<Vec<Query>> {
    let text = read(path)?;
    let found = if text.trim_start().starts_with("<top") { topics(&text) } else { tabbed(&text, path)? };
    let mut seen = std::collections::HashSet::new();
    for query in &found {
        if !seen.insert(&query.id) {
            bail!("`{}`: the query `{}` stands there twice; ids must be unique", path.display(), query.id);
        }
    }
    if found.is_empty() {
        bail!("`{}` holds no query; wanted one `id<TAB>text` a line", path.display());
    }
    Ok(found)
}

fn tabbed(text: &str, path: &Path) -> anyhow::Result<Vec<Query>> {
    let mut found = Vec::new();
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let Some((id, text)) = line.split_once('\t') else {
            bail!("{}:{}: no tab in `{}`; wanted `id<TAB>text`", path.display(), at + 1, excerpt(line));
        };
        let header = at == 0 && matches!(id.to_ascii_lowercase().as_str(), "qid" | "id" | "query_id" | "query-id" | "_id");
        if !header {
            found.push(Query { id: id.trim().to_owned(), text: text.split('\t').next().unwrap_or(text).trim().to_owned() });
        }
    }
    Ok(found)
}

fn topics(text: &str) -> Vec<Query> {
    let field = |topic: &str, name: &str| {
        let rest = &topic[topic.find(name)? + name.len()..];
        Some(rest[..rest.find('<').unwrap_or(rest.len())].trim().to_owned())
    };
    let strip = |text: String, label: &str| text.strip_prefix(label).map(|t| t.trim().to_owned()).unwrap_or(text);
    text.split("<top")
        .skip(1)
        .filter_map(|topic| Some(Query { id: strip(field(topic, "<num>")?, "Number:"), text: strip(field(topic, "<title>")?, "Topic:") }))
        .collect()
}

/// Reads judgments: `query 0 document grade`, or `query document grade` (a header line is skipped).
///
/// # Errors
/// When the file cannot be read, a line has other columns, a grade is no whole number, or a pair is judged twice.
pub fn judgments(path: &Path) -> anyhow::Result<Judgments> {
    let mut judgments = Judgments::new();
    for (at, line) in read(path)?.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let (query, document, grade) = match columns.as_slice() {
            [query, _, document, grade] | [query, document, grade] => (*query, *document, *grade),
            _ => bail!("{}:{}: {} columns in `{}`; wanted `query 0 document grade`", path.display(), at + 1, columns.len(), excerpt(line)),
        };
        let Ok(grade) = grade.parse::<i32>() else {
            if at == 0 {
                continue;
            }
            bail!("{}:{}: the grade `{grade}` is no whole number", path.display(), at + 1);
        };
        if judgments.entry(query.to_owned()).or_default().insert(document.to_owned(), grade).is_some() {
            bail!("{}:{}: `{document}` is judged twice for the query `{query}`", path.display(), at + 1);
        }
    }
    if judgments.is_empty() {
        bail!("`{}` holds no judgment; wanted `query 0 document grade` a line", path.display());
    }
    Ok(judgments)
}

/// Reads a run: `query Q0 document rank score tag`. As in trec_eval the rank is ignored: the order is by score as a 32-bit
/// float, and among equals by the document's bytes, both falling.
///
/// # Errors
/// When the file cannot be read, a line has other columns, a score is no number, or a document stands twice under a query.
pub fn run(path: &Path) -> anyhow::Result<Run> {
    let mut scored: BTreeMap<String, Vec<(f32, String)>> = BTreeMap::new();
    let mut seen = std::collections::HashSet::new();
    for (at, line) in read(path)?.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let [query, _, document, _, score, ..] = columns.as_slice() else {
            bail!("{}:{}: {} columns in `{}`; wanted `query Q0 document rank score tag`", path.display(), at + 1, columns.len(), excerpt(line));
        };
        let score: f32 = score.parse().with_context(|| format!("{}:{}: the score `{score}` is no number", path.display(), at + 1))?;
        if !seen.insert((query.to_string(), document.to_string())) {
            bail!("{}:{}: `{document}` stands twice under the query `{query}`", path.display(), at + 1);
        }
        scored.entry(query.to_string()).or_default().push((score, document.to_string()));
    }
    Ok(scored.into_iter().map(|(query, list)| (query, ordered(list))).collect())
}

/// The order of a run: score falling, then document falling.
fn ordered(mut list: Vec<(f32, String)>) -> Vec<String> {
    list.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| b.1.cmp(&a.1)));
    list.into_iter().map(|(_, document)| document).collect()
}

/// Documents of one query with their scores, best first, as lines of a run. Scores are made to fall strictly, so that every
/// reader sees our order.
///
/// # Errors
/// When an id holds white space, which the format cannot carry.
pub fn write_run(query: &str, ranked: &[(String, f32)], tag: &str, into: &mut String) -> anyhow::Result<()> {
    let mut last = f32::INFINITY;
    for (place, (document, score)) in ranked.iter().enumerate() {
        if document.contains(char::is_whitespace) || query.contains(char::is_whitespace) {
            bail!("the id `{document}` (query `{query}`) has white space in it, which a TREC run cannot carry");
        }
        let score = if *score < last { *score } else { last.next_down() };
        last = score;
        let _ = writeln!(into, "{query} Q0 {document} {} {score:?} {tag}", place + 1);
    }
    Ok(())
}

/// Reads a text file, unpacked where its name ends in `.gz`.
pub fn read(path: &Path) -> anyhow::Result<String> {
    let shown = path.display();
    let file = File::open(path).with_context(|| format!("cannot open `{shown}`"))?;
    let mut reader: Box<dyn BufRead> = match path.extension().is_some_and(|e| e == "gz") {
        true => Box::new(BufReader::new(flate2::read::MultiGzDecoder::new(file))),
        false => Box::new(BufReader::new(file)),
    };
    let mut text = String::new();
    reader.by_ref().take(LARGEST).read_to_string(&mut text).with_context(|| format!("cannot read `{shown}` as UTF-8 text"))?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

fn excerpt(line: &str) -> String {
    line.chars().take(60).collect()
}
