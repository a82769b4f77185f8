//! `authority serve`, its lines, and API clients beside it.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;

use crate::machine::{Machine, Served};

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
    let served = machine.serving("none");
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
fn a_later_page_that_fails_leaves_no_whole_document_and_a_listing_sends_login_and_pages_only() {
    let machine = Machine::new();
    for form in ["json", "jsonl", "csv", "table"] {
        let (url, seen) = failing_second_page();
        let run = machine
            .command(&["list", "-o", form, "--url", &url, "--username", "a"])
            .env("ORG42_PASSWORD", "b")
            .output()
            .unwrap();
        assert_eq!(run.status.code(), Some(4), "{form}");
        // What came is written, but neither a table, whose columns have no width yet, nor what reads as all of it.
        let text = String::from_utf8(run.stdout).unwrap();
        let lines = text.lines().count();
        match form {
            "jsonl" => assert_eq!(lines, 500),
            "csv" => assert_eq!(lines, 501),
            "table" => assert_eq!(text, ""),
            _ => assert!(text.starts_with("[\n") && !text.ends_with("]\n"), "{text}"),
        }
        let seen = seen.lock().unwrap();
        assert_eq!(seen.len(), 3, "{seen:?}");
        assert!(
            seen[0].contains("/auth/jwt")
                && seen[1].contains("pgNum=1&")
                && seen[2].contains("pgNum=2&")
        );
    }
}

#[test]
fn names_and_passwords_of_any_kind_are_quoted() {
    let machine = Machine::new();
    let password = "it's a \"long\" $ecret";
    let file = machine.data() + ".password";
    std::fs::write(&file, format!("{password}\n")).unwrap();
    let words = [
        "--sample",
        "none",
        "--admin-username",
        "o'hara",
        "--admin-password-file",
        &file,
    ];
    let served = machine.serve(&words);
    assert!(!served.lines.join("\n").contains("$ecret"));
    let folder = std::path::Path::new(env!("CARGO_BIN_EXE_org42"))
        .parent()
        .unwrap();
    let shell = |line: &str, before: &str| {
        let run = Command::new("/bin/sh")
            .args(["-c", &format!("{before}\n{line}")])
            .env_clear()
            .env("PATH", folder)
            .env("HOME", "/nonexistent")
            .env("ORG42_PASSWORD", password)
            .output();
        String::from_utf8(run.unwrap().stdout).unwrap()
    };
    let tree = shell(served.lines.last().unwrap(), "");
    assert_eq!(tree.lines().count(), 1, "{tree}");
    // What Python is given is one word.
    let python: Vec<&String> = served
        .lines
        .iter()
        .filter(|line| line.starts_with("python3"))
        .collect();
    assert_eq!(python.len(), 2);
    for line in python {
        let given = shell(line, "python3() { printf '%s %s' $# \"$2\"; }");
        assert!(
            given.starts_with("2 import os, ") && given.contains("\"o'hara\""),
            "{given}"
        );
    }
}

#[test]
fn a_command_without_a_url_is_whoever_administers_the_default_tenant() {
    let machine = Machine::new();
    let serve = [
        "authority",
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--sample",
        "none",
    ];
    let words = [&serve[..], &["--admin-username", "root@example.org"]].concat();
    let served = Served::start(machine.command(&words));
    assert_eq!(machine.json(&["whoami"])["username"], "root@example.org");
    drop(served);
    assert_eq!(machine.ok(&["list", "-o", "ids"]).lines().count(), 1);
}

#[test]
fn a_signal_ends_it_well() {
    let machine = Machine::new();
    for signal in ["-INT", "-TERM"] {
        let mut served = machine.serve(&["--sample", "none"]);
        assert_eq!(served.end(signal), Some(0), "{signal}");
    }
}

#[test]
fn an_address_in_use_is_an_error() {
    let machine = Machine::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let run = machine.run(&[
        "authority",
        "serve",
        "--sample",
        "none",
        "--listen",
        &address,
    ]);
    assert_eq!((run.code, run.out.as_str()), (1, ""), "{run:?}");
    assert!(run.err.contains(&address), "{}", run.err);
    assert_eq!(
        std::fs::read_dir(machine.home()).unwrap().count(),
        0,
        "it left something behind"
    );
    // The first server that starts tells the password.
    let words = ["authority", "serve", "--listen", "127.0.0.1:0"];
    let served = Served::start(machine.command(&words));
    assert!(
        served.lines.iter().any(|line| line.starts_with("export")),
        "{:?}",
        served.lines
    );
}

#[test]
fn api_clients_are_of_a_tenant_that_is_there() {
    let machine = Machine::new();
    let data = machine.data();
    for words in [&["create"][..], &["list"], &["revoke", "key-42-x"]] {
        let all = [&["authority", "api-client"], words, &["--data", &data]].concat();
        let run = machine.run(&all);
        assert_eq!((run.code, run.out.as_str()), (3, ""), "{run:?}");
        assert!(run.err.contains("no tenant"), "{run:?}");
    }
    assert!(!std::path::Path::new(&data).exists());
}

#[test]
fn a_second_start_says_what_it_does_not_do() {
    let machine = Machine::new();
    drop(machine.serve(&["--sample", "none"]));
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, data) = (taken.local_addr().unwrap().to_string(), machine.data());
    let words = ["authority", "serve", "--listen", &address, "--data", &data];
    let run = machine.run(&[&words[..], &["--sample", "7"]].concat());
    assert!(run.err.contains("--sample is not used"), "{run:?}");
    let run = machine.run(&words);
    assert!(!run.err.contains("--sample"), "{run:?}");
}

#[test]
fn an_api_client_is_nobody() {
    let machine = Machine::new();
    let served = machine.serve(&["--sample", "none"]);
    let data = machine.data();
    let client = machine.json(&["authority", "api-client", "create", "--data", &data]);
    let run = |words: &[&str]| {
        let mut command = machine.command(words);
        command
            .env("ORG42_URL", &served.url)
            .env("ORG42_API_CLIENT_ID", client["clientId"].as_str().unwrap())
            .env(
                "ORG42_API_CLIENT_SECRET",
                client["secret"].as_str().unwrap(),
            );
        command.output().unwrap()
    };
    let mine = run(&["show", "my"]);
    assert_eq!((mine.status.code(), mine.stdout.len()), (Some(4), 0));
    assert!(
        String::from_utf8(mine.stderr)
            .unwrap()
            .contains("needs a user")
    );
    let me: serde_json::Value =
        serde_json::from_slice(&run(&["whoami", "-o", "json"]).stdout).unwrap();
    assert_eq!(me["apiClient"], true);
    let unknown = machine.run(&[
        "authority",
        "api-client",
        "revoke",
        "key-42-none",
        "--data",
        &data,
    ]);
    assert_eq!(unknown.code, 1, "{unknown:?}");
}

#[test]
fn a_proxy_is_an_address_or_a_network() {
    let machine = Machine::new();
    for wrong in ["", "localhost", "10.0.0.0/33", "10.0.0/8", "*"] {
        let run = machine.run(&["authority", "serve", "--trusted-proxy", wrong]);
        assert_eq!(run.code, 2, "{wrong:?}: {}", run.err);
        assert!(run.err.contains("--trusted-proxy"), "{}", run.err);
    }
}

/// Failed sign-ins count against the address that a trusted proxy names; what others name does not count.
#[test]
fn a_trusted_proxy_tells_where_sign_ins_come_from() {
    let machine = Machine::new();
    let told = [
        "--trusted-proxy",
        "127.0.0.1",
        "--trusted-proxy",
        "fd00::/8",
    ];
    for (proxies, statuses) in [(&told[..], [429, 200]), (&[], [429, 429])] {
        let words = ["--sample", "none", "--admin-password", "hunter22"];
        let served = machine.serve(&[&words, proxies].concat());
        let host = served.url.trim_start_matches("http://");
        let sign_in = |origin: &str, basic: &str| {
            let mut stream = std::net::TcpStream::connect(host).unwrap();
            let request = format!(
                "GET /api/v3/auth/jwt HTTP/1.1\r\nHost: {host}\r\nX-Forwarded-For: {origin}\r\n\
                 Authorization: Basic {basic}\r\nConnection: close\r\n\r\n"
            );
            stream.write_all(request.as_bytes()).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            answer[9..12].parse::<u16>().unwrap()
        };
        // nobody@example.com:wrong
        let guess = |_| sign_in("192.0.2.1", "bm9ib2R5QGV4YW1wbGUuY29tOndyb25n");
        let last = (0..50).map(guess).find(|status| *status != 401);
        assert_eq!(last, Some(429));
        // admin@example.com:hunter22, from the same place and from elsewhere.
        let right = "YWRtaW5AZXhhbXBsZS5jb206aHVudGVyMjI=";
        let ends = ["192.0.2.1", "192.0.2.2"].map(|origin| sign_in(origin, right));
        assert_eq!(ends, statuses, "{proxies:?}");
    }
}

#[test]
fn the_help_says_what_a_registration_key_is_good_for() {
    let help = Machine::new().ok(&["authority", "serve", "--help"]);
    assert!(help.contains("registration key"), "{help}");
}
