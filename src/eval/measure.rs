//! Measures of a ranking against judgments, defined as trec_eval and ir_measures define them.

use std::collections::HashMap;

use super::trec::{Judgments, Run};

/// A measure of one query, with its definition.
#[derive(Debug, Clone, Copy)]
pub struct Measure {
    pub name: &'static str,
    /// One sentence that a reader can compute it by.
    pub definition: &'static str,
    of: fn(&Graded<'_>) -> f64,
}

/// A ranking beside its judgments.
struct Graded<'a> {
    ranked: &'a [String],
    grades: &'a HashMap<String, i32>,
}

/// Every measure that is reported, in the order it is printed.
pub const MEASURES: [Measure; 8] = [
    Measure {
        name: "nDCG@10",
        definition: "sum over the first 10 of grade / log2(rank + 1), divided by that of the ideal order of all judged products (linear gain)",
        of: |g| g.ndcg(linear),
    },
    Measure { name: "nDCG@10 (exp)", definition: "the same with gain 2^grade - 1", of: |g| g.ndcg(exponential) },
    Measure {
        name: "nDCG@10 (condensed)",
        definition: "nDCG@10, linear gain, after products that nobody judged are taken out of the ranking",
        of: |g| g.condensed().as_ranked(g.grades, |c| c.ndcg(linear)),
    },
    Measure { name: "judged@10", definition: "judged products among the first 10, divided by how many were returned there", of: |g| g.judged(10) },
    Measure {
        name: "MRR@10",
        definition: "1 / rank of the first relevant product (grade 1 or more) among the first 10, else 0",
        of: |g| g.reciprocal_rank(10),
    },
    Measure { name: "Recall@10", definition: "relevant products among the first 10, divided by all relevant products of the query", of: |g| g.recall(10) },
    Measure { name: "Recall@100", definition: "relevant products among the first 100, divided by all relevant products of the query", of: |g| g.recall(100) },
    Measure { name: "zero results", definition: "1 when nothing was returned, else 0", of: |g| f64::from(u8::from(g.ranked.is_empty())) },
];

/// What each measure gives for each query, in step with `queries`.
#[derive(Debug, Clone, Default)]
pub struct Measured {
    pub queries: Vec<String>,
    /// Values by measure, in the order of [`MEASURES`], then by query.
    pub values: Vec<Vec<f64>>,
    /// Judged queries left out because their judgments hold nothing relevant: no ranking could score on them.
    pub without_relevant: usize,
}

impl Measured {
    /// The mean over all queries.
    pub fn mean(&self, measure: usize) -> f64 {
        self.values.get(measure).map_or(0.0, |values| mean(values))
    }

    /// The mean with the left-out queries counted as 0, as ir_measures does.
    pub fn mean_with_left_out(&self, measure: usize) -> f64 {
        let all = self.queries.len() + self.without_relevant;
        if all == 0 { 0.0 } else { self.mean(measure) * self.queries.len() as f64 / all as f64 }
    }

    /// The values of a measure by its name.
    pub fn of(&self, name: &str) -> &[f64] {
        MEASURES.iter().position(|m| m.name == name).and_then(|place| self.values.get(place)).map_or(&[], Vec::as_slice)
    }
}

/// Measures a run on every query in `queries` for which something relevant was judged; a query that the run does not have
/// counts as an empty ranking.
pub fn measure(run: &Run, judgments: &Judgments, queries: &[String]) -> Measured {
    let (judged, without): (Vec<&String>, Vec<&String>) =
        queries.iter().filter(|q| judgments.contains_key(*q)).partition(|q| judgments[*q].values().any(|grade| *grade > 0));
    let graded = |query: &String| Graded { ranked: run.get(query).map_or(&[], Vec::as_slice), grades: &judgments[query] };
    let values = MEASURES.iter().map(|measure| judged.iter().map(|query| (measure.of)(&graded(query))).collect()).collect();
    Measured { queries: judged.into_iter().cloned().collect(), values, without_relevant: without.len() }
}

/// The arithmetic mean; 0 of nothing.
pub fn mean(values: &[f64]) -> f64 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / values.len() as f64 }
}

fn linear(grade: i32) -> f64 {
    f64::from(grade.max(0))
}

fn exponential(grade: i32) -> f64 {
    f64::from(grade.clamp(0, 60)).exp2() - 1.0
}

/// A ranking without what nobody judged.
struct Condensed(Vec<String>);

impl Condensed {
    fn as_ranked(&self, grades: &HashMap<String, i32>, of: impl Fn(&Graded<'_>) -> f64) -> f64 {
        of(&Graded { ranked: &self.0, grades })
    }
}

impl Graded<'_> {
    fn grade(&self, document: &str) -> i32 {
        self.grades.get(document).copied().unwrap_or(0)
    }

    fn ndcg(&self, gain: fn(i32) -> f64) -> f64 {
        let discounted = |gains: &mut dyn Iterator<Item = f64>| gains.take(10).enumerate().map(|(at, gain)| gain / (at as f64 + 2.0).log2()).sum::<f64>();
        let mut ideal: Vec<i32> = self.grades.values().copied().collect();
        ideal.sort_unstable_by(|a, b| b.cmp(a));
        let best = discounted(&mut ideal.into_iter().map(gain));
        if best > 0.0 { discounted(&mut self.ranked.iter().map(|d| gain(self.grade(d)))) / best } else { 0.0 }
    }

    fn condensed(&self) -> Condensed {
        Condensed(self.ranked.iter().filter(|d| self.grades.contains_key(*d)).cloned().collect())
    }

    fn judged(&self, depth: usize) -> f64 {
        let top = &self.ranked[..self.ranked.len().min(depth)];
        if top.is_empty() { 0.0 } else { top.iter().filter(|d| self.grades.contains_key(*d)).count() as f64 / top.len() as f64 }
    }

    fn reciprocal_rank(&self, depth: usize) -> f64 {
        self.ranked.iter().take(depth).position(|d| self.grade(d) > 0).map_or(0.0, |at| 1.0 / (at as f64 + 1.0))
    }

    fn recall(&self, depth: usize) -> f64 {
        let relevant = self.grades.values().filter(|grade| **grade > 0).count();
        let found = self.ranked.iter().take(depth).filter(|d| self.grade(d) > 0).count();
        if relevant == 0 { 0.0 } else { found as f64 / relevant as f64 }
    }
}
