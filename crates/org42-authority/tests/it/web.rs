//! Web pages of elsewhere: names that they made point here, and requests that they send.

use std::net::SocketAddr;

use org42_authority::{Authority, DEFAULT_ADMIN, Door, Fidelity, Sample};

use crate::testbench::{TestBench, options};
use org42_test::raw_client::{Came, Raw};

/// Asks with these lines for a head, behind the request's own.
async fn ask(bench: &TestBench, line: &str, more: &[&str]) -> Came {
    let mut raw = Raw::to(&bench.running).await;
    let mut lines = vec![line, "Connection: close"];
    lines.extend(more);
    raw.send(&format!("{}\r\n\r\n", lines.join("\r\n"))).await;
    raw.rest().await
}

const ASKED: &str = "GET /api/v3/LoginConfiguration HTTP/1.1";

fn port(bench: &TestBench) -> String {
    bench.running.url().rsplit(':').next().unwrap().to_owned()
}

#[tokio::test]
async fn requests_name_this_machine() {
    let bench = TestBench::new().await;
    for host in [
        "localhost",
        "localhost:4200",
        "LOCALHOST.:1",
        "tenant.localhost",
        "127.0.0.1",
        "127.0.0.1:80",
        "127.1.2.3:80",
        "[::1]:4200",
        "[::ffff:127.0.0.1]",
    ] {
        let came = ask(&bench, ASKED, &[&format!("Host: {host}")]).await;
        assert_eq!(came.status(), 200, "{host}: {came:?}");
    }
    for host in [
        "",
        "evil.example",
        "evil.example:4200",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "evil-localhost",
        "localhost@evil.example",
        "evil.example@localhost",
        "localhost:80@evil.example",
        "[::1]evil.example",
        "[::2]",
        "0.0.0.0:4200",
        "192.168.1.1",
        "10.0.0.1:4200",
        "2130706433",
        "127.1",
        "localhost:",
        "localhost:99999",
        "localhost, evil.example",
        "http://localhost",
        "localhost\u{e4}",
        ".localhost",
    ] {
        for line in [
            ASKED,
            "GET /nowhere HTTP/1.1",
            "POST /_authority/reset HTTP/1.1",
            "OPTIONS * HTTP/1.1",
            "HEAD / HTTP/1.1",
        ] {
            let forwarded = "X-Forwarded-Host: localhost";
            let came = ask(&bench, line, &[&format!("Host: {host}"), forwarded]).await;
            assert_eq!(came.status(), 421, "{line} {host}: {came:?}");
        }
        let came = ask(&bench, ASKED, &[&format!("Host: {host}")]).await;
        came.assert_refusal(421);
        let is_reflected = came.text.contains("evil") || came.text.contains("192.168");
        assert!(!is_reflected, "{came:?}");
    }
    // What is refused is not even noted.
    let noted = bench.bench("GET", "requests", "").await;
    assert!(!noted.text.contains("nowhere"), "{}", noted.text);
}

#[tokio::test]
async fn requests_name_one_host_and_the_same_everywhere() {
    let bench = TestBench::new().await;
    let port = port(&bench);
    let own = format!("GET http://127.0.0.1:{port}/api/v3/LoginConfiguration HTTP/1.1");
    let host = format!("Host: 127.0.0.1:{port}");
    assert_eq!(ask(&bench, &own, &[&host]).await.status(), 200);
    let refused: &[(&str, &[&str])] = &[
        (ASKED, &[]),
        ("GET /api/v3/LoginConfiguration HTTP/1.0", &[]),
        (ASKED, &["Host: localhost", "Host: localhost"]),
        (ASKED, &["Host: localhost", "Host: evil.example"]),
        ("GET http://evil.example/ HTTP/1.1", &["Host: localhost"]),
        ("GET http://evil.example/ HTTP/1.1", &["Host: evil.example"]),
        ("GET http://localhost:1/ HTTP/1.1", &["Host: localhost"]),
        ("GET http://a@localhost/ HTTP/1.1", &["Host: localhost"]),
        ("GET https://localhost/ HTTP/1.1", &["Host: localhost"]),
        ("GET ftp://localhost/ HTTP/1.1", &["Host: localhost"]),
        ("CONNECT evil.example:80 HTTP/1.1", &["Host: localhost"]),
    ];
    for (line, more) in refused {
        let came = ask(&bench, line, more).await;
        assert_eq!(came.status(), 421, "{line} {more:?}: {came:?}");
    }
}

#[tokio::test]
async fn other_names_are_allowed_by_name() {
    let (options, clock) = options(Fidelity::default(), 7);
    let authority = Authority::in_memory(Sample::None, DEFAULT_ADMIN, options).unwrap();
    let address: SocketAddr = ([127, 0, 0, 1], 0).into();
    let door = Door::at(address)
        .allow_host("Org42.Example.com".parse().unwrap())
        .allow_host("192.0.2.1:8443".parse().unwrap());
    let bench = TestBench::behind(door, authority, clock).await;
    for (host, status) in [
        ("org42.example.com", 200),
        ("ORG42.example.com.:9", 200),
        ("192.0.2.1:8443", 200),
        ("192.0.2.1", 421),
        ("192.0.2.1:8444", 421),
        ("a.org42.example.com", 421),
        ("org42.example.com.evil.example", 421),
        ("localhost", 200),
    ] {
        let came = ask(&bench, ASKED, &[&format!("Host: {host}")]).await;
        assert_eq!(came.status(), status, "{host}: {came:?}");
    }
}

#[tokio::test]
async fn pages_of_elsewhere_are_refused_whatever_they_send() {
    let bench = TestBench::new().await;
    let port = port(&bench);
    let host = format!("Host: localhost:{port}");
    let own = format!("Origin: http://localhost:{port}");
    let with_name = format!("Origin: http://a@localhost:{port}");
    let encrypted = format!("Origin: https://localhost:{port}");
    let other_name = format!("Origin: http://127.0.0.1:{port}");
    let path = format!("Origin: http://localhost:{port}/");
    let fine: &[&[&str]] = &[
        &[],
        &[&own],
        &[&own, "Sec-Fetch-Site: same-origin"],
        &["Sec-Fetch-Site: none"],
        &["Referer: http://evil.example/"],
    ];
    for more in fine {
        let lines = [&[host.as_str()][..], more].concat();
        assert_eq!(ask(&bench, ASKED, &lines).await.status(), 200, "{more:?}");
    }
    let refused: &[&[&str]] = &[
        &["Origin: http://evil.example"],
        &["Origin: null"],
        &["Origin: "],
        &["Origin: http://localhost"],
        &["Origin: http://localhost:1"],
        &["Origin: file://"],
        &["Origin: chrome-extension://abcdef"],
        &[&encrypted],
        &[&other_name],
        &[&with_name],
        &[&path],
        &[&own, "Origin: http://evil.example"],
        &[&own, &own],
        &["Sec-Fetch-Site: cross-site"],
        &["Sec-Fetch-Site: same-site"],
        &["Sec-Fetch-Site: CROSS-SITE"],
        &["Sec-Fetch-Site: anything"],
        &["Sec-Fetch-Site: none", "Sec-Fetch-Site: cross-site"],
        &[&own, "Sec-Fetch-Site: cross-site"],
        &["Access-Control-Request-Method: POST"],
    ];
    for more in refused {
        for line in [
            ASKED,
            "POST /_authority/reset HTTP/1.1",
            "OPTIONS /_authority/reset HTTP/1.1",
            "GET /nowhere HTTP/1.1",
        ] {
            let lines = [&[host.as_str()][..], more].concat();
            let came = ask(&bench, line, &lines).await;
            came.assert_refusal(403);
            assert!(
                !came.text.to_lowercase().contains("access-control"),
                "{came:?}"
            );
            assert!(!came.text.contains("evil"), "{came:?}");
        }
    }
}

#[tokio::test]
async fn a_page_of_elsewhere_resets_nothing_even_with_credentials() {
    let bench = TestBench::new().await;
    bench.create_org(None, "Paris").await;
    let authorization = format!("Authorization: {}", bench.bearer());
    for more in ["Origin: http://evil.example", "Sec-Fetch-Site: cross-site"] {
        let line = "POST /_authority/reset HTTP/1.1";
        let lines = ["Host: localhost", &authorization, more];
        assert_eq!(ask(&bench, line, &lines).await.status(), 403);
    }
    assert_eq!(bench.get("/api/v1/Org").await.data()["totalCount"], 2);
}
