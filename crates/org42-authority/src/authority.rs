//! The authority: a tenant, and the server that answers for it.

use std::fmt;
use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};

use crate::auth::tokens::{self, Subject};
use crate::auth::{PasswordCost, Passwords, Throttle};
use crate::bench::Bench;
use crate::bench::clock::SettableClock;
use crate::bench::snapshots::Snapshots;
use crate::clock::{Clock, SystemClock};
use crate::copy::{self, Told};
use crate::fidelity::Fidelity;
use crate::http::App;
use crate::listening::{Listening, Running};
use crate::sample::Sample;
use crate::store::{Sqlite, Store, StoreError, UserKey};
use crate::tenant::TenantService;
use crate::tree::{Entropy, Refusal};

/// The name of the administrator where none is given.
pub const DEFAULT_ADMIN: &str = "admin@example.com";

const DATABASE: &str = "tenant.db";

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
}

impl Default for Options {
    fn default() -> Self {
        Self {
            fidelity: Fidelity::default(),
            clock: Arc::new(SystemClock),
            entropy: Arc::new(Entropy::from_system()),
            password_cost: PasswordCost::default(),
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

impl From<Refusal> for StartError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Store(error) => Self::Store(error),
            Refusal::PasswordTooShort => {
                Self::Refused("a password has at least 8 characters".to_owned())
            }
            Refusal::ApiClientNotFound => {
                Self::Refused("there is no API client with this id".to_owned())
            }
            Refusal::Invalid(why) => Self::Refused(why),
            other => Self::Refused(format!("the tenant refuses: {other:?}")),
        }
    }
}

/// A tenant with all it takes to answer for it.
#[derive(Clone)]
pub struct Authority {
    app: App,
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority")
            .field("tenant", &self.app.tenant)
            .finish_non_exhaustive()
    }
}

impl Authority {
    /// Whether the directory `dir` holds a tenant.
    #[must_use]
    pub fn is_in(dir: &Path) -> bool {
        dir.join(DATABASE).exists()
    }

    /// Opens the tenant in the directory `dir`; founds and fills it there first when there is none.
    ///
    /// Any number of processes may have the same directory open. `admin_username` counts only for a new tenant.
    ///
    /// # Errors
    ///
    /// When the directory cannot be used, or holds a tenant that this version cannot read.
    pub fn open(
        dir: &Path,
        sample: Sample,
        admin_username: &str,
        options: Options,
    ) -> Result<Self, StartError> {
        make_private(dir).map_err(failed_at(dir, "create the directory"))?;
        let path = dir.join(DATABASE);
        if !path.exists() {
            // Whoever comes second waits here and then finds the tenant complete.
            let lock = File::create(dir.join("founding.lock")).map_err(failed_at(dir, "lock"))?;
            lock.lock().map_err(failed_at(dir, "lock"))?;
            if !path.exists() {
                let fill = |store: &Arc<dyn Store>| {
                    let Options { clock, entropy, .. } = &options;
                    Ok(sample.fill(store, clock, entropy, admin_username)?)
                };
                found_in(dir, fill)?;
            }
        }
        let store = Sqlite::open(&path)?;
        let snapshots = Snapshots::In(dir.join("snapshots"));
        Ok(Self::over(Arc::new(store), sample, snapshots, options))
    }

    /// Makes a tenant in the directory `dir` from what another one tells; with `anonymize` without names, notes and
    /// registration keys.
    ///
    /// The administrator is called `admin_username` and has no password yet. Gives what had to be left out, and why:
    /// users and devices that cannot be read, or belong to nobody.
    ///
    /// # Errors
    ///
    /// When the directory holds a tenant already or cannot be used, or what is told contradicts itself.
    pub fn copy_into(
        dir: &Path,
        told: &Told,
        anonymize: bool,
        admin_username: &str,
        options: &Options,
    ) -> Result<Vec<String>, StartError> {
        make_private(dir).map_err(failed_at(dir, "create the directory"))?;
        let lock = File::create(dir.join("founding.lock")).map_err(failed_at(dir, "lock"))?;
        lock.lock().map_err(failed_at(dir, "lock"))?;
        if Self::is_in(dir) {
            let why = format!("{} holds a tenant already", dir.display());
            return Err(StartError::Refused(why));
        }
        found_in(dir, |store| {
            copy::write(told, anonymize, admin_username, store, options)
        })
    }

    /// A tenant that lives as long as the process.
    ///
    /// # Errors
    ///
    /// When the sample cannot be made.
    pub fn in_memory(
        sample: Sample,
        admin_username: &str,
        options: Options,
    ) -> Result<Self, StartError> {
        let store: Arc<dyn Store> = Arc::new(Sqlite::in_memory()?);
        sample.fill(&store, &options.clock, &options.entropy, admin_username)?;
        let snapshots = Snapshots::Passing(Mutex::default());
        Ok(Self::over(store, sample, snapshots, options))
    }

    fn over(store: Arc<dyn Store>, sample: Sample, snapshots: Snapshots, options: Options) -> Self {
        let Options {
            fidelity,
            clock,
            entropy,
            password_cost,
        } = options;
        let clock = Arc::new(SettableClock::over(clock));
        Self {
            app: App {
                tenant: TenantService::new(store, clock.clone(), entropy, fidelity),
                passwords: Arc::new(Passwords::new(password_cost, Passwords::AT_ONCE)),
                throttle: Arc::new(Throttle::default()),
                bench: Arc::new(Bench::new(clock, fidelity, sample, snapshots)),
                revoked: Arc::default(),
            },
        }
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
            .user(&UserKey::Username(username.to_owned()))
        {
            Ok(view) => Ok(view.user.is_admin() && view.user.password_hash.is_some()),
            Err(Refusal::UserNotFound) => Ok(false),
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

    /// A token for the administrator, for a program that holds the tenant's file anyway.
    ///
    /// # Errors
    ///
    /// When there is no such user, or the storage fails.
    pub fn admin_token(&self, username: &str) -> Result<String, StartError> {
        let tenant = &self.app.tenant;
        let user = tenant.user(&UserKey::Username(username.to_owned()))?.user;
        let subject = Subject::User {
            id: user.id,
            uid: user.uid,
            username: user.username,
        };
        Ok(tokens::issue(
            &tenant.tenant()?,
            &subject,
            tenant.clock().now(),
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

pub(crate) fn make_private(dir: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

fn failed_at(dir: &Path, what: &str) -> impl FnOnce(std::io::Error) -> StartError {
    let what = format!("{what} {}", dir.display());
    move |error| StartError::Io(what, error)
}

/// Founds a tenant beside its place and moves it there when it is complete, so that nobody ever sees half of it.
fn found_in<T>(
    dir: &Path,
    fill: impl FnOnce(&Arc<dyn Store>) -> Result<T, StartError>,
) -> Result<T, StartError> {
    remove_unfinished(dir)?;
    let unfinished = dir.join("unfinished.db");
    let store: Arc<dyn Store> = Arc::new(Sqlite::open(&unfinished)?);
    let filled = fill(&store);
    // Closing the last connection moves the log into the database file.
    drop(store);
    let filled = match filled {
        Ok(filled) => filled,
        Err(error) => {
            // What could not be filled is nothing to come back to; why is what counts.
            let _ = remove_unfinished(dir);
            return Err(error);
        }
    };
    fs::rename(&unfinished, dir.join(DATABASE))
        .map_err(failed_at(dir, "complete the tenant in"))?;
    File::open(dir)
        .and_then(|dir| dir.sync_all())
        .map_err(failed_at(dir, "complete the tenant in"))?;
    Ok(filled)
}

fn remove_unfinished(dir: &Path) -> Result<(), StartError> {
    for left_over in
        ["unfinished.db", "unfinished.db-wal", "unfinished.db-shm"].map(|name| dir.join(name))
    {
        if left_over.exists() {
            fs::remove_file(&left_over).map_err(failed_at(&left_over, "remove"))?;
        }
    }
    Ok(())
}
