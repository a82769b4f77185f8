//! Where the secrets of profiles are: the system's keyring, or a file that only its owner can read.

use std::collections::BTreeMap;
use std::io::{ErrorKind, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use keyring::Entry;

use super::Places;
use super::document::with_entry;
use super::file::{Profile, SecretPlace};
use super::writing::{locked, replace};
use crate::exit::Failure;
use crate::input::{self, first_line};
use crate::terminal::{Kept, Quiet, shown};

/// The service under which the keyring has them.
const SERVICE: &str = "org42";

/// How long the keyring may take where somebody may have to unlock it, and where nobody is there or there is another way.
const PATIENCE: Duration = Duration::from_secs(30);
const IMPATIENCE: Duration = Duration::from_secs(3);

/// Which secret of a profile.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    /// The password of a person, or the secret of an API client.
    Password,
    /// What one-time codes are computed from.
    Totp,
}

impl Kind {
    const ALL: [Self; 2] = [Self::Password, Self::Totp];

    fn place(self, profile: &Profile) -> SecretPlace {
        match self {
            Self::Password => profile.secret_place(),
            Self::Totp => profile.totp.unwrap_or(SecretPlace::Ask),
        }
    }

    /// Under which name it is kept.
    fn entry(self, profile: &str) -> String {
        match self {
            Self::Password => profile.to_owned(),
            Self::Totp => format!("{profile}/totp"),
        }
    }
}

#[derive(Clone)]
pub(crate) struct Secrets {
    /// The file that is used where there is no keyring, or why there is no place for one.
    file: Result<PathBuf, String>,
}

impl Secrets {
    pub(crate) fn of(places: &Places) -> Self {
        Self {
            file: places.secrets().map_err(str::to_owned),
        }
    }

    /// The file that is used where there is no keyring.
    pub(crate) fn file(&self) -> Result<&Path, Failure> {
        self.file.as_deref().map_err(|why| {
            let message =
                format!("there is no place for secrets: {why}; set HOME or XDG_DATA_HOME");
            Failure::new(1, message)
        })
    }

    /// Keeps a secret: in the keyring, or where there is none in the file. Says where.
    pub(crate) async fn keep(
        &self,
        name: &str,
        kind: Kind,
        secret: String,
    ) -> Result<SecretPlace, Failure> {
        let entry = kind.entry(name);
        let kept = keep_in_keyring(entry.clone(), secret.clone(), patience(false)).await;
        if kept.is_ok() {
            return Ok(SecretPlace::Keyring);
        }
        self.keep_in_file(&entry, &secret)?;
        Ok(SecretPlace::File)
    }

    fn keep_in_file(&self, entry: &str, secret: &str) -> Result<(), Failure> {
        self.change_file(entry, Some(secret))
    }

    /// A secret of a profile, if it is kept anywhere. Where there is another way to come by it, the keyring has less time.
    pub(crate) async fn get(
        &self,
        name: &str,
        profile: &Profile,
        kind: Kind,
        has_other: bool,
    ) -> Result<Option<String>, Failure> {
        let entry = kind.entry(name);
        match kind.place(profile) {
            SecretPlace::Ask => Ok(None),
            SecretPlace::Command => match &profile.password_command {
                Some(command) => from_command(command).map(Some),
                None => Ok(None),
            },
            SecretPlace::Keyring => {
                let asked = entry.clone();
                let got = in_keyring(patience(has_other), move || {
                    Entry::new(SERVICE, &asked)?.get_password()
                });
                match got.await {
                    Ok(secret) => Ok(Some(secret)),
                    Err(reason) => {
                        // It may have been kept where there was no keyring.
                        let in_file = self.read_file().ok().and_then(|mut all| all.remove(&entry));
                        let message = format!(
                            "the keyring does not give the secret of profile {name}: {reason}"
                        );
                        let failure = Failure::new(Failure::NOT_ALLOWED, message);
                        in_file.map(Some).ok_or(failure)
                    }
                }
            }
            SecretPlace::File => {
                let mut all = self
                    .read_file()
                    .map_err(|failure| Failure::new(Failure::NOT_ALLOWED, failure.message))?;
                Ok(all.remove(&entry))
            }
        }
    }

    /// Forgets the secrets of a profile.
    pub(crate) async fn forget(&self, name: &str, profile: &Profile) -> Result<(), Failure> {
        for kind in Kind::ALL {
            self.forget_in(kind.place(profile), kind.entry(name))
                .await?;
        }
        Ok(())
    }

    /// Forgets those secrets of a profile that are somewhere else now, or nowhere.
    pub(crate) async fn forget_moved(
        &self,
        name: &str,
        old: &Profile,
        new: &Profile,
    ) -> Result<(), Failure> {
        for kind in Kind::ALL {
            if kind.place(old) != kind.place(new) {
                self.forget_in(kind.place(old), kind.entry(name)).await?;
            }
        }
        Ok(())
    }

    async fn forget_in(&self, place: SecretPlace, entry: String) -> Result<(), Failure> {
        match place {
            SecretPlace::Ask | SecretPlace::Command => {}
            SecretPlace::File => {
                self.change_file(&entry, None)?;
            }
            SecretPlace::Keyring => {
                let delete = move || match Entry::new(SERVICE, &entry)?.delete_credential() {
                    Err(keyring::Error::NoEntry) => Ok(()),
                    done => done,
                };
                in_keyring(patience(false), delete)
                    .await
                    .map_err(|reason| {
                        Failure::new(1, format!("the keyring cannot be used: {reason}"))
                    })?;
            }
        }
        Ok(())
    }

    /// Keeps the secrets of a profile under another name too.
    pub(crate) async fn copy(
        &self,
        name: &str,
        new: &str,
        profile: &Profile,
    ) -> Result<(), Failure> {
        for kind in Kind::ALL {
            let place = kind.place(profile);
            if matches!(place, SecretPlace::Ask | SecretPlace::Command) {
                continue;
            }
            let (entry, secret) = (kind.entry(new), self.get(name, profile, kind, false).await?);
            match secret {
                Some(secret) if place == SecretPlace::Keyring => {
                    keep_in_keyring(entry, secret, patience(false))
                        .await
                        .map_err(|reason| {
                            Failure::new(1, format!("the keyring cannot be used: {reason}"))
                        })?
                }
                Some(secret) => self.keep_in_file(&entry, &secret)?,
                None => {}
            }
        }
        Ok(())
    }

    fn read_file(&self) -> Result<BTreeMap<String, String>, Failure> {
        let text = self.text()?;
        // What does not parse is not repeated: it may be a secret.
        toml::from_str(&text).map_err(|_| self.wrong("it is not what org42 writes"))
    }

    fn wrong(&self, reason: &str) -> Failure {
        let file = self.file.as_deref().unwrap_or(Path::new("secrets.toml"));
        Failure::new(1, format!("cannot use {}: {reason}", file.display()))
    }

    fn text(&self) -> Result<String, Failure> {
        let file = self.file()?;
        let text = match input::text(file) {
            Ok(text) => text,
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                return Ok(String::new());
            }
            Err(error) => return Err(self.wrong(&error.to_string())),
        };
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(file).map(|file| file.permissions().mode());
            if mode.is_ok_and(|mode| mode & 0o077 != 0) {
                return Err(
                    self.wrong("others can read it; change the secrets in it, then chmod 600")
                );
            }
        }
        Ok(text)
    }

    /// Keeps or forgets one secret; what else is in the file stays as it is.
    fn change_file(&self, entry: &str, secret: Option<&str>) -> Result<(), Failure> {
        let file = self.file()?;
        let _lock = locked(file)?;
        let all = self.read_file()?;
        if all.get(entry).map(String::as_str) == secret {
            return Ok(());
        }
        let changed = with_entry(&self.text()?, entry, secret);
        let changed = changed.ok_or_else(|| self.wrong("it is not what org42 writes"))?;
        replace(file, changed.as_bytes())
    }
}

/// How long the keyring may take.
fn patience(has_other: bool) -> Duration {
    match has_other || !std::io::stderr().is_terminal() {
        true => IMPATIENCE,
        false => PATIENCE,
    }
}

async fn keep_in_keyring(entry: String, secret: String, patience: Duration) -> Result<(), String> {
    in_keyring(patience, move || {
        Entry::new(SERVICE, &entry)?.set_password(&secret)
    })
    .await
}

/// Asks the keyring, which may block.
async fn in_keyring<T: Send + 'static>(
    patience: Duration,
    ask: impl FnOnce() -> keyring::Result<T> + Send + 'static,
) -> Result<T, String> {
    let answer = tokio::time::timeout(patience, tokio::task::spawn_blocking(ask));
    match shown("waiting for the keyring".to_owned(), answer).await {
        Ok(Ok(answer)) => answer.map_err(|error| error.to_string()),
        Ok(Err(gone)) => Err(gone.to_string()),
        Err(_) => Err("it does not answer".to_owned()),
    }
}

/// The first line that a command writes.
pub(crate) fn from_command(command: &str) -> Result<String, Failure> {
    let failed = |reason: &str| {
        // What follows the program's name may be a secret.
        let program = command.split_whitespace().next().unwrap_or_default();
        let message = format!("the password_command, which runs {program:?}, {reason}");
        Failure::new(Failure::NOT_ALLOWED, message)
    };
    let (shell, flag) = if cfg!(windows) {
        ("cmd", "/C")
    } else {
        ("/bin/sh", "-c")
    };
    // It may ask on the terminal.
    let _quiet = Quiet::now();
    let _kept = Kept::now("");
    let ran = Command::new(shell)
        .args([flag, command])
        .stdin(Stdio::inherit())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| failed(&format!("cannot be run: {error}")))?;
    if !ran.status.success() {
        return Err(failed(&format!("failed: {}", ran.status)));
    }
    let text = input::decoded(&ran.stdout).map_err(|_| failed("writes no text"))?;
    match first_line(&text) {
        "" => Err(failed("writes nothing")),
        line => Ok(line.to_owned()),
    }
}
