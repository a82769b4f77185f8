//! What was done.

use std::fmt;

use org42::{Lifecycle, Org};

use crate::report::SettingsReport;

/// What was done by a [`Plan`](super::Plan) that was carried out. [`Display`](fmt::Display) says it in a line.
///
/// ```no_run
/// # async fn run(plan: org42_admin::Plan) -> Result<(), org42_admin::Error> {
/// use org42_admin::Applied;
///
/// match plan.apply().await? {
///     Applied::Created(org) => println!("its id is {}", org.key()),
///     Applied::Settings(report) => println!("{} settings are in force", report.done().count()),
///     other => println!("{other}"),
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Applied {
    /// An organization was created; as it was read back.
    Created(Box<Org>),
    /// An organization was changed; as it was read back.
    Updated(Box<Org>),
    /// The state of an organization was changed.
    #[non_exhaustive]
    Lifecycle {
        /// What was done.
        lifecycle: Lifecycle,
        /// The organization as it was before; servers rename one that is deactivated.
        before: Box<Org>,
        /// The organization as it was read back.
        org: Box<Org>,
    },
    /// All settings are in force.
    Settings(SettingsReport),
}

impl Applied {
    /// Returns the organization that was created or changed, as the variant says; none where it was settings.
    #[must_use]
    pub fn org(&self) -> Option<&Org> {
        match self {
            Self::Created(org) | Self::Updated(org) | Self::Lifecycle { org, .. } => Some(org),
            Self::Settings(_) => None,
        }
    }
}

impl fmt::Display for Applied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (done, org) = match self {
            Self::Created(org) => ("created", org),
            Self::Updated(org) => ("updated", org),
            Self::Lifecycle {
                lifecycle,
                before,
                org,
            } => match lifecycle {
                // It may have its old name again.
                Lifecycle::Reactivate => (lifecycle.done(), org),
                _ => (lifecycle.done(), before),
            },
            Self::Settings(report) => return report.fmt(f),
        };
        write!(f, "{done} {:?} (id {})", org.org_name, org.key())
    }
}
