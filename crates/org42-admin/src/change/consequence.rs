//! What follows from a change.

use std::fmt;

use org42::{Lifecycle, SettingsGroup};

/// What follows from a change. [`Display`](fmt::Display) says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Consequence {
    /// Nobody can log in, no device can register; backups go on.
    LoginsEnd,
    /// Organizations are free again; their users stay blocked.
    UsersStayBlocked,
    /// Logins and backups stop, archives go to cold storage.
    BackupsEnd,
    /// Logins are possible; backups do not start by themselves.
    BackupsWait,
    /// A group of settings that was inherited becomes the organization's own.
    EndsInheritance(SettingsGroup),
}

impl From<Lifecycle> for Consequence {
    fn from(lifecycle: Lifecycle) -> Self {
        match lifecycle {
            Lifecycle::Block => Self::LoginsEnd,
            Lifecycle::Unblock => Self::UsersStayBlocked,
            Lifecycle::Deactivate => Self::BackupsEnd,
            // Reactivate, and what a later version adds without a word of its own.
            _ => Self::BackupsWait,
        }
    }
}

impl fmt::Display for Consequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LoginsEnd => {
                "nobody in it can log in and no device can register; backups go on"
            }
            Self::UsersStayBlocked => {
                "its organizations are free again; its users stay blocked until each is unblocked"
            }
            Self::BackupsEnd => {
                "logins and backups stop, and archives go to cold storage, from where they are purged"
            }
            Self::BackupsWait => "logins are possible again; backups do not start by themselves",
            Self::EndsInheritance(group) => {
                write!(
                    f,
                    "this ends the inheritance of {group}: the organization keeps what it has now, and what is changed \
                     above no longer reaches it"
                )?;
                return match group.switch() {
                    Some(_) => Ok(()),
                    None => f.write_str("; there is no way back to inheriting it"),
                };
            }
        })
    }
}
