//! The command line: arguments, exit codes, and one file a command.

mod ask;
mod chat;
mod config_command;
mod eval_command;
mod import_command;
mod live;
mod open;
mod screen;
mod search;
mod serve;
mod stats;

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

use crate::catalog::Lang;
use crate::config::{Config, Overrides};
use crate::need::Persona;
use crate::session::is_id;

/// Done; failed; done, but rows were rejected or a floor was missed.
pub(crate) const DONE: u8 = 0;
pub(crate) const FAILED: u8 = 1;
pub(crate) const REJECTED: u8 = 3;
/// Stopped by Ctrl-C, as shells have it.
pub(crate) const INTERRUPTED: u8 = 130;

const EXAMPLES: &str = "\
Examples:
  daogou ask \"我是大圆脸，怎么挑一顶显脸小的帽子？\"
  daogou ask \"headphones for my commute under 500, not in-ear\"
  daogou chat
  echo \"送爸爸的茶叶，两三百\" | daogou ask --json -
  daogou import --replace-all products.jsonl
  daogou search \"防水帐篷\" --filter 'price<=800' --explain

No key, no server and no network is needed. The first command builds an index from the sample catalog.
Settings come from options, DAOGOU_SECTION_KEY, a daogou.toml, or defaults; `daogou config` shows each with its origin.";

/// A shopping guide for your shop: advice in dimensions, products from your catalog, nothing invented.
#[derive(Debug, Parser)]
#[command(name = "daogou", version, after_help = EXAMPLES)]
struct Cli {
    /// Where catalog and index live [env: DAOGOU_DATA]
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Configuration file [env: DAOGOU_CONFIG; else daogou.toml here, else the user's]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// What to log to stderr: error, warn, info, debug, trace [env: DAOGOU_LOG]
    #[arg(long, global = true, value_name = "LEVEL")]
    log: Option<String>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Answer one question on standard output
    Ask(ask::Ask),
    /// Talk, with commands and a line editor; from a pipe one question a line, answers in order
    Chat(chat::Chat),
    /// The web service: chat page, HTTP interface, OpenAI-compatible model
    Serve(serve::Serve),
    /// Add products, or replace them by id
    Import(import_command::Import),
    /// Remove products by id
    Delete(import_command::Delete),
    /// Retrieval alone: which products match, and why in that order
    Search(search::Search),
    /// What the catalog holds: counts, prices, attribute coverage
    Stats(stats::Stats),
    /// Measure answers over canned questions, or retrieval over judged queries
    Eval(Box<eval_command::Eval>),
    /// The settings in force, each with where it came from
    Config(config_command::ConfigCommand),
}

/// Options of everything that answers.
#[derive(Debug, Clone, Args)]
pub(crate) struct Answering {
    /// Print each Answer as one line of JSON, and nothing else
    #[arg(long)]
    pub json: bool,
    /// The conversation this belongs to
    #[arg(long, value_name = "ID", value_parser = session_id)]
    pub session: Option<String>,
    /// Answer without the language model
    #[arg(long)]
    pub no_llm: bool,
    /// Language of the answer; auto is the question's own
    #[arg(long, value_enum, default_value_t = LangChoice::Auto)]
    pub lang: LangChoice,
    /// Who answers: shopping guide, life expert, food expert, travel planner or writer
    #[arg(long, value_enum, default_value_t = PersonaChoice::Auto)]
    pub persona: PersonaChoice,
}

fn session_id(text: &str) -> Result<String, &'static str> {
    if is_id(text) { Ok(text.to_owned()) } else { Err("wanted 1 to 128 letters, digits or signs of `-_.:@`") }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LangChoice {
    Auto,
    Zh,
    En,
}

impl LangChoice {
    pub(crate) fn lang(self) -> Option<Lang> {
        match self {
            Self::Auto => None,
            Self::Zh => Some(Lang::Zh),
            Self::En => Some(Lang::En),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PersonaChoice {
    Auto,
    Guide,
    Life,
    Food,
    Travel,
    Writer,
}

impl PersonaChoice {
    pub(crate) fn persona(self) -> Option<Persona> {
        match self {
            Self::Auto => None,
            Self::Guide => Some(Persona::Guide),
            Self::Life => Some(Persona::Life),
            Self::Food => Some(Persona::Food),
            Self::Travel => Some(Persona::Travel),
            Self::Writer => Some(Persona::Writer),
        }
    }
}

/// Runs the program.
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let wrong = error.use_stderr();
            let _ = error.print();
            return ExitCode::from(if wrong { 2 } else { DONE });
        }
    };
    let overrides = Overrides { config: cli.config, data: cli.data, log: cli.log };
    let config = match Config::load(&overrides) {
        Ok(config) => config,
        Err(error) => {
            complain(&error);
            return ExitCode::from(2);
        }
    };
    start_log(&config);
    let done = match cli.command {
        Some(Command::Ask(command)) => command.run(&config),
        Some(Command::Chat(command)) => command.run(&config),
        Some(Command::Serve(command)) => command.run(&config),
        Some(Command::Import(command)) => command.run(&config),
        Some(Command::Delete(command)) => command.run(&config),
        Some(Command::Search(command)) => command.run(&config),
        Some(Command::Stats(command)) => command.run(&config),
        Some(Command::Eval(command)) => command.run(&config),
        Some(Command::Config(command)) => command.run(&config),
        None if std::io::stdin().is_terminal() => chat::Chat::plain().run(&config),
        None => print(&Cli::command().render_help().to_string()).map(|()| DONE),
    };
    match done {
        Ok(code) => ExitCode::from(code),
        // Whoever read our output has enough of it.
        Err(error) if is_broken_pipe(&error) => ExitCode::from(DONE),
        Err(error) => {
            complain(&error);
            ExitCode::from(FAILED)
        }
    }
}

fn start_log(config: &Config) {
    let filter = tracing_subscriber::EnvFilter::try_new(&config.log_level).unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal() && colors_wanted());
    // A second start in one process, as in tests, keeps the first log.
    let _ = if config.log_json { log.json().try_init() } else { log.try_init() };
}

fn complain(error: &anyhow::Error) {
    let mut text = format!("error: {error}");
    for cause in error.chain().skip(1) {
        text.push_str(&format!("\n  because: {cause}"));
    }
    let _ = writeln!(std::io::stderr(), "{text}");
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().filter_map(|cause| cause.downcast_ref::<std::io::Error>()).any(|io| io.kind() == std::io::ErrorKind::BrokenPipe)
}

/// Prints to standard output, ending in one line break.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", text.trim_end_matches('\n'))?;
    out.flush()?;
    Ok(())
}

/// Says something to the person at the terminal, beside the output.
pub(crate) fn remark(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Whether colors are wanted: https://no-color.org and dumb terminals.
fn colors_wanted() -> bool {
    crate::config::no_color().is_none()
}

/// The runtime of commands that answer.
pub(crate) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?)
}
