//! What `--debug` and `--log-file` write: every request, attempt and wait, and no secret.

use org42_test::{Model, Reply, Seen, Server};
use serde_json::Value;

use crate::machine::{Machine, Run};

const PASSWORD: &str = "tenant-s3cret";

/// A tenant whose first reading of an organization is answered 503.
fn server() -> Server {
    let model = Model::new(3);
    Server::in_a_thread(move |seen: &Seen, before| match seen.path.as_str() {
        path if path.ends_with("/auth/jwt") => org42_test::fixtures::login(seen, before),
        "/api/v3/orgs/guid-2" if before == 0 => {
            Reply::status(503, "").with_header("Retry-After: 0")
        }
        _ => model.answer(seen),
    })
}

fn block(machine: &Machine, server: &Server, words: &[&str]) -> Run {
    let at = [
        "block",
        "guid:guid-2",
        "-y",
        "--url",
        &server.url,
        "--username",
        "ann",
    ];
    let mut command = machine.command(&[&at, words].concat());
    Run::of(command.env("ORG42_PASSWORD", PASSWORD).output().unwrap())
}

fn assert_complete(log: &str) {
    for said in [
        "sign in",
        "/api/v3/auth/jwt",
        "/api/v3/orgs/{orgGuid}/block",
        "attempt",
        "wait",
        "503",
        "sent again in",
        "done: the organization shows it",
    ] {
        assert!(log.contains(said), "{said}: {log}");
    }
    // A token of the server is user.0.x.
    for secret in [PASSWORD, "user.0", "Bearer", "Basic", "Authorization"] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
}

#[test]
fn debug_writes_to_standard_error_and_nothing_else_changes() {
    let run = block(&Machine::new(), &server(), &["--debug", "-o", "json"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert_eq!(run.json()["blocked"], true);
    assert_complete(&run.err);
}

#[test]
fn a_log_file_is_added_to_and_is_its_owners() {
    use std::os::unix::fs::PermissionsExt as _;
    let machine = Machine::new();
    let file = machine.home().join("org42.log");
    let path = file.display().to_string();
    for format in ["text", "json"] {
        let run = block(
            &machine,
            &server(),
            &["--log-file", &path, "--log-format", format],
        );
        assert_eq!(run.code, 0, "{}", run.err);
        assert!(!run.err.contains("attempt"), "{}", run.err);
    }
    let log = std::fs::read_to_string(&file).unwrap();
    assert_complete(&log);
    let documents = log.lines().filter(|line| line.starts_with('{'));
    let documents: Vec<Value> = documents
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(documents.len() > 5 && log.lines().count() > documents.len() + 5);
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);

    let server = server();
    let missing = machine.home().join("none/org42.log").display().to_string();
    let run = block(&machine, &server, &["--log-file", &missing]);
    assert_eq!((run.code, server.all().len()), (2, 0), "{}", run.err);
    assert!(run.err.contains("cannot write the log"), "{}", run.err);
    let run = block(&machine, &server, &["--log-format", "json"]);
    assert_eq!((run.code, server.all().len()), (2, 0), "{}", run.err);
}

#[test]
fn a_profile_says_how_long_a_server_may_be_silent() {
    let silent = Server::in_a_thread(|seen: &Seen, before| match seen.path.as_str() {
        path if path.ends_with("/auth/jwt") => org42_test::fixtures::login(seen, before),
        _ => Reply::Silence,
    });
    let machine = Machine::new();
    let create = [
        "profile",
        "create",
        "lab",
        "--url",
        &silent.url,
        "--username",
        "ann",
        "--no-test",
        "--password-command",
        "echo tenant-s3cret",
        "--silence",
        "1s",
    ];
    assert_eq!(machine.run(&create).code, 0);
    assert_eq!(machine.json(&["profile", "show", "lab"])["silence"], "1s");
    let run = machine.run(&["list", "--profile", "lab"]);
    assert_eq!(run.code, 7, "{}", run.err);
    assert_eq!(
        silent.count("GET /api/v1/Org"),
        2,
        "a read is tried once more"
    );
    machine.ok(&["profile", "update", "lab", "--silence", "3m"]);
    assert_eq!(machine.json(&["profile", "show", "lab"])["silence"], "180s");
    machine.ok(&["profile", "update", "lab", "--clear", "silence"]);
    assert_eq!(
        machine.json(&["profile", "show", "lab"])["silence"],
        Value::Null
    );
}
