//! The thread that commits: writes wait in line for it, first come, first served, and those that wait together share
//! a commit.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use super::{Extent, StoreError, Write};

/// How many writes share a commit at most, so that the first of them does not wait long for the last.
const AT_ONCE: usize = 64;

/// The part of a backend that its writer needs: one transaction.
pub(super) trait Transact: Send + Sync + 'static {
    /// Runs `writes` in one transaction, in this order, and commits their decisions.
    ///
    /// Returns how each write has ended, for as many of the first ones as fitted into the transaction, one at least.
    /// A write that is [whole](Extent::Whole) comes alone.
    fn transact(&self, writes: &mut [Box<dyn Write>]) -> Result<Vec<Ended>, Failed>;
}

/// The end of a write: as it decided, or by a failure of its own.
pub(super) type Ended = Result<(), StoreError>;

/// The reason why nothing was committed.
pub(super) enum Failed {
    /// No transaction can be begun, for any write.
    Begin(StoreError),
    /// The transaction failed, perhaps because of one of the writes.
    Transaction(StoreError),
}

/// A queue of writes, and the thread that commits them.
pub(super) struct Writer {
    line: Arc<Line>,
    backend: Arc<dyn Transact>,
    /// The thread, begun with the first write.
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    pub(super) fn over(backend: Arc<dyn Transact>) -> Self {
        Self {
            line: Arc::default(),
            backend,
            thread: Mutex::default(),
        }
    }

    pub(super) fn submit(&self, write: Box<dyn Write>) {
        match self.begin() {
            Ok(()) => self.line.join(write),
            Err(error) => answer(write, Err(StoreError::failed(error))),
        }
    }

    fn begin(&self) -> std::io::Result<()> {
        let mut thread = lock(&self.thread);
        if thread.is_none() {
            let (line, backend) = (self.line.clone(), self.backend.clone());
            let builder = thread::Builder::new().name("org42-writer".to_owned());
            *thread = Some(builder.spawn(move || run(&line, &*backend))?);
        }
        Ok(())
    }
}

impl Drop for Writer {
    /// Waits until everything that was submitted is done.
    fn drop(&mut self) {
        self.line.close();
        let thread = lock(&self.thread).take();
        // The last write may own the store itself; then this runs on the writer's own thread, which ends by itself.
        if let Some(thread) = thread.filter(|one| one.thread().id() != thread::current().id()) {
            let _ = thread.join();
        }
    }
}

/// The writes that wait, in the order in which they came.
#[derive(Default)]
struct Line {
    state: Mutex<State>,
    arrived: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Box<dyn Write>>,
    is_closed: bool,
}

impl Line {
    fn join(&self, write: Box<dyn Write>) {
        lock(&self.state).waiting.push_back(write);
        self.arrived.notify_one();
    }

    fn close(&self) {
        lock(&self.state).is_closed = true;
        self.arrived.notify_one();
    }

    /// Returns all writes that wait, as soon as there is one; `None` when no more can come.
    fn take(&self) -> Option<VecDeque<Box<dyn Write>>> {
        let mut state = lock(&self.state);
        loop {
            if !state.waiting.is_empty() {
                return Some(std::mem::take(&mut state.waiting));
            }
            if state.is_closed {
                return None;
            }
            state = self
                .arrived
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

fn run(line: &Line, backend: &dyn Transact) {
    while let Some(mut waiting) = line.take() {
        while let Some(first) = waiting.pop_front() {
            let mut group = vec![first];
            let shares = |write: &dyn Write| write.extent() == Extent::Rows;
            let is_shared = shares(&*group[0]);
            while is_shared
                && group.len() < AT_ONCE
                && waiting.front().is_some_and(|next| shares(&**next))
            {
                group.extend(waiting.pop_front());
            }
            commit(backend, group);
        }
    }
}

/// Commits writes together as far as possible, and answers each of them.
fn commit(backend: &dyn Transact, mut group: Vec<Box<dyn Write>>) {
    while !group.is_empty() {
        match backend.transact(&mut group) {
            Ok(ends) if ends.is_empty() => {
                let error = StoreError::failed("the backend has run no write");
                return group
                    .into_iter()
                    .for_each(|write| answer(write, Err(error.clone())));
            }
            Ok(ends) => {
                for (write, end) in group.drain(..ends.len()).zip(ends) {
                    answer(write, end);
                }
            }
            // One write's failure must not fail the others, so each is tried alone.
            Err(Failed::Transaction(_)) if group.len() > 1 => {
                return group
                    .into_iter()
                    .for_each(|write| commit(backend, vec![write]));
            }
            Err(Failed::Begin(error) | Failed::Transaction(error)) => {
                return group
                    .into_iter()
                    .for_each(|write| answer(write, Err(error.clone())));
            }
        }
    }
}

/// Answers a write; the thread goes on even if the receiver panics.
fn answer(write: Box<dyn Write>, end: Ended) {
    let _ = catch_unwind(AssertUnwindSafe(|| write.done(end)));
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
