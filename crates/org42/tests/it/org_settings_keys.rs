//! The keys of settings: their names and meanings, and their values as people write them.

use org42::{Gigabytes, Place, SettingKey, SettingValue, Unit};
use serde_json::json;

use crate::org_settings_changes::key;

#[test]
fn each_key_has_a_name_a_meaning_and_a_place() {
    let all: Vec<_> = SettingKey::all().collect();
    for key in &all {
        assert_eq!(SettingKey::of(key.name()).unwrap(), *key);
        assert_eq!(
            SettingKey::of(&format!("t:{}", key.wire_name())).unwrap() == *key,
            key.place() == Place::TSetting,
            "{key}"
        );
        assert!(key.meaning().ends_with('.') && key.is_known(), "{key}");
    }
    // Every property of py42's objects.
    for name in [
        "org_id registration_key org_name external_reference notes quota_settings_inherited archive_hold_days",
        "maximum_user_subscriptions org_backup_quota user_backup_quota web_restore_admin_limit",
        "web_restore_user_limit reporting_settings_inherited backup_warning_email_days backup_critical_email_days",
        "backup_alert_recipient_emails endpoint_monitoring_enabled endpoint_monitoring_removable_media_enabled",
        "endpoint_monitoring_cloud_sync_enabled endpoint_monitoring_browser_and_applications_enabled",
        "endpoint_monitoring_printer_detection_enabled endpoint_monitoring_file_metadata_collection_enabled",
        "endpoint_monitoring_file_metadata_scan_enabled endpoint_monitoring_file_metadata_ingest_scan_enabled",
        "endpoint_monitoring_background_priority_enabled endpoint_monitoring_custom_applications_win",
        "endpoint_monitoring_custom_applications_mac endpoint_monitoring_file_metadata_collection_exclusions",
        "endpoint_monitoring_file_exfiltration_detection_exclusions web_restore_enabled",
        "device_defaults.available_destinations device_defaults.warning_email_enabled",
        "device_defaults.critical_email_enabled device_defaults.warning_alert_days",
        "device_defaults.critical_alert_days device_defaults.backup_status_email_enabled",
        "device_defaults.backup_status_email_frequency_days",
    ]
    .iter()
    .flat_map(|names| names.split(' '))
    {
        assert!(all.iter().any(|key| key.name() == name), "{name}");
    }
    assert_eq!(key("archive_hold_days").unit(), Unit::Days);
    assert_eq!(key("org_backup_quota").unit().to_string(), "GB");
    assert!(key("org_id").is_read_only() && key("org_id").is_identity());
    assert!(!key("archive_hold_days").is_identity());
}

#[test]
fn a_t_setting_is_the_same_by_name_and_by_key_and_unknown_ones_are_taken() {
    assert_eq!(
        key("org-securityTools-enable"),
        key("endpoint_monitoring_enabled")
    );
    assert_eq!(
        key("t:org-securityTools-enable"),
        key("endpoint_monitoring_enabled")
    );
    for unknown in ["device_someday_enabled", "org-x", "c42.new", "someDay"] {
        let key = key(unknown);
        assert_eq!((key.name(), key.is_known()), (unknown, false));
        assert_eq!(key.place(), Place::TSetting);
    }
    assert_eq!(key("t:plain").wire_name(), "plain");
    for (wrong, near) in [
        ("archive_hold_day", "archive_hold_days"),
        ("warning_alert_day", "device_defaults.warning_alert_days"),
        ("quota", "org_backup_quota"),
        (
            "device_defaults.warning_email",
            "device_defaults.warning_email_enabled",
        ),
    ] {
        let error = SettingKey::of(wrong).unwrap_err();
        assert!(error.is_invalid_input());
        assert!(error.to_string().contains(near), "{error}");
    }
    let lost = SettingKey::of("zzzzzzzzzzzz").unwrap_err().to_string();
    assert!(lost.contains("t:"), "{lost}");
}

#[test]
fn typed_values_read_as_people_write_them_and_nonsense_is_refused() {
    let good = [
        ("archive_hold_days", "30", json!(30)),
        ("org_backup_quota", "unlimited", json!("unlimited")),
        ("org_backup_quota", "1.5", json!(1.5)),
        ("user_backup_quota", "250", json!(250)),
        (
            "maximum_user_subscriptions",
            "Unlimited",
            json!("unlimited"),
        ),
        ("quota_settings_inherited", "TRUE", json!(true)),
        ("notes", "a, b", json!("a, b")),
        (
            "backup_alert_recipient_emails",
            "a@b.c, d@e.f",
            json!(["a@b.c", "d@e.f"]),
        ),
        ("backup_alert_recipient_emails", "", json!([])),
        ("device_defaults.warning_alert_days", "0.5", json!(0.5)),
        ("device_defaults.warning_alert_days", "7", json!(7)),
        (
            "device_defaults.backup_sets.1.included_files",
            r#"["C:/a,b"]"#,
            json!(["C:/a,b"]),
        ),
        (
            "device_defaults.backup_sets.1.destinations",
            "7,43:locked",
            json!(["43:locked", "7"]),
        ),
        ("web_restore_enabled", "false", json!(false)),
        ("device_upgrade_delay", "90", json!(90)),
        ("device_network_utilization_schedule", "[1]", json!("[1]")),
        ("device_someday", "true", json!("true")),
    ];
    for (name, text, expected) in good {
        let key = key(name);
        let value = key.parse_value(text).unwrap();
        assert_eq!(json!(value), expected, "{name}={text}");
        assert_eq!(
            key.value_from_json(&expected).unwrap(),
            value,
            "{name}={text}"
        );
        key.check(&value).unwrap();
    }
    let bad = [
        ("archive_hold_days", "-1"),
        ("archive_hold_days", "unlimited"),
        ("archive_hold_days", "3.5"),
        ("archive_hold_days", "2147483648"),
        ("archive_hold_days", ""),
        ("org_backup_quota", "-1"),
        ("org_backup_quota", "1.0000000001"),
        ("org_backup_quota", "1e3"),
        ("org_backup_quota", "99999999999"),
        ("org_name", "ab"),
        ("quota_settings_inherited", "yes"),
        ("backup_alert_recipient_emails", "nobody"),
        ("backup_alert_recipient_emails", "[1]"),
        ("device_defaults.warning_alert_days", "-3"),
        ("device_defaults.warning_alert_days", "NaN"),
        ("device_defaults.warning_alert_days", "inf"),
        ("device_defaults.backup_sets.1.included_files", "a,,b"),
        ("device_upgrade_delay", "banana"),
        ("device_upgrade_delay", "-5"),
        ("device_network_utilization_schedule", "banana"),
        ("device_engine_pause_allowedTypes", "[1"),
    ];
    for (name, text) in bad {
        let error = key(name).parse_value(text).unwrap_err();
        assert!(
            error.is_invalid_input() && error.to_string().contains(name),
            "{error}"
        );
    }
    for wrong in [json!({}), json!([1]), json!("x"), json!(null)] {
        assert!(
            key("archive_hold_days").value_from_json(&wrong).is_err(),
            "{wrong}"
        );
    }
    let wrong_kind = SettingValue::Gigabytes(Gigabytes::new(3));
    assert!(key("archive_hold_days").check(&wrong_kind).is_err());
}

/// What no setting may be, in the form of what people and programs type.
const HOSTILE: [&str; 12] = [
    "banana",
    "-5",
    "1e99",
    "NaN",
    "99999999999999999999",
    "{",
    "[1",
    "tr\u{fc}e",
    "TRUE FALSE",
    "\u{0}",
    "\u{202e}false",
    "=",
];

/// The settings that are a text, or a list of words, and so may be any of these.
const FREE: [&str; 8] = [
    "org_name",
    "external_reference",
    "notes",
    "endpoint_monitoring_custom_applications_win",
    "endpoint_monitoring_custom_applications_mac",
    "endpoint_monitoring_file_metadata_collection_exclusions",
    "endpoint_monitoring_file_exfiltration_detection_exclusions",
    "c42.msa.acceptance",
];

#[test]
fn every_setting_refuses_what_it_cannot_be() {
    let mut free = Vec::new();
    for key in SettingKey::all().filter(|key| !key.is_read_only()) {
        for value in HOSTILE {
            match key.parse_value(value) {
                Ok(_) => free.push((key.to_string(), value)),
                Err(error) => {
                    assert!(error.is_invalid_input(), "{error}");
                    assert!(error.to_string().contains(&key.to_string()), "{error}");
                }
            }
        }
    }
    free.retain(|(key, _)| !FREE.contains(&key.as_str()));
    assert!(free.is_empty(), "{free:?}");
}

#[tokio::test]
async fn a_t_setting_that_nobody_knows_stays_a_list_or_a_flag() {
    let tenant = crate::settings_tenant::Tenant::start().await;
    for (form, good, bad) in [
        ("[1,2]", "[3]", ["banana", "{}", "3"]),
        ("{\"a\":1}", "{\"b\":2}", ["banana", "[]", "true"]),
        ("false", "true", ["banana", "[]", "1"]),
    ] {
        tenant.change(|state| {
            let now = crate::settings_tenant::t(form, false, 1);
            state.by_key.insert("someday.list".to_owned(), now);
        });
        let mut settings = tenant.read().await;
        let key = SettingKey::of("t:someday.list").unwrap();
        for wrong in bad {
            let error = settings.set(&key, SettingValue::from(wrong)).unwrap_err();
            assert!(
                error.is_invalid_input() && error.to_string().contains("stay"),
                "{error}"
            );
        }
        settings.set(&key, SettingValue::from(good)).unwrap();
    }
}
