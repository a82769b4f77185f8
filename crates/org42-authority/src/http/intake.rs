//! Bodies of requests on their way in: how long one may be, and how much all of them together may hold.
//!
//! A body is read before it is known who sends it, so it counts against one budget from its first long piece to the end
//! of its request. Short ones are always taken: long bodies that are sent slowly keep no one from signing in. Where
//! strangers hold all of the budget, those with a good token have a reserve.

use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, Bytes, HttpBody as _};
use futures_util::StreamExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

const KIB: usize = 1024;

/// The longest body, in bytes.
pub(super) const LONGEST: usize = 256 * KIB;
/// The most values that a document may have.
pub(super) const MOST_VALUES: usize = 20_000;
/// What each body may have without counting, in bytes.
const FREE: usize = 4 * KIB;
/// What all bodies may hold together beyond that, in bytes.
const TOGETHER: usize = 16 * KIB * KIB;
/// What the bodies of known senders may hold when those of strangers have used up all, in bytes.
const RESERVE: usize = 8 * KIB * KIB;
/// What the documents that are worked on may take together, in bytes.
const DOCUMENTS: usize = 16 * KIB * KIB;
/// Budgets are counted in pieces of this many bytes.
const PIECE: usize = KIB;
/// A body that is taken grows by this many bytes.
const STEP: usize = 16 * PIECE;
/// What one value of a document may take, in bytes: `{"":0}` is a map with room for eleven.
const VALUE: usize = 400;
/// How much of a body that is not taken is read and dropped, so that its sender hears the answer, in bytes.
const DROPPED: usize = 8 * KIB * KIB;

/// Takes bodies in.
#[derive(Debug)]
pub(crate) struct Intake {
    together: Arc<Semaphore>,
    reserve: Arc<Semaphore>,
    documents: Arc<Semaphore>,
}

/// What a request holds of the budgets until it is answered.
#[derive(Clone, Debug, Default)]
pub(super) struct Held(Arc<Mutex<Vec<OwnedSemaphorePermit>>>);

/// Why a body is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotTaken {
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

/// Returns how many values a document or a query has at most, judged by the signs that stand before each.
pub(crate) fn values(text: &[u8]) -> usize {
    text.iter().filter(|byte| b",[{&".contains(byte)).count()
}

impl Default for Intake {
    fn default() -> Self {
        Self {
            together: budget(TOGETHER),
            reserve: budget(RESERVE),
            documents: budget(DOCUMENTS),
        }
    }
}

impl Intake {
    /// Reads a body. What it takes of the budget is held by `held`. One that is not taken holds nothing, and the error
    /// says how long it was as far as it was read. Where the budget is used up, `is_known` says whether its sender has
    /// the reserve.
    ///
    /// A sender that `asks_first` sends nothing until the body is read, and keeps it when the body is too long.
    pub(super) async fn take(
        &self,
        body: Body,
        held: &Held,
        asks_first: bool,
        is_known: impl Future<Output = bool>,
    ) -> Result<Bytes, (NotTaken, usize)> {
        let is_too_long = body.size_hint().lower() > LONGEST as u64;
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
        if length > LONGEST {
            return Err(NotTaken::TooLong);
        }
        if length > taken.capacity() {
            let wanted = match length <= FREE {
                true => FREE,
                false => length.next_multiple_of(STEP),
            };
            let counts = |bytes: usize| bytes.saturating_sub(FREE);
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
        if values > MOST_VALUES {
            return Err(NotTaken::TooLong);
        }
        let wanted = pieces(values * VALUE).min(pieces(DOCUMENTS));
        // A small one is not worth the waiting.
        let Some(held) = held.filter(|_| wanted > pieces(STEP)) else {
            return Ok(());
        };
        let permit = self.documents.clone().acquire_many_owned(wanted).await;
        held.add(permit.map_err(|_| NotTaken::Busy)?);
        Ok(())
    }
}
