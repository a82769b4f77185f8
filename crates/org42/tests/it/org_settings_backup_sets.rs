//! Changing backup sets: their files, and their destinations.

use serde_json::{Value, json};

use crate::org_settings_changes::{body, changes, read, says, set};
use crate::settings_tenant::recorded;

const SET: &str = "device_defaults.backup_sets.1";

fn set_in(body: &Value) -> &Value {
    &body["deviceDefaults"]["serviceBackupConfig"]["backupConfig"]["backupSets"]["backupSet"][1]
}

#[tokio::test]
async fn file_lists_are_written_in_the_vendors_shape_and_only_the_one_that_changed() {
    let mut settings = read(|_| ()).await;
    let mut set = settings.device_defaults_mut().backup_set("1").unwrap();
    set.set_included_files(["C:/", "D:/"]).unwrap();
    set.set_excluded_files(["C:/tmp/"]).unwrap();
    assert_eq!(
        (set.included_files().len(), set.excluded_files().len()),
        (2, 1)
    );
    let sent = body(&settings);
    let paths = &set_in(&sent)["backupPaths"];
    assert_eq!(
        paths["pathset"],
        json!({"paths": {"@os": "Linux", "@cleared": "false", "path": [
            {"@include": "C:/", "@und": "false"},
            {"@include": "D:/", "@und": "false"},
            {"@exclude": "C:/tmp/", "@und": "false"},
        ]}})
    );
    assert_eq!(
        paths["excludeUser"],
        set_in(&recorded())["backupPaths"]["excludeUser"]
    );
    let mut set = settings.device_defaults_mut().backup_set("1").unwrap();
    set.set_included_files([""; 0]).unwrap();
    assert!(set.excluded_files().is_empty());
    assert!(settings.is_unchanged(), "{settings:?}");
    let mut set = settings.device_defaults_mut().backup_set("1").unwrap();
    set.set_filename_exclusions([".*\\.tmp"]).unwrap();
    let sent = body(&settings);
    assert_eq!(
        set_in(&sent)["backupPaths"]["excludeUser"],
        json!({"patternList": {
            "pattern": [{"@regex": ".*\\.tmp"}],
            "windows": {"pattern": []}, "macintosh": {"pattern": []}, "linux": {"pattern": []},
        }})
    );
    assert_eq!(
        set_in(&sent)["backupPaths"]["pathset"],
        set_in(&recorded())["backupPaths"]["pathset"]
    );
}

#[tokio::test]
async fn clearing_the_included_files_clears_the_excluded_ones_and_both_come_back() {
    let mut settings = read(|state| {
        let sets = &mut state.org["deviceDefaults"]["serviceBackupConfig"]["backupConfig"];
        let paths = &mut sets["backupSets"]["backupSet"][1]["backupPaths"];
        paths["pathset"] =
            json!([{"@os": "Windows", "path": [{"@include": "C:/"}, {"@exclude": "C:/t/"}]}]);
        paths["excludeUser"] = json!([{"windows": [{"pattern": {"@regex": "w"}}], "linux": []}]);
    })
    .await;
    set(&mut settings, &format!("{SET}.included_files"), "").unwrap();
    assert_eq!(
        changes(&settings),
        [
            "device_defaults.backup_sets.1.included_files: C:/ -> none",
            "device_defaults.backup_sets.1.excluded_files: C:/t/ -> none"
        ]
    );
    assert_eq!(
        set_in(&body(&settings))["backupPaths"]["pathset"],
        json!({"paths": {"@os": "Windows", "@cleared": "true", "path": []}})
    );
    says(
        &set(&mut settings, &format!("{SET}.excluded_files"), "C:/x/").unwrap_err(),
        "includes nothing",
    );
    set(&mut settings, &format!("{SET}.included_files"), "C:/").unwrap();
    assert!(settings.is_unchanged());
    set(&mut settings, &format!("{SET}.filename_exclusions"), "a").unwrap();
    let sent = body(&settings);
    let list = &set_in(&sent)["backupPaths"]["excludeUser"]["patternList"];
    assert_eq!(
        list["windows"],
        json!([{"pattern": {"@regex": "w"}}]),
        "stays"
    );
}

#[tokio::test]
async fn destinations_are_added_removed_locked_and_unlocked() {
    let mut settings = read(|_| ()).await;
    let mut set = settings.device_defaults_mut().backup_set("1").unwrap();
    set.add_destination("587738803578339329").unwrap();
    set.add_destination("43").unwrap();
    set.lock_destination("43").unwrap();
    set.lock_destination("43").unwrap();
    set.remove_destination("632540230984925185").unwrap();
    set.remove_destination("632540230984925185").unwrap();
    says(&set.add_destination("nowhere").unwrap_err(), "not offered");
    says(
        &set.lock_destination("673679195225718785").unwrap_err(),
        "does not use it",
    );
    says(
        &set.unlock_destination("nowhere").unwrap_err(),
        "does not use it",
    );
    assert_eq!(
        changes(&settings),
        [
            "device_defaults.backup_sets.1.destinations: 43, 632540230984925185 -> 43:locked, 587738803578339329"
        ]
    );
    assert_eq!(
        set_in(&body(&settings))["destinations"],
        json!([{"@id": "43", "@locked": "true"}, {"@id": "587738803578339329"}])
    );
    let mut set = settings.device_defaults_mut().backup_set("1").unwrap();
    set.unlock_destination("43").unwrap();
    set.unlock_destination("43").unwrap();
    set.remove_destination("43").unwrap();
    set.remove_destination("587738803578339329").unwrap();
    assert_eq!(
        set_in(&body(&settings))["destinations"],
        json!({"@cleared": "true"})
    );
    let mut set = settings.device_defaults_mut().backup_set("1").unwrap();
    set.add_destination("43").unwrap();
    set.add_destination("632540230984925185").unwrap();
    assert!(settings.is_unchanged());
}

#[tokio::test]
async fn a_locked_set_refuses_files_and_takes_destinations() {
    let mut settings = read(|_| ()).await;
    let mut set = settings
        .device_defaults_mut()
        .backup_set("972283366543281500")
        .unwrap();
    for error in [
        set.set_included_files(["C:/"]).unwrap_err(),
        set.set_excluded_files(["C:/"]).unwrap_err(),
        set.set_filename_exclusions(["x"]).unwrap_err(),
    ] {
        says(&error, "the backup set is locked");
    }
    set.add_destination("43").unwrap();
    let sent = body(&settings);
    let sets = &sent["deviceDefaults"]["serviceBackupConfig"]["backupConfig"]["backupSets"];
    assert_eq!(sets["backupSet"][0]["destinations"], json!([{"@id": "43"}]));
    assert_eq!(sets["@locked"], "true");
    let error = settings.device_defaults_mut().backup_set("9").unwrap_err();
    says(&error, "there is 972283366543281500, 1");
}
