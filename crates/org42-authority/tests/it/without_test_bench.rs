//! An authority that is served without its test bench.

use org42_authority::{Authority, DEFAULT_ADMIN, Fidelity, Options, Sample};
use org42_types::endpoints::{ALL, authority};

use crate::testbench::{TestBench, options};

impl TestBench {
    async fn bare(fidelity: Fidelity) -> Self {
        let (options, clock) = options(fidelity, 7);
        let options = Options {
            test_bench: false,
            ..options
        };
        let authority = Authority::in_memory(Sample::None, DEFAULT_ADMIN, options).unwrap();
        Self::over(authority, clock).await
    }
}

#[tokio::test]
async fn the_routes_of_the_test_bench_are_unknown_and_all_others_are_served() {
    let bench = TestBench::bare(Fidelity::default()).await;
    let served = bench.running.authority().served();
    for endpoint in ALL.iter().chain(authority::ALL) {
        let is_of_the_bench = authority::TEST_BENCH.contains(endpoint);
        assert_eq!(served.contains(endpoint), !is_of_the_bench, "{endpoint}");
    }
    let document = bench.get("/_authority/openapi.json").await.json();
    let paths = document["paths"].as_object().unwrap();
    assert!(paths.contains_key("/api/v3/orgs"));
    for endpoint in authority::TEST_BENCH {
        assert!(!paths.contains_key(endpoint.route), "{endpoint}");
        let method = endpoint.method.as_str();
        let unknown = bench.bench(method, "nowhere", "{}").await;
        let got = bench.ask(&endpoint.to_string(), "{}").await;
        assert_eq!((got.status, &got.text), (404, &unknown.text), "{endpoint}");
    }
}

#[tokio::test]
async fn requests_are_answered_by_the_given_clock() {
    let bench = TestBench::bare(Fidelity::default()).await;
    bench.clock.advance_millis(60_000);
    let org = bench.create_org(None, "Paris").await;
    let created = org["creationDate"].as_str().unwrap();
    assert!(created.contains("12:01:00"), "{created}");
    bench.family().await;
    assert_eq!(bench.get("/api/v1/Org").await.status, 200);
    bench.clock.advance_millis(30 * 60_000);
    assert_eq!(
        bench.get("/api/v1/Org").await.status,
        401,
        "the session is over"
    );
}

#[tokio::test]
async fn what_is_not_let_in_is_declined_as_with_a_test_bench() {
    let fidelity = Fidelity {
        requests_per_minute: 4,
        ..Fidelity::default()
    };
    let bench = TestBench::bare(fidelity).await;
    let long = " ".repeat(300 * 1024);
    assert_eq!(bench.ask("POST /api/v3/orgs", &long).await.status, 413);
    let query = format!("/api/v1/Org?{}", "a=1&".repeat(15_000));
    assert_eq!(bench.get(&query).await.status, 414);
    assert_eq!(bench.get("/api/v1/Org").await.status, 200);
    let fifth = bench.get("/api/v1/Org").await;
    assert_eq!((fifth.status, fifth.header("retry-after")), (429, "60"));
}
