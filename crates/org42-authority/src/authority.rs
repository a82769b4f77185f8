//! [`Authority`], which puts all rooms together: a tenant with everything that is needed to answer for it.

use std::fmt;
use std::sync::Arc;

use org42_types::Endpoint;

use crate::auth::Passwords;
use crate::auth::tokens::{self, Subject};
use crate::clock::Clock;
use crate::domain::{Entropy, TenantRefusal};
use crate::error::StartError;
use crate::http::edge::Edge;
use crate::http::hosts::Hosts;
use crate::http::openapi::ApiDocument;
use crate::http::table::Routes;
use crate::http::{self, App};
use crate::options::Options;
use crate::sample::Sample;
use crate::service::{TenantDraft, TenantService};
use crate::store::{Store, UserLookup};
use crate::testbench::clock::SettableClock;
use crate::testbench::snapshots::Snapshots;
use crate::testbench::{self, TestBench};

/// A tenant with everything that is needed to answer for it, over HTTP or within the process.
#[derive(Clone)]
pub struct Authority {
    app: App,
    tenant: TenantService,
    test_bench: Option<Arc<TestBench>>,
    notes: Arc<[String]>,
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority")
            .field("tenant", &self.tenant)
            .finish_non_exhaustive()
    }
}

impl Authority {
    pub(crate) fn over(
        store: Arc<dyn Store>,
        sample: Sample,
        snapshots: Snapshots,
        options: Options,
    ) -> Self {
        let Options {
            fidelity,
            clock,
            entropy,
            password_cost,
            trusted_proxies: proxies,
            test_bench,
        } = options;
        let machine = clock;
        let settable = test_bench.then(|| Arc::new(SettableClock::over(machine.clone())));
        let clock: Arc<dyn Clock> = match &settable {
            Some(settable) => settable.clone(),
            None => machine.clone(),
        };
        let test_bench = settable.map(|clock| TestBench::new(clock, sample, snapshots));
        let tenant = TenantService::new(store, clock, entropy, fidelity);
        let passwords = Arc::new(Passwords::new(
            password_cost,
            Passwords::AT_ONCE,
            Passwords::WAITING,
        ));
        Self {
            app: App::new(tenant.clone(), machine, passwords, proxies.into()),
            tenant,
            test_bench: test_bench.map(Arc::new),
            notes: Arc::default(),
        }
    }

    pub(crate) fn noting(self, notes: Vec<String>) -> Self {
        Self {
            notes: notes.into(),
            ..self
        }
    }

    /// Returns warnings for the operator about the place where the tenant is kept.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Completes what is on disk, so that the next process can open the tenant. Meant for the end of a process, where
    /// requests in progress are not waited for; nothing is changed afterwards.
    pub fn close(&self) {
        self.tenant.store().close();
    }

    /// Returns the tenant, to be asked and changed without HTTP.
    #[must_use]
    pub fn tenant(&self) -> &TenantService {
        &self.tenant
    }

    /// Returns whether there is an administrator of this name, with a password.
    ///
    /// # Errors
    ///
    /// When the storage fails.
    pub fn admin_has_password(&self, username: &str) -> Result<bool, StartError> {
        match self
            .tenant
            .read()
            .user(&UserLookup::Username(username.to_owned()))
        {
            Ok(view) => Ok(view.user.is_admin() && view.user.password_hash.is_some()),
            Err(TenantRefusal::UserNotFound) => Ok(false),
            Err(other) => Err(other.into()),
        }
    }

    /// Makes sure that there is an administrator of this name with this password; ends the administrator's sessions.
    ///
    /// # Errors
    ///
    /// When the password has fewer than 8 characters, or the storage fails.
    pub fn set_admin_password(&self, username: &str, password: &str) -> Result<(), StartError> {
        let hash = self
            .app
            .passwords
            .hash_blocking(password, self.tenant.entropy())?;
        let username = username.to_owned();
        let set = move |tenant: &TenantDraft<'_>| tenant.set_admin(&username, &hash);
        Ok(self.tenant.change_blocking(set)?)
    }

    /// Removes the password of an administrator, such as one that was never shown; ends the administrator's sessions.
    ///
    /// # Errors
    ///
    /// When there is no such user, or the storage fails.
    pub fn withdraw_admin_password(&self, username: &str) -> Result<(), StartError> {
        let username = username.to_owned();
        let withdraw = move |tenant: &TenantDraft<'_>| tenant.withdraw_password(&username);
        Ok(self.tenant.change_blocking(withdraw)?)
    }

    /// Returns a token for the administrator, for a program that can read the tenant's file anyway.
    ///
    /// # Errors
    ///
    /// When there is no such user, or the storage fails.
    pub fn admin_token(&self, username: &str) -> Result<String, StartError> {
        let tenant = self.tenant.read();
        let user = tenant
            .user(&UserLookup::Username(username.to_owned()))?
            .user;
        let subject = Subject::User {
            id: user.id,
            uid: user.uid,
            username: user.username,
        };
        Ok(tokens::issue(
            &tenant.tenant()?,
            &subject,
            tenant.clock().now(),
            tenant.entropy(),
        )?)
    }

    /// Returns every endpoint that this authority serves.
    #[must_use]
    pub fn served(&self) -> Vec<Endpoint> {
        let routes = self.routes().into_iter();
        routes.map(|route| route.endpoint).collect()
    }

    fn routes(&self) -> Routes {
        let mut routes = http::routes();
        routes.extend(self.test_bench.iter().flat_map(TestBench::routes));
        routes
    }

    /// Returns the entrance of the HTTP service, which answers requests that name one of `hosts`.
    pub(crate) fn edge(&self, hosts: Hosts) -> Edge {
        let around = |router| match &self.test_bench {
            Some(bench) => bench.around(&self.app, router),
            None => router,
        };
        let service = http::service(self.app.clone(), self.routes(), around);
        Edge::new(self.app.clone(), service, hosts)
    }
}

/// Returns a password that cannot be guessed.
#[must_use]
pub fn new_password() -> String {
    Entropy::from_system().secret().chars().take(24).collect()
}

/// Returns the OpenAPI 3.1 document of everything that an authority with its test bench serves, as JSON.
///
/// ```
/// let document: serde_json::Value = serde_json::from_str(&org42_authority::openapi()).unwrap();
/// assert_eq!(document["openapi"], "3.1.0");
/// ```
#[must_use]
pub fn openapi() -> String {
    let mut routes = http::routes();
    routes.extend(testbench::routes());
    let text = ApiDocument::of(&routes).text();
    String::from_utf8_lossy(&text).into_owned()
}
