//! Profiles: tenants by name, and who one is there.

mod commands;
mod file;
mod given;
mod import;
mod secrets;

pub(crate) use commands::{check_username, named, run};
pub(crate) use file::{Profile, Profiles, private_directory};
pub(crate) use given::{first_line, from_stdin};
pub(crate) use import::Tool;
pub(crate) use secrets::{Kind, Secrets};

use std::path::PathBuf;

use etcetera::BaseStrategy as _;

use crate::exit::Failure;

/// The name of the tenant that needs no profile.
pub(crate) const EMBEDDED: &str = "embedded";

/// Where this user's files are, by what they are for.
pub(crate) struct Places {
    /// What the user may edit.
    pub(crate) config: PathBuf,
    /// What is kept.
    pub(crate) data: PathBuf,
    /// What can be lost.
    pub(crate) cache: PathBuf,
}

impl Places {
    pub(crate) fn of_user() -> Result<Self, Failure> {
        let base = etcetera::choose_base_strategy().map_err(|error| {
            Failure::new(1, format!("cannot tell the user's directories: {error}"))
        })?;
        Ok(Self {
            config: base.config_dir().join("org42"),
            data: base.data_dir().join("org42"),
            cache: base.cache_dir().join("org42"),
        })
    }

    /// Where the token of a profile is kept between commands.
    pub(crate) fn token(&self, profile: &str) -> PathBuf {
        self.cache.join("tokens").join(format!("{profile}.json"))
    }
}
