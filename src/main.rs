//! Arguments → settings → one command.

use std::process::ExitCode;

fn main() -> ExitCode {
    daogou::cli::run()
}
