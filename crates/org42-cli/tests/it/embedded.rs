//! With nothing configured.

use std::process::Stdio;

use crate::machine::Machine;
#[cfg(target_os = "linux")]
use crate::terminal::{at_terminal, end};

#[test]
fn the_first_command_on_an_empty_home_shows_the_sample_as_a_tree() {
    let machine = Machine::new();
    let run = machine.run(&["tree"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(
        run.out.starts_with("Northwind Group (2)\n├── Americas"),
        "{}",
        run.out
    );
    assert!(run.out.contains("[blocked]") && run.out.contains("[deactivated]"));
    assert!(run.out.lines().count() >= 30);
    assert_eq!(
        run.err
            .lines()
            .filter(|line| line.contains("embedded authority"))
            .count(),
        1,
        "{}",
        run.err
    );
    assert!(run.err.contains("--url"));
}

#[test]
fn two_first_commands_at_once_find_one_tenant() {
    let machine = Machine::new();
    let start = || {
        machine
            .command(&["list", "-o", "json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    };
    let (a, b) = (start(), start());
    let (a, b) = (a.wait_with_output().unwrap(), b.wait_with_output().unwrap());
    assert!(a.status.success() && b.status.success());
    assert_eq!(a.stdout, b.stdout);
}

#[test]
fn every_form_of_a_list_reads() {
    let machine = Machine::new();
    let list = |form: &str| machine.run(&["list", "-o", form]).out;
    let json = machine.run(&["orgs", "list", "-f", "json"]).json();
    let count = json.as_array().unwrap().len();
    assert!(json[0]["registrationKey"].is_string() && json[0]["orgName"] == "Northwind Group");
    let lines: Vec<serde_json::Value> = list("jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(&lines, json.as_array().unwrap());
    let csv = list("csv");
    assert!(csv.starts_with("orgId,orgUid,orgGuid,orgName,"));
    assert_eq!(csv.lines().count(), count + 1);
    assert_eq!(list("ids").lines().count(), count);
    assert_eq!(list("table").lines().count(), count + 1);
    assert_eq!(list("wide").lines().count(), count + 1);
    assert_eq!(list("tree"), machine.run(&["tree"]).out);
}

#[test]
fn states_narrow_a_list() {
    let machine = Machine::new();
    let count = |words: &[&str]| machine.run(words).json().as_array().unwrap().len();
    let all = count(&["list", "-o", "json", "--all"]);
    let active = count(&["list", "-o", "json", "--active"]);
    let inactive = count(&["list", "-o", "json", "--inactive"]);
    let blocked = machine.run(&["list", "-o", "json", "--blocked"]).json();
    assert!(active > 0 && inactive > 0 && active + inactive == all);
    assert!(
        blocked
            .as_array()
            .unwrap()
            .iter()
            .all(|org| org["blocked"] == true)
    );
}

#[test]
fn an_organization_is_found_by_every_kind_of_name() {
    let machine = Machine::new();
    let paris = machine
        .run(&["show", "/Europe/France/Paris", "-o", "json"])
        .json();
    let text = |key: &str| {
        paris[key]
            .as_str()
            .map_or_else(|| paris[key].to_string(), str::to_owned)
    };
    for name in [
        text("orgId"),
        text("orgUid"),
        text("orgGuid"),
        "Paris".to_owned(),
        "name:Paris".to_owned(),
        format!("id:{}", text("orgId")),
        "/Northwind Group/Europe/France/Paris".to_owned(),
    ] {
        assert_eq!(
            machine.run(&["show", &name, "-o", "json"]).json()["orgId"],
            paris["orgId"],
            "{name}"
        );
    }
    assert_eq!(
        machine.run(&["show", "my", "-o", "json"]).json()["orgName"],
        "Northwind Group"
    );
    machine.run(&["create", "Paris", "--parent", "Lyon", "--ext-ref", "TWIN"]);
    assert_eq!(
        machine.run(&["show", "ext:TWIN", "-o", "json"]).json()["orgName"],
        "Paris"
    );
    let twins = machine.run(&["show", "Paris", "-o", "json"]);
    assert_eq!((twins.code, twins.out.as_str()), (3, ""));
    assert!(
        twins
            .err
            .contains("/Northwind Group/Europe/France/Lyon/Paris"),
        "{}",
        twins.err
    );
    for unknown in ["Atlantis", "999999", "/Europe/Atlantis"] {
        let run = machine.run(&["show", unknown]);
        assert_eq!(
            (run.code, run.out.as_str()),
            (3, ""),
            "{unknown}: {}",
            run.err
        );
    }
    assert_eq!(machine.run(&["show", "id:x"]).code, 2);
}

#[test]
fn changes_ask_first_and_dry_runs_change_nothing() {
    let machine = Machine::new();
    let status = |org: &str| {
        machine.run(&["show", org, "-o", "json"]).json()["status"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    for words in [
        &["block", "Europe"][..],
        &["deactivate", "Europe"],
        &["unblock", "Contractors"],
    ] {
        let run = machine.run(words);
        assert_eq!((run.code, run.out.as_str()), (8, ""), "{}", run.err);
        assert!(run.err.contains("--yes"), "{}", run.err);
    }
    let dry = machine.run(&["block", "Europe", "--dry-run"]);
    assert_eq!((dry.code, status("Europe").as_str()), (0, "Active"));
    assert!(
        dry.err.contains("organizations below it") && dry.err.contains("the embedded authority"),
        "{}",
        dry.err
    );
    assert_eq!(machine.run(&["block", "Europe", "--yes"]).code, 0);
    assert_eq!(
        (status("Europe").as_str(), status("Lyon").as_str()),
        ("Active, Blocked", "Active, Blocked")
    );
    assert_eq!(machine.run(&["unblock", "Europe", "-y"]).code, 0);
    assert_eq!(machine.run(&["deactivate", "/Europe/France", "-y"]).code, 0);
    assert_eq!(status("Lyon"), "Deactivated");
    assert_eq!(machine.run(&["reactivate", "Lyon"]).code, 5);
    let id = machine.run(&["list", "--inactive", "-o", "json"]).json();
    let france = id
        .as_array()
        .unwrap()
        .iter()
        .find(|org| org["orgName"].as_str().unwrap().starts_with("France"))
        .unwrap();
    assert_eq!(
        machine
            .run(&["reactivate", &france["orgId"].to_string()])
            .code,
        0
    );
    assert_eq!(status("Lyon"), "Active");
    assert_eq!(machine.run(&["block", "my", "--yes"]).code, 4);
}

#[test]
fn organizations_are_created_and_updated() {
    let machine = Machine::new();
    let made = machine
        .run(&[
            "create",
            "Oceania",
            "--notes",
            "n",
            "--ext-ref",
            "E-1",
            "-o",
            "json",
        ])
        .json();
    assert_eq!(
        (&made["parentOrgId"], &made["notes"]),
        (&serde_json::json!(2), &serde_json::json!("n"))
    );
    let updated = machine
        .run(&[
            "update", "Oceania", "--name", "Pacific", "--clear", "notes", "-o", "json",
        ])
        .json();
    assert_eq!(
        (
            &updated["orgName"],
            &updated["notes"],
            &updated["orgExtRef"]
        ),
        (&"Pacific".into(), &().into(), &"E-1".into())
    );
    assert_eq!(machine.run(&["update", "Pacific"]).code, 2);
    assert_eq!(machine.run(&["create", "Pacific"]).code, 5);
    assert_eq!(machine.run(&["create", "ab"]).code, 2);
}

#[test]
fn help_tells_the_exit_codes_and_shells_get_completions() {
    let machine = Machine::new();
    let help = machine.run(&["--help"]);
    assert!(help.out.contains("Exit codes") && help.out.contains("--yes is needed"));
    assert!(machine.run(&["completion", "bash"]).out.contains("org42"));
    let me = machine.run(&["whoami", "-o", "json"]).json();
    assert_eq!(me["username"], "admin@example.com");
    let states = machine.run(&["agent-state", "Europe", "fullDiskAccess", "-o", "json"]);
    assert!(states.json().is_array());
    assert_eq!(machine.run(&["nonsense"]).code, 2);
}

#[test]
fn the_noun_before_a_verb_changes_nothing() {
    let machine = Machine::new();
    let list = machine.ok(&["list"]);
    for noun in ["orgs", "org"] {
        assert_eq!(machine.ok(&[noun, "list"]), list, "{noun}");
        assert_eq!(machine.ok(&["-o", "table", noun, "list"]), list, "{noun}");
    }
    assert!(!machine.ok(&["--help"]).contains("  orgs "));
}

#[test]
fn whoami_is_the_organization_and_the_person() {
    let machine = Machine::new();
    let me = machine.json(&["whoami"]);
    let mine = machine.json(&["show", "my"]);
    for key in ["orgId", "orgUid", "orgGuid", "orgName", "active", "blocked"] {
        assert_eq!(me[key], mine[key], "{key}");
    }
    assert!(me["userUid"].is_string(), "{me}");
}

#[test]
fn variables_that_are_set_to_nothing_are_not_set() {
    let machine = Machine::new();
    let mut command = machine.command(&["list", "-o", "ids"]);
    for name in ["ORG42_URL", "ORG42_USERNAME", "ORG42_API_CLIENT_ID"] {
        command.env(name, "");
    }
    let run = command.output().unwrap();
    assert!(
        run.status.success(),
        "{}",
        String::from_utf8_lossy(&run.stderr)
    );
    assert!(run.stdout.len() > 60);
}

#[test]
fn the_authority_itself_has_no_dry_run() {
    let machine = Machine::new();
    let data = machine.data();
    let run = machine.run(&[
        "authority",
        "api-client",
        "create",
        "--data",
        &data,
        "--dry-run",
    ]);
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    assert!(!std::path::Path::new(&data).exists());
}

/// The number of the command that runs on a machine.
#[cfg(target_os = "linux")]
fn running(machine: &Machine) -> String {
    let home = format!("HOME={}", machine.home().display());
    let is_it = |number: &String| {
        let read = |file: &str| {
            let bytes = std::fs::read(format!("/proc/{number}/{file}")).unwrap_or_default();
            String::from_utf8_lossy(&bytes).into_owned()
        };
        let is_here = read("environ").split('\0').any(|line| line == home);
        is_here && read("cmdline").starts_with(env!("CARGO_BIN_EXE_org42"))
    };
    let numbers = std::fs::read_dir("/proc").unwrap();
    let mut numbers = numbers.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    numbers.find(is_it).unwrap()
}

/// The sockets of TCP on this machine, as the kernel numbers them.
#[cfg(target_os = "linux")]
fn tcp_sockets() -> Vec<String> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"];
    let tables = tables.map(|table| std::fs::read_to_string(table).unwrap_or_default());
    let rows = tables.iter().flat_map(|table| table.lines().skip(1));
    let numbers = rows.filter_map(|row| row.split_whitespace().nth(9));
    numbers.map(|number| format!("socket:[{number}]")).collect()
}

#[cfg(target_os = "linux")]
#[test]
fn the_tenant_is_reached_without_a_port() {
    let machine = Machine::new();
    let mut session = at_terminal(&machine.command(&["block", "France"]));
    session.exp_string("[y/N]").unwrap();
    // It has read the listing, and waits.
    let files = format!("/proc/{}/fd", running(&machine));
    let files = std::fs::read_dir(files).unwrap().map(|file| {
        let target = std::fs::read_link(file.unwrap().path()).unwrap_or_default();
        target.to_string_lossy().into_owned()
    });
    let files: Vec<String> = files.collect();
    assert!(
        files
            .iter()
            .any(|file| file.ends_with(".db") || file.contains("tenant")),
        "{files:?}"
    );
    let tcp = tcp_sockets();
    assert!(
        !files.iter().any(|file| tcp.contains(file)),
        "{files:?} {tcp:?}"
    );
    session.send_line("y").unwrap();
    assert_eq!(end(&mut session).0, 0);
    assert_eq!(machine.json(&["show", "France"])["blocked"], true);
}
