//! Waits for the calls of the async client on the calling thread, wherever that is allowed; what the calls do is
//! decided in the other rooms.

use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use tokio::runtime::{Builder, Handle};
use tokio::task::coop;

use crate::error::{Error, Result};

/// The runtime that the calls of a client run on.
#[derive(Clone)]
pub(crate) struct Runtime(Arc<Owned>);

struct Owned(Option<tokio::runtime::Runtime>);

impl Drop for Owned {
    fn drop(&mut self) {
        // Dropping a runtime waits for its tasks, which is not allowed inside async code.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl Runtime {
    pub(super) fn new() -> Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("org42")
            .enable_all()
            .build();
        let runtime = runtime.map_err(|reason| {
            Error::input("build the client", "no thread for it").because(reason)
        })?;
        Ok(Self(Arc::new(Owned(Some(runtime)))))
    }

    /// Waits for a call on this thread; refuses to if the thread drives async code.
    ///
    /// The call is polled here, while its connections and timers live on the runtime's own thread. `Runtime::block_on`
    /// would panic in a thread that has merely entered another runtime.
    pub(crate) fn wait<T>(&self, call: impl Future<Output = Result<T>>) -> Result<T> {
        let runtime = self.0.0.as_ref().filter(|_| !is_in_async_code());
        let Some(runtime) = runtime else {
            return Err(Error::input(
                "wait for an answer",
                "org42::blocking was called from async code, and would stop the thread that drives it",
            )
            .with_hint(
                "use org42::Client there, or call it within tokio::task::spawn_blocking or from a thread of its own",
            ));
        };
        let _entered = runtime.enter();
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        let mut context = Context::from_waker(&waker);
        let mut call = pin!(call);
        loop {
            match call.as_mut().poll(&mut context) {
                Poll::Ready(result) => return result,
                Poll::Pending => thread::park(),
            }
        }
    }

    /// Returns the next item of a stream; `None` from then on once the waiting itself was refused.
    pub(super) fn next<T>(
        &self,
        is_over: &mut bool,
        next: impl Future<Output = Result<Option<Result<T>>>>,
    ) -> Option<Result<T>> {
        if *is_over {
            return None;
        }
        self.wait(next).unwrap_or_else(|error| {
            *is_over = true;
            Some(Err(error))
        })
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Runtime")
    }
}

/// Wakes a thread that is parked.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Returns whether this thread drives async code of tokio, so that nothing may block it.
///
/// A task of tokio has a budget of a few operations, after which it has to yield. Where blocking is allowed
/// (`spawn_blocking`, `block_in_place`, a thread that has merely entered a runtime) there is no such budget. A task
/// without a budget (`unconstrained`) looks the same: there the call blocks, and still ends, since it does not need
/// the thread.
fn is_in_async_code() -> bool {
    /// More operations than any budget allows.
    const MOST: usize = 1024;
    if Handle::try_current().is_err() {
        return false;
    }
    let mut context = Context::from_waker(Waker::noop());
    let mut taken = Vec::new();
    let is_limited = loop {
        match coop::poll_proceed(&mut context) {
            Poll::Pending => break true,
            Poll::Ready(_) if taken.len() == MOST => break false,
            Poll::Ready(one) => taken.push(one),
        }
    };
    // Each one restores the budget that was left before it was taken, so the last has to be dropped first.
    while taken.pop().is_some() {}
    is_limited
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn async_code_is_known_wherever_it_runs() {
        assert!(!is_in_async_code());
        for mut builder in [Builder::new_current_thread(), Builder::new_multi_thread()] {
            let runtime = builder.build().unwrap();
            {
                let _entered = runtime.enter();
                assert!(!is_in_async_code());
            }
            runtime.block_on(async {
                assert!(is_in_async_code());
                assert!(coop::has_budget_remaining(), "it is as it was");
                assert!(tokio::spawn(async { is_in_async_code() }).await.unwrap());
                let within = tokio::task::spawn_blocking(is_in_async_code);
                assert!(!within.await.unwrap());
                assert!(is_in_async_code(), "also a second time");
            });
        }
        let runtime = Builder::new_multi_thread().build().unwrap();
        let within = runtime.block_on(async {
            let task = tokio::spawn(async { tokio::task::block_in_place(is_in_async_code) });
            task.await.unwrap()
        });
        assert!(!within);
    }
}
