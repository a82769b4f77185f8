//! Secrets as people give them: in a file, on standard input, by a command.

use super::secrets::from_command;
use super::words::Secret;
use crate::exit::Failure;
use crate::reading;

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
            (Some(file), _) => reading::secret(file).map(Some),
            (None, Some(command)) => from_command(command).map(Some),
            (None, None) if self.password_stdin => reading::secret_from_stdin().map(Some),
            (None, None) => Ok(None),
        }
    }
}
