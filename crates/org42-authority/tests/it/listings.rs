//! Listings beyond their first page, the older routes, and what agents say.

use org42_authority::{Authority, DEFAULT_ADMIN, Sample};
use serde_json::{Value, json};

use crate::testbench::{PASSWORD, TestBench, options};

fn names(page: &Value) -> Vec<&str> {
    let orgs = page["orgs"].as_array().unwrap();
    orgs.iter()
        .map(|org| org["orgName"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_page_has_at_most_a_thousand_organizations() {
    let (options, clock) = options(Default::default(), 7);
    let tenant = Authority::in_memory(Sample::Orgs(1003), DEFAULT_ADMIN, options).unwrap();
    let bench = TestBench::over(tenant, clock).await;
    for (query, count) in [("pgSize=2000", 1000), ("pgSize=2000&pgNum=2", 3)] {
        let page = bench.get(&format!("/api/v1/Org?{query}")).await.data();
        assert_eq!(page["totalCount"], 1003);
        assert_eq!(names(&page).len(), count, "{query}");
    }
}

#[tokio::test]
async fn a_listing_is_sorted_and_searched_as_asked() {
    let bench = TestBench::new().await;
    for name in ["Berlin", "Athens", "Bern"] {
        bench.create_org(None, name).await;
    }
    let list = async |query: &str| bench.get(&format!("/api/v1/Org?{query}")).await.data();
    let page = list("q=ber&srtKey=orgName&srtDir=asc").await;
    assert_eq!(names(&page), ["Berlin", "Bern"]);
    let page = list("q=ber&srtKey=orgName&srtDir=desc").await;
    assert_eq!(names(&page), ["Bern", "Berlin"]);
    assert_eq!(names(&list("q=Ath").await), ["Athens"]);
    assert!(
        names(&list("q=erlin").await).is_empty(),
        "names are searched from their start"
    );
    let key = list("q=Athens").await["orgs"][0]["registrationKey"].clone();
    let page = list(&format!("q={}", key.as_str().unwrap())).await;
    assert_eq!(names(&page), ["Athens"]);
}

#[tokio::test]
async fn the_older_routes_do_the_same() {
    let bench = TestBench::new().await;
    let parent = bench.create_org(None, "Paris").await;
    let body = format!(
        r#"{{"orgName":"Below","parentOrgUid":{}}}"#,
        parent["orgUid"]
    );
    let made = bench.ask("POST /api/v1/Org/", &body).await;
    assert_eq!(
        (made.status, &made.data()["parentOrgId"]),
        (200, &parent["orgId"])
    );
    let org = made.data();
    let put = format!("PUT /api/v1/Org/{}", org["orgId"]);
    assert_eq!(
        bench.ask(&put, r#"{"notes":"n"}"#).await.data()["notes"],
        "n"
    );
    for (line, status) in [
        ("PUT OrgBlock", "Active, Blocked"),
        ("PUT OrgBlock", "Active, Blocked"),
        ("PUT OrgDeactivation", "Deactivated, Blocked"),
        ("DELETE OrgBlock", "Deactivated"),
        ("DELETE OrgDeactivation", "Active"),
        ("DELETE OrgDeactivation", "Active"),
    ] {
        let (method, resource) = line.split_once(' ').unwrap();
        let done = bench
            .ask(&format!("{method} /api/v1/{resource}/{}", org["orgId"]), "")
            .await;
        assert_eq!((done.status, done.text.as_str()), (204, ""), "{line}");
        assert_eq!(bench.org(&org).await["status"], status, "{line}");
    }
    let ann = bench.create_user(&parent, "ann@example.com").await;
    let body = format!(
        r#"{{"userId":{},"parentOrgId":{}}}"#,
        ann["userUid"], org["orgUid"]
    );
    assert_eq!(
        bench
            .ask("POST /api/v1/UserMoveProcess", &body)
            .await
            .status,
        204
    );
    assert_eq!(bench.user(&ann).await["orgId"], org["orgId"]);
}

#[tokio::test]
async fn the_newest_state_of_an_agent_is_shown_while_its_device_is_active() {
    let bench = TestBench::new().await;
    let family = bench.family().await;
    let device = &family.devices[0];
    let report = async |value: &str| {
        let body = format!(
            r#"{{"guid":{},"secret":{},"name":"fullDiskAccess","value":{value}}}"#,
            device["guid"], device["secret"]
        );
        bench
            .send("POST", "/_authority/agent/state", "", &body)
            .await
    };
    let query = format!(
        "orgId={}&propertyName=fullDiskAccess",
        family.parent["orgId"]
    );
    let seen = async |version: &str| {
        let path = format!("/api/{version}/agent-state/view-by-organization-id?{query}");
        bench.get(&path).await.data()
    };
    assert_eq!(seen("v14").await, json!([]));
    assert_eq!(report("false").await.status, 200);
    assert_eq!(report(r#""true""#).await.status, 200);
    let row = json!([{"deviceGuid": device["guid"], "name": "fullDiskAccess", "value": "true"}]);
    assert_eq!((seen("v14").await, seen("v38").await), (row.clone(), row));
    bench.verb(&family.parent, "deactivate").await;
    assert_eq!(seen("v14").await, json!([]));
    assert_eq!(
        report("true").await.refusal(),
        (403, "COMPUTER_DEACTIVATED".to_owned())
    );
}

#[tokio::test]
async fn an_agent_is_known_by_its_secret_and_registers_with_a_password() {
    let bench = TestBench::new().await;
    let family = bench.family().await;
    let mut stranger = family.devices[0].clone();
    stranger["secret"] = json!("not the secret");
    let bad = (403, "BAD_CREDENTIALS".to_owned());
    for what in ["login", "backup", "start-backup"] {
        assert_eq!(bench.agent(&stranger, what).await.refusal(), bad, "{what}");
        assert_eq!(
            bench.agent(&family.devices[0], what).await.status,
            200,
            "{what}"
        );
    }
    let register = async |key: &Value, password: &str| {
        let body = json!({"registrationKey": key, "username": "ann@example.com", "password": password,
            "deviceName": "d", "osName": "mac"});
        bench
            .send("POST", "/_authority/agent/register", "", &body.to_string())
            .await
            .refusal()
    };
    let key = &family.parent["registrationKey"];
    assert_eq!(register(key, "wrong password").await, bad);
    assert_eq!(register(&json!("2222-2222-2222-2222"), PASSWORD).await, bad);
    assert_eq!(register(key, PASSWORD).await.0, 200);
    let token = bench.login("ann@example.com", PASSWORD).await.unwrap();
    let mine = bench
        .send("GET", "/api/v1/Computer", &format!("Bearer {token}"), "")
        .await;
    assert_eq!(mine.status, 403, "listings are for administrators");
}
