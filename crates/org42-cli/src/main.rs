//! `org42`: the command line of administrators. Works on tenants through the SDK, serves them with the authority, and opens
//! a directory's tenant in this process where no server is named.

mod args;
mod commands;
mod connect;
mod duration;
mod env;
mod exit;
mod input;
mod interrupt;
mod logs;
mod printer;
mod profile;
mod rows;
mod terminal;

use std::io::{ErrorKind, Write as _};
use std::process::ExitCode;

use clap::Parser as _;

use crate::exit::{Exit, Failure};
use crate::printer::{Printer, unwritten};

/// The most threads for work that blocks, beside those that serve connections.
const BLOCKING_THREADS: usize = 64;

/// Makes a file at its size limit an error of the write, as a full disk is, instead of the end of the process.
#[cfg(unix)]
fn outlive_full_files(runtime: &tokio::runtime::Runtime) {
    use tokio::signal::unix::{SignalKind, signal};
    let kind = SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw());
    // Once it is watched for, the signal ends nothing any more.
    runtime.block_on(async { drop(signal(kind)) });
}

/// Does nothing: there is no such signal.
#[cfg(not(unix))]
fn outlive_full_files(_: &tokio::runtime::Runtime) {}

/// Writes a help text, or what is wrong with the arguments.
fn answer(answer: &clap::Error) -> ExitCode {
    if answer.use_stderr() && args::wants_json(std::env::args_os()) {
        let text = answer.to_string();
        let text = text.trim().trim_start_matches("error: ").to_owned();
        return ended(
            Printer::new(Some(args::Output::Json)),
            Err(Failure::usage(text)),
        );
    }
    let written = answer.print().and_then(|()| std::io::stdout().flush());
    match written {
        Err(error) if !answer.use_stderr() && error.kind() != ErrorKind::BrokenPipe => {
            ended(Printer::new(None), Err(unwritten(error)))
        }
        _ if answer.use_stderr() => Exit::Usage.into(),
        _ => Exit::Done.into(),
    }
}

/// Returns how the process ends, and says why where that is a failure.
fn ended(printer: Printer, done: Result<(), Failure>) -> ExitCode {
    match done {
        Ok(()) => Exit::Done.into(),
        Err(failure) => {
            printer.failure(&failure);
            failure.exit.into()
        }
    }
}

fn main() -> ExitCode {
    let cli = match args::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return answer(&error),
    };
    let printer = Printer::new(cli.output());
    // Each thread keeps memory of its own, and what may wait for long waits without one.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .max_blocking_threads(BLOCKING_THREADS)
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            let failure = Failure::because(Exit::Failed, "cannot start", error);
            return ended(printer, Err(failure));
        }
    };
    outlive_full_files(&runtime);
    let done = runtime.block_on(Box::pin(commands::run(cli, printer)));
    // What is still in work, such as a prompt that nobody answers, is not waited for; a tenant's file takes it.
    runtime.shutdown_background();
    ended(printer, done)
}
