//! `org42`: the administrator's command line. Speaks to a tenant through the SDK alone.

mod args;
mod commands;
mod connect;
mod env;
mod exit;
mod forest;
mod input;
mod printer;
mod profile;
mod rows;
mod target;
mod terminal;

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;

use crate::printer::say;

/// How many threads may be at work beside those that serve connections.
const BLOCKING_THREADS: usize = 64;

/// A file that has reached the largest size that is allowed is an error of whoever writes it, as a full disk is, and not
/// the end of the process.
#[cfg(unix)]
fn outlive_full_files(runtime: &tokio::runtime::Runtime) {
    use tokio::signal::unix::{SignalKind, signal};
    let kind = SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw());
    // Once it is watched for, the signal ends nothing any more.
    runtime.block_on(async { drop(signal(kind)) });
}

/// There is no such signal.
#[cfg(not(unix))]
fn outlive_full_files(_: &tokio::runtime::Runtime) {}

/// Writes a help text or what is wrong with the words; what nobody could write was not told.
fn answered(answer: &clap::Error) -> ExitCode {
    let written = answer.print().and_then(|()| std::io::stdout().flush());
    match written {
        Err(error) if !answer.use_stderr() && error.kind() != std::io::ErrorKind::BrokenPipe => {
            say(&format!("org42: cannot write the result: {error}"));
            ExitCode::FAILURE
        }
        _ => ExitCode::from(u8::try_from(answer.exit_code()).unwrap_or(2)),
    }
}

fn main() -> ExitCode {
    let cli = match args::Cli::try_parse() {
        Ok(cli) => cli,
        Err(answer) => return answered(&answer),
    };
    // Each thread keeps memory of its own, and what may wait for long waits without one.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .max_blocking_threads(BLOCKING_THREADS)
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            say(&format!("org42: cannot start: {error}"));
            return ExitCode::FAILURE;
        }
    };
    outlive_full_files(&runtime);
    let ended = runtime.block_on(Box::pin(commands::run(cli)));
    // What is still in work, such as a prompt that nobody answers, is not waited for; a tenant's file takes it.
    runtime.shutdown_background();
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            say(&format!("org42: {}", failure.message));
            failure.exit_code()
        }
    }
}
