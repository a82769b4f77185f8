//! What is right in each cell, by hand: what the call has to say, how often its request is sent, and how often it is
//! carried out.

use super::faults::{Fault, OfChange, OfRead};
use super::methods::{Class, Said};

/// How often a fault comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Times {
    Once,
    Always,
}

/// What is right in a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) said: Said,
    pub(crate) sent: usize,
    pub(crate) effects: usize,
}

const fn expected(said: Said, sent: usize, effects: usize) -> Expected {
    Expected {
        said,
        sent,
        effects,
    }
}

const NO: Said = Said::NO;
const UNKNOWN: Said = Said::UNKNOWN;
const DONE: Said = Said::Done;

pub(crate) fn of_read(fault: &Fault, times: Times) -> Expected {
    let (said, sent) = match (fault.read, times) {
        (OfRead::Harmless, _) => (DONE, 1),
        (OfRead::Fails, _) => (NO, 1),
        (_, Times::Once) => (DONE, 2),
        (OfRead::Passes | OfRead::Throttled, Times::Always) => (NO, 3),
        // A dead server is given up after two tries, a dead session after two tokens.
        (OfRead::Silent | OfRead::Renewed, Times::Always) => (NO, 2),
    };
    expected(said, sent, 0)
}

/// A sign-in, which is a read of a token: what comes instead of one fails, and so does a 401.
pub(crate) fn of_sign_in(fault: &Fault, times: Times) -> Said {
    match fault.read {
        OfRead::Renewed => NO,
        _ => of_read(fault, times).said,
    }
}

/// A change whose fault came after it was carried out, or instead of that. `has_key` says whether it is sent with an
/// idempotency key.
pub(crate) fn of_change(
    class: Class,
    fault: &Fault,
    carried_out: bool,
    times: Times,
    has_key: bool,
) -> Expected {
    use OfChange as F;
    use Times::{Always, Once};
    match (fault.change, carried_out, times, has_key) {
        (F::Harmless, ..) => expected(DONE, 1, 1),
        (F::Refused, ..) => expected(NO, 1, 0),
        (F::Throttled | F::Renewed, _, Once, _) => expected(DONE, 2, 1),
        (F::Throttled, _, Always, _) => expected(NO, 3, 0),
        (F::Renewed, _, Always, _) => expected(NO, 2, 0),

        // With a key it is sent again, and carried out once; after silence only where a look shows nothing.
        (F::Open, _, Once, true) | (F::Silent, false, Once, true) => expected(DONE, 2, 1),
        (F::Open, true, Always, true) => expected(DONE, 3, 1),
        (F::Open, false, Always, true) => expected(UNKNOWN, 3, 0),
        (F::Silent, true, _, true) => expected(DONE, 1, 1),
        (F::Silent, false, Always, true) => expected(UNKNOWN, 2, 0),

        // Without one it is looked at. What is seen is done.
        (F::Open | F::Silent | F::OpenForGood, true, ..) => expected(DONE, 1, 1),
        // What is not seen may be sent again if the organization is as it was, and the server is not at work on it.
        (F::Open, false, Once, false) if class == Class::Change => expected(DONE, 2, 1),
        (F::Open, false, Always, false) if class == Class::Change => expected(UNKNOWN, 2, 0),
        (F::Open | F::Silent | F::OpenForGood, false, ..) => expected(UNKNOWN, 1, 0),

        // A success is compared with what the server shows.
        (F::Acknowledged | F::Accepted, true, ..) => expected(DONE, 1, 1),
        (F::Acknowledged, false, ..) => expected(NO, 1, 0),
        (F::Accepted, false, ..) => expected(UNKNOWN, 1, 0),
    }
}
