//! Attempts with the verdict of every check, within a case and across cases.

use std::collections::{BTreeMap, HashSet};

use super::case::Case;
use super::check::{CHECKS, Exchange, Verdict, alike, shingles, shown};
use super::metric::{Measurement, measurements};
use super::run::{Attempt, CaseRun, TOP};

/// Products that wordings of one need must share of the first [`TOP`].
const SHARED: usize = TOP - 1;
/// Prose more alike than this is the same answer.
const SAME_PROSE: f64 = 0.8;

/// One check of one turn; turn 0 is the case as a whole.
#[derive(Debug, Clone)]
pub struct Finding {
    pub turn: usize,
    pub check: &'static str,
    pub verdict: Verdict,
}

/// One attempt with all verdicts.
pub struct JudgedAttempt {
    pub attempt: Attempt,
    pub findings: Vec<Finding>,
    pub measurements: Vec<Measurement>,
}

impl JudgedAttempt {
    /// Nothing failed.
    pub fn passed(&self) -> bool {
        self.failures().next().is_none()
    }

    pub fn failures(&self) -> impl Iterator<Item = (&Finding, &str)> {
        self.findings.iter().filter_map(|f| if let Verdict::Fail(why) = &f.verdict { Some((f, why.as_str())) } else { None })
    }

    /// A model is configured, but some turn was answered without it.
    pub fn degraded(&self) -> bool {
        self.attempt.replies.iter().any(|r| r.answer["degraded"].is_string())
    }
}

/// A case with its judged attempts.
pub struct JudgedCase {
    pub case: Case,
    pub attempts: Vec<JudgedAttempt>,
}

impl JudgedCase {
    /// It could not be asked of this subject.
    pub fn skipped(&self) -> Option<&str> {
        self.attempts.first().and_then(|a| a.attempt.skipped.as_deref())
    }

    pub fn passes(&self) -> usize {
        self.attempts.iter().filter(|a| a.passed()).count()
    }
}

/// Runs every check.
pub fn judge(runs: Vec<CaseRun>) -> Vec<JudgedCase> {
    let mut judged: Vec<JudgedCase> = runs.into_iter().map(one).collect();
    let rounds = judged.iter().map(|c| c.attempts.len()).max().unwrap_or(0);
    for round in 0..rounds {
        repetition(&mut judged, round);
        paraphrases(&mut judged, round);
        twins(&mut judged, round);
    }
    judged
}

fn one(run: CaseRun) -> JudgedCase {
    let CaseRun { case, attempts, truth } = run;
    let attempts = attempts.into_iter().map(|attempt| {
        let mut findings = Vec::new();
        let mut measured = Vec::new();
        for (place, (turn, reply)) in case.turns.iter().zip(&attempt.replies).enumerate() {
            let exchange = Exchange { case: &case, turn, reply, earlier: &attempt.replies[..place], truth: &truth };
            findings.extend(CHECKS.iter().map(|check| Finding { turn: place + 1, check: check.name, verdict: (check.run)(&exchange) }));
            measured.extend(measurements(&exchange));
        }
        JudgedAttempt { findings, measurements: measured, attempt }
    });
    let attempts = attempts.collect();
    JudgedCase { case, attempts }
}

fn answer_of(case: &JudgedCase, round: usize) -> Option<&serde_json::Value> {
    case.attempts.get(round)?.attempt.replies.first().map(|r| &r.answer)
}

fn add(case: &mut JudgedCase, round: usize, check: &'static str, verdict: Verdict) {
    if let Some(attempt) = case.attempts.get_mut(round) {
        attempt.findings.push(Finding { turn: 0, check, verdict });
    }
}

/// Cases about different things must not get the same prose.
fn repetition(cases: &mut [JudgedCase], round: usize) {
    let prose: Vec<Option<HashSet<u64>>> = cases
        .iter()
        .map(|case| {
            let speaks = |a: &&serde_json::Value| matches!(a["outcome"].as_str(), Some("products" | "advice"));
            answer_of(case, round).filter(speaks).map(shingles).filter(|s| s.len() > 10)
        })
        .collect();
    let about = |case: &Case| case.turns.first().map(|t| t.expect.categories.clone()).unwrap_or_default();
    let mut verdicts: Vec<Verdict> = Vec::new();
    for (at, own) in prose.iter().enumerate() {
        let Some(own) = own else {
            verdicts.push(Verdict::DoesNotApply);
            continue;
        };
        let mine = about(&cases[at].case);
        let other = prose.iter().enumerate().filter(|(place, _)| *place != at).find(|(place, other)| {
            let theirs = about(&cases[*place].case);
            let different = !mine.is_empty() && !theirs.is_empty() && !mine.iter().any(|c| theirs.contains(c));
            different && other.as_ref().is_some_and(|other| alike(own, other) > SAME_PROSE)
        });
        verdicts.push(match other {
            Some((place, _)) => Verdict::Fail(format!("says the same as the answer to `{}`", cases[place].case.id)),
            None if mine.is_empty() => Verdict::DoesNotApply,
            None => Verdict::Pass,
        });
    }
    cases.iter_mut().zip(verdicts).for_each(|(case, verdict)| add(case, round, "repetition", verdict));
}

/// Every wording of a need against the first one of its group.
fn paraphrases(cases: &mut [JudgedCase], round: usize) {
    let mut firsts: BTreeMap<String, (String, Vec<String>)> = BTreeMap::new();
    let mut verdicts = Vec::new();
    for (place, case) in cases.iter().enumerate() {
        let (Some(group), Some(top)) = (&case.case.group, case.attempts.get(round).and_then(|a| a.attempt.top.clone())) else { continue };
        match firsts.get(group) {
            None => {
                firsts.insert(group.clone(), (case.case.id.clone(), top));
            }
            Some((first, wanted)) => {
                let shared = top.iter().filter(|id| wanted.contains(id)).count();
                let enough = shared >= SHARED.min(wanted.len()) && !wanted.is_empty();
                let verdict = if enough { Verdict::Pass } else { Verdict::Fail(format!("shares {shared} of {} first products with `{first}`", wanted.len())) };
                verdicts.push((place, verdict));
            }
        }
    }
    verdicts.into_iter().for_each(|(place, verdict)| add(&mut cases[place], round, "paraphrases", verdict));
}

fn twins(cases: &mut [JudgedCase], round: usize) {
    let mut verdicts = Vec::new();
    for (place, case) in cases.iter().enumerate() {
        let Some(twin) = case.case.twin_of.as_ref().and_then(|id| cases.iter().find(|c| c.case.id == *id)) else { continue };
        let (Some(own), Some(other)) = (answer_of(case, round), answer_of(twin, round)) else { continue };
        let (mut a, mut b) = (shown(own), shown(other));
        a.sort_unstable();
        b.sort_unstable();
        let same = a == b && own["outcome"] == other["outcome"];
        verdicts.push((place, if same { Verdict::Fail(format!("shows the same as `{}`", twin.case.id)) } else { Verdict::Pass }));
    }
    verdicts.into_iter().for_each(|(place, verdict)| add(&mut cases[place], round, "twin", verdict));
}
