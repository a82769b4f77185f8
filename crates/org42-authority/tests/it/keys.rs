//! Idempotency keys: a change that is asked for twice with one key is carried out once.

use futures_util::future::join_all;
use org42_authority::{Authority, DEFAULT_ADMIN, Fidelity, Sample};
use org42_types::Endpoint;
use org42_types::endpoints::Repeat;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::testbench::{Family, Got, PASSWORD, TestBench, options, served};

const CREATE: &str = "POST /api/v3/orgs";
const DAY: i64 = 24 * 60 * 60 * 1000;

impl TestBench {
    /// As the administrator, with a key.
    async fn keyed(&self, line: &str, key: &str, body: &str) -> Got {
        self.keyed_as(&self.bearer(), line, key, body).await
    }

    async fn keyed_as(&self, auth: &str, line: &str, key: &str, body: &str) -> Got {
        let (method, path) = line.split_once(' ').unwrap();
        let key = [("Idempotency-Key", key)];
        self.send_with(method, path, auth, body, &key).await
    }

    async fn how_many(&self, name: &str) -> usize {
        let all = self.get("/api/v1/Org?pgSize=1000").await.data()["orgs"].clone();
        let is_named = |org: &&Value| org["orgName"] == name;
        all.as_array().unwrap().iter().filter(is_named).count()
    }

    /// Everything that changes may touch.
    async fn everything(&self) -> String {
        let mut all = String::new();
        for path in [
            "/api/v1/Org?pgSize=1000",
            "/api/v1/User?pgSize=1000",
            "/api/v1/Computer?pgSize=1000",
            "/_authority/api-clients",
        ] {
            let mut shown = self.get(path).await.json();
            shown["metadata"] = Value::Null;
            all += &shown.to_string();
        }
        all
    }
}

fn named(name: &str) -> String {
    json!({ "orgName": name }).to_string()
}

fn is_replay(got: &Got) -> bool {
    got.headers.contains_key("idempotency-replayed")
}

/// Returns a request of an endpoint that changes something, and what has to be done before it.
fn request(row: &Endpoint, family: &Family) -> (Vec<String>, String, String) {
    let Family {
        parent,
        child,
        users: [ann, bob],
        devices: [laptop, _],
    } = family;
    let text = |value: &Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    let org = text(&child["orgGuid"]);
    let user = text(&bob["userUid"]);
    let line = format!("{} {}", row.method, row.route);
    let line = line.replace("{orgGuid}", &org).replace("{userUid}", &user);
    let device = json!({"id": laptop["computerId"]});
    let (before, body) = match row.name {
        "ORG_CREATE" | "ORGS_CREATE" | "GATEWAY_ORGS_CREATE" => (
            None,
            json!({"orgName": "Once", "parentOrgGuid": parent["orgGuid"]}),
        ),
        "ORGS_UNBLOCK" => (Some(format!("POST /api/v3/orgs/{org}/block")), json!({})),
        "ORGS_ACTIVATE" | "GATEWAY_ORGS_ACTIVATE" => (
            Some(format!("POST /api/v3/orgs/{org}/deactivate")),
            json!({}),
        ),
        "USERS_UNBLOCK" => (Some(format!("POST /api/v3/users/{user}/block")), json!({})),
        "USERS_ACTIVATE" => (
            Some(format!("POST /api/v3/users/{user}/deactivate")),
            json!({}),
        ),
        "USER_CREATE" => (
            None,
            json!({"orgUid": parent["orgUid"], "username": "cy@example.com", "password": PASSWORD}),
        ),
        "USER_MOVE_PROCESS" => (
            None,
            json!({"userId": ann["userId"], "parentOrgId": child["orgId"]}),
        ),
        "USERS_MOVE" => (None, json!({"orgId": parent["orgId"]})),
        "COMPUTER_REACTIVATE_V4" | "COMPUTER_REACTIVATE_V38" => (
            Some("POST /api/v4/computer-deactivation/update".to_owned()),
            device,
        ),
        "COMPUTER_DEACTIVATE_V4" | "COMPUTER_DEACTIVATE_V38" => (None, device),
        "ORGS_BLOCK"
        | "ORGS_DEACTIVATE"
        | "GATEWAY_ORGS_DEACTIVATE"
        | "USERS_BLOCK"
        | "USERS_DEACTIVATE"
        | "TOTP_ON"
        | "API_CLIENTS_CREATE" => (None, json!({})),
        other => unreachable!("{other} takes keys; how is it asked for?"),
    };
    (before.into_iter().collect(), line, body.to_string())
}

#[tokio::test]
async fn every_change_is_carried_out_once_and_answered_again() {
    let rows = served();
    let rows = rows.iter().filter(|row| row.repeat == Repeat::ByKey);
    let secret = ["TOTP_ON", "API_CLIENTS_CREATE"];
    let mut seen = 0;
    for row in rows {
        seen += 1;
        let bench = TestBench::new().await;
        let family = bench.family().await;
        let (before, line, body) = request(row, &family);
        for before in before {
            let got = bench.ask(&before, &body).await;
            assert!(got.status < 300, "{before}: {}", got.text);
        }
        let untouched = bench.everything().await;
        let first = bench.keyed(&line, "key", &body).await;
        assert!(first.status < 300, "{row}: {}", first.text);
        let changed = bench.everything().await;
        assert!(
            row.name == "TOTP_ON" || changed != untouched,
            "{row} changes"
        );
        bench.clock.advance_millis(5_000);
        let again = bench.keyed(&line, "key", &body).await;
        assert_eq!(bench.everything().await, changed, "{row} changes once");
        if secret.contains(&row.name) {
            let kept = (409, "IDEMPOTENCY_ANSWER_NOT_KEPT".to_owned());
            assert_eq!(again.refusal(), kept, "{row}");
            continue;
        }
        assert!(is_replay(&again) && !is_replay(&first), "{row}");
        assert_eq!(
            (again.status, &again.text),
            (first.status, &first.text),
            "{row}"
        );
        let kind = |got: &Got| got.headers.get("content-type").cloned();
        assert_eq!(kind(&again), kind(&first), "{row}");
    }
    assert_eq!(seen, 22);
}

#[tokio::test]
async fn a_key_is_for_one_request() {
    let bench = TestBench::new().await;
    let first = bench.keyed(CREATE, "key", &named("Paris")).await;
    assert_eq!(first.status, 200, "{}", first.text);
    let reused = (422, "IDEMPOTENCY_KEY_REUSED".to_owned());
    let block = format!(
        "{CREATE}/{}/block",
        first.data()["orgGuid"].as_str().unwrap()
    );
    for (line, body) in [
        (CREATE, named("Lyon")),
        ("POST /api/v1/Org", named("Paris")),
        ("POST /api/v3/orgs?x=1", named("Paris")),
        (&block, String::new()),
    ] {
        assert_eq!(
            bench.keyed(line, "key", &body).await.refusal(),
            reused,
            "{line}"
        );
    }
    let twin = bench.keyed(CREATE, "another", &named("Paris")).await;
    assert_eq!(
        twin.refusal().1,
        "ORG_DUPLICATE",
        "another key is another request"
    );
    assert_eq!(
        (bench.how_many("Paris").await, bench.how_many("Lyon").await),
        (1, 0)
    );
    assert_eq!(bench.org(&first.data()).await["blocked"], false);
}

#[tokio::test]
async fn of_many_at_once_one_is_carried_out() {
    let bench = TestBench::new().await;
    for round in 0..5 {
        let body = named(&format!("Round {round}"));
        let key = format!("key {round}");
        let all = join_all((0..8).map(|_| bench.keyed(CREATE, &key, &body))).await;
        let first = all
            .iter()
            .filter(|got| got.status == 200 && !is_replay(got));
        assert_eq!(first.count(), 1);
        for got in &all {
            let is_running = || got.refusal() == (409, "IDEMPOTENCY_KEY_RUNNING".to_owned());
            assert!(got.status == 200 || is_running(), "{}", got.text);
        }
        assert_eq!(bench.how_many(&format!("Round {round}")).await, 1);
    }
}

#[tokio::test]
async fn a_refusal_is_not_kept_since_nothing_was_done() {
    let bench = TestBench::new().await;
    let parent = bench.create_org(None, "Parent").await;
    bench.verb(&parent, "block").await;
    let body = json!({"orgName": "Paris", "parentOrgGuid": parent["orgGuid"]}).to_string();
    let refused = bench.keyed(CREATE, "key", &body).await;
    assert_eq!(refused.refusal(), (500, "PARENT_ORG_BLOCKED".to_owned()));
    bench.verb(&parent, "unblock").await;
    let done = bench.keyed(CREATE, "key", &body).await;
    assert_eq!(
        (done.status, is_replay(&done)),
        (200, false),
        "{}",
        done.text
    );
}

#[tokio::test]
async fn an_answer_is_kept_for_a_day_by_the_clock_of_the_tenant() {
    let bench = TestBench::new().await;
    let body = named("Paris");
    let first = bench.keyed(CREATE, "key", &body).await;
    bench.clock.advance_millis(DAY - 1);
    bench.sign_in(PASSWORD).await;
    let same = bench.keyed(CREATE, "key", &body).await;
    assert_eq!(same.text, first.text);
    bench.clock.advance_millis(1);
    let anew = bench.keyed(CREATE, "key", &body).await;
    assert_eq!(anew.refusal().1, "ORG_DUPLICATE");
}

#[tokio::test]
async fn nobody_meets_the_keys_of_another() {
    let bench = TestBench::new().await;
    let robot = bench.robot().await;
    let body = named("Paris");
    let mine = bench.keyed(CREATE, "key", &body).await;
    assert_eq!(mine.status, 200);
    let theirs = bench.keyed_as(&robot, CREATE, "key", &body).await;
    assert_eq!(theirs.refusal().1, "ORG_DUPLICATE");
    let other = bench.keyed_as(&robot, CREATE, "key", &named("Lyon")).await;
    assert_eq!((other.status, is_replay(&other)), (200, false));
}

#[tokio::test]
async fn who_has_lost_the_right_does_not_get_the_answer() {
    let bench = TestBench::new().await;
    let top = bench.get("/api/v1/Org/my").await.data();
    let ann = bench.create_user(&top, "ann@example.com").await;
    let roles = format!(
        "PUT /api/v3/users/{}/roles",
        ann["userUid"].as_str().unwrap()
    );
    let give = async |role: &str| {
        let body = json!({ "roleIds": [role] }).to_string();
        assert_eq!(bench.ask(&roles, &body).await.status, 200);
    };
    give("customer-cloud-admin").await;
    let token = bench.login("ann@example.com", PASSWORD).await.unwrap();
    let auth = format!("Bearer {token}");
    let body = named("Paris");
    let first = bench.keyed_as(&auth, CREATE, "key", &body).await;
    assert_eq!(first.status, 200, "{}", first.text);
    give("desktop-user").await;
    let without = bench.keyed_as(&auth, CREATE, "key", &body).await;
    assert!([401, 403].contains(&without.status), "{}", without.text);
    let unknown = bench.keyed_as("Bearer x", CREATE, "key", &body).await;
    assert_eq!(unknown.status, 401);
}

#[tokio::test]
async fn an_answer_outlives_a_restart_and_a_lost_connection() {
    let folder = TempDir::new().unwrap();
    let open = async || {
        let (options, clock) = options(Fidelity::default(), 7);
        let authority =
            Authority::open(folder.path(), Sample::None, DEFAULT_ADMIN, options).unwrap();
        TestBench::over(authority, clock).await
    };
    let body = named("Paris");
    let bench = open().await;
    let fault = json!({"method": "POST", "path": "/api/v3/orgs", "count": 1, "applied": true,
        "fault": {"status": {"status": 502, "body": "gone"}}});
    let added = bench.bench("POST", "faults", &fault.to_string()).await;
    assert!(added.status < 300, "{}", added.text);
    let lost = bench.keyed(CREATE, "key", &body).await;
    assert_eq!(lost.status, 502);
    drop(bench);
    let bench = open().await;
    let found = bench.keyed(CREATE, "key", &body).await;
    assert_eq!(
        (found.status, is_replay(&found)),
        (200, true),
        "{}",
        found.text
    );
    assert_eq!(found.data()["orgName"], "Paris");
    assert_eq!(bench.how_many("Paris").await, 1);
}

#[tokio::test]
async fn a_restoration_brings_back_the_answers_of_its_time_and_no_others() {
    let bench = TestBench::new().await;
    bench.keyed(CREATE, "before", &named("Before")).await;
    let saved = bench.bench("POST", "snapshots", r#"{"name":"then"}"#).await;
    assert!(saved.status < 300, "{}", saved.text);
    bench.keyed(CREATE, "after", &named("After")).await;
    let restored = bench.bench("POST", "snapshots/then/restore", "").await;
    assert!(restored.status < 300, "{}", restored.text);
    bench.sign_in(PASSWORD).await;
    let before = bench.keyed(CREATE, "before", &named("Before")).await;
    assert!(is_replay(&before), "{}", before.text);
    let after = bench.keyed(CREATE, "after", &named("After")).await;
    assert_eq!(
        (after.status, is_replay(&after)),
        (200, false),
        "it was not there"
    );
    assert_eq!(bench.how_many("After").await, 1);
}

#[tokio::test]
async fn keys_are_announced_and_a_switch_turns_them_off() {
    let bench = TestBench::new().await;
    let announced = |got: &Got| got.headers.get("idempotency-key-lifetime").cloned();
    let login = bench.send("GET", "/api/v3/auth/jwt", "", "").await;
    assert_eq!(login.status, 401);
    assert_eq!(announced(&login).unwrap(), "86400");
    for key in ["", " ", &"x".repeat(256), "tab\tis none"] {
        let got = bench.keyed(CREATE, key, &named("Paris")).await;
        assert_eq!(got.status, 400, "{key:?}");
    }
    let long = bench.keyed(CREATE, &"x".repeat(255), &named("Lyon")).await;
    assert_eq!(long.status, 200);
    let off = r#"{"idempotency_keys":false}"#;
    assert_eq!(bench.ask("PUT /_authority/fidelity", off).await.status, 200);
    let first = bench.keyed(CREATE, "key", &named("Paris")).await;
    assert_eq!((first.status, announced(&first)), (200, None));
    let again = bench.keyed(CREATE, "key", &named("Paris")).await;
    assert_eq!(again.refusal().1, "ORG_DUPLICATE");
}

#[tokio::test]
async fn each_modification_of_an_organization_has_a_time_of_its_own() {
    let bench = TestBench::new().await;
    let org = bench.create_org(None, "Paris").await;
    let mut stamps = vec![bench.org(&org).await["modificationDate"].clone()];
    for verb in ["block", "unblock", "block", "deactivate", "activate"] {
        let got = bench.verb(&org, verb).await;
        assert_eq!(got.status, 200, "{verb}: {}", got.text);
        let stamp = bench.org(&org).await["modificationDate"].clone();
        assert_ne!(
            Some(&stamp),
            stamps.last(),
            "the clock stands still at {verb}"
        );
        stamps.push(stamp);
    }
}

#[tokio::test]
async fn answers_are_dated_by_the_clock_of_the_tenant() {
    let bench = TestBench::new().await;
    assert_eq!(
        bench.get("/api/v1/Org/my").await.header("date"),
        "Mon, 23 Nov 2026 12:00:00 GMT"
    );
    bench.clock.advance_millis(DAY);
    let got = bench.send("GET", "/api/v1/Org/my", "", "").await;
    assert_eq!(got.header("date"), "Tue, 24 Nov 2026 12:00:00 GMT");
}
