//! Changing what belongs together: a value that is inherited or pinned with its group, and what monitoring takes along.

use org42::{Gigabytes, Limit, SettingValue, SettingsGroup};
use serde_json::json;

use crate::org_settings_changes::{body, changes, key, packets, read, says, set};
use crate::settings_tenant::{State, recorded, t};

#[tokio::test]
async fn pinning_makes_a_group_or_a_t_setting_its_own_without_changing_it() {
    let mut settings = read(|_| ()).await;
    settings.pin(&key("archive_hold_days")).unwrap();
    settings
        .pin(&key("device_defaults.available_destinations"))
        .unwrap();
    settings.pin(&key("web_restore_enabled")).unwrap();
    settings.pin(&key("device_upgrade_delay")).unwrap();
    settings.pin(&key("org_name")).unwrap();
    assert_eq!(
        changes(&settings),
        [
            "quota_settings_inherited: true -> false",
            "destination_settings_inherited: true -> false",
            "web_restore_enabled: false becomes its own",
        ]
    );
    assert_eq!(packets(&settings), ["device_webRestore_enabled = false"]);
    assert_eq!(
        settings.get(&key("web_restore_enabled")).unwrap().inherited,
        Some(false)
    );
    let mut expected = recorded();
    expected["settings"]["isUsingQuotaDefaults"] = json!(false);
    expected["settings"]["isUsingDestinationDefaults"] = json!(false);
    assert_eq!(body(&settings), expected);
    for (name, why) in [
        ("device_defaults.warning_alert_days", "no way"),
        ("web_restore_user_limit", "no way"),
        ("org-securityTools-client-enable", "no value"),
        (
            "device_network_utilization_schedule_enabled",
            "locked from above",
        ),
    ] {
        says(&settings.pin(&key(name)).unwrap_err(), why);
    }
    settings.undo(&key("web_restore_enabled"));
    settings.undo(&key("quota_settings_inherited"));
    assert_eq!(settings.changes().len(), 1);
    settings.undo_all();
    assert!(settings.is_unchanged());
}

/// Turns the state into an organization with its own values for quota and reporting, under one that has others.
fn own(state: &mut State) {
    let settings = &mut state.org["settings"];
    for (name, value) in [
        ("isUsingQuotaDefaults", json!(false)),
        ("isUsingReportingDefaults", json!(false)),
        ("archiveHoldDays", json!(90)),
        ("maxSeats", json!(5)),
        ("recipients", json!(["own@example.com"])),
    ] {
        settings[name] = value;
    }
}

#[tokio::test]
async fn inheriting_gives_the_parents_values_and_discards_changes_of_members() {
    let mut settings = read(own).await;
    settings.set_archive_hold_days(60).unwrap();
    settings.inherit(SettingsGroup::Quota).unwrap();
    let hold = settings.get(&key("archive_hold_days")).unwrap();
    assert_eq!(
        (hold.value, hold.inherited),
        (SettingValue::Number(14), Some(true))
    );
    assert_eq!(
        changes(&settings),
        ["quota_settings_inherited: false -> true"]
    );
    let mut expected = recorded();
    let mut state = State {
        org: expected.take(),
        by_key: serde_json::Map::new(),
    };
    state.org = recorded();
    own(&mut state);
    state.org["settings"]["isUsingQuotaDefaults"] = json!(true);
    assert_eq!(body(&settings), state.org);
    settings.set_quota_settings_inherited(false).unwrap();
    assert!(settings.is_unchanged());
    assert_eq!(settings.archive_hold_days().unwrap(), Some(90));
}

#[tokio::test]
async fn a_member_that_is_set_after_inheriting_keeps_the_parents_values_of_the_others() {
    let mut settings = read(own).await;
    settings.inherit(SettingsGroup::Quota).unwrap();
    settings
        .set_user_backup_quota(Limit::Of(Gigabytes::new(1)))
        .unwrap();
    assert_eq!(
        changes(&settings),
        [
            "archive_hold_days: 90 -> 14",
            "maximum_user_subscriptions: 5 -> unlimited",
            "user_backup_quota: unlimited -> 1",
        ]
    );
    let sent = body(&settings)["settings"].take();
    assert_eq!(
        (
            &sent["isUsingQuotaDefaults"],
            &sent["archiveHoldDays"],
            &sent["maxSeats"]
        ),
        (&json!(false), &json!(14), &json!(-1))
    );
}

#[tokio::test]
async fn there_is_no_way_back_for_device_defaults_nor_where_no_switch_is_told() {
    let mut settings = read(|state| {
        let settings = state.org["settings"].as_object_mut().unwrap();
        settings.remove("isUsingDestinationDefaults");
    })
    .await;
    let error = settings.inherit(SettingsGroup::DeviceDefaults).unwrap_err();
    says(&error, "no way back");
    let error = settings.inherit(SettingsGroup::Destinations).unwrap_err();
    says(&error, "sent no such setting");
    assert!(settings.is_unchanged());
    assert_eq!(
        "quota".parse::<SettingsGroup>().unwrap(),
        SettingsGroup::Quota
    );
    says(
        &"x".parse::<SettingsGroup>().unwrap_err(),
        "quota, reporting and destinations",
    );
}

const WATCHERS: [&str; 4] = [
    "endpoint_monitoring_removable_media_enabled",
    "endpoint_monitoring_cloud_sync_enabled",
    "endpoint_monitoring_browser_and_applications_enabled",
    "endpoint_monitoring_printer_detection_enabled",
];

const ADVANCED: &str = "device_advancedExfiltrationDetection_enabled";

const MASTER: &str = "org-securityTools-enable";

fn switch_all(state: &mut State, on: bool) {
    for value in state.by_key.values_mut() {
        if value["value"] == json!((!on).to_string()) && value["locked"] == json!(false) {
            value["value"] = json!(on.to_string());
        }
    }
}

#[tokio::test]
async fn one_detection_turns_monitoring_on_and_taking_it_back_turns_it_off_again() {
    let fresh = read(|_| ()).await;
    let metadata = "endpoint_monitoring_file_metadata_collection_enabled";
    for name in WATCHERS.into_iter().chain([metadata]) {
        let mut settings = fresh.clone();
        set(&mut settings, name, "true").unwrap();
        let mut expected =
            [MASTER, ADVANCED, key(name).wire_name()].map(|key| format!("{key} = true"));
        let mut sent = packets(&settings);
        expected.sort();
        sent.sort();
        assert_eq!(sent, expected);
        set(&mut settings, name, "false").unwrap();
        assert!(settings.is_unchanged(), "{name}: {settings:?}");
    }
    let mut both = fresh;
    set(&mut both, WATCHERS[0], "true").unwrap();
    set(&mut both, WATCHERS[1], "true").unwrap();
    set(&mut both, WATCHERS[0], "false").unwrap();
    assert_eq!(
        both.endpoint_monitoring_enabled().unwrap(),
        Some(true),
        "the other needs it"
    );
}

#[tokio::test]
async fn monitoring_off_turns_the_detections_off_and_back_on_restores_them() {
    let mut settings = read(|state| switch_all(state, true)).await;
    settings.set_endpoint_monitoring_enabled(false).unwrap();
    let off: Vec<String> = settings
        .packets()
        .into_iter()
        .map(|packet| packet.key)
        .collect();
    assert_eq!(off.len(), 6);
    assert!(!off.contains(&"device_fileForensics_enabled".to_owned()));
    assert!(
        settings
            .packets()
            .iter()
            .all(|packet| packet.value == "false" && !packet.locked)
    );
    settings.set_endpoint_monitoring_enabled(true).unwrap();
    assert!(settings.is_unchanged(), "{settings:?}");
    // One detection alone turns monitoring on again, and leaves the others off, as in py42.
    settings.set_endpoint_monitoring_enabled(false).unwrap();
    settings
        .set_endpoint_monitoring_printer_detection_enabled(true)
        .unwrap();
    let on = |name: &str| settings.get(&key(name)).unwrap().value == SettingValue::Bool(true);
    assert!(on(MASTER) && on(ADVANCED) && on(WATCHERS[3]));
    assert!(!on(WATCHERS[0]) && !on(WATCHERS[1]) && !on(WATCHERS[2]));
}

#[tokio::test]
async fn what_would_take_a_locked_setting_along_is_refused_as_a_whole() {
    let mut settings = read(|state| {
        switch_all(state, true);
        let locked = t("true", true, 1);
        state.by_key.insert(
            "org-securityTools-cloud-detection-enable".to_owned(),
            locked,
        );
    })
    .await;
    let error = settings.set_endpoint_monitoring_enabled(false).unwrap_err();
    says(&error, "endpoint_monitoring_cloud_sync_enabled");
    says(&error, "locked from above by organization 1");
    assert!(settings.is_unchanged());
}
