//! The rules, each through HTTP.

use org42_authority::Fidelity;
use serde_json::{Value, json};

use crate::testbench::{Family, PASSWORD, TestBench};

const RULE: u16 = 500;
const DAY_MILLIS: i64 = 86_400_000;

fn refused(name: &str) -> (u16, String) {
    (RULE, name.to_owned())
}

#[tokio::test]
async fn a_block_reaches_every_organization_user_and_device_below() {
    let bench = TestBench::new().await;
    let Family {
        parent,
        child,
        users,
        devices,
    } = bench.family().await;
    assert_eq!(bench.verb(&parent, "block").await.text, "{}");
    for org in [&parent, &child] {
        assert_eq!(bench.org(org).await["status"], "Active, Blocked");
    }
    for user in &users {
        assert_eq!(bench.user(user).await["status"], "Active, Blocked");
    }
    for device in &devices {
        assert_eq!(bench.device(device).await["status"], "Active, Blocked");
    }
}

#[tokio::test]
async fn a_block_ends_sessions_and_logins_and_registrations_but_not_backups() {
    let bench = TestBench::new().await;
    let Family {
        parent,
        child,
        devices,
        ..
    } = bench.family().await;
    let token = format!(
        "Bearer {}",
        bench.login("bob@example.com", PASSWORD).await.unwrap()
    );
    assert_eq!(
        bench
            .send("GET", "/api/v1/User/my", &token, "")
            .await
            .status,
        200
    );
    bench.verb(&parent, "block").await;
    assert_eq!(
        bench
            .send("GET", "/api/v1/User/my", &token, "")
            .await
            .status,
        401
    );
    assert_eq!(
        bench.login("bob@example.com", PASSWORD).await,
        Err((401, "ORG_IS_BLOCKED".to_owned()))
    );
    assert_eq!(
        bench.register(&child, "new@example.com").await.refusal(),
        (403, "PARENT_ORG_BLOCKED".to_owned())
    );
    assert_eq!(
        bench.agent(&devices[1], "login").await.refusal(),
        (403, "COMPUTER_BLOCKED".to_owned())
    );
    assert_eq!(bench.agent(&devices[1], "backup").await.status, 200);
    let body = format!(
        r#"{{"orgName":"Below","parentOrgGuid":{}}}"#,
        child["orgGuid"]
    );
    assert_eq!(
        bench.ask("POST /api/v3/orgs", &body).await.refusal(),
        refused("PARENT_ORG_BLOCKED")
    );
    let all = bench.get("/api/v1/Org?q=Below").await.data();
    assert_eq!(
        all["totalCount"], 0,
        "a failed create leaves nothing behind"
    );
    // The session stays dead when everything is unblocked again.
    bench.verb(&parent, "unblock").await;
    bench.ask("DELETE /api/v1/UserBlock/5", "").await;
    assert_eq!(
        bench
            .send("GET", "/api/v1/User/my", &token, "")
            .await
            .status,
        401
    );
}

#[tokio::test]
async fn an_unblock_frees_organizations_and_users_one_by_one() {
    let bench = TestBench::new().await;
    let Family {
        parent,
        child,
        users,
        devices,
    } = bench.family().await;
    bench.verb(&parent, "block").await;
    let unblock = format!(
        "POST /api/v3/users/{}/unblock",
        users[1]["userUid"].as_str().unwrap()
    );
    assert_eq!(
        bench.ask(&unblock, "").await.refusal(),
        refused("PARENT_ORG_BLOCKED")
    );
    assert_eq!(
        bench.verb(&child, "unblock").await.refusal(),
        refused("PARENT_ORG_BLOCKED")
    );
    assert_eq!(bench.verb(&parent, "unblock").await.status, 200);
    assert_eq!(
        (
            &bench.org(&parent).await["blocked"],
            &bench.org(&child).await["blocked"]
        ),
        (&json!(false), &json!(false))
    );
    assert_eq!(bench.user(&users[1]).await["blocked"], true);
    assert_eq!(
        bench.login("bob@example.com", PASSWORD).await,
        Err((401, "USER_IS_BLOCKED".to_owned()))
    );
    let device = format!("DELETE /api/v1/ComputerBlock/{}", devices[1]["computerId"]);
    assert_eq!(
        bench.ask(&device, "").await.refusal(),
        refused("USER_IS_BLOCKED")
    );
    assert_eq!(bench.ask(&unblock, "").await.status, 200);
    assert_eq!(
        (
            &bench.user(&users[1]).await["blocked"],
            &bench.user(&users[0]).await["blocked"]
        ),
        (&json!(false), &json!(true))
    );
    assert_eq!(
        (
            &bench.device(&devices[1]).await["blocked"],
            &bench.device(&devices[0]).await["blocked"]
        ),
        (&json!(false), &json!(true))
    );
    assert!(bench.login("bob@example.com", PASSWORD).await.is_ok());
    assert_eq!(bench.register(&child, "new@example.com").await.status, 200);
}

#[tokio::test]
async fn a_deactivation_reaches_everything_below_and_frees_the_name() {
    let bench = TestBench::new().await;
    let Family {
        parent,
        child,
        users,
        devices,
    } = bench.family().await;
    assert_eq!(bench.org(&parent).await["planCount"], 2);
    bench.verb(&parent, "deactivate").await;
    let (top, below) = (bench.org(&parent).await, bench.org(&child).await);
    assert_eq!(
        (&top["status"], &below["status"]),
        (&json!("Deactivated"), &json!("Deactivated"))
    );
    assert_eq!(
        (&top["deactivationDate"], &below["deactivationDate"]),
        (
            &json!("2026-11-23T12:00:00.000Z"),
            &json!("2026-11-23T12:00:00.000Z")
        )
    );
    assert_eq!(
        (&top["planCount"], &top["userCount"], &top["computerCount"]),
        (&json!(0), &json!(0), &json!(0))
    );
    assert_eq!(
        (
            &bench.user(&users[1]).await["active"],
            &bench.device(&devices[1]).await["active"]
        ),
        (&json!(false), &json!(false))
    );
    assert_eq!(
        bench.agent(&devices[1], "backup").await.refusal(),
        (403, "COMPUTER_DEACTIVATED".to_owned())
    );
    assert_eq!(
        bench.login("bob@example.com", PASSWORD).await,
        Err((401, "ORG_IS_DEACTIVATED".to_owned()))
    );
    let cold = bench.cold(&parent).await;
    assert_eq!(cold.len(), 2);
    assert!(
        cold.iter()
            .all(|row| row["archiveHoldExpireDate"] == "2026-12-07T12:00:00.000Z"),
        "{cold:?}"
    );
    assert_ne!(top["orgName"], "Parent");
    bench.create_org(None, "Parent").await;
}

#[tokio::test]
async fn a_reactivation_restores_what_that_deactivation_took_and_nothing_else() {
    let bench = TestBench::new().await;
    let Family {
        parent,
        child,
        users,
        devices,
    } = bench.family().await;
    let gone = bench.create_org(Some(&parent), "Gone before").await;
    bench.verb(&gone, "deactivate").await;
    bench
        .ask(
            &format!(
                "POST /api/v3/users/{}/deactivate",
                users[0]["userUid"].as_str().unwrap()
            ),
            r#"{"block":null}"#,
        )
        .await;
    bench
        .ask(&format!("PUT /api/v1/UserBlock/{}", users[1]["userId"]), "")
        .await;
    bench.verb(&parent, "deactivate").await;
    assert_eq!(
        bench.verb(&child, "activate").await.refusal(),
        refused("PARENT_ORG_NOT_ACTIVE")
    );
    assert_eq!(bench.verb(&parent, "activate").await.status, 200);
    let now = bench.org(&parent).await;
    assert_eq!(
        (&now["orgName"], &now["status"], &now["deactivationDate"]),
        (&json!("Parent"), &json!("Active"), &Value::Null)
    );
    assert_eq!(
        (
            &bench.org(&child).await["active"],
            &bench.org(&gone).await["active"]
        ),
        (&json!(true), &json!(false))
    );
    assert_eq!(bench.user(&users[0]).await["status"], "Deactivated");
    assert_eq!(bench.user(&users[1]).await["status"], "Active, Blocked");
    assert_eq!(bench.device(&devices[1]).await["active"], true);
    assert_eq!(now["planCount"], 0, "backups are not restarted");
    assert_eq!(
        bench.agent(&devices[1], "backup").await.refusal(),
        (403, "BACKUP_STOPPED".to_owned())
    );
    assert_eq!(
        bench.cold(&parent).await.len(),
        2,
        "archives return only where recovered"
    );
    let unblock = format!("DELETE /api/v1/UserBlock/{}", users[1]["userId"]);
    bench.ask(&unblock, "").await;
    assert_eq!(bench.agent(&devices[1], "start-backup").await.status, 200);
    assert_eq!(bench.agent(&devices[1], "backup").await.status, 200);
    assert_eq!(bench.cold(&parent).await.len(), 1);
}

#[tokio::test]
async fn the_old_name_returns_only_where_it_is_free() {
    let bench = TestBench::new().await;
    let paris = bench.create_org(None, "Paris").await;
    bench.verb(&paris, "deactivate").await;
    bench.create_org(None, "Paris").await;
    bench.verb(&paris, "activate").await;
    let now = bench.org(&paris).await;
    assert_eq!(now["active"], true);
    assert_eq!(
        now["orgName"],
        format!("Paris (deactivated {})", paris["orgId"])
    );
}

#[tokio::test]
async fn a_name_that_deactivation_would_give_may_be_taken() {
    let bench = TestBench::new().await;
    let paris = bench.create_org(None, "Paris").await;
    let id = &paris["orgId"];
    for taken in [
        format!("Paris (deactivated {id})"),
        format!("Paris (deactivated {id}, 2)"),
    ] {
        bench.create_org(None, &taken).await;
    }
    assert_eq!(bench.verb(&paris, "deactivate").await.status, 200);
    let gone = bench.org(&paris).await;
    assert_eq!(gone["orgName"], format!("Paris (deactivated {id}, 3)"));
    bench.verb(&paris, "activate").await;
    assert_eq!(bench.org(&paris).await["orgName"], "Paris");
}

#[tokio::test]
async fn a_name_made_longer_than_clients_may_stays_when_it_is_echoed() {
    let bench = TestBench::new().await;
    let long = bench.create_org(None, &"x".repeat(220)).await;
    bench.verb(&long, "deactivate").await;
    let name = bench.org(&long).await["orgName"].clone();
    assert!(name.as_str().unwrap().len() > 220);
    let put = format!("PUT /api/v3/orgs/{}", long["orgGuid"].as_str().unwrap());
    let body = json!({"orgName": name, "notes": "n"}).to_string();
    assert_eq!(bench.ask(&put, &body).await.status, 200);
    assert_eq!(bench.org(&long).await["notes"], "n");
}

#[tokio::test]
async fn what_a_reactivation_left_inactive_keeps_its_date_when_the_next_deactivation_comes() {
    let bench = TestBench::with(Fidelity {
        reactivate_below: false,
        ..Fidelity::default()
    })
    .await;
    let Family { parent, child, .. } = bench.family().await;
    bench.verb(&parent, "deactivate").await;
    let since = bench.org(&child).await["deactivationDate"].clone();
    bench.verb(&parent, "activate").await;
    let younger = bench.create_org(Some(&parent), "Younger").await;
    bench.clock.advance_millis(60_000);
    bench.verb(&parent, "deactivate").await;
    bench.verb(&parent, "activate").await;
    assert!(since.is_string(), "{since}");
    assert_eq!(bench.org(&child).await["deactivationDate"], since);
    assert_ne!(bench.org(&younger).await["deactivationDate"], since);
    assert_eq!(bench.org(&younger).await["active"], json!(false));
}

#[tokio::test]
async fn with_the_switch_off_a_reactivation_restores_the_organization_alone() {
    let bench = TestBench::with(Fidelity {
        reactivate_below: false,
        ..Fidelity::default()
    })
    .await;
    let Family {
        parent,
        child,
        users,
        ..
    } = bench.family().await;
    bench.verb(&parent, "deactivate").await;
    bench.verb(&parent, "activate").await;
    assert_eq!(
        (
            &bench.org(&parent).await["active"],
            &bench.org(&child).await["active"]
        ),
        (&json!(true), &json!(false))
    );
    assert_eq!(
        (
            &bench.user(&users[0]).await["active"],
            &bench.user(&users[1]).await["active"]
        ),
        (&json!(false), &json!(false))
    );
    bench.verb(&child, "activate").await;
    assert_eq!(
        (
            &bench.org(&child).await["active"],
            &bench.user(&users[1]).await["active"]
        ),
        (&json!(true), &json!(false))
    );
    let activate = format!(
        "POST /api/v3/users/{}/activate",
        users[1]["userUid"].as_str().unwrap()
    );
    assert_eq!(
        bench.ask(&activate, r#"{"unblock":null}"#).await.status,
        200
    );
    assert_eq!(bench.user(&users[1]).await["active"], true);
}

#[tokio::test]
async fn repeating_a_verb_succeeds_and_changes_nothing() {
    let bench = TestBench::new().await;
    let org = bench.create_org(None, "Paris").await;
    for verb in [
        "unblock",
        "activate",
        "block",
        "block",
        "unblock",
        "unblock",
        "deactivate",
        "deactivate",
    ] {
        assert_eq!(bench.verb(&org, verb).await.status, 200, "{verb}");
    }
    let before = bench.org(&org).await;
    bench.clock.advance_millis(DAY_MILLIS / 100);
    assert_eq!(bench.verb(&org, "deactivate").await.status, 200);
    assert_eq!(bench.org(&org).await, before);
}

#[tokio::test]
async fn archives_are_purged_when_their_time_has_come() {
    let bench = TestBench::new().await;
    let Family {
        parent, devices, ..
    } = bench.family().await;
    bench.verb(&parent, "deactivate").await;
    bench.clock.advance_millis(14 * DAY_MILLIS - 1);
    let bench = TestBench::over(bench.running.authority().clone(), bench.clock.clone()).await;
    assert_eq!(bench.cold(&parent).await.len(), 2);
    bench.clock.advance_millis(1);
    assert_eq!(bench.cold(&parent).await.len(), 0);
    bench.verb(&parent, "activate").await;
    bench.agent(&devices[0], "start-backup").await;
    bench.agent(&devices[0], "backup").await;
    let archives = bench
        .get(&format!(
            "/api/v1/Archive?backupSourceGuid={}",
            devices[0]["guid"].as_str().unwrap()
        ))
        .await;
    assert_eq!(
        archives.data()["archives"][0]["archiveBytes"],
        1000,
        "the old archive is gone"
    );
}

#[tokio::test]
async fn blocked_and_inactive_users_move_and_stay_so() {
    let bench = TestBench::new().await;
    let Family {
        parent,
        child,
        users,
        ..
    } = bench.family().await;
    let elsewhere = bench.create_org(None, "Elsewhere").await;
    let move_to = |user: &Value, org: &Value| {
        (
            format!(
                "POST /api/v3/users/{}/move",
                user["userUid"].as_str().unwrap()
            ),
            format!(r#"{{"orgId":{}}}"#, org["orgId"]),
        )
    };
    bench.verb(&child, "block").await;
    let (line, body) = move_to(&users[0], &child);
    assert_eq!(
        bench.ask(&line, &body).await.refusal(),
        refused("PARENT_ORG_BLOCKED")
    );
    let (line, body) = move_to(&users[1], &elsewhere);
    assert_eq!(bench.ask(&line, &body).await.status, 200);
    let moved = bench.user(&users[1]).await;
    assert_eq!(
        (&moved["orgId"], &moved["status"]),
        (&elsewhere["orgId"], &json!("Active, Blocked"))
    );
    bench.verb(&parent, "deactivate").await;
    let (line, body) = move_to(&users[0], &elsewhere);
    assert_eq!(bench.ask(&line, &body).await.status, 200);
    bench.verb(&parent, "activate").await;
    assert_eq!(
        bench.user(&users[0]).await["status"],
        "Deactivated",
        "who left in time is not brought back"
    );
    assert_eq!(bench.cold(&elsewhere).await.len(), 1);
}
