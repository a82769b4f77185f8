//! What can be asked of a tenant, and with which right; not how it is stored, nor how a request is spelled.
//!
//! Each request reads one view of the store, applies a rule of [`crate::domain`], and commits what the rule decides.

mod agents;
mod archives;
mod counts;
mod devices;
mod listing;
mod orgs;
mod rights;
mod sessions;
mod settings;
mod setup;
mod users;
mod way;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::clock::Clock;
use crate::fidelity::{Fidelity, Switches};
use crate::store::{ReadView, Store, StoreError};
use rights::Grant;

use crate::domain::rules::{Decision, Guard};
use crate::domain::{Change, Entropy, Path, Revision, Stamp, Tenant, TenantRefusal};

pub use agents::{AgentIds, AgentPass};
pub(crate) use agents::{Proof, Registration};
pub use archives::{ArchiveQuery, ArchiveView};
pub use counts::Counts;
pub use devices::{DeviceQuery, DeviceView};
pub use orgs::{OrgCreation, OrgQuery, OrgSort, OrgUpdate, OrgView, With};
pub use rights::{RoleChange, Scope};
pub(crate) use sessions::{Seen, SignedIn};
pub use settings::SettingsView;
pub(crate) use setup::API_CLIENT_PREFIX;
pub use setup::NewApiClient;
pub use users::{UserCreation, UserQuery, UserUpdate, UserView};

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A user.
    User {
        /// `userId`.
        id: u32,
        /// `userUid`.
        uid: String,
        /// Whether the user may do everything.
        is_admin: bool,
        /// The way down to the organization that the user belongs to.
        org_path: Path,
        /// When the user signed in: what ends sessions ends this one too, also while it asks.
        since: Revision,
    },
    /// An API client, by id, with the rights of the administrator while it is not revoked.
    Program(String),
    /// Whoever holds the tenant's file, with the rights of the administrator.
    ApiClient,
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing<T> {
    /// How long the whole list is.
    pub total: u64,
    /// The rows of this page.
    pub rows: Vec<T>,
}

/// Which page of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageOf {
    /// The page, the first one being 1.
    pub num: u32,
    /// How many rows a page has.
    pub size: u32,
}

impl Default for PageOf {
    fn default() -> Self {
        Self { num: 1, size: 100 }
    }
}

impl PageOf {
    fn window(self) -> crate::store::Window {
        let size = u64::from(self.size);
        crate::store::Window {
            offset: u64::from(self.num.saturating_sub(1)) * size,
            limit: size,
        }
    }
}

/// A tenant that can be asked things.
#[derive(Clone)]
pub struct TenantService {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    entropy: Arc<Entropy>,
    // All clones go by the same switches, which may be turned while the tenant is served.
    fidelity: Arc<Switches>,
    // What whoever asks must be allowed.
    passes: Vec<Grant>,
    // Keeps the requests of this process from outrunning each other; other processes are seen by the revision.
    turn: Arc<Mutex<()>>,
}

impl fmt::Debug for TenantService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TenantService")
            .field("fidelity", &self.fidelity())
            .finish_non_exhaustive()
    }
}

impl TenantService {
    /// A tenant kept in `store`.
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        entropy: Arc<Entropy>,
        fidelity: Fidelity,
    ) -> Self {
        Self {
            store,
            clock,
            entropy,
            fidelity: Arc::new(fidelity.into()),
            passes: Vec::new(),
            turn: Arc::default(),
        }
    }

    /// The clock that this tenant goes by.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Where ids and secrets come from.
    #[must_use]
    pub fn entropy(&self) -> &Arc<Entropy> {
        &self.entropy
    }

    /// Where the tenant is kept.
    pub(crate) fn store(&self) -> &dyn Store {
        &*self.store
    }

    /// Keeps the other requests of this process from changing anything.
    pub(crate) fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The switches.
    #[must_use]
    pub fn fidelity(&self) -> Fidelity {
        self.fidelity.now()
    }

    /// Changes the switches, for this and every clone.
    ///
    /// # Errors
    ///
    /// What `change` returns; nothing is changed then.
    pub fn change_fidelity<E>(
        &self,
        change: impl FnOnce(Fidelity) -> Result<Fidelity, E>,
    ) -> Result<Fidelity, E> {
        self.fidelity.change(change)
    }

    /// Sets the switches as they were at the start, for this and every clone.
    pub fn reset_fidelity(&self) {
        self.fidelity.reset();
    }

    /// The tenant itself.
    ///
    /// # Errors
    ///
    /// When the storage fails or is empty.
    pub fn tenant(&self) -> Result<Tenant, TenantRefusal> {
        self.look(tenant_of)
    }

    fn look<T>(
        &self,
        mut look: impl FnMut(&dyn ReadView) -> Result<T, TenantRefusal>,
    ) -> Result<T, TenantRefusal> {
        self.store.look(|snapshot| {
            self.admit(snapshot)?;
            look(snapshot)
        })
    }

    /// Decides on a snapshot and commits the decision; starts over when another process was faster.
    fn change(
        &self,
        mut decide: impl FnMut(&dyn ReadView, Stamp) -> Decision,
    ) -> Result<(), TenantRefusal> {
        self.change_and(|snapshot, stamp| Ok((decide(snapshot, stamp)?, ())))
    }

    /// Like [`change`](Self::change), with something for the caller beside the decision.
    fn change_and<T>(
        &self,
        mut decide: impl FnMut(&dyn ReadView, Stamp) -> Result<(Vec<Change>, T), TenantRefusal>,
    ) -> Result<T, TenantRefusal> {
        let _turn = self.turn();
        loop {
            let now = self.clock.now();
            let (seen, changes, value) = self.look(|snapshot| {
                let seen = tenant_of(snapshot)?.revision;
                let (changes, value) = decide(
                    snapshot,
                    Stamp {
                        revision: seen.next(),
                        now,
                    },
                )?;
                Ok((seen, changes, value))
            })?;
            if changes.is_empty() {
                return Ok(value);
            }
            match self.store.commit(seen, &changes) {
                Ok(()) => return Ok(value),
                Err(StoreError::Stale) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn guard<'a>(&self, caller: &'a Caller) -> Guard<'a> {
        let caller = match caller {
            Caller::User { org_path, .. } => Some(org_path),
            Caller::Program(_) | Caller::ApiClient => None,
        };
        Guard {
            caller,
            lockout_allowed: self.fidelity().lockout_allowed,
        }
    }
}

fn tenant_of(snapshot: &dyn ReadView) -> Result<Tenant, TenantRefusal> {
    snapshot
        .tenant()?
        .ok_or_else(|| StoreError::failed("the store holds no tenant").into())
}
