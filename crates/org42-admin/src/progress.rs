//! How far work on many organizations has come, for the program that shows it, and whether to go on.

/// How far some work has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// How many organizations are done.
    pub done: usize,
    /// How many there are.
    pub total: usize,
}

impl Progress {
    pub(crate) fn new(done: usize, total: usize) -> Self {
        Self { done, total }
    }
}

/// Watches work on many organizations, and may stop it.
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
///         println!("{} of {}", progress.done, progress.total);
///     }
/// }
/// ```
pub trait Observer: Send + Sync {
    /// Notes how far the work has come. Called once with nothing done, and after each organization.
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
