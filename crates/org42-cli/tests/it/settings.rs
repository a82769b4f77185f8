//! Settings: what is shown, what is asked, what is written, and what each run says of it.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::{Value, json};

use crate::machine::{Machine, Run, Served};

fn hold_days(machine: &Machine, org: &str) -> (Value, Value) {
    let shown = machine.json(&["settings", "show", org, "archive_hold_days"]);
    (shown[0]["value"].clone(), shown[0]["inherited"].clone())
}

fn results(run: &Run) -> Vec<(String, String)> {
    let rows = run.json();
    // The switch of a group goes with the first of its members.
    let is_asked = |row: &&Value| !row["key"].as_str().unwrap().ends_with("_inherited");
    let cell = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
    let rows = rows.as_array().unwrap().iter().filter(is_asked);
    rows.map(|row| (cell(row, "orgName"), cell(row, "result")))
        .collect()
}

/// Changes something that no command does: locking is the console's.
fn put(served: &Served, path: &str, body: &str) {
    let host = served.url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    let length = body.len();
    // admin@example.com:hunter22
    let request = format!(
        "PUT {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Basic YWRtaW5AZXhhbXBsZS5jb206aHVudGVyMjI=\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
}

#[test]
fn a_setting_is_shown_with_where_it_comes_from() {
    let machine = Machine::new();
    let keys = ["archive_hold_days", "web_restore_enabled", "org_name"];
    let shown = machine.json(&[&["settings", "show", "Paris"], &keys[..]].concat());
    assert_eq!(
        shown[0],
        json!({"key": "archive_hold_days", "value": 14, "unit": "days", "inherited": true,
               "fromOrgId": 2, "fromOrgName": "Northwind Group", "locked": false})
    );
    assert_eq!(
        (&shown[1]["value"], &shown[1]["fromOrgName"]),
        (&json!(true), &json!("Northwind Group"))
    );
    assert_eq!(shown[2]["value"], "Paris");
    let all = machine.json(&["settings", "show", "Paris"]);
    let own = machine.json(&["settings", "show", "Paris", "--own"]);
    assert!(all.as_array().unwrap().len() > 40);
    let inherited = |row: &Value| row["inherited"] == true;
    assert!(!own.as_array().unwrap().iter().any(inherited));
}

#[test]
fn setting_one_organization_says_what_it_does_and_does_it() {
    let machine = Machine::new();
    let words = ["settings", "set", "France", "archive_hold_days=30"];
    let dry = machine.run(&[&words[..], &["--dry-run"]].concat());
    assert_eq!(dry.code, 0, "{dry:?}");
    for said in [
        "14 -> 30 days",
        "ends the inheritance of quota",
        "nothing was changed",
    ] {
        assert!(dry.err.contains(said), "{said}: {}", dry.err);
    }
    let unasked = machine.run(&words);
    assert_eq!(unasked.code, 8, "{unasked:?}");
    assert_eq!(hold_days(&machine, "France"), (json!(14), json!(true)));

    let set = machine.run(&[&words[..], &["--yes", "-o", "json"]].concat());
    assert_eq!(set.code, 0, "{set:?}");
    assert!(results(&set).iter().all(|(_, result)| result == "written"));
    assert_eq!(hold_days(&machine, "France"), (json!(30), json!(false)));
    assert_eq!(hold_days(&machine, "Paris"), (json!(30), json!(true)));

    let again = machine.run(&[&words[..], &["-o", "json"]].concat());
    assert_eq!(again.code, 0, "nothing to ask about: {again:?}");
    assert_eq!(
        results(&again),
        [("France".to_owned(), "unchanged".to_owned())]
    );
}

#[test]
fn an_inherited_value_is_pinned_and_given_back() {
    let machine = Machine::new();
    let words = ["settings", "set", "France", "archive_hold_days=14", "--yes"];
    machine.ok(&words);
    assert_eq!(hold_days(&machine, "France"), (json!(14), json!(true)));
    machine.ok(&[&words[..], &["--own"]].concat());
    assert_eq!(hold_days(&machine, "France"), (json!(14), json!(false)));
    machine.ok(&["settings", "set", "Europe", "archive_hold_days=60", "--yes"]);
    assert_eq!(hold_days(&machine, "France"), (json!(14), json!(false)));
    machine.ok(&["settings", "inherit", "France", "quota", "--yes"]);
    assert_eq!(hold_days(&machine, "France"), (json!(60), json!(true)));
    let already = machine.run(&["settings", "inherit", "France", "quota"]);
    assert_eq!(already.code, 0, "{already:?}");
    assert!(already.err.contains("already"), "{already:?}");
}

#[test]
fn values_are_read_as_people_write_them() {
    let machine = Machine::new();
    let words = [
        "settings",
        "set",
        "France",
        "org_backup_quota=250",
        "user_backup_quota=unlimited",
        "backup_alert_recipient_emails=a@example.com,b@example.com",
        "device_defaults.warning_alert_days=5",
        "web_restore_enabled=false",
        "device_upgrade_delay=90",
        "--yes",
    ];
    machine.ok(&words);
    let keys: Vec<&str> = words[3..9]
        .iter()
        .map(|word| word.split('=').next().unwrap())
        .collect();
    let shown = machine.json(&[&["settings", "show", "France"], &keys[..]].concat());
    let values: Vec<&Value> = shown
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["value"])
        .collect();
    assert_eq!(
        json!(values),
        json!([
            250,
            "unlimited",
            ["a@example.com", "b@example.com"],
            5,
            false,
            90
        ])
    );
    for wrong in [
        "archive_hold_days=-1",
        "archive_hold_days=soon",
        "device_upgrade_delay=banana",
        "device_upgrade_delay=-5",
        "device_network_utilization_schedule=banana",
        "no_such_key=1",
        "archive_hold_days",
        "org_id=7",
    ] {
        let run = machine.run(&["settings", "set", "France", wrong, "--yes"]);
        assert_eq!(run.code, 2, "{wrong}: {run:?}");
    }
}

#[test]
fn a_subtree_is_set_with_as_few_writes_as_it_takes() {
    let machine = Machine::new();
    machine.ok(&[
        "settings",
        "set",
        "Germany",
        "archive_hold_days=90",
        "--yes",
    ]);
    machine.ok(&["settings", "set", "Paris", "archive_hold_days=45", "--yes"]);
    let words = [
        "settings",
        "set",
        "Europe",
        "archive_hold_days=45",
        "--recursive",
        "-o",
        "json",
    ];
    let foreseen = machine.run(&[&words[..], &["--dry-run"]].concat());
    let done = machine.run(&[&words[..], &["--yes"]].concat());
    assert_eq!(done.code, 0, "{done:?}");
    let with = |run: &Run, word: &str| -> Vec<String> {
        let rows = results(run).into_iter();
        let mut names: Vec<_> = rows
            .filter(|(_, result)| result == word)
            .map(|(name, _)| name)
            .collect();
        names.sort();
        names
    };
    assert_eq!(with(&foreseen, "would be written"), ["Europe", "Germany"]);
    assert_eq!(with(&done, "written"), ["Europe", "Germany"]);
    assert_eq!(
        with(&done, "unchanged").len(),
        with(&foreseen, "unchanged").len()
    );
    for org in ["Europe", "Germany", "Berlin", "Paris", "Oslo"] {
        assert_eq!(hold_days(&machine, org).0, 45, "{org}");
    }
    assert_eq!(
        hold_days(&machine, "Berlin").1,
        true,
        "who inherited goes on inheriting"
    );
}

#[test]
fn what_is_refused_below_is_told_and_the_rest_is_written() {
    let machine = Machine::new();
    // The tenant that commands use by default, so that both see the same.
    let words = [
        "authority",
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--admin-password",
        "hunter22",
    ];
    let served = Served::start(machine.command(&words));
    let lock = json!({"packets": [{"key": "device_webRestore_enabled", "value": "false", "locked": true}]});
    let top = machine.json(&["show", "/"])["orgId"].to_string();
    put(
        &served,
        &format!("/api/v1/OrgSetting/{top}"),
        &lock.to_string(),
    );
    let words = [
        "settings",
        "set",
        "Europe",
        "web_restore_enabled=true",
        "web_restore_user_limit=77",
    ];
    let run = machine.run(&[&words[..], &["--recursive", "--yes", "-o", "json"]].concat());
    assert_eq!(run.code, 6, "{run:?}");
    let refused: Vec<String> = results(&run)
        .into_iter()
        .filter(|(_, result)| result == "refused")
        .map(|(name, _)| name)
        .collect();
    assert!(refused.contains(&"Berlin".to_owned()), "{refused:?}");
    let berlin = machine.json(&[
        "settings",
        "show",
        "Berlin",
        "web_restore_enabled",
        "web_restore_user_limit",
    ]);
    assert_eq!(
        json!([berlin[0]["value"], berlin[0]["locked"], berlin[1]["value"]]),
        json!([false, true, 77])
    );
}

#[test]
fn organizations_are_compared_with_each_other_and_with_a_file() {
    let machine = Machine::new();
    assert_eq!(
        machine.json(&["settings", "diff", "Paris", "Munich"]),
        json!([])
    );
    machine.ok(&["settings", "set", "Paris", "archive_hold_days=30", "--yes"]);
    let diff = machine.json(&["settings", "diff", "Paris", "Munich"]);
    let found = diff.as_array().unwrap().iter();
    let found = found
        .clone()
        .find(|row| row["key"] == "archive_hold_days")
        .unwrap();
    assert_eq!((&found["left"], &found["right"]), (&json!(30), &json!(14)));

    let file = machine.home().join("expected.json");
    let expect = ["--expect", file.to_str().unwrap()];
    std::fs::write(
        &file,
        machine.ok(&["settings", "show", "Paris", "-o", "json"]),
    )
    .unwrap();
    let same = machine.run(&[&["settings", "check", "Paris"], &expect[..]].concat());
    assert_eq!(same.code, 0, "{same:?}");
    std::fs::write(&file, "archive_hold_days=30\nweb_restore_enabled=true\n").unwrap();
    let words = [&["settings", "check", "Munich", "-o", "json"], &expect[..]].concat();
    let other = machine.run(&words);
    assert_eq!(other.code, 10, "{other:?}");
    let rows = other.json();
    assert_eq!(rows.as_array().unwrap().len(), 1);
    assert_eq!(
        (&rows[0]["key"], &rows[0]["expected"], &rows[0]["value"]),
        (&json!("archive_hold_days"), &json!(30), &json!(14))
    );
    std::fs::write(&file, "archive_hold_day=30\n").unwrap();
    assert_eq!(machine.run(&words).code, 2);
}

#[test]
fn every_key_is_listed_with_its_unit_and_meaning() {
    let machine = Machine::new();
    let run = machine.run(&["settings", "keys", "-o", "json"]);
    assert!(run.err.is_empty(), "it needs no tenant: {}", run.err);
    let keys = run.json();
    let keys = keys.as_array().unwrap();
    assert!(keys.iter().all(|key| {
        key["meaning"]
            .as_str()
            .is_some_and(|text| text.ends_with('.'))
    }));
    let quota = keys
        .iter()
        .find(|key| key["key"] == "org_backup_quota")
        .unwrap();
    assert_eq!(
        (&quota["unit"], &quota["place"]),
        (&json!("GB"), &json!("quota"))
    );
    for form in ["table", "csv"] {
        let run = machine.run(&["settings", "keys", "-o", form]);
        assert_eq!(run.out.lines().count(), keys.len() + 1, "{form}");
    }
}

#[test]
fn a_setting_says_by_name_where_it_comes_from_whether_it_is_asked_for_alone_or_not() {
    let machine = Machine::new();
    let words = [
        "settings",
        "set",
        "Europe",
        "web_restore_enabled=false",
        "archive_hold_days=60",
        "--yes",
    ];
    machine.ok(&words);
    for key in [
        "web_restore_enabled",
        "archive_hold_days",
        "device_upgrade_delay",
    ] {
        let all = machine.json(&["settings", "show", "Paris"]);
        let alone = machine.json(&["settings", "show", "Paris", key]);
        let of_all = all.as_array().unwrap().iter().find(|row| row["key"] == key);
        assert_eq!(&alone[0], of_all.unwrap());
        assert!(alone[0]["fromOrgName"].is_string(), "{alone}");
    }
}
