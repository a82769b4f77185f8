//! The test bench: an optional layer around the service, and the routes that steer it; nothing that serving a tenant
//! needs.
//!
//! - `layer`: notes each request and lets it run into the fault that is meant for it
//! - `requests`, `noted`, `redaction`: what was asked and answered, kept within bounds, shown without secrets
//! - `faults`, `wrong`: which requests go wrong, and how
//! - `clock`: a clock that can be set
//! - `snapshots`: tenants as they were once
//! - `handlers`, `replacing`: the routes

pub(crate) mod clock;
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
use axum::extract::Extension;
use axum::middleware::from_fn_with_state;
use axum::routing::{delete, get, post, put};
use org42_types::endpoints::authority as own;

use crate::http::{App, Routes};
use crate::sample::Sample;
use clock::SettableClock;
use faults::Faults;
use requests::Requests;
use snapshots::Snapshots;

/// What a served tenant has beside the tenant. It lives as long as the process.
#[derive(Debug)]
pub(crate) struct TestBench {
    requests: Arc<Requests>,
    faults: Faults,
    clock: Arc<SettableClock>,
    /// What a reset fills the tenant with.
    sample: Sample,
    snapshots: Snapshots,
}

impl TestBench {
    /// A test bench of a tenant that goes by `clock`, was to be filled with `sample`, and keeps `snapshots`.
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
        routes
            .map(|(endpoint, handler)| (endpoint, handler.layer(Extension(Arc::clone(self)))))
            .collect()
    }

    /// Puts this test bench around a service.
    pub(crate) fn around(self: &Arc<Self>, app: &App, service: Router<App>) -> Router<App> {
        let state = (Arc::clone(self), app.clone());
        service.layer(from_fn_with_state(state, layer::watch))
    }
}

/// Every endpoint of the test bench, with its handler.
pub(crate) fn routes() -> Routes {
    vec![
        (own::TENANT, get(replacing::tenant)),
        (own::SEED, post(replacing::seed)),
        (own::RESET, post(replacing::reset)),
        (own::SNAPSHOTS, get(replacing::snapshots)),
        (own::SNAPSHOTS_SAVE, post(replacing::save)),
        (own::SNAPSHOTS_PREVIEW, get(replacing::preview)),
        (own::SNAPSHOTS_RESTORE, post(replacing::restore)),
        (own::SNAPSHOTS_DELETE, delete(replacing::delete)),
        (own::REQUESTS, get(handlers::requests)),
        (own::REQUESTS_FORGET, delete(handlers::forget_requests)),
        (own::FAULTS, get(handlers::faults)),
        (own::FAULTS_ADD, post(handlers::add_fault)),
        (own::FAULTS_CLEAR, delete(handlers::clear_faults)),
        (own::FIDELITY, get(handlers::fidelity)),
        (own::FIDELITY_SET, put(handlers::set_fidelity)),
        (own::FIDELITY_RESET, delete(handlers::reset_fidelity)),
        (own::CLOCK, get(handlers::clock)),
        (own::CLOCK_TURN, post(handlers::turn_clock)),
        (own::CLOCK_LET_GO, delete(handlers::let_clock_go)),
    ]
}
