//! Points in time by which something has to be done; waiting for nothing in particular is not here.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

/// Until when something may take, if there is an end to it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(Option<Instant>);

/// It was not done in time.
#[derive(Debug)]
pub(crate) struct Elapsed;

impl Deadline {
    pub(crate) const NEVER: Self = Self(None);

    /// So much later than now; a time beyond the calendar never comes.
    pub(crate) fn after(duration: Duration) -> Self {
        Self(Instant::now().checked_add(duration))
    }

    /// The earlier of both.
    pub(crate) fn or_sooner(self, other: Self) -> Self {
        Self(match (self.0, other.0) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        })
    }

    /// Whether so much time is left.
    pub(crate) fn leaves(self, duration: Duration) -> bool {
        self.0
            .is_none_or(|end| end.saturating_duration_since(Instant::now()) > duration)
    }

    /// Waits, but no longer than to this point.
    pub(crate) async fn within<T>(self, work: impl Future<Output = T>) -> Result<T, Elapsed> {
        match self.0 {
            Some(end) => timeout_at(end, work).await.map_err(|_| Elapsed),
            None => Ok(work.await),
        }
    }
}
