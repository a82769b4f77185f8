//! The file of profiles: everything about them that is no secret.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::EMBEDDED;
use crate::exit::Failure;

/// A tenant, and who one is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Profile {
    /// The host's name, or a URL.
    pub(crate) url: String,
    /// Which API it speaks; told from the host's name where it is not said.
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
    /// Through which proxy to go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) proxy: Option<String>,
    /// A PEM file with certificate authorities to trust beside those of the system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ca_bundle: Option<PathBuf>,
}

impl Profile {
    /// Where the password, or the API client's secret, comes from: where it says, or else a command if it has one.
    pub(crate) fn secret_place(&self) -> SecretPlace {
        self.secret.unwrap_or(match self.password_command {
            Some(_) => SecretPlace::Command,
            None => SecretPlace::Ask,
        })
    }
}

/// Where a secret is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum SecretPlace {
    /// Nowhere: it comes from the environment, or is asked for.
    #[default]
    Ask,
    /// In the system's keyring.
    Keyring,
    /// In a file that only its owner can read.
    File,
    /// Wherever the command gets it from.
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
#[derive(Debug)]
pub(crate) struct Profiles {
    path: PathBuf,
    contents: Contents,
    _lock: Option<std::fs::File>,
}

impl Profiles {
    /// Reads the file; without one there are no profiles.
    pub(crate) fn read(config: &Path) -> Result<Self, Failure> {
        let path = config.join("config.toml");
        let wrong = |error: &dyn std::fmt::Display| {
            Failure::new(1, format!("cannot read {}: {error}", path.display()))
        };
        let contents = match std::fs::read_to_string(&path) {
            // What stands there may be a secret in the wrong place, so it is not repeated.
            Ok(text) => toml::from_str::<Contents>(&text).map_err(|error| {
                let before = error.span().and_then(|span| text.get(..span.start));
                let line = before.map_or(1, |before| before.matches('\n').count() + 1);
                wrong(&format!(
                    "line {line} is nothing that a profile has; secrets are not kept there"
                ))
            })?,
            Err(error) if error.kind() == ErrorKind::NotFound => Contents::default(),
            Err(error) => return Err(wrong(&error)),
        };
        for name in contents.profiles.keys() {
            check_name(name).map_err(|failure| wrong(&failure.message))?;
        }
        Ok(Self {
            path,
            contents,
            _lock: None,
        })
    }

    /// Reads the file and keeps other processes from changing it meanwhile.
    pub(crate) fn edit(config: &Path) -> Result<Self, Failure> {
        let lock = locked(&config.join("config.toml"))?;
        Ok(Self {
            _lock: Some(lock),
            ..Self::read(config)?
        })
    }

    /// Writes the file, whole or not at all.
    pub(crate) fn write(&self) -> Result<(), Failure> {
        let text = toml::to_string(&self.contents)
            .map_err(|error| Failure::new(1, format!("cannot write profiles: {error}")))?;
        replace(&self.path, text.as_bytes())
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
        let known = match names[..] {
            [] => "there are none yet; see org42 profile create --help".to_owned(),
            _ => format!("there are {}", names.join(", ")),
        };
        let message = format!("there is no profile {name:?}: {known}");
        Failure::new(Failure::NOT_FOUND, message)
    }

    /// Refuses a name that cannot be, or that another profile has.
    pub(crate) fn check_new(&self, name: &str) -> Result<(), Failure> {
        check_name(name)?;
        if self.contents.profiles.contains_key(name) {
            let message = format!("there is a profile {name:?} already");
            return Err(Failure::new(Failure::CONFLICT, message));
        }
        Ok(())
    }

    /// Adds a profile. The first one becomes the default.
    pub(crate) fn add(&mut self, name: &str, profile: Profile) -> Result<(), Failure> {
        self.check_new(name)?;
        if self.contents.profiles.is_empty() {
            self.contents.default = Some(name.to_owned());
        }
        self.contents.profiles.insert(name.to_owned(), profile);
        Ok(())
    }

    /// Writes over a profile.
    pub(crate) fn put(&mut self, name: &str, profile: Profile) {
        self.contents.profiles.insert(name.to_owned(), profile);
    }

    pub(crate) fn remove(&mut self, name: &str) -> Result<Profile, Failure> {
        let removed = self.contents.profiles.remove(name);
        let removed = removed.ok_or_else(|| self.unknown(name))?;
        self.contents.default = self.contents.default.take().filter(|other| other != name);
        Ok(removed)
    }

    pub(crate) fn rename(&mut self, name: &str, new: &str) -> Result<(), Failure> {
        let was_default = self.default_name() == Some(name);
        let profile = self.get(name)?.clone();
        self.add(new, profile)?;
        self.remove(name)?;
        if was_default {
            self.contents.default = Some(new.to_owned());
        }
        Ok(())
    }

    /// Makes a profile the default; `embedded` makes the embedded authority it.
    pub(crate) fn make_default(&mut self, name: &str) -> Result<(), Failure> {
        if name == EMBEDDED {
            self.contents.default = None;
            return Ok(());
        }
        self.get(name)?;
        self.contents.default = Some(name.to_owned());
        Ok(())
    }
}

fn check_name(name: &str) -> Result<(), Failure> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let refuse = |message: String| Err(Failure::new(Failure::USAGE, message));
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

/// Puts a file that only its owner can read in the place of another.
pub(crate) fn replace(path: &Path, contents: &[u8]) -> Result<(), Failure> {
    let directory = path.parent().unwrap_or(Path::new("."));
    let written = private_directory(directory).and_then(|()| {
        let mut new = tempfile::NamedTempFile::new_in(directory)?;
        new.write_all(contents)?;
        new.as_file().sync_all()?;
        new.persist(path)?;
        Ok(())
    });
    written.map_err(|error| Failure::new(1, format!("cannot write {}: {error}", path.display())))
}

/// Makes a directory that only its owner can look into, unless it is there.
pub(crate) fn private_directory(path: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Keeps other processes from changing a file until what this gives is dropped.
pub(super) fn locked(path: &Path) -> Result<std::fs::File, Failure> {
    let mut name = path.to_owned().into_os_string();
    name.push(".lock");
    let locking = private_directory(path.parent().unwrap_or(Path::new("."))).and_then(|()| {
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(name)?;
        file.lock()?;
        Ok(file)
    });
    locking.map_err(|error| Failure::new(1, format!("cannot lock {}: {error}", path.display())))
}
