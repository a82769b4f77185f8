//! The getters and setters of the settings by name: each a line over [`OrgSettings::get`] and [`OrgSettings::set`].

use std::ops::{Deref, DerefMut};

use crate::error::Result;
use crate::settings::edit::device_defaults::DeviceDefaults;
use crate::settings::edit::org_settings::OrgSettings;
use crate::settings::keys::key::SettingKey;
use crate::settings::keys::value::{Days, FromSetting, Limit, Quota, SettingValue};

impl OrgSettings {
    /// Returns the value of a named setting as a type; `None` if the server sent none, or one of another kind.
    pub(crate) fn typed<T: FromSetting>(&self, name: &str) -> Result<Option<T>> {
        Ok(T::from_setting(self.get(&name.parse()?)?.value))
    }

    pub(crate) fn put_typed(&mut self, name: &str, value: impl Into<SettingValue>) -> Result<()> {
        let key: SettingKey = name.parse()?;
        self.set(&key, value.into())
    }
}

macro_rules! getters {
    ($prefix:literal; $($(#[$doc:meta])* $get:ident: $value:ty;)*) => {$(
        $(#[$doc])*
        ///
        /// `None` if the server did not send the value.
        ///
        /// # Errors
        ///
        /// See [`OrgSettings::get`].
        pub fn $get(&self) -> Result<Option<$value>> {
            self.typed(concat!($prefix, stringify!($get)))
        }
    )*};
}

macro_rules! setters {
    ($prefix:literal; $($get:ident, $set:ident($given:ty): $value:ty $(, ends $group:literal)?;)*) => {$(
        #[doc = concat!("Changes `", stringify!($get), "`; nothing is sent yet.")]
        ///
        $(
        #[doc = concat!(
            "Where the organization inherits the ", $group, " group, this ends the inheritance: the whole group becomes ",
            "the organization's own, and changes above no longer reach it. See [`OrgSettings::ends_inheritance`].",
        )]
        ///
        )?
        /// # Errors
        ///
        /// See [`OrgSettings::set`].
        pub fn $set(&mut self, value: $given) -> Result<()> {
            let value: $value = value.into();
            self.put_typed(concat!($prefix, stringify!($get)), value)
        }
    )*};
}

macro_rules! properties {
    ($($(#[$doc:meta])* $get:ident, $set:ident($given:ty): $value:ty $(, ends $group:literal)?;)*) => {
        getters! { ""; $($(#[$doc])* $get: $value;)* }
        setters! { ""; $($get, $set($given): $value $(, ends $group)?;)* }
    };
}

/// The properties, by the names of py42.
impl OrgSettings {
    properties! {
        /// Returns the organization's name.
        org_name, set_org_name(impl Into<String>): String;
        /// Returns a reference of another system, such as a serial number or help desk issue. Set to `""` to clear it.
        external_reference, set_external_reference(impl Into<String>): String;
        /// Returns the notes, which are free text. Set to `""` to clear it.
        notes, set_notes(impl Into<String>): String;

        /// Returns whether the quota group is inherited: `archive_hold_days`, `maximum_user_subscriptions` and the quotas.
        quota_settings_inherited, set_quota_settings_inherited(bool): bool;
        /// Returns how many days archives stay in cold storage before they are purged.
        archive_hold_days, set_archive_hold_days(u32): u32, ends "quota";
        /// Returns how many users may use a licence.
        maximum_user_subscriptions, set_maximum_user_subscriptions(Limit<u32>): Limit<u32>, ends "quota";
        /// Returns how much the whole organization may back up.
        org_backup_quota, set_org_backup_quota(Quota): Quota, ends "quota";
        /// Returns how much each user may back up.
        user_backup_quota, set_user_backup_quota(Quota): Quota, ends "quota";

        /// Returns how many megabytes administrators may restore at once in the web console; 0 forbids it.
        web_restore_admin_limit, set_web_restore_admin_limit(u32): u32;
        /// Returns how many megabytes users may restore at once in the web console; 0 forbids it.
        web_restore_user_limit, set_web_restore_user_limit(u32): u32;

        /// Returns whether the reporting group is inherited: days and recipients of the mails to administrators.
        reporting_settings_inherited, set_reporting_settings_inherited(bool): bool;
        /// Returns after how many days without backup administrators are mailed a warning.
        backup_warning_email_days, set_backup_warning_email_days(u32): u32, ends "reporting";
        /// Returns after how many days without backup administrators are mailed a critical alert.
        backup_critical_email_days, set_backup_critical_email_days(u32): u32, ends "reporting";
        /// Returns who is mailed these alerts, beside the organization's administrators.
        backup_alert_recipient_emails, set_backup_alert_recipient_emails(Vec<String>): Vec<String>, ends "reporting";

        /// Returns whether the destinations that are offered are inherited. Not in py42.
        destination_settings_inherited, set_destination_settings_inherited(bool): bool;

        /// Returns whether endpoints are monitored. Off turns the four detections below off too.
        endpoint_monitoring_enabled, set_endpoint_monitoring_enabled(bool): bool;
        /// Returns whether files moved to removable media are watched. On turns monitoring on.
        endpoint_monitoring_removable_media_enabled, set_endpoint_monitoring_removable_media_enabled(bool): bool;
        /// Returns whether files in folders of cloud services are watched. On turns monitoring on.
        endpoint_monitoring_cloud_sync_enabled, set_endpoint_monitoring_cloud_sync_enabled(bool): bool;
        /// Returns whether files opened in browsers and other applications are watched. On turns monitoring on.
        endpoint_monitoring_browser_and_applications_enabled,
            set_endpoint_monitoring_browser_and_applications_enabled(bool): bool;
        /// Returns whether printed files are watched. On turns monitoring on.
        endpoint_monitoring_printer_detection_enabled, set_endpoint_monitoring_printer_detection_enabled(bool): bool;
        /// Returns whether the metadata of files is collected. On turns monitoring on.
        endpoint_monitoring_file_metadata_collection_enabled,
            set_endpoint_monitoring_file_metadata_collection_enabled(bool): bool;
        /// Returns whether file metadata are collected by regular full scans.
        endpoint_monitoring_file_metadata_scan_enabled, set_endpoint_monitoring_file_metadata_scan_enabled(bool): bool;
        /// Returns whether devices begin to collect file metadata with a full scan.
        endpoint_monitoring_file_metadata_ingest_scan_enabled,
            set_endpoint_monitoring_file_metadata_ingest_scan_enabled(bool): bool;
        /// Returns whether tasks that read and write much run with less priority on devices.
        endpoint_monitoring_background_priority_enabled, set_endpoint_monitoring_background_priority_enabled(bool): bool;
        /// Returns more Windows applications to watch.
        endpoint_monitoring_custom_applications_win, set_endpoint_monitoring_custom_applications_win(Vec<String>): Vec<String>;
        /// Returns more macOS applications to watch.
        endpoint_monitoring_custom_applications_mac, set_endpoint_monitoring_custom_applications_mac(Vec<String>): Vec<String>;
        /// Returns the files of which no metadata are collected, in the console's own notation.
        endpoint_monitoring_file_metadata_collection_exclusions,
            set_endpoint_monitoring_file_metadata_collection_exclusions(impl Into<String>): String;
        /// Returns the files that are not watched, in the console's own notation.
        endpoint_monitoring_file_exfiltration_detection_exclusions,
            set_endpoint_monitoring_file_exfiltration_detection_exclusions(impl Into<String>): String;
        /// Returns whether files can be restored in the web console.
        web_restore_enabled, set_web_restore_enabled(bool): bool;
    }

    /// Returns the settings that new devices of the organization start with.
    pub fn device_defaults(&self) -> DeviceDefaults<&Self> {
        DeviceDefaults::new(self)
    }

    /// Returns the settings that new devices of the organization start with, to be changed. Changes reach new devices
    /// only.
    ///
    /// ```no_run
    /// # async fn run(client: org42::Client) -> Result<(), org42::Error> {
    /// let mut settings = client.orgs().get_settings(42).await?;
    /// settings.device_defaults_mut().set_warning_alert_days(org42::Days::new(3))?;
    /// # Ok(()) }
    /// ```
    pub fn device_defaults_mut(&mut self) -> DeviceDefaults<&mut Self> {
        DeviceDefaults::new(self)
    }
}

/// The properties, by the names of py42.
impl<S: Deref<Target = OrgSettings>> DeviceDefaults<S> {
    fn typed<T: FromSetting>(&self, name: &str) -> Result<Option<T>> {
        self.settings.typed(name)
    }

    getters! {
        "device_defaults.";
        /// Returns whether devices mail their user a warning when they are not backed up.
        warning_email_enabled: bool;
        /// Returns whether devices mail their user a critical alert when they are not backed up.
        critical_email_enabled: bool;
        /// Returns how long a device may be without backup before the warning.
        warning_alert_days: Days;
        /// Returns how long a device may be without backup before the critical alert.
        critical_alert_days: Days;
        /// Returns whether devices mail their user how the backup stands, regularly.
        backup_status_email_enabled: bool;
        /// Returns how often devices send that mail.
        backup_status_email_frequency_days: Days;
    }
}

impl<S: DerefMut<Target = OrgSettings>> DeviceDefaults<S> {
    fn put_typed(&mut self, name: &str, value: impl Into<SettingValue>) -> Result<()> {
        self.settings.put_typed(name, value)
    }

    setters! {
        "device_defaults.";
        warning_email_enabled, set_warning_email_enabled(bool): bool;
        critical_email_enabled, set_critical_email_enabled(bool): bool;
        warning_alert_days, set_warning_alert_days(Days): Days;
        critical_alert_days, set_critical_alert_days(Days): Days;
        backup_status_email_enabled, set_backup_status_email_enabled(bool): bool;
        backup_status_email_frequency_days, set_backup_status_email_frequency_days(Days): Days;
    }
}
