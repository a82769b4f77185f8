//! A copy of a tenant: what it keeps, and what it hides.

use serde_json::{Value, json};

use crate::machine::{Machine, Served};

fn serve(machine: &Machine, dir: &str) -> Served {
    let words = [
        "authority",
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--data",
        dir,
    ];
    Served::start(machine.command(&[&words[..], &["--admin-password", "hunter22"]].concat()))
}

/// A tenant with a history, served, and the directory for its copy.
fn source(machine: &Machine) -> (Served, String) {
    let served = machine.serve(&["--sample", "small", "--admin-password", "hunter22"]);
    for words in [
        &[
            "settings",
            "set",
            "Europe",
            "archive_hold_days=30",
            "web_restore_enabled=false",
            "--yes",
        ][..],
        &[
            "settings",
            "set",
            "Paris",
            "device_defaults.warning_alert_days=9",
            "--yes",
        ],
        &[
            "settings",
            "set",
            "Germany",
            "backup_alert_recipient_emails=ann@example.com",
            "--yes",
        ],
        &[
            "update",
            "Paris",
            "--notes",
            "the notes",
            "--ext-ref",
            "ticket seven",
        ],
        &["block", "Nordics", "--yes"],
    ] {
        let run = machine.run_at(&served, words);
        assert_eq!(run.code, 0, "{run:?}");
    }
    let copy = machine.home().join("copy").display().to_string();
    (served, copy)
}

fn at(machine: &Machine, served: &Served, words: &[&str]) -> Value {
    machine
        .run_at(served, &[words, &["-o", "json"]].concat())
        .json()
}

#[test]
fn a_copy_lists_the_same_and_is_set_to_the_same() {
    let machine = Machine::new();
    let (served, dir) = source(&machine);
    let before = at(&machine, &served, &["list"]);
    let pulled = machine.run_at(&served, &["pull", "--into", &dir]);
    assert_eq!(pulled.code, 0, "{pulled:?}");
    assert_eq!(at(&machine, &served, &["list"]), before, "it was only read");
    let copy = serve(&machine, &dir);
    assert_eq!(at(&machine, &copy, &["list"]), before);
    for org in ["/", "Europe", "Paris", "Germany", "Berlin", "Oslo"] {
        let words = ["settings", "show", org];
        assert_eq!(
            at(&machine, &copy, &words),
            at(&machine, &served, &words),
            "{org}"
        );
        let words = ["show", org];
        let counts = |served: &Served| {
            let shown = at(&machine, served, &words);
            json!([
                shown["orgCount"],
                shown["userCount"],
                shown["computerCount"]
            ])
        };
        assert_eq!(counts(&copy), counts(&served), "{org}");
    }
    // Tomorrow's change, rehearsed today: what comes back with it, comes back.
    for tenant in [&served, &copy] {
        let words = ["unblock", "Nordics", "--yes"];
        assert_eq!(machine.run_at(tenant, &words).code, 0);
        let words = ["reactivate", "name:Hamburg (deactivated 19)"];
        assert_eq!(machine.run_at(tenant, &words).code, 0);
    }
    let names = |served: &Served| {
        let list = at(&machine, served, &["list"]);
        let states = list.as_array().unwrap().iter();
        let states = states.map(|org| json!([org["orgName"], org["status"]]));
        states.collect::<Vec<_>>()
    };
    assert_eq!(names(&copy), names(&served));
}

#[test]
fn an_anonymous_copy_has_the_shape_and_no_names() {
    let machine = Machine::new();
    let (served, dir) = source(&machine);
    let pulled = machine.run_at(&served, &["pull", "--into", &dir, "--anonymize"]);
    assert_eq!(pulled.code, 0, "{pulled:?}");
    let keys: Vec<String> = at(&machine, &served, &["list"])
        .as_array()
        .unwrap()
        .iter()
        .map(|org| org["registrationKey"].as_str().unwrap().to_owned())
        .collect();
    let copy = serve(&machine, &dir);
    let list = at(&machine, &copy, &["list"]);
    let shape = |served: &Served| {
        let list = at(&machine, served, &["list"]);
        let orgs = list.as_array().unwrap().iter();
        let orgs = orgs.map(|org| {
            json!([
                org["orgId"],
                org["orgGuid"],
                org["parentOrgId"],
                org["status"]
            ])
        });
        orgs.collect::<Vec<_>>()
    };
    assert_eq!(shape(&copy), shape(&served));
    let database = std::fs::read(format!("{dir}/tenant.db")).unwrap();
    let database = String::from_utf8_lossy(&database);
    for name in [
        "Northwind",
        "Paris",
        "the notes",
        "ticket seven",
        "ann@example.com",
        "Europe",
    ] {
        assert!(!list.to_string().contains(name), "{name}");
        assert!(!database.contains(name), "{name} is in the file");
    }
    assert!(keys.iter().all(|key| !database.contains(key.as_str())));
}

#[test]
fn nothing_is_written_over_and_a_dry_run_writes_nothing() {
    let machine = Machine::new();
    let (served, dir) = source(&machine);
    let dry = machine.run_at(&served, &["pull", "--into", &dir, "--dry-run"]);
    assert_eq!(dry.code, 0, "{dry:?}");
    assert!(!std::path::Path::new(&dir).exists());
    let onto = machine.run_at(&served, &["pull", "--into", &machine.data()]);
    assert_eq!(onto.code, 5, "{onto:?}");
}
