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

pub(crate) mod forms;
pub(crate) mod pages;
pub(crate) mod runtime;

use std::fmt;

use org42_types::Endpoint;
use serde_json::Value;

use crate::answer::response::Response;
use crate::call::builder::ClientBuilder;
use crate::call::flavor::Flavor;
use crate::error::Result;
use runtime::Runtime;

pub use crate::orgs::service::blocking::OrgService;
pub use pages::{Orgs, Pages, RawPages};

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
            inner: self.client.orgs(),
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

    /// Ends every call of this client and its clones at this time, from another thread too; see
    /// [`Client::stop_at`](crate::Client::stop_at).
    pub fn stop_at(&self, time: std::time::Instant) {
        self.client.stop_at(time);
    }

    /// Returns whether a change is under way; see [`Client::is_changing`](crate::Client::is_changing).
    #[must_use]
    pub fn is_changing(&self) -> bool {
        self.client.is_changing()
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
