//! The map of the whole tenant's ids: which number, uid and guid belong to the same organization.

use std::collections::HashMap;
use std::fmt;

use org42_types::{Org, OrgGuid, OrgId, OrgUid};

use crate::orgs::into_org_key::IntoOrgKey;
use crate::orgs::org_key::OrgKey;

/// The ids of every organization that the caller can see, as of the time when the listing was read.
///
/// Finds any id by any other. The map has the whole listing, not only its first page.
///
/// ```no_run
/// # async fn run(client: org42::Client) -> Result<(), org42::Error> {
/// let ids = client.orgs().org_id_map().await?;
/// for (id, guid) in ids.iter() {
///     assert_eq!(ids.guid_of(id), Some(guid));
///     assert_eq!(ids.id_of(guid), Some(id));
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Default)]
pub struct OrgIdMap {
    orgs: Vec<Ids>,
    by_id: HashMap<OrgId, usize>,
    by_uid: HashMap<OrgUid, usize>,
    by_guid: HashMap<OrgGuid, usize>,
    tops: Vec<usize>,
}

#[derive(Clone)]
pub(crate) struct Ids {
    pub(crate) id: Option<OrgId>,
    pub(crate) uid: Option<OrgUid>,
    pub(crate) guid: Option<OrgGuid>,
    pub(crate) name: String,
    parent: Parents,
}

/// The parent's ids, as far as the server sent them.
#[derive(Clone)]
struct Parents(Option<OrgId>, Option<OrgUid>, Option<OrgGuid>);

impl fmt::Display for Ids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.name)?;
        let mut separator = " (";
        let ids = [
            ("orgId", self.id.map(|id| id.to_string())),
            ("orgUid", self.uid.as_ref().map(OrgUid::to_string)),
            ("orgGuid", self.guid.as_ref().map(OrgGuid::to_string)),
        ];
        for (kind, id) in ids {
            if let Some(id) = id {
                write!(f, "{separator}{kind} {id}")?;
                separator = ", ";
            }
        }
        f.write_str(if separator == ", " { ")" } else { "" })
    }
}

impl OrgIdMap {
    /// Adds an organization, or replaces the ids of a known one.
    pub(crate) fn insert(&mut self, org: &Org) {
        if org.org_id.is_none() && org.org_guid.is_none() {
            return;
        }
        let ids = Ids {
            id: org.org_id,
            uid: org.org_uid.clone(),
            guid: org.org_guid.clone(),
            name: org.org_name.clone(),
            parent: Parents(
                org.parent_org_id,
                org.parent_org_uid.clone(),
                org.parent_org_guid.clone(),
            ),
        };
        let known = ids
            .id
            .and_then(|id| self.by_id.get(&id))
            .or_else(|| self.by_guid.get(ids.guid.as_ref()?));
        let place = known.copied().unwrap_or(self.orgs.len());
        if let Some(id) = ids.id {
            self.by_id.insert(id, place);
        }
        if let Some(uid) = &ids.uid {
            self.by_uid.insert(uid.clone(), place);
        }
        if let Some(guid) = &ids.guid {
            self.by_guid.insert(guid.clone(), place);
        }
        match self.orgs.get_mut(place) {
            Some(there) => *there = ids,
            None => self.orgs.push(ids),
        }
    }

    fn shows_parent_of(&self, org: &Ids) -> bool {
        let Parents(id, uid, guid) = &org.parent;
        id.is_some_and(|id| self.by_id.contains_key(&id))
            || uid
                .as_ref()
                .is_some_and(|uid| self.by_uid.contains_key(uid))
            || guid
                .as_ref()
                .is_some_and(|guid| self.by_guid.contains_key(guid))
    }

    pub(crate) fn find(&self, key: &OrgKey) -> Option<&Ids> {
        let place = match key {
            OrgKey::Id(id) => self.by_id.get(id),
            OrgKey::Uid(uid) => self.by_uid.get(uid),
            OrgKey::Guid(guid) => self.by_guid.get(guid),
        };
        self.orgs.get(*place?)
    }

    /// Returns the organizations whose parents are not among these.
    pub(crate) fn tops(&self) -> impl ExactSizeIterator<Item = &Ids> {
        self.tops.iter().map(|&place| &self.orgs[place])
    }

    /// Returns the guid of an organization.
    #[must_use]
    pub fn guid_of(&self, org: impl IntoOrgKey) -> Option<&OrgGuid> {
        self.find(&org.to_org_key().ok()?)?.guid.as_ref()
    }

    /// Returns the number of an organization.
    #[must_use]
    pub fn id_of(&self, org: impl IntoOrgKey) -> Option<OrgId> {
        self.find(&org.to_org_key().ok()?)?.id
    }

    /// Returns the uid of an organization.
    #[must_use]
    pub fn uid_of(&self, org: impl IntoOrgKey) -> Option<&OrgUid> {
        self.find(&org.to_org_key().ok()?)?.uid.as_ref()
    }

    /// Returns how many organizations there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.orgs.len()
    }

    /// Returns whether the caller can see no organization.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.orgs.is_empty()
    }

    /// Returns every organization that has both ids, in the order of the listing.
    pub fn iter(&self) -> impl Iterator<Item = (OrgId, &OrgGuid)> {
        self.orgs
            .iter()
            .filter_map(|ids| Some((ids.id?, ids.guid.as_ref()?)))
    }
}

/// The map of the organizations of a whole listing.
impl<'a> FromIterator<&'a Org> for OrgIdMap {
    fn from_iter<I: IntoIterator<Item = &'a Org>>(orgs: I) -> Self {
        let mut map = Self::default();
        orgs.into_iter().for_each(|org| map.insert(org));
        map.tops = (0..map.orgs.len())
            .filter(|&place| !map.shows_parent_of(&map.orgs[place]))
            .collect();
        map
    }
}

impl fmt::Debug for OrgIdMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}
