//! Settings against the authority, within one process.

use org42::{
    Client, CreateOrg, Days, GetSettings, OrgId, OrgSettings, SettingKey, SettingValue,
    SettingsGroup,
};
use org42_authority::Sample;
use org42_test::Tenant;

use proptest::prelude::*;
use proptest::test_runner::Config;

use crate::authority::started;
use crate::org_settings_random::{Call, calls, list};
use crate::settings_model::{BY_KEY, GROUPS, plain};

fn key(name: &str) -> SettingKey {
    SettingKey::of(name).unwrap()
}

/// Creates organizations one below another, and returns the top one and them.
async fn family(client: &Client, names: &[&str]) -> Vec<OrgId> {
    let orgs = client.orgs();
    let mut ids = vec![orgs.get_current().await.unwrap().org_id.unwrap()];
    for name in names {
        let below = CreateOrg::new().parent(ids[ids.len() - 1]);
        let made = orgs.create_org(*name, below).await.unwrap();
        ids.push(made.org_id.unwrap());
    }
    ids
}

async fn begin(names: &[&str]) -> (Tenant, Client, Vec<OrgId>) {
    let (tenant, client) = started(Sample::None);
    let ids = family(&client, names).await;
    (tenant, client, ids)
}

async fn read(client: &Client, id: OrgId) -> OrgSettings {
    client.orgs().get_settings(id).await.unwrap()
}

async fn write(client: &Client, settings: &OrgSettings) {
    let update = client.orgs().update_settings(settings).await.unwrap();
    assert!(update.is_complete(), "{update:?}");
    assert_eq!(update.outcomes.len(), settings.changes().len());
}

/// Returns some value of a setting that is not in force.
fn another(settings: &OrgSettings, key: &SettingKey) -> SettingValue {
    let now = settings.get(key).unwrap().value;
    let texts = [
        "true",
        "false",
        "Another text",
        "30",
        "60",
        "a@example.com",
        "[\"x\"]",
    ];
    let values = texts.iter().filter_map(|text| key.parse_value(text).ok());
    values.into_iter().find(|value| *value != now).unwrap()
}

#[tokio::test]
async fn every_setting_that_can_be_set_is_written_read_back_and_set_back() {
    let (_, client, ids) = begin(&["Paris"]).await;
    let paris = ids[1];
    for key in SettingKey::all().filter(|key| !key.is_read_only()) {
        let before = read(&client, paris).await;
        let mut settings = before.clone();
        let value = another(&settings, &key);
        settings.set(&key, value.clone()).unwrap();
        write(&client, &settings).await;
        let after = read(&client, paris).await;
        assert_eq!(after.get(&key).unwrap().value, value, "{key}");
        // Only the settings that the test changed have changed.
        let said: Vec<_> = settings.changes().into_iter().map(|c| c.key).collect();
        for other in after.keys().filter(|other| !said.contains(other)) {
            let (was, is) = (before.get(&other), after.get(&other).unwrap().value);
            assert_eq!(
                was.map_or(SettingValue::Null, |was| was.value),
                is,
                "{key}: {other}"
            );
        }
        let mut back = after;
        for change in settings.changes().into_iter().filter(|c| !c.old.is_null()) {
            back.set(&change.key, change.old).unwrap();
        }
        if !back.is_unchanged() {
            write(&client, &back).await;
        }
    }
}

/// Writes the loop that py42 loses: of ten organizations the first has 30 days and nine have 90, and all are to have
/// 30.
#[tokio::test]
async fn the_loop_over_ten_organizations_loses_nothing() {
    let (_, client, ids) = begin(&[]).await;
    let orgs = client.orgs();
    let mut ten = Vec::new();
    for place in 0..10 {
        let below = CreateOrg::new().parent(ids[0]);
        let made = orgs
            .create_org(format!("Org {place}"), below)
            .await
            .unwrap();
        let id = made.org_id.unwrap();
        let mut settings = read(&client, id).await;
        settings
            .set_archive_hold_days(if place == 0 { 30 } else { 90 })
            .unwrap();
        write(&client, &settings).await;
        ten.push(id);
    }
    let mut written = 0;
    for &id in &ten {
        let mut settings = read(&client, id).await;
        settings.set_archive_hold_days(30).unwrap();
        let update = orgs.update_settings(&settings).await.unwrap();
        assert!(update.is_complete());
        written += update.outcomes.len();
    }
    assert_eq!(written, 9);
    for id in ten {
        assert_eq!(
            read(&client, id).await.archive_hold_days().unwrap(),
            Some(30)
        );
    }
}

#[tokio::test]
async fn nothing_changed_and_a_change_that_is_taken_back_leave_everything_inherited() {
    let (_, client, ids) = begin(&["Paris"]).await;
    let before = read(&client, ids[1]).await;
    for (name, text) in [("archive_hold_days", "77"), ("notes", "n")] {
        let mut settings = read(&client, ids[1]).await;
        settings
            .set(&key(name), key(name).parse_value(text).unwrap())
            .unwrap();
        write(&client, &settings).await;
    }
    let mut settings = read(&client, ids[1]).await;
    settings.inherit(SettingsGroup::Quota).unwrap();
    settings.set_notes("").unwrap();
    write(&client, &settings).await;
    let after = read(&client, ids[1]).await;
    for key in before.keys() {
        assert_eq!(before.get(&key).unwrap(), after.get(&key).unwrap());
    }
}

#[tokio::test]
async fn what_is_inherited_comes_from_where_it_was_set_and_ends_where_somebody_sets_it() {
    let (_, client, ids) = begin(&["Europe", "France", "Paris"]).await;
    let [_, europe, france, paris] = ids[..] else {
        panic!("{ids:?}")
    };
    let mut settings = read(&client, europe).await;
    settings.set_archive_hold_days(77).unwrap();
    settings
        .device_defaults_mut()
        .set_warning_alert_days(Days::new(9))
        .unwrap();
    settings.set_web_restore_enabled(false).unwrap();
    settings
        .set(&key("device_upgrade_delay"), SettingValue::Number(5))
        .unwrap();
    write(&client, &settings).await;
    let found = read(&client, paris).await;
    let hold = found.get(&key("archive_hold_days")).unwrap();
    assert_eq!((hold.inherited, hold.from), (Some(true), None), "not told");
    let origins = GetSettings::new().origins(true);
    let orgs = client.orgs();
    let found = orgs.get_settings_with(paris, origins).await.unwrap();
    for name in [
        "archive_hold_days",
        "device_defaults.warning_alert_days",
        "device_upgrade_delay",
    ] {
        let effective = found.get(&key(name)).unwrap();
        assert_eq!(effective.inherited, Some(true), "{name}");
        let from = effective.from.unwrap();
        assert_eq!(from.org_id, Some(europe), "{name}");
        assert_eq!(from.org_name.as_deref(), Some("Europe"), "{name}");
    }
    let warning = found.get(&key("backup_warning_email_days")).unwrap();
    assert_eq!(warning.from.unwrap().org_id, Some(ids[0]), "the top one");
    assert_eq!(found.archive_hold_days().unwrap(), Some(77));
    assert_eq!(found.quota_settings_inherited().unwrap(), Some(true));
    let mut settings = read(&client, france).await;
    settings.pin(&key("archive_hold_days")).unwrap();
    settings.pin(&key("device_upgrade_delay")).unwrap();
    write(&client, &settings).await;
    let mut settings = read(&client, europe).await;
    settings.set_archive_hold_days(78).unwrap();
    settings
        .set(&key("device_upgrade_delay"), SettingValue::Number(6))
        .unwrap();
    write(&client, &settings).await;
    let found = read(&client, paris).await;
    assert_eq!(found.archive_hold_days().unwrap(), Some(77), "pinned above");
    let delay = found.get(&key("device_upgrade_delay")).unwrap();
    assert_eq!(
        (delay.value, delay.from.unwrap().org_id),
        (SettingValue::Number(5), Some(france))
    );
    let mut settings = read(&client, france).await;
    settings.inherit(SettingsGroup::Quota).unwrap();
    assert_eq!(
        settings.archive_hold_days().unwrap(),
        Some(78),
        "before it is written"
    );
    write(&client, &settings).await;
    assert_eq!(
        read(&client, paris).await.archive_hold_days().unwrap(),
        Some(78)
    );
}

#[tokio::test]
async fn backup_sets_are_changed_and_read_in_order() {
    let (_, client, ids) = begin(&["Paris"]).await;
    let mut settings = read(&client, ids[1]).await;
    let offered: Vec<String> = settings
        .device_defaults()
        .available_destinations()
        .into_keys()
        .collect();
    assert!(offered.len() >= 2);
    let sets = settings.device_defaults().backup_sets();
    let id = sets
        .iter()
        .find(|set| !set.locked())
        .unwrap()
        .id()
        .to_owned();
    let mut set = settings.device_defaults_mut().backup_set(&id).unwrap();
    set.set_included_files(["Z:/", "A:/", "M:/a,b/"]).unwrap();
    set.set_excluded_files(["Z:/tmp/", "A:/tmp/"]).unwrap();
    set.set_filename_exclusions([r".*\.tmp", r".*\.bak"])
        .unwrap();
    for guid in &offered {
        set.add_destination(guid).unwrap();
    }
    set.lock_destination(&offered[0]).unwrap();
    set.remove_destination(&offered[1]).unwrap();
    write(&client, &settings).await;
    let settings = read(&client, ids[1]).await;
    let set = settings.device_defaults().backup_set(&id).unwrap();
    assert_eq!(set.included_files(), ["Z:/", "A:/", "M:/a,b/"]);
    assert_eq!(set.excluded_files(), ["Z:/tmp/", "A:/tmp/"]);
    assert_eq!(set.filename_exclusions(), [r".*\.tmp", r".*\.bak"]);
    let used = set.destinations();
    assert!(
        used.iter()
            .any(|used| used.guid == offered[0] && used.locked && used.name.is_some())
    );
    assert!(used.iter().all(|used| used.guid != offered[1]));
    let effective = settings.get(&key(&format!(
        "device_defaults.backup_sets.{id}.included_files"
    )));
    assert_eq!(effective.unwrap().inherited, Some(false));
    let mut settings = settings.clone();
    let mut set = settings.device_defaults_mut().backup_set(&id).unwrap();
    set.set_included_files([""; 0]).unwrap();
    set.unlock_destination(&offered[0]).unwrap();
    write(&client, &settings).await;
    let settings = read(&client, ids[1]).await;
    let set = settings.device_defaults().backup_set(&id).unwrap();
    assert!(set.included_files().is_empty() && set.excluded_files().is_empty());
    assert!(set.destinations().iter().all(|used| !used.locked));
}

#[tokio::test]
async fn two_administrators_are_told_of_each_other() {
    let (_, client, ids) = begin(&["Paris"]).await;
    let (mut one, mut other) = (read(&client, ids[1]).await, read(&client, ids[1]).await);
    one.set_archive_hold_days(60).unwrap();
    one.set_web_restore_user_limit(10).unwrap();
    other.set_archive_hold_days(61).unwrap();
    write(&client, &one).await;
    let error = client.orgs().update_settings(&other).await.unwrap_err();
    assert!(error.is_conflict(), "{error}");
    assert_eq!(error.conflicts()[0].now, SettingValue::Number(60));
    other.set_archive_hold_days(other_days(&other)).unwrap();
    other.set_notes("by the other").unwrap();
    write(&client, &other).await;
    let now = read(&client, ids[1]).await;
    assert_eq!(now.archive_hold_days().unwrap(), Some(60));
    assert_eq!(now.web_restore_user_limit().unwrap(), Some(10));
    assert_eq!(now.notes().unwrap().as_deref(), Some("by the other"));
}

/// Returns the days that were read, by taking the change back.
fn other_days(settings: &OrgSettings) -> u32 {
    let mut untouched = settings.clone();
    untouched.undo_all();
    untouched.archive_hold_days().unwrap().unwrap()
}

#[tokio::test]
async fn two_organizations_are_compared_by_what_is_in_force() {
    let (_, client, ids) = begin(&["Europe", "Paris"]).await;
    let mut settings = read(&client, ids[2]).await;
    let (top, paris) = (read(&client, ids[1]).await, settings.clone());
    assert_eq!(top.diff(&paris), []);
    settings
        .set_backup_warning_email_days(other_than(&settings))
        .unwrap();
    write(&client, &settings).await;
    let differing: Vec<_> = top
        .diff(&read(&client, ids[2]).await)
        .into_iter()
        .map(|found| found.key.name().to_owned())
        .collect();
    assert_eq!(
        differing,
        ["reporting_settings_inherited", "backup_warning_email_days"]
    );
}

fn other_than(settings: &OrgSettings) -> u32 {
    settings.backup_warning_email_days().unwrap().unwrap() + 1
}

/// Makes a call of a random sequence, if it is allowed.
fn apply(settings: &mut OrgSettings, call: &Call) {
    let id = |settings: &OrgSettings| settings.device_defaults().backup_sets()[0].id().to_owned();
    let part = |settings: &OrgSettings, part: &str, items: Vec<String>| {
        let key = key(&format!(
            "device_defaults.backup_sets.{}.{part}",
            id(settings)
        ));
        (key, SettingValue::List(items))
    };
    let (key, value) = match *call {
        Call::Plain(which, choice) => {
            let row = &plain()[which];
            let key = key(row.name);
            let (text, _) = row.choices[choice % row.choices.len()];
            let value = key.parse_value(text).unwrap();
            (key, value)
        }
        Call::Switch(group, on) => (key(GROUPS[group].0), on.into()),
        Call::Flag(which, on) => (SettingKey::t_setting(BY_KEY[which]), on.into()),
        Call::Included(which) => part(settings, "included_files", list(which)),
        Call::Excluded(which) => part(settings, "excluded_files", list(which)),
        Call::Patterns(which) => part(settings, "filename_exclusions", list(which)),
        Call::Destination(which, lock) => {
            let offered = settings.device_defaults().available_destinations();
            let guid = offered.into_keys().nth(which % 2).unwrap();
            let item = if lock % 2 == 0 {
                guid
            } else {
                format!("{guid}:locked")
            };
            part(settings, "destinations", vec![item])
        }
    };
    // A refused change must change nothing, which the comparison shows.
    drop(settings.set(&key, value));
}

/// Compares the object after some calls with the server after the write: values, and what is inherited.
#[test]
fn random_sequences_are_in_force_at_the_authority_as_the_object_said() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (_, client) = started(Sample::None);
    let case = std::cell::Cell::new(0);
    proptest!(Config::with_cases(150), |(above in calls(), first in calls(), then in calls())| {
        case.set(case.get() + 1);
        let names = [format!("Above {}", case.get()), "Below".to_owned()];
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        runtime.block_on(async {
            let ids = family(&client, &names).await;
            for (id, calls) in [(ids[1], &above), (ids[2], &first), (ids[2], &then)] {
                let mut settings = read(&client, id).await;
                // The server would refuse the name of a sibling.
                let renames = |call: &&Call| matches!(call, Call::Plain(0, _));
                calls.iter().filter(|call| !renames(call)).for_each(|call| apply(&mut settings, call));
                write(&client, &settings).await;
                let after = read(&client, id).await;
                for key in after.keys() {
                    let (said, is) = (settings.get(&key).unwrap(), after.get(&key).unwrap());
                    assert_eq!(said.value, is.value, "{key}");
                    assert_eq!(said.inherited, is.inherited, "{key}");
                }
            }
        });
    });
    assert!(case.get() >= 150);
}
