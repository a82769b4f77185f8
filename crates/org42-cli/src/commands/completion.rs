//! `org42 completion`: writes the completions of a shell.

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::args::Cli;
use crate::exit::Failure;
use crate::printer::Printer;

pub(super) fn run(shell: Shell, printer: Printer) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "org42", &mut script);
    printer.result(script)
}
