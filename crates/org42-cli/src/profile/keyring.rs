//! The system's keyring, which may block, wait for a person to unlock it, or not be there.

use std::io::IsTerminal as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use keyring_core::{CredentialStore, Entry, Error};

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
        let get = move || entry_of(&entry)?.get_password();
        self.ask(patience(has_other), get).await
    }

    /// Keeps a secret.
    pub(super) async fn set(self, entry: String, secret: String) -> Result<(), Failure> {
        let set = move || entry_of(&entry)?.set_password(&secret);
        self.ask(patience(false), set).await
    }

    /// Forgets a secret, which need not be there.
    pub(super) async fn forget(self, entry: String) -> Result<(), Failure> {
        let delete = move || match entry_of(&entry)?.delete_credential() {
            Err(Error::NoEntry) => Ok(()),
            done => done,
        };
        self.ask(patience(false), delete).await
    }

    async fn ask<T: Send + 'static>(
        self,
        patience: Duration,
        ask: impl FnOnce() -> keyring_core::Result<T> + Send + 'static,
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

/// Returns an entry of the keyring, which is opened at the first use.
fn entry_of(name: &str) -> keyring_core::Result<Entry> {
    static OPENED: Mutex<bool> = Mutex::new(false);
    let mut is_open = OPENED.lock().unwrap_or_else(PoisonError::into_inner);
    if !*is_open {
        keyring_core::set_default_store(store()?);
        *is_open = true;
    }
    drop(is_open);
    Entry::new(SERVICE, name)
}

#[cfg(target_os = "macos")]
fn store() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(windows)]
fn store() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(windows_native_keyring_store::Store::new()?)
}

#[cfg(all(unix, not(target_os = "macos")))]
fn store() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(dbus_secret_service_keyring_store::Store::new()?)
}

fn patience(has_other: bool) -> Duration {
    match has_other || !std::io::stderr().is_terminal() {
        true => IMPATIENCE,
        false => PATIENCE,
    }
}
