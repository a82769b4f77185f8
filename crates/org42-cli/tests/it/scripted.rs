//! Listings from a server that answers as a test says, so that every request can be counted.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use crate::machine::Machine;

/// Answers each request by its target, one connection after another, and remembers the targets.
pub(crate) fn server(
    answer: impl Fn(&str) -> (u16, String) + Send + 'static,
) -> (String, Arc<Mutex<Vec<String>>>) {
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

pub(crate) fn page(target: &str, pages: u32) -> Option<(u16, String)> {
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

#[test]
fn a_listing_is_the_login_and_the_pages() {
    let (url, seen) = server(|target| page(target, 3).unwrap_or((404, String::new())));
    let list = Machine::new()
        .command(&[
            "list",
            "--active",
            "-o",
            "json",
            "--url",
            &url,
            "--username",
            "a",
        ])
        .env("ORG42_PASSWORD", "b")
        .output()
        .unwrap();
    let orgs: Vec<serde_json::Value> = serde_json::from_slice(&list.stdout).unwrap();
    assert_eq!(orgs.len(), 1500);
    assert_eq!(orgs[1499]["surprise"][0], 1500, "unknown fields are kept");
    let seen = seen.lock().unwrap();
    assert!(seen[0].starts_with("/api/v3/auth/jwt"), "{seen:?}");
    let pages: Vec<&str> = seen[1..].iter().map(String::as_str).collect();
    let wanted = ["1", "2", "3"].map(|num| format!("/api/v1/Org?pgNum={num}&pgSize=500"));
    assert_eq!(pages, wanted);
}

#[test]
fn a_verb_reads_the_listing_once() {
    let (url, seen) = server(|target| {
        if target.starts_with("/api/v3/orgs/guid-7") {
            return (200, r#"{"data":{"orgId":7,"orgGuid":"guid-7"}}"#.to_owned());
        }
        page(target, 2).unwrap_or((404, String::new()))
    });
    let block = Machine::new()
        .command(&["block", "Org 7", "--yes", "--url", &url, "--username", "a"])
        .env("ORG42_PASSWORD", "b")
        .output()
        .unwrap();
    assert!(block.status.success(), "{block:?}");
    let seen = seen.lock().unwrap();
    let wanted = [
        "/api/v1/Org?pgNum=1&pgSize=500",
        "/api/v1/Org?pgNum=2&pgSize=500",
        "/api/v3/orgs/guid-7?incCounts=true",
        "/api/v3/orgs/guid-7/block",
    ];
    assert_eq!(seen[1..], wanted);
}
