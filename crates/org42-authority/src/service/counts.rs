//! Counts of the active organizations, users, devices and plans in an organization and below it.

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
