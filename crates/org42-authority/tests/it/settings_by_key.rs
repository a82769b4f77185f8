//! Settings by key through HTTP, and what settings do to archives.

use serde_json::{Value, json};

use crate::settings::Line;
use crate::testbench::{PASSWORD, TestBench};

const DAY_MILLIS: i64 = 86_400_000;

#[tokio::test]
async fn settings_by_key_say_who_provides_them_and_a_lock_binds_those_below() {
    let line = Line::new().await;
    let key = "device_webRestore_enabled";
    let known = line.by_key(&line.child).await;
    assert!(
        known
            .as_object()
            .unwrap()
            .values()
            .all(|s| s["value"].is_string() && s["scope"] == "ORG")
    );
    assert_eq!(known[key]["id"], line.top["orgId"]);
    assert_eq!(
        line.put_key(&line.child, key, "true", false).await.status,
        204
    );
    assert_eq!(
        line.by_key(&line.child).await[key]["id"],
        line.child["orgId"]
    );
    assert_eq!(
        line.put_key(&line.parent, key, "false", true).await.status,
        204
    );
    let bound =
        json!({"scope": "ORG", "value": "false", "locked": true, "id": line.parent["orgId"]});
    assert_eq!(
        line.by_key(&line.child).await[key],
        bound,
        "a lock is stronger than what was there"
    );
    let got = line.put_key(&line.child, key, "true", false).await;
    assert_eq!(got.refusal(), (403, "SETTING_LOCKED".to_owned()));
    assert!(got.text.contains(key), "{}", got.text);
    assert_eq!(
        line.put_key(&line.child, key, "false", false).await.status,
        204,
        "it is so already"
    );
    assert_eq!(
        line.put_key(&line.parent, key, "false", false).await.status,
        204
    );
    assert_eq!(
        line.by_key(&line.child).await[key]["value"],
        "true",
        "what was own is in force again"
    );
    let path = format!(
        "/api/v1/OrgSetting/{}?keys={key},device_upgrade_delay",
        line.child["orgId"]
    );
    assert_eq!(
        line.bench
            .get(&path)
            .await
            .data()
            .as_object()
            .unwrap()
            .len(),
        2
    );
}

#[tokio::test]
async fn packets_are_all_or_nothing_and_bounded() {
    let line = Line::new().await;
    let before = line.by_key(&line.child).await;
    let route = format!("PUT /api/v1/OrgSetting/{}", line.child["orgId"]);
    let good = json!({"key": "device_upgrade_delay", "value": "5"});
    for bad in [
        json!({"key": "x.y", "value": true}),
        json!({"key": "x.y", "value": null}),
        json!({"key": "x.y", "value": "a", "locked": "no"}),
        json!({"key": "device_webRestore_enabled", "value": "maybe"}),
        json!({"value": "a"}),
        json!({"key": "x.y", "value": "a".repeat(70_000)}),
    ] {
        let got = line
            .bench
            .ask(&route, &json!({"packets": [good, bad]}).to_string())
            .await;
        assert_eq!(got.status, 400, "{}", got.text);
        assert_eq!(line.by_key(&line.child).await, before);
    }
    let mut statuses = Vec::new();
    for round in 0..3 {
        let packets: Vec<Value> = (0..500)
            .map(|n| json!({"key": format!("k{round}.{n}"), "value": "x"}))
            .collect();
        statuses.push(
            line.bench
                .ask(&route, &json!({"packets": packets}).to_string())
                .await
                .status,
        );
    }
    assert_eq!(statuses, [204, 204, 400]);
}

#[tokio::test]
async fn only_administrators_change_settings() {
    let line = Line::new().await;
    line.bench.create_user(&line.child, "ann@example.com").await;
    let token = line.bench.login("ann@example.com", PASSWORD).await.unwrap();
    let auth = format!("Bearer {token}");
    for (method, status) in [("GET", 200), ("PUT", 403)] {
        let path = format!("/api/v1/OrgSetting/{}", line.child["orgId"]);
        assert_eq!(
            line.bench
                .send(method, &path, &auth, r#"{"packets":[]}"#)
                .await
                .status,
            status
        );
    }
    let path = format!("/api/v1/OrgSetting/{}", line.parent["orgId"]);
    assert_eq!(line.bench.send("GET", &path, &auth, "").await.status, 403);
}

#[tokio::test]
async fn the_purge_date_is_fixed_when_an_archive_goes_into_cold_storage() {
    let bench = TestBench::new().await;
    let family = bench.family().await;
    let days = async |org: &Value, body: Value| {
        let line = format!("PUT /api/v1/Org/{}", org["orgId"]);
        assert_eq!(
            bench
                .ask(&line, &json!({"settings": body}).to_string())
                .await
                .status,
            200
        );
    };
    days(
        &family.parent,
        json!({"isUsingQuotaDefaults": false, "archiveHoldDays": 30}),
    )
    .await;
    days(
        &family.child,
        json!({"isUsingQuotaDefaults": false, "archiveHoldDays": 5}),
    )
    .await;
    assert_eq!(bench.verb(&family.parent, "deactivate").await.status, 200);
    let dates = async || {
        let mut rows: Vec<(Value, Value)> = (bench.cold(&family.parent).await.into_iter())
            .map(|row| {
                (
                    row["sourceComputerId"].clone(),
                    row["archiveHoldExpireDate"].clone(),
                )
            })
            .collect();
        rows.sort_by_key(|(id, _)| id.as_u64());
        rows.into_iter()
            .map(|(_, date)| date.as_str().unwrap()[..10].to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        dates().await,
        ["2026-12-23", "2026-11-28"],
        "each by its organization's days"
    );
    days(&family.parent, json!({"archiveHoldDays": 1})).await;
    days(&family.child, json!({"isUsingQuotaDefaults": true})).await;
    assert_eq!(
        dates().await,
        ["2026-12-23", "2026-11-28"],
        "later changes come too late"
    );
    bench.clock.advance_millis(6 * DAY_MILLIS);
    let bench = TestBench::over(bench.running.authority().clone(), bench.clock.clone()).await;
    assert_eq!(
        bench.cold(&family.parent).await.len(),
        1,
        "and the one is purged"
    );
}
