//! Replaces a served tenant as a whole: a seed, a reset, a restored snapshot; changes of single rows are in `service`.
//!
//! Each works on a tenant aside and puts it in the place of the served one when it is complete, so that nobody ever sees
//! half of it. Who administers the tenant goes on signing in: administrators with their passwords, and API clients; so does
//! the tenant's uid stay. Nobody has more power over a tenant that was brought back than over the one before, and every
//! session from before a restoration is over.

mod access;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::auth::tokens;
use crate::clock::Clock;
use crate::data::files;
use crate::domain::{Change, Path as OrgPath, TenantRefusal, User};
use crate::fidelity::Fidelity;
use crate::options::DEFAULT_ADMIN;
use crate::sample::Sample;
use crate::service::{OrgView, TenantService, With};
use crate::store::{OrgLookup, Sessions, Sqlite, Store, StoreError, Window};

use self::access::Access;
pub(crate) use self::access::Return;

/// Adds a sample below the top organization, in an organization of its own; gives that.
///
/// # Errors
///
/// When there is nothing to add, or the storage fails.
pub(crate) fn seed(
    tenant: &TenantService,
    sample: Sample,
    place: &Path,
) -> Result<OrgView, TenantRefusal> {
    let mut added = None;
    tenant.replace(Sessions::GoOn, || {
        let file = unused(place);
        tenant.save(&file)?;
        let store: Arc<dyn Store> = Arc::new(Sqlite::open(&file)?);
        added = Some(sample.add_to(&aside(tenant, &store, tenant.clock()))?);
        Ok(file)
    })?;
    let added = added.ok_or(TenantRefusal::OrgNotFound)?;
    tenant.org(&OrgLookup::Id(added), With::default())
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
) -> Result<(), TenantRefusal> {
    tenant.replace(Sessions::GoOn, || {
        let end = tenant.tenant()?.revision.next();
        let mut access = Access::of(tenant)?;
        let file = unused(place);
        let store: Arc<dyn Store> = Arc::new(Sqlite::open(&file)?);
        let founder = access.founder().unwrap_or(DEFAULT_ADMIN);
        sample.fill(&store, clock, tenant.entropy(), founder)?;
        let there = aside(tenant, &store, clock);
        access.keep(&there)?;
        access.end_other_sessions(&there, end)?;
        access.settle(&there, &*store)?;
        Ok(file)
    })
}

/// Makes the tenant what a saved one was, and ends every session from before.
///
/// # Errors
///
/// When the file cannot be read, or the storage fails.
pub(crate) fn restore(
    tenant: &TenantService,
    saved: &Path,
    place: &Path,
) -> Result<(), TenantRefusal> {
    tenant.replace(Sessions::End, || Ok(prepare(tenant, saved, place)?.file))
}

/// What a restoration would bring back, and what it would not.
///
/// # Errors
///
/// When the file cannot be read, or the storage fails.
pub(crate) fn preview(
    tenant: &TenantService,
    saved: &Path,
    place: &Path,
) -> Result<Preview, TenantRefusal> {
    let prepared = prepare(tenant, saved, place)?;
    let whole = &OrgPath::default();
    let (orgs, users) = prepared.store.look(|snapshot| {
        Ok::<_, TenantRefusal>((snapshot.count_orgs()?, snapshot.count_users(whole)?))
    })?;
    Ok(Preview {
        orgs,
        users,
        comes_back: prepared.comes_back,
    })
}

/// What a restoration would come to.
pub(crate) struct Preview {
    pub(crate) orgs: u64,
    pub(crate) users: u64,
    pub(crate) comes_back: Return,
}

/// A saved tenant that is ready to take the place of the served one.
struct Prepared {
    file: PathBuf,
    store: Arc<dyn Store>,
    comes_back: Return,
}

fn prepare(tenant: &TenantService, saved: &Path, place: &Path) -> Result<Prepared, TenantRefusal> {
    let mut access = Access::of(tenant)?;
    // What was saved stays as it is: a version that is newer may change its file.
    let file = unused(place);
    files::copy(saved, &file).map_err(StoreError::from)?;
    let store: Arc<dyn Store> = match Sqlite::open(&file) {
        Ok(store) => Arc::new(store),
        Err(error) => return Err(damaged(saved, &error)),
    };
    let there = aside(tenant, &store, tenant.clock());
    let then = match there.tenant() {
        Err(TenantRefusal::Store(error)) => return Err(damaged(saved, &error)),
        then => then?,
    };
    // Tokens of now are signed with another key, and so are those of then.
    let key = tokens::new_signing_key(tenant.entropy());
    store.commit(then.revision, &[Change::SigningKey(key)])?;
    let mut comes_back = access.keep(&there)?;
    access.disarm(&there, &mut comes_back)?;
    access.settle(&there, &*store)?;
    Ok(Prepared {
        file,
        store,
        comes_back,
    })
}

fn damaged(saved: &Path, error: &StoreError) -> TenantRefusal {
    let name = saved.file_stem().unwrap_or_default().to_string_lossy();
    TenantRefusal::Invalid(format!("the snapshot {name} cannot be read: {error}"))
}

/// Shows every user, a part of them at a time: a tenant may have more than fit into memory with ease.
fn every_user(
    tenant: &TenantService,
    mut see: impl FnMut(User) -> Result<(), TenantRefusal>,
) -> Result<(), TenantRefusal> {
    const PART: u64 = 5000;
    for part in 0.. {
        let window = Window {
            offset: part * PART,
            limit: PART,
        };
        let users = tenant
            .store()
            .look(|snapshot| snapshot.users(&OrgPath::default(), Some(window)))?;
        let is_last = (users.len() as u64) < PART;
        users.into_iter().try_for_each(&mut see)?;
        if is_last {
            break;
        }
    }
    Ok(())
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

impl TenantService {
    /// Writes the whole tenant into a new file.
    ///
    /// # Errors
    ///
    /// When the storage fails, or the file is there already.
    pub(crate) fn save(&self, file: &Path) -> Result<(), TenantRefusal> {
        Ok(self.store().save(file)?)
    }

    /// Puts in the place of the tenant what `make` leaves in a file; makes it anew when another process was faster.
    fn replace(
        &self,
        sessions: Sessions,
        mut make: impl FnMut() -> Result<PathBuf, TenantRefusal>,
    ) -> Result<(), TenantRefusal> {
        const TRIES: usize = 10;
        let _turn = self.turn();
        for _ in 0..TRIES {
            let seen = self.tenant()?.revision;
            match self.store().load(seen, &make()?, sessions) {
                Err(StoreError::Stale) => {}
                done => return Ok(done?),
            }
        }
        let why = "another process keeps changing the tenant, so it could not be replaced";
        Err(TenantRefusal::Invalid(why.to_owned()))
    }
}
