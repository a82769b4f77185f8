//! Settings through HTTP: what is inherited, what is an organization's own, and what is refused.

use org42_authority::Fidelity;
use serde_json::{Value, json};

use crate::testbench::{Got, TestBench};

const ALL: &str = "incSettings=True&incDeviceDefaults=true&incInheritedOrgInfo=TRUE&incCounts=true&incWindowsUsmtFiles=true";

/// The top organization, one below it, and one below that.
pub(crate) struct Line {
    pub(crate) bench: TestBench,
    pub(crate) top: Value,
    pub(crate) parent: Value,
    pub(crate) child: Value,
}

impl Line {
    pub(crate) async fn new() -> Self {
        Self::with(Fidelity::default()).await
    }

    pub(crate) async fn with(fidelity: Fidelity) -> Self {
        let bench = TestBench::with(fidelity).await;
        let top = bench.get("/api/v1/Org/my").await.data();
        let parent = bench.create_org(None, "Parent").await;
        let child = bench.create_org(Some(&parent), "Child").await;
        Self {
            bench,
            top,
            parent,
            child,
        }
    }

    /// The whole document.
    pub(crate) async fn read(&self, org: &Value) -> Value {
        let path = format!("/api/v1/Org/{}?{ALL}", org["orgId"]);
        self.bench.get(&path).await.data()
    }

    pub(crate) async fn settings(&self, org: &Value) -> Value {
        self.read(org).await["settings"].take()
    }

    pub(crate) async fn put(&self, org: &Value, body: &Value) -> Got {
        let line = format!("PUT /api/v1/Org/{}", org["orgId"]);
        self.bench.ask(&line, &body.to_string()).await
    }

    pub(crate) async fn set(&self, org: &Value, settings: Value) {
        let got = self.put(org, &json!({"settings": settings})).await;
        assert_eq!(got.status, 200, "{}", got.text);
    }

    pub(crate) async fn by_key(&self, org: &Value) -> Value {
        let path = format!("/api/v1/OrgSetting/{}", org["orgId"]);
        self.bench.get(&path).await.data()
    }

    pub(crate) async fn put_key(&self, org: &Value, key: &str, value: &str, locked: bool) -> Got {
        let line = format!("PUT /api/v1/OrgSetting/{}", org["orgId"]);
        let packet = json!({"key": key, "value": value, "locked": locked});
        self.bench
            .ask(&line, &json!({"packets": [packet]}).to_string())
            .await
    }

    /// Writes device defaults that differ from those in force.
    pub(crate) async fn set_defaults(&self, org: &Value, change: impl FnOnce(&mut Value)) -> Got {
        let mut document = self.read(org).await;
        change(&mut document["deviceDefaults"]["serviceBackupConfig"]);
        self.put(org, &document).await
    }
}

#[tokio::test]
async fn a_group_is_inherited_copied_when_it_becomes_own_and_discarded_when_it_is_inherited_again()
{
    for (switch, member, values) in [
        ("isUsingQuotaDefaults", "archiveHoldDays", [30, 40, 50]),
        ("isUsingQuotaDefaults", "maxSeats", [3, 4, 5]),
        ("isUsingReportingDefaults", "warnInDays", [1, 2, 3]),
    ] {
        let line = Line::new().await;
        let [first, second, third] = values;
        line.set(&line.parent, json!({switch: false, member: first}))
            .await;
        assert_eq!(line.settings(&line.child).await[member], first);
        line.set(&line.child, json!({switch: false})).await;
        let copied = line.settings(&line.child).await;
        assert_eq!(
            (&copied[member], &copied[switch]),
            (&json!(first), &json!(false))
        );
        line.set(&line.parent, json!({member: second})).await;
        assert_eq!(line.settings(&line.child).await[member], first, "{member}");
        assert_eq!(
            line.read(&line.child).await["settingsInherited"][member],
            second
        );
        assert_eq!(
            line.read(&line.child).await["settingsSummary"][member],
            first
        );
        line.set(&line.child, json!({member: third})).await;
        assert_eq!(line.settings(&line.child).await[member], third);
        // A value beside a switch that says inherited counts for nothing.
        line.set(&line.child, json!({switch: true, member: third}))
            .await;
        assert_eq!(line.settings(&line.child).await[member], second);
        line.set(&line.child, json!({member: third})).await;
        assert_eq!(line.settings(&line.child).await[member], second);
        line.set(&line.child, json!({switch: false})).await;
        assert_eq!(
            line.settings(&line.child).await[member],
            second,
            "the old value is gone"
        );
    }
}

#[tokio::test]
async fn destinations_are_inherited_own_and_inherited_again_and_say_from_where() {
    let line = Line::new().await;
    let inherited = line.read(&line.child).await;
    assert_eq!(
        inherited["orgInheritDto"]["orgIdProvidingDestinations"],
        line.top["orgId"]
    );
    let offered = inherited["settings"]["destinations"]
        .as_array()
        .unwrap()
        .clone();
    assert!(offered.len() >= 2);
    let mut fewer = vec![offered[1].clone(), offered[0].clone()];
    line.set(
        &line.parent,
        json!({"isUsingDestinationDefaults": false, "destinations": fewer}),
    )
    .await;
    let below = line.read(&line.child).await;
    assert_eq!(
        below["settings"]["destinations"],
        json!(fewer),
        "in their order"
    );
    assert_eq!(
        below["orgInheritDto"]["orgIdProvidingDestinations"],
        line.parent["orgId"]
    );
    line.set(&line.child, json!({"isUsingDestinationDefaults": false}))
        .await;
    fewer.pop();
    line.set(&line.parent, json!({"destinations": fewer})).await;
    let own = line.read(&line.child).await;
    assert_eq!(own["settings"]["destinations"].as_array().unwrap().len(), 2);
    assert_eq!(
        own["settingsSummary"]["destinations"],
        json!(fewer),
        "as recorded"
    );
    assert_eq!(
        own["orgInheritDto"]["orgIdProvidingDestinations"],
        line.child["orgId"]
    );
    line.set(&line.child, json!({"isUsingDestinationDefaults": true}))
        .await;
    assert_eq!(
        line.settings(&line.child).await["destinations"],
        json!(fewer)
    );
}

#[tokio::test]
async fn a_document_that_is_written_back_changes_nothing() {
    let line = Line::new().await;
    line.set(
        &line.parent,
        json!({"isUsingQuotaDefaults": false, "archiveHoldDays": 77}),
    )
    .await;
    let changed = line.set_defaults(&line.parent, |config| {
        config["minutesUntilWarning"] = json!("1440")
    });
    assert_eq!(changed.await.status, 200);
    for org in [&line.top, &line.parent, &line.child] {
        let before = line.read(org).await;
        let mut echo = before.clone();
        // What can only be read may be anything.
        echo["settingsInherited"] = json!({"archiveHoldDays": -5});
        echo["orgInheritDto"] = Value::Null;
        echo["registrationKey"] = json!("x");
        echo["orgCount"] = json!(-1);
        // The copy that the vendor's clients make.
        echo["deviceDefaults"]["settings"] = json!({"serviceBackupConfig": 7});
        assert_eq!(line.put(org, &echo).await.status, 200);
        assert_eq!(line.read(org).await, before);
    }
    assert_eq!(line.read(&line.child).await["customConfig"], false);
    assert_eq!(line.read(&line.parent).await["customConfig"], true);
}

#[tokio::test]
async fn device_defaults_that_differ_become_own_and_null_is_kept_or_cleared_by_the_switch() {
    for null_clears in [false, true] {
        let fidelity = Fidelity {
            null_clears,
            ..Fidelity::default()
        };
        let line = Line::with(fidelity).await;
        let warn = |document: &Value| {
            document["deviceDefaults"]["serviceBackupConfig"]["minutesUntilWarning"].clone()
        };
        let inherited = warn(&line.read(&line.child).await);
        let got = line.set_defaults(&line.child, |config| {
            config["minutesUntilWarning"] = json!("60")
        });
        assert_eq!(got.await.status, 200);
        let got = line.set_defaults(&line.parent, |config| {
            config["minutesUntilWarning"] = json!("30")
        });
        assert_eq!(got.await.status, 200);
        let own = line.read(&line.child).await;
        assert_ne!(inherited, "60");
        assert_eq!(
            (warn(&own), &own["customConfig"]),
            (json!("60"), &json!(true))
        );
        assert_eq!(
            own["orgInheritDto"]["orgIdProvidingDeviceDefaults"],
            line.child["orgId"]
        );
        line.set(
            &line.child,
            json!({"isUsingQuotaDefaults": false, "maxSeats": 9}),
        )
        .await;
        let nulls = json!({"deviceDefaults": null, "settings": {"maxSeats": null}, "notes": null});
        assert_eq!(line.put(&line.child, &nulls).await.status, 200);
        let after = line.read(&line.child).await;
        let (defaults, seats) = if null_clears { ("30", -1) } else { ("60", 9) };
        assert_eq!(
            (warn(&after), &after["settings"]["maxSeats"]),
            (json!(defaults), &json!(seats))
        );
    }
}

#[tokio::test]
async fn nonsense_is_refused_by_name_and_nothing_is_changed() {
    let line = Line::new().await;
    let before = line.read(&line.child).await;
    for (key, value) in [
        ("archiveHoldDays", json!(-1)),
        ("archiveHoldDays", json!("7")),
        ("archiveHoldDays", json!(1.5)),
        ("maxSeats", json!(-2)),
        ("maxBytes", json!(true)),
        ("recipients", json!("a@example.com")),
        ("recipients", json!(["nobody"])),
        ("reportSchedule", json!("weekly")),
        ("sendReports", json!(1)),
        ("webRestoreUserLimitMb", json!(-1)),
        ("isUsingQuotaDefaults", json!("yes")),
        ("destinations", json!([{"guid": "4711"}])),
        ("destinations", json!([{"guid": "43"}, {"guid": "43"}])),
    ] {
        let mut settings = json!({"isUsingQuotaDefaults": false, "isUsingReportingDefaults": false,
            "isUsingDestinationDefaults": false, "webRestoreAdminLimitMb": 1});
        settings[key] = value;
        let got = line
            .put(
                &line.child,
                &json!({"orgName": "Never", "settings": settings}),
            )
            .await;
        assert_eq!(
            got.refusal(),
            (400, "SYSTEM".to_owned()),
            "{key}: {}",
            got.text
        );
        let said = got.json()[0]["description"].as_str().unwrap().to_owned();
        assert!(said.contains(&format!("settings.{key}")), "{said}");
        assert_eq!(line.read(&line.child).await, before, "{key}");
    }
    let duplicate = json!({"orgName": "ab", "settings": {"isUsingQuotaDefaults": false}});
    assert_eq!(line.put(&line.child, &duplicate).await.status, 500);
    assert_eq!(
        line.read(&line.child).await,
        before,
        "the name and the settings go together"
    );
    let paths = line.set_defaults(&line.child, |config| {
        config["backupConfig"]["backupSets"][0]["backupPaths"]["pathset"] =
            json!([{"path": {"@include": 5}}]);
    });
    let got = paths.await;
    assert_eq!(got.status, 400);
    assert!(got.text.contains("pathset"), "{}", got.text);
    assert_eq!(line.read(&line.child).await, before);
}

#[tokio::test]
async fn values_in_no_group_are_own_by_being_different() {
    let line = Line::new().await;
    line.set(&line.parent, json!({"webRestoreUserLimitMb": 100}))
        .await;
    assert_eq!(
        line.settings(&line.child).await["webRestoreUserLimitMb"],
        100
    );
    line.set(&line.child, json!({"webRestoreUserLimitMb": 100}))
        .await;
    line.set(&line.parent, json!({"webRestoreUserLimitMb": 200}))
        .await;
    assert_eq!(
        line.settings(&line.child).await["webRestoreUserLimitMb"],
        200
    );
    line.set(&line.child, json!({"webRestoreUserLimitMb": 7}))
        .await;
    line.set(&line.parent, json!({"webRestoreUserLimitMb": 300}))
        .await;
    assert_eq!(line.settings(&line.child).await["webRestoreUserLimitMb"], 7);
    let child = line.settings(&line.child).await;
    assert_eq!(child["isUsingQuotaDefaults"], true);
}

#[tokio::test]
async fn both_dialects_have_every_block_and_a_document_without_flags_has_none() {
    let line = Line::new().await;
    let v1 = line.read(&line.child).await;
    let path = format!(
        "/api/v3/orgs/{}?{ALL}",
        line.child["orgGuid"].as_str().unwrap()
    );
    let v3 = line.bench.get(&path).await.data();
    for block in [
        "settings",
        "settingsInherited",
        "settingsSummary",
        "orgInheritDto",
        "deviceDefaults",
        "windowsUsmtFiles",
    ] {
        assert_eq!(v1[block], v3[block], "{block}");
        assert!(v1[block].is_object(), "{block}");
    }
    let keys = |block: &str| v1[block].as_object().unwrap().len();
    assert_eq!(
        (
            keys("settings"),
            keys("settingsInherited"),
            keys("settingsSummary")
        ),
        (31, 23, 24)
    );
    for (key, none) in [
        ("ldapServerIds", json!([0])),
        ("ssoIdentityProviderUids", json!(["0"])),
    ] {
        assert_eq!(v1["settings"][key], Value::Null);
        assert_eq!(v1["settingsInherited"][key], none);
        assert_eq!(v1["settingsSummary"][key], none);
    }
    let plain = line
        .bench
        .get(&format!("/api/v1/Org/{}", line.child["orgId"]))
        .await
        .data();
    assert_eq!(
        plain["settings"],
        json!({"maxSeats": null, "maxBytes": null})
    );
    assert_eq!(
        plain["settingsInherited"],
        json!({"maxSeats": "", "maxBytes": ""})
    );
    assert_eq!(plain["deviceDefaults"], Value::Null);
    assert_eq!(plain["orgInheritDto"], Value::Null);
}
