//! The settings of an organization: which values are in force, where they come from, and changing them.

mod document;
mod edit;
mod keys;
mod service;

pub use document::t_settings::{Packet, TSetting};
pub use edit::device_defaults::{BackupDestination, BackupSet, DeviceDefaults};
pub use edit::effective::{Effective, Origin, SettingChange, SettingConflict, SettingDifference};
pub use edit::org_settings::OrgSettings;
pub use keys::key::SettingKey;
pub use keys::places::{Place, SettingsGroup, Unit};
pub use keys::value::{Days, Gigabytes, Limit, Quota, SettingValue};
pub use service::fetch::GetSettings;
pub use service::update::{SettingOutcome, SettingResult, SettingsUpdate, UpdateSettings};
