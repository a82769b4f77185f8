//! A slow client loses its connection, and no other does.

use std::time::Duration;

use org42_authority::{Limits, Pace, Sample};

use crate::testbench::TestBench;
use org42_test::raw_client::{Raw, head};

const SOON: Duration = Duration::from_millis(200);

/// A request that anybody may make.
fn anybodys() -> String {
    head("GET /api/v3/LoginConfiguration?username=a", "")
}

#[tokio::test]
async fn half_a_head_gets_408_and_silence_nothing() {
    let limits = Limits {
        head: SOON,
        ..Limits::default()
    };
    let bench = TestBench::limited(limits, Sample::None).await;
    for half in [
        "G",
        "GET /api/v1/Org HTTP/1.1\r\n",
        "GET /api/v1/Org HTTP/1.1\r\nHost: localhost\r\nX: ",
        "\r\n",
    ] {
        let mut raw = Raw::to(&bench.running).await;
        raw.send(half).await;
        let came = raw.rest().await;
        came.assert_refusal(408);
        assert_eq!(came.header("connection").as_deref(), Some("close"));
        assert!(!came.is_reset, "{came:?}");
    }
    let came = Raw::to(&bench.running).await.rest().await;
    assert!(came.text.is_empty() && !came.is_reset, "{came:?}");
}

#[tokio::test]
async fn a_head_that_trickles_in_is_not_waited_for() {
    let limits = Limits {
        head: SOON,
        ..Limits::default()
    };
    let bench = TestBench::limited(limits, Sample::None).await;
    let mut raw = Raw::to(&bench.running).await;
    let mut sent = 0;
    raw.send("GET / HTTP/1.1\r\n").await;
    while raw.send("X: y\r\n").await && sent < 500 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        sent += 1;
    }
    assert!(sent < 500, "it was read on and on");
}

#[tokio::test]
async fn a_connection_may_be_idle_for_a_while_and_then_ends_silently() {
    let limits = Limits {
        head: Duration::from_secs(20),
        idle: SOON,
        ..Limits::default()
    };
    let bench = TestBench::limited(limits, Sample::None).await;
    let mut raw = Raw::to(&bench.running).await;
    for _ in 0..3 {
        raw.send(&anybodys()).await;
        assert_eq!(raw.answer().await.status(), 200);
    }
    let came = raw.rest().await;
    assert!(came.text.is_empty() && !came.is_reset, "{came:?}");
}

#[tokio::test]
async fn the_next_head_has_its_own_time() {
    let limits = Limits {
        head: SOON,
        ..Limits::default()
    };
    let bench = TestBench::limited(limits, Sample::None).await;
    let mut raw = Raw::to(&bench.running).await;
    raw.send(&anybodys()).await;
    assert_eq!(raw.answer().await.status(), 200);
    // Longer than a head may take, which has not begun.
    tokio::time::sleep(3 * SOON).await;
    raw.send(&anybodys()).await;
    assert_eq!(raw.answer().await.status(), 200);
    raw.send("GET /api/v1/Org HT").await;
    raw.rest().await.assert_refusal(408);
}

#[tokio::test]
async fn requests_sent_ahead_are_answered_in_order_and_half_of_one_is_not_waited_for() {
    let limits = Limits {
        head: SOON,
        ..Limits::default()
    };
    let bench = TestBench::limited(limits, Sample::None).await;
    let mut raw = Raw::to(&bench.running).await;
    let two = anybodys() + &head("GET /api/v1/Org", "");
    raw.send(&two).await;
    assert_eq!(raw.answer().await.status(), 200);
    assert_eq!(raw.answer().await.status(), 401);
    // The half comes while the answer before it is on its way.
    bench
        .bench(
            "POST",
            "faults",
            r#"{"path":"/api/v3/**","fault":{"delay":{"millis":300}}}"#,
        )
        .await;
    raw.send(&anybodys()).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    raw.send("GET /api").await;
    assert_eq!(raw.answer().await.status(), 200);
    raw.rest().await.assert_refusal(408);
}

#[tokio::test]
async fn a_body_that_trickles_in_gets_408_and_a_steady_one_is_taken() {
    let limits = Limits {
        body: Pace {
            bytes: 20,
            within: SOON,
        },
        ..Limits::default()
    };
    let bench = TestBench::limited(limits, Sample::None).await;
    let post = |route: &str, more: &str| head(&format!("POST {route}"), more);
    for (route, length) in [
        ("/_authority/agent/login", "Content-Length: 5000\r\n"),
        ("/api/v3/orgs", "Content-Length: 5000\r\n"),
        ("/api/v3/orgs", "Transfer-Encoding: chunked\r\n"),
    ] {
        let mut raw = Raw::to(&bench.running).await;
        raw.send(&post(route, length)).await;
        let piece = match length.contains("chunked") {
            true => "1\r\n \r\n",
            false => " ",
        };
        let mut sent = 0;
        while raw.send(piece).await && sent < 500 {
            tokio::time::sleep(Duration::from_millis(40)).await;
            sent += 1;
        }
        assert!(sent < 500, "{route}: it was read on and on");
        let mut raw = Raw::to(&bench.running).await;
        raw.send(&post(route, length)).await;
        raw.rest().await.assert_refusal(408);
    }
    let mut raw = Raw::to(&bench.running).await;
    let authorization = format!(
        "Authorization: {}\r\nContent-Length: 2000\r\n",
        bench.bearer()
    );
    raw.send(&post("/api/v3/orgs", &authorization)).await;
    for _ in 0..40 {
        raw.send(&" ".repeat(50)).await;
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // It has arrived, and is no organization.
    assert_eq!(raw.answer().await.status(), 500);
}

#[tokio::test]
async fn an_answer_that_nobody_reads_is_given_up_and_a_slow_server_is_not() {
    let limits = Limits {
        answer: Pace {
            bytes: 1,
            within: SOON,
        },
        ..Limits::default()
    };
    let bench = TestBench::limited(limits, Sample::Orgs(3000)).await;
    let authorization = format!("Authorization: {}\r\n", bench.bearer());
    let list = head("GET /api/v1/Org?pgSize=1000", &authorization);
    let mut raw = Raw::to(&bench.running).await;
    for _ in 0..20 {
        raw.send(&list).await;
    }
    raw.until_reset().await;
    // Faults that make the authority itself slow go on as they are meant.
    let slow = r#"{"path":"/api/v3/**","fault":{"slowBody":{"pieces":3,"pauseMillis":400}}}"#;
    bench.bench("POST", "faults", slow).await;
    let got = bench.get("/api/v3/LoginConfiguration?username=a").await;
    assert_eq!(
        (got.status, got.data()["loginType"].is_string()),
        (200, true)
    );
}

#[tokio::test]
async fn a_stopping_server_waits_for_work_alone() {
    let bench = TestBench::new().await;
    let mut idle = Raw::to(&bench.running).await;
    idle.send(&anybodys()).await;
    assert_eq!(idle.answer().await.status(), 200);
    let mut half = Raw::to(&bench.running).await;
    half.send("GET /").await;
    let mut silent = Raw::to(&bench.running).await;
    let delay = r#"{"path":"/api/v3/**","fault":{"delay":{"millis":500}}}"#;
    bench.bench("POST", "faults", delay).await;
    let mut work = Raw::to(&bench.running).await;
    work.send(&anybodys()).await;
    while bench.bench("GET", "requests", "").await.json()["requests"]
        .as_array()
        .unwrap()
        .last()
        .is_none_or(|last| !last["status"].is_null())
    {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let stopping = tokio::spawn(bench.running.stop());
    assert_eq!(work.rest().await.status(), 200);
    for raw in [&mut idle, &mut half, &mut silent] {
        assert_eq!(raw.rest().await.text, "");
    }
    tokio::time::timeout(Duration::from_secs(30), stopping)
        .await
        .unwrap()
        .unwrap();
}
