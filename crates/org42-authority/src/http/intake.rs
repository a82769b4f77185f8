//! Reads the bodies of requests, within limits for each and for all of them together.
//!
//! A body is read before its sender is known, so it counts against one budget from its first long piece to the end of
//! its request. Short bodies are always read: long ones that are sent slowly keep nobody from signing in. Where
//! strangers take all of the budget, senders with a valid token have a reserve.

use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, Bytes, HttpBody as _};
use futures_util::StreamExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

const KIB: usize = 1024;

/// The longest body, in bytes.
pub(super) const LONGEST: usize = 256 * KIB;
/// The most values that a document may have.
pub(super) const MOST_VALUES: usize = 20_000;
/// The part of each body that counts against no budget, in bytes.
const FREE: usize = 4 * KIB;
/// The budget of all bodies together, in bytes.
const TOGETHER: usize = 16 * KIB * KIB;
/// The reserve for bodies of known senders when the budget is used up, in bytes.
const RESERVE: usize = 8 * KIB * KIB;
/// The budget of the documents in use, in bytes.
const DOCUMENTS: usize = 16 * KIB * KIB;
/// The unit of the budgets, in bytes.
const PIECE: usize = KIB;
/// The step by which the buffer of a body grows, in bytes.
const STEP: usize = 16 * PIECE;
/// The most memory that one value of a document takes, in bytes: `{"":0}` is a map with room for eleven.
const VALUE: usize = 400;
/// How much of a refused body is read and dropped, so that its sender gets to read the answer, in bytes.
const DROPPED: usize = 8 * KIB * KIB;

/// The budgets of bodies and documents.
#[derive(Debug)]
pub(crate) struct Intake {
    together: Arc<Semaphore>,
    reserve: Arc<Semaphore>,
    documents: Arc<Semaphore>,
}

/// The parts of the budgets that a request holds until it is answered.
#[derive(Clone, Debug, Default)]
pub(super) struct Held(Arc<Mutex<Vec<OwnedSemaphorePermit>>>);

/// The reason why a body is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotTaken {
    TooLong,
    /// The budget is used up by others.
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

/// Returns the most values that a document or a query can have, judged by the signs that stand before each.
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
    /// Reads a body. `held` holds its part of the budget. If the budget is used up, `is_known` decides whether the
    /// sender may use the reserve.
    ///
    /// A sender that `asks_first` sends nothing until the body is read, and does not send a body that is too long.
    ///
    /// # Errors
    ///
    /// The reason why the body is refused, and how many bytes were read of it; it holds no budget then.
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

    /// Waits until there is room for a document of this many values; the room is held as long as the request.
    ///
    /// # Errors
    ///
    /// When the document has too many values.
    pub(super) async fn admit(&self, values: usize, held: Option<&Held>) -> Result<(), NotTaken> {
        if values > MOST_VALUES {
            return Err(NotTaken::TooLong);
        }
        let wanted = pieces(values * VALUE).min(pieces(DOCUMENTS));
        // A small one need not wait.
        let Some(held) = held.filter(|_| wanted > pieces(STEP)) else {
            return Ok(());
        };
        let permit = self.documents.clone().acquire_many_owned(wanted).await;
        held.add(permit.map_err(|_| NotTaken::Busy)?);
        Ok(())
    }
}
