//! Blocking, unblocking, deactivating and reactivating an organization with what is below it.

use std::fmt;

use org42::{Endpoint, Org, endpoints};

use super::consequence::Consequence;

/// What is done to the state of an organization and of what is below it. [`Display`](fmt::Display) is the verb.
///
/// ```
/// use org42_admin::change::Lifecycle;
///
/// assert_eq!(Lifecycle::Deactivate.to_string(), "deactivate");
/// assert_eq!(Lifecycle::Deactivate.done(), "deactivated");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Lifecycle {
    /// No logins, no registrations; backups go on.
    Block,
    /// The block is removed from organizations; users stay blocked.
    Unblock,
    /// Backups stop, archives go to cold storage.
    Deactivate,
    /// Active again; backups do not start by themselves.
    Reactivate,
}

impl Lifecycle {
    /// Returns the verb: `block`.
    #[must_use]
    pub fn verb(self) -> &'static str {
        match self {
            Self::Block => "block",
            Self::Unblock => "unblock",
            Self::Deactivate => "deactivate",
            Self::Reactivate => "reactivate",
        }
    }

    /// Returns what an organization is afterwards: `blocked`.
    #[must_use]
    pub fn done(self) -> &'static str {
        match self {
            Self::Block => "blocked",
            Self::Unblock => "unblocked",
            Self::Deactivate => "deactivated",
            Self::Reactivate => "reactivated",
        }
    }

    /// Returns the route.
    #[must_use]
    pub fn endpoint(self) -> Endpoint {
        match self {
            Self::Block => endpoints::ORGS_BLOCK,
            Self::Unblock => endpoints::ORGS_UNBLOCK,
            Self::Deactivate => endpoints::ORGS_DEACTIVATE,
            Self::Reactivate => endpoints::ORGS_ACTIVATE,
        }
    }

    /// Returns what follows from it.
    #[must_use]
    pub fn consequence(self) -> Consequence {
        match self {
            Self::Block => Consequence::LoginsEnd,
            Self::Unblock => Consequence::UsersStayBlocked,
            Self::Deactivate => Consequence::BackupsEnd,
            Self::Reactivate => Consequence::BackupsWait,
        }
    }

    /// Returns whether the server refuses it below such a parent.
    pub(super) fn is_refused_below(self, parent: &Org) -> bool {
        let is_blocked = parent.blocked == Some(true);
        match self {
            Self::Unblock => is_blocked,
            Self::Reactivate => is_blocked || parent.active == Some(false),
            Self::Block | Self::Deactivate => false,
        }
    }
}

impl fmt::Display for Lifecycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.verb())
    }
}

/// What a change of state reaches; part of a [`Preview`](super::Preview). [`Display`](fmt::Display) says it in a line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reach {
    /// The organization's number, or its guid where there is none.
    pub key: String,
    /// The path of the organization.
    pub path: String,
    /// How many organizations are below it.
    pub organizations_below: usize,
    /// How many active users are in it and below it, if the server counted.
    pub users: Option<u64>,
    /// How many active devices are in it and below it, if the server counted.
    pub devices: Option<u64>,
}

/// `2 organizations below it, 3 active users, 4 active devices`
impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let below = self.organizations_below;
        let noun = if below == 1 {
            "organization"
        } else {
            "organizations"
        };
        let count = |number: Option<u64>| match number {
            Some(number) => number.to_string(),
            None => "an unknown number of".to_owned(),
        };
        let (users, devices) = (count(self.users), count(self.devices));
        write!(
            f,
            "{below} {noun} below it, {users} active users, {devices} active devices"
        )
    }
}
