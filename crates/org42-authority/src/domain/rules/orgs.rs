//! The rules of organizations: names, creation, edits, blocks and deactivations.
//!
//! `way` is always the way down to the organization that a request names: the top one first, itself last.

use org42_types::{OrgGuid, OrgId, OrgUid, RegistrationKey};

use super::{Decision, open};
use crate::domain::{
    Deactivation, OrgRecord, OrgState, Path, Revision, RowChange, Stamp, TenantRefusal,
};

/// The ids of an organization about to be created.
#[derive(Clone, Debug)]
pub struct NewOrgRecord {
    /// `orgId`.
    pub id: OrgId,
    /// `orgUid`.
    pub uid: OrgUid,
    /// `orgGuid`.
    pub guid: OrgGuid,
    /// The registration key.
    pub registration_key: RegistrationKey,
    /// The name, as [`org_name`] returns it.
    pub name: String,
    /// `orgExtRef`.
    pub ext_ref: Option<String>,
    /// `notes`.
    pub notes: Option<String>,
}

/// Checks the name of an organization and removes white space at its ends.
///
/// # Errors
///
/// When the trimmed name has fewer than 3 or more than 220 characters.
pub fn org_name(given: Option<&str>) -> Result<String, TenantRefusal> {
    let name = given.unwrap_or_default().trim();
    match name.chars().count() {
        0 => Err(TenantRefusal::OrgNameMissing),
        1..=2 => Err(TenantRefusal::OrgNameTooShort),
        3..=220 => Ok(name.to_owned()),
        _ => Err(TenantRefusal::OrgNameTooLong),
    }
}

/// Creates an organization below the last one of `way`; without a way, the top organization of a new tenant.
///
/// # Errors
///
/// When the parent is inactive or blocked, a sibling has the name (`namesake`), or the tree would get too deep.
pub fn create_org(
    way: &[OrgRecord],
    namesake: Option<&OrgRecord>,
    new: NewOrgRecord,
    stamp: Stamp,
) -> Decision {
    open(&OrgState::of_way(way))?;
    if namesake.is_some() {
        return Err(TenantRefusal::OrgDuplicate);
    }
    let parent = way.last();
    let path = parent.map_or_else(
        || Path::default().child(new.id),
        |parent| parent.path.child(new.id),
    );
    if path.depth() > Path::MAX_DEPTH {
        return Err(TenantRefusal::TreeTooDeep);
    }
    Ok(vec![RowChange::Org(OrgRecord {
        id: new.id,
        uid: new.uid,
        guid: new.guid,
        parent_id: parent.map(|parent| parent.id),
        path,
        name: new.name,
        former_name: None,
        ext_ref: new.ext_ref,
        notes: new.notes,
        registration_key: new.registration_key,
        created_at: stamp.now,
        modified_at: stamp.now,
        blocked_at: Revision::default(),
        unblocked_at: Revision::default(),
        deactivated: None,
        last_deactivation: Revision::default(),
        left_inactive: Vec::new(),
        activated_at: stamp.revision,
        revived_at: stamp.revision,
    })])
}

/// An edit of an organization: `None` leaves a field as it is, `Some(None)` clears it.
#[derive(Clone, Debug, Default)]
pub struct OrgRecordEdit {
    /// The new name, as [`org_name`] returns it.
    pub name: Option<String>,
    /// The new external reference.
    pub ext_ref: Option<Option<String>>,
    /// The new notes.
    pub notes: Option<Option<String>>,
}

/// Changes name, external reference and notes.
///
/// # Errors
///
/// When another child of the same parent has the new name (`namesake`).
pub fn update_org(
    org: &OrgRecord,
    namesake: Option<&OrgRecord>,
    edit: OrgRecordEdit,
    stamp: Stamp,
) -> Decision {
    if namesake.is_some_and(|other| other.id != org.id) {
        return Err(TenantRefusal::OrgDuplicate);
    }
    let mut new = org.clone();
    if let Some(name) = edit.name.filter(|name| *name != org.name) {
        new.name = name;
        // Activating it again must not undo this newer name.
        new.former_name = None;
    }
    new.ext_ref = edit.ext_ref.unwrap_or(new.ext_ref);
    new.notes = edit.notes.unwrap_or(new.notes);
    if new == *org {
        return Ok(Vec::new());
    }
    new.modified_at = stamp.after(org.modified_at);
    Ok(vec![RowChange::Org(new)])
}

/// Keeps a caller from locking itself, or everybody, out.
#[derive(Clone, Copy, Debug)]
pub struct Guard<'a> {
    /// The organization of the caller; `None` for API clients, which no block reaches.
    pub caller: Option<&'a Path>,
    /// Whether the caller may lock its own tenant out all the same.
    pub lockout_allowed: bool,
}

impl Guard<'_> {
    fn check(&self, way: &[OrgRecord]) -> Result<(), TenantRefusal> {
        let holds_caller = |org: &OrgRecord| {
            self.caller
                .is_some_and(|caller| caller.is_at_or_below(&org.path))
        };
        match way {
            _ if self.lockout_allowed => Ok(()),
            [_top] => Err(TenantRefusal::OwnTenant),
            [.., org] if holds_caller(org) => Err(TenantRefusal::OwnTenant),
            _ => Ok(()),
        }
    }
}

/// Blocks an organization with all below it.
///
/// # Errors
///
/// When the guard forbids it.
pub fn block_org(way: &[OrgRecord], guard: Guard<'_>, stamp: Stamp) -> Decision {
    let Some(org) = way.last().filter(|_| !OrgState::of_way(way).blocked) else {
        return Ok(Vec::new());
    };
    guard.check(way)?;
    Ok(vec![RowChange::Org(OrgRecord {
        blocked_at: stamp.revision,
        modified_at: stamp.after(org.modified_at),
        ..org.clone()
    })])
}

/// Removes the block of an organization and of the organizations below it. Users stay blocked.
///
/// # Errors
///
/// When an organization above is blocked: the block would still be in force.
pub fn unblock_org(way: &[OrgRecord], stamp: Stamp) -> Decision {
    let Some((org, above)) = way.split_last().filter(|_| OrgState::of_way(way).blocked) else {
        return Ok(Vec::new());
    };
    if OrgState::of_way(above).blocked {
        return Err(TenantRefusal::ParentOrgBlocked);
    }
    Ok(vec![RowChange::Org(OrgRecord {
        unblocked_at: stamp.revision,
        modified_at: stamp.after(org.modified_at),
        ..org.clone()
    })])
}

/// Returns the names that an organization may get while it is deactivated, so that its own is free. The caller takes
/// the first that no sibling has.
pub fn names_of_deactivated(org: &OrgRecord) -> impl Iterator<Item = String> + use<> {
    let first = format!("{} (deactivated {})", org.name, org.id);
    let others = (2_u32..).map({
        let (name, id) = (org.name.clone(), org.id);
        move |count| format!("{name} (deactivated {id}, {count})")
    });
    std::iter::once(first).chain(others)
}

/// Deactivates an organization with all below it, and renames it to `new_name`, if there is one, so that its own name
/// is free.
///
/// # Errors
///
/// When the guard forbids it.
pub fn deactivate_org(
    way: &[OrgRecord],
    new_name: Option<String>,
    guard: Guard<'_>,
    stamp: Stamp,
) -> Decision {
    let Some(org) = way.last().filter(|_| OrgState::of_way(way).active) else {
        return Ok(Vec::new());
    };
    guard.check(way)?;
    let former_name = new_name.is_some().then(|| org.name.clone());
    let renamed = OrgRecord {
        name: new_name.unwrap_or_else(|| org.name.clone()),
        former_name,
        deactivated: Some(stamp.mark()),
        last_deactivation: stamp.revision,
        modified_at: stamp.after(org.modified_at),
        ..org.clone()
    };
    Ok(vec![
        RowChange::Org(renamed),
        RowChange::Deactivation(Deactivation {
            org_id: org.id,
            mark: stamp.mark(),
        }),
    ])
}

/// Makes an organization active again, and with `below` also what its deactivation made inactive below it.
///
/// Backups stay stopped and archives in cold storage. It gets the name `restored`, if there is one.
///
/// # Errors
///
/// When an organization above is inactive or blocked.
pub fn reactivate_org(
    way: &[OrgRecord],
    restored: Option<String>,
    below: bool,
    stamp: Stamp,
) -> Decision {
    let Some((org, above)) = way.split_last().filter(|_| !OrgState::of_way(way).active) else {
        return Ok(Vec::new());
    };
    open(&OrgState::of_way(above))?;
    let mut new = OrgRecord {
        deactivated: None,
        activated_at: stamp.revision,
        modified_at: stamp.after(org.modified_at),
        ..org.clone()
    };
    if below {
        new.revived_at = stamp.revision;
    } else {
        new.left_inactive.extend(org.deactivated);
    }
    new.name = restored.unwrap_or(new.name);
    new.former_name = None;
    Ok(vec![RowChange::Org(new)])
}
