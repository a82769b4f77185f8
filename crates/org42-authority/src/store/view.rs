//! One consistent state of a tenant, and the questions that it answers.

use org42_types::{OrgId, Timestamp};

use super::error::StoreError;
use super::lookup::{DeviceLookup, OrgLookup, UserLookup, Window};
use crate::domain::settings::OwnSettings;
use crate::domain::{
    AgentStateRow, ApiClient, Archive, Deactivation, Device, EndedToken, HoldDays, OrgRecord, Path,
    RowChange, Tenant, User,
};

/// One consistent state of a tenant.
pub trait ReadView {
    /// The tenant; none in an empty store.
    fn tenant(&self) -> Result<Option<Tenant>, StoreError>;

    /// One organization.
    fn org(&self, key: &OrgLookup) -> Result<Option<OrgRecord>, StoreError>;

    /// The child of `parent` that has exactly this name.
    fn child_named(&self, parent: OrgId, name: &str) -> Result<Option<OrgRecord>, StoreError>;

    /// The organizations from the top one down to the one at `path`, in this order; those of them that exist.
    fn way_down(&self, path: &Path) -> Result<Vec<OrgRecord>, StoreError>;

    /// How many organizations the tenant has.
    fn count_orgs(&self) -> Result<u64, StoreError>;

    /// Shows `see` organizations in the order of listings: the top one, then by number.
    fn each_listed_org(&self, window: Window, see: See<'_, OrgRecord>) -> Result<(), StoreError>;

    /// The same as a list.
    fn org_page(&self, window: Window) -> Result<Vec<OrgRecord>, StoreError> {
        all(|see| self.each_listed_org(window, see))
    }

    /// Shows `see` the organizations at and below `under`, in the order of their paths.
    fn each_org(&self, under: &Path, see: See<'_, OrgRecord>) -> Result<(), StoreError>;

    /// The same as a list.
    fn subtree(&self, under: &Path) -> Result<Vec<OrgRecord>, StoreError> {
        all(|see| self.each_org(under, see))
    }

    /// The deactivations of the organizations on the way down to `path` and below it, oldest first.
    fn deactivations(&self, path: &Path) -> Result<Vec<Deactivation>, StoreError>;

    /// The history of how long archives stay in cold storage, of the organizations on the way down to `path` and below
    /// it, oldest first.
    fn hold_days(&self, path: &Path) -> Result<Vec<HoldDays>, StoreError>;

    /// What the organizations on the way down to `path` have of their own settings, the top one first; those of them
    /// that have any.
    fn own_settings(&self, path: &Path) -> Result<Vec<OwnSettings>, StoreError>;

    /// One user.
    fn user(&self, key: &UserLookup) -> Result<Option<User>, StoreError>;

    /// How many users the organizations at and below `under` have.
    fn count_users(&self, under: &Path) -> Result<u64, StoreError>;

    /// Shows `see` the users of the organizations at and below `under`, by number; all of them without a window.
    fn each_user(
        &self,
        under: &Path,
        window: Option<Window>,
        see: See<'_, User>,
    ) -> Result<(), StoreError>;

    /// The same as a list.
    fn users(&self, under: &Path, window: Option<Window>) -> Result<Vec<User>, StoreError> {
        all(|see| self.each_user(under, window, see))
    }

    /// One device.
    fn device(&self, key: &DeviceLookup) -> Result<Option<Device>, StoreError>;

    /// The devices of one user, by number.
    fn devices_of(&self, user_id: u32) -> Result<Vec<Device>, StoreError>;

    /// How many devices the users at and below `under` have.
    fn count_devices(&self, under: &Path) -> Result<u64, StoreError>;

    /// Shows `see` the devices of the users at and below `under`, each with its user, by number; all of them without a
    /// window.
    fn each_device(
        &self,
        under: &Path,
        window: Option<Window>,
        see: See<'_, (Device, User)>,
    ) -> Result<(), StoreError>;

    /// The same as a list.
    fn devices(
        &self,
        under: &Path,
        window: Option<Window>,
    ) -> Result<Vec<(Device, User)>, StoreError> {
        all(|see| self.each_device(under, window, see))
    }

    /// The archives of one device, by guid.
    fn archives_of(&self, device_id: u32) -> Result<Vec<Archive>, StoreError>;

    /// Shows `see` the archives of the devices at and below `under`, each with its device and user, by archive guid.
    fn each_archive(
        &self,
        under: &Path,
        see: See<'_, (Archive, Device, User)>,
    ) -> Result<(), StoreError>;

    /// The same as a list.
    fn archives(&self, under: &Path) -> Result<Vec<(Archive, Device, User)>, StoreError> {
        all(|see| self.each_archive(under, see))
    }

    /// Shows `see` what the agents of the devices of one organization last reported about a property, by device number,
    /// each with its device and user.
    fn each_agent_state(
        &self,
        org_id: OrgId,
        name: &str,
        see: See<'_, (AgentStateRow, Device, User)>,
    ) -> Result<(), StoreError>;

    /// The same as a list.
    fn agent_states(
        &self,
        org_id: OrgId,
        name: &str,
    ) -> Result<Vec<(AgentStateRow, Device, User)>, StoreError> {
        all(|see| self.each_agent_state(org_id, name, see))
    }

    /// What one device's agent last reported about a property.
    fn agent_state(
        &self,
        device_guid: &str,
        name: &str,
    ) -> Result<Option<AgentStateRow>, StoreError>;

    /// One API client.
    fn api_client(&self, client_id: &str) -> Result<Option<ApiClient>, StoreError>;

    /// All API clients, oldest first.
    fn api_clients(&self) -> Result<Vec<ApiClient>, StoreError>;

    /// A token that was ended, by its digest.
    fn ended_token(&self, digest: &[u8]) -> Result<Option<EndedToken>, StoreError>;

    /// The ended tokens that would have ended by themselves at `time` or before, the first ones first; at most `limit`.
    fn ended_tokens_until(
        &self,
        time: Timestamp,
        limit: u64,
    ) -> Result<Vec<EndedToken>, StoreError>;

    /// Shows `see` every row of the tenant as the change that would write it: the tenant itself first, and none before
    /// the ones that it refers to.
    fn each_row(&self, see: See<'_, RowChange>) -> Result<(), StoreError>;
}

/// Sees one row after the other, none of which has to stay in memory; ends the reading by failing.
pub type See<'a, T> = &'a mut dyn FnMut(T) -> Result<(), StoreError>;

/// Everything that is shown, as a list.
pub(super) fn all<T>(
    show: impl FnOnce(See<'_, T>) -> Result<(), StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut all = Vec::new();
    show(&mut |row| {
        all.push(row);
        Ok(())
    })?;
    Ok(all)
}
