//! The authority as a test bench: the requests it got, faults on request, a clock to set, saved snapshots; nothing that
//! serving a tenant needs.

pub(crate) mod clock;
pub(crate) mod faults;
pub(crate) mod rate;
mod redaction;
pub(crate) mod requests;
pub(crate) mod snapshots;

use std::convert::Infallible;
use std::sync::Arc;

use crate::fidelity::Fidelity;
use crate::sample::Sample;
use crate::service::TenantService;
use clock::SettableClock;
use faults::Faults;
use rate::Rate;
use requests::Requests;
use snapshots::Snapshots;

/// What a served tenant has beside the tenant. It lives as long as the process.
#[derive(Debug)]
pub(crate) struct TestBench {
    pub(crate) requests: Requests,
    pub(crate) faults: Faults,
    pub(crate) rate: Rate,
    pub(crate) clock: Arc<SettableClock>,
    /// The switches as they were at the start.
    pub(crate) fidelity: Fidelity,
    /// What a new start is filled with.
    pub(crate) sample: Sample,
    pub(crate) snapshots: Snapshots,
}

impl TestBench {
    /// A bench of a tenant that goes by `clock` and `fidelity`, was to be filled with `sample`, and keeps `snapshots`.
    pub(crate) fn new(
        clock: Arc<SettableClock>,
        fidelity: Fidelity,
        sample: Sample,
        snapshots: Snapshots,
    ) -> Self {
        Self {
            requests: Requests::default(),
            faults: Faults::default(),
            rate: Rate::default(),
            clock,
            fidelity,
            sample,
            snapshots,
        }
    }
}

impl TestBench {
    /// Sets the switches as they were at the start.
    pub(crate) fn take_switches_back(&self, tenant: &TenantService) {
        let start = self.fidelity;
        let Ok(_) = tenant.change_fidelity(|_| Ok::<_, Infallible>(start));
    }
}

/// A path that belongs to the authority itself: neither noted nor hit.
pub(crate) fn is_own(path: &str) -> bool {
    path == "/_authority" || path.starts_with("/_authority/")
}
