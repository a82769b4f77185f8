//! What can be asked of a tenant, and with which right; not how it is stored, nor how a request is spelled.
//!
//! Questions are methods of [`Service`], changes of [`TenantDraft`], which [`TenantService`] submits to the store: a
//! change reads the state that it is shown, and applies what a rule of [`crate::domain`] decides on it.

mod agents;
mod archives;
mod changing;
mod counts;
mod devices;
mod grants;
mod kept;
mod keyed;
mod listing;
mod org_list;
mod orgs;
mod outline;
mod rights;
mod roles;
mod sessions;
mod settings;
mod setup;
mod tally;
mod terms;
mod user_view;
mod users;
mod way;

use std::fmt;
use std::ops::Deref;

use crate::domain::rules::Guard;
use crate::domain::{Path, Revision, Tenant, TenantRefusal};
use crate::store::{ReadView, Store, StoreError};
use grants::Grant;

pub use agents::{AgentIds, AgentPass};
pub(crate) use agents::{Proof, Registration};
pub use archives::{ArchiveQuery, ArchiveView};
pub use changing::{TenantDraft, TenantService};
pub use counts::Counts;
pub use devices::{DeviceQuery, DeviceView};
pub use grants::Scope;
pub(crate) use keyed::{Key, LIFETIME, Written};
pub use org_list::{OrgQuery, OrgSort};
pub use orgs::{OrgCreation, OrgIds, OrgUpdate, OrgView, With};
pub use roles::RoleChange;
pub(crate) use sessions::{Seen, SignedIn};
pub use settings::SettingsView;
pub(crate) use setup::API_CLIENT_PREFIX;
pub use setup::NewApiClient;
pub use terms::Terms;
pub use user_view::UserView;
pub use users::{UserCreation, UserQuery, UserUpdate};

/// The origin of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Caller {
    /// A user.
    User {
        /// `userId`.
        id: u32,
        /// `userUid`.
        uid: String,
        /// Whether the user has the role of the administrator.
        is_admin: bool,
        /// The path of the organization that the user belongs to.
        org_path: Path,
        /// The revision at which the user signed in. What ends the session takes effect even while a request is
        /// handled.
        since: Revision,
    },
    /// An API client, by id. It has the rights of the administrator until it is revoked.
    Program(String),
    /// A program that works on the tenant's file directly, with the rights of the administrator.
    ApiClient,
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Listing<T> {
    /// The number of rows in the whole list.
    pub total: u64,
    /// The rows of this page.
    pub rows: Vec<T>,
}

/// The page of a list that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageOf {
    /// The number of the page, from 1.
    pub num: u32,
    /// The number of rows on a page.
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

/// The questions that a tenant answers.
///
/// Each is answered from one consistent state; within a [change](TenantDraft), from the very state that is decided
/// on.
#[derive(Clone)]
pub struct Service<'t> {
    at: At<'t>,
    terms: Terms,
    // The rights that callers must have.
    grants: Vec<Grant>,
}

/// The state that questions are answered from.
#[derive(Clone, Copy)]
enum At<'t> {
    /// The state of a store at the time of each question.
    Store(&'t dyn Store),
    /// One fixed state.
    View(&'t dyn ReadView),
}

impl fmt::Debug for Service<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Service").field(&self.terms).finish()
    }
}

impl Deref for Service<'_> {
    type Target = Terms;

    fn deref(&self) -> &Terms {
        &self.terms
    }
}

impl Service<'_> {
    /// Returns the tenant itself.
    ///
    /// # Errors
    ///
    /// When the storage fails or is empty.
    pub fn tenant(&self) -> Result<Tenant, TenantRefusal> {
        self.look(tenant_of)
    }

    /// Calls `look` with one state of the tenant, after checking every grant in that state.
    pub(crate) fn look<T>(
        &self,
        mut look: impl FnMut(&dyn ReadView) -> Result<T, TenantRefusal>,
    ) -> Result<T, TenantRefusal> {
        let mut look = |view: &dyn ReadView| {
            self.admit(view)?;
            look(view)
        };
        match &self.at {
            At::Store(store) => store.look(look),
            At::View(view) => look(*view),
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

fn tenant_of(view: &dyn ReadView) -> Result<Tenant, TenantRefusal> {
    view.tenant()?
        .ok_or_else(|| StoreError::failed("the store holds no tenant").into())
}
