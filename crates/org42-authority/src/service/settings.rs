//! The settings of organizations: what is in force, and edits of settings that are kept by key.

use std::collections::HashMap;

use org42_types::OrgId;

use super::way::way_to;
use super::{Service, TenantDraft, tenant_of};
use crate::domain::rules::{self, KeyEdit};
use crate::domain::settings::{Destination, InForce, Own};
use crate::domain::{OrgRecord, RowChange, Stamp, TenantRefusal};
use crate::store::{OrgLookup, ReadView};

/// The settings of an organization, with those that it inherits.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SettingsView {
    /// The settings that it has of its own.
    pub own: Own,
    /// The settings in force in its parent, which it inherits.
    pub inherited: InForce,
    /// The settings in force in it.
    pub in_force: InForce,
    /// All destinations of the tenant.
    pub destinations: Vec<Destination>,
    /// The organization that provides the destinations.
    pub destinations_from: OrgRecord,
    /// The organization that provides the device defaults.
    pub device_defaults_from: OrgRecord,
}

/// The settings that a change is decided on.
pub(super) struct SettingsContext {
    pub(super) inherited: InForce,
    pub(super) own: Own,
    pub(super) in_force: InForce,
}

/// Works out the settings at the end of a way down.
pub(super) fn settings_context(
    view: &dyn ReadView,
    way: &[OrgRecord],
) -> Result<SettingsContext, TenantRefusal> {
    let (top, org) = way
        .first()
        .zip(way.last())
        .ok_or(TenantRefusal::OrgNotFound)?;
    let rows = view.own_settings(&org.path)?;
    let mut rows: HashMap<OrgId, Own> = rows.into_iter().map(|row| (row.org_id, row.own)).collect();
    let destinations = tenant_of(view)?.destinations;
    let mut inherited = InForce::above_top(top.id, &destinations);
    for above in way.iter().take(way.len() - 1) {
        if let Some(own) = rows.get(&above.id) {
            inherited = inherited.below(above.id, own);
        }
    }
    let own = rows.remove(&org.id).unwrap_or_default();
    let in_force = inherited.below(org.id, &own);
    Ok(SettingsContext {
        inherited,
        own,
        in_force,
    })
}

/// Returns the change that updates an organization's modification time.
pub(super) fn touched(org: &OrgRecord, stamp: Stamp) -> RowChange {
    RowChange::Org(OrgRecord {
        modified_at: stamp.after(org.modified_at),
        ..org.clone()
    })
}

impl SettingsView {
    pub(super) fn of(view: &dyn ReadView, way: &[OrgRecord]) -> Result<Self, TenantRefusal> {
        let SettingsContext {
            inherited,
            own,
            in_force,
        } = settings_context(view, way)?;
        let provider = |id: OrgId| {
            let found = way.iter().find(|org| org.id == id).cloned();
            found.ok_or(TenantRefusal::OrgNotFound)
        };
        Ok(Self {
            destinations: tenant_of(view)?.destinations,
            destinations_from: provider(in_force.destinations_from)?,
            device_defaults_from: provider(in_force.device_defaults_from)?,
            own,
            inherited,
            in_force,
        })
    }
}

impl Service<'_> {
    /// Returns the settings in force in an organization.
    ///
    /// # Errors
    ///
    /// When no organization has this key.
    pub fn settings(&self, key: &OrgLookup) -> Result<InForce, TenantRefusal> {
        self.look(|view| Ok(settings_context(view, &way_to(view, key)?)?.in_force))
    }
}

impl TenantDraft<'_> {
    /// Changes settings that are kept by key.
    ///
    /// # Errors
    ///
    /// When no organization has this key, one of the settings is locked above, or the organization would have too
    /// many settings of its own; nothing is changed then.
    pub fn update_keys(&self, key: &OrgLookup, edits: &[KeyEdit]) -> Result<(), TenantRefusal> {
        self.change(|view, stamp| {
            let way = way_to(view, key)?;
            let org = way.last().ok_or(TenantRefusal::OrgNotFound)?;
            let SettingsContext { inherited, own, .. } = settings_context(view, &way)?;
            let mut changes = rules::update_keys(org, &inherited, &own, edits, stamp)?;
            if !changes.is_empty() {
                changes.push(touched(org, stamp));
            }
            Ok(changes)
        })
    }
}
