//! A copy of a tenant: what it keeps, and what it hides.

use org42::blocking::Client;
use org42::{LocalAccount, endpoints};
use serde_json::{Value, json};

use crate::machine::{Machine, Served};

fn serve(machine: &Machine, dir: &str) -> Served {
    Served::start(machine.serve_command(dir, &["--admin-password", "hunter22"]))
}

/// A tenant with a history, served, and the directory for its copy.
fn source(machine: &Machine) -> (Served, String) {
    let served = machine.serving("small");
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
            "endpoint_monitoring_file_metadata_collection_exclusions=/Users/ada/SECRETPROJECT",
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
    typed_by_people(machine, &served);
    let copy = machine.home().join("copy").display().to_string();
    (served, copy)
}

/// Puts what people type into the device defaults of an organization.
fn typed_by_people(machine: &Machine, served: &Served) {
    let lyon = at(machine, served, &["show", "Lyon"])["orgId"].to_string();
    let account = LocalAccount::new("admin@example.com", "hunter22");
    let client = Client::builder(&served.url).local_account(account);
    let client = client.build().unwrap();
    let path = [("orgId", lyon.as_str())];
    let with = [("incDeviceDefaults", "true")];
    let document = client.get(endpoints::ORG_GET, &path, &with).unwrap();
    let mut defaults = document["deviceDefaults"].clone();
    let set = &mut defaults["serviceBackupConfig"]["backupConfig"]["backupSets"][0];
    set["name"] = json!("Ada Adler laptops");
    set["backupPaths"]["pathset"] = json!([{"path": {"@include": "C:/Ada"}, "@os": "Windows"}]);
    set["backupPaths"]["excludeUser"] = json!([{"windows": [], "macintosh": [], "linux": [], "pattern": {"@regex": "patternleak"}}]);
    let body = json!({"deviceDefaults": defaults});
    let now = client.send(endpoints::ORG_UPDATE, &path, &with, Some(&body));
    let now = now.unwrap().to_string();
    assert!(now.contains("patternleak"), "{now}");
}

/// A server whose lists have no pages, with records that nobody can read.
#[test]
fn a_copy_ends_and_says_what_it_left_out() {
    let machine = Machine::new();
    let (served, _) = source(&machine);
    let user = json!({"userId": 7, "userUid": "77", "username": "ann", "orgId": 2});
    let odd = json!({"userId": 8, "userUid": "88", "username": "ben", "orgId": 2, "creationDate": "whenever"});
    let stray = json!({"userId": 9, "userUid": "99", "username": "cyd", "orgId": 4242});
    let device = json!({"computerId": 70, "guid": "770", "userId": 7, "name": "a"});
    let orphan = json!({"computerId": 80, "guid": "880", "userId": 8, "name": "b"});
    for (path, data) in [
        ("/api/v1/User", json!({"users": [user, odd, stray]})),
        ("/api/v1/Computer", json!({"computers": [device, orphan]})),
    ] {
        let body = json!({"data": data}).to_string();
        let words = [
            "authority",
            "faults",
            "add",
            path,
            "status",
            "200",
            "--body",
            &body,
        ];
        let added = machine.run_at(&served, &words);
        assert_eq!(added.code, 0, "{added:?}");
    }
    let dir = machine.home().join("other").display().to_string();
    let run = machine.run_at(&served, &["pull", "--into", &dir]);
    assert_eq!(run.code, 6, "{run:?}");
    for told in [
        "user 8 cannot be read",
        "whenever",
        "user 9 is in organization 4242",
        "device 80 is of user 8",
    ] {
        assert!(run.err.contains(told), "{told}: {}", run.err);
    }
    let copy = serve(&machine, &dir);
    assert!(at(&machine, &copy, &["list"]).as_array().unwrap().len() > 30);
    let users = at(&machine, &copy, &["authority", "user", "list"]);
    let names: Vec<&Value> = users
        .as_array()
        .unwrap()
        .iter()
        .map(|user| &user["username"])
        .collect();
    assert_eq!(names, ["ann", "admin@example.com"]);
    let file = machine.home().join("a-file");
    std::fs::write(&file, "").unwrap();
    let into = machine.run_at(&served, &["pull", "--into", &file.display().to_string()]);
    assert_eq!(into.code, 2, "{into:?}");
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
        "SECRETPROJECT",
        "C:/Ada",
        "Ada Adler laptops",
        "patternleak",
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
