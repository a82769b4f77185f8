//! Where this user's files are. Without a home there are none, and commands that need none work all the same.

use std::path::{Path, PathBuf};

use crate::env::{Environment, HOME, Variable, XDG_CACHE_HOME, XDG_CONFIG_HOME, XDG_DATA_HOME};
use crate::exit::Failure;

/// The user's directories by what they are for, or why there is none.
pub(crate) struct Places {
    config: Result<PathBuf, String>,
    data: Result<PathBuf, String>,
    cache: Result<PathBuf, String>,
}

impl Places {
    pub(crate) fn of_user(environment: &Environment) -> Self {
        let place = |own, below| {
            directory(environment, own, below).map(|directory| directory.join("org42"))
        };
        Self {
            config: place(&XDG_CONFIG_HOME, ".config"),
            data: place(&XDG_DATA_HOME, ".local/share"),
            cache: place(&XDG_CACHE_HOME, ".cache"),
        }
    }

    /// Returns the file of profiles, or why there is no place for one.
    pub(crate) fn profiles(&self) -> Result<PathBuf, &str> {
        let config = self.config.as_ref().map_err(String::as_str)?;
        Ok(config.join("config.toml"))
    }

    /// Returns the file for secrets where there is no keyring, or why there is no place for one.
    pub(crate) fn secrets(&self) -> Result<PathBuf, &str> {
        let data = self.data.as_ref().map_err(String::as_str)?;
        Ok(data.join("secrets.toml"))
    }

    /// Returns the directory of the embedded tenant.
    pub(crate) fn tenant(&self) -> Result<&Path, Failure> {
        match &self.data {
            Ok(data) => Ok(data),
            Err(why) => Err(Failure::failed(format!(
                "there is no place for a tenant: {why}; {ELSEWHERE}"
            ))),
        }
    }

    /// Returns the file that keeps the token of a profile between commands.
    pub(crate) fn token(&self, profile: &str) -> Option<PathBuf> {
        let cache = self.cache.as_ref().ok()?;
        Some(cache.join("tokens").join(format!("{profile}.json")))
    }
}

/// Advice where there is no home.
pub(crate) const ELSEWHERE: &str = "set XDG_DATA_HOME to a directory that can be written, give --data DIR where a command has \
                                    it, or name another tenant by --url HOST";

#[cfg(unix)]
fn directory(
    environment: &Environment,
    own: &Variable,
    below_home: &str,
) -> Result<PathBuf, String> {
    // As the XDG specification has it, a relative path counts as none.
    match environment.path(own).filter(|path| path.is_absolute()) {
        Some(directory) => Ok(directory),
        None => Ok(home(environment)?.join(below_home)),
    }
}

/// Returns the home of this user.
#[cfg(unix)]
pub(crate) fn home(environment: &Environment) -> Result<PathBuf, String> {
    match environment.path(&HOME) {
        Some(home) if home.is_absolute() => Ok(home),
        Some(_) => Err("HOME is not an absolute path".to_owned()),
        None => Err("HOME is not set".to_owned()),
    }
}

#[cfg(not(unix))]
fn directory(_: &Environment, own: &Variable, _: &str) -> Result<PathBuf, String> {
    use etcetera::BaseStrategy as _;
    let base = etcetera::choose_base_strategy().map_err(|error| error.to_string())?;
    Ok(match own.name {
        name if name == XDG_CONFIG_HOME.name => base.config_dir(),
        name if name == XDG_DATA_HOME.name => base.data_dir(),
        _ => base.cache_dir(),
    })
}

/// Returns the home of this user.
#[cfg(not(unix))]
pub(crate) fn home(_: &Environment) -> Result<PathBuf, String> {
    etcetera::home_dir().map_err(|error| error.to_string())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_user_without_a_home_has_only_what_is_said() {
        let read = |pairs: &[(&'static str, &str)]| {
            let places = Places::of_user(&Environment::of(pairs));
            let config = places.profiles().map_err(str::to_owned);
            let config = config.map(|path| path.display().to_string());
            (config, places.tenant().is_ok(), places.token("p").is_some())
        };
        let at = |path: &str| Ok(path.to_owned());
        let none = |why: &str| Err(why.to_owned());
        assert_eq!(
            read(&[("HOME", "/h")]),
            (at("/h/.config/org42/config.toml"), true, true)
        );
        assert_eq!(read(&[]), (none("HOME is not set"), false, false));
        assert_eq!(
            read(&[("HOME", "")]),
            (none("HOME is not set"), false, false)
        );
        assert_eq!(
            read(&[("HOME", "x")]),
            (none("HOME is not an absolute path"), false, false)
        );
        assert_eq!(
            read(&[("XDG_CONFIG_HOME", "/c"), ("XDG_DATA_HOME", "d")]),
            (at("/c/org42/config.toml"), false, false)
        );
        assert_eq!(
            read(&[("XDG_CONFIG_HOME", "c"), ("HOME", "/h")]),
            (at("/h/.config/org42/config.toml"), true, true)
        );
    }
}
