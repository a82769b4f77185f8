//! The authority as a test bench: what it was asked, and what it does wrong on request.

pub(crate) mod clock;
pub(crate) mod faults;
pub(crate) mod requests;

use std::sync::Arc;

use clock::SettableClock;
use faults::Faults;
use requests::Requests;

/// What a served tenant has beside the tenant. It lives as long as the process.
#[derive(Debug)]
pub(crate) struct Bench {
    pub(crate) requests: Requests,
    pub(crate) faults: Faults,
    pub(crate) clock: Arc<SettableClock>,
}

impl Bench {
    /// A bench of a tenant that goes by `clock`.
    pub(crate) fn new(clock: Arc<SettableClock>) -> Self {
        Self {
            requests: Requests::default(),
            faults: Faults::default(),
            clock,
        }
    }
}

/// A path that belongs to the authority itself: neither noted nor hit.
pub(crate) fn is_own(path: &str) -> bool {
    path == "/_authority" || path.starts_with("/_authority/")
}
