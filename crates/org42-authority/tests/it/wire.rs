//! What goes over the wire: envelopes, headers, spellings, logins.

use org42_authority::DEFAULT_ADMIN;
use serde_json::{Value, json};

use crate::testbench::{PASSWORD, TestBench};

#[tokio::test]
async fn answers_have_the_recorded_envelopes_and_headers() {
    let bench = TestBench::new().await;
    let got = bench.get("/api/Org?pgSize=1&q=My").await;
    assert_eq!(
        (got.status, got.header("content-type")),
        (200, "application/json;charset=UTF-8")
    );
    assert_eq!(
        (got.header("cache-control"), got.header("pragma")),
        ("no-store", "no-cache")
    );
    let location = format!("{}/api/v1/Org?pgSize=1&q=My", bench.running.url());
    assert_eq!(got.header("content-location"), location);
    assert_eq!(
        got.json()["metadata"]["params"],
        json!({"pgSize": "1", "q": "My"})
    );
    let org = &got.data()["orgs"][0];
    assert_eq!(org["externalId"], org["orgUid"]);
    let guid = org["orgGuid"].as_str().unwrap();
    let v3 = bench.get(&format!("/api/v3/orgs/{guid}")).await.json();
    assert_eq!(
        (&v3["error"], &v3["warnings"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(
        (&v3["data"]["creationDate"], v3["data"].get("externalId")),
        (&json!("Mon Nov 23 12:00:00 UTC 2026"), None)
    );
    let made = bench.create_org(None, "Paris").await;
    assert_eq!(
        made["settings"],
        json!({"maxSeats": null, "maxBytes": null})
    );
    assert_eq!(
        made["settingsSummary"],
        json!({"maxSeats": "", "maxBytes": ""})
    );
    let done = bench
        .ask(&format!("PUT /api/OrgDeactivation/{}", made["orgId"]), "{}")
        .await;
    assert_eq!(
        (done.status, done.text.as_str(), done.header("content-type")),
        (204, "", "application/json")
    );
}

#[tokio::test]
async fn refusals_have_the_recorded_form() {
    let bench = TestBench::new().await;
    let nobody = bench.send("GET", "/api/v1/Org", "", "").await;
    assert_eq!(nobody.refusal(), (401, "SYSTEM".to_owned()));
    assert_eq!(
        nobody.json()[0]["description"],
        "Invalid or missing credentials"
    );
    assert_eq!(nobody.header("content-type"), "application/json");
    assert_eq!(
        nobody.header("cache-control"),
        "must-revalidate,no-cache,no-store"
    );
    assert!(nobody.header("www-authenticate").starts_with("Basic"));
    let filter = bench.get("/api/v1/User?orgUid=123456789012345678").await;
    assert_eq!(
        (filter.status, &filter.json()[0]["description"]),
        (400, &json!("Organization was not found"))
    );
    let filter = bench
        .get("/api/v1/Computer?orgUid=123456789012345678")
        .await;
    assert!(filter.status == 400 && filter.text.contains("Unable to find org"));
    assert_eq!(
        bench
            .ask("PUT /api/v1/OrgDeactivation/999", "")
            .await
            .status,
        404
    );
    assert_eq!(bench.get("/api/v1/Org?pgSize=0").await.status, 400);
    assert_eq!(bench.get("/api/v1/Nonsense").await.status, 404);
    assert_eq!(bench.ask("POST /api/v3/orgs", "{").await.status, 400);
}

#[tokio::test]
async fn paths_and_booleans_are_read_in_any_spelling() {
    let bench = TestBench::new().await;
    let org = bench.create_org(None, "Paris").await;
    for path in [
        "/api/v1/Org",
        "/api/org",
        "/API/ORG/",
        "/c42api/Org",
        "/api/v1/oRG",
    ] {
        assert_eq!(bench.get(path).await.data()["totalCount"], 2, "{path}");
    }
    bench.verb(&org, "deactivate").await;
    for (value, count) in [("True", 1), ("true", 1), ("FALSE", 1), ("False", 1)] {
        assert_eq!(
            bench
                .get(&format!("/api/v1/Org?active={value}"))
                .await
                .data()["totalCount"],
            count,
            "{value}"
        );
    }
    assert_eq!(
        bench.get("/api/v1/Org").await.data()["totalCount"],
        2,
        "every state unless asked otherwise"
    );
    let by_uid = format!(
        "/api/v1/Org/{}?idType=orgUid",
        org["orgUid"].as_str().unwrap()
    );
    assert_eq!(bench.get(&by_uid).await.data()["orgId"], org["orgId"]);
}

#[tokio::test]
async fn listings_page_with_the_top_first_and_the_v3_one_stops_at_100() {
    let bench = TestBench::new().await;
    let top = bench.get("/api/v1/Org/my").await.data();
    for n in 0..120 {
        bench.create_org(None, &format!("Org {n}")).await;
    }
    let page = |query: &'static str| {
        let bench = &bench;
        async move { bench.get(&format!("/api/v1/Org?{query}")).await.data() }
    };
    let ids = |page: &Value| -> Vec<u64> {
        page["orgs"]
            .as_array()
            .unwrap()
            .iter()
            .map(|org| org["orgId"].as_u64().unwrap())
            .collect()
    };
    assert_eq!(ids(&page("").await).len(), 100);
    let whole = page("pgSize=5000").await;
    assert_eq!(
        (&whole["totalCount"], ids(&whole).len()),
        (&json!(121), 121)
    );
    assert_eq!(json!(ids(&whole)[0]), top["orgId"]);
    assert!(ids(&whole)[1..].is_sorted());
    let mut paged = ids(&page("pgNum=1&pgSize=50").await);
    paged.extend(ids(&page("pgNum=2&pgSize=50").await));
    paged.extend(ids(&page("pgNum=3&pgSize=50").await));
    assert_eq!(paged, ids(&whole));
    assert!(ids(&page("pgNum=9&pgSize=50").await).is_empty());
    assert_eq!(page("q=org%2011").await["totalCount"], 11);
    let v3 = bench.get("/api/v3/orgs").await.data();
    assert_eq!(
        (v3["orgs"].as_array().unwrap().len(), &v3["totalCount"]),
        (100, &json!(121))
    );
}

#[tokio::test]
async fn sessions_last_half_an_hour() {
    let bench = TestBench::new().await;
    bench.clock.advance_millis(29 * 60_000);
    assert_eq!(bench.get("/api/v1/User/my").await.status, 200);
    bench.clock.advance_millis(2 * 60_000);
    assert_eq!(bench.get("/api/v1/User/my").await.status, 401);
}

#[tokio::test]
async fn api_clients_act_but_are_nobody() {
    let bench = TestBench::new().await;
    let key = bench
        .running
        .authority()
        .tenant()
        .create_api_client()
        .unwrap();
    let url = format!(
        "{}/api/v3/oauth/token?grant_type=client_credentials",
        bench.running.url()
    );
    let answer = bench
        .http
        .post(url)
        .basic_auth(&key.client_id, Some(&key.secret))
        .send()
        .await
        .unwrap();
    let token: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    assert_eq!(
        (&token["token_type"], &token["expires_in"]),
        (&json!("bearer"), &json!(900))
    );
    let auth = format!("Bearer {}", token["access_token"].as_str().unwrap());
    assert_eq!(
        bench.send("GET", "/api/v1/Org", &auth, "").await.status,
        200
    );
    assert_eq!(
        bench.send("GET", "/api/v1/User/my", &auth, "").await.status,
        404
    );
    assert_eq!(
        bench.send("GET", "/api/v1/Org/my", &auth, "").await.status,
        500
    );
    bench
        .running
        .authority()
        .tenant()
        .revoke_api_client(&key.client_id)
        .unwrap();
    assert_eq!(
        bench.send("GET", "/api/v1/Org", &auth, "").await.status,
        401
    );
}

#[tokio::test]
async fn people_without_rights_see_themselves_and_their_organization_only() {
    let bench = TestBench::new().await;
    let org = bench.create_org(None, "Paris").await;
    let ann = bench.create_user(&org, "ann@example.com").await;
    let auth = format!(
        "Bearer {}",
        bench.login("ann@example.com", PASSWORD).await.unwrap()
    );
    let status = async |line: &str| {
        let (method, path) = line.split_once(' ').unwrap();
        bench.send(method, path, &auth, "").await.status
    };
    assert_eq!(status("GET /api/v1/User/my").await, 200);
    assert_eq!(
        status(&format!("GET /api/v1/User/{}", ann["userId"])).await,
        200
    );
    assert_eq!(status("GET /api/v1/User/3").await, 403);
    assert_eq!(
        status(&format!("GET /api/v1/Org/{}", org["orgId"])).await,
        200
    );
    assert_eq!(status("GET /api/v1/Org/2").await, 403);
    for line in [
        "GET /api/v1/Org",
        "GET /api/v1/User",
        "POST /api/v3/orgs",
        "GET /api/v1/ColdStorage",
        "PUT /api/v1/OrgBlock/my",
    ] {
        assert_eq!(status(line).await, 403, "{line}");
    }
}

#[tokio::test]
async fn a_one_time_code_is_asked_for_and_taken_once() {
    let bench = TestBench::new().await;
    let org = bench.create_org(None, "Paris").await;
    let ann = bench.create_user(&org, "ann@example.com").await;
    let uid = ann["userUid"].as_str().unwrap();
    let secret = bench
        .ask(&format!("POST /_authority/totp/{uid}"), "")
        .await
        .json()["secret"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(secret.len() >= 26);
    assert_eq!(
        bench
            .login("ann@example.com", PASSWORD)
            .await
            .unwrap_err()
            .0,
        401
    );
    let kind = async |name: &str| {
        let got = bench
            .send(
                "GET",
                &format!("/api/v3/LoginConfiguration?username={name}"),
                "",
                "",
            )
            .await;
        got.data()["loginType"].clone()
    };
    assert_eq!(
        (kind("ann@example.com").await, kind(DEFAULT_ADMIN).await),
        (json!("LOCAL_2FA"), json!("LOCAL"))
    );
    assert_eq!(kind("nobody@example.com").await, "LOCAL_2FA");
    assert_eq!(
        bench
            .ask(&format!("DELETE /_authority/totp/{uid}"), "")
            .await
            .status,
        204
    );
    assert!(bench.login("ann@example.com", PASSWORD).await.is_ok());
}

#[tokio::test]
async fn wrong_passwords_are_braked_and_refusals_of_the_blocked_are_not() {
    let bench = TestBench::new().await;
    let org = bench.create_org(None, "Paris").await;
    bench.create_user(&org, "ann@example.com").await;
    bench.verb(&org, "block").await;
    for _ in 0..30 {
        assert_eq!(
            bench.login("ann@example.com", PASSWORD).await,
            Err((401, "ORG_IS_BLOCKED".to_owned()))
        );
    }
    for _ in 0..10 {
        assert_eq!(
            bench
                .login(DEFAULT_ADMIN, "wrong password")
                .await
                .unwrap_err()
                .0,
            401
        );
    }
    assert!(
        bench.login(DEFAULT_ADMIN, PASSWORD).await.is_ok(),
        "ten failures lock nobody out, and a success resets"
    );
    let guesses = futures(&bench, 40).await;
    assert!(
        guesses.contains(&401) && guesses.contains(&429),
        "{guesses:?}"
    );
    let looked_at = guesses.iter().filter(|status| **status == 401).count();
    assert!((10..=17).contains(&looked_at), "{looked_at}");
    let mut left = 20;
    while bench.login(DEFAULT_ADMIN, "wrong password").await
        != Err((429, "TOO_MANY_REQUESTS".to_owned()))
    {
        assert!(left > 0, "nothing stops it");
        left -= 1;
    }
    assert_eq!(
        bench.login(DEFAULT_ADMIN, PASSWORD).await.unwrap_err().0,
        429
    );
    bench.clock.advance_millis(61_000);
    assert!(bench.login(DEFAULT_ADMIN, PASSWORD).await.is_ok());
}

/// The statuses of so many wrong guesses at once.
async fn futures(bench: &TestBench, count: usize) -> Vec<u16> {
    let guesses: Vec<_> = (0..count)
        .map(|_| {
            let url = format!("{}/api/v3/auth/jwt", bench.running.url());
            tokio::spawn(
                bench
                    .http
                    .get(url)
                    .basic_auth(DEFAULT_ADMIN, Some("wrong password"))
                    .send(),
            )
        })
        .collect();
    let mut statuses = Vec::new();
    for guess in guesses {
        statuses.push(guess.await.unwrap().unwrap().status().as_u16());
    }
    statuses
}
