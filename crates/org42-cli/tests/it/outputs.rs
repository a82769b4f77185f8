//! The forms of results.

use serde_json::Value;

use crate::program::Home;

fn names(orgs: &Value) -> Vec<&str> {
    orgs.as_array()
        .unwrap()
        .iter()
        .map(|org| org["orgName"].as_str().unwrap())
        .collect()
}

#[test]
fn every_form_of_the_listing_has_every_organization() {
    let home = Home::new();
    let orgs = home.json(&["list"]);
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
    let lines: Vec<Value> = home
        .ok(&["list", "-f", "jsonl"])
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(Value::Array(lines), orgs);
    let ids: Vec<String> = home
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
    let csv = home.ok(&["list", "-o", "csv"]);
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
        let text = home.ok(&["list", "-o", form]);
        for name in &names {
            assert!(text.contains(name), "{form}: {name}");
        }
        assert!(!text.contains('\u{1b}'), "no colours into a pipe");
    }
    assert_eq!(home.ok(&["list", "-o", "tree"]), home.ok(&["tree"]));
    assert_eq!(home.json(&["tree"]), orgs);
}

#[test]
fn every_form_of_one_organization_shows_it() {
    let home = Home::new();
    let org = home.json(&["show", "Paris"]);
    assert_eq!(org["orgName"], "Paris");
    for alias in ["get", "view", "info"] {
        assert_eq!(home.json(&[alias, "Paris"]), org, "{alias}");
    }
    let line: Value = serde_json::from_str(&home.ok(&["show", "Paris", "-o", "jsonl"])).unwrap();
    assert_eq!(line, org);
    assert_eq!(
        home.ok(&["show", "Paris", "-o", "ids"]),
        format!("{}\n", org["orgId"])
    );
    let csv = home.ok(&["show", "Paris", "-o", "csv"]);
    assert_eq!(
        csv::Reader::from_reader(csv.as_bytes()).records().count(),
        1
    );
    for form in ["table", "wide", "tree"] {
        assert!(
            home.ok(&["show", "Paris", "-o", form]).contains("Paris"),
            "{form}"
        );
    }
}

#[test]
fn narrowing_keeps_what_is_asked_for() {
    let home = Home::new();
    let all = home.json(&["list"]);
    assert_eq!(home.json(&["list", "--all"]), all);
    let cases: [(&str, fn(&Value) -> bool); 3] = [
        ("--active", |org| org["active"] == true),
        ("--inactive", |org| org["active"] == false),
        ("--blocked", |org| org["blocked"] == true),
    ];
    for (word, is_wanted) in cases {
        let wanted: Vec<Value> = all
            .as_array()
            .unwrap()
            .iter()
            .filter(|org| is_wanted(org))
            .cloned()
            .collect();
        assert!(
            !wanted.is_empty() && wanted.len() < all.as_array().unwrap().len(),
            "{word}"
        );
        assert_eq!(home.json(&["list", word]), Value::Array(wanted), "{word}");
    }
    let blocked = home.ok(&["tree", "--blocked"]);
    assert!(
        blocked.contains("Osaka") && blocked.contains("Japan") && !blocked.contains("Tokyo"),
        "{blocked}"
    );
}

#[test]
fn a_subtree_has_the_organization_and_what_is_below_it() {
    let home = Home::new();
    let tree = home.ok(&["tree", "/Europe/France"]);
    let words: Vec<&str> = tree
        .split_whitespace()
        .filter(|word| word.chars().all(char::is_alphabetic))
        .collect();
    assert_eq!(words, ["France", "Lyon", "Paris"], "{tree}");
    let mut below = home.json(&["tree", "/Europe/France"]);
    below
        .as_array_mut()
        .unwrap()
        .sort_by_key(|org| org["orgName"].to_string());
    assert_eq!(names(&below), ["France", "Lyon", "Paris"]);
}

#[test]
fn agent_states_of_an_organization_are_rows() {
    let home = Home::new();
    let all = home.json(&["agent-state", "/", "fullDiskAccess"]);
    let values: Vec<&Value> = all
        .as_array()
        .unwrap()
        .iter()
        .map(|state| &state["value"])
        .collect();
    assert!(
        values
            .iter()
            .any(|value| value.to_string().contains("true")),
        "{all}"
    );
    assert!(
        values
            .iter()
            .any(|value| value.to_string().contains("false")),
        "{all}"
    );
    assert!(
        all[0]["deviceGuid"].is_string() && all[0]["name"] == "fullDiskAccess",
        "{all}"
    );
}

#[test]
fn completions_and_help_are_there() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = home.run(&["completion", shell]);
        assert!(script.err.is_empty(), "{script:?}");
        assert!(script.ok().contains("agent-state"), "{shell}");
    }
    let help = home.ok(&["--help"]);
    for words in [
        "Exit codes",
        "0  done",
        "3  organization not found",
        "8  declined",
        "ORG42_URL",
    ] {
        assert!(help.contains(words), "{words}: {help}");
    }
    assert!(!home.path("data").exists(), "neither needs a tenant");
}
