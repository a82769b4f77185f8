//! Devices: listing, reading, blocking, deactivating, and what their agents reported.

use super::listing::{Passing, each};
use super::user_view::UserView;
use super::users::{find, retention, scope, view_of};
use super::way::Ways;
use super::{PageOf, Service, TenantDraft};
use crate::domain::rules::{self, Decision};
use crate::domain::{AgentStateRow, Device, DeviceState, Stamp, TenantRefusal, User};
use crate::store::{DeviceLookup, OrgLookup, ReadView, UserLookup};

/// The devices to list.
#[derive(Clone, Debug)]
pub struct DeviceQuery {
    /// The page.
    pub page: PageOf,
    /// Only devices of users in this organization and below it.
    pub under: Option<OrgLookup>,
    /// Only devices of this user.
    pub user: Option<UserLookup>,
    /// Only active devices, or only inactive ones.
    pub active: Option<bool>,
    /// Only blocked devices, or only those that are not.
    pub blocked: Option<bool>,
    /// Only devices with this text in the name, or with this guid.
    pub search: Option<String>,
}

/// A device as it is now.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DeviceView {
    /// The device.
    pub device: Device,
    /// Its state.
    pub state: DeviceState,
    /// Its user.
    pub user: UserView,
}

impl DeviceQuery {
    /// Returns whether answering it means reading every device.
    pub(crate) fn needs_all(&self) -> bool {
        self.active.is_some() || self.blocked.is_some() || self.search.is_some()
    }

    fn wants(&self, found: &DeviceView) -> bool {
        self.active
            .is_none_or(|active| active == found.state.active)
            && self
                .blocked
                .is_none_or(|blocked| blocked == found.state.blocked)
            && self.search.as_deref().is_none_or(|search| {
                found.device.guid == search
                    || found
                        .device
                        .name
                        .to_lowercase()
                        .contains(&search.to_lowercase())
            })
    }
}

impl Service<'_> {
    /// Passes a page of devices to `see` one after the other; returns how many there are on all pages.
    ///
    /// # Errors
    ///
    /// When the organization is unknown, or the error that `see` returns.
    pub fn each_device(
        &self,
        query: &DeviceQuery,
        see: &mut dyn FnMut(DeviceView) -> Result<(), TenantRefusal>,
    ) -> Result<u64, TenantRefusal> {
        self.look(|view| {
            let under = scope(view, query.under.as_ref())?.path;
            let mut ways = Ways::new(view);
            let mut passing = Passing::new(query.page);
            let mut show = |found: DeviceView| match query.wants(&found) && passing.next_is_shown()
            {
                true => see(found),
                false => Ok(()),
            };
            if let Some(key) = &query.user {
                let owner = match find(view, key) {
                    // A user who does not exist has no devices, and one outside of `under` none to show.
                    Err(TenantRefusal::UserNotFound) => None,
                    found => Some(found?),
                };
                if let Some(owner) = owner.filter(|owner| owner.org.path.is_at_or_below(&under)) {
                    for device in view.devices_of(owner.user.id)? {
                        show(device_of(owner.clone(), device))?;
                    }
                }
                return Ok(passing.total);
            }
            let mut found = |(device, user): (Device, User)| {
                let user = view_of(&mut ways, user)?;
                Ok::<_, TenantRefusal>(device_of(user, device))
            };
            if query.needs_all() {
                let show = |row| show(found(row)?);
                each(|see| view.each_device(&under, None, see), show)?;
                return Ok(passing.total);
            }
            let window = Some(query.page.window());
            let show = |row| see(found(row)?);
            each(|see| view.each_device(&under, window, see), show)?;
            Ok(view.count_devices(&under)?)
        })
    }

    /// Returns one device.
    ///
    /// # Errors
    ///
    /// When no device has this key.
    pub fn device(&self, key: &DeviceLookup) -> Result<DeviceView, TenantRefusal> {
        self.look(|view| find_device(view, key))
    }

    /// Passes to `see` what the agents of an organization's active devices last reported about a property; returns
    /// how many reported.
    ///
    /// # Errors
    ///
    /// When the organization is unknown, or the error that `see` returns.
    pub fn each_agent_state(
        &self,
        key: &OrgLookup,
        name: &str,
        see: &mut dyn FnMut(AgentStateRow) -> Result<(), TenantRefusal>,
    ) -> Result<u64, TenantRefusal> {
        self.look(|view| {
            let org = scope(view, Some(key))?;
            let mut ways = Ways::new(view);
            let mut shown = 0;
            let show = |(row, device, user): (AgentStateRow, Device, User)| match device_of(
                view_of(&mut ways, user)?,
                device,
            )
            .state
            .active
            {
                true => {
                    shown += 1;
                    see(row)
                }
                false => Ok(()),
            };
            each(|see| view.each_agent_state(org.id, name, see), show)?;
            Ok(shown)
        })
    }

    /// Returns what one device's agent last reported about a property.
    ///
    /// # Errors
    ///
    /// When the device is unknown or has reported nothing about it.
    pub fn agent_state(
        &self,
        device_guid: &str,
        name: &str,
    ) -> Result<AgentStateRow, TenantRefusal> {
        self.look(|view| {
            view.agent_state(device_guid, name)?
                .ok_or(TenantRefusal::DeviceNotFound)
        })
    }
}

impl TenantDraft<'_> {
    /// Blocks a device.
    ///
    /// # Errors
    ///
    /// When no device has this key.
    pub fn block_device(&self, key: &DeviceLookup) -> Result<(), TenantRefusal> {
        self.change_device(key, |_, found, stamp| {
            rules::block_device(&found.state, &found.device, stamp)
        })
    }

    /// Unblocks a device.
    ///
    /// # Errors
    ///
    /// When no device has this key, or its user is blocked or deactivated.
    pub fn unblock_device(&self, key: &DeviceLookup) -> Result<(), TenantRefusal> {
        self.change_device(key, |_, found, stamp| {
            rules::unblock_device(&found.user.state, &found.state, &found.device, stamp)
        })
    }

    /// Deactivates a device: its plan stops, its archives go to cold storage.
    ///
    /// # Errors
    ///
    /// When no device has this key.
    pub fn deactivate_device(&self, key: &DeviceLookup) -> Result<(), TenantRefusal> {
        self.change_device(key, |view, found, stamp| {
            let archives = view.archives_of(found.device.id)?;
            let retention = retention(view, &found.user.org)?;
            rules::deactivate_device(&found.state, &found.device, &archives, &retention, stamp)
        })
    }

    /// Makes a device active again. Its backups stay stopped.
    ///
    /// # Errors
    ///
    /// When no device has this key, or its user is deactivated.
    pub fn reactivate_device(&self, key: &DeviceLookup) -> Result<(), TenantRefusal> {
        self.change_device(key, |_, found, stamp| {
            rules::reactivate_device(&found.user.state, &found.state, &found.device, stamp)
        })
    }

    pub(super) fn change_device(
        &self,
        key: &DeviceLookup,
        mut decide: impl FnMut(&dyn ReadView, &DeviceView, Stamp) -> Decision,
    ) -> Result<(), TenantRefusal> {
        self.change(|view, stamp| decide(view, &find_device(view, key)?, stamp))
    }
}

pub(super) fn find_device(
    view: &dyn ReadView,
    key: &DeviceLookup,
) -> Result<DeviceView, TenantRefusal> {
    let device = view.device(key)?.ok_or(TenantRefusal::DeviceNotFound)?;
    Ok(device_of(
        find(view, &UserLookup::Id(device.user_id))?,
        device,
    ))
}

fn device_of(user: UserView, device: Device) -> DeviceView {
    let state = DeviceState::of(&user.org_state, &user.state, &device);
    DeviceView {
        device,
        state,
        user,
    }
}
