//! `daogou search`: retrieval alone.

use anyhow::Context;
use clap::Args;

use super::{DONE, open, print};
use crate::answer::CategoryLabel;
use crate::config::Config;
use crate::need::{CategoryMatch, Need};
use crate::question::Question;
use crate::shop::Hits;
use crate::{filter, wire};

/// Most products that one search gives.
const MOST: usize = 1_000;

#[derive(Debug, Args)]
pub struct Search {
    /// What to look for, in your own words
    query: String,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// How many products, up to 1000
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=MOST as i64))]
    limit: u16,
    /// Show what was understood, and each part of each score
    #[arg(long)]
    explain: bool,
    /// Conditions such as 'price<=300 and color!=black and category="Apparel > Hats"'
    #[arg(long, value_name = "EXPR")]
    filter: Option<String>,
}

impl Search {
    pub fn run(self, config: &Config) -> anyhow::Result<u8> {
        let shop = open::shop(config, false)?;
        let question = Question::new(&self.query).context("the query is empty; search for example: daogou search \"防水帐篷\"")?;
        let hits = shop.search(&question, usize::from(self.limit), |need| match &self.filter {
            Some(expression) => filter::apply(expression, need, &shop.vocabulary(), shop.knowledge(), shop.currency()),
            None => Ok(()),
        })?;
        if self.json {
            let mut object = wire::hits(&self.query, &hits);
            if self.explain {
                let label = |c: &CategoryMatch| CategoryLabel { path: c.key.clone(), name: c.key.clone() };
                object["need"] = wire::need_object(&hits.need, &hits.need.categories.iter().map(label).collect::<Vec<_>>());
            }
            print(&object.to_string())?;
        } else {
            print(&table(&hits, self.explain))?;
        }
        Ok(DONE)
    }
}

/// The words that were searched for, other names of the same thing in brackets.
fn searched(need: &Need) -> String {
    let words = if need.categories.iter().any(|c| c.filters) { &need.words } else { &need.wording };
    let shown = words.iter().map(|w| if w.also.is_empty() { w.said.clone() } else { format!("{} ({})", w.said, w.also.join(", ")) });
    shown.collect::<Vec<_>>().join(" · ")
}

fn table(hits: &Hits, explain: bool) -> String {
    let mut lines = Vec::new();
    if explain {
        let categories: Vec<&str> = hits.need.categories.iter().map(|c| c.key.as_str()).collect();
        lines.push(format!("categories: {}", categories.join(", ")));
        lines.extend(hits.need.constraints.iter().map(|c| format!("constraint: {} (`{}`, {})", c.name(), c.text, if c.hard { "hard" } else { "soft" })));
        lines.extend(hits.need.traits.iter().map(|t| format!("trait: {} (`{}`)", t.id, t.text)));
        lines.push(format!("words: {}", searched(&hits.need)));
        lines.push(format!("plan: {}", hits.plan.guide.as_deref().map_or_else(|| "from the catalog's own facts".to_owned(), |id| format!("guide {id}"))));
        lines.push(String::new());
    }
    lines.push(format!("{} match", hits.total));
    for (place, pick) in hits.picks.iter().enumerate() {
        let product = pick.product();
        lines.push(format!("{:>3}. {:.4}  {}  {}  [{}]", place + 1, pick.score(), pick.price().total.pretty(), product.title.get(hits.need.lang), product.id));
        if explain {
            let parts: Vec<String> = pick
                .signals()
                .iter()
                .filter(|s| s.value != 0.0)
                .map(|s| format!("{} {:+.3} ({:.2} × {})", s.name, s.value * s.weight, s.value, s.weight))
                .collect();
            lines.push(format!("     {}", parts.join("  ")));
        }
    }
    lines.join("\n")
}
