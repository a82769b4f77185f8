//! More connections than there is room for: the slowest gives way, and newcomers are served.

use org42_authority::{Limits, Running, Sample};

use crate::testbench::TestBench;
use org42_test::raw_client::{Raw, head};

fn limits(connections: usize) -> Limits {
    Limits {
        connections,
        ..Limits::default()
    }
}

async fn is_served(raw: &mut Raw) {
    let asked = head("GET /api/v3/LoginConfiguration?username=a", "");
    raw.send(&asked).await;
    assert_eq!(raw.answer().await.status(), 200);
}

/// So many connections, each having sent `words`.
async fn flood(running: &Running, from: [u8; 4], number: usize, words: &str) -> Vec<Raw> {
    let mut all = Vec::new();
    for _ in 0..number {
        let mut raw = Raw::from(from, running).await;
        raw.send(words).await;
        all.push(raw);
    }
    all
}

#[tokio::test]
async fn a_fresh_client_is_served_whatever_others_do() {
    let begun = head("POST /api/v3/orgs", "Content-Length: 100\r\n") + "{";
    let agent = head("POST /_authority/agent/login", "Content-Length: 9\r\n");
    for words in ["", "G", "GET / HTTP/1.1\r\nHost: loc", &begun, &agent] {
        let bench = TestBench::limited(limits(32), Sample::None).await;
        let flood = flood(&bench.running, [127, 0, 0, 1], 320, words).await;
        is_served(&mut Raw::to(&bench.running).await).await;
        let mut closed = 0;
        for mut raw in flood.into_iter().take(320 - 32) {
            let came = raw.rest().await;
            let wanted: &[u16] = match words {
                "" => &[0],
                // Who is sent away may have been so before its words had arrived.
                _ => &[408, 0],
            };
            assert!(wanted.contains(&came.status()), "{words}: {came:?}");
            closed += 1;
        }
        assert_eq!(closed, 288);
        assert_eq!(bench.get("/api/v1/Org").await.status, 200);
    }
}

#[tokio::test]
async fn one_address_pushes_out_its_own_connections() {
    let bench = TestBench::limited(limits(32), Sample::None).await;
    let mut early = Raw::from([127, 0, 0, 2], &bench.running).await;
    is_served(&mut early).await;
    let _flood = flood(&bench.running, [127, 0, 0, 3], 320, "GET /").await;
    is_served(&mut early).await;
    is_served(&mut Raw::from([127, 0, 0, 4], &bench.running).await).await;
}

#[tokio::test]
async fn work_is_never_cut_and_whoever_is_too_much_is_told_so() {
    let bench = TestBench::limited(limits(8), Sample::None).await;
    let delay = r#"{"path":"/api/v3/**","fault":{"delay":{"millis":1500}}}"#;
    bench.bench("POST", "faults", delay).await;
    let asked = head("GET /api/v3/LoginConfiguration?username=a", "");
    // The bench's own connections give way.
    let mut working = flood(&bench.running, [127, 0, 0, 1], 8, &asked).await;
    let mut late = Raw::to(&bench.running).await;
    late.send(&asked).await;
    let came = late.rest().await;
    came.assert_refusal(503);
    assert_eq!(came.header("retry-after").as_deref(), Some("1"));
    for raw in &mut working {
        assert_eq!(raw.answer().await.status(), 200);
    }
    is_served(&mut Raw::to(&bench.running).await).await;
}

#[tokio::test]
async fn unfinished_heads_have_a_bound_together() {
    let limits = Limits {
        unfinished_bytes: 100_000,
        ..Limits::default()
    };
    let bench = TestBench::limited(limits, Sample::None).await;
    let words = format!("GET / HTTP/1.1\r\nX: {}", "y".repeat(10_000));
    let flood = flood(&bench.running, [127, 0, 0, 1], 50, &words).await;
    is_served(&mut Raw::to(&bench.running).await).await;
    for mut raw in flood.into_iter().take(40) {
        raw.rest().await;
    }
}
