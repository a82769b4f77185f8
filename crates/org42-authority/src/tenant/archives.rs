//! Archives: where they are, and when those in cold storage are purged.

use std::collections::HashMap;

use org42_types::{OrgId, Timestamp};

use super::users::scope;
use super::{Listing, PageOf, TenantService, tenant_of};
use crate::store::OrgKey;
use crate::tree::{Archive, ArchiveState, Device, Org, Refusal, Retention, User};

/// Which archives to list.
#[derive(Clone, Debug)]
pub struct ArchiveQuery {
    /// Which page.
    pub page: PageOf,
    /// Only those of devices of this organization.
    pub under: Option<OrgKey>,
    /// Whether organizations below it count too.
    pub below: bool,
    /// Only those of this device.
    pub device_guid: Option<String>,
    /// Only those of this user's devices, by uid.
    pub user_uid: Option<String>,
    /// Only those in cold storage, the first to be purged first.
    pub cold_only: bool,
    /// Backwards.
    pub descending: bool,
}

/// An archive as it is now.
#[derive(Clone, Debug)]
pub struct ArchiveView {
    /// The archive.
    pub archive: Archive,
    /// When it is purged; none unless it is in cold storage.
    pub purge_at: Option<Timestamp>,
    /// The guid of the destination that it is at.
    pub destination: String,
    /// Its device.
    pub device: Device,
    /// Its user.
    pub user: User,
    /// The user's organization.
    pub org: Org,
}

impl TenantService {
    /// A page of archives. Those that were purged are gone.
    ///
    /// # Errors
    ///
    /// When the organization is unknown.
    pub fn list_archives(&self, query: &ArchiveQuery) -> Result<Listing<ArchiveView>, Refusal> {
        let now = self.clock.now();
        self.look(|snapshot| {
            let under = scope(snapshot, query.under.as_ref())?;
            let mut orgs: HashMap<OrgId, Org> = HashMap::new();
            for org in snapshot
                .way_down(&under.path)?
                .into_iter()
                .chain(snapshot.subtree(&under.path)?)
            {
                orgs.insert(org.id, org);
            }
            let deactivations = snapshot.deactivations(&under.path)?;
            let holds = snapshot.hold_days(&under.path)?;
            let mut retentions: HashMap<OrgId, Retention> = HashMap::new();
            // Which of them a device backs up to is not kept; the first one stands for all.
            let destination = tenant_of(snapshot)?.destinations.into_iter().next();
            let destination = destination.map(|first| first.guid).unwrap_or_default();
            let mut all = Vec::new();
            for (archive, device, user) in snapshot.archives(&under.path)? {
                let org = orgs.get(&user.org_id).ok_or(Refusal::OrgNotFound)?.clone();
                let retention = retentions.entry(org.id).or_insert_with(|| {
                    Retention::of_way(&way_of(&orgs, &org), &holds, &deactivations)
                });
                let purge_at = match ArchiveState::of(&archive, retention, now) {
                    ArchiveState::Warm => None,
                    ArchiveState::Cold { purge_at } => Some(purge_at),
                    ArchiveState::Purged => continue,
                };
                let view = ArchiveView {
                    archive,
                    purge_at,
                    destination: destination.clone(),
                    device,
                    user,
                    org,
                };
                if query.wants(&view, &under) {
                    all.push(view);
                }
            }
            if query.cold_only {
                all.sort_by(|a, b| {
                    (a.purge_at, &a.archive.guid).cmp(&(b.purge_at, &b.archive.guid))
                });
            }
            if query.descending {
                all.reverse();
            }
            Ok(Listing::cut(all, query.page))
        })
    }
}

impl ArchiveQuery {
    fn wants(&self, view: &ArchiveView, under: &Org) -> bool {
        (self.below || view.org.id == under.id)
            && (!self.cold_only || view.purge_at.is_some())
            && self
                .device_guid
                .as_ref()
                .is_none_or(|guid| *guid == view.device.guid)
            && self
                .user_uid
                .as_ref()
                .is_none_or(|uid| *uid == view.user.uid)
    }
}

/// The ids on the way down to an organization, the top one first.
fn way_of(orgs: &HashMap<OrgId, Org>, org: &Org) -> Vec<OrgId> {
    let above = std::iter::successors(Some(org), |org| orgs.get(&org.parent_id?));
    let mut way: Vec<OrgId> = above.map(|org| org.id).collect();
    way.reverse();
    way
}
