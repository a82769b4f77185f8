//! How much memory a served tenant takes, whatever is asked of it.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::thread;

use crate::machine::{Machine, Served};

/// In KiB.
const MOST: u64 = 128 * 1024;

/// Sends one request on a connection of its own; gives the whole answer.
fn exchange(served: &Served, line: &str, headers: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(served.url.strip_prefix("http://").unwrap()).unwrap();
    let length = body.len();
    let head = format!(
        "{line} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n"
    );
    // Whoever answers before everything is sent may close early.
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(body.as_bytes());
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

fn bearer(served: &Served) -> String {
    // admin@example.com:hunter22
    let basic = "Authorization: Basic YWRtaW5AZXhhbXBsZS5jb206aHVudGVyMjI=\r\n";
    let answer = exchange(served, "GET /api/v3/auth/jwt?useBody=true", basic, "");
    let (_, token) = answer.split_once("v3_user_token\":\"").unwrap();
    let token = token.split('"').next().unwrap();
    format!("Authorization: Bearer {token}\r\n")
}

/// Does something on many connections at once.
fn together(count: usize, act: impl Fn(usize) + Sync) {
    thread::scope(|scope| {
        for number in 0..count {
            let act = &act;
            scope.spawn(move || act(number));
        }
    });
}

#[test]
fn strangers_fill_no_memory_and_neither_does_reading_what_they_sent() {
    let machine = Machine::new();
    let served = machine.serving("none");
    let bearer = bearer(&served);
    let body = |length: usize| format!("[{}0]", r#"{"":0},"#.repeat(length / 7));
    let (long, short) = (body(60_000), body(16_000));
    let line = format!("GET /api/v1/Org?{}", "a&".repeat(30_000));
    together(20, |_| {
        for _ in 0..55 {
            exchange(&served, "POST /api/v1/Org", "", &long);
        }
        for _ in 0..10 {
            exchange(&served, "POST /_authority/agent/login", "", &long);
            exchange(&served, "POST /api/v1/Org", "", &short);
            exchange(&served, &line, "", "");
        }
    });
    together(5, |_| {
        let log = exchange(&served, "GET /_authority/requests", &bearer, "");
        assert!(log.contains("\"requests\":["), "{}", &log[..200]);
    });
    let huge = " ".repeat(2_000_000);
    together(100, |_| {
        exchange(&served, "POST /api/v1/Org", "", &huge);
    });
    let peak = served.peak_memory();
    assert!(peak < MOST, "{peak} KiB");
}

#[test]
fn no_list_of_a_large_tenant_fills_the_memory() {
    let machine = Machine::new();
    let served = machine.serving("5000");
    let bearer = bearer(&served);
    for path in [
        "/api/v1/Org?q=Organization&pgSize=1000&srtKey=orgName",
        "/api/v1/Org?pgSize=1000&incCounts=true",
        "/api/v1/User?q=example&active=true&pgSize=1000",
        "/api/v1/Archive?pgSize=1000&srtDir=desc",
        "/v1/orgs",
    ] {
        together(8, |_| {
            let answer = exchange(&served, &format!("GET {path}"), &bearer, "");
            assert!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer}");
        });
    }
    let peak = served.peak_memory();
    assert!(peak < MOST, "{peak} KiB");
}
