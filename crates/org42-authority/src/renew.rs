//! A tenant renewed as a whole: filled further, begun anew, or brought back as it was once.
//!
//! Each works on a tenant aside and puts it in the place of the served one when it is complete, so that nobody ever sees
//! half of it. Who administers the tenant goes on signing in: administrators with their passwords, API clients, the
//! tenant's uid, and the key that tokens are signed with stay.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::clock::Clock;
use crate::fidelity::Fidelity;
use crate::sample::Sample;
use crate::store::{MAX_CHANGES, OrgKey, Sqlite, Store, StoreError, UserKey};
use crate::tenant::{CreateUser, OrgView, TenantService, With};
use crate::tree::{ApiClient, Change, Path as OrgPath, Refusal, User};

/// What stays whatever a tenant is replaced with.
struct Access {
    administrators: Vec<User>,
    clients: Vec<Change>,
}

/// Adds a sample below the top organization, in an organization of its own; gives that.
///
/// # Errors
///
/// When there is nothing to add, or the storage fails.
pub(crate) fn seed(
    tenant: &TenantService,
    sample: Sample,
    place: &Path,
) -> Result<OrgView, Refusal> {
    let mut added = None;
    tenant.replace(|| {
        let file = unused(place);
        tenant.save(&file)?;
        let store: Arc<dyn Store> = Arc::new(Sqlite::open(&file)?);
        added = Some(sample.add_to(&aside(tenant, &store, tenant.clock()))?);
        Ok(file)
    })?;
    let added = added.ok_or(Refusal::OrgNotFound)?;
    tenant.org(&OrgKey::Id(added), With::default())
}

/// Makes the tenant what a new one with this sample is, dated by `clock`.
///
/// # Errors
///
/// When the storage fails.
pub(crate) fn reset(
    tenant: &TenantService,
    sample: Sample,
    clock: &Arc<dyn Clock>,
    place: &Path,
) -> Result<(), Refusal> {
    tenant.replace(|| {
        let access = Access::of(tenant)?;
        let file = unused(place);
        let store: Arc<dyn Store> = Arc::new(Sqlite::open(&file)?);
        let founder = access.administrators.first();
        let founder = founder.map_or(crate::DEFAULT_ADMIN, |admin| &admin.username);
        sample.fill(&store, clock, tenant.entropy(), founder)?;
        access.keep(&aside(tenant, &store, clock), &*store)?;
        Ok(file)
    })
}

/// Makes the tenant what a saved one was.
///
/// # Errors
///
/// When the file cannot be read, or the storage fails.
pub(crate) fn restore(tenant: &TenantService, saved: &Path, place: &Path) -> Result<(), Refusal> {
    tenant.replace(|| {
        let access = Access::of(tenant)?;
        // What was saved stays as it is: a version that is newer may change its file.
        let file = unused(place);
        fs::copy(saved, &file).map_err(StoreError::failed)?;
        let store: Arc<dyn Store> = match Sqlite::open(&file) {
            Ok(store) => Arc::new(store),
            Err(error) => return Err(damaged(saved, &error)),
        };
        if let Err(Refusal::Store(error)) = aside(tenant, &store, tenant.clock()).tenant() {
            return Err(damaged(saved, &error));
        }
        access.keep(&aside(tenant, &store, tenant.clock()), &*store)?;
        Ok(file)
    })
}

fn damaged(saved: &Path, error: &StoreError) -> Refusal {
    let name = saved.file_stem().unwrap_or_default().to_string_lossy();
    Refusal::Invalid(format!("the snapshot {name} cannot be read: {error}"))
}

/// A file that is not there yet.
fn unused(place: &Path) -> PathBuf {
    let free = (1_u32..).map(|number| place.join(format!("{number}.db")));
    let mut free = free.filter(|file| !file.exists());
    free.next().unwrap_or_else(|| place.join("aside.db"))
}

/// A tenant in a store aside, with the ids of the served one.
fn aside(tenant: &TenantService, store: &Arc<dyn Store>, clock: &Arc<dyn Clock>) -> TenantService {
    TenantService::new(
        store.clone(),
        clock.clone(),
        tenant.entropy().clone(),
        Fidelity::default(),
    )
}

impl Access {
    fn of(tenant: &TenantService) -> Result<Self, Refusal> {
        let clients = tenant.api_clients()?.into_iter().map(Change::ApiClient);
        Ok(Self {
            administrators: tenant.administrators()?,
            clients: clients.collect(),
        })
    }

    fn knows(&self, client_id: &str) -> bool {
        let mut known = self.clients.iter();
        known.any(
            |change| matches!(change, Change::ApiClient(client) if client.client_id == client_id),
        )
    }

    /// Brings it into a tenant that is about to take the place of the one it is from.
    fn keep(&self, aside: &TenantService, store: &dyn Store) -> Result<(), Refusal> {
        let mut changes = self.clients.clone();
        // One that is not there now is perhaps of another tenant.
        let others = aside.api_clients()?.into_iter();
        let others = others.filter(|other| !self.knows(&other.client_id));
        changes.extend(others.map(|other| {
            Change::ApiClient(ApiClient {
                revoked: true,
                ..other
            })
        }));
        let top = aside.org(&OrgKey::Top, With::default())?.org.id;
        let seen = aside.tenant()?.revision;
        for present in &self.administrators {
            let name = UserKey::Username(present.username.clone());
            let there = match aside.user(&name) {
                Err(Refusal::UserNotFound) => aside.create_user(&CreateUser {
                    org: Some(OrgKey::Top),
                    username: present.username.clone(),
                    ..CreateUser::default()
                })?,
                found => found?,
            };
            let holder = aside.user(&UserKey::Uid(present.uid.clone()));
            let is_free = matches!(holder, Err(Refusal::UserNotFound));
            changes.push(Change::User(User {
                uid: match is_free {
                    true => present.uid.clone(),
                    false => there.user.uid.clone(),
                },
                roles: present.roles.clone(),
                password_hash: present.password_hash.clone(),
                totp: present.totp.clone(),
                // Whatever had happened to them there, they can sign in; and no session of theirs that was over goes on.
                org_id: match there.org_state.is_open() {
                    true => there.user.org_id,
                    false => top,
                },
                blocked: false,
                deactivated: false,
                unblocked_at: seen.next(),
                activated_at: seen.next(),
                sessions_end: present.sessions_end.max(there.user.sessions_end),
                ..there.user
            }));
        }
        for changes in changes.chunks(MAX_CHANGES) {
            store.commit(aside.tenant()?.revision, changes)?;
        }
        Ok(())
    }
}

impl TenantService {
    /// Writes the whole tenant into a new file.
    ///
    /// # Errors
    ///
    /// When the storage fails, or the file is there already.
    pub(crate) fn save(&self, file: &Path) -> Result<(), Refusal> {
        Ok(self.store().save(file)?)
    }

    /// Those who may do everything, by number.
    fn administrators(&self) -> Result<Vec<User>, Refusal> {
        Ok(self.store().look(|snapshot| {
            let mut found = Vec::new();
            snapshot.each_user(&OrgPath::default(), None, &mut |user| {
                found.extend(Some(user).filter(User::is_admin));
                Ok(())
            })?;
            Ok::<_, StoreError>(found)
        })?)
    }

    /// Puts in the place of the tenant what `make` leaves in a file; makes it anew when another process was faster.
    fn replace(&self, mut make: impl FnMut() -> Result<PathBuf, Refusal>) -> Result<(), Refusal> {
        const TRIES: usize = 10;
        let _turn = self.turn();
        for _ in 0..TRIES {
            let seen = self.tenant()?.revision;
            match self.store().load(seen, &make()?) {
                Err(StoreError::Stale) => {}
                done => return Ok(done?),
            }
        }
        let why = "another process keeps changing the tenant, so it could not be replaced";
        Err(Refusal::Invalid(why.to_owned()))
    }
}
