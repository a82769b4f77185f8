//! The settings of an organization: what is in force, where it comes from, and changing it.

mod above;
mod backup_sets;
mod changing;
mod checks;
mod device_defaults;
mod diff;
mod document;
mod effective;
mod keys;
mod kind;
mod near;
mod org_settings;
mod places;
mod properties;
mod read;
mod reading;
mod t_settings;
mod table;
mod update;
mod value;
mod write;

pub use device_defaults::{BackupDestination, BackupSet, DeviceDefaults};
pub use effective::{Effective, Origin, SettingChange, SettingConflict, SettingDifference};
pub use keys::SettingKey;
pub use org_settings::OrgSettings;
pub use places::{Place, SettingsGroup, Unit};
pub use read::GetSettings;
pub use t_settings::{Packet, TSetting};
pub use update::{SettingOutcome, SettingResult, SettingsUpdate, UpdateSettings};
pub use value::{Days, Gigabytes, Limit, Quota, SettingValue};
