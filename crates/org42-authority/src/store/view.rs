//! One consistent state of a tenant, and the questions that it answers.

use std::collections::BTreeSet;

use org42_types::{OrgId, Timestamp};

use super::error::StoreError;
use super::lookup::{DeviceLookup, OrgLookup, UserLookup, Window};
use crate::domain::settings::OwnSettings;
use crate::domain::{
    AgentStateRow, ApiClient, Archive, Deactivation, Device, EndedToken, HoldDays, KeyedAnswer,
    OrgRecord, Path, Revision, RowChange, Tenant, User,
};

/// One consistent state of a tenant.
pub trait ReadView {
    /// Returns the revision of this state, if it is one that was committed: what is worked out of it may be kept by that
    /// number, which no other state ever has. `None` while the state is being changed.
    fn committed(&self) -> Option<Revision> {
        None
    }

    /// Returns the organizations whose own row, users or devices were written by the commits since the state with this
    /// revision; `None` where that is not known, so that anything may have been.
    fn touched_since(&self, since: Revision) -> Option<BTreeSet<OrgId>> {
        let _ = since;
        None
    }

    /// Returns the tenant; `None` in an empty store.
    fn tenant(&self) -> Result<Option<Tenant>, StoreError>;

    /// Returns one organization.
    fn org(&self, key: &OrgLookup) -> Result<Option<OrgRecord>, StoreError>;

    /// Returns the child of `parent` that has exactly this name.
    fn child_named(&self, parent: OrgId, name: &str) -> Result<Option<OrgRecord>, StoreError>;

    /// Returns those organizations that exist from the top one down to the one at `path`, in this order.
    fn way_down(&self, path: &Path) -> Result<Vec<OrgRecord>, StoreError>;

    /// Returns how many organizations the tenant has.
    fn count_orgs(&self) -> Result<u64, StoreError>;

    /// Passes organizations to `see` in the order of listings: the top one, then by number.
    fn each_listed_org(&self, window: Window, see: See<'_, OrgRecord>) -> Result<(), StoreError>;

    /// Passes those organizations to `see` that come after one in the order of listings, which is not the top one; what
    /// comes before it is not gone through.
    fn each_listed_org_after(
        &self,
        after: OrgId,
        window: Window,
        see: See<'_, OrgRecord>,
    ) -> Result<(), StoreError>;

    /// Returns organizations in the order of listings: the top one, then by number.
    fn org_page(&self, window: Window) -> Result<Vec<OrgRecord>, StoreError> {
        all(|see| self.each_listed_org(window, see))
    }

    /// Passes the organizations at and below `under` to `see`, in the order of their paths.
    fn each_org(&self, under: &Path, see: See<'_, OrgRecord>) -> Result<(), StoreError>;

    /// Returns the organizations at and below `under`, in the order of their paths.
    fn subtree(&self, under: &Path) -> Result<Vec<OrgRecord>, StoreError> {
        all(|see| self.each_org(under, see))
    }

    /// Returns the deactivations of the organizations on the way down to `path` and below it, oldest first.
    fn deactivations(&self, path: &Path) -> Result<Vec<Deactivation>, StoreError>;

    /// Returns the history of how long archives stay in cold storage, of the organizations on the way down to `path`
    /// and below it, oldest first.
    fn hold_days(&self, path: &Path) -> Result<Vec<HoldDays>, StoreError>;

    /// Returns the own settings of those organizations on the way down to `path` that have any, the top one first.
    fn own_settings(&self, path: &Path) -> Result<Vec<OwnSettings>, StoreError>;

    /// Returns one user.
    fn user(&self, key: &UserLookup) -> Result<Option<User>, StoreError>;

    /// Returns how many users the organizations at and below `under` have.
    fn count_users(&self, under: &Path) -> Result<u64, StoreError>;

    /// Passes the users of the organizations at and below `under` to `see`, by number; all of them without a window.
    fn each_user(
        &self,
        under: &Path,
        window: Option<Window>,
        see: See<'_, User>,
    ) -> Result<(), StoreError>;

    /// Returns the users of the organizations at and below `under`, by number; all of them without a window.
    fn users(&self, under: &Path, window: Option<Window>) -> Result<Vec<User>, StoreError> {
        all(|see| self.each_user(under, window, see))
    }

    /// Returns the users of one organization, by number.
    fn users_of(&self, org_id: OrgId) -> Result<Vec<User>, StoreError>;

    /// Returns one device.
    fn device(&self, key: &DeviceLookup) -> Result<Option<Device>, StoreError>;

    /// Returns the devices of one user, by number.
    fn devices_of(&self, user_id: u32) -> Result<Vec<Device>, StoreError>;

    /// Returns how many devices the users at and below `under` have.
    fn count_devices(&self, under: &Path) -> Result<u64, StoreError>;

    /// Passes the devices of the users at and below `under` to `see`, each with its user, by number; all of them
    /// without a window.
    fn each_device(
        &self,
        under: &Path,
        window: Option<Window>,
        see: See<'_, (Device, User)>,
    ) -> Result<(), StoreError>;

    /// Returns the devices of the users at and below `under`, each with its user, by number; all of them without a
    /// window.
    fn devices(
        &self,
        under: &Path,
        window: Option<Window>,
    ) -> Result<Vec<(Device, User)>, StoreError> {
        all(|see| self.each_device(under, window, see))
    }

    /// Returns the archives of one device, by guid.
    fn archives_of(&self, device_id: u32) -> Result<Vec<Archive>, StoreError>;

    /// Passes the archives of the devices at and below `under` to `see`, each with its device and user, by archive
    /// guid.
    fn each_archive(
        &self,
        under: &Path,
        see: See<'_, (Archive, Device, User)>,
    ) -> Result<(), StoreError>;

    /// Returns the archives of the devices at and below `under`, each with its device and user, by archive guid.
    fn archives(&self, under: &Path) -> Result<Vec<(Archive, Device, User)>, StoreError> {
        all(|see| self.each_archive(under, see))
    }

    /// Passes to `see` what the agents of one organization's devices last reported about a property, by device
    /// number, each with its device and user.
    fn each_agent_state(
        &self,
        org_id: OrgId,
        name: &str,
        see: See<'_, (AgentStateRow, Device, User)>,
    ) -> Result<(), StoreError>;

    /// Returns what the agents of one organization's devices last reported about a property, by device number, each
    /// with its device and user.
    fn agent_states(
        &self,
        org_id: OrgId,
        name: &str,
    ) -> Result<Vec<(AgentStateRow, Device, User)>, StoreError> {
        all(|see| self.each_agent_state(org_id, name, see))
    }

    /// Returns what one device's agent last reported about a property.
    fn agent_state(
        &self,
        device_guid: &str,
        name: &str,
    ) -> Result<Option<AgentStateRow>, StoreError>;

    /// Returns one API client.
    fn api_client(&self, client_id: &str) -> Result<Option<ApiClient>, StoreError>;

    /// Returns all API clients, oldest first.
    fn api_clients(&self) -> Result<Vec<ApiClient>, StoreError>;

    /// Returns the ended token with this digest.
    fn ended_token(&self, digest: &[u8]) -> Result<Option<EndedToken>, StoreError>;

    /// Returns the ended tokens that expire at `time` or before, the first to expire first; at most `limit`.
    fn ended_tokens_until(
        &self,
        time: Timestamp,
        limit: u64,
    ) -> Result<Vec<EndedToken>, StoreError>;

    /// Returns the answer that is kept under this digest.
    fn keyed_answer(&self, digest: &[u8]) -> Result<Option<KeyedAnswer>, StoreError>;

    /// Returns the digests of the answers that are forgotten at `time` or before, the first ones first; at most
    /// `limit`.
    fn keyed_answers_until(&self, time: Timestamp, limit: u64) -> Result<Vec<Vec<u8>>, StoreError>;

    /// Passes every row of the tenant to `see`, as the change that would write it: the tenant itself first, and each
    /// row after those that it refers to.
    fn each_row(&self, see: See<'_, RowChange>) -> Result<(), StoreError>;
}

/// A closure that is called with one row after the other, so that they need not all be in memory; its error ends the
/// reading.
pub type See<'a, T> = &'a mut dyn FnMut(T) -> Result<(), StoreError>;

/// Collects everything that `show` shows into a list.
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
