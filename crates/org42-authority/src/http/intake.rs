//! Bodies of requests on their way in: how long one may be, and how much all of them together may hold.
//!
//! A body is read before it is known who sends it, so it counts against one budget from its first long piece to the end
//! of its request. Short ones are always taken: nobody keeps others from signing in by sending long bodies slowly. Where
//! strangers hold all of the budget, those with a good token have a reserve.

use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, Bytes, HttpBody as _};
use futures_util::StreamExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How much is taken in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// The longest body, in bytes.
    pub(crate) body: usize,
    /// What each may have without counting, in bytes.
    pub(crate) free: usize,
    /// What all others may hold together, in bytes.
    pub(crate) together: usize,
    /// What those may hold beyond that, in bytes, who are known.
    pub(crate) reserve: usize,
    /// The most values that a document may have.
    pub(crate) values: usize,
    /// What the documents that are worked on may take together, in bytes.
    pub(crate) documents: usize,
}

impl Default for Limits {
    fn default() -> Self {
        const KIB: usize = 1024;
        Self {
            body: 256 * KIB,
            free: 4 * KIB,
            together: 16 * KIB * KIB,
            reserve: 8 * KIB * KIB,
            values: 20_000,
            documents: 16 * KIB * KIB,
        }
    }
}

/// Budgets are counted in pieces of this many bytes.
const PIECE: usize = 1024;
/// A body that is taken grows by this many bytes.
const STEP: usize = 16 * PIECE;
/// What one value of a document may take, in bytes: `{"":0}` is a map with room for eleven.
const VALUE: usize = 400;
/// How much of a body that is not taken is read and dropped, so that its sender hears the answer, in bytes.
const DROPPED: usize = 8 * 1024 * 1024;

/// Takes bodies in.
#[derive(Debug)]
pub(crate) struct Intake {
    limits: Limits,
    together: Arc<Semaphore>,
    reserve: Arc<Semaphore>,
    documents: Arc<Semaphore>,
}

/// What a request holds of the budgets until it is answered.
#[derive(Clone, Debug, Default)]
pub(super) struct Held(Arc<Mutex<Vec<OwnedSemaphorePermit>>>);

/// Why a body is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotTaken {
    TooLong,
    /// Others hold all there is.
    Busy,
    EndedEarly,
}

impl Held {
    fn add(&self, permit: OwnedSemaphorePermit) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.push(permit);
    }

    fn clear(&self) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}

fn pieces(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(PIECE)).unwrap_or(u32::MAX)
}

fn budget(bytes: usize) -> Arc<Semaphore> {
    Arc::new(Semaphore::new(bytes / PIECE))
}

impl Intake {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            together: budget(limits.together),
            reserve: budget(limits.reserve),
            documents: budget(limits.documents),
        }
    }

    /// Reads a body. What it takes of the budget is held by `held`; one that is not taken holds nothing, and gives how
    /// long it was as far as it was read. Where the budget is used up, `is_known` says whether its sender has the
    /// reserve.
    ///
    /// A sender that `asks_first` sends nothing until the body is read, and keeps it when the body is too long.
    pub(super) async fn take(
        &self,
        body: Body,
        held: &Held,
        asks_first: bool,
        is_known: impl Future<Output = bool>,
    ) -> Result<Bytes, (NotTaken, usize)> {
        let is_too_long = body.size_hint().lower() > self.limits.body as u64;
        if is_too_long && asks_first {
            return Err((NotTaken::TooLong, 0));
        }
        let mut refused = is_too_long.then_some(NotTaken::TooLong);
        let (mut budget, mut is_known) = (&self.together, Some(is_known));
        let mut pieces_in = body.into_data_stream();
        let (mut taken, mut seen) = (Vec::new(), 0_usize);
        while let Some(piece) = pieces_in.next().await {
            let Ok(piece) = piece else {
                held.clear();
                return Err((refused.unwrap_or(NotTaken::EndedEarly), seen));
            };
            seen += piece.len();
            if refused.is_some() {
                if seen > DROPPED {
                    break;
                }
                continue;
            }
            let mut grown = self.grow(&mut taken, &piece, held, budget);
            if grown == Err(NotTaken::Busy)
                && let Some(is_known) = is_known.take()
                && is_known.await
            {
                budget = &self.reserve;
                grown = self.grow(&mut taken, &piece, held, budget);
            }
            if let Err(why) = grown {
                refused = Some(why);
                taken = Vec::new();
                held.clear();
            }
        }
        match refused {
            None => Ok(Bytes::from(taken)),
            Some(why) => Err((why, seen)),
        }
    }

    fn grow(
        &self,
        taken: &mut Vec<u8>,
        piece: &[u8],
        held: &Held,
        budget: &Arc<Semaphore>,
    ) -> Result<(), NotTaken> {
        let length = taken.len() + piece.len();
        if length > self.limits.body {
            return Err(NotTaken::TooLong);
        }
        if length > taken.capacity() {
            let wanted = match length <= self.limits.free {
                true => self.limits.free,
                false => length.next_multiple_of(STEP),
            };
            let counts = |bytes: usize| bytes.saturating_sub(self.limits.free);
            let more = pieces(counts(wanted)) - pieces(counts(taken.capacity()));
            if more > 0 {
                let permit = budget.clone().try_acquire_many_owned(more);
                held.add(permit.map_err(|_| NotTaken::Busy)?);
            }
            taken.reserve_exact(wanted - taken.len());
        }
        taken.extend_from_slice(piece);
        Ok(())
    }

    /// Waits until there is room for a document of so many values; it stays taken while the request holds it.
    pub(super) async fn admit(&self, values: usize, held: Option<&Held>) -> Result<(), NotTaken> {
        if values > self.limits.values {
            return Err(NotTaken::TooLong);
        }
        let wanted = pieces(values * VALUE).min(pieces(self.limits.documents));
        // A small one is not worth the waiting.
        let Some(held) = held.filter(|_| wanted > pieces(STEP)) else {
            return Ok(());
        };
        let permit = self.documents.clone().acquire_many_owned(wanted).await;
        held.add(permit.map_err(|_| NotTaken::Busy)?);
        Ok(())
    }

    /// The most values that a document may have.
    pub(super) fn most_values(&self) -> usize {
        self.limits.values
    }

    /// The longest body, in bytes.
    pub(super) fn longest(&self) -> usize {
        self.limits.body
    }
}
