//! What a profile is: a tenant by name, and who one is there. Its file, its secrets, and where they are.

mod document;
mod file;
mod keyring;
mod password_command;
mod places;
mod secrets;
mod writing;

pub(crate) use file::{Profile, Profiles, SecretPlace};
pub(crate) use password_command::from_command;
pub(crate) use places::{ELSEWHERE, Places, home};
pub(crate) use secrets::{Kind, Secrets};
pub(crate) use writing::private_directory;

/// The name of the tenant that needs no profile.
pub(crate) const EMBEDDED: &str = "embedded";
