//! Organizations: reading, creating, changing, blocking and deactivating.

use org42_types::{OrgGuid, OrgId, OrgUid};

use super::counts::Counts;
use super::kept::Kept;
use super::settings::{SettingsContext, SettingsView, settings_context, touched};
use super::way::way_to;
use super::{Caller, Service, TenantDraft, tenant_of};
use crate::domain::rules::{self, NewOrgRecord, OrgRecordEdit, OwnSettingsEdit, org_name};
use crate::domain::{OrgRecord, OrgState, RowChange, TenantRefusal};
use crate::fidelity::UniqueNames;
use crate::store::{OrgLookup, ReadView};

/// An organization as it is now.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OrgView {
    /// The organization.
    pub org: OrgRecord,
    /// Its state.
    pub state: OrgState,
    /// The ids of its parent; `None` for the top one.
    pub parent: Option<OrgIds>,
    /// The counts of its contents, if they were asked for.
    pub counts: Option<Counts>,
    /// Its settings, if they were asked for.
    pub settings: Option<Box<SettingsView>>,
}

/// The ids of an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OrgIds {
    /// The number.
    pub id: OrgId,
    /// The uid.
    pub uid: OrgUid,
    /// The guid.
    pub guid: OrgGuid,
}

impl OrgIds {
    pub(super) fn of(org: &OrgRecord) -> Self {
        Self {
            id: org.id,
            uid: org.uid.clone(),
            guid: org.guid.clone(),
        }
    }
}

/// The parts of an organization that are read beside itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct With {
    /// The counts of its contents.
    pub counts: bool,
    /// Its settings.
    pub settings: bool,
}

impl With {
    /// The counts alone.
    pub const COUNTS: Self = Self {
        counts: true,
        settings: false,
    };
}

/// The description of an organization to be created.
#[derive(Clone, Debug, Default)]
pub struct OrgCreation {
    /// The name.
    pub name: Option<String>,
    /// `orgExtRef`.
    pub ext_ref: Option<String>,
    /// `notes`.
    pub notes: Option<String>,
    /// The parent; `None` is the top organization.
    pub parent: Option<OrgLookup>,
}

/// An edit of an organization: `None` leaves a field as it is, `Some(None)` clears it.
#[derive(Clone, Debug, Default)]
pub struct OrgUpdate {
    /// The new name.
    pub name: Option<String>,
    /// The new external reference.
    pub ext_ref: Option<Option<String>>,
    /// The new notes.
    pub notes: Option<Option<String>>,
    /// The edit of its settings.
    pub settings: OwnSettingsEdit,
}

impl Service<'_> {
    /// Returns one organization.
    ///
    /// # Errors
    ///
    /// When no organization has this key.
    pub fn org(&self, key: &OrgLookup, with: With) -> Result<OrgView, TenantRefusal> {
        self.look(|view| org_view(self.kept(), view, key, with))
    }

    /// Returns the organization of the caller.
    ///
    /// # Errors
    ///
    /// When the caller is an API client, which belongs to no organization.
    pub fn org_of(&self, caller: &Caller, with: With) -> Result<OrgView, TenantRefusal> {
        let Caller::User { id, .. } = caller else {
            return Err(TenantRefusal::UserNotFound);
        };
        self.look(|view| {
            let user = view
                .user(&crate::store::UserLookup::Id(*id))?
                .ok_or(TenantRefusal::UserNotFound)?;
            org_view(self.kept(), view, &OrgLookup::Id(user.org_id), with)
        })
    }

    /// Returns the organization that prevents a child of `parent` from having this name, if there is one.
    fn namesake(
        &self,
        view: &dyn ReadView,
        parent: OrgId,
        name: &str,
    ) -> Result<Option<OrgRecord>, TenantRefusal> {
        Ok(match self.fidelity().unique_names {
            UniqueNames::Siblings => view.child_named(parent, name)?,
            UniqueNames::Tenant => {
                let mut found = None;
                view.each_org(&top(view)?.path, &mut |org| {
                    if found.is_none() && org.name == name {
                        found = Some(org);
                    }
                    Ok(())
                })?;
                found
            }
        })
    }

    /// Returns the name that an organization gets while it is deactivated.
    fn free_name(&self, view: &dyn ReadView, org: &OrgRecord) -> Result<String, TenantRefusal> {
        for name in rules::names_of_deactivated(org) {
            let namesake = match org.parent_id {
                Some(parent) => self.namesake(view, parent, &name)?,
                None => None,
            };
            if namesake.is_none() {
                return Ok(name);
            }
        }
        Err(TenantRefusal::OrgDuplicate)
    }
}

impl TenantDraft<'_> {
    /// Creates an organization.
    ///
    /// # Errors
    ///
    /// When the name is invalid or taken, or the parent is unknown, inactive or blocked.
    pub fn create_org(&self, new: &OrgCreation) -> Result<OrgView, TenantRefusal> {
        let name = org_name(new.name.as_deref())?;
        let id = self.change_and(|view, stamp| {
            let way = way_to(view, new.parent.as_ref().unwrap_or(&OrgLookup::Top))?;
            let parent = way.last().ok_or(TenantRefusal::OrgNotFound)?;
            let namesake = self.namesake(view, parent.id, &name)?;
            let (id, next) = next_id(view)?;
            let org = NewOrgRecord {
                id: OrgId::from(id),
                uid: self.entropy().org_uid(),
                guid: self.entropy().org_guid(),
                registration_key: self.entropy().registration_key(),
                name: name.clone(),
                ext_ref: new.ext_ref.clone(),
                notes: new.notes.clone(),
            };
            let mut changes = rules::create_org(&way, namesake.as_ref(), org, stamp)?;
            changes.push(next);
            Ok((changes, OrgId::from(id)))
        })?;
        self.org(&OrgLookup::Id(id), With::default())
    }

    /// Changes an organization.
    ///
    /// # Errors
    ///
    /// When no organization has this key, or the name is invalid or taken.
    pub fn update_org(&self, key: &OrgLookup, edit: &OrgUpdate) -> Result<OrgView, TenantRefusal> {
        self.change(|view, stamp| {
            let way = way_to(view, key)?;
            let org = way.last().ok_or(TenantRefusal::OrgNotFound)?;
            // The present name stays allowed, even one that the authority made longer than clients may.
            let new = edit.name.as_deref().filter(|name| name.trim() != org.name);
            let name = new.map(|name| org_name(Some(name))).transpose()?;
            let namesake = match (&name, org.parent_id) {
                (Some(name), Some(parent)) => self.namesake(view, parent, name)?,
                _ => None,
            };
            let named = OrgRecordEdit {
                name,
                ext_ref: edit.ext_ref.clone(),
                notes: edit.notes.clone(),
            };
            let mut changes = rules::update_org(org, namesake.as_ref(), named, stamp)?;
            let SettingsContext { inherited, own, .. } = settings_context(view, &way)?;
            let settings = rules::update_settings(org, &inherited, &own, &edit.settings, stamp);
            if !settings.is_empty() && changes.is_empty() {
                changes.push(touched(org, stamp));
            }
            changes.extend(settings);
            Ok(changes)
        })?;
        self.org(key, With::default())
    }

    /// Blocks an organization with all below it.
    ///
    /// # Errors
    ///
    /// When no organization has this key, or the caller would lock itself out.
    pub fn block_org(&self, caller: &Caller, key: &OrgLookup) -> Result<(), TenantRefusal> {
        self.change(|view, stamp| rules::block_org(&way_to(view, key)?, self.guard(caller), stamp))
    }

    /// Unblocks an organization and the organizations below it.
    ///
    /// # Errors
    ///
    /// When no organization has this key, or one above it is blocked.
    pub fn unblock_org(&self, key: &OrgLookup) -> Result<(), TenantRefusal> {
        self.change(|view, stamp| rules::unblock_org(&way_to(view, key)?, stamp))
    }

    /// Deactivates an organization with all below it.
    ///
    /// # Errors
    ///
    /// When no organization has this key, or the caller would lock itself out.
    pub fn deactivate_org(&self, caller: &Caller, key: &OrgLookup) -> Result<(), TenantRefusal> {
        self.change(|view, stamp| {
            let way = way_to(view, key)?;
            let org = way.last().ok_or(TenantRefusal::OrgNotFound)?;
            let name = match self.fidelity().rename_deactivated {
                true => Some(self.free_name(view, org)?),
                false => None,
            };
            rules::deactivate_org(&way, name, self.guard(caller), stamp)
        })
    }

    /// Makes an organization active again.
    ///
    /// # Errors
    ///
    /// When no organization has this key, or one above it is inactive or blocked.
    pub fn reactivate_org(&self, key: &OrgLookup) -> Result<(), TenantRefusal> {
        self.change(|view, stamp| {
            let way = way_to(view, key)?;
            let fidelity = self.fidelity();
            let former = way.last().filter(|_| fidelity.restore_name);
            let former = former.and_then(|org| Some((org, org.former_name.clone()?)));
            let restored = match former {
                Some((org, name)) => {
                    let namesake = match org.parent_id {
                        Some(parent) => self.namesake(view, parent, &name)?,
                        None => None,
                    };
                    let is_free = namesake.is_none_or(|other| other.id == org.id);
                    is_free.then_some(name)
                }
                None => None,
            };
            rules::reactivate_org(&way, restored, fidelity.reactivate_below, stamp)
        })
    }
}

/// Returns the number for something new, and the change that reserves it.
pub(super) fn next_id(view: &dyn ReadView) -> Result<(u32, RowChange), TenantRefusal> {
    let id = tenant_of(view)?.next_id;
    let next = id
        .checked_add(1)
        .filter(|next| i32::try_from(*next).is_ok());
    let next =
        next.ok_or_else(|| TenantRefusal::Invalid("the tenant has no numbers left".to_owned()))?;
    Ok((id, RowChange::NextId(next)))
}

pub(super) fn top(view: &dyn ReadView) -> Result<OrgRecord, TenantRefusal> {
    view.org(&OrgLookup::Top)?.ok_or(TenantRefusal::OrgNotFound)
}

fn org_view(
    kept: &Kept,
    view: &dyn ReadView,
    key: &OrgLookup,
    with: With,
) -> Result<OrgView, TenantRefusal> {
    let way = way_to(view, key)?;
    let state = OrgState::of_way(&way);
    let settings = match with.settings {
        true => Some(Box::new(SettingsView::of(view, &way)?)),
        false => None,
    };
    let org = way.last().cloned().ok_or(TenantRefusal::OrgNotFound)?;
    let counts = match with.counts {
        true => kept.outlined(view, &way, true, |outline| Ok(outline.counts_of(org.id)))?,
        false => None,
    };
    Ok(OrgView {
        org,
        state,
        parent: way.iter().rev().nth(1).map(OrgIds::of),
        counts,
        settings,
    })
}
