//! Limits how many requests use the tenant at once: a number in each lane, while the others wait without a thread.
//!
//! Reading never waits for changing, and looking something up never waits for a list that reads everything.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

use crate::domain::TenantRefusal;
use crate::store::StoreError;

/// The lanes in which requests wait for their turn.
#[derive(Debug)]
pub(crate) struct Lanes {
    /// Look-ups.
    pub(super) reads: Lane,
    /// Pages that are read without going through the rows before them.
    pages: Lane,
    /// Lists that read a large part of the tenant.
    pub(super) scans: Lane,
    /// Changes that the store decides next: twice as many as it commits at once, so that it never waits for them.
    pub(super) changes: Lane,
    /// Work on the whole tenant.
    pub(super) whole: Lane,
}

impl Default for Lanes {
    fn default() -> Self {
        Self {
            reads: Lane::new(8, 4_096),
            pages: Lane::new(4, 1_024),
            scans: Lane::new(2, 256),
            changes: Lane::new(128, 2_048),
            whole: Lane::new(2, 64),
        }
    }
}

impl Lanes {
    /// Returns the lane of a list, by whether it means reading everything.
    pub(super) fn for_list(&self, needs_all: bool) -> &Lane {
        if needs_all { &self.scans } else { &self.pages }
    }
}

/// A lane: first come, first served.
#[derive(Debug)]
pub(super) struct Lane {
    at_once: Arc<Semaphore>,
    places: Semaphore,
}

impl Lane {
    /// Returns a lane in which `at_once` requests run at the same time, and at most `waiting` wait.
    fn new(at_once: usize, waiting: usize) -> Self {
        Self {
            at_once: Arc::new(Semaphore::new(at_once)),
            places: Semaphore::new(waiting.saturating_add(at_once).min(Semaphore::MAX_PERMITS)),
        }
    }

    /// Waits for a turn, which lasts until its permit is dropped. The first permit is the place among those that
    /// wait.
    ///
    /// # Errors
    ///
    /// [`TenantRefusal::Busy`] when too many wait already.
    pub(super) async fn turn(
        &self,
    ) -> Result<(SemaphorePermit<'_>, OwnedSemaphorePermit), TenantRefusal> {
        let place = self.places.try_acquire();
        let place = place.map_err(|_| TenantRefusal::Busy(1))?;
        let turn = self.at_once.clone().acquire_owned().await;
        Ok((place, turn.map_err(|_| TenantRefusal::Busy(1))?))
    }

    /// Runs `work` in its turn, on a thread for blocking work.
    ///
    /// Work that was begun is finished even if the client goes away meanwhile; work that was not is dropped.
    ///
    /// # Errors
    ///
    /// As for [`turn`](Self::turn), and the error that `work` returns.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, TenantRefusal> + Send + 'static,
    ) -> Result<T, TenantRefusal> {
        let (_place, turn) = self.turn().await?;
        let working = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        });
        working
            .await
            .unwrap_or_else(|gone| Err(StoreError::failed(gone).into()))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn who_finds_no_place_is_refused_and_who_goes_away_leaves_theirs() {
        let lane = Arc::new(Lane::new(1, 1));
        let (end, ended) = std::sync::mpsc::channel::<()>();
        let waits = move || Ok(ended.recv().is_ok());
        let first = tokio::spawn({
            let lane = lane.clone();
            async move { lane.run(waits).await }
        });
        while lane.at_once.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let mut second = Box::pin(lane.run(|| Ok(())));
        assert!((&mut second).now_or_never().is_none());
        let third = lane.run(|| Ok(())).await;
        assert!(matches!(third, Err(TenantRefusal::Busy(_))), "{third:?}");
        drop(second);
        let mut fourth = Box::pin(lane.run(|| Ok(4)));
        assert!((&mut fourth).now_or_never().is_none());
        drop(end);
        assert_eq!(fourth.await.ok(), Some(4));
        assert!(first.await.is_ok_and(|done| done.is_ok()));
    }
}
