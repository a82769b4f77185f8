//! The deadlines of a connection.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::sync::watch;
use tokio::time::{Instant, Sleep, sleep_until};

use super::link::{Ending, Link};

/// A future-like watch of a connection: it reports when the client has exceeded its time, when the connection has to
/// end to make room, and when the server stops.
pub(super) struct Watch {
    link: Arc<Link>,
    sleep: Pin<Box<Sleep>>,
    stopping: Pin<Box<dyn Future<Output = ()> + Send>>,
    is_stopping: bool,
}

impl Watch {
    pub(super) fn over(link: Arc<Link>, mut stopped: watch::Receiver<()>) -> Self {
        let deadline = link.deadline().unwrap_or_else(Instant::now);
        Self {
            link,
            sleep: Box::pin(sleep_until(deadline)),
            // A dropped sender stops the server too.
            stopping: Box::pin(async move { drop(stopped.changed().await) }),
            is_stopping: false,
        }
    }

    /// Returns whether the server stops; wakes the task when it does.
    pub(super) fn is_stopping(&mut self, cx: &mut Context<'_>) -> bool {
        self.is_stopping = self.is_stopping || self.stopping.as_mut().poll(cx).is_ready();
        self.is_stopping
    }

    /// Returns how the connection ends, once it has to.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Ending> {
        self.link.task.register(cx.waker());
        if let Some(ending) = self.link.has_to_go() {
            return Poll::Ready(ending);
        }
        loop {
            let Some(deadline) = self.link.deadline() else {
                return Poll::Pending;
            };
            // A deadline that was moved to later is looked at again when the old one passes.
            if deadline < self.sleep.deadline() || self.sleep.is_elapsed() {
                self.sleep.as_mut().reset(deadline);
            }
            ready!(self.sleep.as_mut().poll(cx));
            if let Some(ending) = self.link.is_overdue() {
                return Poll::Ready(ending);
            }
        }
    }

    /// Runs `work` and returns its result, unless the connection has to end before.
    ///
    /// # Errors
    ///
    /// The way in which the connection ends.
    pub(super) async fn during<T>(&mut self, work: impl Future<Output = T>) -> Result<T, Ending> {
        let mut work = pin!(work);
        poll_fn(|cx| {
            if let Poll::Ready(done) = work.as_mut().poll(cx) {
                return Poll::Ready(Ok(done));
            }
            self.poll(cx).map(Err)
        })
        .await
    }

    /// Runs `work` as [`during`](Self::during) does, but ends at once when the server stops, since no request is in
    /// progress.
    ///
    /// # Errors
    ///
    /// The way in which the connection ends.
    pub(super) async fn before_a_request<T>(
        &mut self,
        work: impl Future<Output = T>,
    ) -> Result<T, Ending> {
        let mut work = pin!(work);
        poll_fn(|cx| {
            if let Poll::Ready(done) = work.as_mut().poll(cx) {
                return Poll::Ready(Ok(done));
            }
            match self.is_stopping(cx) {
                true => Poll::Ready(Err(Ending::Silent)),
                false => self.poll(cx).map(Err),
            }
        })
        .await
    }
}
