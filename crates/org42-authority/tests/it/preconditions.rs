//! What must be so before something is done, each rule through HTTP.

use org42_authority::Fidelity;
use serde_json::{Value, json};

use crate::testbench::TestBench;

fn refused(name: &str) -> (u16, String) {
    (500, name.to_owned())
}

#[tokio::test]
async fn names_are_checked() {
    let bench = TestBench::new().await;
    let bench = &bench;
    let create = |name: String| async move {
        bench
            .ask("POST /api/v3/orgs", &json!({"orgName": name}).to_string())
            .await
    };
    assert_eq!(
        create(String::new()).await.refusal(),
        refused("ORG_NAME_MISSING")
    );
    assert_eq!(
        create("ab".to_owned()).await.refusal(),
        refused("ORG_NAME_TOO_SHORT")
    );
    assert_eq!(
        create("x".repeat(221)).await.refusal(),
        refused("ORG_NAME_TOO_LONG")
    );
    assert_eq!(create("ü".repeat(220)).await.status, 200);
    assert_eq!(create("Paris".to_owned()).await.status, 200);
    assert_eq!(
        create("Paris".to_owned()).await.refusal(),
        refused("ORG_DUPLICATE")
    );
    let lyon = bench.create_org(None, "Lyon").await;
    let put = format!("PUT /api/v3/orgs/{}", lyon["orgGuid"].as_str().unwrap());
    assert_eq!(
        bench.ask(&put, r#"{"orgName":"Paris"}"#).await.refusal(),
        refused("ORG_DUPLICATE")
    );
    bench.create_org(Some(&lyon), "Paris").await;
}

#[tokio::test]
async fn null_leaves_a_field_and_an_empty_text_clears_it() {
    for null_clears in [false, true] {
        let bench = TestBench::with(Fidelity {
            null_clears,
            ..Fidelity::default()
        })
        .await;
        let org = bench.create_org(None, "Paris").await;
        let put = format!("PUT /api/v3/orgs/{}", org["orgGuid"].as_str().unwrap());
        bench.ask(&put, r#"{"notes":"n","orgExtRef":"e"}"#).await;
        let now = bench
            .ask(&put, r#"{"orgName":"Paris 2","notes":null}"#)
            .await
            .data();
        assert_eq!(
            (&now["notes"], &now["orgExtRef"]),
            (
                &if null_clears { Value::Null } else { json!("n") },
                &json!("e")
            )
        );
        assert_eq!(
            bench.ask(&put, r#"{"orgExtRef":""}"#).await.data()["orgExtRef"],
            Value::Null
        );
    }
}

#[tokio::test]
async fn nobody_locks_the_tenant_or_themselves_out_without_the_switch() {
    let bench = TestBench::new().await;
    let top = bench.get("/api/v1/Org/my").await.data();
    let me = bench.get("/api/v1/User/my").await.data();
    let own = (403, "OWN_TENANT".to_owned());
    assert_eq!(bench.verb(&top, "block").await.refusal(), own);
    assert_eq!(bench.verb(&top, "deactivate").await.refusal(), own);
    assert_eq!(
        bench
            .ask(&format!("PUT /api/v1/UserBlock/{}", me["userId"]), "")
            .await
            .refusal(),
        own
    );
    let open = TestBench::with(Fidelity {
        lockout_allowed: true,
        ..Fidelity::default()
    })
    .await;
    let top = open.get("/api/v1/Org/my").await.data();
    assert_eq!(open.verb(&top, "block").await.status, 200);
    assert_eq!(open.get("/api/v1/Org/my").await.status, 401);
}

#[tokio::test]
async fn nothing_is_created_moved_or_activated_below_what_is_inactive() {
    let bench = TestBench::new().await;
    let family = bench.family().await;
    let elsewhere = bench.create_org(None, "Elsewhere").await;
    let eve = bench.create_user(&elsewhere, "eve@example.com").await;
    bench.verb(&family.parent, "deactivate").await;
    let before = bench.get("/api/v1/Org").await.data()["totalCount"].clone();
    let org = &family.child;
    let uid = |user: &Value| user["userUid"].as_str().unwrap().to_owned();
    for (line, body) in [
        (
            "POST /api/v3/orgs".to_owned(),
            json!({"orgName": "Below", "parentOrgGuid": org["orgGuid"]}),
        ),
        (
            "POST /api/v1/User".to_owned(),
            json!({"username": "new@example.com", "orgUid": org["orgUid"]}),
        ),
        (
            format!("POST /api/v3/users/{}/move", uid(&eve)),
            json!({"orgId": org["orgId"]}),
        ),
        (
            format!("POST /api/v3/users/{}/activate", uid(&family.users[1])),
            json!({}),
        ),
    ] {
        let got = bench.ask(&line, &body.to_string()).await;
        assert_eq!(got.refusal(), refused("PARENT_ORG_NOT_ACTIVE"), "{line}");
    }
    let got = bench.register(org, "new@example.com").await;
    assert_eq!(got.refusal(), (403, "PARENT_ORG_NOT_ACTIVE".to_owned()));
    assert_eq!(bench.get("/api/v1/Org").await.data()["totalCount"], before);
    let users = bench.get("/api/v1/User?username=new@example.com").await;
    assert_eq!(
        users.data()["totalCount"],
        0,
        "a failed create leaves nothing"
    );
    assert_eq!(bench.user(&eve).await["orgId"], elsewhere["orgId"]);
}

#[tokio::test]
async fn an_organization_is_not_reactivated_below_a_blocked_parent() {
    let bench = TestBench::new().await;
    let family = bench.family().await;
    bench.verb(&family.child, "deactivate").await;
    bench.verb(&family.parent, "block").await;
    let got = bench.verb(&family.child, "activate").await;
    assert_eq!(got.refusal(), refused("PARENT_ORG_BLOCKED"));
    bench.verb(&family.parent, "unblock").await;
    assert_eq!(bench.verb(&family.child, "activate").await.status, 200);
}
