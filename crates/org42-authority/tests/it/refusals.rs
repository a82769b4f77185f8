//! Refusals: what they are labelled, and that they say nothing of what strangers sent.

use org42_authority::Fidelity;
use serde_json::json;

use crate::testbench::{Got, TestBench, served};
use org42_test::raw_client::{Raw, head};

const MARKUP: &str = "<script>alert(1)</script>";
const IN_A_PATH: &str = "%3Cscript%3Ealert(1)%3C%2Fscript%3E";

#[track_caller]
fn assert_json(got: &Got, what: &str) {
    assert_eq!(
        got.header("content-type"),
        "application/json",
        "{what}: {got:?}"
    );
    assert_eq!(
        got.header("x-content-type-options"),
        "nosniff",
        "{what}: {got:?}"
    );
    let document = got.json();
    assert!(document[0]["description"].is_string(), "{what}: {got:?}");
}

#[tokio::test]
async fn every_refusal_is_json_and_nothing_is_sniffed() {
    let bench = TestBench::new().await;
    bench.create_org(None, "Paris").await;
    let large = "x".repeat(3 * 1024 * 1024);
    for (line, body, status) in [
        ("GET /nowhere", "", 404),
        ("GET /", "", 404),
        ("DELETE /api/v1/Org", "", 405),
        ("PATCH /_authority/clock", "", 405),
        ("GET /api/v1/Org?pgSize=0", "", 400),
        ("GET /api/v1/Org?active=perhaps", "", 400),
        ("GET /api/v1/Org/999", "", 404),
        ("GET /api/v1/User/%ff", "", 400),
        ("GET /api/v3/orgs/%ff", "", 400),
        ("POST /api/v3/orgs", "{", 400),
        ("POST /api/v3/orgs", r#"{"orgName":1}"#, 400),
        ("POST /api/v3/orgs", r#"{"orgName":"x"}"#, 500),
        ("POST /api/v3/orgs", &large, 413),
        ("POST /_authority/faults", &large, 413),
        ("POST /_authority/faults", "[]", 400),
        ("PUT /_authority/fidelity", r#"{"nothing":1}"#, 400),
        ("POST /_authority/snapshots/none/restore", "", 404),
        ("POST /_authority/agent/login", "{}", 400),
    ] {
        let got = bench.ask(line, body).await;
        assert_eq!(got.status, status, "{line}: {got:?}");
        assert_json(&got, line);
    }
    let got = bench.send("GET", "/api/v1/Org", "", "").await;
    assert_eq!(got.status, 401);
    assert_json(&got, "401");
    let got = bench.get("/api/v1/Org").await;
    assert_eq!(got.header("x-content-type-options"), "nosniff");
    let page = r#"{"path":"/api/v1/Org","fault":"htmlPage"}"#;
    bench.bench("POST", "faults", page).await;
    let got = bench.get("/api/v1/Org").await;
    assert!(got.header("content-type").starts_with("text/html"));
    assert_eq!(got.header("x-content-type-options"), "nosniff");
}

#[tokio::test]
async fn what_is_no_request_is_refused_in_json_too() {
    let bench = TestBench::new().await;
    let long = format!(
        "GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "x".repeat(70_000)
    );
    let large = head("GET /", &format!("X: {}\r\n", "y".repeat(70_000)));
    let many = head("GET /", &"X: y\r\n".repeat(200));
    for (words, statuses) in [
        ("\u{0}\u{1}\u{2}\r\n\r\n", &[400][..]),
        ("HELLO\r\n\r\n", &[400]),
        ("GET / HTTP/9.9\r\n\r\n", &[400]),
        ("GET / HTTP/1.1\r\nHost localhost\r\n\r\n", &[400]),
        ("GET / HTTP/1.1\r\n: x\r\n\r\n", &[400]),
        (
            "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
            &[400],
        ),
        ("\u{16}\u{3}\u{1}\u{2}\r\n\r\n", &[400]),
        (&long, &[414, 431]),
        (&large, &[431]),
        (&many, &[431]),
    ] {
        let mut raw = Raw::to(&bench.running).await;
        raw.send(words).await;
        let came = raw.rest().await;
        let status = came.status();
        assert!(statuses.contains(&status), "{words:.40}: {came:?}");
        came.assert_refusal(status);
        assert!(!came.text.contains("xxx") && !came.is_reset, "{came:?}");
    }
    // Behind an answer that was right.
    let mut raw = Raw::to(&bench.running).await;
    let asked = head("GET /api/v3/LoginConfiguration", "");
    raw.send(&(asked + "HELLO\r\n\r\n")).await;
    assert_eq!(raw.answer().await.status(), 200);
    raw.rest().await.assert_refusal(400);
}

#[tokio::test]
async fn whoever_sends_too_much_reads_so() {
    let bench = TestBench::new().await;
    let mut raw = Raw::to(&bench.running).await;
    let length = 9 * 1024 * 1024;
    raw.send(&head(
        "POST /api/v3/orgs",
        &format!("Content-Length: {length}\r\n"),
    ))
    .await;
    // All of it, as simple clients do before they read.
    assert!(raw.send(&" ".repeat(length)).await);
    let came = raw.rest().await;
    came.assert_refusal(413);
    assert!(!came.is_reset);
}

#[tokio::test]
async fn strangers_read_nothing_of_what_they_sent() {
    let bench = TestBench::new().await;
    for switches in [json!({}), json!({"error_type": "html"})] {
        bench.bench("PUT", "fidelity", &switches.to_string()).await;
        for endpoint in served() {
            let path: Vec<&str> = endpoint
                .route
                .split('/')
                .map(|part| match part.starts_with('{') {
                    true => IN_A_PATH,
                    false => part,
                })
                .collect();
            let path = path.join("/");
            let method = endpoint.method.to_string();
            for body in [
                json!(MARKUP),
                json!([MARKUP]),
                json!({MARKUP: MARKUP}),
                json!({"guid": {MARKUP: 1}, "secret": MARKUP, "bytes": MARKUP, "name": MARKUP,
                    "username": MARKUP, "registrationKey": MARKUP, "password": "a", "deviceName": MARKUP,
                    "osName": MARKUP, "orgId": MARKUP}),
            ] {
                let query =
                    format!("pgNum={IN_A_PATH}&{IN_A_PATH}={IN_A_PATH}&username={IN_A_PATH}");
                let path = format!("{path}?{query}");
                let got = bench.send(&method, &path, "", &body.to_string()).await;
                if got.status < 400 {
                    continue;
                }
                assert!(!got.text.contains("alert("), "{endpoint}: {got:?}");
                let headers = format!("{:?}", got.headers);
                assert!(!headers.contains("alert("), "{endpoint}: {got:?}");
            }
        }
    }
}

#[tokio::test]
async fn the_recorded_label_comes_back_with_a_switch() {
    let fidelity = Fidelity::default()
        .with(json!({"error_type": "html"}).as_object().unwrap())
        .unwrap();
    let bench = TestBench::with(fidelity).await;
    let html = |got: &Got| {
        assert_eq!(got.header("content-type"), "text/html;charset=ISO-8859-1");
        assert_eq!(got.header("x-content-type-options"), "nosniff");
    };
    let got = bench.send("GET", "/api/v1/Org", "", "").await;
    html(&got);
    assert_eq!(got.refusal(), (401, "SYSTEM".to_owned()));
    // What somebody sends who is known is told, but never as markup.
    let name = format!("{MARKUP}\u{e4}");
    let body = json!({"name": name}).to_string();
    let restored = bench
        .bench("POST", &format!("snapshots/{IN_A_PATH}/restore"), "")
        .await;
    html(&restored);
    assert!(!restored.text.contains('<'), "{restored:?}");
    let got = bench
        .ask("POST /api/v3/orgs", &format!(r#"{{"orgName":{body}}}"#))
        .await;
    html(&got);
    assert!(got.text.is_ascii() && !got.text.contains('<'), "{got:?}");
    assert!(got.json()[0]["description"].is_string());
    // Also where there is no request.
    let mut raw = Raw::to(&bench.running).await;
    raw.send("HELLO\r\n\r\n").await;
    let came = raw.rest().await;
    assert_eq!(
        came.header("content-type").as_deref(),
        Some("text/html;charset=iso-8859-1")
    );
    // An answer that is none stays what it is.
    let got = bench.get("/api/v1/Org").await;
    assert_eq!(got.header("content-type"), "application/json;charset=UTF-8");
}
