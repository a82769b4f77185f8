//! Secrets as people give them: in a file, on standard input, by a command.

use std::io::Read as _;
use std::path::Path;

use super::secrets::from_command;
use crate::args::Secret;
use crate::exit::Failure;

impl Secret {
    /// Whether these words say anything about the secret.
    pub(crate) fn is_given(&self) -> bool {
        self.password_stdin
            || self.no_password
            || self.password_file.is_some()
            || self.password_command.is_some()
    }

    /// The secret, where these words say how to come by it.
    pub(crate) fn read(&self) -> Result<Option<String>, Failure> {
        match (&self.password_file, &self.password_command) {
            (Some(file), _) => first_line(file).map(Some),
            (None, Some(command)) => from_command(command).map(Some),
            (None, None) if self.password_stdin => from_stdin().map(Some),
            (None, None) => Ok(None),
        }
    }
}

/// The first line of a file.
pub(crate) fn first_line(file: &Path) -> Result<String, Failure> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        let message = format!("cannot read {}: {error}", file.display());
        Failure::new(Failure::USAGE, message)
    })?;
    line_of(&text, &file.display().to_string())
}

/// The first line of standard input.
pub(crate) fn from_stdin() -> Result<String, Failure> {
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .map_err(|error| {
            Failure::new(
                Failure::USAGE,
                format!("cannot read standard input: {error}"),
            )
        })?;
    line_of(&text, "standard input")
}

fn line_of(text: &str, from: &str) -> Result<String, Failure> {
    // Some editors begin a file with a mark.
    match text.trim_start_matches('\u{feff}').lines().next() {
        Some(line) if !line.is_empty() => Ok(line.to_owned()),
        _ => Err(Failure::new(
            Failure::USAGE,
            format!("the first line of {from} is empty"),
        )),
    }
}
