//! The table of all settings that have a name: place on the wire, kind, and meaning. The rest of the module reads it.

use crate::settings::keys::places::{Place, Unit};

/// The kind of a setting's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Yes or no.
    Flag,
    /// A name of 3 to 220 characters.
    Name,
    /// Free text that may be missing.
    Note,
    /// Free text.
    Text,
    /// A list or an object of JSON, which is one text on the wire.
    Json,
    /// A whole number.
    Number,
    /// A whole number, or no limit.
    Limit,
    /// Decimal gigabytes, which are bytes on the wire, or no limit.
    Gigabytes,
    /// Days, which are minutes on the wire.
    Days,
    /// Addresses for mail.
    Emails,
    /// Words without a comma, which are one text on the wire.
    Words,
    /// Paths or patterns of a backup set.
    Paths,
    /// Guids of destinations, with `:locked` after those that are.
    Destinations,
}

/// One setting.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) wire: &'static str,
    pub(crate) place: Place,
    pub(crate) kind: Kind,
    pub(crate) unit: Unit,
    pub(crate) read_only: bool,
    pub(crate) meaning: &'static str,
}

macro_rules! rows {
    ($($place:ident { $($name:literal $kind:ident $($unit:ident)? $(($access:ident))? = $wire:literal: $meaning:literal;)* })*) => {
        &[$($(Row {
            name: $name,
            wire: $wire,
            place: Place::$place,
            kind: Kind::$kind,
            unit: rows!(@unit $($unit)?),
            read_only: rows!(@access $($access)?),
            meaning: $meaning,
        },)*)*]
    };
    (@unit) => { Unit::None };
    (@unit $unit:ident) => { Unit::$unit };
    (@access) => { false };
    (@access read_only) => { true };
}

pub(crate) const ROWS: &[Row] = rows! {
    Organization {
        "org_id" Number (read_only) = "orgId": "The organization's number.";
        "registration_key" Text (read_only) = "registrationKey": "The key with which devices register.";
        "org_name" Name = "orgName": "The organization's name.";
        "external_reference" Note = "orgExtRef": "A reference of another system, such as a serial number or help desk issue.";
        "notes" Note = "notes": "Free text.";
        "web_restore_admin_limit" Number Megabytes = "settings.webRestoreAdminLimitMb":
            "How much administrators may restore at once in the web console; 0 forbids it.";
        "web_restore_user_limit" Number Megabytes = "settings.webRestoreUserLimitMb":
            "How much users may restore at once in the web console; 0 forbids it.";
    }
    Quota {
        "quota_settings_inherited" Flag = "settings.isUsingQuotaDefaults":
            "Whether the settings of the quota group come from the parent.";
        "archive_hold_days" Number Days = "settings.archiveHoldDays":
            "How long archives stay in cold storage after deactivation or the removal of a destination, before they are purged.";
        "maximum_user_subscriptions" Limit = "settings.maxSeats":
            "How many users may use a licence.";
        "org_backup_quota" Gigabytes Gigabytes = "settings.maxBytes":
            "How much the whole organization may back up.";
        "user_backup_quota" Gigabytes Gigabytes = "settings.defaultUserMaxBytes":
            "How much each user may back up.";
    }
    Reporting {
        "reporting_settings_inherited" Flag = "settings.isUsingReportingDefaults":
            "Whether the settings of the reporting group come from the parent.";
        "backup_warning_email_days" Number Days = "settings.warnInDays":
            "After how long without backup administrators are mailed a warning about a device.";
        "backup_critical_email_days" Number Days = "settings.alertInDays":
            "After how long without backup administrators are mailed a critical alert about a device.";
        "backup_alert_recipient_emails" Emails = "settings.recipients":
            "Who is mailed these alerts, beside the organization's administrators.";
    }
    Destinations {
        "destination_settings_inherited" Flag = "settings.isUsingDestinationDefaults":
            "Whether the destinations that are offered come from the parent.";
        "device_defaults.available_destinations" Destinations (read_only) = "settings.destinations":
            "The destinations that are offered to devices, by guid.";
    }
    DeviceDefaults {
        "device_defaults.warning_email_enabled" Flag = "warningEmailEnabled":
            "Whether new devices mail their user a warning when they are not backed up.";
        "device_defaults.critical_email_enabled" Flag = "severeEmailEnabled":
            "Whether new devices mail their user a critical alert when they are not backed up.";
        "device_defaults.warning_alert_days" Days Days = "minutesUntilWarning":
            "How long a new device may be without backup before the warning.";
        "device_defaults.critical_alert_days" Days Days = "minutesUntilSevere":
            "How long a new device may be without backup before the critical alert.";
        "device_defaults.backup_status_email_enabled" Flag = "backupStatusEmailEnabled":
            "Whether new devices mail their user how the backup stands, regularly.";
        "device_defaults.backup_status_email_frequency_days" Days Days = "backupStatusEmailFreqInMinutes":
            "How often that mail is sent.";
    }
    TSetting {
        "endpoint_monitoring_enabled" Flag = "org-securityTools-enable":
            "Whether endpoints are monitored at all: the master switch of the ones below.";
        "endpoint_monitoring_removable_media_enabled" Flag = "org-securityTools-device-detection-enable":
            "Whether files moved to removable media are watched.";
        "endpoint_monitoring_cloud_sync_enabled" Flag = "org-securityTools-cloud-detection-enable":
            "Whether files in folders of cloud services are watched.";
        "endpoint_monitoring_browser_and_applications_enabled" Flag = "org-securityTools-open-file-detection-enable":
            "Whether files opened in browsers and other applications are watched.";
        "endpoint_monitoring_printer_detection_enabled" Flag = "org_securityTools_printer_detection_enable":
            "Whether printed files are watched.";
        "endpoint_monitoring_file_metadata_collection_enabled" Flag = "device_fileForensics_enabled":
            "Whether the metadata of files is collected.";
        "endpoint_monitoring_file_metadata_scan_enabled" Flag = "device_fileForensics_scan_enabled":
            "Whether file metadata are collected by regular full scans.";
        "endpoint_monitoring_file_metadata_ingest_scan_enabled" Flag = "device_fileForensics_enqueue_scan_events_during_ingest":
            "Whether devices begin to collect file metadata with a full scan.";
        "endpoint_monitoring_background_priority_enabled" Flag = "device_background_priority_enabled":
            "Whether tasks that read and write much run with less priority on devices.";
        "endpoint_monitoring_custom_applications_win" Words = "device_org_winAppActivity_binaryWhitelist":
            "More Windows applications to watch.";
        "endpoint_monitoring_custom_applications_mac" Words = "device_org_macAppActivity_binaryWhitelist":
            "More macOS applications to watch.";
        "endpoint_monitoring_file_metadata_collection_exclusions" Text = "device_fileForensics_fileExclusions_org":
            "Files of which no metadata are collected, in the console's own notation.";
        "endpoint_monitoring_file_exfiltration_detection_exclusions" Text = "org_securityTools_detection_monitoring_exclusions":
            "Files that are not watched, in the console's own notation.";
        "web_restore_enabled" Flag = "device_webRestore_enabled":
            "Whether files can be restored in the web console.";
        "device_advancedExfiltrationDetection_enabled" Flag = "device_advancedExfiltrationDetection_enabled":
            "Whether advanced detection runs; goes on and off with endpoint_monitoring_enabled.";
        "device_upgrade_delay" Number = "device_upgrade_delay":
            "How long devices wait with an upgrade.";
        "device_engine_pause_allowedTypes" Json = "device_engine_pause_allowedTypes":
            "Which kinds of backup users may pause, as JSON.";
        "device_network_dscp_preferIP4" Flag = "device_network_dscp_preferIP4":
            "Whether devices prefer IPv4.";
        "device_network_utilization_schedule_enabled" Flag = "device_network_utilization_schedule_enabled":
            "Whether network use follows a schedule.";
        "device_network_utilization_schedule" Json = "device_network_utilization_schedule":
            "The schedule of network use, as JSON.";
        "device_network_utilization_schedule_rate" Json = "device_network_utilization_schedule_rate":
            "The limits of network use inside and outside the schedule, as JSON.";
        "c42.msa.acceptance" Text = "c42.msa.acceptance":
            "Who accepted the licence agreement, and when.";
        "org-securityTools-yara-scanner-enable" Flag = "org-securityTools-yara-scanner-enable":
            "Whether devices look for malicious files; older.";
        "org-securityTools-restore-detection-enable" Flag = "org-securityTools-restore-detection-enable":
            "Whether restores are watched; older.";
        "org-securityTools-client-enable" Flag = "org-securityTools-client-enable":
            "Whether the security client runs; older.";
    }
};

/// The coupling of endpoint monitoring with other settings, by the keys of the wire: py42's rules.
pub(crate) mod coupling {
    pub(crate) const MASTER: &str = "org-securityTools-enable";
    const ADVANCED: &str = "device_advancedExfiltrationDetection_enabled";
    const METADATA: &str = "device_fileForensics_enabled";
    const WATCHERS: [&str; 4] = [
        "org-securityTools-cloud-detection-enable",
        "org-securityTools-open-file-detection-enable",
        "org-securityTools-device-detection-enable",
        "org_securityTools_printer_detection_enable",
    ];

    /// Returns the settings that the server sets to the same value when `key` is set to `on`.
    pub(crate) fn taken_along(key: &str, on: bool) -> Vec<&'static str> {
        match key {
            MASTER if on => vec![ADVANCED],
            MASTER => [ADVANCED].into_iter().chain(WATCHERS).collect(),
            _ if on && (key == METADATA || WATCHERS.contains(&key)) => vec![MASTER, ADVANCED],
            _ => Vec::new(),
        }
    }

    /// Returns whether setting this key may set others too.
    pub(crate) fn is_coupled(key: &str) -> bool {
        !taken_along(key, true).is_empty()
    }
}
