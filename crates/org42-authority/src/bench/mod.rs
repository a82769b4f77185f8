//! The authority as a test bench: what it was asked, and what it does wrong on request.

pub(crate) mod faults;
pub(crate) mod requests;

use faults::Faults;
use requests::Requests;

/// What a served tenant has beside the tenant. It lives as long as the process.
#[derive(Debug, Default)]
pub(crate) struct Bench {
    pub(crate) requests: Requests,
    pub(crate) faults: Faults,
}

/// A path that belongs to the authority itself: neither noted nor hit.
pub(crate) fn is_own(path: &str) -> bool {
    path == "/_authority" || path.starts_with("/_authority/")
}
