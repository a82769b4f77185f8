//! The test bench: an optional layer around the service, and the routes that steer it. Nothing that serving a tenant
//! needs belongs here.
//!
//! - `layer`: notes each request and applies the fault that hits it
//! - `requests`, `noted`, `redaction`: a bounded log of requests and answers, shown without secrets
//! - `faults`, `wrong`: the requests that go wrong, and how
//! - `clock`: a clock that can be set
//! - `snapshots`: saved tenants
//! - `handlers`, `replacing`: the handlers · `dto`: what they read and show

pub(crate) mod clock;
mod dto;
mod faults;
mod handlers;
mod layer;
mod noted;
mod redaction;
mod replacing;
mod requests;
pub(crate) mod snapshots;
mod wrong;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use org42_types::endpoints::authority;

use crate::http::App;
use crate::http::table::{Routes, are_same};
use crate::sample::Sample;
use clock::SettableClock;
use faults::Faults;
use requests::Requests;
use snapshots::Snapshots;

/// The state of a test bench, which lives as long as the process.
#[derive(Debug)]
pub(crate) struct TestBench {
    requests: Arc<Requests>,
    faults: Faults,
    clock: Arc<SettableClock>,
    /// The sample that a reset fills the tenant with.
    sample: Sample,
    snapshots: Snapshots,
}

impl TestBench {
    /// Returns the test bench of a tenant that reads `clock`, was filled with `sample`, and keeps `snapshots`.
    pub(crate) fn new(clock: Arc<SettableClock>, sample: Sample, snapshots: Snapshots) -> Self {
        Self {
            requests: Arc::default(),
            faults: Faults::default(),
            clock,
            sample,
            snapshots,
        }
    }

    /// Returns the routes of this test bench.
    pub(crate) fn routes(self: &Arc<Self>) -> Routes {
        let routes = routes().into_iter();
        routes.map(|route| route.with(Arc::clone(self))).collect()
    }

    /// Puts this test bench around a service.
    pub(crate) fn around(self: &Arc<Self>, app: &App, service: Router<App>) -> Router<App> {
        let state = (Arc::clone(self), app.clone());
        service.layer(from_fn_with_state(state, layer::watch))
    }
}

const _: () = assert!(
    are_same(&[ROWS], &[authority::TEST_BENCH]),
    "each row of the table has one handler"
);

crate::http::table::routes! {
    authority {
        TENANT => replacing::tenant,
        SEED => replacing::seed,
        RESET => replacing::reset,
        SNAPSHOTS => replacing::snapshots,
        SNAPSHOTS_SAVE => replacing::save,
        SNAPSHOTS_PREVIEW => replacing::preview,
        SNAPSHOTS_RESTORE => replacing::restore,
        SNAPSHOTS_DELETE => replacing::delete,
        REQUESTS => handlers::requests,
        REQUESTS_FORGET => handlers::forget_requests,
        FAULTS => handlers::faults,
        FAULTS_ADD => handlers::add_fault,
        FAULTS_CLEAR => handlers::clear_faults,
        FIDELITY => handlers::fidelity,
        FIDELITY_SET => handlers::set_fidelity,
        FIDELITY_RESET => handlers::reset_fidelity,
        CLOCK => handlers::clock,
        CLOCK_TURN => handlers::turn_clock,
        CLOCK_LET_GO => handlers::let_clock_go,
    }
}
