//! The same client without async: every call waits for its answer.
//!
//! The methods have the names and meanings of the async ones, which they call on a runtime of their own. They work
//! wherever a thread may block: in plain code, within `tokio::task::spawn_blocking` and `block_in_place`, and in a thread
//! that has entered a runtime. Called from async code they return an error, because they would stop the thread that
//! drives it.
//!
//! ```no_run
//! use org42::{LocalAccount, blocking::Client};
//!
//! let client = Client::builder("console.us.code42.com")
//!     .local_account(LocalAccount::new("admin@example.com", "correct horse"))
//!     .build()?;
//! for org in client.orgs().get_all().orgs() {
//!     println!("{}", org?.org_name);
//! }
//! # Ok::<(), org42::Error>(())
//! ```

mod runtime;

use std::fmt;
use std::iter::FusedIterator;
use std::sync::Arc;

use org42_types::{AgentState, Endpoint, Org, OrgPage};
use serde_json::Value;

use crate::answer::response::Response;
use crate::call::builder::ClientBuilder;
use crate::call::flavor::Flavor;
use crate::error::Result;
use crate::orgs::id_map::OrgIdMap;
use crate::orgs::into_org_key::IntoOrgKey;
use crate::orgs::requests::{CreateOrg, GetAll, GetPage, UpdateOrg};
use crate::settings::{GetSettings, OrgSettings, SettingsUpdate, UpdateSettings};
use runtime::Runtime;

/// A connection to one tenant with one caller's credentials; see [`org42::Client`](crate::Client).
#[derive(Clone)]
pub struct Client {
    client: crate::Client,
    runtime: Runtime,
}

impl Client {
    /// Begins to describe a client for a host; see [`org42::Client::builder`](crate::Client::builder).
    pub fn builder(host: impl Into<String>) -> ClientBuilder<Self> {
        ClientBuilder::new(host.into())
    }

    /// Returns the service for the tenant's organizations; sends nothing.
    pub fn orgs(&self) -> OrgService {
        OrgService {
            orgs: self.client.orgs(),
            runtime: self.runtime.clone(),
        }
    }

    /// Returns the address of the server that this client calls.
    #[must_use]
    pub fn url(&self) -> &str {
        self.client.url()
    }

    /// Returns whether others on the network could read what this client sends; see
    /// [`Client::is_exposed`](crate::Client::is_exposed).
    #[must_use]
    pub fn is_exposed(&self) -> bool {
        self.client.is_exposed()
    }

    /// Returns how many items a page has unless a call sets another size.
    #[must_use]
    pub fn items_per_page(&self) -> u32 {
        self.client.items_per_page()
    }

    /// Calls [`org42::Client::get`](crate::Client::get) and blocks until it has answered.
    ///
    /// # Errors
    ///
    /// Those of the async method, and [`is_invalid_input`](crate::Error::is_invalid_input) within async code.
    pub fn get(
        &self,
        endpoint: Endpoint,
        path: &[(&'static str, &str)],
        query: &[(&str, &str)],
    ) -> Result<Response<Value>> {
        self.runtime.wait(self.client.get(endpoint, path, query))
    }

    /// Calls [`org42::Client::send`](crate::Client::send) and blocks until it has answered.
    ///
    /// # Errors
    ///
    /// Those of the async method, and [`is_invalid_input`](crate::Error::is_invalid_input) within async code.
    pub fn send(
        &self,
        endpoint: Endpoint,
        path: &[(&'static str, &str)],
        query: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Response<Value>> {
        self.runtime
            .wait(self.client.send(endpoint, path, query, body))
    }

    /// Returns which API this client speaks, as [`org42::Client::flavor`](crate::Client::flavor) does.
    #[must_use]
    pub fn flavor(&self) -> Flavor {
        self.client.flavor()
    }

    /// Checks whether this client's API has an endpoint, as [`org42::Client::check`](crate::Client::check) does; sends
    /// nothing.
    ///
    /// # Errors
    ///
    /// Those of the async method.
    pub fn check(&self, endpoint: Endpoint) -> Result<()> {
        self.client.check(endpoint)
    }
}

impl ClientBuilder<Client> {
    /// Builds the client. Sends nothing.
    ///
    /// # Errors
    ///
    /// [`is_invalid_input`](crate::Error::is_invalid_input) when the host or a setting cannot be used, or there are no
    /// credentials.
    pub fn build(self) -> Result<Client> {
        Ok(Client {
            client: self.build_client()?,
            runtime: Runtime::new()?,
        })
    }

    /// Calls [`detect_flavor`](Self::detect_flavor) and blocks until it has answered.
    ///
    /// # Errors
    ///
    /// Those of the async method, and [`is_invalid_input`](crate::Error::is_invalid_input) within async code.
    pub fn detect_flavor_blocking(&self) -> Result<Flavor> {
        Runtime::new()?.wait(self.detect_flavor())
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("url", &self.url())
            .finish_non_exhaustive()
    }
}

/// The organizations of a tenant; see [`org42::OrgService`](crate::OrgService).
#[derive(Clone)]
#[must_use]
pub struct OrgService {
    orgs: crate::OrgService,
    runtime: Runtime,
}

impl fmt::Debug for OrgService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.orgs.fmt(f)
    }
}

/// Generates the methods that take an organization and nothing else.
macro_rules! by_id {
    ($($name:ident => $value:ty;)*) => {$(
        #[doc = concat!("Calls [`org42::OrgService::", stringify!($name), "`](crate::OrgService::", stringify!($name), ") and blocks until it has answered.")]
        ///
        /// # Errors
        ///
        /// Those of the async method, and [`is_invalid_input`](crate::Error::is_invalid_input) within async code.
        pub fn $name(&self, org: impl IntoOrgKey) -> Result<$value> {
            self.runtime.wait(self.orgs.$name(org))
        }
    )*};
}

impl OrgService {
    /// Adds a parameter to the requests of this service, as
    /// [`org42::OrgService::with_param`](crate::OrgService::with_param) does.
    pub fn with_param(self, name: impl Into<String>, value: impl ToString) -> Self {
        Self {
            orgs: self.orgs.with_param(name, value),
            ..self
        }
    }

    /// Calls [`org42::OrgService::create_org`](crate::OrgService::create_org) and blocks until it has answered.
    ///
    /// # Errors
    ///
    /// Those of the async method, and [`is_invalid_input`](crate::Error::is_invalid_input) within async code.
    pub fn create_org(
        &self,
        org_name: impl Into<String>,
        options: CreateOrg,
    ) -> Result<Response<Org>> {
        self.runtime.wait(self.orgs.create_org(org_name, options))
    }

    by_id! {
        get => Response<Org>;
        get_by_id => Response<Org>;
        get_by_uid => Response<Org>;
        get_by_guid => Response<Org>;
        children => Vec<Org>;
        block => Response<()>;
        unblock => Response<()>;
        deactivate => Response<()>;
        reactivate => Response<()>;
        get_agent_full_disk_access_states => Response<Vec<AgentState>>;
        get_settings => OrgSettings;
    }

    /// Calls [`org42::OrgService::get_page`](crate::OrgService::get_page) and blocks until it has answered.
    ///
    /// # Errors
    ///
    /// Those of the async method, and [`is_invalid_input`](crate::Error::is_invalid_input) within async code.
    pub fn get_page(&self, page: GetPage) -> Result<Response<OrgPage>> {
        self.runtime.wait(self.orgs.get_page(page))
    }

    /// Calls [`org42::OrgService::child`](crate::OrgService::child) and blocks until it has answered.
    ///
    /// # Errors
    ///
    /// Those of the async method, and [`is_invalid_input`](crate::Error::is_invalid_input) within async code.
    pub fn child(&self, parent: impl IntoOrgKey, name: &str) -> Result<Org> {
        self.runtime.wait(self.orgs.child(parent, name))
    }

    /// Returns the pages of [`org42::OrgService::get_all`](crate::OrgService::get_all) as an iterator, which blocks
    /// for each page.
    pub fn get_all(&self) -> Pages {
        self.get_all_with(GetAll::new())
    }

    /// Returns the pages of [`org42::OrgService::get_all_with`](crate::OrgService::get_all_with) as an iterator, which
    /// blocks for each page.
    pub fn get_all_with(&self, how: GetAll) -> Pages {
        Pages {
            pages: self.orgs.get_all_with(how),
            runtime: self.runtime.clone(),
            is_over: false,
        }
    }

    /// Calls [`org42::OrgService::get_current`](crate::OrgService::get_current) and blocks until it has answered.
    ///
    /// # Errors
    ///
    /// Those of the async method, and [`is_invalid_input`](crate::Error::is_invalid_input) within async code.
    pub fn get_current(&self) -> Result<Response<Org>> {
        self.runtime.wait(self.orgs.get_current())
    }

    /// Calls [`org42::OrgService::update_org`](crate::OrgService::update_org) and blocks until it has answered.
    ///
    /// # Errors
    ///
    /// Those of the async method, and [`is_invalid_input`](crate::Error::is_invalid_input) within async code.
    pub fn update_org(&self, org_id: impl IntoOrgKey, change: UpdateOrg) -> Result<Response<Org>> {
        self.runtime.wait(self.orgs.update_org(org_id, change))
    }

    /// Calls [`org42::OrgService::get_agent_state`](crate::OrgService::get_agent_state) and blocks until it has
    /// answered.
    ///
    /// # Errors
    ///
    /// Those of the async method, and [`is_invalid_input`](crate::Error::is_invalid_input) within async code.
    pub fn get_agent_state(
        &self,
        org_id: impl IntoOrgKey,
        property_name: impl Into<String>,
    ) -> Result<Response<Vec<AgentState>>> {
        self.runtime
            .wait(self.orgs.get_agent_state(org_id, property_name))
    }

    /// Calls [`org42::OrgService::get_settings_with`](crate::OrgService::get_settings_with) and blocks until it has
    /// answered.
    ///
    /// # Errors
    ///
    /// Those of the async method, and [`is_invalid_input`](crate::Error::is_invalid_input) within async code.
    pub fn get_settings_with(
        &self,
        org_id: impl IntoOrgKey,
        what: GetSettings,
    ) -> Result<OrgSettings> {
        self.runtime.wait(self.orgs.get_settings_with(org_id, what))
    }

    /// Calls [`org42::OrgService::update_settings`](crate::OrgService::update_settings) and blocks until it has
    /// answered.
    ///
    /// # Errors
    ///
    /// Those of the async method, and [`is_invalid_input`](crate::Error::is_invalid_input) within async code.
    pub fn update_settings(&self, settings: &OrgSettings) -> Result<SettingsUpdate> {
        self.runtime.wait(self.orgs.update_settings(settings))
    }

    /// Calls [`org42::OrgService::update_settings_with`](crate::OrgService::update_settings_with) and blocks until it
    /// has answered.
    ///
    /// # Errors
    ///
    /// Those of the async method, and [`is_invalid_input`](crate::Error::is_invalid_input) within async code.
    pub fn update_settings_with(
        &self,
        settings: &OrgSettings,
        how: UpdateSettings,
    ) -> Result<SettingsUpdate> {
        self.runtime
            .wait(self.orgs.update_settings_with(settings, how))
    }

    /// Calls [`org42::OrgService::org_id_map`](crate::OrgService::org_id_map) and blocks until it has answered.
    ///
    /// # Errors
    ///
    /// Those of the async method, and [`is_invalid_input`](crate::Error::is_invalid_input) within async code.
    pub fn org_id_map(&self) -> Result<Arc<OrgIdMap>> {
        self.runtime.wait(self.orgs.org_id_map())
    }

    /// Calls [`org42::OrgService::refresh_org_id_map`](crate::OrgService::refresh_org_id_map) and blocks until it has
    /// answered.
    ///
    /// # Errors
    ///
    /// Those of the async method, and [`is_invalid_input`](crate::Error::is_invalid_input) within async code.
    pub fn refresh_org_id_map(&self) -> Result<Arc<OrgIdMap>> {
        self.runtime.wait(self.orgs.refresh_org_id_map())
    }

    /// Replaces the id map, as [`org42::OrgService::set_org_id_map`](crate::OrgService::set_org_id_map) does; sends
    /// nothing.
    pub fn set_org_id_map(&self, ids: OrgIdMap) {
        self.orgs.set_org_id_map(ids);
    }
}

/// The pages of a listing, as an iterator; see [`org42::Pages`](crate::Pages).
#[must_use = "nothing is sent until next() is called"]
#[derive(Debug)]
pub struct Pages {
    pages: crate::Pages,
    runtime: Runtime,
    is_over: bool,
}

impl Pages {
    /// Returns the organizations of all pages, one by one.
    pub fn orgs(self) -> Orgs {
        Orgs {
            orgs: self.pages.orgs(),
            runtime: self.runtime,
            is_over: false,
        }
    }
}

impl Iterator for Pages {
    type Item = Result<Response<OrgPage>>;

    fn next(&mut self) -> Option<Self::Item> {
        let pages = &mut self.pages;
        self.runtime
            .next(&mut self.is_over, async { Ok(pages.next().await) })
    }
}

/// The organizations of a listing, as an iterator; see [`org42::Orgs`](crate::Orgs).
#[must_use = "nothing is sent until next() is called"]
#[derive(Debug)]
pub struct Orgs {
    orgs: crate::Orgs,
    runtime: Runtime,
    is_over: bool,
}

impl Orgs {
    /// Calls [`org42::Orgs::try_collect`](crate::Orgs::try_collect) and blocks until all pages are read. Unlike this
    /// method, an iterator's own `collect` has no bound.
    ///
    /// # Errors
    ///
    /// Those of the async method, and [`is_invalid_input`](crate::Error::is_invalid_input) within async code.
    pub fn try_collect(self) -> Result<Vec<Org>> {
        self.runtime.wait(self.orgs.try_collect())
    }
}

impl FusedIterator for Orgs {}

impl FusedIterator for Pages {}

impl Iterator for Orgs {
    type Item = Result<Org>;

    fn next(&mut self) -> Option<Self::Item> {
        let orgs = &mut self.orgs;
        self.runtime
            .next(&mut self.is_over, async { Ok(orgs.next().await) })
    }
}
