//! `authority serve`, its lines, and API clients beside it.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;

use crate::machine::Machine;

#[test]
fn the_line_for_org42_runs_as_it_is_printed() {
    let machine = Machine::new();
    let served = machine.serve(&["--sample", "small"]);
    let export = served
        .lines
        .iter()
        .find(|line| line.starts_with("export ORG42_PASSWORD="))
        .unwrap();
    let line = served
        .lines
        .iter()
        .find(|line| line.ends_with("org42 tree"))
        .unwrap();
    let folder = std::path::Path::new(env!("CARGO_BIN_EXE_org42"))
        .parent()
        .unwrap();
    let run = Command::new("/bin/sh")
        .arg("-c")
        .arg(format!("{export}\n{line}"))
        .env_clear()
        .env("HOME", "/nonexistent")
        .env("PATH", folder)
        .output()
        .unwrap();
    let out = String::from_utf8(run.stdout).unwrap();
    assert!(
        out.starts_with("Northwind Group"),
        "{out} {}",
        String::from_utf8_lossy(&run.stderr)
    );
    // It is shown once.
    drop(served);
    assert!(
        machine
            .serve(&[])
            .lines
            .iter()
            .all(|line| !line.starts_with("export"))
    );
}

#[test]
fn a_command_beside_the_server_sees_and_changes_the_same_tenant() {
    let machine = Machine::new();
    let served = machine.serve(&["--sample", "none", "--admin-password", "hunter22"]);
    let data = machine.data();
    let made = machine
        .run(&[
            "authority",
            "api-client",
            "create",
            "--data",
            &data,
            "-o",
            "json",
        ])
        .json();
    let list = |id: &str, secret: &str| {
        let mut command = machine.command(&["list", "-o", "json"]);
        command
            .env("ORG42_URL", &served.url)
            .env("ORG42_API_CLIENT_ID", id)
            .env("ORG42_API_CLIENT_SECRET", secret);
        command.output().unwrap().status.code()
    };
    let (id, secret) = (
        made["clientId"].as_str().unwrap(),
        made["secret"].as_str().unwrap(),
    );
    assert_eq!((list(id, secret), list(id, "wrong")), (Some(0), Some(4)));
    let listed = machine.run(&[
        "authority",
        "api-client",
        "list",
        "--data",
        &data,
        "-o",
        "json",
    ]);
    assert!(!listed.out.contains(secret) && listed.json()[0]["revoked"] == false);
    machine.run(&["authority", "api-client", "revoke", id, "--data", &data]);
    assert_eq!(list(id, secret), Some(4));
}

#[test]
fn a_wrong_password_and_a_missing_one_exit_with_4() {
    let machine = Machine::new();
    let served = machine.serve(&["--sample", "none", "--admin-password", "other password"]);
    let wrong = machine.run_at(&served, &["list"]);
    assert_eq!((wrong.code, wrong.out.as_str()), (4, ""));
    assert!(!wrong.err.contains("hunter22"), "{}", wrong.err);
    let missing = machine
        .command(&[
            "list",
            "--url",
            &served.url,
            "--username",
            "admin@example.com",
        ])
        .output()
        .unwrap();
    assert_eq!(missing.status.code(), Some(4));
    let nowhere = machine
        .command(&["list", "--username", "admin@example.com"])
        .output()
        .unwrap();
    assert_eq!(nowhere.status.code(), Some(2));
    let unreachable = machine
        .command(&["list", "--url", "http://127.0.0.1:1", "--username", "a"])
        .env("ORG42_PASSWORD", "b")
        .output()
        .unwrap();
    assert_eq!(unreachable.status.code(), Some(7));
}

/// A server of 600 organizations whose second page fails. Counts the requests.
fn failing_second_page() -> (String, std::sync::Arc<std::sync::Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let log = std::sync::Arc::clone(&seen);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = [0; 4096];
            let read = stream.read(&mut head).unwrap_or(0);
            let line = String::from_utf8_lossy(&head[..read])
                .lines()
                .next()
                .unwrap_or_default()
                .to_owned();
            let orgs: Vec<String> = (1..=500)
                .map(|id| format!(r#"{{"orgId":{id},"orgName":"Org {id}"}}"#))
                .collect();
            let (status, body) = match &line {
                line if line.contains("auth/jwt") => {
                    (200, r#"{"data":{"v3_user_token":"a.b.c"}}"#.to_owned())
                }
                line if line.contains("pgNum=1&") => (
                    200,
                    format!(
                        r#"{{"data":{{"totalCount":600,"orgs":[{}]}}}}"#,
                        orgs.join(",")
                    ),
                ),
                _ => (403, "[]".to_owned()),
            };
            log.lock().unwrap().push(line);
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            );
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    (url, seen)
}

#[test]
fn a_later_page_that_fails_leaves_no_document_and_a_listing_sends_login_and_pages_only() {
    let machine = Machine::new();
    for form in ["json", "jsonl", "csv", "table"] {
        let (url, seen) = failing_second_page();
        let run = machine
            .command(&["list", "-o", form, "--url", &url, "--username", "a"])
            .env("ORG42_PASSWORD", "b")
            .output()
            .unwrap();
        assert_eq!(
            (run.status.code(), run.stdout.len()),
            (Some(4), 0),
            "{form}"
        );
        let seen = seen.lock().unwrap();
        assert_eq!(seen.len(), 3, "{seen:?}");
        assert!(
            seen[0].contains("/auth/jwt")
                && seen[1].contains("pgNum=1&")
                && seen[2].contains("pgNum=2&")
        );
    }
}
