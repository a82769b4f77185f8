//! A tenant that is filled further, begun anew, or brought back as it was once; through HTTP, while it is served.

use org42_authority::{Authority, DEFAULT_ADMIN, Fidelity, Sample};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::testbench::{PASSWORD, TestBench, options};

impl TestBench {
    async fn count(&self) -> u64 {
        let got = self.get("/api/v1/Org?pgSize=1").await;
        got.data()["totalCount"].as_u64().unwrap_or_default()
    }

    async fn done(&self, line: &str, body: &Value) {
        let got = self.ask(line, &body.to_string()).await;
        assert_eq!(got.status, 204, "{line}: {}", got.text);
    }

    async fn save(&self, name: &str) {
        self.done("POST /_authority/snapshots", &json!({"name": name}))
            .await;
    }

    /// Restores a snapshot, which ends every session, and signs in again.
    async fn restore(&self, name: &str) {
        self.restore_and_sign_in(name, PASSWORD).await;
    }

    async fn restore_and_sign_in(&self, name: &str, password: &str) {
        let line = format!("POST /_authority/snapshots/{name}/restore");
        self.done(&line, &json!({})).await;
        self.sign_in(password).await;
    }
}

#[tokio::test]
async fn a_sample_is_added_below_the_top_organization_as_often_as_wanted() {
    let bench = TestBench::new().await;
    let mine = bench.create_org(None, "Mine").await;
    let about = bench.get("/_authority/tenant").await.json();
    assert_eq!(
        (&about["name"], &about["orgs"], &about["users"]),
        (&json!("My Company"), &json!(2), &json!(1))
    );
    for (name, sample) in [
        ("Northwind Group", json!("small")),
        ("Northwind Group 2", json!("small")),
        ("Sample Tenant", json!(20)),
    ] {
        let before = bench.count().await;
        let got = bench
            .ask(
                "POST /_authority/seed",
                &json!({"sample": sample}).to_string(),
            )
            .await;
        assert_eq!(got.status, 200, "{}", got.text);
        assert_eq!(
            (&got.json()["orgName"], &got.json()["parentOrgId"]),
            (&json!(name), &json!(2))
        );
        assert!(bench.count().await >= before + 20);
    }
    let listed = bench.get("/api/v1/Org?pgSize=1000").await.data();
    let orgs = listed["orgs"].as_array().unwrap();
    let blocked = |name: &str| {
        let named = orgs.iter().filter(|org| org["orgName"] == name);
        named.map(|org| org["blocked"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(blocked("Contractors"), [json!(true), json!(true)]);
    assert_eq!(bench.org(&mine).await["orgName"], "Mine");
    let users = bench.get("/api/v1/User?pgSize=1").await.data();
    assert!(users["totalCount"].as_u64().unwrap() > 100);
    for sample in [json!("none"), json!("large"), json!(0)] {
        let body = json!({"sample": sample}).to_string();
        assert_eq!(bench.ask("POST /_authority/seed", &body).await.status, 400);
    }
}

#[tokio::test]
async fn what_is_created_while_a_sample_is_added_is_not_lost() {
    let bench = TestBench::new().await;
    let seeding = async {
        for _ in 0..3 {
            let got = bench.ask("POST /_authority/seed", r#"{"sample":300}"#);
            assert_eq!(got.await.status, 200);
        }
    };
    let creating = async {
        for number in 0..40 {
            bench.create_org(None, &format!("Org {number}")).await;
        }
    };
    tokio::join!(seeding, creating);
    // The top one, three samples each in an organization of its own, and the others.
    assert_eq!(bench.count().await, 1 + 3 * 300 + 40);
}

#[tokio::test]
async fn a_new_start_forgets_all_but_who_administers() {
    let bench = TestBench::new().await;
    let robot = bench.robot().await;
    let paris = bench.create_org(None, "Paris").await;
    bench.create_user(&paris, "ann@example.com").await;
    let ann = bench.login("ann@example.com", PASSWORD).await.unwrap();
    let fault = json!({"path": "/v1/**", "fault": "reset"}).to_string();
    assert_eq!(
        bench.ask("POST /_authority/faults", &fault).await.status,
        200
    );
    bench
        .ask("PUT /_authority/fidelity", r#"{"null_clears":true}"#)
        .await;
    bench
        .ask("POST /_authority/clock", r#"{"advanceSeconds":5}"#)
        .await;
    let before = bench.get("/api/v3/customer/my").await.data();
    bench.done("POST /_authority/reset", &json!({})).await;
    assert_eq!(bench.count().await, 1, "as it was started: none");
    let auth = format!("Bearer {ann}");
    let gone = bench.send("GET", "/api/v1/User/my", &auth, "").await;
    assert_eq!(gone.status, 401);
    assert_eq!(
        bench.send("GET", "/api/v1/Org", &robot, "").await.status,
        200
    );
    assert!(bench.login(DEFAULT_ADMIN, PASSWORD).await.is_ok());
    let after = bench.get("/api/v3/customer/my").await.data();
    assert_eq!(after["tenantUid"], before["tenantUid"]);
    let faults = bench.get("/_authority/faults").await.json();
    assert_eq!(faults["faults"], json!([]));
    let clock = bench.get("/_authority/clock").await.json();
    assert_eq!(clock["now"], "2026-11-23T12:00:00.000Z");
    let switches = bench.get("/_authority/fidelity").await.json();
    assert_eq!(switches["null_clears"], false);
    bench
        .done("POST /_authority/reset", &json!({"sample": "small"}))
        .await;
    let top = bench.get("/api/v1/Org/my").await.data();
    assert_eq!(top["orgName"], "Northwind Group");
    assert!(bench.count().await > 30);
}

/// A user with the number of another from before a new start is not taken for that one.
#[tokio::test]
async fn tokens_are_of_people_and_not_of_numbers() {
    let bench = TestBench::new().await;
    let paris = bench.create_org(None, "Paris").await;
    let ann = bench.create_user(&paris, "ann@example.com").await;
    let token = bench.login("ann@example.com", PASSWORD).await.unwrap();
    bench.done("POST /_authority/reset", &json!({})).await;
    let lyon = bench.create_org(None, "Lyon").await;
    let eve = bench.create_user(&lyon, "eve@example.com").await;
    assert_eq!(eve["userId"], ann["userId"]);
    let auth = format!("Bearer {token}");
    let me = bench.send("GET", "/api/v1/User/my", &auth, "").await;
    assert_eq!(me.status, 401, "{}", me.text);
}

/// Everything that listings show.
async fn seen(bench: &TestBench) -> Vec<Value> {
    let mut seen = Vec::new();
    for path in [
        "/api/v1/Org?incCounts=true",
        "/api/v1/User",
        "/api/v1/Computer",
        "/api/v1/Archive",
    ] {
        let got = bench.get(path).await;
        assert_eq!(got.status, 200, "{}", got.text);
        seen.push(got.data());
    }
    seen
}

#[tokio::test]
async fn a_snapshot_brings_everything_back_and_ends_every_session() {
    let bench = TestBench::new().await;
    let family = bench.family().await;
    let ann = bench.login("ann@example.com", PASSWORD).await.unwrap();
    bench.save("before").await;
    let before = seen(&bench).await;
    bench.verb(&family.parent, "deactivate").await;
    bench.create_org(None, "Later").await;
    let robot = bench.robot().await;
    let authority = bench.running.authority();
    authority
        .set_admin_password(DEFAULT_ADMIN, "another horse")
        .unwrap();
    bench.sign_in("another horse").await;
    bench.restore_and_sign_in("before", "another horse").await;
    let old = bench.login(DEFAULT_ADMIN, PASSWORD).await;
    assert_eq!(old, Err((401, "SYSTEM".to_owned())));
    assert!(
        bench.login(DEFAULT_ADMIN, "another horse").await.is_ok(),
        "the password of now"
    );
    assert_eq!(seen(&bench).await, before);
    let status = bench.send("GET", "/api/v1/Org", &robot, "").await.status;
    assert_eq!(status, 401);
    let auth = format!("Bearer {ann}");
    let me = bench.send("GET", "/api/v1/User/my", &auth, "").await.status;
    assert_eq!(me, 401);
    assert!(bench.login("ann@example.com", PASSWORD).await.is_ok());
}

#[tokio::test]
async fn snapshots_are_listed_replaced_and_deleted_by_name() {
    let bench = TestBench::new().await;
    let names = async || {
        let all = bench.get("/_authority/snapshots").await.json();
        let all = all["snapshots"].as_array().unwrap().clone();
        assert!(all.iter().all(|one| one["bytes"].as_u64() > Some(1000)));
        all.iter()
            .map(|one| one["name"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(names().await, Vec::<Value>::new());
    bench.save("b.2").await;
    bench.save("a-1").await;
    assert_eq!(names().await, ["a-1", "b.2"]);
    let twin = bench.ask("POST /_authority/snapshots", r#"{"name":"a-1"}"#);
    assert_eq!(twin.await.refusal(), (409, "SNAPSHOT_EXISTS".to_owned()));
    bench.create_org(None, "Paris").await;
    let again = json!({"name": "a-1", "replace": true});
    bench.done("POST /_authority/snapshots", &again).await;
    bench.restore("b.2").await;
    assert_eq!(bench.count().await, 1);
    bench.restore("a-1").await;
    assert_eq!(bench.count().await, 2);
    bench
        .done("DELETE /_authority/snapshots/b.2", &json!({}))
        .await;
    assert_eq!(names().await, ["a-1"]);
    for line in [
        "POST /_authority/snapshots/b.2/restore",
        "DELETE /_authority/snapshots/b.2",
    ] {
        let unknown = bench.ask(line, "").await.refusal();
        assert_eq!(unknown, (404, "SNAPSHOT_NOT_FOUND".to_owned()));
    }
    for name in ["", ".hidden", "a/b", "..", "x y", &"x".repeat(65)] {
        let body = json!({"name": name}).to_string();
        let refused = bench.ask("POST /_authority/snapshots", &body).await;
        assert_eq!(refused.status, 400, "{name}");
    }
    let outside = bench
        .ask("DELETE /_authority/snapshots/..%2Ftenant", "")
        .await;
    assert_eq!(outside.status, 400);
}

#[tokio::test]
async fn snapshots_of_a_tenant_in_a_file_outlive_the_process_and_are_private() {
    let folder = TempDir::new().unwrap();
    let open = || {
        let (options, clock) = options(Fidelity::default(), 7);
        let authority =
            Authority::open(folder.path(), Sample::None, DEFAULT_ADMIN, options).unwrap();
        TestBench::over(authority, clock)
    };
    let first = open().await;
    first.create_org(None, "Paris").await;
    first.save("kept").await;
    first.done("POST /_authority/reset", &json!({})).await;
    first.running.stop().await;
    let second = open().await;
    assert_eq!(second.count().await, 1);
    second.restore("kept").await;
    assert_eq!(second.count().await, 2);
    let directory = folder.path().join("snapshots");
    let names: Vec<_> = std::fs::read_dir(&directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(names, ["kept.db"], "nothing is left of what was made aside");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode =
            |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(
            (mode(&directory), mode(&directory.join("kept.db"))),
            (0o700, 0o600)
        );
    }
}

#[tokio::test]
async fn only_administrators_renew_a_tenant() {
    let bench = TestBench::new().await;
    let paris = bench.create_org(None, "Paris").await;
    bench.create_user(&paris, "ann@example.com").await;
    let ann = bench.login("ann@example.com", PASSWORD).await.unwrap();
    for (method, path) in [
        ("GET", "/_authority/tenant"),
        ("POST", "/_authority/seed"),
        ("POST", "/_authority/reset"),
        ("GET", "/_authority/snapshots"),
        ("POST", "/_authority/snapshots"),
        ("GET", "/_authority/snapshots/x"),
        ("POST", "/_authority/snapshots/x/restore"),
        ("DELETE", "/_authority/snapshots/x"),
    ] {
        let body = r#"{"name":"x"}"#;
        let auth = format!("Bearer {ann}");
        assert_eq!(bench.send(method, path, &auth, body).await.status, 403);
        assert_eq!(bench.send(method, path, "", body).await.status, 401);
    }
}

#[tokio::test]
async fn an_administrator_restores_a_snapshot_in_which_they_were_blocked() {
    let bench = TestBench::new().await;
    let paris = bench.create_org(None, "Paris").await;
    let olga = bench.create_user(&paris, "olga@example.com").await;
    let uid = olga["userUid"].as_str().unwrap();
    let roles = json!({"roleIds": ["customer-cloud-admin"]}).to_string();
    bench
        .ask(&format!("PUT /api/v3/users/{uid}/roles"), &roles)
        .await;
    let old = bench.login("olga@example.com", PASSWORD).await.unwrap();
    bench.verb(&paris, "block").await;
    bench.save("before").await;
    bench.verb(&paris, "unblock").await;
    bench
        .ask(&format!("POST /api/v3/users/{uid}/unblock"), "")
        .await;
    let put = format!("PUT /api/v1/User/{}", olga["userId"]);
    bench.ask(&put, r#"{"password":"another horse"}"#).await;
    let new = bench
        .login("olga@example.com", "another horse")
        .await
        .unwrap();
    let path = "/_authority/snapshots/before/restore";
    let restored = bench.send("POST", path, &format!("Bearer {new}"), "").await;
    assert_eq!(restored.status, 204, "{}", restored.text);
    let me = async |token: &str| {
        let auth = format!("Bearer {token}");
        bench.send("GET", "/api/v1/User/my", &auth, "").await.status
    };
    assert_eq!(me(&new).await, 401, "so is the session that did it");
    assert_eq!(me(&old).await, 401, "what was over stays over");
    assert!(
        bench
            .login("olga@example.com", "another horse")
            .await
            .is_ok()
    );
    bench.sign_in(PASSWORD).await;
    assert_eq!(bench.org(&paris).await["blocked"], true);
}

#[tokio::test]
async fn a_snapshot_of_elsewhere_brings_no_keys_and_a_damaged_one_is_named() {
    let folder = TempDir::new().unwrap();
    let open = |name: &str| {
        let (options, clock) = options(Fidelity::default(), 7);
        let directory = folder.path().join(name);
        let authority = Authority::open(&directory, Sample::None, DEFAULT_ADMIN, options).unwrap();
        TestBench::over(authority, clock)
    };
    let (one, other) = (open("one").await, open("other").await);
    let stranger = one
        .running
        .authority()
        .tenant()
        .create_api_client()
        .unwrap();
    one.save("kept").await;
    let file =
        |name: &str, snapshot: &str| folder.path().join(name).join("snapshots").join(snapshot);
    std::fs::create_dir_all(file("other", "x").parent().unwrap()).unwrap();
    std::fs::copy(file("one", "kept.db"), file("other", "kept.db")).unwrap();
    other.restore("kept").await;
    let url = format!("{}/v1/oauth", other.running.url());
    let asked = other
        .http
        .post(url)
        .basic_auth(&stranger.client_id, Some(&stranger.secret));
    assert_eq!(asked.send().await.unwrap().status().as_u16(), 401);
    std::fs::write(file("other", "junk.db"), "Dear diary, ".repeat(100)).unwrap();
    std::fs::write(file("other", "empty.db"), "").unwrap();
    std::fs::create_dir(file("other", "folder.db")).unwrap();
    for (name, status) in [("junk", 400), ("empty", 400), ("folder", 404)] {
        let line = format!("POST /_authority/snapshots/{name}/restore");
        let refused = other.ask(&line, "").await;
        assert_eq!(refused.status, status, "{}", refused.text);
        assert!(refused.text.contains(name), "{}", refused.text);
    }
    let body = json!({"sample": 100_001}).to_string();
    assert_eq!(other.ask("POST /_authority/seed", &body).await.status, 400);
}
