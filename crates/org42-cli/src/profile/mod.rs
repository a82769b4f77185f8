//! Profiles: tenants by name, and who one is there.

mod commands;
mod create;
mod document;
mod file;
mod given;
mod import;
mod places;
mod secrets;
mod update;
mod writing;

pub(crate) use commands::{named, run};
pub(crate) use create::check_username;
pub(crate) use file::{Profile, Profiles, SecretPlace};
pub(crate) use import::Tool;
pub(crate) use places::{ELSEWHERE, Places};
pub(crate) use secrets::{Kind, Secrets};
pub(crate) use writing::private_directory;

/// The name of the tenant that needs no profile.
pub(crate) const EMBEDDED: &str = "embedded";
