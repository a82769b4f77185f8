//! The gateway's dialect: guids, bare bodies, no pages, no numbers.

use serde_json::{Value, json};

use crate::testbench::TestBench;

fn guid(org: &Value) -> &str {
    org["orgGuid"].as_str().unwrap()
}

#[tokio::test]
async fn api_clients_sign_in_and_get_a_bare_token() {
    let bench = TestBench::new().await;
    let made = bench
        .running
        .authority()
        .tenant()
        .create_api_client()
        .unwrap();
    let url = format!("{}/v1/oauth", bench.running.url());
    let answer = bench
        .http
        .post(url)
        .basic_auth(&made.client_id, Some(&made.secret))
        .send()
        .await
        .unwrap();
    let token: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    assert_eq!(
        (&token["token_type"], &token["expires_in"]),
        (&json!("bearer"), &json!(900))
    );
    let auth = format!("Bearer {}", token["access_token"].as_str().unwrap());
    let orgs = bench.send("GET", "/v1/orgs", &auth, "").await.json();
    assert_eq!(orgs["totalCount"], 1);
    assert_eq!(bench.send("GET", "/v1/orgs", "", "").await.status, 401);
}

#[tokio::test]
async fn organizations_are_bare_and_have_no_numbers() {
    let bench = TestBench::new().await;
    let top = bench.get("/v1/orgs").await.json()["orgs"][0].clone();
    let body = json!({"orgName": "Paris", "orgExtRef": "A-7", "notes": null, "parentOrgGuid": top["orgGuid"]});
    let paris = bench.ask("POST /v1/orgs", &body.to_string()).await.json();
    let fields: Vec<&String> = paris.as_object().unwrap().keys().collect();
    let mut wanted = vec![
        "orgGuid",
        "orgName",
        "orgExtRef",
        "notes",
        "parentOrgGuid",
        "active",
        "creationDate",
        "modificationDate",
        "deactivationDate",
        "registrationKey",
        "userCount",
        "computerCount",
        "orgCount",
    ];
    wanted.sort_unstable();
    let mut found = fields.clone();
    found.sort_unstable();
    assert_eq!(found, wanted);
    assert_eq!(
        (
            &paris["orgCount"],
            &paris["parentOrgGuid"],
            &paris["orgExtRef"]
        ),
        (&json!(0), &top["orgGuid"], &json!("A-7"))
    );
    let path = format!("/v1/orgs/{}", guid(&paris));
    assert_eq!(bench.get(&path).await.json(), paris);
    let edit = r#"{"orgName":"Lyon","orgExtRef":null,"notes":"n"}"#;
    let lyon = bench.ask(&format!("PUT {path}"), edit).await.json();
    assert_eq!(
        (&lyon["orgName"], &lyon["orgExtRef"], &lyon["notes"]),
        (&json!("Lyon"), &json!("A-7"), &json!("n"))
    );
    assert_eq!(bench.get("/v1/orgs/no-such").await.status, 404);
}

#[tokio::test]
async fn the_listing_has_everything_and_can_be_narrowed_by_state() {
    let bench = TestBench::new().await;
    for number in 0..120 {
        bench.create_org(None, &format!("Org {number}")).await;
    }
    let gone = bench.create_org(None, "Gone").await;
    let path = format!("POST /v1/orgs/{}", guid(&gone));
    assert_eq!(
        bench.ask(&format!("{path}/deactivate"), "").await.status,
        200
    );
    let count = async |query: &str| {
        let page = bench.get(&format!("/v1/orgs{query}")).await.json();
        let found = page["orgs"].as_array().unwrap().len();
        assert_eq!(page["totalCount"], found);
        found
    };
    assert_eq!(count("").await, 122);
    assert_eq!(count("?active=True").await, 121);
    assert_eq!(count("?active=False").await, 1);
    assert_eq!(bench.ask(&format!("{path}/activate"), "").await.status, 200);
    assert_eq!(count("?active=False").await, 0);
}

#[tokio::test]
async fn counts_are_of_what_is_below() {
    let bench = TestBench::new().await;
    let family = bench.family().await;
    let counts = async |org: &Value| {
        let all = bench.get("/v1/orgs").await.json();
        let listed = all["orgs"].as_array().unwrap().iter();
        let listed = listed
            .clone()
            .find(|other| other["orgGuid"] == org["orgGuid"])
            .unwrap()
            .clone();
        let alone = bench.get(&format!("/v1/orgs/{}", guid(org))).await.json();
        assert_eq!(listed, alone);
        json!([
            alone["orgCount"],
            alone["userCount"],
            alone["computerCount"]
        ])
    };
    assert_eq!(counts(&family.parent).await, json!([1, 2, 2]));
    assert_eq!(counts(&family.child).await, json!([0, 1, 1]));
    bench.verb(&family.child, "deactivate").await;
    assert_eq!(counts(&family.parent).await, json!([0, 1, 1]));
    assert_eq!(counts(&family.child).await, json!([0, 0, 0]));
}
