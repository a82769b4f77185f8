//! Profiles: a tenant and a caller under a name. Belongs here: their file, their secrets, and where both are kept. Does not:
//! arguments, questions, and connections.

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
pub(crate) use secrets::{SecretKind, Secrets};
pub(crate) use writing::private_directory;

/// The name that stands for the embedded tenant, which needs no profile.
pub(crate) const EMBEDDED: &str = "embedded";
