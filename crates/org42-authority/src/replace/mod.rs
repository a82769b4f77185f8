//! Replaces a served tenant as a whole: a seed, a reset, a restored snapshot; changes of single rows are in
//! `service`.
//!
//! A seed is one change of the served tenant. A reset and a restoration build a tenant aside, which replaces the
//! served one when it is complete: no request ever sees half of it, and nothing else is changed meanwhile. The
//! tenant's uid stays, and so does the access of those who administer it: administrators keep their passwords, API
//! clients their secrets. No user of the present tenant gets more rights by a restoration, and every session from
//! before a restoration is over.

mod access;

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::auth::tokens;
use crate::clock::Clock;
use crate::data::files;
use crate::domain::{Path as OrgPath, RowChange, TenantRefusal, User};
use crate::fidelity::Fidelity;
use crate::options::DEFAULT_ADMIN;
use crate::sample::Sample;
use crate::service::{OrgView, Service, TenantService, With};
use crate::store::{self, OrgLookup, Sessions, Store, StoreError, Window};

use self::access::Access;
pub(crate) use self::access::Return;

/// Adds a sample in an organization of its own below the top one; returns that organization.
///
/// # Errors
///
/// When the sample is empty, or the storage fails.
pub(crate) fn seed(tenant: &TenantService, sample: Sample) -> Result<OrgView, TenantRefusal> {
    tenant.change_whole(move |tenant| {
        let added = sample.add_to(tenant)?;
        tenant.org(&OrgLookup::Id(added), With::default())
    })
}

/// Replaces the tenant by a new one with this sample, dated by `clock`.
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
    let (clock, place) = (clock.clone(), place.to_owned());
    tenant.change_whole(move |tenant| {
        let end = tenant.tenant()?.revision.next();
        let mut access = Access::of(tenant)?;
        let store = store::files::open(&unused(&place))?;
        let founder = access.founder().unwrap_or(DEFAULT_ADMIN);
        sample.fill(&store, &clock, tenant.entropy(), founder)?;
        let there = aside(tenant, &store, &clock);
        access.keep(&there)?;
        access.end_other_sessions(&there.read(), end)?;
        access.settle(&there)?;
        store.look(|new| tenant.replace(new, Sessions::GoOn))
    })
}

/// Replaces the tenant by a saved one, and ends every session from before.
///
/// # Errors
///
/// When the file cannot be read, or the storage fails.
pub(crate) fn restore(
    tenant: &TenantService,
    saved: &Path,
    place: &Path,
) -> Result<(), TenantRefusal> {
    let (saved, place) = (saved.to_owned(), place.to_owned());
    tenant.change_whole(move |tenant| {
        let prepared = prepare(tenant, &saved, &place)?;
        (prepared.store).look(|new| tenant.replace(new, Sessions::End))
    })
}

/// Returns what a restoration would bring back, and what it would not.
///
/// # Errors
///
/// When the file cannot be read, or the storage fails.
pub(crate) fn preview(
    tenant: &Service<'_>,
    saved: &Path,
    place: &Path,
) -> Result<Preview, TenantRefusal> {
    let prepared = prepare(tenant, saved, place)?;
    let whole = &OrgPath::default();
    let (orgs, users) = prepared
        .store
        .look(|view| Ok::<_, TenantRefusal>((view.count_orgs()?, view.count_users(whole)?)))?;
    Ok(Preview {
        orgs,
        users,
        comes_back: prepared.comes_back,
    })
}

/// The result that a restoration would have.
pub(crate) struct Preview {
    pub(crate) orgs: u64,
    pub(crate) users: u64,
    pub(crate) comes_back: Return,
}

/// A saved tenant that is ready to replace the served one.
struct Prepared {
    store: Arc<dyn Store>,
    comes_back: Return,
}

fn prepare(tenant: &Service<'_>, saved: &Path, place: &Path) -> Result<Prepared, TenantRefusal> {
    let mut access = Access::of(tenant)?;
    // The snapshot itself must not change, and opening it may migrate it.
    let file = unused(place);
    files::copy(saved, &file).map_err(StoreError::from)?;
    let store = store::files::open(&file).map_err(|error| damaged(saved, &error))?;
    let there = aside(tenant, &store, tenant.clock());
    match there.read().tenant() {
        Err(TenantRefusal::Failed(error)) => return Err(damaged(saved, &error)),
        then => drop(then?),
    }
    // A new key ends both the present sessions and those of the snapshot.
    let key = tokens::new_signing_key(tenant.entropy());
    there.change_blocking(move |there| there.apply(&[RowChange::SigningKey(key.clone())]))?;
    let mut comes_back = access.keep(&there)?;
    access.disarm(&there.read(), &mut comes_back)?;
    access.settle(&there)?;
    Ok(Prepared { store, comes_back })
}

fn damaged(saved: &Path, error: &dyn Display) -> TenantRefusal {
    let name = saved.file_stem().unwrap_or_default().to_string_lossy();
    TenantRefusal::Invalid(format!("the snapshot {name} cannot be read: {error}"))
}

/// Passes every user to `see`, read in parts: a tenant may have more users than fit into memory.
fn every_user(
    tenant: &Service<'_>,
    mut see: impl FnMut(User) -> Result<(), TenantRefusal>,
) -> Result<(), TenantRefusal> {
    const PART: u64 = 5000;
    for part in 0.. {
        let window = Window {
            offset: part * PART,
            limit: PART,
        };
        let users = tenant.look(|view| Ok(view.users(&OrgPath::default(), Some(window))?))?;
        let is_last = (users.len() as u64) < PART;
        users.into_iter().try_for_each(&mut see)?;
        if is_last {
            break;
        }
    }
    Ok(())
}

/// Returns the path of a file that does not exist yet.
fn unused(place: &Path) -> PathBuf {
    let free = (1_u32..).map(|number| place.join(format!("{number}.db")));
    let mut free = free.filter(|file| !file.exists());
    free.next().unwrap_or_else(|| place.join("aside.db"))
}

/// Returns the service of a tenant in a store aside, which draws ids from the same source as the served one.
fn aside(tenant: &Service<'_>, store: &Arc<dyn Store>, clock: &Arc<dyn Clock>) -> TenantService {
    TenantService::new(
        store.clone(),
        clock.clone(),
        tenant.entropy().clone(),
        Fidelity::default(),
    )
}
