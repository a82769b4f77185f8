//! Devices: listing, reading, and the verbs.

use super::users::{UserView, find, retention, scope, view_of};
use super::way::Ways;
use super::{Listing, PageOf, TenantService};
use crate::store::{DeviceKey, OrgKey, Snapshot, UserKey};
use crate::tree::rules::{self, Decision};
use crate::tree::{AgentStateRow, Device, DeviceState, Refusal, Stamp};

/// Which devices to list.
#[derive(Clone, Debug)]
pub struct DeviceQuery {
    /// Which page.
    pub page: PageOf,
    /// Only those of users of this organization and below it.
    pub under: Option<OrgKey>,
    /// Only those of this user.
    pub user: Option<UserKey>,
    /// Only active ones, or only inactive ones.
    pub active: Option<bool>,
    /// Only blocked ones, or only those that are not.
    pub blocked: Option<bool>,
    /// Only those with this text in the name, or with this guid.
    pub search: Option<String>,
}

/// A device as it is now.
#[derive(Clone, Debug)]
pub struct DeviceView {
    /// The device.
    pub device: Device,
    /// Its state.
    pub state: DeviceState,
    /// Its user.
    pub user: UserView,
}

impl DeviceQuery {
    fn needs_all(&self) -> bool {
        self.active.is_some() || self.blocked.is_some() || self.search.is_some()
    }

    fn wants(&self, view: &DeviceView) -> bool {
        self.active.is_none_or(|active| active == view.state.active)
            && self
                .blocked
                .is_none_or(|blocked| blocked == view.state.blocked)
            && self.search.as_deref().is_none_or(|search| {
                view.device.guid == search
                    || view
                        .device
                        .name
                        .to_lowercase()
                        .contains(&search.to_lowercase())
            })
    }
}

impl TenantService {
    /// A page of devices.
    ///
    /// # Errors
    ///
    /// When the organization is unknown.
    pub fn list_devices(&self, query: &DeviceQuery) -> Result<Listing<DeviceView>, Refusal> {
        self.look(|snapshot| {
            let under = scope(snapshot, query.under.as_ref())?.path;
            let mut ways = Ways::new(snapshot);
            let mut views = |devices: Vec<(Device, crate::tree::User)>| {
                let view = |(device, user)| Ok(device_of(view_of(&mut ways, user)?, device));
                devices
                    .into_iter()
                    .map(view)
                    .collect::<Result<Vec<_>, Refusal>>()
            };
            if let Some(key) = &query.user {
                let mut all = Vec::new();
                let owner = match find(snapshot, key) {
                    // Nobody has no devices, and whoever is out of reach has none to show.
                    Err(Refusal::UserNotFound) => None,
                    found => Some(found?),
                };
                if let Some(owner) = owner.filter(|owner| owner.org.path.is_at_or_below(&under)) {
                    let devices = snapshot.devices_of(owner.user.id)?;
                    all.extend(
                        devices
                            .into_iter()
                            .map(|device| device_of(owner.clone(), device)),
                    );
                }
                all.retain(|view| query.wants(view));
                return Ok(Listing::cut(all, query.page));
            }
            if query.needs_all() {
                let mut all = views(snapshot.devices(&under, None)?)?;
                all.retain(|view| query.wants(view));
                return Ok(Listing::cut(all, query.page));
            }
            let rows = views(snapshot.devices(&under, Some(query.page.window()))?)?;
            Ok(Listing {
                total: snapshot.count_devices(&under)?,
                rows,
            })
        })
    }

    /// One device.
    ///
    /// # Errors
    ///
    /// When there is none with this key.
    pub fn device(&self, key: &DeviceKey) -> Result<DeviceView, Refusal> {
        self.look(|snapshot| find_device(snapshot, key))
    }

    /// Blocks a device.
    ///
    /// # Errors
    ///
    /// When there is none with this key.
    pub fn block_device(&self, key: &DeviceKey) -> Result<(), Refusal> {
        self.change_device(key, |_, view, stamp| {
            rules::block_device(&view.state, &view.device, stamp)
        })
    }

    /// Unblocks a device.
    ///
    /// # Errors
    ///
    /// When there is none with this key, or its user is blocked or deactivated.
    pub fn unblock_device(&self, key: &DeviceKey) -> Result<(), Refusal> {
        self.change_device(key, |_, view, stamp| {
            rules::unblock_device(&view.user.state, &view.state, &view.device, stamp)
        })
    }

    /// Deactivates a device: its plan stops, its archives go to cold storage.
    ///
    /// # Errors
    ///
    /// When there is none with this key.
    pub fn deactivate_device(&self, key: &DeviceKey) -> Result<(), Refusal> {
        self.change_device(key, |snapshot, view, stamp| {
            let archives = snapshot.archives_of(view.device.id)?;
            let retention = retention(snapshot, &view.user.org)?;
            rules::deactivate_device(&view.state, &view.device, &archives, &retention, stamp)
        })
    }

    /// Makes a device active again. Its backups stay stopped.
    ///
    /// # Errors
    ///
    /// When there is none with this key, or its user is deactivated.
    pub fn reactivate_device(&self, key: &DeviceKey) -> Result<(), Refusal> {
        self.change_device(key, |_, view, stamp| {
            rules::reactivate_device(&view.user.state, &view.state, &view.device, stamp)
        })
    }

    pub(super) fn change_device(
        &self,
        key: &DeviceKey,
        mut decide: impl FnMut(&dyn Snapshot, &DeviceView, Stamp) -> Decision,
    ) -> Result<(), Refusal> {
        self.change(|snapshot, stamp| decide(snapshot, &find_device(snapshot, key)?, stamp))
    }

    /// What the agents of an organization's active devices last reported about a property.
    ///
    /// # Errors
    ///
    /// When the organization is unknown.
    pub fn agent_states(&self, key: &OrgKey, name: &str) -> Result<Vec<AgentStateRow>, Refusal> {
        self.look(|snapshot| {
            let org = scope(snapshot, Some(key))?;
            let mut ways = Ways::new(snapshot);
            let mut rows = Vec::new();
            for (row, device, user) in snapshot.agent_states(org.id, name)? {
                if device_of(view_of(&mut ways, user)?, device).state.active {
                    rows.push(row);
                }
            }
            Ok(rows)
        })
    }

    /// What one device's agent last reported about a property.
    ///
    /// # Errors
    ///
    /// When the device is unknown or has reported nothing about it.
    pub fn agent_state(&self, device_guid: &str, name: &str) -> Result<AgentStateRow, Refusal> {
        self.look(|snapshot| {
            snapshot
                .agent_state(device_guid, name)?
                .ok_or(Refusal::DeviceNotFound)
        })
    }
}

pub(super) fn find_device(snapshot: &dyn Snapshot, key: &DeviceKey) -> Result<DeviceView, Refusal> {
    let device = snapshot.device(key)?.ok_or(Refusal::DeviceNotFound)?;
    Ok(device_of(
        find(snapshot, &UserKey::Id(device.user_id))?,
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
