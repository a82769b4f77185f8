//! The file of profiles, which holds no secrets.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::document::Document;
use super::writing::{locked, replace};
use super::{EMBEDDED, Places};
use crate::duration::duration;
use crate::exit::{Exit, Failure};
use crate::input;

/// A tenant, and the caller that signs in there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Profile {
    /// The host's name, or a URL.
    pub(crate) url: String,
    /// The API that it speaks; taken from the host's name where it is not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) flavor: Option<String>,
    /// A person signs in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) username: Option<String>,
    /// An API client signs in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) api_client_id: Option<String>,
    /// Where the password, or the API client's secret, comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) secret: Option<SecretPlace>,
    /// A command whose first line of output is the password, or the API client's secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) password_command: Option<String>,
    /// Where the secret is from which one-time codes are computed, if they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) totp: Option<SecretPlace>,
    /// Whether nothing may be changed.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) read_only: bool,
    /// The proxy to go through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) proxy: Option<String>,
    /// A file with the certificates to trust, and no others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ca_bundle: Option<PathBuf>,
    /// How long the server may be silent, such as `180s`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) silence: Option<String>,
}

impl Profile {
    /// Returns where the password, or the API client's secret, comes from: what the profile says, else its command.
    pub(crate) fn secret_place(&self) -> SecretPlace {
        self.secret.unwrap_or(match self.password_command {
            Some(_) => SecretPlace::Command,
            None => SecretPlace::Ask,
        })
    }

    /// Returns how long the server may be silent, if the profile says.
    pub(crate) fn silence(&self) -> Result<Option<Duration>, Failure> {
        let parsed = self.silence.as_deref().map(duration).transpose();
        parsed.map_err(|wrong| Failure::usage(format!("silence in the profile: {wrong}")))
    }

    /// Returns the profile with another time that the server may be silent, where one is given.
    pub(crate) fn silent_for(&self, silence: Option<Duration>) -> Self {
        let given = silence.map(|silence| format!("{}s", silence.as_secs().max(1)));
        Self {
            silence: given.or_else(|| self.silence.clone()),
            ..self.clone()
        }
    }

    /// Returns the profile with another bundle of certificates to trust, where one is given.
    pub(crate) fn trusting(&self, bundle: Option<&std::path::Path>) -> Self {
        let bundle = bundle.map(std::path::Path::to_owned);
        Self {
            ca_bundle: bundle.or_else(|| self.ca_bundle.clone()),
            ..self.clone()
        }
    }
}

/// Where a secret is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum SecretPlace {
    /// Not kept: it comes from the environment, or is asked for.
    #[default]
    Ask,
    /// In the system's keyring.
    Keyring,
    /// In a file that only its owner can read.
    File,
    /// From the output of a command.
    Command,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks with a reference"
)]
fn is_false(value: &bool) -> bool {
    !value
}

#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Contents {
    #[serde(skip_serializing_if = "Option::is_none")]
    default: Option<String>,
    #[serde(default)]
    profiles: BTreeMap<String, Profile>,
}

/// The profiles of this user.
#[derive(Debug, Default)]
pub(crate) struct Profiles {
    path: PathBuf,
    contents: Contents,
    document: Document,
    /// Why there is no file, where there cannot be one.
    why_none: Option<String>,
    _lock: Option<std::fs::File>,
}

impl Profiles {
    /// Reads the file; without one, or a place for one, there are no profiles.
    pub(crate) fn read(places: &Places) -> Result<Self, Failure> {
        match places.profiles() {
            Ok(path) => Self::read_file(path),
            Err(why) => Ok(Self::none(PathBuf::new(), Some(why.to_owned()))),
        }
    }

    fn none(path: PathBuf, why_none: Option<String>) -> Self {
        Self {
            path,
            contents: Contents::default(),
            document: Document::default(),
            why_none,
            _lock: None,
        }
    }

    fn read_file(path: PathBuf) -> Result<Self, Failure> {
        let unread = || format!("cannot read {}", path.display());
        let wrong = |why: String| Failure::because(Exit::Failed, unread(), why);
        let text = match input::text(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Ok(Self::none(path, None));
            }
            // Where the home is no directory, or another user's, there is no file for this user either.
            Err(error)
                if error.kind() == ErrorKind::NotADirectory
                    || (error.kind() == ErrorKind::PermissionDenied
                        && path.symlink_metadata().is_err()) =>
            {
                let why = format!("{}: {error}", path.display());
                return Ok(Self::none(path, Some(why)));
            }
            Err(error) => return Err(Failure::because(Exit::Failed, unread(), error)),
        };
        // What stands there may be a secret in the wrong place, so it is not repeated.
        let contents = toml::from_str::<Contents>(&text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start));
            let line = before.map_or(1, |before| before.matches('\n').count() + 1);
            wrong(match Document::read(&text) {
                None => {
                    format!("line {line} cannot be read as TOML: it is not finished, or not quoted")
                }
                Some(_) => {
                    format!("line {line} is nothing that a profile has; secrets are not kept there")
                }
            })
        })?;
        for name in contents.profiles.keys() {
            check_name(name).map_err(|failure| failure.under(unread()).ending(Exit::Failed))?;
        }
        let document = Document::read(&text);
        let document = document.ok_or_else(|| wrong("it cannot be taken apart".to_owned()))?;
        Ok(Self {
            path,
            contents,
            document,
            why_none: None,
            _lock: None,
        })
    }

    #[cfg(test)]
    pub(crate) fn of(text: &str) -> Result<Self, Failure> {
        let wrong = |_| Failure::failed("no profiles");
        Ok(Self {
            contents: toml::from_str(text).map_err(wrong)?,
            ..Self::none(PathBuf::new(), None)
        })
    }

    /// Reads the file for a change; other processes wait meanwhile.
    pub(crate) fn edit(places: &Places) -> Result<Self, Failure> {
        let path = places.profiles().map_err(|why| {
            let message =
                format!("there is no place for profiles: {why}; set HOME or XDG_CONFIG_HOME");
            Failure::failed(message)
        })?;
        let lock = locked(&path)?;
        Ok(Self {
            _lock: Some(lock),
            ..Self::read_file(path)?
        })
    }

    /// Writes the file, whole or not at all.
    pub(crate) fn write(&self) -> Result<(), Failure> {
        let text = self.document.text();
        // What is written is what is meant, in whatever way the file was written.
        match toml::from_str::<Contents>(&text) {
            Ok(read) if read == self.contents => replace(&self.path, text.as_bytes()),
            _ => {
                let message = format!(
                    "{} is written in a way that cannot be changed; it is as it was: edit it by hand",
                    self.path.display()
                );
                Err(Failure::failed(message))
            }
        }
    }

    /// Returns why there cannot be any profiles, where that is so.
    pub(crate) fn why_none(&self) -> Option<&str> {
        self.why_none.as_deref()
    }

    pub(crate) fn default_name(&self) -> Option<&str> {
        self.contents.default.as_deref()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Profile)> {
        (self.contents.profiles.iter()).map(|(name, profile)| (name.as_str(), profile))
    }

    pub(crate) fn get(&self, name: &str) -> Result<&Profile, Failure> {
        self.contents
            .profiles
            .get(name)
            .ok_or_else(|| self.unknown(name))
    }

    fn unknown(&self, name: &str) -> Failure {
        let names: Vec<&str> = self.iter().map(|(name, _)| name).collect();
        let known = match (&names[..], &self.why_none) {
            ([], Some(why)) => format!("there are none: {why}"),
            ([], None) => "there are none yet; see org42 profile create --help".to_owned(),
            (names, _) => format!("there are {}", names.join(", ")),
        };
        let message = format!("there is no profile {name:?}: {known}");
        Failure::new(Exit::NotFound, message)
    }

    /// Refuses a name that no profile can have, or that another one has.
    pub(crate) fn check_new(&self, name: &str) -> Result<(), Failure> {
        check_name(name)?;
        if self.contents.profiles.contains_key(name) {
            let message = format!("there is a profile {name:?} already");
            return Err(Failure::new(Exit::Conflict, message));
        }
        Ok(())
    }

    /// Adds a profile. The first one becomes the default.
    pub(crate) fn add(&mut self, name: &str, profile: Profile) -> Result<(), Failure> {
        self.check_new(name)?;
        let is_first = self.contents.profiles.is_empty();
        self.put(name, profile)?;
        if is_first {
            self.set_default(Some(name));
        }
        Ok(())
    }

    /// Adds or replaces a profile.
    pub(crate) fn put(&mut self, name: &str, profile: Profile) -> Result<(), Failure> {
        let fields = toml::Table::try_from(&profile).map_err(|error| {
            Failure::because(
                Exit::Usage,
                format!("profile {name} cannot be written"),
                error,
            )
        })?;
        self.document.put(name, &fields);
        self.contents.profiles.insert(name.to_owned(), profile);
        Ok(())
    }

    pub(crate) fn remove(&mut self, name: &str) -> Result<Profile, Failure> {
        let removed = self.contents.profiles.remove(name);
        let removed = removed.ok_or_else(|| self.unknown(name))?;
        self.document.remove(name);
        if self.default_name() == Some(name) {
            self.set_default(None);
        }
        Ok(removed)
    }

    pub(crate) fn rename(&mut self, name: &str, new: &str) -> Result<(), Failure> {
        self.get(name)?;
        self.check_new(new)?;
        if let Some(profile) = self.contents.profiles.remove(name) {
            self.contents.profiles.insert(new.to_owned(), profile);
        }
        self.document.rename(name, new);
        if self.default_name() == Some(name) {
            self.set_default(Some(new));
        }
        Ok(())
    }

    /// Makes a profile the default; `embedded` makes the embedded authority the default.
    pub(crate) fn make_default(&mut self, name: &str) -> Result<(), Failure> {
        if name == EMBEDDED {
            self.set_default(None);
            return Ok(());
        }
        self.get(name)?;
        self.set_default(Some(name));
        Ok(())
    }

    fn set_default(&mut self, name: Option<&str>) {
        self.document.set_default(name);
        self.contents.default = name.map(str::to_owned);
    }
}

fn check_name(name: &str) -> Result<(), Failure> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let refuse = |message: String| Err(Failure::usage(message));
    match name {
        EMBEDDED => refuse(format!("{EMBEDDED} is the embedded authority")),
        _ if name.is_empty()
            || name.len() > 64
            || name.starts_with('.')
            || !name.chars().all(is_plain) =>
        {
            refuse("a profile's name has letters, digits, '-', '_' and '.', at most 64".to_owned())
        }
        _ => Ok(()),
    }
}
