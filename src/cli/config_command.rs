//! `daogou config`: the settings in force.

use clap::Args;
use serde_json::json;

use super::{DONE, print};
use crate::config::Config;

#[derive(Debug, Args)]
pub struct ConfigCommand {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

impl ConfigCommand {
    pub fn run(self, config: &Config) -> anyhow::Result<u8> {
        let shown = config.shown();
        if self.json {
            let settings: serde_json::Map<String, serde_json::Value> =
                shown.iter().map(|(s, value, origin)| (s.name.to_owned(), json!({"value": value, "origin": origin}))).collect();
            print(&json!({"settings": settings}).to_string())?;
        } else {
            let lines: Vec<String> =
                shown.iter().map(|(s, value, origin)| format!("{:<20} = {:<28} # {origin}\n    {}", s.name, format!("\"{value}\""), s.help)).collect();
            print(&lines.join("\n"))?;
        }
        Ok(DONE)
    }
}
