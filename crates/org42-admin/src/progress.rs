//! How far work on many organizations has come, for the program that shows it, and whether to go on.

use std::fmt;

/// How far some work has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// What is counted.
    pub items: Items,
    /// How many are done.
    pub done: usize,
    /// How many there are, as far as that is known.
    pub total: usize,
}

/// What is counted. [`Display`](fmt::Display) is its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Items {
    /// Organizations.
    Organizations,
    /// Users.
    Users,
    /// Devices.
    Devices,
}

impl fmt::Display for Items {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Organizations => "organizations",
            Self::Users => "users",
            Self::Devices => "devices",
        })
    }
}

impl Progress {
    pub(crate) fn new(items: Items, done: usize, total: usize) -> Self {
        Self { items, done, total }
    }
}

/// Watches work on many things, and may stop it.
///
/// `()` watches nothing.
///
/// ```
/// use org42_admin::{Observer, Progress};
///
/// struct Lines;
///
/// impl Observer for Lines {
///     fn progress(&self, progress: Progress) {
///         println!("{} of {} {}", progress.done, progress.total, progress.items);
///     }
/// }
/// ```
pub trait Observer: Send + Sync {
    /// Notes how far the work has come. Called once with nothing done, and whenever something is.
    fn progress(&self, progress: Progress) {
        let _ = progress;
    }

    /// Returns whether no further organization is to be begun. Those in work are finished, and what was not tried is
    /// part of the report.
    fn is_stopped(&self) -> bool {
        false
    }
}

impl Observer for () {}
