//! What was asked, and what goes wrong on request.

use base64::Engine as _;
use serde_json::{Value, json};

use crate::testbench::{PASSWORD, TestBench};

const LIST: &str = "/api/v1/Org";

impl TestBench {
    async fn fault(&self, rule: &Value) -> Value {
        let got = self.ask("POST /_authority/faults", &rule.to_string()).await;
        assert_eq!(got.status, 200, "{}", got.text);
        got.json()
    }

    async fn requests(&self) -> Vec<Value> {
        let got = self.get("/_authority/requests").await.json();
        got["requests"].as_array().unwrap().clone()
    }

    /// Sends without expecting an answer.
    async fn try_get(&self, path: &str) -> Result<reqwest::Response, reqwest::Error> {
        let url = format!("{}{path}", self.running.url());
        let token = self.login("admin@example.com", PASSWORD).await.unwrap();
        self.http.get(url).bearer_auth(token).send().await
    }

    async fn statuses(&self, times: usize) -> Vec<u16> {
        let mut statuses = Vec::new();
        for _ in 0..times {
            statuses.push(self.get(LIST).await.status);
        }
        statuses
    }
}

#[tokio::test]
async fn requests_are_kept_in_order_and_without_secrets() {
    let bench = TestBench::new().await;
    let top = bench
        .get("/api/org/2?incCounts=true&token=abc")
        .await
        .data();
    bench.create_user(&top, "ann@example.com").await;
    bench.register(&top, "ann@example.com").await;
    let rows = bench.requests().await;
    let shown: Vec<_> = rows
        .iter()
        .map(|row| json!([row["method"], row["path"], row["status"]]))
        .collect();
    let wanted = [
        json!(["GET", "/api/v3/auth/jwt", 200]),
        json!(["GET", "/api/org/2", 200]),
        json!(["POST", "/api/v1/User", 200]),
    ];
    assert_eq!(shown, wanted, "the authority's own paths are not noted");
    assert_eq!(
        rows[1]["query"],
        json!({"incCounts": "true", "token": "[removed]"})
    );
    assert_eq!(rows[1]["time"], "2026-11-23T12:00:00.000Z");
    assert_eq!(rows[2]["body"]["username"], "ann@example.com");
    assert_eq!(rows[2]["body"]["password"], "[removed]");
    assert!(!json!(rows).to_string().contains(PASSWORD));
    assert_eq!(
        rows[0]["answer"]["data"]["v3_user_token"], "[removed]",
        "answers are noted without secrets too"
    );
    assert_eq!(rows[1]["answer"]["data"]["orgId"], 2);
    assert_eq!(rows[1]["answer"]["data"]["registrationKey"], "[removed]");
    assert_eq!(
        bench.ask("DELETE /_authority/requests", "").await.status,
        204
    );
    assert!(bench.requests().await.is_empty());
    bench.get(LIST).await;
    assert_eq!(bench.requests().await[0]["number"], 4);
}

#[tokio::test]
async fn older_tokens_are_secret_in_paths_and_answers() {
    let bench = TestBench::new().await;
    let basic =
        base64::engine::general_purpose::STANDARD.encode(format!("admin@example.com:{PASSWORD}"));
    let made = bench
        .send("POST", "/c42api/authToken", &format!("Basic {basic}"), "{}")
        .await;
    let halves = made.data();
    let (one, other) = (halves[0].as_str().unwrap(), halves[1].as_str().unwrap());
    let path = format!("/api/AuthToken/{one}-{other}");
    assert_eq!(bench.send("GET", &path, "", "").await.status, 200);
    let rows = json!(bench.requests().await).to_string();
    assert!(
        !rows.contains(&one[..20]) && !rows.contains(&other[..20]),
        "{rows}"
    );
    assert!(rows.contains("/c42api/authToken") && rows.contains("/api/AuthToken/[removed]"));
}

#[tokio::test]
async fn no_more_than_a_thousand_requests_are_kept() {
    let bench = TestBench::new().await;
    for _ in 0..1_005 {
        bench.send("GET", "/nowhere", "", "").await;
    }
    let rows = bench.requests().await;
    assert_eq!((rows.len(), &rows[999]["number"]), (1_000, &json!(1_006)));
}

#[tokio::test]
async fn only_the_administrator_sees_and_changes_the_bench() {
    let bench = TestBench::new().await;
    let top = bench.get("/api/v1/Org/2").await.data();
    bench.create_user(&top, "ann@example.com").await;
    let ann = bench.login("ann@example.com", PASSWORD).await.unwrap();
    for line in [
        "GET /_authority/requests",
        "DELETE /_authority/requests",
        "GET /_authority/faults",
        "POST /_authority/faults",
        "DELETE /_authority/faults",
    ] {
        let (method, path) = line.split_once(' ').unwrap();
        let body = r#"{"path":"/**","fault":"reset"}"#;
        let status = async |auth: &str| bench.send(method, path, auth, body).await.status;
        assert_eq!(status("").await, 401, "{line}");
        assert_eq!(status(&format!("Bearer {ann}")).await, 403, "{line}");
    }
}

#[tokio::test]
async fn a_count_ends_a_fault_and_other_routes_are_spared() {
    let bench = TestBench::new().await;
    let fault = json!({"status": {"status": 503, "body": "busy", "contentType": "text/plain"}});
    let rule = json!({"method": "GET", "path": "/api/v1/Org", "count": 2, "fault": fault});
    assert_eq!(bench.fault(&rule).await["number"], 1);
    assert_eq!(bench.get("/api/v1/Org/2").await.status, 200);
    let got = bench.get("/api/org?active=true").await;
    assert_eq!((got.status, got.text.as_str()), (503, "busy"));
    assert_eq!(got.header("content-type"), "text/plain");
    assert_eq!(bench.statuses(2).await, [503, 200]);
    let listed = bench.get("/_authority/faults").await.json();
    assert_eq!(listed["faults"][0]["hits"], 2);
    let rows = bench.requests().await;
    let row = rows.iter().find(|row| row["fault"] == 1).unwrap();
    assert_eq!(
        (&row["path"], &row["status"]),
        (&json!("/api/org"), &json!(503))
    );
}

#[tokio::test]
async fn the_same_seed_hits_the_same_requests() {
    let bench = TestBench::new().await;
    let mut runs = Vec::new();
    for seed in [1, 1, 2] {
        let rule =
            json!({"path": "/api/**", "probability": 0.5, "seed": seed, "fault": "htmlPage"});
        bench.fault(&rule).await;
        let mut hit = Vec::new();
        for _ in 0..40 {
            hit.push(bench.get(LIST).await.text.contains("<html>"));
        }
        bench.ask("DELETE /_authority/faults", "").await;
        runs.push(hit);
    }
    assert_eq!(runs[0], runs[1]);
    assert_ne!(runs[0], runs[2]);
    assert!(runs[0].contains(&true) && runs[0].contains(&false));
    assert_eq!(bench.statuses(1).await, [200]);
}

#[tokio::test]
async fn too_many_requests_says_when_to_come_back() {
    let bench = TestBench::new().await;
    for as_date in [false, true] {
        let fault = json!({"tooManyRequests": {"retryAfterSeconds": 60, "asDate": as_date}});
        bench
            .fault(&json!({"path": LIST, "count": 1, "fault": fault}))
            .await;
    }
    let got = bench.get(LIST).await;
    assert_eq!((got.status, got.header("retry-after")), (429, "60"));
    let got = bench.get(LIST).await;
    let date = |name| {
        jiff::fmt::rfc2822::parse(got.header(name))
            .unwrap()
            .timestamp()
            .as_second()
    };
    let wait = date("retry-after") - date("date");
    assert!((59..=61).contains(&wait), "{wait}");
}

#[tokio::test]
async fn a_reset_comes_before_or_after_the_change() {
    let bench = TestBench::new().await;
    let names = async || {
        let rows = bench.get(LIST).await.data()["orgs"].clone();
        let rows = rows.as_array().unwrap().clone();
        rows.iter().filter(|org| org["orgName"] == "Paris").count()
    };
    for (applied, there) in [(false, 0), (true, 1)] {
        let rule = json!({"method": "post", "path": "/api/v3/orgs", "count": 1, "applied": applied, "fault": "reset"});
        bench.fault(&rule).await;
        let token = bench.login("admin@example.com", PASSWORD).await.unwrap();
        let url = format!("{}/api/v3/orgs", bench.running.url());
        let request = bench
            .http
            .post(url)
            .bearer_auth(token)
            .body(r#"{"orgName":"Paris"}"#);
        let error = request.send().await.unwrap_err();
        let mut cause: &dyn std::error::Error = &error;
        while let Some(deeper) = cause.source() {
            cause = deeper;
        }
        assert!(cause.to_string().contains("reset"), "{cause}");
        assert_eq!(names().await, there);
        let rows = bench.requests().await;
        let row = rows.iter().rfind(|row| row["method"] == "POST").unwrap();
        assert_eq!(row["status"], Value::Null);
    }
}

#[tokio::test]
async fn answers_are_cut_slowed_and_spoiled() {
    let bench = TestBench::new().await;
    let right = bench.get("/api/v1/Org/2").await.data();
    let slow = json!({"slowBody": {"pieces": 5, "pauseMillis": 1}});
    let late = json!({"delay": {"millis": 1}});
    for fault in [slow, late] {
        bench
            .fault(&json!({"path": "/api/v1/Org/{orgId}", "count": 1, "fault": fault}))
            .await;
        assert_eq!(bench.get("/api/v1/Org/2").await.data(), right, "{fault}");
    }
    let once = async |fault: &str| {
        bench
            .fault(&json!({"path": LIST, "count": 1, "fault": fault}))
            .await
    };
    once("truncatedBody").await;
    let got = bench.try_get(LIST).await.unwrap();
    let promised = got.content_length().unwrap();
    assert!(promised > 100 && got.bytes().await.is_err());
    once("invalidJson").await;
    let got = bench.get(LIST).await;
    assert!(got.header("content-type").starts_with("application/json"));
    assert_eq!((got.status, got.json()), (200, Value::Null));
    once("htmlPage").await;
    let got = bench.get(LIST).await;
    assert!(got.header("content-type").starts_with("text/html") && got.text.contains("<html>"));
    once("expiredToken").await;
    assert_eq!(bench.statuses(2).await, [401, 200]);
    assert_eq!(
        bench
            .requests()
            .await
            .iter()
            .filter(|row| row["fault"].is_u64())
            .count(),
        6
    );
}

#[tokio::test]
async fn the_bench_itself_is_never_hit_and_mistakes_are_told() {
    let bench = TestBench::new().await;
    bench.fault(&json!({"path": "**", "fault": "reset"})).await;
    assert_eq!(bench.get("/_authority/faults").await.status, 200);
    assert!(bench.try_get_refused().await);
    bench.ask("DELETE /_authority/faults", "").await;
    for rule in [
        json!({"path": "/api", "fault": "nonsense"}),
        json!({"path": "/api", "cuont": 1, "fault": "reset"}),
        json!({"path": "api", "fault": "reset"}),
        json!({"path": "/api", "probability": 1.5, "fault": "reset"}),
        json!({"path": "/api", "fault": {"status": {"status": 42}}}),
        json!({"path": "/api", "fault": {"slowBody": {"pieces": 0, "pauseMillis": 1}}}),
        json!({"path": "/api", "fault": {"delay": {"millis": 600_001}}}),
        json!({"fault": "reset"}),
    ] {
        let got = bench
            .ask("POST /_authority/faults", &rule.to_string())
            .await;
        assert_eq!(got.status, 400, "{rule}");
    }
    assert_eq!(
        bench.get("/_authority/faults").await.json(),
        json!({"faults": []})
    );
}

impl TestBench {
    async fn try_get_refused(&self) -> bool {
        let url = format!("{}{LIST}", self.running.url());
        self.http.get(url).send().await.is_err()
    }
}

#[tokio::test]
async fn a_fault_that_could_never_hit_is_refused_and_old_spellings_are_understood() {
    let bench = TestBench::new().await;
    for (rule, why) in [
        (json!({"path": "orgs"}), "slash"),
        (json!({"path": "*"}), "slash"),
        (json!({"path": "/api/v1/Org?pgNum=1"}), "question mark"),
        (json!({"path": "/_authority/clock"}), "spared"),
        (json!({"path": "/api/**/block"}), "at its end"),
        (json!({"path": "/api/v1/Or*"}), "whole part"),
        (json!({"path": "/api/v1/Org/2**"}), "whole part"),
        (json!({"path": "/x", "method": "FOO"}), "method"),
        (json!({"path": "/x", "count": 0}), "count"),
    ] {
        let mut rule = rule;
        rule["fault"] = json!("reset");
        let got = bench
            .ask("POST /_authority/faults", &rule.to_string())
            .await;
        assert_eq!(got.status, 400, "{rule}");
        assert!(got.text.contains(why), "{rule}: {}", got.text);
    }
    for path in ["/api/Org/*", "/c42api/Org/*", "/api/v1/ORG/*/", "/api/**"] {
        bench.ask("DELETE /_authority/faults", "").await;
        let rule = json!({"path": path, "fault": {"status": {"status": 418}}});
        assert_eq!(
            bench
                .ask("POST /_authority/faults", &rule.to_string())
                .await
                .status,
            200
        );
        assert_eq!(bench.get("/api/v1/Org/2").await.status, 418, "{path}");
        assert_eq!(bench.get("/v1/orgs").await.status, 200, "{path}");
    }
    bench.ask("DELETE /_authority/faults", "").await;
    let rule =
        json!({"method": "GET", "path": "/api/v3/orgs", "fault": "expiredToken"}).to_string();
    bench.ask("POST /_authority/faults", &rule).await;
    let expired = bench.get("/api/v3/orgs").await;
    assert_eq!(
        (expired.status, expired.header("www-authenticate")),
        (401, "Basic realm=\"org42\"")
    );
    let paris = bench.create_org(None, "Paris").await;
    let rule = json!({"path": "/api/v1/OrgBlock/*", "fault": "truncatedBody"}).to_string();
    bench.ask("POST /_authority/faults", &rule).await;
    let block = format!("{}/api/v1/OrgBlock/{}", bench.running.url(), paris["orgId"]);
    let sent = bench
        .http
        .put(block)
        .basic_auth("admin@example.com", Some(PASSWORD))
        .send()
        .await;
    assert!(sent.is_err(), "of an answer without a body nothing comes");
    assert_eq!(bench.org(&paris).await["blocked"], true);
}
