//! The switches for what is unknown about the real server, each turned through HTTP while the tenant is served.

use org42_authority::Fidelity;
use serde_json::{Value, json};

use crate::testbench::{Family, TestBench};

impl TestBench {
    async fn switch(&self, name: &str, value: impl Into<Value>) {
        let body = json!({name: value.into()}).to_string();
        let got = self.ask("PUT /_authority/fidelity", &body).await;
        assert_eq!(got.status, 200, "{}", got.text);
    }
}

fn guid(org: &Value) -> &str {
    org["orgGuid"].as_str().unwrap()
}

#[test]
fn every_switch_is_in_the_fidelity_table_with_its_default() {
    let table = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../docs/FIDELITY.md"
    ))
    .unwrap();
    for (name, value) in Fidelity::default().document() {
        let value = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        let row = format!("| `{name}` | {value} |");
        assert!(
            table.lines().any(|line| line.starts_with(&row)),
            "there is no row {row}"
        );
    }
}

#[tokio::test]
async fn switches_are_shown_set_and_taken_back_by_administrators() {
    let bench = TestBench::with(Fidelity {
        null_clears: true,
        ..Fidelity::default()
    })
    .await;
    let shown = async || bench.get("/_authority/fidelity").await.json();
    assert_eq!(shown().await["null_clears"], true);
    bench.switch("rule_status", 409).await;
    assert_eq!(shown().await["rule_status"], 409);
    let wrong = bench
        .ask(
            "PUT /_authority/fidelity",
            r#"{"null_clears":false,"rule_status":200}"#,
        )
        .await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.text.contains("rule_status"), "{}", wrong.text);
    assert_eq!(shown().await["null_clears"], true, "all of it or nothing");
    assert_eq!(
        bench.ask("DELETE /_authority/fidelity", "").await.status,
        204
    );
    let again = shown().await;
    assert_eq!(
        (&again["rule_status"], &again["null_clears"]),
        (&json!(500), &json!(true))
    );
    let anybody = bench.send("GET", "/_authority/fidelity", "", "").await;
    assert_eq!(anybody.status, 401);
}

#[tokio::test]
async fn a_deactivated_organization_may_keep_its_name_or_not_get_it_back() {
    let bench = TestBench::new().await;
    let paris = bench.create_org(None, "Paris").await;
    bench.switch("rename_deactivated", false).await;
    bench.verb(&paris, "deactivate").await;
    assert_eq!(bench.org(&paris).await["orgName"], "Paris");
    let twin = bench
        .ask("POST /api/v3/orgs", r#"{"orgName":"Paris"}"#)
        .await;
    assert_eq!(twin.refusal().1, "ORG_DUPLICATE");
    bench.verb(&paris, "activate").await;
    assert_eq!(bench.org(&paris).await["orgName"], "Paris");
    bench.switch("rename_deactivated", true).await;
    bench.switch("restore_name", false).await;
    bench.verb(&paris, "deactivate").await;
    let gone = bench.org(&paris).await["orgName"].clone();
    assert_ne!(gone, "Paris");
    bench.verb(&paris, "activate").await;
    let now = bench.org(&paris).await;
    assert_eq!((&now["orgName"], &now["active"]), (&gone, &json!(true)));
}

#[tokio::test]
async fn names_may_be_unique_in_the_tenant() {
    let bench = TestBench::new().await;
    let paris = bench.create_org(None, "Paris").await;
    let lyon = bench.create_org(None, "Lyon").await;
    bench.create_org(Some(&lyon), "Paris").await;
    bench.switch("unique_names", "tenant").await;
    let body = json!({"orgName": "Paris", "parentOrgGuid": paris["orgGuid"]}).to_string();
    let twin = bench.ask("POST /api/v3/orgs", &body).await;
    assert_eq!(twin.refusal(), (500, "ORG_DUPLICATE".to_owned()));
    let put = format!("PUT /api/v3/orgs/{}", guid(&lyon));
    let renamed = bench.ask(&put, r#"{"orgName":"My Company"}"#).await;
    assert_eq!(renamed.refusal().1, "ORG_DUPLICATE");
    bench.create_org(Some(&paris), "Nantes").await;
}

#[tokio::test]
async fn listings_are_narrower_where_the_switches_say_so() {
    let bench = TestBench::new().await;
    for number in 0..4 {
        let org = bench.create_org(None, &format!("Org {number}")).await;
        if number == 0 {
            bench.verb(&org, "deactivate").await;
        }
    }
    let listed = async |path: &str| {
        let data = bench.get(path).await.data();
        (
            data["orgs"].as_array().unwrap().len(),
            data["totalCount"].clone(),
        )
    };
    assert_eq!(listed("/api/v1/Org").await, (5, json!(5)));
    bench.switch("listed", "active").await;
    assert_eq!(listed("/api/v1/Org").await, (4, json!(4)));
    assert_eq!(listed("/api/v1/Org?active=false").await, (1, json!(1)));
    bench.switch("listed", "all").await;
    bench.switch("max_page_size", 2).await;
    assert_eq!(listed("/api/v1/Org?pgSize=500").await, (2, json!(5)));
    assert_eq!(
        listed("/api/v1/Org?pgSize=500&pgNum=3").await,
        (1, json!(5))
    );
    let users = bench.get("/api/v1/User?pgSize=500").await.data();
    assert_eq!(users["users"].as_array().unwrap().len(), 1);
    assert_eq!(listed("/api/v3/orgs").await, (5, json!(5)));
    bench.switch("v3_list_cap", 3).await;
    assert_eq!(listed("/api/v3/orgs").await, (3, json!(5)));
    bench.switch("v3_list_cap", 0).await;
    assert_eq!(listed("/api/v3/orgs").await, (5, json!(5)));
}

#[tokio::test]
async fn v3_answers_in_other_forms() {
    let bench = TestBench::new().await;
    let org = bench.create_org(None, "Paris").await;
    let path = format!("/api/v3/orgs/{}?incSettings=true", guid(&org));
    let before = bench.get(&path).await.data();
    assert!(before["creationDate"].as_str().unwrap().contains("UTC"));
    assert!(before["settings"]["archiveHoldDays"].is_number());
    bench.switch("v3_dates", "iso").await;
    bench.switch("v3_settings", false).await;
    let after = bench.get(&path).await.data();
    assert_eq!(after["creationDate"], "2026-11-23T12:00:00.000Z");
    assert!(after["settings"]["archiveHoldDays"].is_null());
    bench.switch("v3_created_status", 201).await;
    let made = bench
        .ask("POST /api/v3/orgs", r#"{"orgName":"Lyon"}"#)
        .await;
    assert_eq!(
        (made.status, &made.data()["orgName"]),
        (201, &json!("Lyon"))
    );
    bench.switch("v3_errors", "envelope").await;
    let twin = bench
        .ask("POST /api/v3/orgs", r#"{"orgName":"Lyon"}"#)
        .await;
    assert_eq!(twin.json()["error"][0]["name"], "ORG_DUPLICATE");
    assert!(twin.data().is_null() && twin.header("content-type").contains("json"));
    let unknown = bench.get("/api/v1/Org/999").await;
    assert_eq!(unknown.refusal(), (404, "ORG_NOT_FOUND".to_owned()), "v1");
}

#[tokio::test]
async fn an_error_in_an_envelope_keeps_its_label() {
    let bench = TestBench::new().await;
    bench.switch("v3_errors", "envelope").await;
    for (label, wanted) in [
        ("json", "application/json"),
        ("html", "text/html;charset=ISO-8859-1"),
    ] {
        bench.switch("error_type", label).await;
        let got = bench.get("/api/v3/orgs/<b>").await;
        assert_eq!(got.header("content-type"), wanted, "{}", got.text);
        assert_eq!(got.header("content-length"), got.text.len().to_string());
        assert!(got.json()["error"].is_array(), "{}", got.text);
    }
}

#[tokio::test]
async fn broken_rules_have_another_status_and_nothing_else_has() {
    let bench = TestBench::new().await;
    bench.create_org(None, "Paris").await;
    bench.switch("rule_status", 409).await;
    let twin = bench
        .ask("POST /api/v1/Org", r#"{"orgName":"Paris"}"#)
        .await;
    assert_eq!(twin.refusal(), (409, "ORG_DUPLICATE".to_owned()));
    let robot = bench.robot().await;
    let mine = bench.send("GET", "/api/v1/Org/my", &robot, "").await;
    assert_eq!(mine.status, 500, "that one is known");
}

#[tokio::test]
async fn the_gateway_may_write_counts_as_texts() {
    let bench = TestBench::new().await;
    let Family { parent, .. } = bench.family().await;
    let path = format!("/v1/orgs/{}", guid(&parent));
    assert_eq!(bench.get(&path).await.json()["userCount"], 2);
    bench.switch("gateway_counts", "texts").await;
    let now = bench.get(&path).await.json();
    assert_eq!(
        (&now["userCount"], &now["orgCount"]),
        (&json!("2"), &json!("1"))
    );
}

#[tokio::test]
async fn a_minute_has_so_many_requests_and_the_bench_is_not_counted() {
    let bench = TestBench::new().await;
    bench.switch("v3_errors", "envelope").await;
    bench.switch("requests_per_minute", 1).await;
    bench.get("/api/v3/customer/my").await;
    let enveloped = bench.get("/api/v3/customer/my").await;
    assert_eq!(enveloped.status, 429);
    assert_eq!(enveloped.json()["error"][0]["name"], "TOO_MANY_REQUESTS");
    assert_eq!(enveloped.header("retry-after"), "60");
    bench.switch("requests_per_minute", 2).await;
    bench.clock.advance_millis(60_000);
    let ask = async || bench.get("/api/v1/User/my").await;
    bench.clock.advance_millis(10_000);
    assert_eq!((ask().await.status, ask().await.status), (200, 200));
    let third = ask().await;
    assert_eq!((third.status, third.header("retry-after")), (429, "50"));
    assert_eq!(bench.get("/_authority/fidelity").await.status, 200);
    bench.clock.advance_millis(50_000);
    assert_eq!(ask().await.status, 200);
}
