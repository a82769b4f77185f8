//! Deadlines: points in time by which work has to be done.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

/// The time until which something may take; it may have no end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(Option<Instant>);

/// The error of work that was not done in time.
#[derive(Debug)]
pub(crate) struct Elapsed;

impl Deadline {
    pub(crate) const NEVER: Self = Self(None);

    /// Returns the time that is `duration` from now; one beyond the range of the clock never comes.
    pub(crate) fn after(duration: Duration) -> Self {
        Self(Instant::now().checked_add(duration))
    }

    /// Returns the earlier of two deadlines.
    pub(crate) fn or_sooner(self, other: Self) -> Self {
        Self(match (self.0, other.0) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        })
    }

    /// Returns whether more than `duration` is left.
    pub(crate) fn leaves(self, duration: Duration) -> bool {
        self.0
            .is_none_or(|end| end.saturating_duration_since(Instant::now()) > duration)
    }

    /// Runs some work until the deadline at the latest.
    pub(crate) async fn within<T>(self, work: impl Future<Output = T>) -> Result<T, Elapsed> {
        match self.0 {
            Some(end) => timeout_at(end, work).await.map_err(|_| Elapsed),
            None => Ok(work.await),
        }
    }
}
