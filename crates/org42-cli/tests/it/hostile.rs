//! A server that wants to fill the memory of its clients.
#![cfg(target_os = "linux")]

use std::io::Write as _;
use std::net::TcpStream;
use std::sync::OnceLock;

use crate::machine::{Machine, Run};
use crate::watched::{MOST, Watched, watched};
use org42_test::raw_server::{Raw, gzip, page_of, send, send_with};

/// Runs the binary against a server, as a person with a password.
fn run(url: &str, words: &[&str]) -> Watched {
    let machine = Machine::new();
    let copy = machine.data();
    let words: Vec<&str> = words
        .iter()
        .map(|word| if *word == "COPY" { &copy } else { *word })
        .collect();
    let mut command = machine.command(&[&words[..], &["--url", url, "--username", "a"]].concat());
    command.env("ORG42_PASSWORD", "hunter22");
    watched(command)
}

/// Runs the binary, which must fail, say so, and stay small.
fn ends(url: &str, words: &[&str], says: &str) {
    let run = run(url, words);
    assert!(run.peak < MOST, "{words:?}: {run:?}");
    assert!(run.code.is_some_and(|code| code != 0), "{words:?}: {run:?}");
    assert!(
        run.err.contains(says) && run.err.len() < 4000,
        "{words:?}: {run:?}"
    );
}

/// 4 MB of small objects, which take 400 MB, packed into little.
fn bomb(before: &str, after: &str) -> Vec<u8> {
    let objects = r#"{"":0},"#.repeat(600_000);
    gzip(&[
        before.as_bytes(),
        b"[",
        objects.as_bytes(),
        b"0]",
        after.as_bytes(),
    ])
}

const ORG: &str = r#""orgId":1,"orgGuid":"guid-1","orgName":"Org 1""#;

fn plain_bomb() -> &'static [u8] {
    static BOMB: OnceLock<Vec<u8>> = OnceLock::new();
    BOMB.get_or_init(|| bomb("", ""))
}

fn packed(stream: &mut TcpStream, status: u16, body: &[u8]) {
    send_with(stream, status, "Content-Encoding: gzip\r\n", body);
}

#[test]
fn an_answer_that_would_fill_the_memory_is_not_built_whatever_its_status() {
    for (status, says) in [(200, "200"), (500, "500"), (401, "401"), (403, "403")] {
        let server = Raw::start(move |_, stream| packed(stream, status, plain_bomb()));
        ends(&server.url, &["list"], says);
    }
}

#[test]
fn a_token_that_would_fill_the_memory_is_not_built() {
    for (status, says) in [(200, "with more than 262144 bytes"), (401, "401")] {
        let server = Raw::with_logins(move |_, stream| packed(stream, status, plain_bomb()));
        ends(&server.url, &["list"], says);
    }
}

#[test]
fn one_organization_with_such_a_field_is_enough_for_no_command() {
    let row = bomb(
        &format!(r#"{{"data":{{"totalCount":1,"orgs":[{{{ORG},"x":"#),
        "}]}}",
    );
    let server = Raw::start(move |_, stream| packed(stream, 200, &row));
    for words in [
        &["list"][..],
        &["tree"],
        &["show", "1"],
        &["list", "-o", "json"],
    ] {
        ends(&server.url, words, "in memory");
    }
    let document = bomb(&format!(r#"{{"data":{{{ORG},"x":"#), "}}");
    let server = Raw::start(move |head, stream| match page_of(head) {
        Some(_) => {
            let one = format!(r#"{{"data":{{"totalCount":1,"orgs":[{{{ORG}}}]}}}}"#);
            send(stream, 200, one.as_bytes());
        }
        None => packed(stream, 200, &document),
    });
    for words in [
        &["show", "1"][..],
        &["settings", "show", "1"],
        &["whoami"],
        &["block", "1", "--yes"],
        &["pull", "--into", "COPY"],
    ] {
        ends(&server.url, words, "in memory");
    }
}

/// Page after page of organizations that were never seen before.
fn endless(count: impl Fn(u64) -> String + Send + Sync + 'static, notes: usize) -> Raw {
    Raw::start(move |head, stream| {
        let Some(page) = page_of(head) else {
            return send(stream, 404, b"");
        };
        let notes = "x".repeat(notes);
        let org = |id: u64| {
            format!(
                r#"{{"orgId":{id},"orgGuid":"guid-{id}","orgName":"Org {id}","notes":"{notes}"}}"#
            )
        };
        let orgs: Vec<String> = (1..=500).map(|row| org((page - 1) * 500 + row)).collect();
        let body = format!(
            r#"{{"data":{{{}"orgs":[{}]}}}}"#,
            count(page),
            orgs.join(",")
        );
        send(stream, 200, body.as_bytes());
    })
}

#[test]
fn a_listing_without_end_ends() {
    let growing = endless(|page| format!(r#""totalCount":{},"#, page * 500 + 500), 10);
    ends(&growing.url, &["list"], "goes on");
    assert!(growing.heads().len() < 12, "{}", growing.heads().len());
    let huge = endless(|_| r#""totalCount":1000000000000,"#.to_owned(), 10);
    ends(&huge.url, &["list"], "1000000000000");
    assert_eq!(huge.heads().len(), 2, "the login, and one page");
    // What is written as it comes takes no memory; what is a tree does.
    let uncounted = endless(|_| String::new(), 8000);
    ends(&uncounted.url, &["tree"], "in memory");
    // Each is as large as a page may be, and there are as many as were counted.
    let large = endless(|_| r#""totalCount":5000,"#.to_owned(), 30_000);
    ends(&large.url, &["tree"], "in memory");
    // The count is the server's to choose, so it pays for nothing that has not come.
    for notes in [20_000, 45_000] {
        let counted = endless(|_| r#""totalCount":1000000,"#.to_owned(), notes);
        ends(&counted.url, &["tree"], "in memory");
    }
}

#[test]
fn a_copy_takes_no_more_than_what_has_come_is_worth_whatever_is_counted() {
    let server = Raw::start(|head, stream| {
        let Some(page) = page_of(head).filter(|_| head.contains("/User")) else {
            let one = format!(r#"{{"data":{{{ORG},"totalCount":1,"orgs":[{{{ORG}}}]}}}}"#);
            return send(stream, 200, one.as_bytes());
        };
        let notes = "x".repeat(8000);
        let user = |id: u64| format!(r#"{{"userId":{id},"username":"{id}","notes":"{notes}"}}"#);
        let users: Vec<String> = (1..=1000).map(|row| user(page * 1000 + row)).collect();
        let users = users.join(",");
        let body = format!(r#"{{"data":{{"totalCount":9000000,"users":[{users}]}}}}"#);
        send(stream, 200, body.as_bytes());
    });
    ends(&server.url, &["pull", "--into", "COPY"], "in memory");
}

#[test]
fn one_long_name_does_not_make_every_line_of_a_table_as_long() {
    let server = Raw::start(|_, stream| {
        let name = "x".repeat(2_000_000);
        let rows: Vec<String> = (1..=20)
            .map(|id| match id {
                1 => format!(r#"{{"orgId":1,"orgName":"{name}"}}"#),
                _ => format!(r#"{{"orgId":{id},"orgName":"Org {id}"}}"#),
            })
            .collect();
        let rows = rows.join(",");
        let body = format!(r#"{{"data":{{"totalCount":20,"orgs":[{rows}]}}}}"#);
        send(stream, 200, body.as_bytes());
    });
    for (form, is_whole) in [
        ("table", false),
        ("wide", false),
        ("json", true),
        ("jsonl", true),
        ("csv", true),
    ] {
        let machine = Machine::new();
        let words = ["list", "-o", form, "--url", &server.url, "--username", "a"];
        let mut command = machine.command(&words);
        let run = Run::of(command.env("ORG42_PASSWORD", "hunter22").output().unwrap());
        assert_eq!(run.code, 0, "{}", run.err);
        match is_whole {
            true => assert!(run.out.len() > 2_000_000, "{form}: {}", run.out.len()),
            false => {
                assert!(run.out.len() < 10_000, "{form}: {}", run.out.len());
                assert!(run.out.contains("xxx…"), "{form}: {}", run.out);
            }
        }
    }
    for form in ["table", "wide"] {
        let run = self::run(&server.url, &["list", "-o", form]);
        assert!(run.peak < MOST && run.code == Some(0), "{form}: {run:?}");
    }
}

#[test]
fn a_body_without_end_is_not_read_to_its_end() {
    let server = Raw::start(|_, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 X\r\nConnection: close\r\n\r\n\"");
        let chunk = vec![b'x'; 1 << 16];
        while stream.write_all(&chunk).is_ok() {}
    });
    ends(&server.url, &["list"], "bytes");
    ends(&server.url, &["whoami"], "with more than 8388608 bytes");
}

#[test]
fn what_nobody_asked_for_is_told() {
    let twice = gzip(&[&gzip(&[b"{}"])]);
    for (packing, says) in [
        ("br", "packed as br,"),
        ("deflate", "packed as deflate,"),
        ("gzip", "not with JSON"),
    ] {
        let header = format!("Content-Encoding: {packing}\r\n");
        let body = twice.clone();
        let server = Raw::start(move |_, stream| send_with(stream, 200, &header, &body));
        ends(&server.url, &["list"], says);
    }
}

fn at_gateway(rows: &'static str, count: usize) -> Watched {
    let server = Raw::with_logins(move |head, stream| match head.contains("/v1/oauth") {
        true => {
            let token = br#"{"access_token":"a.b.c","token_type":"bearer","expires_in":900}"#;
            send(stream, 200, token);
        }
        false => {
            let rows: Vec<String> = (0..count)
                .map(|row| rows.replace('#', &row.to_string()))
                .collect();
            let body = format!(r#"{{"orgs":[{}],"totalCount":{count}}}"#, rows.join(","));
            send(stream, 200, body.as_bytes());
        }
    });
    let machine = Machine::new();
    let mut command = machine.command(&[
        "list",
        "-o",
        "ids",
        "--url",
        &server.url,
        "--flavor",
        "gateway",
    ]);
    command
        .env("ORG42_API_CLIENT_ID", "key-42-x")
        .env("ORG42_API_CLIENT_SECRET", "s3cret");
    watched(command)
}

#[test]
fn a_gateway_s_whole_listing_is_read_and_one_made_to_fill_the_memory_is_not() {
    let run = at_gateway(
        r##"{"orgGuid":"0a1b2c3d-0000-4000-8000-#","orgName":"Organization #","orgExtRef":null,"notes":null,"parentOrgGuid":"0a1b2c3d","active":true,"creationDate":"2021-05-19T10:10:43.459Z","modificationDate":"2021-05-20T14:43:42.276Z","orgUid":"100775945496190-#"}"##,
        20_000,
    );
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.peak < MOST, "{run:?}");
    let run = at_gateway(r##"{"orgGuid":"#"}"##, 400_000);
    assert!(run.peak < MOST && run.err.contains("in memory"), "{run:?}");
}

#[test]
fn organizations_in_a_circle_are_walked_once() {
    let server = Raw::start(|_, stream| {
        let orgs = r#"{"data":{"totalCount":3,"orgs":[{"orgId":1,"orgName":"A","parentOrgId":2},
            {"orgId":2,"orgName":"B","parentOrgId":1},{"orgId":3,"orgName":"C","parentOrgId":3}]}}"#;
        send(stream, 200, orgs.as_bytes());
    });
    for words in [
        &["tree"][..],
        &["tree", "1"],
        &["tree", "1", "-o", "ids"],
        &["tree", "3"],
    ] {
        let run = run(&server.url, words);
        assert_eq!(run.code, Some(0), "{words:?}: {run:?}");
    }
}

#[test]
fn a_thousand_organizations_of_one_name_in_a_circle_are_not_all_named() {
    let server = Raw::start(|head, stream| {
        if page_of(head).is_none() {
            return send(stream, 404, b"");
        }
        let org = |id: u32| {
            let parent = id % 1000 + 1;
            format!(
                r#"{{"orgId":{id},"orgGuid":"guid-{id}","parentOrgId":{parent},"orgName":"Same"}}"#
            )
        };
        let orgs: Vec<String> = (1..=1000).map(org).collect();
        let orgs = orgs.join(",");
        let body = format!(r#"{{"data":{{"totalCount":1000,"orgs":[{orgs}]}}}}"#);
        send(stream, 200, body.as_bytes());
    });
    for words in [
        &["show", "Same"][..],
        &["tree", "Same"],
        &["block", "Same", "--yes"],
        &["settings", "set", "Same", "archive_hold_days=1", "-r", "-y"],
    ] {
        ends(&server.url, words, "\n  …and 980 more");
        let run = run(&server.url, words);
        assert_eq!(run.code, Some(3), "{run:?}");
        let named = run.err.lines().filter(|line| line.contains("Same/Same"));
        assert_eq!(named.count(), 20, "{run:?}");
    }
}
