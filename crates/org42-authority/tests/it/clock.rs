//! The clock through HTTP, and an authority for one test.

use org42_authority::{Authority, DEFAULT_ADMIN, START_PASSWORD};
use serde_json::{Value, json};

use crate::testbench::{PASSWORD, TestBench};

impl TestBench {
    /// As the administrator, with the password: a moved clock ends sessions.
    async fn clock(&self, method: &str, body: &Value) -> (u16, Value) {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let url = format!("{}/_authority/clock", self.running.url());
        let request = self.http.request(method, url).body(body.to_string());
        let answer = request
            .basic_auth(DEFAULT_ADMIN, Some(PASSWORD))
            .send()
            .await
            .unwrap();
        let status = answer.status().as_u16();
        let document = serde_json::from_slice(&answer.bytes().await.unwrap());
        (status, document.unwrap_or(Value::Null))
    }

    async fn turn(&self, turn: Value) -> Value {
        let (status, reading) = self.clock("POST", &turn).await;
        assert_eq!(status, 200, "{reading}");
        reading
    }
}

#[tokio::test]
async fn the_clock_is_set_advanced_and_runs_on() {
    let bench = TestBench::new().await;
    let shown = |now: &str, runs: bool| json!({"now": now, "runs": runs});
    let start = shown("2026-11-23T12:00:00.000Z", true);
    assert_eq!(bench.clock("GET", &Value::Null).await, (200, start.clone()));
    let set = bench.turn(json!({"set": "2027-01-01T00:00:00Z"})).await;
    assert_eq!(set, shown("2027-01-01T00:00:00.000Z", false));
    bench.clock.advance_millis(5_000);
    let later = bench.turn(json!({"advanceSeconds": 60})).await;
    assert_eq!(later, shown("2027-01-01T00:01:00.000Z", false));
    assert_eq!(
        bench.turn(json!("run")).await,
        shown("2027-01-01T00:01:00.000Z", true)
    );
    bench.clock.advance_millis(1_000);
    assert_eq!(
        bench.turn(json!("run")).await,
        shown("2027-01-01T00:01:01.000Z", true)
    );
    let later = bench.turn(json!({"advanceSeconds": 1})).await;
    assert_eq!(later, shown("2027-01-01T00:01:02.000Z", true));
    assert_eq!(bench.turn(json!("stop")).await["runs"], false);
    assert_eq!(bench.clock("DELETE", &Value::Null).await.0, 204);
    let (_, now) = bench.clock("GET", &Value::Null).await;
    assert_eq!(now, shown("2026-11-23T12:00:06.000Z", true));
    for turn in [
        json!("jump"),
        json!({"advanceSeconds": -1}),
        json!({"advanceSeconds": u32::MAX}),
        json!({"set": "1969-12-31T00:00:00Z"}),
        json!({"set": "9999-12-30T22:00:00Z"}),
        json!({}),
    ] {
        assert_eq!(bench.clock("POST", &turn).await.0, 400, "{turn}");
    }
}

#[tokio::test]
async fn the_tenant_goes_by_the_clock() {
    let bench = TestBench::new().await;
    bench.turn(json!({"advanceSeconds": 29 * 60})).await;
    let org = bench.create_org(None, "Paris").await;
    assert!(
        org["creationDate"].to_string().contains("12:29:00"),
        "{org}"
    );
    bench.turn(json!({"advanceSeconds": 60})).await;
    assert_eq!(
        bench.get("/api/v1/Org").await.status,
        401,
        "the session is over"
    );
    let anybody = bench
        .send("POST", "/_authority/clock", "", "\"stop\"")
        .await;
    assert_eq!(anybody.status, 401);
}

/// A moved clock can be moved back.
#[tokio::test]
async fn wrong_passwords_and_one_time_codes_go_by_the_machines_clock() {
    let bench = TestBench::new().await;
    bench.turn(json!("stop")).await;
    for _ in 0..25 {
        let _ = bench.login(DEFAULT_ADMIN, "wrong guess").await;
    }
    assert_eq!(bench.clock("GET", &Value::Null).await.0, 429);
    bench.clock.advance_millis(61_000);
    assert_eq!(bench.clock("GET", &Value::Null).await.0, 200);
    bench
        .ask("PUT /_authority/fidelity", r#"{"requests_per_minute":1}"#)
        .await;
    let statuses = [
        bench.get("/api/v1/Org").await.status,
        bench.get("/api/v1/Org").await.status,
    ];
    assert_eq!(statuses, [200, 429]);
    bench.clock.advance_millis(60_000);
    assert_eq!(bench.get("/api/v1/Org").await.status, 200);
}

#[tokio::test]
async fn a_test_has_an_authority_of_its_own_until_it_drops_it() {
    let (one, other) = (
        Authority::start().await.unwrap(),
        Authority::start().await.unwrap(),
    );
    assert_ne!(one.url(), other.url());
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let login = async |url: &str| {
        let request = http.get(format!("{url}/api/v3/auth/jwt"));
        let answer = request
            .basic_auth(DEFAULT_ADMIN, Some(START_PASSWORD))
            .send();
        answer.await.map(|answer| answer.status().as_u16()).ok()
    };
    assert_eq!(login(other.url()).await, Some(200));
    let url = other.url().to_owned();
    drop(other);
    let address = url.trim_start_matches("http://");
    let mut left = 10_000;
    while std::net::TcpStream::connect(address).is_ok() {
        assert!(left > 0, "it goes on taking connections");
        left -= 1;
        tokio::task::yield_now().await;
    }
    assert_eq!(login(one.url()).await, Some(200));
}
