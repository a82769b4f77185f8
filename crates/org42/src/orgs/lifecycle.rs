//! The four changes of an organization's state.

use std::fmt;

use org42_types::{Endpoint, Org, endpoints};

/// What is done to the state of an organization and of what is below it. [`Display`](fmt::Display) is the verb.
///
/// ```
/// use org42::{Lifecycle, Org};
///
/// assert_eq!(Lifecycle::Deactivate.to_string(), "deactivate");
/// assert_eq!(Lifecycle::Deactivate.done(), "deactivated");
/// let org = Org::from_json(r#"{"orgId": 42, "orgName": "Paris", "blocked": true}"#)?;
/// assert_eq!(Lifecycle::Block.is_reached_by(&org), Some(true));
/// # Ok::<(), serde_json::Error>(())
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

    /// Returns whether an organization is in the state that this leads to; `None` if its document does not say.
    #[must_use]
    pub fn is_reached_by(self, org: &Org) -> Option<bool> {
        match self {
            Self::Block => org.blocked,
            Self::Unblock => org.blocked.map(|blocked| !blocked),
            Self::Deactivate => org.active.map(|active| !active),
            Self::Reactivate => org.active,
        }
    }

    /// Returns what an organization is that was not changed: `still not blocked`.
    pub(crate) fn undone(self) -> &'static str {
        match self {
            Self::Block => "still not blocked",
            Self::Unblock => "still blocked",
            Self::Deactivate => "still active",
            Self::Reactivate => "still not active",
        }
    }
}

impl fmt::Display for Lifecycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.verb())
    }
}
