//! The authority: a tenant, and the server that answers for it.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use crate::auth::tokens::{self, Subject};
use crate::auth::{PasswordCost, Passwords, Throttle};
use crate::clock::{Clock, SystemClock};
use crate::domain::{Entropy, TenantRefusal};
use crate::fidelity::Fidelity;
use crate::http::App;
use crate::http::forwarded::Network;
use crate::http::intake::{self, Intake};
use crate::http::lanes::{self, Lanes};
use crate::listening::{Listening, Running};
use crate::sample::Sample;
use crate::service::TenantService;
use crate::store::{Store, StoreError, UserLookup};
use crate::testbench::TestBench;
use crate::testbench::clock::SettableClock;
use crate::testbench::snapshots::Snapshots;

/// The name of the administrator where none is given.
pub const DEFAULT_ADMIN: &str = "admin@example.com";

/// How an authority behaves.
#[derive(Clone, Debug)]
pub struct Options {
    /// The switches for what is unknown about the real server.
    pub fidelity: Fidelity,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where ids and secrets come from.
    pub entropy: Arc<Entropy>,
    /// How hard passwords are to guess from the tenant's file.
    pub password_cost: PasswordCost,
    /// Whose word counts for where a request comes from.
    pub trusted_proxies: Vec<Network>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            fidelity: Fidelity::default(),
            clock: Arc::new(SystemClock),
            entropy: Arc::new(Entropy::from_system()),
            password_cost: PasswordCost::default(),
            trusted_proxies: Vec::new(),
        }
    }
}

/// Why an authority could not be set up.
#[derive(Debug)]
pub enum StartError {
    /// A file or the network; says what was attempted.
    Io(String, std::io::Error),
    /// The tenant refused something; says what and why.
    Refused(String),
    /// The tenant's database.
    Store(StoreError),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(what, error) => write!(f, "cannot {what}: {error}"),
            Self::Refused(why) => f.write_str(why),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for StartError {}

impl From<StoreError> for StartError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<TenantRefusal> for StartError {
    fn from(refusal: TenantRefusal) -> Self {
        match refusal {
            TenantRefusal::Store(error) => Self::Store(error),
            TenantRefusal::PasswordTooShort => {
                Self::Refused("a password has at least 8 characters".to_owned())
            }
            TenantRefusal::ApiClientNotFound => {
                Self::Refused("there is no API client with this id".to_owned())
            }
            TenantRefusal::UsernameMissing => {
                Self::Refused("the administrator needs a name".to_owned())
            }
            TenantRefusal::Invalid(why) => Self::Refused(why),
            other => Self::Refused(format!("the tenant refuses: {other:?}")),
        }
    }
}

/// A tenant with all it takes to answer for it.
#[derive(Clone)]
pub struct Authority {
    app: App,
    notes: Arc<[String]>,
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority")
            .field("tenant", &self.app.tenant)
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
        } = options;
        let clock = Arc::new(SettableClock::over(clock));
        Self {
            app: App {
                tenant: TenantService::new(store, clock.clone(), entropy, fidelity),
                passwords: Arc::new(Passwords::new(
                    password_cost,
                    Passwords::AT_ONCE,
                    Passwords::WAITING,
                )),
                throttle: Arc::new(Throttle::default()),
                bench: Arc::new(TestBench::new(clock, fidelity, sample, snapshots)),
                proxies: Arc::new(proxies.into()),
                lanes: Arc::new(Lanes::new(lanes::Limits::default())),
                intake: Arc::new(Intake::new(intake::Limits::default())),
            },
            notes: Arc::default(),
        }
    }

    pub(crate) fn noting(self, notes: Vec<String>) -> Self {
        Self {
            notes: notes.into(),
            ..self
        }
    }

    /// What whoever runs the authority should know about the place that the tenant is kept in.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Puts everything where whoever opens the tenant next looks for it; for the end of a process, where requests that
    /// are still in work are not waited for. Nothing is changed afterwards.
    pub fn close(&self) {
        self.app.tenant.store().close();
    }

    /// The tenant, to be asked without HTTP.
    #[must_use]
    pub fn tenant(&self) -> &TenantService {
        &self.app.tenant
    }

    /// Whether there is an administrator of this name, with a password.
    ///
    /// # Errors
    ///
    /// When the storage fails.
    pub fn admin_has_password(&self, username: &str) -> Result<bool, StartError> {
        match self
            .app
            .tenant
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
            .hash_blocking(password, self.app.tenant.entropy())?;
        Ok(self.app.tenant.set_admin(username, &hash)?)
    }

    /// Takes back the password of an administrator that nobody has been told; ends the administrator's sessions.
    ///
    /// # Errors
    ///
    /// When there is no such user, or the storage fails.
    pub fn withdraw_admin_password(&self, username: &str) -> Result<(), StartError> {
        Ok(self.app.tenant.withdraw_password(username)?)
    }

    /// A token for the administrator, for a program that holds the tenant's file anyway.
    ///
    /// # Errors
    ///
    /// When there is no such user, or the storage fails.
    pub fn admin_token(&self, username: &str) -> Result<String, StartError> {
        let tenant = &self.app.tenant;
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

    /// Starts answering at `address`; port 0 takes a free one.
    ///
    /// # Errors
    ///
    /// When the address cannot be listened on.
    pub async fn listen(self, address: SocketAddr) -> Result<Running, StartError> {
        Ok(self.serve(Listening::at(address).await?))
    }

    /// Starts answering at a port that is held already.
    ///
    /// # Panics
    ///
    /// Outside of a Tokio runtime.
    #[must_use]
    pub fn serve(self, listening: Listening) -> Running {
        listening.answered_by(self)
    }

    pub(crate) fn app(&self) -> &App {
        &self.app
    }
}

/// A password that nobody guesses.
#[must_use]
pub fn new_password() -> String {
    Entropy::from_system().secret().chars().take(24).collect()
}
