//! What would refuse a change, known before it is sent.

use std::fmt;

use org42::Org;

use crate::text::one_line;

/// Why a change would be refused, as far as the listing and the SDK know before anything is sent.
///
/// Part of a [`Preview`](crate::Preview). [`Invalid`](Self::Invalid) is final: the SDK refuses to send it, in a real run
/// too. The others are foreseen from the listing, and in a real run the server decides. [`Display`](fmt::Display) is for
/// people.
///
/// ```no_run
/// # async fn run(plan: org42_admin::Plan) -> Result<(), org42_admin::Error> {
/// use org42_admin::Refusal;
///
/// for refusal in plan.preview().await?.refusals {
///     match refusal {
///         Refusal::NameTaken { parent, name } => println!("{} has a {name} already", parent.org_name),
///         other => println!("{other}"),
///     }
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Refusal {
    /// What is blocked or deactivated above cannot be lifted below.
    BelowClosed {
        /// The organization right above.
        parent: Box<Org>,
    },
    /// Nothing can be created below an organization that is blocked or deactivated.
    ParentClosed {
        /// The organization below which the new one would be.
        parent: Box<Org>,
    },
    /// Siblings have different names.
    NameTaken {
        /// The organization that has such a child already.
        parent: Box<Org>,
        /// The name.
        name: String,
    },
    /// The caller's own organization would be closed with it, or the whole tenant.
    LocksOut {
        /// The organization that would be blocked or deactivated.
        org: Box<Org>,
    },
    /// The roles of the signed-in person do not allow it.
    NotAllowed {
        /// The names of the roles.
        roles: String,
    },
    /// What the change needs cannot be read.
    Unread(org42::Error),
    /// The SDK does not send it.
    Invalid(org42::Error),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BelowClosed { parent } => write!(
                f,
                "this would be refused: its parent {:?} is blocked or deactivated",
                parent.org_name
            ),
            Self::ParentClosed { parent } => {
                let state = match parent.active {
                    Some(false) => "deactivated",
                    _ => "blocked",
                };
                let name = &parent.org_name;
                write!(f, "{name:?} is {state}, so nothing can be created below it")
            }
            Self::NameTaken { parent, name } => {
                write!(
                    f,
                    "{:?} has a child called {name:?} already",
                    parent.org_name
                )
            }
            Self::LocksOut { org } => write!(
                f,
                "this would be refused: {:?} is the top of the tenant, or your own organization is in it",
                org.org_name
            ),
            Self::NotAllowed { roles } => write!(
                f,
                "this would be refused: your roles do not allow it ({})",
                one_line(roles, 200)
            ),
            Self::Unread(error) | Self::Invalid(error) => error.fmt(f),
        }
    }
}
