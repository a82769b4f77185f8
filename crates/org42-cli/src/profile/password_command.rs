//! A command that writes a password, or the secret of an API client.

use std::process::{Command, Stdio};

use crate::exit::{Exit, Failure};
use crate::input::{self, first_line};
use crate::printer::Pause;
use crate::terminal::TerminalGuard;

/// Returns the first line that a command writes.
pub(crate) fn from_command(command: &str) -> Result<String, Failure> {
    let message = |reason: &str| {
        // What follows the program's name may be a secret.
        let program = command.split_whitespace().next().unwrap_or_default();
        format!("the password_command, which runs {program:?}, {reason}")
    };
    let failed = |reason: &str| Failure::new(Exit::NotAllowed, message(reason));
    let (shell, flag) = if cfg!(windows) {
        ("cmd", "/C")
    } else {
        ("/bin/sh", "-c")
    };
    // It may ask on the terminal.
    let _pause = Pause::now();
    let _guard = TerminalGuard::now("");
    let ran = Command::new(shell)
        .args([flag, command])
        .stdin(Stdio::inherit())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| Failure::because(Exit::NotAllowed, message("cannot be run"), error))?;
    if !ran.status.success() {
        return Err(failed(&format!("failed: {}", ran.status)));
    }
    let text = input::decoded(&ran.stdout).map_err(|_| failed("writes no text"))?;
    match first_line(&text) {
        "" => Err(failed("writes nothing")),
        line => Ok(line.to_owned()),
    }
}
