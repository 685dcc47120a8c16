//! Arguments → settings → one command.

use std::process::ExitCode;

/// Answers are made of many small strings; glibc's allocator spends a third of the time of a busy service on them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    daogou::cli::run()
}
