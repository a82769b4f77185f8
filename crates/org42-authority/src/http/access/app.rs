//! [`App`], the state that every handler has, and how this room asks the tenant.

use std::sync::Arc;

use axum::http::request::Parts;
use org42_types::Timestamp;

use crate::auth::{Passwords, Throttle};
use crate::clock::Clock;
use crate::domain::roles::Right;
use crate::domain::{Entropy, TenantRefusal};
use crate::fidelity::Fidelity;
use crate::http::forwarded::Proxies;
use crate::http::intake::Intake;
use crate::http::keyed::{self, InWork, Running};
use crate::http::lanes::Lanes;
use crate::http::rate::Rate;
use crate::service::{Caller, Key, Scope, Service, TenantDraft, TenantService};

/// The state that every handler has. The tenant in it is handed out by gates alone.
#[derive(Clone)]
pub(crate) struct App {
    pub(super) tenant: TenantService,
    /// The machine's clock. Failed sign-ins, one-time codes and rates are timed by it, whatever the tenant's clock
    /// shows.
    pub(crate) machine: Arc<dyn Clock>,
    pub(crate) passwords: Arc<Passwords>,
    pub(crate) throttle: Arc<Throttle>,
    pub(crate) rate: Arc<Rate>,
    pub(crate) proxies: Arc<Proxies>,
    pub(crate) lanes: Arc<Lanes>,
    pub(crate) intake: Arc<Intake>,
    /// The changes with idempotency keys that are being carried out.
    pub(super) running: Running,
}

impl App {
    pub(crate) fn new(
        tenant: TenantService,
        machine: Arc<dyn Clock>,
        passwords: Arc<Passwords>,
        proxies: Proxies,
    ) -> Self {
        Self {
            tenant,
            machine,
            passwords,
            throttle: Arc::default(),
            rate: Arc::default(),
            proxies: Arc::new(proxies),
            lanes: Arc::default(),
            intake: Arc::default(),
            running: Running::default(),
        }
    }

    /// Returns the same with a tenant that refuses everything unless the caller has a right over something.
    pub(super) fn allowing(&self, caller: &Caller, right: Right, over: impl Into<Scope>) -> Self {
        Self {
            tenant: self.tenant.allowing(caller, right, over),
            ..self.clone()
        }
    }

    /// Returns the idempotency key of a request, if keys are taken.
    ///
    /// # Errors
    ///
    /// When it cannot be one.
    pub(super) fn key_of(
        &self,
        parts: &Parts,
        caller: &Caller,
    ) -> Result<Option<Key>, TenantRefusal> {
        match self.fidelity().idempotency_keys {
            true => keyed::key_of(parts, caller),
            false => Ok(None),
        }
    }

    /// Begins a change, which is the only one with its idempotency key as long as what is returned is kept.
    ///
    /// # Errors
    ///
    /// When one with that key is being carried out.
    pub(super) fn begin(&self, key: Option<&Key>) -> Result<Option<InWork>, TenantRefusal> {
        key.map(|key| self.running.begin(key)).transpose()
    }

    /// Returns the switches.
    pub(crate) fn fidelity(&self) -> Fidelity {
        self.tenant.fidelity()
    }

    /// Returns the time by the tenant's clock.
    pub(crate) fn now(&self) -> Timestamp {
        self.tenant.clock().now()
    }

    /// Returns the source of ids and secrets.
    pub(crate) fn entropy(&self) -> &Entropy {
        self.tenant.entropy()
    }

    /// Runs a look-up on the tenant.
    ///
    /// A call that was begun is finished even if the client goes away meanwhile; so are [`scan`](Self::scan) and
    /// [`change`](Self::change).
    ///
    /// # Errors
    ///
    /// The error that `ask` returns, or [`TenantRefusal::Busy`] when too many wait.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Service<'_>) -> Result<T, TenantRefusal> + Send + 'static,
    ) -> Result<T, TenantRefusal> {
        // A look-up takes some ten microseconds, less than the way to another thread and back.
        let ask = match self.tenant.ask_at_once(ask) {
            Ok(answer) => return answer,
            Err(ask) => ask,
        };
        let tenant = self.tenant.clone();
        self.lanes.reads.run(move || ask(&tenant.read())).await
    }

    /// Runs a question that reads a large part of the tenant.
    ///
    /// # Errors
    ///
    /// As for [`ask`](Self::ask).
    pub(super) async fn scan<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Service<'_>) -> Result<T, TenantRefusal> + Send + 'static,
    ) -> Result<T, TenantRefusal> {
        let tenant = self.tenant.clone();
        self.lanes.scans.run(move || ask(&tenant.read())).await
    }

    /// Runs a change of the tenant on the store's thread; while it waits it takes no thread.
    ///
    /// # Errors
    ///
    /// As for [`ask`](Self::ask).
    pub(super) async fn change<T: Send + 'static>(
        &self,
        mut change: impl FnMut(&TenantDraft<'_>) -> Result<T, TenantRefusal> + Send + 'static,
    ) -> Result<T, TenantRefusal> {
        let (_place, turn) = self.lanes.changes.turn().await?;
        let changing = move |tenant: &TenantDraft<'_>| {
            // The turn ends when the store is done with the change, even if the client has gone.
            let _turn = &turn;
            change(tenant)
        };
        self.tenant.change(changing).await
    }
}
