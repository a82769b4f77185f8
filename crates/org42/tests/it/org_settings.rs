//! Settings as they are read: the recorded document, each shape, and where values come from.

use org42::{Days, GetSettings, Limit, OrgId, SettingValue};
use serde_json::{Value, json};

use crate::org_settings_changes::key;
use crate::settings_tenant::{ID, RECORDED, Tenant, recorded, t};
use org42_test::{Reply, Server};

#[tokio::test]
async fn every_property_of_the_recorded_document_reads_as_the_tables_say() {
    let settings = Tenant::start().await.read().await;
    assert_eq!(settings.org_id(), OrgId::from(4200));
    assert_eq!(settings.org_uid().unwrap().as_str(), "944755074379520217");
    assert_eq!(settings.org_guid(), None);
    assert_eq!(
        settings.registration_key().unwrap().as_str(),
        "XXXX-XXXX-XXXX-XXXX"
    );
    assert_eq!(settings.org_name().unwrap().unwrap(), "TEST_ORG");
    assert_eq!(settings.external_reference().unwrap().unwrap(), "test_ref");
    assert_eq!(settings.notes().unwrap().unwrap(), "test_note");
    assert_eq!(settings.quota_settings_inherited().unwrap(), Some(true));
    assert_eq!(settings.archive_hold_days().unwrap(), Some(14));
    assert_eq!(
        settings.maximum_user_subscriptions().unwrap(),
        Some(Limit::Unlimited)
    );
    assert_eq!(settings.org_backup_quota().unwrap(), Some(Limit::Unlimited));
    assert_eq!(
        settings.user_backup_quota().unwrap(),
        Some(Limit::Unlimited)
    );
    assert_eq!(settings.web_restore_admin_limit().unwrap(), Some(250));
    assert_eq!(settings.web_restore_user_limit().unwrap(), Some(250));
    assert_eq!(settings.reporting_settings_inherited().unwrap(), Some(true));
    assert_eq!(settings.backup_warning_email_days().unwrap(), Some(7));
    assert_eq!(settings.backup_critical_email_days().unwrap(), Some(14));
    assert_eq!(
        settings.backup_alert_recipient_emails().unwrap(),
        Some(vec![])
    );
    assert_eq!(
        settings.destination_settings_inherited().unwrap(),
        Some(true)
    );
    let defaults = settings.device_defaults();
    assert_eq!(defaults.warning_email_enabled().unwrap(), Some(false));
    assert_eq!(defaults.critical_email_enabled().unwrap(), Some(false));
    assert_eq!(defaults.warning_alert_days().unwrap(), Some(Days::new(3)));
    assert_eq!(defaults.critical_alert_days().unwrap(), Some(Days::new(5)));
    assert_eq!(defaults.backup_status_email_enabled().unwrap(), Some(false));
    assert_eq!(
        defaults.backup_status_email_frequency_days().unwrap(),
        Some(Days::new(7))
    );
    assert_eq!(
        defaults.available_destinations(),
        [
            ("43", "PROe Cloud, US"),
            ("587738803578339329", "PROe Cloud, SIN"),
            ("632540230984925185", "PROe Cloud, US - West"),
            ("673679195225718785", "PROe Cloud, AMS"),
        ]
        .map(|(guid, name)| (guid.to_owned(), name.to_owned()))
        .into()
    );
}

#[tokio::test]
async fn the_recorded_backup_sets_read_locked_and_unlocked() {
    let settings = Tenant::start().await.read().await;
    let sets = settings.device_defaults().backup_sets();
    let [locked, free] = &sets[..] else {
        panic!("{sets:?}");
    };
    assert_eq!(
        (locked.id(), locked.name().as_str(), locked.locked()),
        ("972283366543281500", "Backup Set 1", true)
    );
    assert_eq!(locked.included_files(), [":user/"]);
    assert!(locked.destinations().is_empty());
    assert_eq!((free.id(), free.locked()), ("1", false));
    assert!(free.name().starts_with("Next-Gen Platinum"));
    assert!(free.included_files().is_empty() && free.excluded_files().is_empty());
    assert!(free.filename_exclusions().is_empty());
    let used: Vec<_> = free
        .destinations()
        .into_iter()
        .map(|used| (used.guid, used.name.unwrap(), used.locked))
        .collect();
    assert_eq!(
        used,
        [
            ("43".to_owned(), "PROe Cloud, US".to_owned(), false),
            (
                "632540230984925185".to_owned(),
                "PROe Cloud, US - West".to_owned(),
                false
            )
        ]
    );
}

#[tokio::test]
async fn each_value_tells_whether_it_is_inherited_and_from_where() {
    let tenant = Tenant::start().await;
    tenant.change(|state| {
        state.org["orgInheritDto"]["orgIdProvidingOrg"] = json!(77);
        state.org["orgInheritDto"]["orgNameProvidingOrg"] = json!("Europe");
        state.org["settings"]["isUsingReportingDefaults"] = json!(false);
    });
    let settings = tenant.read().await;
    let told = |name: &str| {
        let found = settings.get(&key(name)).unwrap();
        let from = found.from.map(|from| from.to_string());
        (found.inherited, from.unwrap_or_default(), found.locked)
    };
    let own = (Some(false), "TEST_ORG (4200)".to_owned(), false);
    let from = |name: &str, locked| (Some(true), name.to_owned(), locked);
    assert_eq!(told("org_name"), own);
    assert_eq!(told("web_restore_user_limit"), (None, String::new(), false));
    assert_eq!(told("archive_hold_days"), from("Europe (77)", false));
    assert_eq!(told("backup_warning_email_days"), own);
    assert_eq!(
        told("device_defaults.available_destinations"),
        from("Next-Gen Platinum Support Test Environment (510682)", false)
    );
    assert_eq!(
        told("device_defaults.warning_alert_days"),
        from("Support (510853)", false)
    );
    assert_eq!(
        told("device_defaults.warning_email_enabled"),
        from("Support (510853)", true)
    );
    assert_eq!(
        told("device_defaults.backup_sets.972283366543281500.included_files"),
        from("Support (510853)", true)
    );
    assert_eq!(
        told("device_defaults.backup_sets.972283366543281500.destinations"),
        from("Support (510853)", false)
    );
    assert_eq!(told("web_restore_enabled"), from("1", false));
    assert_eq!(told("device_upgrade_delay"), own);
    assert_eq!(
        told("device_network_utilization_schedule_enabled"),
        from("1", true)
    );
    assert_eq!(
        told("org-securityTools-client-enable"),
        (None, String::new(), false)
    );
}

#[tokio::test]
async fn origins_that_are_not_told_are_looked_for_on_the_way_up_as_far_as_needed() {
    let above = |id: u32, parent: Value, quota: bool, reporting: bool| {
        json!({"orgId": id, "orgName": format!("Org {id}"), "parentOrgId": parent, "settings":
            {"isUsingQuotaDefaults": quota, "isUsingReportingDefaults": reporting}})
    };
    let tenant = Tenant::with(move |seen, _, state| {
        let org = match seen.path.as_str() {
            "/api/v1/Org/4242" => above(4242, json!(3), false, true),
            "/api/v1/Org/3" => above(3, json!(1), true, true),
            "/api/v1/Org/1" => above(1, json!(null), true, true),
            "/api/v1/Org/4243" => return Some(Reply::status(403, "")),
            "/api/v1/Org/5" => above(5, json!(5), true, true),
            _ => {
                state.org["settings"]["isUsingDestinationDefaults"] = json!(true);
                return None;
            }
        };
        Some(Reply::json(json!({ "data": org }).to_string()))
    })
    .await;
    let orgs = tenant.server.client().orgs();
    let read = async || {
        let before = tenant.lines().len();
        let only = GetSettings::new().only([&key("notes")]).origins(true);
        let settings = orgs.get_settings_with(ID, only).await.unwrap();
        let from = |name: &str| {
            settings
                .get(&key(name))
                .unwrap()
                .from
                .and_then(|from| from.org_name)
        };
        let (quota, reporting) = (from("archive_hold_days"), from("backup_warning_email_days"));
        (quota, reporting, tenant.lines().len() - before - 1)
    };
    let name = |name: &str| Some(name.to_owned());
    assert_eq!(read().await, (name("Org 4242"), name("Org 1"), 3));
    tenant.change(|state| state.org["settings"]["isUsingReportingDefaults"] = json!(false));
    assert_eq!(read().await, (name("Org 4242"), name("TEST_ORG"), 1));
    tenant.change(|state| state.org["parentOrgId"] = json!(4243));
    assert_eq!(read().await, (None, name("TEST_ORG"), 1));
    tenant.change(|state| state.org["parentOrgId"] = json!(5));
    let (quota, _, requests) = read().await;
    assert_eq!(
        (quota, requests),
        (None, 64),
        "no server leads in circles for ever"
    );
    tenant.change(|state| state.org["settings"]["isUsingQuotaDefaults"] = json!(false));
    assert_eq!(read().await.2, 0);
}

#[tokio::test]
async fn a_t_setting_of_an_organization_that_the_document_names_has_its_name() {
    let tenant = Tenant::start().await;
    let provider = t("true", false, 510_853);
    tenant.change(|state| {
        state
            .by_key
            .insert("device_webRestore_enabled".into(), provider)
    });
    let found = tenant.read().await.get(&key("web_restore_enabled"));
    assert_eq!(found.unwrap().from.unwrap().to_string(), "Support (510853)");
}

/// Reads every shape of a file selection, of patterns and of destinations.
#[tokio::test]
async fn every_locked_and_unlocked_shape_reads() {
    let tenant = Tenant::start().await;
    let read = async |place: [&str; 3], shape: Value| {
        tenant.change(|state| {
            state.org = recorded();
            let sets = &mut state.org["deviceDefaults"]["serviceBackupConfig"]["backupConfig"];
            let set = &mut sets["backupSets"]["backupSet"][1];
            match place {
                ["", "", last] => set[last] = shape,
                [_, first, last] => set[first][last] = shape,
            }
        });
        let settings = tenant.read().await;
        let set = settings.device_defaults().backup_set("1");
        set.map(|set| {
            (
                set.included_files(),
                set.excluded_files(),
                set.filename_exclusions(),
                set.destinations()
                    .into_iter()
                    .map(|used| (used.guid, used.locked))
                    .collect::<Vec<_>>(),
            )
        })
    };
    let pathset = ["", "backupPaths", "pathset"];
    let paths = |one: Value| json!({"@os": "Linux", "path": one});
    let two = json!([{"@include": "C:/"}, {"@exclude": "C:/tmp/"}, {"@include": "D:/"}]);
    let cleared = json!({"@os": "Linux", "@cleared": "true"});
    for (shape, included, excluded) in [
        (json!([cleared]), vec![], vec![]),
        (json!({"@locked": "true", "paths": cleared}), vec![], vec![]),
        (json!([paths(two[0].clone())]), vec!["C:/"], vec![]),
        (
            json!({"@locked": "true", "paths": paths(two[0].clone())}),
            vec!["C:/"],
            vec![],
        ),
        (
            json!([paths(two.clone())]),
            vec!["C:/", "D:/"],
            vec!["C:/tmp/"],
        ),
        (
            json!({"@locked": "true", "paths": paths(two)}),
            vec!["C:/", "D:/"],
            vec!["C:/tmp/"],
        ),
    ] {
        let set = read(pathset, shape.clone()).await.unwrap();
        assert_eq!(
            (set.0, set.1),
            (strings(&included), strings(&excluded)),
            "{shape}"
        );
    }
    let exclude = ["", "backupPaths", "excludeUser"];
    let patterns =
        |one: Value| json!({"windows": [], "linux": [], "macintosh": [], "pattern": one});
    let many = json!([{"@regex": ".*1"}, {"@regex": ".*2"}]);
    for (shape, expected) in [
        (json!([{"windows": [], "linux": []}]), vec![]),
        (json!({"@locked": "true", "patternList": {}}), vec![]),
        (json!([patterns(many[0].clone())]), vec![".*1"]),
        (json!([patterns(many.clone())]), vec![".*1", ".*2"]),
        (
            json!({"@locked": "true", "patternList": patterns(many[1].clone())}),
            vec![".*2"],
        ),
        (
            json!({"@locked": "true", "patternList": patterns(many)}),
            vec![".*1", ".*2"],
        ),
    ] {
        let set = read(exclude, shape.clone()).await.unwrap();
        assert_eq!(set.2, strings(&expected), "{shape}");
    }
    let destinations = ["", "", "destinations"];
    for (shape, expected) in [
        (json!([]), vec![]),
        (json!({"@cleared": "true"}), vec![]),
        (
            json!([{"@id": "43"}, {"@id": "7", "@locked": "true"}]),
            vec![("43", false), ("7", true)],
        ),
    ] {
        let set = read(destinations, shape.clone()).await.unwrap();
        let expected: Vec<_> = expected
            .into_iter()
            .map(|(guid, locked)| (guid.to_owned(), locked))
            .collect();
        assert_eq!(set.3, expected, "{shape}");
    }
    let held = json!({"@locked": "true", "destination": [{"@id": "43"}]});
    let error = read(destinations, held).await.unwrap_err().to_string();
    assert!(error.contains("there is 972283366543281500"), "{error}");
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

#[tokio::test]
async fn every_shape_of_the_list_of_sets_reads_and_legal_holds_are_hidden() {
    let tenant = Tenant::start().await;
    let set = |id: &str| json!({"@id": id, "name": "n", "backupPaths": {}, "destinations": []});
    let held = json!({"@id": "h", "backupPaths": {}, "destinations": {"@locked": "true", "destination": []}});
    for (shape, expected) in [
        (json!([]), vec![]),
        (json!([set("a"), held, set("b")]), vec!["a", "b"]),
        (
            json!({"@locked": "true", "backupSet": [set("a"), held]}),
            vec!["a"],
        ),
        (json!({"@locked": "true", "backupSet": set("a")}), vec!["a"]),
        (json!({"@locked": "true", "backupSet": held}), vec![]),
        (
            json!([set("a"), set("a"), {"backupPaths": {}}]),
            vec!["a", "#2", "#3"],
        ),
        (json!(null), vec![]),
    ] {
        tenant.change(|state| {
            let config = &mut state.org["deviceDefaults"]["serviceBackupConfig"]["backupConfig"];
            config["backupSets"] = shape.clone();
        });
        let settings = tenant.read().await;
        let sets = settings.device_defaults().backup_sets();
        let ids: Vec<_> = sets.iter().map(|set| set.id()).collect();
        assert_eq!(ids, expected, "{shape}");
    }
}

#[tokio::test]
async fn values_that_do_not_belong_there_are_shown_as_they_are() {
    let tenant = Tenant::start().await;
    tenant.change(|state| {
        state.org["settings"]["archiveHoldDays"] = json!({"a": 1});
        state.org["settings"]["maxSeats"] = json!(null);
        state.org["settings"]["maxBytes"] = json!(1_234_567_891_u64);
        state.org["settingsSummary"]["maxSeats"] = json!("");
        state.org["settingsInherited"]["maxSeats"] = json!(9);
        state.org["orgExtRef"] = json!(null);
        state
            .by_key
            .insert("device_webRestore_enabled".into(), json!({"value": true}));
        state.by_key.insert("org-x".into(), json!("bare"));
        state.by_key.insert("org-y".into(), json!(null));
    });
    let settings = tenant.read().await;
    let shown = |name: &str| settings.get(&key(name)).unwrap().value;
    assert_eq!(
        shown("archive_hold_days"),
        SettingValue::Text(r#"{"a":1}"#.to_owned())
    );
    assert_eq!(settings.archive_hold_days().unwrap(), None);
    assert_eq!(
        settings.maximum_user_subscriptions().unwrap(),
        Some(Limit::Of(9))
    );
    assert_eq!(shown("org_backup_quota").to_string(), "1.234567891");
    assert_eq!(shown("external_reference"), SettingValue::Null);
    assert_eq!(settings.web_restore_enabled().unwrap(), Some(true));
    assert_eq!((shown("org-x"), shown("org-y")), ("bare".into(), "".into()));
}

#[tokio::test]
async fn a_server_that_sends_little_is_read_and_what_it_did_not_send_cannot_be_set() {
    let server = Server::start(|seen, _| match seen.path.as_str() {
        "/api/v1/Org/4200" => Reply::json(
            r#"{"orgId":4200,"orgName":"Lean","settings":{"maxSeats":null,"maxBytes":null}}"#,
        ),
        _ => Reply::json(r#"{"data":null}"#),
    })
    .await;
    let mut settings = server.client().orgs().get_settings(ID).await.unwrap();
    assert_eq!(settings.org_name().unwrap().as_deref(), Some("Lean"));
    assert_eq!(settings.archive_hold_days().unwrap(), None);
    assert_eq!(settings.quota_settings_inherited().unwrap(), None);
    assert_eq!(
        settings.device_defaults().warning_email_enabled().unwrap(),
        None
    );
    for error in [
        settings.set_archive_hold_days(3).unwrap_err(),
        settings.set_quota_settings_inherited(true).unwrap_err(),
        settings
            .device_defaults_mut()
            .set_warning_email_enabled(true)
            .unwrap_err(),
    ] {
        assert!(error.is_invalid_input(), "{error}");
        assert!(
            error.to_string().contains("sent no such setting"),
            "{error}"
        );
    }
    assert!(settings.is_unchanged());
    settings
        .set_maximum_user_subscriptions(Limit::Of(3))
        .unwrap();
    let body: Value = serde_json::from_str(&settings.body().unwrap()).unwrap();
    assert_eq!(body["settings"], json!({"maxSeats": 3, "maxBytes": null}));
}

#[tokio::test]
async fn only_what_is_needed_is_read_and_the_rest_is_an_error() {
    let tenant = Tenant::start().await;
    let orgs = tenant.server.client().orgs();
    let quota = [key("archive_hold_days"), key("org_name")];
    let only = GetSettings::new().only(&quota);
    let mut settings = orgs.get_settings_with(ID, only).await.unwrap();
    assert_eq!(tenant.lines(), ["GET /api/v1/Org/4200"]);
    let error = settings.web_restore_enabled().unwrap_err();
    assert!(error.to_string().contains("left out"), "{error}");
    assert!(settings.set_web_restore_enabled(true).is_err());
    let only = GetSettings::new().only([&key("web_restore_enabled")]);
    let by_key = orgs.get_settings_with(ID, only).await.unwrap();
    assert_eq!(tenant.lines().len(), 2);
    assert_eq!(by_key.web_restore_enabled().unwrap(), Some(false));
    assert!(by_key.org_name().is_err() && by_key.body().is_err());
    assert!(by_key.document().is_none() && settings.t_settings().is_none());
    let both = GetSettings::new().only([&quota[0], &key("web_restore_enabled")]);
    orgs.get_settings_with(ID, both).await.unwrap();
    assert_eq!(tenant.lines().len(), 4);
    let query = &tenant.server.requests()[0].query;
    assert_eq!(
        query,
        "incSettings=true&incDeviceDefaults=true&incInheritedOrgInfo=true"
    );
}

#[tokio::test]
async fn an_unknown_organization_is_not_found() {
    let server = Server::start(|_, _| {
        Reply::status(404, r#"[{"name":"ORG_NOT_FOUND","description":"no"}]"#)
    })
    .await;
    let error = server.client().orgs().get_settings(9).await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
    assert!(error.to_string().contains("organization 9"), "{error}");
}

#[test]
fn the_recorded_document_is_the_published_one() {
    let recorded: Value = serde_json::from_str(RECORDED).unwrap();
    assert_eq!(recorded["metadata"]["params"]["incSettings"], "true");
    assert_eq!(recorded["data"]["settings"].as_object().unwrap().len(), 31);
    let licence = include_str!("../fixtures/LICENSE.py42.md");
    assert!(licence.contains("Copyright (c) 2020 Code42 Software"));
}
