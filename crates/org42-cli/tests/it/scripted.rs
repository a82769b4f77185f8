//! Listings from a server that answers as a test says, so that every request can be counted.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use crate::program::{Home, Ran, finish};

const PASSWORD: &str = "correct-horse-battery";

/// Answers each request by its target, one connection after another, and remembers the targets.
fn server(answer: fn(&str) -> (u16, String)) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let seen = Arc::new(Mutex::new(Vec::new()));
    let remembered = seen.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let Some(Ok(first)) = lines.next() else {
                continue;
            };
            let target = first.split(' ').nth(1).unwrap().to_owned();
            // There is no body to read: signing in and listing are GETs.
            while lines
                .next()
                .is_some_and(|line| line.is_ok_and(|line| !line.is_empty()))
            {}
            let (status, body) = answer(&target);
            remembered.lock().unwrap().push(target);
            let _ = write!(
                stream,
                "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
        }
    });
    (url, seen)
}

fn page(target: &str, pages: u32) -> Option<(u16, String)> {
    if target.starts_with("/api/v3/auth/jwt") {
        let token = r#"{"data":{"v3_user_token":"aaaa.bbbb.cccc"}}"#;
        return Some((200, token.to_owned()));
    }
    let number: u32 = target
        .split("pgNum=")
        .nth(1)?
        .split('&')
        .next()?
        .parse()
        .ok()?;
    let org = |id: u32| {
        format!(
            r#"{{"orgId":{id},"orgGuid":"guid-{id}","orgName":"Org {id}","active":true,"surprise":[{id}]}}"#
        )
    };
    let orgs: Vec<String> = (1..=500).map(|i| org((number - 1) * 500 + i)).collect();
    let total = pages * 500;
    Some((
        200,
        format!(
            r#"{{"data":{{"totalCount":{total},"orgs":[{}]}}}}"#,
            orgs.join(",")
        ),
    ))
}

fn list(url: &str, words: &[&str]) -> Ran {
    let home = Home::new();
    let mut command = home.command(words);
    command
        .env("ORG42_URL", url)
        .env("ORG42_USERNAME", "admin@example.com")
        .env("ORG42_PASSWORD", PASSWORD);
    finish(command)
}

#[test]
fn a_listing_is_the_login_and_the_pages() {
    let (url, seen) = server(|target| page(target, 3).unwrap_or((404, String::new())));
    let ran = list(&url, &["list", "--active", "-o", "json"]);
    let orgs: Vec<serde_json::Value> = serde_json::from_str(&ran.ok()).unwrap();
    assert_eq!(orgs.len(), 1500);
    assert_eq!(orgs[1499]["surprise"][0], 1500, "unknown fields are kept");
    let seen = seen.lock().unwrap();
    assert!(seen[0].starts_with("/api/v3/auth/jwt"), "{seen:?}");
    let pages: Vec<&str> = seen[1..].iter().map(String::as_str).collect();
    let wanted = ["1", "2", "3"].map(|num| format!("/api/v1/Org?pgNum={num}&pgSize=500"));
    assert_eq!(pages, wanted);
}

#[test]
fn when_a_later_page_fails_there_is_no_document() {
    let (url, _) = server(|target| match page(target, 3) {
        Some(answer) if !target.contains("pgNum=2") => answer,
        _ => (
            500,
            r#"[{"name":"SYSTEM","description":"out of order"}]"#.to_owned(),
        ),
    });
    for format in ["json", "jsonl", "csv", "table", "ids", "tree"] {
        let ran = list(&url, &["list", "-o", format]);
        assert_eq!(
            (ran.code, ran.out.as_str()),
            (Some(1), ""),
            "{format}: {}",
            ran.err
        );
        assert!(ran.err.contains("out of order"), "{}", ran.err);
        assert!(
            !ran.err.contains(PASSWORD) && !ran.err.contains("aaaa.bbbb"),
            "{}",
            ran.err
        );
    }
}

#[test]
fn a_wrong_password_is_exit_4_and_an_unreachable_host_7() {
    let (url, seen) = server(|_| (401, String::new()));
    let ran = list(&url, &["list"]);
    assert_eq!(ran.code, Some(4), "{ran:?}");
    assert_eq!(seen.lock().unwrap().len(), 1, "asked once");
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let ran = list(&url, &["list"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(7), ""), "{ran:?}");
}

#[test]
fn without_a_password_or_a_tenant_nothing_is_tried() {
    let home = Home::new();
    let ran = home.run(&[
        "list",
        "--username",
        "me@example.com",
        "--url",
        "http://127.0.0.1:1",
    ]);
    assert_eq!(ran.code, Some(4), "{ran:?}");
    assert!(ran.err.contains("ORG42_PASSWORD"), "{}", ran.err);
    let ran = home.run(&["list", "--username", "me@example.com"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.err.contains("ORG42_URL"), "{}", ran.err);
}
