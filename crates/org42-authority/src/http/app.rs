//! What every handler has at hand, and how it asks the tenant.

use std::sync::Arc;

use super::forwarded::Proxies;
use super::intake::Intake;
use super::lanes::Lanes;
use super::rate::Rate;
use crate::auth::{Passwords, Throttle};
use crate::clock::Clock;
use crate::domain::TenantRefusal;
use crate::service::{Service, TenantDraft, TenantService};

/// What every handler has at hand.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) tenant: TenantService,
    /// The machine's clock. Failed sign-ins, one-time codes and rates go by it, wherever the tenant's clock stands.
    pub(crate) machine: Arc<dyn Clock>,
    pub(crate) passwords: Arc<Passwords>,
    pub(crate) throttle: Arc<Throttle>,
    pub(crate) rate: Arc<Rate>,
    pub(crate) proxies: Arc<Proxies>,
    pub(crate) lanes: Arc<Lanes>,
    pub(crate) intake: Arc<Intake>,
}

impl App {
    /// Runs a look-up on the tenant.
    ///
    /// Once begun, it is finished even if the client goes away meanwhile; so are [`scan`](Self::scan) and
    /// [`change`](Self::change).
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Service<'_>) -> Result<T, TenantRefusal> + Send + 'static,
    ) -> Result<T, TenantRefusal> {
        let tenant = self.tenant.clone();
        self.lanes.reads.run(move || ask(&tenant.read())).await
    }

    /// Runs a question that takes working through much of the tenant.
    pub(crate) async fn scan<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Service<'_>) -> Result<T, TenantRefusal> + Send + 'static,
    ) -> Result<T, TenantRefusal> {
        let tenant = self.tenant.clone();
        self.lanes.scans.run(move || ask(&tenant.read())).await
    }

    /// Runs a change of the tenant, on the store's thread; until then it holds none.
    pub(crate) async fn change<T: Send + 'static>(
        &self,
        mut change: impl FnMut(&TenantDraft<'_>) -> Result<T, TenantRefusal> + Send + 'static,
    ) -> Result<T, TenantRefusal> {
        let (_place, turn) = self.lanes.changes.turn().await?;
        let changing = move |tenant: &TenantDraft<'_>| {
            // It ends when the store is done with the change, also where nobody waits for that any more.
            let _turn = &turn;
            change(tenant)
        };
        self.tenant.change(changing).await
    }
}
