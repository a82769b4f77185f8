//! Writing settings: what is sent, what is not, and what is said of it, counted on a real socket.

use futures_util::future::join_all;
use org42::{
    Days, Error, Happened, OrgSettings, SettingKey, SettingsGroup, SettingsUpdate, UpdateSettings,
};
use serde_json::{Value, json};

use crate::settings_tenant::{
    ID, READ, READ_BY_KEY, State, Tenant, WRITE, WRITE_BY_KEY, recorded, t,
};
use org42_test::{Reply, Seen, Server};

pub(crate) async fn write(
    tenant: &Tenant,
    settings: &OrgSettings,
) -> Result<SettingsUpdate, Error> {
    let orgs = tenant.server.client().orgs();
    orgs.update_settings(settings).await
}

pub(crate) fn results(update: &SettingsUpdate) -> Vec<String> {
    let outcomes = update.outcomes.iter();
    outcomes
        .map(|outcome| format!("{}: {}", outcome.change.key, outcome.result))
        .collect()
}

/// Returns the requests after the first read, sorted, since two reads run at once.
fn requested(tenant: &Tenant) -> Vec<String> {
    let mut lines = tenant.lines().split_off(2);
    lines.sort();
    lines
}

#[tokio::test]
async fn without_changes_there_is_no_request() {
    let tenant = Tenant::start().await;
    let mut settings = tenant.read().await;
    settings.set_archive_hold_days(30).unwrap();
    settings.set_archive_hold_days(14).unwrap();
    settings.set_web_restore_enabled(true).unwrap();
    settings.set_web_restore_enabled(false).unwrap();
    let update = write(&tenant, &settings).await.unwrap();
    assert!(update.is_complete() && update.outcomes.is_empty());
    assert!(update.org_response.is_none() && update.org_settings_response.is_none());
    assert_eq!(requested(&tenant), [""; 0]);
}

#[tokio::test]
async fn a_change_of_the_organization_is_one_write_of_the_fresh_document_and_read_back() {
    let tenant = Tenant::start().await;
    let mut settings = tenant.read().await;
    settings.set_archive_hold_days(30).unwrap();
    let update = write(&tenant, &settings).await.unwrap();
    assert!(update.is_complete());
    assert_eq!(requested(&tenant), [READ, READ, WRITE]);
    let mut expected = recorded();
    expected["settings"]["archiveHoldDays"] = json!(30);
    expected["settings"]["isUsingQuotaDefaults"] = json!(false);
    assert_eq!(tenant.bodies(WRITE), [expected]);
    let response = update.org_response.unwrap().unwrap();
    assert_eq!(
        (response.http_status(), response.org_name.as_str()),
        (200, "TEST_ORG")
    );
    assert!(update.org_settings_response.is_none());
    let sent = tenant.server.requests();
    let sent = sent.iter().find(|seen| seen.line() == WRITE).unwrap();
    assert!(
        sent.headers
            .to_ascii_lowercase()
            .contains("content-type: application/json")
    );
}

#[tokio::test]
async fn a_change_of_a_t_setting_writes_packets_and_not_the_organization() {
    let tenant = Tenant::start().await;
    let mut settings = tenant.read().await;
    settings.set_web_restore_enabled(true).unwrap();
    let update = write(&tenant, &settings).await.unwrap();
    assert_eq!(requested(&tenant), [READ_BY_KEY, READ_BY_KEY, WRITE_BY_KEY]);
    assert_eq!(
        tenant.bodies(WRITE_BY_KEY),
        [
            json!({"packets": [{"key": "device_webRestore_enabled", "value": "true", "locked": false}]})
        ]
    );
    assert_eq!(results(&update), ["web_restore_enabled: written"]);
    assert_eq!(
        update.org_settings_response.unwrap().unwrap().http_status(),
        204
    );
}

#[tokio::test]
async fn pins_and_a_return_to_the_parents_values_are_written_too() {
    let tenant = Tenant::start().await;
    tenant.change(|state| state.org["settings"]["isUsingReportingDefaults"] = json!(false));
    let mut settings = tenant.read().await;
    settings
        .pin(&SettingKey::of("web_restore_enabled").unwrap())
        .unwrap();
    settings
        .pin(&SettingKey::of("archive_hold_days").unwrap())
        .unwrap();
    settings.inherit(SettingsGroup::Reporting).unwrap();
    let update = write(&tenant, &settings).await.unwrap();
    assert_eq!(
        results(&update),
        [
            "quota_settings_inherited: written",
            "reporting_settings_inherited: written",
            "web_restore_enabled: written"
        ]
    );
    let again = tenant.read().await;
    let pinned = again
        .get(&SettingKey::of("web_restore_enabled").unwrap())
        .unwrap();
    assert_eq!(pinned.inherited, Some(false));
}

/// The loop that py42 loses: of ten organizations the first has 30 days and nine have 90, and all are to have 30.
#[tokio::test]
async fn of_ten_organizations_the_nine_that_need_it_are_written_and_read_back() {
    use std::sync::Mutex;
    let orgs: Mutex<Vec<Value>> = Mutex::new(
        (0..10)
            .map(|place| {
                let mut org = recorded();
                org["orgId"] = json!(place);
                org["settings"]["isUsingQuotaDefaults"] = json!(false);
                org["settings"]["archiveHoldDays"] = json!(if place == 0 { 30 } else { 90 });
                org
            })
            .collect(),
    );
    let server = Server::start(move |seen: &Seen, _| {
        let place: usize = seen.path.rsplit('/').next().unwrap().parse().unwrap();
        let mut orgs = orgs.lock().unwrap();
        match seen.method.as_str() {
            _ if seen.path.contains("OrgSetting") => return Reply::json(r#"{"data":{}}"#),
            "PUT" => orgs[place] = serde_json::from_str(&seen.body).unwrap(),
            _ => (),
        }
        Reply::json(json!({ "data": orgs[place] }).to_string())
    })
    .await;
    let service = server.client().orgs();
    for id in 0..10_u32 {
        let mut settings = service.get_settings(id).await.unwrap();
        settings.set_archive_hold_days(30).unwrap();
        let update = service.update_settings(&settings).await.unwrap();
        assert!(update.is_complete());
        assert_eq!(update.outcomes.len(), usize::from(id > 0));
    }
    let written = server
        .requests()
        .into_iter()
        .filter(|seen| seen.method == "PUT");
    let written: Vec<_> = written.map(|seen| seen.path).collect();
    let expected: Vec<_> = (1..10).map(|id| format!("/api/v1/Org/{id}")).collect();
    assert_eq!(written, expected);
    for id in 0..10_u32 {
        let settings = service.get_settings(id).await.unwrap();
        assert_eq!(settings.archive_hold_days().unwrap(), Some(30));
    }
    assert!(
        server
            .requests()
            .iter()
            .all(|seen| seen.path != "/api/v1/Org"),
        "no listing"
    );
}

#[tokio::test]
async fn two_administrators_with_the_same_setting_the_second_is_told() {
    let tenant = Tenant::start().await;
    let (mut one, mut other) = (tenant.read().await, tenant.read().await);
    one.set_archive_hold_days(60).unwrap();
    other.set_archive_hold_days(30).unwrap();
    assert!(write(&tenant, &one).await.unwrap().is_complete());
    let before = tenant.lines().len();
    let error = write(&tenant, &other).await.unwrap_err();
    assert!(
        error.is_conflict() && error.happened() == Happened::No,
        "{error}"
    );
    let conflict = &error.conflicts()[0];
    assert_eq!(
        (
            conflict.key.name(),
            conflict.read.to_string(),
            conflict.now.to_string()
        ),
        ("archive_hold_days", "14".to_owned(), "60".to_owned())
    );
    assert!(
        error
            .to_string()
            .contains("archive_hold_days was 14 and is 60 now"),
        "{error}"
    );
    assert_eq!(
        tenant.lines().split_off(before),
        [READ],
        "nothing is written"
    );
    let orgs = tenant.server.client().orgs();
    let forced = UpdateSettings::new().force(true);
    let update = orgs.update_settings_with(&other, forced).await.unwrap();
    assert!(update.is_complete());
    assert_eq!(tenant.read().await.archive_hold_days().unwrap(), Some(30));
}

#[tokio::test]
async fn two_administrators_with_different_settings_both_survive() {
    let tenant = Tenant::start().await;
    let (mut one, mut other) = (tenant.read().await, tenant.read().await);
    one.set_notes("by one").unwrap();
    one.set_maximum_user_subscriptions(org42::Limit::Of(7))
        .unwrap();
    let mut defaults = one.device_defaults_mut();
    defaults.set_warning_alert_days(Days::new(1)).unwrap();
    let mut set = one.device_defaults_mut().backup_set("1").unwrap();
    set.set_included_files(["C:/"]).unwrap();
    one.set_web_restore_enabled(true).unwrap();
    other.set_archive_hold_days(30).unwrap();
    let mut defaults = other.device_defaults_mut();
    defaults.set_critical_alert_days(Days::new(2)).unwrap();
    let mut set = other.device_defaults_mut().backup_set("1").unwrap();
    set.set_filename_exclusions(["x"]).unwrap();
    other.set_endpoint_monitoring_enabled(true).unwrap();
    for settings in [&one, &other] {
        let update = write(&tenant, settings).await.unwrap();
        assert!(update.is_complete(), "{update:?}");
    }
    let now = tenant.read().await;
    for change in one.changes().into_iter().chain(other.changes()) {
        assert_eq!(now.get(&change.key).unwrap().value, change.new, "{change}");
    }
}

#[tokio::test]
async fn included_and_excluded_files_of_two_administrators_meet_in_one_selection() {
    let tenant = Tenant::start().await;
    tenant.change(|state| {
        let sets = &mut state.org["deviceDefaults"]["serviceBackupConfig"]["backupConfig"];
        sets["backupSets"]["backupSet"][1]["backupPaths"]["pathset"] =
            json!([{"@os": "Linux", "path": [{"@include": "C:/"}, {"@exclude": "C:/t/"}]}]);
    });
    let (mut one, mut other) = (tenant.read().await, tenant.read().await);
    let mut set = one.device_defaults_mut().backup_set("1").unwrap();
    set.set_included_files(["C:/", "D:/"]).unwrap();
    let mut set = other.device_defaults_mut().backup_set("1").unwrap();
    set.set_excluded_files(["C:/t/", "C:/u/"]).unwrap();
    assert!(write(&tenant, &one).await.unwrap().is_complete());
    assert!(write(&tenant, &other).await.unwrap().is_complete());
    let now = tenant.read().await;
    let set = now.device_defaults().backup_set("1").unwrap();
    assert_eq!(set.included_files(), ["C:/", "D:/"]);
    assert_eq!(set.excluded_files(), ["C:/t/", "C:/u/"]);
}

#[tokio::test]
async fn a_read_only_client_refuses_before_it_reads() {
    let tenant = Tenant::start().await;
    let mut settings = tenant.read().await;
    settings.set_notes("new").unwrap();
    let client = org42::Client::builder(&tenant.server.url)
        .local_account(org42::LocalAccount::new("admin@example.com", "hunter22"))
        .read_only(true)
        .build()
        .unwrap();
    let error = client.orgs().update_settings(&settings).await.unwrap_err();
    assert!(error.is_read_only(), "{error}");
    assert_eq!(requested(&tenant), [""; 0]);
}

#[tokio::test]
async fn the_same_value_by_somebody_else_is_no_conflict_and_not_sent_again() {
    let tenant = Tenant::start().await;
    let mut settings = tenant.read().await;
    settings.set_archive_hold_days(30).unwrap();
    settings.set_web_restore_enabled(true).unwrap();
    assert!(write(&tenant, &settings).await.unwrap().is_complete());
    let update = write(&tenant, &settings).await.unwrap();
    assert!(update.is_complete() && update.outcomes.len() == 3);
    assert_eq!(tenant.server.count(WRITE), 1);
    assert_eq!(tenant.server.count(WRITE_BY_KEY), 1);
}

#[tokio::test]
async fn a_group_made_inherited_meanwhile_does_not_swallow_a_member() {
    let tenant = Tenant::start().await;
    let own = |state: &mut State| {
        state.org["settings"]["isUsingQuotaDefaults"] = json!(false);
    };
    tenant.change(own);
    let mut settings = tenant.read().await;
    settings.set_archive_hold_days(30).unwrap();
    tenant.change(|state| state.org["settings"]["isUsingQuotaDefaults"] = json!(true));
    assert!(write(&tenant, &settings).await.unwrap().is_complete());
    let sent = &tenant.bodies(WRITE)[0]["settings"];
    assert_eq!(sent["isUsingQuotaDefaults"], json!(false));
}

#[tokio::test]
async fn inheriting_a_group_conflicts_with_a_change_of_a_member() {
    let tenant = Tenant::start().await;
    tenant.change(|state| state.org["settings"]["isUsingQuotaDefaults"] = json!(false));
    let mut settings = tenant.read().await;
    settings.inherit(SettingsGroup::Quota).unwrap();
    tenant.change(|state| state.org["settings"]["maxSeats"] = json!(5));
    let error = write(&tenant, &settings).await.unwrap_err();
    assert_eq!(
        error.conflicts()[0].key.name(),
        "maximum_user_subscriptions"
    );
    assert_eq!(tenant.server.count(WRITE), 0);
}

#[tokio::test]
async fn what_was_locked_or_removed_meanwhile_is_refused_even_by_force() {
    let tenant = Tenant::start().await;
    let fresh = tenant.read().await;
    let mut locked = fresh.clone();
    locked.set_web_restore_enabled(true).unwrap();
    let mut removed = fresh;
    let mut set = removed.device_defaults_mut().backup_set("1").unwrap();
    set.set_included_files(["C:/"]).unwrap();
    tenant.change(|state| {
        let key = "device_webRestore_enabled".to_owned();
        state.by_key.insert(key, t("false", true, 1));
        let sets = &mut state.org["deviceDefaults"]["serviceBackupConfig"]["backupConfig"];
        sets["backupSets"] = json!([]);
    });
    let forced = UpdateSettings::new().force(true);
    let orgs = tenant.server.client().orgs();
    let error = orgs
        .update_settings_with(&locked, forced)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("locked from above"), "{error}");
    let error = orgs
        .update_settings_with(&removed, forced)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("no longer shows"), "{error}");
    assert!(write(&tenant, &removed).await.unwrap_err().is_conflict());
    assert_eq!(
        tenant.server.count(WRITE) + tenant.server.count(WRITE_BY_KEY),
        0
    );
}

#[tokio::test]
async fn a_hundred_organizations_cost_what_they_need() {
    let tenant = Tenant::start().await;
    let orgs = tenant.server.client().orgs();
    let key = SettingKey::of("archive_hold_days").unwrap();
    let only = org42::GetSettings::new().only([&key]);
    let set = async |days: u32| {
        let mut settings = orgs.get_settings_with(ID, only).await.unwrap();
        settings.set_archive_hold_days(days).unwrap();
        orgs.update_settings(&settings).await.unwrap().is_complete()
    };
    let unchanged = join_all((0..100).map(|_| set(14))).await;
    assert!(unchanged.into_iter().all(|complete| complete));
    assert_eq!(tenant.lines(), [READ; 100], "a read each, and nothing else");
    assert!(set(30).await);
    assert_eq!(tenant.lines().split_off(100), [READ, READ, WRITE, READ]);
}
