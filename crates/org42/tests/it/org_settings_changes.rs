//! Changing settings: what is recorded as a change, which coupled settings change with it, and what is refused.

use org42::{
    Days, Error, Gigabytes, Limit, OrgSettings, Result, SettingKey, SettingValue, SettingsGroup,
};
use serde_json::{Value, json};

use crate::settings_tenant::{ID, State, Tenant, recorded, t};

pub(crate) fn key(name: &str) -> SettingKey {
    SettingKey::of(name).unwrap()
}

/// Reads the settings of the recorded organization after `prepare`.
pub(crate) async fn read(prepare: impl FnOnce(&mut State)) -> OrgSettings {
    let tenant = Tenant::start().await;
    tenant.change(prepare);
    tenant.read().await
}

pub(crate) fn changes(settings: &OrgSettings) -> Vec<String> {
    settings.changes().iter().map(ToString::to_string).collect()
}

pub(crate) fn packets(settings: &OrgSettings) -> Vec<String> {
    settings.packets().iter().map(ToString::to_string).collect()
}

pub(crate) fn body(settings: &OrgSettings) -> Value {
    serde_json::from_str(&settings.body().unwrap()).unwrap()
}

pub(crate) fn set(settings: &mut OrgSettings, name: &str, text: &str) -> Result<()> {
    let key = key(name);
    settings.set(&key, key.parse_value(text)?)
}

pub(crate) fn says(error: &Error, what: &str) {
    assert!(error.is_invalid_input(), "{error}");
    assert!(error.to_string().contains(what), "{error}");
}

#[tokio::test]
async fn nothing_changed_is_the_very_document() {
    let settings = read(|_| ()).await;
    assert!(settings.is_unchanged() && settings.packets().is_empty());
    assert_eq!(body(&settings), recorded());
    let text = settings.body().unwrap();
    assert_eq!(text, recorded().to_string());
}

#[tokio::test]
async fn unknown_keys_and_the_digits_of_numbers_are_sent_back_as_they_came() {
    use org42_test::{Reply, Server};
    const ODD: &str = r#"{"orgId": 4200, "notes": "n", "big": 123456789012345678901234567890, "half": 1.50, "tiny": 1e-7,
        "settings": {"archiveHoldDays": 1, "isUsingQuotaDefaults": false, "new": {"deep": [0.10, 18446744073709551616]}}}"#;
    let server = Server::start(|_, _| Reply::json(format!(r#"{{"data":{ODD}}}"#))).await;
    let only = org42::GetSettings::new().only([&key("notes")]);
    let orgs = server.client().orgs();
    let mut settings = orgs.get_settings_with(ID, only).await.unwrap();
    settings.set_archive_hold_days(30).unwrap();
    settings.set_notes("m").unwrap();
    let body = settings.body().unwrap();
    for kept in [
        "123456789012345678901234567890",
        ":1.50",
        "1e-7",
        r#""new":{"deep": [0.10, 18446744073709551616]}"#,
    ] {
        assert!(body.contains(kept), "{body}");
    }
    assert!(body.contains(r#""archiveHoldDays":30"#) && body.contains(r#""notes":"m""#));
}

#[tokio::test]
async fn each_typed_setter_changes_its_key_and_only_that_place_of_the_document() {
    type Setter = fn(&mut OrgSettings) -> Result<()>;
    let cases: [(Setter, &str, &[&str], Value); 15] = [
        (
            |s| s.set_org_name("Paris"),
            "org_name: TEST_ORG -> Paris",
            &["orgName"],
            json!("Paris"),
        ),
        (
            |s| s.set_external_reference("A-7"),
            "external_reference: test_ref -> A-7",
            &["orgExtRef"],
            json!("A-7"),
        ),
        (
            |s| s.set_notes(""),
            "notes: test_note -> not set",
            &["notes"],
            json!(""),
        ),
        (
            |s| s.set_web_restore_admin_limit(500),
            "web_restore_admin_limit: 250 -> 500",
            &["settings", "webRestoreAdminLimitMb"],
            json!(500),
        ),
        (
            |s| s.set_web_restore_user_limit(0),
            "web_restore_user_limit: 250 -> 0",
            &["settings", "webRestoreUserLimitMb"],
            json!(0),
        ),
        (
            |s| s.set_archive_hold_days(365),
            "archive_hold_days: 14 -> 365",
            &["settings", "archiveHoldDays"],
            json!(365),
        ),
        (
            |s| s.set_maximum_user_subscriptions(Limit::Of(99)),
            "maximum_user_subscriptions: unlimited -> 99",
            &["settings", "maxSeats"],
            json!(99),
        ),
        (
            |s| s.set_org_backup_quota(Limit::Of(Gigabytes::new(42))),
            "org_backup_quota: unlimited -> 42",
            &["settings", "maxBytes"],
            json!(42_000_000_000_u64),
        ),
        (
            |s| s.set_user_backup_quota(Limit::Of(Gigabytes::from_bytes(1))),
            "user_backup_quota: unlimited -> 0.000000001",
            &["settings", "defaultUserMaxBytes"],
            json!(1),
        ),
        (
            |s| s.set_backup_warning_email_days(3),
            "backup_warning_email_days: 7 -> 3",
            &["settings", "warnInDays"],
            json!(3),
        ),
        (
            |s| s.set_backup_critical_email_days(30),
            "backup_critical_email_days: 14 -> 30",
            &["settings", "alertInDays"],
            json!(30),
        ),
        (
            |s| s.set_backup_alert_recipient_emails(vec!["a@b.c".to_owned()]),
            "backup_alert_recipient_emails: none -> a@b.c",
            &["settings", "recipients"],
            json!(["a@b.c"]),
        ),
        (
            |s| s.device_defaults_mut().set_critical_email_enabled(true),
            "device_defaults.critical_email_enabled: false -> true",
            &[
                "deviceDefaults",
                "serviceBackupConfig",
                "severeEmailEnabled",
            ],
            json!("true"),
        ),
        (
            |s| s.device_defaults_mut().set_warning_alert_days(Days::new(7)),
            "device_defaults.warning_alert_days: 3 -> 7",
            &[
                "deviceDefaults",
                "serviceBackupConfig",
                "minutesUntilWarning",
            ],
            json!("10080"),
        ),
        (
            |s| {
                s.device_defaults_mut()
                    .set_critical_alert_days(Days::from_minutes(90))
            },
            "device_defaults.critical_alert_days: 5 -> 0.0625",
            &[
                "deviceDefaults",
                "serviceBackupConfig",
                "minutesUntilSevere",
            ],
            json!("90"),
        ),
    ];
    let fresh = read(|_| ()).await;
    for (setter, change, place, value) in cases {
        let mut settings = fresh.clone();
        setter(&mut settings).unwrap();
        let group = match place.last().copied().unwrap() {
            "archiveHoldDays" | "maxSeats" | "maxBytes" | "defaultUserMaxBytes" => {
                Some(("quota", "isUsingQuotaDefaults"))
            }
            "warnInDays" | "alertInDays" | "recipients" => {
                Some(("reporting", "isUsingReportingDefaults"))
            }
            _ => None,
        };
        let mut expected = vec![change.to_owned()];
        let mut document = recorded();
        if let Some((group, switch)) = group {
            expected.insert(0, format!("{group}_settings_inherited: true -> false"));
            document["settings"][switch] = json!(false);
        }
        let mut at = &mut document;
        for &step in place {
            at = &mut at[step];
        }
        *at = value;
        assert_eq!(changes(&settings), expected);
        assert_eq!(body(&settings), document, "{change}");
        assert!(fresh.is_unchanged(), "objects share nothing");
    }
}

#[tokio::test]
async fn locked_device_defaults_keep_their_lock() {
    let mut settings = read(|_| ()).await;
    let mut defaults = settings.device_defaults_mut();
    defaults.set_warning_email_enabled(true).unwrap();
    defaults.set_backup_status_email_enabled(true).unwrap();
    defaults
        .set_backup_status_email_frequency_days(Days::new(1))
        .unwrap();
    assert_eq!(defaults.warning_email_enabled().unwrap(), Some(true));
    let body = body(&settings);
    let config = &body["deviceDefaults"]["serviceBackupConfig"];
    assert_eq!(
        config["warningEmailEnabled"],
        json!({"@locked": "true", "#text": "true"})
    );
    assert_eq!(
        config["backupStatusEmailFreqInMinutes"],
        json!({"@locked": "true", "#text": "1440"})
    );
    assert_eq!(body["deviceDefaults"]["settings"], json!(null));
    settings
        .device_defaults_mut()
        .set_warning_email_enabled(false)
        .unwrap();
    assert_eq!(settings.changes().len(), 2);
}

#[tokio::test]
async fn setting_a_value_back_removes_its_change_and_the_end_of_inheritance() {
    let mut settings = read(|_| ()).await;
    assert_eq!(
        settings.ends_inheritance(&key("archive_hold_days")),
        Some(SettingsGroup::Quota)
    );
    settings.set_archive_hold_days(30).unwrap();
    assert_eq!(settings.quota_settings_inherited().unwrap(), Some(false));
    assert_eq!(settings.ends_inheritance(&key("org_backup_quota")), None);
    let found = settings.get(&key("org_backup_quota")).unwrap();
    assert_eq!(
        found.inherited,
        Some(false),
        "the whole group became its own"
    );
    settings.set_archive_hold_days(14).unwrap();
    assert_eq!(settings.quota_settings_inherited().unwrap(), Some(true));
    assert!(settings.is_unchanged());
}

#[tokio::test]
async fn equal_to_what_is_in_force_is_no_change_and_keeps_inheritance() {
    let mut settings = read(|_| ()).await;
    for name in [
        "archive_hold_days=14",
        "org_backup_quota=unlimited",
        "web_restore_enabled=false",
        "quota_settings_inherited=true",
    ] {
        let (name, text) = name.split_once('=').unwrap();
        set(&mut settings, name, text).unwrap();
    }
    assert!(settings.is_unchanged(), "{settings:?}");
}

#[tokio::test]
async fn what_can_only_be_read_or_has_the_wrong_kind_is_refused_and_nothing_is_changed() {
    let mut settings = read(|_| ()).await;
    let number = SettingValue::Number(3);
    for (name, why) in [
        ("org_id", "can only be read"),
        ("web_restore_enabled", "not true or false"),
        ("device_defaults.warning_alert_days", "not a number of days"),
        ("notes", "not a text"),
    ] {
        says(&settings.set(&key(name), number.clone()).unwrap_err(), why);
    }
    says(&settings.set_org_name("x").unwrap_err(), "3 to 220");
    let guids = SettingValue::List(vec!["43".to_owned()]);
    let read_only = key("device_defaults.available_destinations");
    says(
        &settings.set(&read_only, guids).unwrap_err(),
        "can only be read",
    );
    assert!(settings.is_unchanged());
}

#[tokio::test]
async fn any_t_setting_is_set_by_its_key_and_its_own_lock_stays() {
    let mut settings = read(|_| ()).await;
    set(&mut settings, "device_upgrade_delay", "90").unwrap();
    assert!(SettingKey::of("someday.key").is_err());
    set(&mut settings, "t:someday.key", "y").unwrap();
    set(&mut settings, "device_new", "x").unwrap();
    settings
        .set_endpoint_monitoring_custom_applications_win(vec![
            "c.exe".to_owned(),
            "d.exe".to_owned(),
        ])
        .unwrap();
    let error = set(
        &mut settings,
        "device_network_utilization_schedule_enabled",
        "true",
    )
    .unwrap_err();
    says(&error, "locked from above");
    let sent: Vec<_> = settings
        .packets()
        .into_iter()
        .map(|packet| (packet.key, packet.value, packet.locked))
        .collect();
    let packet = |key: &str, value: &str, locked| (key.to_owned(), value.to_owned(), locked);
    assert_eq!(
        sent,
        [
            packet(
                "device_org_winAppActivity_binaryWhitelist",
                "c.exe,d.exe",
                false
            ),
            packet("device_upgrade_delay", "90", false),
            packet("device_new", "x", false),
            packet("someday.key", "y", true),
        ]
    );
    assert_eq!(
        settings.t_settings().unwrap()["device_upgrade_delay"].value,
        "60"
    );
}

#[tokio::test]
async fn two_organizations_differ_in_settings_and_not_in_names() {
    let left = read(|_| ()).await;
    let right = read(|state| {
        state.org["orgName"] = json!("Another");
        state.org["settings"]["archiveHoldDays"] = json!(90);
        state
            .by_key
            .insert("only.here".to_owned(), t("x", false, 1));
        let sets = &mut state.org["deviceDefaults"]["serviceBackupConfig"]["backupConfig"];
        sets["backupSets"]["backupSet"][1]["destinations"] = json!([{"@id": "43"}]);
    })
    .await;
    let differences: Vec<String> = left
        .diff(&right)
        .into_iter()
        .map(|found| {
            let value = |side: Option<org42::Effective>| side.map(|side| side.value.to_string());
            format!(
                "{} {:?} {:?}",
                found.key,
                value(found.left),
                value(found.right)
            )
        })
        .collect();
    assert_eq!(
        differences,
        [
            r#"archive_hold_days Some("14") Some("90")"#,
            r#"device_defaults.backup_sets.1.destinations Some("43, 632540230984925185") Some("43")"#,
            r#"only.here None Some("x")"#,
        ]
    );
    assert!(left.diff(&left.clone()).is_empty());
}

#[tokio::test]
async fn debug_output_has_no_registration_key() {
    let settings = read(|state| state.org["registrationKey"] = json!("72RU-8P9S-M7KK-RHCC")).await;
    assert!(!format!("{settings:?}").contains("72RU"));
}
