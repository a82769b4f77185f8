//! What the command says became of a change, in words, as JSON and by its exit code. The server's own count of effects is
//! the judge.

use std::process::{Child, Stdio};
use std::time::Duration;

use org42_test::{Model, Reply, Seen, Server};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::machine::{Machine, Run, Served};

/// A server of a tenant that answers changes like this, with or without carrying them out.
fn odd(model: &Model, is_applied: bool, reply: Reply) -> Server {
    let model = model.clone();
    Server::in_a_thread(move |seen: &Seen, before| {
        if seen.path.ends_with("/auth/jwt") {
            return org42_test::fixtures::login(seen, before);
        }
        if seen.method == "GET" {
            return model.answer(seen);
        }
        if is_applied {
            let _ = model.answer(seen);
        }
        reply.clone()
    })
}

fn command(server: &Server, words: &[&str]) -> std::process::Command {
    let at = ["--url", &server.url, "--username", "admin@example.com"];
    let mut command = Machine::new().command(&[words, &at].concat());
    command.env("ORG42_PASSWORD", "hunter22");
    command
}

fn run(server: &Server, words: &[&str]) -> Run {
    Run::of(command(server, words).output().unwrap())
}

/// The one object on standard error, behind the notes.
fn failure(run: &Run) -> Value {
    let last = run.err.lines().last().unwrap_or_default();
    serde_json::from_str(last).unwrap_or_else(|error| panic!("{error}: {}", run.err))
}

const CHANGES: [&[&str]; 6] = [
    &["block", "/Org 1/Org 2", "--yes"],
    &["unblock", "/Org 1/Org 2", "--yes"],
    &["deactivate", "/Org 1/Org 2", "--yes"],
    &["reactivate", "/Org 1/Org 2"],
    &["update", "/Org 1/Org 2", "--notes", "audited"],
    &["create", "Paris", "--parent", "/Org 1/Org 2"],
];

/// A tenant in which the change of these words changes something.
fn before(words: &[&str]) -> Model {
    let model = Model::new(3);
    match words[0] {
        "unblock" => model.touch("guid-2", serde_json::json!({"blocked": true})),
        "reactivate" => model.touch("guid-2", serde_json::json!({"active": false})),
        _ => {}
    }
    model
}

#[test]
fn a_server_that_says_200_and_does_nothing_is_found_out() {
    for words in CHANGES {
        let server = odd(&before(words), false, Reply::json("{}"));
        let run = run(&server, &[words, &["-o", "json"]].concat());
        assert_eq!(
            (run.code, run.out.as_str()),
            (1, ""),
            "{words:?}: {}",
            run.err
        );
        let failure = failure(&run);
        let error = &failure["error"];
        assert_eq!(failure["exit"], 1);
        assert_eq!(error["happened"], "no", "{words:?}: {failure}");
        assert_eq!(error["kind"], "NotCarriedOut", "{words:?}: {failure}");
        let named = if words[0] == "create" {
            "Paris"
        } else {
            words[1]
        };
        assert_eq!(error["organization"], named, "{failure}");
        let said = error["message"].as_str().unwrap();
        assert!(
            said.starts_with(&format!("could not {}", words[0])),
            "{said}"
        );
        assert!(!error["next"].as_str().unwrap().is_empty());
    }
}

#[test]
fn what_is_said_names_the_organization_as_the_user_did() {
    for words in CHANGES {
        let server = odd(&before(words), false, Reply::json("{}"));
        let run = run(&server, words);
        let named = match words[0] {
            "create" => "Paris",
            _ => words[1],
        };
        let said = run.err.lines().last().unwrap_or_default();
        assert!(said.starts_with("org42: "), "{said}");
        assert!(said.contains(named), "{words:?}: {said}");
    }
}

#[test]
fn a_lost_answer_to_a_change_that_happened_is_a_success() {
    let system = r#"[{"name":"SYSTEM","description":"d"}]"#;
    for words in CHANGES {
        for reply in [
            Reply::Hangup,
            Reply::status(500, system),
            Reply::status(204, ""),
            Reply::json(system),
            Reply::status(404, "<html>"),
            Reply::status(303, ""),
        ] {
            let model = before(words);
            let server = odd(&model, true, reply.clone());
            let run = run(&server, words);
            assert_eq!(run.code, 0, "{words:?} {reply:?}: {}", run.err);
            assert_eq!(model.effects().len(), 1, "{words:?} {reply:?}");
            assert!(!run.err.contains("\"\""), "{}", run.err);
        }
    }
}

#[test]
fn an_open_answer_without_effect_ends_with_11_and_a_create_is_sent_once() {
    for words in CHANGES {
        for reply in [
            Reply::Hangup,
            Reply::status(502, "<html>"),
            Reply::status(404, ""),
        ] {
            let server = odd(&before(words), false, reply.clone());
            let run = run(&server, &[words, &["-o", "jsonl"]].concat());
            assert_eq!(run.code, 11, "{words:?} {reply:?}: {}", run.err);
            let failure = failure(&run);
            assert_eq!(failure["error"]["happened"], "unknown", "{failure}");
            let next = failure["error"]["next"].as_str().unwrap();
            assert!(next.contains("look"), "{next}");
            assert!(server.count("POST /api/v3/orgs") <= 1, "{words:?}");
        }
    }
}

#[test]
fn a_wrong_address_is_not_an_organization_that_is_missing() {
    for body in ["", "<html>", r#"{"message":"no Route matched"}"#, "{}"] {
        let server = Server::in_a_thread(move |seen: &Seen, before| {
            match seen.path.ends_with("/auth/jwt") {
                true => org42_test::fixtures::login(seen, before),
                false => Reply::status(404, body),
            }
        });
        for words in [
            &["show", "guid:guid-2"][..],
            &["list"],
            &["block", "42", "-y"],
        ] {
            let run = run(&server, &[words, &["-o", "json"]].concat());
            assert_ne!(run.code, 3, "{words:?} {body:?}: {}", run.err);
            assert_eq!(failure(&run)["error"]["kind"], "NotTheApi", "{}", run.err);
        }
    }
}

#[test]
fn wrong_usage_is_an_object_too_where_json_is_asked_for() {
    let machine = Machine::new();
    for words in [
        &["block", "-o", "json"][..],
        &["--output=json", "settings", "set", "42", "no_such_key=1"],
        &["show", "-fjsonl"],
        &["list", "--url", "a", "--profile", "b", "--format", "json"],
        &["show", "", "-o", "json"],
    ] {
        let run = machine.run(words);
        assert_eq!(
            (run.code, run.out.as_str()),
            (2, ""),
            "{words:?}: {}",
            run.err
        );
        let failure = failure(&run);
        assert_eq!(failure["exit"], 2);
        assert!(!failure["error"]["message"].as_str().unwrap().is_empty());
    }
}

/// Starts a command, and waits until the server has this request.
fn started(server: &Server, words: &[&str], line: &str) -> Child {
    let mut child = command(server, words)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    while server.count(line) == 0 {
        assert!(
            child.try_wait().unwrap().is_none(),
            "it ended before {line}"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
    child
}

fn interrupt(child: &Child, signal: Signal) {
    let pid = Pid::from_raw(child.id().try_into().unwrap()).unwrap();
    kill_process(pid, signal).unwrap();
}

#[test]
fn an_interrupted_change_says_what_is_known() {
    for (is_applied, signal) in [(true, Signal::INT), (false, Signal::TERM)] {
        let server = odd(&Model::new(3), is_applied, Reply::Silence);
        let block = "POST /api/v3/orgs/guid-2/block";
        let words = ["block", "Org 2", "--yes", "-o", "json"];
        let child = started(&server, &words, block);
        interrupt(&child, signal);
        let run = Run::of(child.wait_with_output().unwrap());
        assert_eq!(run.code, 130, "{}", run.err);
        let failure = failure(&run);
        assert_eq!(failure["error"]["happened"], "unknown", "{failure}");
        assert_eq!(failure["error"]["organization"], "Org 2", "{failure}");
        assert_eq!(server.count(block), 1);
    }
}

#[test]
fn what_only_reads_ends_at_once() {
    use std::os::unix::process::ExitStatusExt as _;
    let server = Server::in_a_thread(|seen: &Seen, before| match seen.path.as_str() {
        path if path.ends_with("/auth/jwt") => org42_test::fixtures::login(seen, before),
        _ => Reply::Silence,
    });
    let child = started(&server, &["list"], "GET /api/v1/Org");
    interrupt(&child, Signal::INT);
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.signal(), Some(2), "{ended:?}");
}

#[test]
fn the_time_of_a_command_ends_it_with_what_is_known() {
    let silent = Server::in_a_thread(|seen: &Seen, before| match seen.path.as_str() {
        path if path.ends_with("/auth/jwt") => org42_test::fixtures::login(seen, before),
        _ => Reply::Silence,
    });
    let read = run(&silent, &["list", "--timeout", "1s"]);
    assert_eq!(read.code, 7, "{}", read.err);
    assert!(read.err.contains("--timeout"), "{}", read.err);
    let server = odd(&Model::new(3), true, Reply::Silence);
    let change = run(&server, &["block", "Org 2", "--yes", "--timeout", "5 s"]);
    assert_eq!(change.code, 11, "{}", change.err);
    for wrong in ["0s", "soon", "-3s", "5"] {
        let run = run(&server, &["list", &format!("--timeout={wrong}")]);
        assert_eq!(run.code, 2, "{wrong}: {}", run.err);
    }
}

#[test]
fn a_short_listing_is_written_and_ends_with_6_unless_that_is_allowed() {
    let short = |count: usize| {
        Server::in_a_thread(move |seen: &Seen, before| {
            match (seen.path.as_str(), seen.param("active")) {
                (path, _) if path.ends_with("/auth/jwt") => {
                    org42_test::fixtures::login(seen, before)
                }
                ("/api/v1/Org", Some(_)) => org42_test::fixtures::page([], 0),
                ("/api/v1/Org", None) => {
                    let ids = 1..if seen.number("pgNum") == 1 { 4 } else { 1 };
                    org42_test::fixtures::page(ids, count)
                }
                _ => Reply::status(404, r#"[{"name":"ORG_NOT_FOUND","description":"no"}]"#),
            }
        })
    };
    let server = short(5);
    for (words, lines) in [(&["list", "-o", "ids"][..], 3), (&["tree"], 3)] {
        let partial = run(&server, words);
        assert_eq!(partial.code, 6, "{}", partial.err);
        assert_eq!(partial.out.lines().count(), lines, "{}", partial.out);
        assert!(partial.err.contains("3 of the 5"), "{}", partial.err);
        let allowed = run(&server, &[words, &["--allow-partial"]].concat());
        assert_eq!((allowed.code, allowed.out), (0, partial.out));
        assert!(allowed.err.contains("3 of the 5"), "{}", allowed.err);
    }
    // What relies on the listing does nothing on half of one.
    let block = run(&server, &["block", "Org 2", "--yes"]);
    assert_eq!(block.code, 6, "{}", block.err);
    assert_eq!(server.count("POST /api/v3/orgs/guid-2/block"), 0);
    let whole = run(&short(3), &["list", "-o", "ids"]);
    assert_eq!((whole.code, whole.out.lines().count()), (0, 3));
}

#[test]
fn those_that_are_not_active_are_found_where_they_are_listed_on_request_only() {
    let machine = Machine::new();
    let served = machine.serve(&[
        "--sample",
        "small",
        "--admin-password",
        "hunter22",
        "--fidelity",
        "listed=active",
    ]);
    let deactivate = machine.run_at(&served, &["deactivate", "Lyon", "--yes"]);
    assert_eq!(deactivate.code, 0, "{}", deactivate.err);
    let listed = machine.run_at(&served, &["list", "--inactive", "-o", "json"]);
    let orgs = listed.json();
    let named = |org: &Value| org["orgName"].as_str().unwrap().contains("Lyon");
    assert!(orgs.as_array().unwrap().iter().any(named), "{}", listed.out);
    let id = orgs
        .as_array()
        .unwrap()
        .iter()
        .find(|org| named(org))
        .unwrap()["orgId"]
        .to_string();
    let reactivate = machine.run_at(&served, &["reactivate", &id]);
    assert_eq!(reactivate.code, 0, "{}", reactivate.err);
    let all = machine.run_at(&served, &["list", "--inactive", "-o", "ids"]);
    assert!(!all.out.lines().any(|line| line == id), "{}", all.out);
}

/// Runs a write of two settings by two requests, one of which goes wrong; returns how the run ended.
fn settings(machine: &Machine, served: &Served, path: &str, fault: &[&str]) -> Run {
    let add = [
        "authority",
        "faults",
        "add",
        path,
        "--method",
        "put",
        "--count",
        "1",
    ];
    let added = machine.run_at(served, &[&add[..], fault].concat());
    assert_eq!(added.code, 0, "{}", added.err);
    let values = ["archive_hold_days=33", "web_restore_enabled=false"];
    let set = [
        &["settings", "set", "France"],
        &values[..],
        &["--yes", "-o", "json"],
    ]
    .concat();
    let run = machine.run_at(served, &set);
    machine.run_at(served, &["authority", "faults", "clear"]);
    run
}

#[test]
fn a_settings_write_of_which_one_half_fails_says_what_became_of_each() {
    let half = "/api/v1/OrgSetting/*";
    for (fault, code, happened, results) in [
        // Done in spite of the answer: nothing is missing.
        (
            &["status", "502", "--applied"][..],
            0,
            "",
            ["written", "written"],
        ),
        (&["status", "502"], 11, "unknown", ["written", "unknown"]),
        (&["status", "403"], 6, "yes", ["written", "refused"]),
    ] {
        let machine = Machine::new();
        let served = machine.serving("small");
        let run = settings(&machine, &served, half, fault);
        assert_eq!(run.code, code, "{fault:?}: {}", run.err);
        let rows = run.json();
        let rows = rows.as_array().unwrap().iter();
        let rows: Vec<&Value> = rows.map(|row| &row["result"]).take(2).collect();
        assert_eq!(rows, results, "{fault:?}");
        if code != 0 {
            let failure = failure(&run);
            assert_eq!(failure["error"]["happened"], happened, "{failure}");
            assert_eq!(failure["exit"], code);
        }
    }
}

#[test]
fn a_dry_run_ends_as_the_real_run_does() {
    let machine = Machine::new();
    for words in [
        &["block", "/", "--yes"][..],
        &["deactivate", "/", "--yes"],
        &["create", "Paris", "--parent", "France"],
        &["update", "Lyon", "--name", "Paris"],
        &[
            "settings",
            "set",
            "/",
            "quota_settings_inherited=true",
            "--yes",
        ],
        &["settings", "inherit", "/", "quota", "--yes"],
        &["block", "nowhere", "--yes"],
        &["block", "Lyon", "--yes"],
    ] {
        let dry = machine.run(&[words, &["--dry-run"]].concat());
        let real = machine.run(words);
        assert_eq!(dry.code, real.code, "{words:?}: {} {}", dry.err, real.err);
        let is_refused = !words.contains(&"Lyon") || words[0] == "update";
        assert_eq!(dry.code != 0, is_refused, "{words:?}: {}", dry.err);
    }
}
