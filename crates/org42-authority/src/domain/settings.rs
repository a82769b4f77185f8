//! The settings of organizations: their own values, and those that they inherit.
//!
//! An organization keeps only the values of its own. What is in force is worked out from the way down to it, so a
//! change above reaches at once every organization that inherits it, and no other.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use org42_types::OrgId;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// A place that devices back up to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination {
    /// `destinationId`.
    pub id: u32,
    /// `guid`, a decimal text.
    pub guid: String,
    /// `destinationName`.
    pub name: String,
}

impl Destination {
    /// Returns the destinations of a new tenant.
    #[must_use]
    pub fn of_new_tenant() -> Vec<Self> {
        let all = [
            (14, "43", "Cloud, US"),
            (160_021_993, "632540230984925185", "Cloud, US - West"),
            (160_022_306, "673679195225718785", "Cloud, AMS"),
        ];
        let destination = |(id, guid, name): (u32, &str, &str)| Self {
            id,
            guid: guid.to_owned(),
            name: name.to_owned(),
        };
        all.map(destination).into()
    }

    /// Returns the destination as documents list it.
    #[must_use]
    pub fn document(&self) -> Value {
        json!({
            "destinationId": self.id,
            "guid": self.guid,
            "destinationName": self.name,
            "type": "CLUSTER",
        })
    }
}

/// A group of fields that are inherited, or an organization's own, together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Cold storage, subscriptions and quotas: `isUsingQuotaDefaults`.
    Quota,
    /// Mails to administrators: `isUsingReportingDefaults`.
    Reporting,
    /// No group: each field is inherited by itself, and there is no switch to inherit it again.
    None,
}

/// The values that a field can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A whole number from 0.
    Count,
    /// A whole number from 0, or -1 for no limit.
    Limit,
    /// True or false.
    Bool,
    /// A text.
    Text,
    /// Several texts.
    Texts,
    /// Several mail addresses.
    Emails,
    /// Several whole numbers.
    Numbers,
    /// Seven letters, Sunday first; `_` for a day that is left out.
    Schedule,
}

impl Kind {
    /// Returns a description of the values that are allowed, for people.
    #[must_use]
    pub fn wanted(self) -> &'static str {
        match self {
            Self::Count => "a whole number from 0 to 2147483647",
            Self::Limit => "a whole number from 0, or -1",
            Self::Bool => "true or false",
            Self::Text => "a text",
            Self::Texts => "a list of texts",
            Self::Emails => "a list of mail addresses",
            Self::Numbers => "a list of whole numbers",
            Self::Schedule => "seven letters of SMTWHFS_",
        }
    }

    /// Returns whether a value is of this kind.
    #[must_use]
    pub fn takes(self, value: &Value) -> bool {
        let all = |is: fn(&Value) -> bool| value.as_array().is_some_and(|list| list.iter().all(is));
        match self {
            Self::Count => value
                .as_i64()
                .is_some_and(|n| (0..=i64::from(i32::MAX)).contains(&n)),
            Self::Limit => value.as_i64().is_some_and(|n| n >= -1),
            Self::Bool => value.is_boolean(),
            Self::Text => value.is_string(),
            Self::Texts => all(Value::is_string),
            Self::Emails => all(is_email),
            Self::Numbers => all(Value::is_u64),
            Self::Schedule => value.as_str().is_some_and(is_schedule),
        }
    }
}

fn is_email(value: &Value) -> bool {
    let text = value.as_str().unwrap_or_default();
    text.contains('@') && !text.contains(char::is_whitespace)
}

fn is_schedule(text: &str) -> bool {
    let week = "SMTWHFS".chars();
    text.chars().count() == 7 && text.chars().zip(week).all(|(c, day)| c == '_' || c == day)
}

/// A field of the settings.
#[derive(Clone, Copy, Debug)]
pub struct SettingField {
    /// Its name on the wire.
    pub key: &'static str,
    /// The group with which it is inherited.
    pub group: Group,
    /// The values that it can have.
    pub kind: Kind,
    default: &'static str,
}

impl SettingField {
    /// Returns the value that a new tenant has.
    #[must_use]
    pub fn usual(&self) -> Value {
        serde_json::from_str(self.default).unwrap_or_default()
    }
}

const fn field(key: &'static str, group: Group, kind: Kind, default: &'static str) -> SettingField {
    SettingField {
        key,
        group,
        kind,
        default,
    }
}

/// Every field that can be set, with the value that a new tenant has.
pub const FIELDS: [SettingField; 22] = [
    field("maxSeats", Group::Quota, Kind::Limit, "-1"),
    field("maxBytes", Group::Quota, Kind::Limit, "-1"),
    field(HOLD_DAYS, Group::Quota, Kind::Count, "14"),
    field("defaultUserMaxBytes", Group::Quota, Kind::Limit, "-1"),
    field("defaultUserMobileQuota", Group::Quota, Kind::Limit, "-1"),
    field("webRestoreUserLimitMb", Group::None, Kind::Count, "250"),
    field("webRestoreAdminLimitMb", Group::None, Kind::Count, "250"),
    field("warnInDays", Group::Reporting, Kind::Count, "7"),
    field("alertInDays", Group::Reporting, Kind::Count, "14"),
    field("recipients", Group::Reporting, Kind::Emails, "[]"),
    field(
        "reportSchedule",
        Group::Reporting,
        Kind::Schedule,
        "\"_______\"",
    ),
    field("sendReports", Group::Reporting, Kind::Bool, "false"),
    field("usernameIsAnEmail", Group::None, Kind::Bool, "true"),
    field("ldapServerIds", Group::None, Kind::Numbers, "[0]"),
    field("radiusServerIds", Group::None, Kind::Numbers, "[0]"),
    field(
        "ssoIdentityProviderUids",
        Group::None,
        Kind::Texts,
        "[\"0\"]",
    ),
    field(
        "securityKeyType",
        Group::None,
        Kind::Text,
        "\"AccountPassword\"",
    ),
    field("securityKeyLocked", Group::None, Kind::Bool, "true"),
    field("autoOfferSelf", Group::None, Kind::Bool, "false"),
    field("allowLocalFolders", Group::None, Kind::Bool, "true"),
    field("defaultRoles", Group::None, Kind::Texts, "[]"),
    field("isSimpleOrg", Group::None, Kind::Bool, "false"),
];

/// The field that decides how long archives stay in cold storage.
pub(crate) const HOLD_DAYS: &str = "archiveHoldDays";

/// The settings that are kept by key, with the values that a new tenant has.
const KEYS: [(&str, &str); 23] = [
    ("org-securityTools-enable", "false"),
    ("device_advancedExfiltrationDetection_enabled", "false"),
    ("org-securityTools-device-detection-enable", "false"),
    ("org-securityTools-cloud-detection-enable", "false"),
    ("org-securityTools-open-file-detection-enable", "false"),
    ("org_securityTools_printer_detection_enable", "false"),
    ("device_fileForensics_enabled", "false"),
    ("device_fileForensics_scan_enabled", "false"),
    (
        "device_fileForensics_enqueue_scan_events_during_ingest",
        "false",
    ),
    ("device_background_priority_enabled", "false"),
    ("device_org_winAppActivity_binaryWhitelist", ""),
    ("device_org_macAppActivity_binaryWhitelist", ""),
    ("device_fileForensics_fileExclusions_org", ""),
    ("org_securityTools_detection_monitoring_exclusions", ""),
    ("device_webRestore_enabled", "true"),
    ("device_upgrade_delay", "60"),
    (
        "device_engine_pause_allowedTypes",
        "[\"legalHold\",\"backup\"]",
    ),
    ("device_network_dscp_preferIP4", "true"),
    ("device_network_utilization_schedule_enabled", "false"),
    ("org-securityTools-yara-scanner-enable", "false"),
    ("org-securityTools-restore-detection-enable", "false"),
    ("org-securityTools-client-enable", "false"),
    ("device_network_utilization_schedule", "{}"),
];

/// Returns whether a setting kept by key can only be `true` or `false`.
pub(crate) fn is_switch(key: &str) -> bool {
    let known = KEYS.iter().find(|(known, _)| *known == key);
    known.is_some_and(|(_, value)| matches!(*value, "true" | "false"))
}

static DEVICE_DEFAULTS: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("device_defaults.json")).unwrap_or_default()
});

/// A setting that is kept by key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeySetting {
    /// Its value, always a text.
    pub value: String,
    /// Whether organizations below are bound to this value.
    pub locked: bool,
}

/// The settings that one organization has of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Own {
    /// All fields of the quota group; `None` while it is inherited.
    pub quota: Option<Map<String, Value>>,
    /// All fields of the reporting group; `None` while it is inherited.
    pub reporting: Option<Map<String, Value>>,
    /// The fields outside of groups that are its own.
    pub fields: Map<String, Value>,
    /// The guids of the destinations that it offers; `None` while they are inherited.
    pub destinations: Option<Vec<String>>,
    /// The device defaults; `None` while they are inherited.
    pub device_defaults: Option<Value>,
    /// The settings kept by key that are its own.
    pub by_key: BTreeMap<String, KeySetting>,
}

impl Own {
    /// Returns the place of a group: `None` in it while the group is inherited; nothing for [`Group::None`].
    pub(crate) fn group(&mut self, group: Group) -> Option<&mut Option<Map<String, Value>>> {
        match group {
            Group::Quota => Some(&mut self.quota),
            Group::Reporting => Some(&mut self.reporting),
            Group::None => None,
        }
    }

    /// Returns how many days archives stay in cold storage, if the organization has a number of its own.
    pub(crate) fn hold_days(&self) -> Option<u32> {
        let days = self.quota.as_ref()?.get(HOLD_DAYS)?.as_u64()?;
        u32::try_from(days).ok()
    }
}

/// The settings that one organization has of its own, with its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnSettings {
    /// The organization.
    pub org_id: OrgId,
    /// Its own settings.
    pub own: Own,
}

/// The settings that are in force in an organization, and the organizations that they come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InForce {
    /// The fields, by name.
    pub fields: Map<String, Value>,
    /// The guids of the destinations that are offered.
    pub destinations: Vec<String>,
    /// The organization that the destinations come from.
    pub destinations_from: OrgId,
    /// The device defaults.
    pub device_defaults: Value,
    /// The organization that the device defaults come from.
    pub device_defaults_from: OrgId,
    /// The settings kept by key, each with the organization that it comes from.
    pub by_key: BTreeMap<String, (KeySetting, OrgId)>,
}

impl InForce {
    /// Returns what is in force in a new tenant; its top organization provides it.
    #[must_use]
    pub fn above_top(top: OrgId, destinations: &[Destination]) -> Self {
        let key = |(key, value): &(&str, &str)| {
            let setting = KeySetting {
                value: (*value).to_owned(),
                locked: false,
            };
            ((*key).to_owned(), (setting, top))
        };
        Self {
            fields: FIELDS
                .iter()
                .map(|field| (field.key.to_owned(), field.usual()))
                .collect(),
            destinations: destinations.iter().map(|d| d.guid.clone()).collect(),
            destinations_from: top,
            device_defaults: DEVICE_DEFAULTS.clone(),
            device_defaults_from: top,
            by_key: KEYS.iter().map(key).collect(),
        }
    }

    /// Returns what is in force in the organization `org_id`, whose parent this is in force in.
    #[must_use]
    pub fn below(&self, org_id: OrgId, own: &Own) -> Self {
        let mut below = self.clone();
        let groups = [&own.quota, &own.reporting].into_iter().flatten();
        for (key, value) in groups.flatten().chain(&own.fields) {
            below.fields.insert(key.clone(), value.clone());
        }
        if let Some(destinations) = &own.destinations {
            below.destinations.clone_from(destinations);
            below.destinations_from = org_id;
        }
        if let Some(defaults) = &own.device_defaults {
            below.device_defaults.clone_from(defaults);
            below.device_defaults_from = org_id;
        }
        for (key, setting) in &own.by_key {
            // A lock above counts even if it is newer than the value that was set here.
            if !self.locks(key) {
                below.by_key.insert(key.clone(), (setting.clone(), org_id));
            }
        }
        below
    }

    /// Returns whether organizations below are bound to the value of a setting kept by key.
    #[must_use]
    pub fn locks(&self, key: &str) -> bool {
        self.by_key
            .get(key)
            .is_some_and(|(setting, _)| setting.locked)
    }

    /// Returns the fields of a group.
    pub(crate) fn group(&self, group: Group) -> Map<String, Value> {
        let fields = FIELDS.iter().filter(|field| field.group == group);
        fields
            .filter_map(|field| Some((field.key.to_owned(), self.fields.get(field.key)?.clone())))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_of_its_kind() {
        let top = InForce::above_top(2.into(), &Destination::of_new_tenant());
        for field in &FIELDS {
            assert!(field.kind.takes(&top.fields[field.key]), "{}", field.key);
        }
        let sets = &top.device_defaults["serviceBackupConfig"]["backupConfig"]["backupSets"];
        assert_eq!(sets.as_array().map(Vec::len), Some(1));
    }

    #[test]
    fn a_schedule_has_seven_days_in_order() {
        for (text, is) in [
            ("_______", true),
            ("SM_WHF_", true),
            ("S", false),
            ("MS_____", false),
        ] {
            assert_eq!(Kind::Schedule.takes(&json!(text)), is, "{text}");
        }
    }
}
