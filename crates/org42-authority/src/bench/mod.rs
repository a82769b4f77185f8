//! The authority as a test bench: what it was asked, and what it does wrong on request.

pub(crate) mod clock;
pub(crate) mod faults;
pub(crate) mod rate;
pub(crate) mod requests;

use std::sync::Arc;

use crate::fidelity::Fidelity;
use clock::SettableClock;
use faults::Faults;
use rate::Rate;
use requests::Requests;

/// What a served tenant has beside the tenant. It lives as long as the process.
#[derive(Debug)]
pub(crate) struct Bench {
    pub(crate) requests: Requests,
    pub(crate) faults: Faults,
    pub(crate) rate: Rate,
    pub(crate) clock: Arc<SettableClock>,
    /// The switches as they were at the start.
    pub(crate) fidelity: Fidelity,
}

impl Bench {
    /// A bench of a tenant that goes by `clock` and `fidelity`.
    pub(crate) fn new(clock: Arc<SettableClock>, fidelity: Fidelity) -> Self {
        Self {
            requests: Requests::default(),
            faults: Faults::default(),
            rate: Rate::default(),
            clock,
            fidelity,
        }
    }
}

/// A path that belongs to the authority itself: neither noted nor hit.
pub(crate) fn is_own(path: &str) -> bool {
    path == "/_authority" || path.starts_with("/_authority/")
}
