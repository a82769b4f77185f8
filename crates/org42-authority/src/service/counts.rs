//! Counts of the active organizations, users, devices and plans in an organization and below it.

use crate::domain::{Device, DeviceState, OrgState, User, UserState};

/// The number of active things in an organization and below it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Organizations, itself included.
    pub orgs: u64,
    /// Users.
    pub users: u64,
    /// Devices.
    pub devices: u64,
    /// Running plans.
    pub plans: u64,
}

impl Counts {
    /// Returns the count of one organization, without anything in it.
    pub(super) fn of_org(org: &OrgState) -> Self {
        Self {
            orgs: u64::from(org.active),
            ..Self::default()
        }
    }

    /// Adds a user of an organization with the state `org`.
    pub(super) fn add_user(&mut self, org: &OrgState, user: &User) {
        self.users += u64::from(UserState::of(org, user).active);
    }

    /// Adds a device of such a user.
    pub(super) fn add_device(&mut self, org: &OrgState, user: &User, device: &Device) {
        let state = DeviceState::of(org, &UserState::of(org, user), device);
        self.devices += u64::from(state.active);
        self.plans += u64::from(state.plan_runs);
    }
}
