//! A value that is fetched once, however many tasks ask for it at the same time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};

use crate::call::runtime::runtime;
use crate::error::{Error, Result};

/// The work that fetches the value; a boxed future, so that it can run in a task of its own.
pub(crate) type Fetch<T> = BoxFuture<'static, Result<T>>;

/// A fetch in progress; `None` if its task was lost.
type Flight<T> = Shared<BoxFuture<'static, Option<Result<Versioned<T>>>>>;

/// A value and its generation, the number of values that there have been.
#[derive(Clone)]
pub(crate) struct Versioned<T> {
    pub(crate) value: T,
    /// The generation; the first is 1.
    pub(crate) generation: u64,
}

pub(crate) struct SingleFlight<T> {
    state: Mutex<State<T>>,
}

struct State<T> {
    generation: u64,
    current: Option<Versioned<T>>,
    flight: Option<Flight<T>>,
}

impl<T> State<T> {
    fn take(&mut self, value: T) -> &Versioned<T> {
        self.generation += 1;
        let generation = self.generation;
        self.current.insert(Versioned { value, generation })
    }
}

impl<T: Clone + Send + Sync + 'static> SingleFlight<T> {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State {
                generation: 0,
                current: None,
                flight: None,
            }),
        })
    }

    pub(crate) fn current(&self) -> Option<Versioned<T>> {
        self.lock().current.clone()
    }

    /// Changes the current value in place, if there is one.
    pub(crate) fn update(&self, change: impl FnOnce(&mut Versioned<T>)) {
        if let Some(current) = &mut self.lock().current {
            change(current);
        }
    }

    /// Returns the value if its generation is later than `seen`; otherwise fetches it, or waits with the other callers
    /// for the fetch that is in progress.
    ///
    /// The fetch runs in a task of its own, so a caller that is dropped neither stops it nor wastes what it has used
    /// up, such as a one-time code. All callers that waited for a failed fetch get its error; the next caller starts a
    /// new one.
    pub(crate) async fn newer_than(
        self: &Arc<Self>,
        seen: u64,
        fetch: impl Fn() -> Fetch<T> + Send,
    ) -> Result<Versioned<T>> {
        // Tries twice, because the task is lost if the runtime that it was started on is shut down meanwhile.
        for _ in 0..2 {
            let flight = {
                let mut state = self.lock();
                match &state.current {
                    Some(current) if current.generation > seen => return Ok(current.clone()),
                    _ => {}
                }
                match &state.flight {
                    Some(flight) => flight.clone(),
                    None => {
                        let flight = self.begin(fetch())?;
                        state.flight.insert(flight).clone()
                    }
                }
            };
            if let Some(result) = flight.clone().await {
                return result;
            }
            let mut state = self.lock();
            if state.flight.as_ref().is_some_and(|f| f.ptr_eq(&flight)) {
                state.flight = None;
            }
        }
        Err(Error::input(
            "finish",
            "the task that was to do this was stopped or panicked",
        ))
    }

    fn begin(self: &Arc<Self>, fetch: Fetch<T>) -> Result<Flight<T>> {
        let runtime = runtime("start")?;
        let cell = Arc::clone(self);
        let task = runtime.spawn(async move { cell.land(fetch.await) });
        Ok(async move { task.await.ok() }.boxed().shared())
    }

    fn land(&self, result: Result<T>) -> Result<Versioned<T>> {
        let mut state = self.lock();
        state.flight = None;
        Ok(state.take(result?).clone())
    }

    /// Sets a value that was obtained in another way.
    pub(crate) fn set(&self, value: T) {
        self.lock().take(value);
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        // Nothing that can panic runs under the lock except clones, which leave the state whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
