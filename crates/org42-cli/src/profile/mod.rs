//! Profiles: tenants by name, and who one is there.

mod about;
mod commands;
mod create;
mod document;
mod file;
mod given;
mod import;
mod places;
mod secrets;
mod update;
pub(crate) mod words;
mod writing;

pub(crate) use about::named;
pub(crate) use commands::run;
pub(crate) use create::check_username;
pub(crate) use file::{Profile, Profiles, SecretPlace};
pub(crate) use places::{ELSEWHERE, Places};
pub(crate) use secrets::{Kind, Secrets};
pub(crate) use writing::private_directory;

/// The name of the tenant that needs no profile.
pub(crate) const EMBEDDED: &str = "embedded";
