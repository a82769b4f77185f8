//! The system's keyring, which may block, wait for a person to unlock it, or not be there.

use std::io::IsTerminal as _;
use std::time::Duration;

use keyring::Entry;

use crate::exit::{Exit, Failure};
use crate::printer::Printer;

/// The service under which the keyring has the secrets.
const SERVICE: &str = "org42";

/// How long the keyring may take where a person may have to unlock it.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long it may take where nobody is there, or where there is another way.
const IMPATIENCE: Duration = Duration::from_secs(3);

/// The keyring.
#[derive(Clone, Copy)]
pub(super) struct Keyring {
    printer: Printer,
}

impl Keyring {
    pub(super) fn new(printer: Printer) -> Self {
        Self { printer }
    }

    /// Returns a secret. Where the caller has another way to come by it, the keyring has less time.
    pub(super) async fn get(self, entry: String, has_other: bool) -> Result<String, Failure> {
        let get = move || Entry::new(SERVICE, &entry)?.get_password();
        self.ask(patience(has_other), get).await
    }

    /// Keeps a secret.
    pub(super) async fn set(self, entry: String, secret: String) -> Result<(), Failure> {
        let set = move || Entry::new(SERVICE, &entry)?.set_password(&secret);
        self.ask(patience(false), set).await
    }

    /// Forgets a secret, which need not be there.
    pub(super) async fn forget(self, entry: String) -> Result<(), Failure> {
        let delete = move || match Entry::new(SERVICE, &entry)?.delete_credential() {
            Err(keyring::Error::NoEntry) => Ok(()),
            done => done,
        };
        self.ask(patience(false), delete).await
    }

    async fn ask<T: Send + 'static>(
        self,
        patience: Duration,
        ask: impl FnOnce() -> keyring::Result<T> + Send + 'static,
    ) -> Result<T, Failure> {
        let unusable = "the keyring cannot be used";
        let answer = tokio::time::timeout(patience, tokio::task::spawn_blocking(ask));
        let waiting = "waiting for the keyring".to_owned();
        match self.printer.progress(waiting, answer).await {
            Ok(Ok(Ok(answer))) => Ok(answer),
            Ok(Ok(Err(error))) => Err(Failure::because(Exit::Failed, unusable, error)),
            Ok(Err(gone)) => Err(Failure::because(Exit::Failed, unusable, gone)),
            Err(_) => Err(Failure::because(
                Exit::Failed,
                unusable,
                "it does not answer",
            )),
        }
    }
}

fn patience(has_other: bool) -> Duration {
    match has_other || !std::io::stderr().is_terminal() {
        true => IMPATIENCE,
        false => PATIENCE,
    }
}
