//! Deadlines: points in time by which work has to be done, and the order to stop.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// The time until which something may take; it may have no end, and may be brought forward by an order to stop.
#[derive(Clone, Debug)]
pub(crate) struct Deadline {
    end: Option<Instant>,
    stop: Option<Arc<StopOrder>>,
}

/// Why work was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Elapsed {
    Late,
    Stopped,
}

/// The time at which all work of a client stops, once that is ordered.
#[derive(Debug)]
pub(crate) struct StopOrder(watch::Sender<Option<Instant>>);

impl Default for StopOrder {
    fn default() -> Self {
        Self(watch::Sender::new(None))
    }
}

impl StopOrder {
    /// Orders to stop at a time, or sooner if that was ordered already.
    pub(crate) fn give(&self, at: Instant) {
        self.0.send_modify(|order| {
            *order = Some(order.map_or(at, |before| before.min(at)));
        });
    }

    fn at(&self) -> Option<Instant> {
        *self.0.borrow()
    }

    /// Waits until the ordered time is reached.
    async fn reached(&self) {
        let mut order = self.0.subscribe();
        loop {
            let at = *order.borrow_and_update();
            let sooner = async {
                match order.changed().await {
                    Ok(()) => {}
                    Err(_) => pending().await,
                }
            };
            match at {
                Some(at) => tokio::select! {
                    () = sleep_until(at) => return,
                    () = sooner => {}
                },
                None => sooner.await,
            }
        }
    }
}

impl Deadline {
    pub(crate) const NEVER: Self = Self {
        end: None,
        stop: None,
    };

    /// Returns the time that is `duration` from now; one beyond the range of the clock never comes.
    pub(crate) fn after(duration: Duration) -> Self {
        Self {
            end: Instant::now().checked_add(duration),
            stop: None,
        }
    }

    /// Returns the same deadline, brought forward when it is ordered to stop.
    pub(crate) fn or_stopped(self, stop: &Arc<StopOrder>) -> Self {
        Self {
            stop: Some(Arc::clone(stop)),
            ..self
        }
    }

    /// Returns the same deadline, or the time that is `duration` from now if that is sooner.
    pub(crate) fn or_after(&self, duration: Duration) -> Self {
        let other = Instant::now().checked_add(duration);
        Self {
            end: match (self.end, other) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            },
            stop: self.stop.clone(),
        }
    }

    /// Returns why nothing is begun any more, if that is so.
    pub(crate) fn elapsed(&self) -> Option<Elapsed> {
        let now = Instant::now();
        let is_over = |end: Option<Instant>| end.is_some_and(|end| end <= now);
        if is_over(self.stopped_at()) {
            return Some(Elapsed::Stopped);
        }
        is_over(self.end).then_some(Elapsed::Late)
    }

    fn stopped_at(&self) -> Option<Instant> {
        self.stop.as_ref()?.at()
    }

    /// Returns whether more than `duration` is left.
    pub(crate) fn leaves(&self, duration: Duration) -> bool {
        let ends = [self.end, self.stopped_at()].into_iter().flatten();
        let now = Instant::now();
        ends.map(|end| end.saturating_duration_since(now))
            .all(|left| left > duration)
    }

    /// Runs some work until the deadline at the latest; after it, none is begun.
    pub(crate) async fn within<T>(&self, work: impl Future<Output = T>) -> Result<T, Elapsed> {
        if let Some(elapsed) = self.elapsed() {
            return Err(elapsed);
        }
        let late = async {
            match self.end {
                Some(end) => sleep_until(end).await,
                None => pending().await,
            }
        };
        let stopped = async {
            match &self.stop {
                Some(stop) => stop.reached().await,
                None => pending().await,
            }
        };
        tokio::select! {
            biased;
            done = work => Ok(done),
            () = stopped => Err(Elapsed::Stopped),
            () = late => Err(Elapsed::Late),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_order_to_stop_ends_what_is_under_way_and_is_only_brought_forward() {
        let stop = Arc::new(StopOrder::default());
        let deadline = Deadline::after(Duration::from_secs(60)).or_stopped(&stop);
        assert!(deadline.leaves(Duration::from_secs(59)));
        let started = Instant::now();
        let order = async {
            stop.give(started + Duration::from_secs(5));
            stop.give(started + Duration::from_secs(9));
            pending::<()>().await
        };
        let ended = tokio::select! {
            ended = deadline.within(pending::<()>()) => ended,
            () = order => unreachable!(),
        };
        assert_eq!(ended, Err(Elapsed::Stopped));
        assert_eq!(started.elapsed().as_secs(), 5);
        assert!(!deadline.leaves(Duration::ZERO));
        assert_eq!(deadline.within(async {}).await, Err(Elapsed::Stopped));
        let late = Deadline::NEVER.or_after(Duration::from_secs(1));
        assert_eq!(late.within(pending::<()>()).await, Err(Elapsed::Late));
    }
}
