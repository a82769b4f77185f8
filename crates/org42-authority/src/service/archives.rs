//! Archives: listing them, where they are, and when those in cold storage are purged.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use org42_types::{OrgId, Timestamp};

use super::listing::{Sorting, each};
use super::users::scope;
use super::way::Ways;
use super::{PageOf, Service, tenant_of};
use crate::domain::{
    Archive, ArchiveState, Deactivation, Device, HoldDays, OrgRecord, Retention, TenantRefusal,
    User,
};
use crate::store::{DeviceLookup, OrgLookup, ReadView, UserLookup};

/// The archives to list, and their order.
#[derive(Clone, Debug)]
pub struct ArchiveQuery {
    /// The page.
    pub page: PageOf,
    /// Only archives of devices in this organization, and below it if [`below`](Self::below) says so.
    pub under: Option<OrgLookup>,
    /// Whether organizations below it count too.
    pub below: bool,
    /// Only archives of this device.
    pub device_guid: Option<String>,
    /// Only archives of this user's devices, by uid.
    pub user_uid: Option<String>,
    /// Only archives in cold storage, the first to be purged first.
    pub cold_only: bool,
    /// Whether the order is reversed.
    pub descending: bool,
}

/// An archive as it is now.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ArchiveView {
    /// The archive.
    pub archive: Archive,
    /// The time at which it is purged; `None` unless it is in cold storage.
    pub purge_at: Option<Timestamp>,
    /// The guid of the destination where it is kept.
    pub destination: String,
    /// Its device.
    pub device: Device,
    /// Its user.
    pub user: User,
    /// The user's organization.
    pub org: OrgRecord,
}

impl Service<'_> {
    /// Passes a page of archives to `see` one after the other; returns how many there are on all pages. Purged
    /// archives are left out.
    ///
    /// # Errors
    ///
    /// When the organization is unknown, or the error that `see` returns.
    pub fn each_archive(
        &self,
        query: &ArchiveQuery,
        see: &mut dyn FnMut(ArchiveView) -> Result<(), TenantRefusal>,
    ) -> Result<u64, TenantRefusal> {
        let now = self.clock().now();
        self.look(|view| match query.descending {
            false => query.shown(view, now, |key| key, |key| key, see),
            true => query.shown(view, now, Reverse, |Reverse(key)| key, see),
        })
    }
}

/// The place of an archive in the order of a list: when it is purged, in lists of cold storage, and its guid; then
/// its device.
type Place = (Option<Timestamp>, Box<str>, u32);

impl ArchiveQuery {
    fn shown<K: Ord>(
        &self,
        view: &dyn ReadView,
        now: Timestamp,
        key: impl Fn(Place) -> K,
        place: impl Fn(K) -> Place,
        see: &mut dyn FnMut(ArchiveView) -> Result<(), TenantRefusal>,
    ) -> Result<u64, TenantRefusal> {
        let under = scope(view, self.under.as_ref())?;
        let mut shelf = Shelf::of(view, &under, now)?;
        let mut sorting = Sorting::new(self.page);
        let sort = |(archive, device, user): (Archive, Device, User)| {
            let is_wanted = (self.below || user.org_id == under.id)
                && (self.device_guid.as_ref()).is_none_or(|guid| *guid == device.guid)
                && (self.user_uid.as_ref()).is_none_or(|uid| *uid == user.uid);
            if !is_wanted {
                return Ok(());
            }
            let Some(purge_at) = shelf.purge_at(&archive, user.org_id)? else {
                return Ok(());
            };
            if purge_at.is_some() || !self.cold_only {
                let first = purge_at.filter(|_| self.cold_only);
                sorting.see(key((first, archive.guid.into(), device.id)));
            }
            Ok(())
        };
        each(|see| view.each_archive(&under.path, see), sort)?;
        let (total, keys) = sorting.page();
        for (_, guid, device_id) in keys.map(place) {
            let found = view.archives_of(device_id)?.into_iter();
            let archive = found.into_iter().find(|archive| *archive.guid == *guid);
            let device = view.device(&DeviceLookup::Id(device_id))?;
            let (archive, device) = archive.zip(device).ok_or(TenantRefusal::DeviceNotFound)?;
            let user = view.user(&UserLookup::Id(device.user_id))?;
            see(shelf.show(archive, device, user.ok_or(TenantRefusal::UserNotFound)?)?)?;
        }
        Ok(total)
    }
}

/// What is needed to find out where archives are, in one view.
struct Shelf<'a> {
    now: Timestamp,
    ways: Ways<'a>,
    deactivations: Vec<Deactivation>,
    holds: Vec<HoldDays>,
    retentions: HashMap<OrgId, Retention>,
    destination: String,
}

impl<'a> Shelf<'a> {
    fn of(
        view: &'a dyn ReadView,
        under: &OrgRecord,
        now: Timestamp,
    ) -> Result<Self, TenantRefusal> {
        // Which destination a device backs up to is not recorded; the first one stands for all.
        let destination = tenant_of(view)?.destinations.into_iter().next();
        Ok(Self {
            now,
            ways: Ways::new(view),
            deactivations: view.deactivations(&under.path)?,
            holds: view.hold_days(&under.path)?,
            retentions: HashMap::new(),
            destination: destination.map(|first| first.guid).unwrap_or_default(),
        })
    }

    /// Returns the time at which an archive of a user of the organization `org_id` is purged: `Some(None)` while it
    /// is not in cold storage, `None` when it was purged already.
    fn purge_at(
        &mut self,
        archive: &Archive,
        org_id: OrgId,
    ) -> Result<Option<Option<Timestamp>>, TenantRefusal> {
        let retention = match self.retentions.entry(org_id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let way = self.ways.ids_down_to(org_id)?;
                place.insert(Retention::of_way(&way, &self.holds, &self.deactivations))
            }
        };
        Ok(match ArchiveState::of(archive, retention, self.now) {
            ArchiveState::Warm => Some(None),
            ArchiveState::Cold { purge_at } => Some(Some(purge_at)),
            ArchiveState::Purged => None,
        })
    }

    fn show(
        &mut self,
        archive: Archive,
        device: Device,
        user: User,
    ) -> Result<ArchiveView, TenantRefusal> {
        Ok(ArchiveView {
            purge_at: self.purge_at(&archive, user.org_id)?.flatten(),
            destination: self.destination.clone(),
            org: self.ways.of(user.org_id)?.0.clone(),
            archive,
            device,
            user,
        })
    }
}
