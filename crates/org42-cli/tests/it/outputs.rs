//! The forms of results.

use serde_json::Value;

use crate::machine::Machine;

fn names(orgs: &Value) -> Vec<&str> {
    orgs.as_array()
        .unwrap()
        .iter()
        .map(|org| org["orgName"].as_str().unwrap())
        .collect()
}

#[test]
fn every_form_of_the_listing_has_every_organization() {
    let machine = Machine::new();
    let orgs = machine.json(&["list"]);
    let names = names(&orgs);
    assert!(names.len() >= 30);
    for key in [
        "orgId",
        "orgUid",
        "orgGuid",
        "orgName",
        "active",
        "blocked",
        "notes",
        "registrationKey",
    ] {
        assert!(orgs[0].get(key).is_some(), "{key}");
    }
    let lines: Vec<Value> = machine
        .ok(&["list", "-f", "jsonl"])
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(Value::Array(lines), orgs);
    let ids: Vec<String> = machine
        .ok(&["list", "--format", "ids"])
        .lines()
        .map(str::to_owned)
        .collect();
    let wanted: Vec<String> = orgs
        .as_array()
        .unwrap()
        .iter()
        .map(|org| org["orgId"].to_string())
        .collect();
    assert_eq!(ids, wanted);
    let csv = machine.ok(&["list", "-o", "csv"]);
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let column = reader
        .headers()
        .unwrap()
        .iter()
        .position(|name| name == "orgName")
        .unwrap();
    let in_csv: Vec<String> = reader
        .records()
        .map(|row| row.unwrap()[column].to_owned())
        .collect();
    assert_eq!(in_csv, names);
    for form in ["table", "wide", "tree"] {
        let text = machine.ok(&["list", "-o", form]);
        for name in &names {
            assert!(text.contains(name), "{form}: {name}");
        }
        assert!(!text.contains('\u{1b}'), "no colours into a pipe");
    }
    assert_eq!(machine.ok(&["list", "-o", "tree"]), machine.ok(&["tree"]));
    assert_eq!(machine.json(&["tree"]), orgs);
}

#[test]
fn every_form_of_one_organization_shows_it() {
    let machine = Machine::new();
    let org = machine.json(&["show", "Paris"]);
    assert_eq!(org["orgName"], "Paris");
    for alias in ["get", "view", "info"] {
        assert_eq!(machine.json(&[alias, "Paris"]), org, "{alias}");
    }
    let line: Value = serde_json::from_str(&machine.ok(&["show", "Paris", "-o", "jsonl"])).unwrap();
    assert_eq!(line, org);
    assert_eq!(
        machine.ok(&["show", "Paris", "-o", "ids"]),
        format!("{}\n", org["orgId"])
    );
    let csv = machine.ok(&["show", "Paris", "-o", "csv"]);
    assert_eq!(
        csv::Reader::from_reader(csv.as_bytes()).records().count(),
        1
    );
    for form in ["table", "wide", "tree"] {
        assert!(
            machine.ok(&["show", "Paris", "-o", form]).contains("Paris"),
            "{form}"
        );
    }
}

#[test]
fn narrowing_keeps_what_is_asked_for() {
    let machine = Machine::new();
    let all = machine.json(&["list"]);
    assert_eq!(machine.json(&["list", "--all"]), all);
    let cases = [
        ("--active", ("active", true)),
        ("--inactive", ("active", false)),
        ("--blocked", ("blocked", true)),
    ];
    for (word, (key, state)) in cases {
        let wanted: Vec<Value> = all
            .as_array()
            .unwrap()
            .iter()
            .filter(|org| org[key] == state)
            .cloned()
            .collect();
        assert!(
            !wanted.is_empty() && wanted.len() < all.as_array().unwrap().len(),
            "{word}"
        );
        assert_eq!(
            machine.json(&["list", word]),
            Value::Array(wanted),
            "{word}"
        );
    }
    let blocked = machine.ok(&["tree", "--blocked"]);
    assert!(
        blocked.contains("Osaka") && blocked.contains("Japan") && !blocked.contains("Tokyo"),
        "{blocked}"
    );
}

#[test]
fn a_subtree_has_the_organization_and_what_is_below_it() {
    let machine = Machine::new();
    let tree = machine.ok(&["tree", "/Europe/France"]);
    let words: Vec<&str> = tree
        .split_whitespace()
        .filter(|word| word.chars().all(char::is_alphabetic))
        .collect();
    assert_eq!(words, ["France", "Lyon", "Paris"], "{tree}");
    let mut below = machine.json(&["tree", "/Europe/France"]);
    below
        .as_array_mut()
        .unwrap()
        .sort_by_key(|org| org["orgName"].to_string());
    assert_eq!(names(&below), ["France", "Lyon", "Paris"]);
}

#[test]
fn agent_states_of_an_organization_are_rows() {
    let machine = Machine::new();
    let mut values = Vec::new();
    for id in machine.ok(&["list", "-o", "ids", "--active"]).lines() {
        for state in machine
            .json(&["agent-state", id, "fullDiskAccess"])
            .as_array()
            .unwrap()
        {
            assert!(
                state["deviceGuid"].is_string() && state["name"] == "fullDiskAccess",
                "{state}"
            );
            values.push(state["value"].to_string().replace('"', ""));
        }
    }
    assert!(values.iter().any(|value| value == "true"), "{values:?}");
    assert!(values.iter().any(|value| value == "false"), "{values:?}");
}

#[test]
fn completions_and_help_are_there() {
    let machine = Machine::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = machine.run(&["completion", shell]);
        assert!(script.err.is_empty(), "{script:?}");
        assert!(script.out.contains("agent-state"), "{shell}");
    }
    let help = machine.ok(&["--help"]);
    for words in [
        "Exit codes",
        "0  done",
        "3  organization not found",
        "8  declined",
        "ORG42_URL",
    ] {
        assert!(help.contains(words), "{words}: {help}");
    }
    assert!(
        !std::path::Path::new(&machine.data()).exists(),
        "neither needs a tenant"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_help_text_that_nobody_could_write_was_not_told() {
    for words in [&["--help"][..], &["list", "--help"], &["--version"]] {
        let full = std::fs::OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .unwrap();
        let mut command = Machine::new().command(words);
        let output = command.stdout(full).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{words:?}: {output:?}");
    }
}
