//! The secrets of profiles: in the system's keyring, or in a file that only its owner can read.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::Places;
use super::document::with_entry;
use super::file::{Profile, SecretPlace};
use super::keyring::Keyring;
use super::password_command::from_command;
use super::writing::{locked, replace};
use crate::exit::{Exit, Failure};
use crate::input;
use crate::printer::Printer;

/// Why a file of secrets is refused. Its text may hold a secret and is not shown.
const NOT_OURS: &str = "it is not what org42 writes";

/// Which secret of a profile.
#[derive(Clone, Copy)]
pub(crate) enum SecretKind {
    /// The password of a person, or the secret of an API client.
    Password,
    /// What one-time codes are computed from.
    Totp,
}

impl SecretKind {
    const ALL: [Self; 2] = [Self::Password, Self::Totp];

    fn place(self, profile: &Profile) -> SecretPlace {
        match self {
            Self::Password => profile.secret_place(),
            Self::Totp => profile.totp.unwrap_or(SecretPlace::Ask),
        }
    }

    /// Returns the name under which the secret is kept.
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
    keyring: Keyring,
}

impl Secrets {
    pub(crate) fn of(places: &Places, printer: Printer) -> Self {
        Self {
            file: places.secrets().map_err(str::to_owned),
            keyring: Keyring::new(printer),
        }
    }

    /// Returns the file that is used where there is no keyring.
    pub(crate) fn file(&self) -> Result<&Path, Failure> {
        self.file.as_deref().map_err(|why| {
            let message =
                format!("there is no place for secrets: {why}; set HOME or XDG_DATA_HOME");
            Failure::failed(message)
        })
    }

    /// Keeps a secret in the keyring, or in the file where there is none, and returns which.
    pub(crate) async fn keep(
        &self,
        name: &str,
        kind: SecretKind,
        secret: String,
    ) -> Result<SecretPlace, Failure> {
        let entry = kind.entry(name);
        let kept = self.keyring.set(entry.clone(), secret.clone()).await;
        if kept.is_ok() {
            return Ok(SecretPlace::Keyring);
        }
        self.change_file(&entry, Some(&secret))?;
        Ok(SecretPlace::File)
    }

    /// Returns a secret of a profile, if it is kept. Where the caller has another way to come by it, the keyring has less
    /// time.
    pub(crate) async fn get(
        &self,
        name: &str,
        profile: &Profile,
        kind: SecretKind,
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
                match self.keyring.get(entry.clone(), has_other).await {
                    Ok(secret) => Ok(Some(secret)),
                    Err(failure) => {
                        // It may have been kept where there was no keyring.
                        let in_file = self.in_file(&entry).ok().flatten();
                        let message =
                            format!("the keyring does not give the secret of profile {name}");
                        let failure = failure.under(message).ending(Exit::NotAllowed);
                        in_file.map(Some).ok_or(failure)
                    }
                }
            }
            SecretPlace::File => {
                let found = self.in_file(&entry);
                found.map_err(|failure| failure.ending(Exit::NotAllowed))
            }
        }
    }

    /// Forgets the secrets of a profile.
    pub(crate) async fn forget(&self, name: &str, profile: &Profile) -> Result<(), Failure> {
        for kind in SecretKind::ALL {
            self.forget_in(kind.place(profile), kind.entry(name))
                .await?;
        }
        Ok(())
    }

    /// Forgets the secrets of a profile that are kept elsewhere now, or not at all.
    pub(crate) async fn forget_moved(
        &self,
        name: &str,
        old: &Profile,
        new: &Profile,
    ) -> Result<(), Failure> {
        for kind in SecretKind::ALL {
            if kind.place(old) != kind.place(new) {
                self.forget_in(kind.place(old), kind.entry(name)).await?;
            }
        }
        Ok(())
    }

    async fn forget_in(&self, place: SecretPlace, entry: String) -> Result<(), Failure> {
        match place {
            SecretPlace::Ask | SecretPlace::Command => {}
            SecretPlace::File => self.change_file(&entry, None)?,
            SecretPlace::Keyring => self.keyring.forget(entry).await?,
        }
        Ok(())
    }

    /// Copies the secrets of a profile to another name.
    pub(crate) async fn copy(
        &self,
        name: &str,
        new: &str,
        profile: &Profile,
    ) -> Result<(), Failure> {
        for kind in SecretKind::ALL {
            let place = kind.place(profile);
            if matches!(place, SecretPlace::Ask | SecretPlace::Command) {
                continue;
            }
            let (entry, secret) = (kind.entry(new), self.get(name, profile, kind, false).await?);
            match secret {
                Some(secret) if place == SecretPlace::Keyring => {
                    self.keyring.set(entry, secret).await?;
                }
                Some(secret) => self.change_file(&entry, Some(&secret))?,
                None => {}
            }
        }
        Ok(())
    }

    /// Returns a secret that the file has.
    fn in_file(&self, entry: &str) -> Result<Option<String>, Failure> {
        Ok(self.parsed(&self.text()?)?.remove(entry))
    }

    fn parsed(&self, text: &str) -> Result<BTreeMap<String, String>, Failure> {
        // What does not parse is not repeated: it may be a secret.
        toml::from_str(text).map_err(|_| self.unusable(NOT_OURS))
    }

    fn unusable(&self, reason: impl Into<Box<dyn Error + Send + Sync>>) -> Failure {
        let file = self.file.as_deref().unwrap_or(Path::new("secrets.toml"));
        Failure::because(
            Exit::Failed,
            format!("cannot use {}", file.display()),
            reason,
        )
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
            Err(error) => return Err(self.unusable(error)),
        };
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(file).map(|file| file.permissions().mode());
            if mode.is_ok_and(|mode| mode & 0o077 != 0) {
                return Err(
                    self.unusable("others can read it; change the secrets in it, then chmod 600")
                );
            }
        }
        Ok(text)
    }

    /// Sets or removes one secret in the file; the rest of it stays as it is.
    fn change_file(&self, entry: &str, secret: Option<&str>) -> Result<(), Failure> {
        let file = self.file()?;
        let _lock = locked(file)?;
        let text = self.text()?;
        if self.parsed(&text)?.get(entry).map(String::as_str) == secret {
            return Ok(());
        }
        let changed = with_entry(&text, entry, secret);
        let changed = changed.ok_or_else(|| self.unusable(NOT_OURS))?;
        replace(file, changed.as_bytes())
    }
}
