//! Where the secrets of profiles are: the system's keyring, or a file that only its owner can read.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use keyring::Entry;

use super::Places;
use super::file::{Profile, SecretPlace, locked, replace};
use crate::exit::Failure;
use crate::progress::{Quiet, shown};

/// The service under which the keyring has them.
const SERVICE: &str = "org42";

/// How long the keyring may take; somebody may have to unlock it.
const PATIENCE: Duration = Duration::from_secs(30);

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
    file: PathBuf,
}

impl Secrets {
    pub(crate) fn of(places: &Places) -> Self {
        Self {
            file: places.data.join("secrets.toml"),
        }
    }

    /// The file that is used where there is no keyring.
    pub(crate) fn file(&self) -> &std::path::Path {
        &self.file
    }

    /// Keeps a secret: in the keyring, or where there is none in the file. Says where.
    pub(crate) async fn keep(
        &self,
        name: &str,
        kind: Kind,
        secret: String,
    ) -> Result<SecretPlace, Failure> {
        let entry = kind.entry(name);
        if keep_in_keyring(entry.clone(), secret.clone()).await.is_ok() {
            return Ok(SecretPlace::Keyring);
        }
        self.keep_in_file(entry, secret)?;
        Ok(SecretPlace::File)
    }

    fn keep_in_file(&self, entry: String, secret: String) -> Result<(), Failure> {
        let _lock = locked(&self.file)?;
        let mut all = self.read_file()?;
        all.insert(entry, secret);
        self.write_file(&all)
    }

    /// A secret of a profile, if it is kept anywhere.
    pub(crate) async fn get(
        &self,
        name: &str,
        profile: &Profile,
        kind: Kind,
    ) -> Result<Option<String>, Failure> {
        let entry = kind.entry(name);
        match kind.place(profile) {
            SecretPlace::Ask => Ok(None),
            SecretPlace::Command => match &profile.password_command {
                Some(command) => from_command(command).map(Some),
                None => Ok(None),
            },
            SecretPlace::Keyring => {
                let got = in_keyring(move || Entry::new(SERVICE, &entry)?.get_password()).await;
                got.map(Some).map_err(|reason| {
                    let message =
                        format!("the keyring does not give the secret of profile {name}: {reason}");
                    Failure::new(Failure::NOT_ALLOWED, message)
                })
            }
            SecretPlace::File => Ok(self.read_file()?.remove(&entry)),
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
                let _lock = locked(&self.file)?;
                let mut all = self.read_file()?;
                all.remove(&entry);
                self.write_file(&all)?;
            }
            SecretPlace::Keyring => {
                let delete = move || match Entry::new(SERVICE, &entry)?.delete_credential() {
                    Err(keyring::Error::NoEntry) => Ok(()),
                    done => done,
                };
                in_keyring(delete)
                    .await
                    .map_err(|reason| Failure::new(1, format!("the keyring: {reason}")))?;
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
            let (entry, secret) = (kind.entry(new), self.get(name, profile, kind).await?);
            match secret {
                Some(secret) if place == SecretPlace::Keyring => keep_in_keyring(entry, secret)
                    .await
                    .map_err(|reason| Failure::new(1, format!("the keyring: {reason}")))?,
                Some(secret) => self.keep_in_file(entry, secret)?,
                None => {}
            }
        }
        Ok(())
    }

    fn read_file(&self) -> Result<BTreeMap<String, String>, Failure> {
        let wrong =
            |reason: &str| Failure::new(1, format!("cannot use {}: {reason}", self.file.display()));
        let text = match std::fs::read_to_string(&self.file) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(BTreeMap::new()),
            Err(error) => return Err(wrong(&error.to_string())),
        };
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(&self.file).map(|file| file.permissions().mode());
            if mode.is_ok_and(|mode| mode & 0o077 != 0) {
                return Err(wrong(
                    "others can read it; change the secrets in it, then chmod 600",
                ));
            }
        }
        // What does not parse is not repeated: it may be a secret.
        toml::from_str(&text).map_err(|_| wrong("it is not what org42 writes"))
    }

    fn write_file(&self, all: &BTreeMap<String, String>) -> Result<(), Failure> {
        let text = toml::to_string(all)
            .map_err(|_| Failure::new(1, "a secret has characters that no file can keep"))?;
        replace(&self.file, text.as_bytes())
    }
}

async fn keep_in_keyring(entry: String, secret: String) -> Result<(), String> {
    in_keyring(move || Entry::new(SERVICE, &entry)?.set_password(&secret)).await
}

/// Asks the keyring, which may block.
async fn in_keyring<T: Send + 'static>(
    ask: impl FnOnce() -> keyring::Result<T> + Send + 'static,
) -> Result<T, String> {
    let answer = tokio::time::timeout(PATIENCE, tokio::task::spawn_blocking(ask));
    match shown("waiting for the keyring".to_owned(), answer).await {
        Ok(Ok(answer)) => answer.map_err(|error| error.to_string()),
        Ok(Err(gone)) => Err(gone.to_string()),
        Err(_) => Err("it does not answer".to_owned()),
    }
}

/// The first line that a command writes.
pub(super) fn from_command(command: &str) -> Result<String, Failure> {
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
    let ran = Command::new(shell)
        .args([flag, command])
        .stdin(Stdio::inherit())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| failed(&format!("cannot be run: {error}")))?;
    if !ran.status.success() {
        return Err(failed(&format!("failed: {}", ran.status)));
    }
    let text = String::from_utf8(ran.stdout).map_err(|_| failed("writes no text"))?;
    match text.lines().next() {
        Some(line) if !line.is_empty() => Ok(line.to_owned()),
        _ => Err(failed("writes nothing")),
    }
}
