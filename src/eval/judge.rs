//! A model's opinion of answers, by the rubric in `prompts/judge.md`. Opinions are kept in a file and never decide anything: no
//! check, no floor and no exit status looks at them.

use std::collections::HashMap;
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, anyhow, bail};
use futures::StreamExt;
use serde_json::{Value, json};

use super::check::list;
use super::judged::JudgedCase;
use super::measure::mean;
use crate::llm::{Llm, Prompted};
use crate::prompt::Prompt;

const RUBRIC: &str = include_str!("../../prompts/judge.md");
/// The grades of the rubric.
const GRADES: [&str; 3] = ["helpful", "consistent", "clear"];
/// Answers judged at the same time.
const PARALLEL: usize = 4;
/// Most tokens of an opinion.
const REPLY_TOKENS: u32 = 400;

/// Lets the model judge the first attempt of every turn. What the file holds already is not asked again.
///
/// # Errors
/// When the file cannot be read or written, or the rubric does not fit. A model that fails is counted, not an error.
pub async fn judge(llm: &Llm, cases: &[JudgedCase], kept: &Path, progress: &(dyn Fn(u64, u64) + Sync)) -> anyhow::Result<Value> {
    let rubric = Prompt::parse(RUBRIC)?;
    let mut known = read(kept)?;
    let mut file = File::options().create(true).append(true).open(kept).with_context(|| format!("cannot write `{}`", kept.display()))?;
    let mut questions: Vec<(String, String, String)> = Vec::new();
    for case in cases {
        let Some(attempt) = case.attempts.first() else { continue };
        for (turn, reply) in case.case.turns.iter().zip(&attempt.attempt.replies).filter(|(_, r)| r.answer.is_object()) {
            let (system, user) = rubric.render(&[("question", &turn.ask), ("answer", &prose(&reply.answer))])?;
            let mut hasher = DefaultHasher::new();
            (llm.model(), &system, &user).hash(&mut hasher);
            questions.push((format!("{:016x}", hasher.finish()), system, user));
        }
    }
    let total = questions.len() as u64;
    let open: Vec<&(String, String, String)> = questions.iter().filter(|(key, ..)| !known.contains_key(key)).collect();
    let mut failed = 0u64;
    let mut done = total - open.len() as u64;
    let mut replies =
        futures::stream::iter(open.into_iter().map(|(key, system, user)| async move { (key, asked(llm, system, user).await) })).buffer_unordered(PARALLEL);
    while let Some((key, opinion)) = replies.next().await {
        done += 1;
        progress(done, total);
        match opinion {
            Ok(opinion) => {
                writeln!(file, "{}", json!({"key": key, "model": llm.model(), "opinion": opinion})).context("cannot keep an opinion")?;
                known.insert(key.clone(), opinion);
            }
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), "an answer was not judged");
                failed += 1;
            }
        }
    }
    let opinions: Vec<&Value> = questions.iter().filter_map(|(key, ..)| known.get(key)).collect();
    let means: serde_json::Map<String, Value> =
        GRADES.iter().map(|grade| ((*grade).to_owned(), json!(mean(&opinions.iter().filter_map(|o| o[*grade].as_f64()).collect::<Vec<_>>())))).collect();
    Ok(json!({"model": llm.model(), "answers": total, "judged": opinions.len(), "failed": failed, "mean": means, "gates": false}))
}

async fn asked(llm: &Llm, system: &str, user: &str) -> anyhow::Result<Value> {
    let deadline = Instant::now() + llm.limits().answer;
    let asked = Prompted { purpose: "judge", system: system.to_owned(), user: user.to_owned(), schema: None, max_tokens: REPLY_TOKENS, deadline };
    let reply = llm.complete(&asked).await.map_err(|failure| anyhow!("the model gave no opinion: {}", failure.reason()))?;
    opinion(&reply.text)
}

fn read(path: &Path) -> anyhow::Result<HashMap<String, Value>> {
    if !path.exists() {
        return Ok(HashMap::new());
    }
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    let rows = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    Ok(rows.filter_map(|row| Some((row["key"].as_str()?.to_owned(), row["opinion"].clone()))).collect())
}

/// The first JSON object of a reply, with every grade from 1 to 5.
fn opinion(reply: &str) -> anyhow::Result<Value> {
    let start = reply.find('{').context("the opinion is no JSON object")?;
    let mut objects = serde_json::Deserializer::from_str(&reply[start..]).into_iter::<Value>();
    let opinion = objects.next().context("the opinion is no JSON object")?.context("the opinion is no JSON object")?;
    for grade in GRADES {
        if !opinion[grade].as_f64().is_some_and(|g| (1.0..=5.0).contains(&g)) {
            bail!("the opinion has no `{grade}` from 1 to 5");
        }
    }
    Ok(opinion)
}

/// An answer as text for the judge.
fn prose(answer: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut lines = vec![text(&answer["summary"])];
    lines.extend(list(&answer["dimensions"]).iter().map(|d| format!("{}: {}", text(&d["name"]), text(&d["advice"]))));
    lines.extend(list(&answer["products"]).iter().map(|p| format!("* {} ({}): {}", text(&p["title"]), text(&p["final_price"]), text(&p["reason"]))));
    lines.push(text(&answer["question"]["text"]));
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}
