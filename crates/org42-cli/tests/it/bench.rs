//! The authority as a test bench, from the command line.

use serde_json::{Value, json};

use crate::machine::{Machine, Run, Served};

/// A machine with a served tenant.
struct Lab {
    machine: Machine,
    served: Served,
}

impl Lab {
    fn new(words: &[&str]) -> Self {
        let machine = Machine::new();
        let all = [&["--admin-password", "hunter22"], words].concat();
        let served = machine.serve(&all);
        Self { machine, served }
    }

    fn run(&self, words: &[&str]) -> Run {
        self.machine.run_at(&self.served, words)
    }

    fn ok(&self, words: &[&str]) -> Run {
        let run = self.run(words);
        assert_eq!(run.code, 0, "{words:?}: {}", run.err);
        run
    }

    fn json(&self, words: &[&str]) -> Value {
        self.ok(&[words, &["-o", "json"]].concat()).json()
    }

    fn names(&self) -> Vec<Value> {
        let list = self.json(&["list"]);
        let list = list.as_array().unwrap().iter();
        list.map(|org| org["orgName"].clone()).collect()
    }
}

#[test]
fn a_sample_is_added_a_snapshot_brought_back_and_a_tenant_begun_anew() {
    let lab = Lab::new(&["--sample", "none"]);
    assert_eq!(lab.names(), ["My Company"]);
    let told = lab.ok(&["authority", "snapshot", "save", "empty"]).err;
    assert!(
        told.contains("saved") && told.contains(&lab.served.url),
        "{told}"
    );
    let added = lab.json(&["authority", "seed", "20"]);
    assert_eq!(added["orgName"], "Sample Tenant");
    assert_eq!(lab.names().len(), 21);
    let rows = lab.json(&["authority", "snapshot", "list"]);
    assert_eq!(rows[0]["name"], "empty");
    let twin = lab.run(&["authority", "snapshot", "save", "empty"]);
    assert_eq!(twin.code, 5, "{}", twin.err);
    assert!(
        twin.err.contains("There is a snapshot empty already"),
        "{}",
        twin.err
    );
    lab.ok(&["authority", "snapshot", "save", "full"]);
    for words in [
        &["authority", "snapshot", "restore", "empty"][..],
        &["authority", "snapshot", "delete", "empty"],
        &["authority", "reset"],
    ] {
        let asked = lab.run(words);
        assert_eq!(asked.code, 8, "{words:?}: {}", asked.err);
    }
    assert_eq!(lab.names().len(), 21);
    lab.ok(&["authority", "snapshot", "restore", "empty", "--yes"]);
    assert_eq!(lab.names(), ["My Company"]);
    lab.ok(&["authority", "snapshot", "restore", "full", "--yes"]);
    assert_eq!(lab.names().len(), 21);
    lab.ok(&["authority", "snapshot", "delete", "full", "--yes"]);
    let gone = lab.run(&["authority", "snapshot", "restore", "full", "--yes"]);
    assert_eq!(
        (gone.code, gone.err.contains("no snapshot full")),
        (3, true)
    );
    lab.ok(&["authority", "reset", "--yes"]);
    assert_eq!(lab.names(), ["My Company"]);
    lab.ok(&["authority", "reset", "--yes", "--sample", "small"]);
    assert_eq!(lab.names()[0], "Northwind Group");
}

#[test]
fn the_embedded_tenant_and_one_in_a_directory_are_filled_and_brought_back_too() {
    let machine = Machine::new();
    let count = |words: &[&str]| {
        let list = machine.json(&[words, &["list"]].concat());
        list.as_array().unwrap().len()
    };
    let before = count(&[]);
    machine.ok(&["authority", "snapshot", "save", "mine"]);
    machine.ok(&["authority", "seed", "5"]);
    assert_eq!(count(&[]), before + 5);
    machine.ok(&["authority", "snapshot", "restore", "mine", "-y"]);
    assert_eq!(count(&[]), before);
    let data = machine.home().join("copy").display().to_string();
    let missing = machine.run(&["authority", "seed", "--data", &data]);
    assert_eq!(missing.code, 3, "{}", missing.err);
    assert!(!std::path::Path::new(&data).exists());
    machine.ok(&["pull", "--into", &data]);
    machine.ok(&["authority", "seed", "5", "--data", &data]);
    let users = machine.json(&["authority", "user", "list", "--data", &data]);
    assert!(users.as_array().unwrap().len() > 60);
    for noun in ["requests", "fidelity"] {
        let run = machine.run(&["authority", noun]);
        assert_eq!(run.code, 2, "{}", run.err);
        assert!(run.err.contains("authority serve"), "{}", run.err);
    }
}

#[test]
fn faults_are_added_seen_and_taken_away() {
    let lab = Lab::new(&[]);
    let added = lab.json(&[
        "authority",
        "faults",
        "add",
        "/api/v3/orgs/*/block",
        "--method",
        "post",
        "reset",
        "--applied",
        "--count",
        "1",
    ]);
    assert_eq!(
        added[0]["fault"], "reset",
        "what it is may stand between the options: {added}"
    );
    assert_eq!(
        (&added[0]["applied"], &added[0]["count"]),
        (&json!(true), &json!(1))
    );
    let block = lab.run(&["block", "Lyon", "--yes"]);
    assert_eq!(
        block.code, 0,
        "it was carried out all the same: {}",
        block.err
    );
    let lyon = lab.json(&["show", "Lyon"]);
    assert_eq!(lyon["blocked"], true);
    lab.ok(&[
        "authority",
        "faults",
        "add",
        "**",
        "status",
        "418",
        "--body",
        "tea",
        "--content-type",
        "text/plain",
    ]);
    let tea = lab.run(&["list"]);
    assert!(tea.err.contains("418"), "{}", tea.err);
    let rows = lab.json(&["authority", "faults", "list"]);
    let hits: Vec<&Value> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["hits"])
        .collect();
    assert_eq!(hits[0], 1);
    assert!(hits[1].as_u64() >= Some(1));
    let wrong = lab.run(&["authority", "faults", "add", "orgs", "reset"]);
    assert_eq!(wrong.code, 2, "{}", wrong.err);
    assert!(
        wrong.err.contains("path begins with a slash"),
        "{}",
        wrong.err
    );
    lab.ok(&["authority", "faults", "clear"]);
    lab.ok(&["list"]);
    let seen = lab.json(&["authority", "requests"]);
    let seen = seen.as_array().unwrap();
    let hit = |path: &str| {
        seen.iter()
            .any(|row| row["path"] == path && row["fault"] == 2)
    };
    assert!(hit("/api/v3/auth/jwt"), "{seen:?}");
    assert!(!format!("{seen:?}").contains("hunter22"));
    lab.ok(&["authority", "requests", "--forget"]);
    let left = lab.json(&["authority", "requests"]);
    assert!(left.as_array().unwrap().len() < seen.len());
}

#[test]
fn every_kind_of_trouble_is_taken() {
    let lab = Lab::new(&["--sample", "none"]);
    let kinds: &[&[&str]] = &[
        &["status", "503"],
        &["too-many-requests", "--retry-after", "7", "--as-date"],
        &["delay", "5"],
        &["slow-body", "--pieces", "3", "--pause-millis", "1"],
        &["truncated-body"],
        &["reset"],
        &["expired-token"],
        &["invalid-json"],
        &["html-page"],
    ];
    for kind in kinds {
        let words = [&["authority", "faults", "add", "/never"], *kind].concat();
        lab.ok(&words);
    }
    let rows = lab.json(&["authority", "faults", "list"]);
    assert_eq!(rows.as_array().unwrap().len(), kinds.len());
    assert_eq!(
        rows[1]["fault"],
        json!({"tooManyRequests": {"retryAfterSeconds": 7, "asDate": true}})
    );
}

#[test]
fn the_clock_is_moved_and_commands_go_on_signing_in() {
    let lab = Lab::new(&["--sample", "small"]);
    lab.ok(&["authority", "clock", "stop"]);
    let before = lab.json(&["authority", "clock", "show"]);
    assert_eq!(before["runs"], false);
    let later = lab.json(&["authority", "clock", "advance", "15d"]);
    assert_ne!(later["now"], before["now"]);
    lab.ok(&["list"]);
    for time in ["2031-05-06T07:08:09Z", "2020-01-01T00:00:00Z"] {
        let set = lab.json(&["authority", "clock", "set", time]);
        assert!(
            set["now"].as_str().unwrap().starts_with(&time[..19]),
            "{set}"
        );
        let made = lab.json(&["create", &format!("In {}", &time[..4])]);
        assert!(
            made["creationDate"].to_string().contains(&time[..4]),
            "{made}"
        );
    }
    assert_eq!(lab.json(&["authority", "clock", "run"])["runs"], true);
    let now = lab.json(&["authority", "clock", "reset"]);
    assert!(!now["now"].as_str().unwrap().starts_with("2020"), "{now}");
    assert_eq!(lab.run(&["authority", "clock", "advance", "1w"]).code, 2);
    assert_eq!(lab.run(&["authority", "clock", "set", "tomorrow"]).code, 2);
}

#[test]
fn switches_are_set_at_the_start_and_while_it_is_served() {
    let lab = Lab::new(&[
        "--fidelity",
        "rule_status=409",
        "--fidelity",
        "v3_dates=iso",
    ]);
    let all = lab.json(&["authority", "fidelity"]);
    assert_eq!(
        (&all["rule_status"], &all["v3_dates"]),
        (&json!(409), &json!("iso"))
    );
    // Another status for the same refusal is understood the same.
    let twin = lab.run(&["create", "Europe"]);
    assert_eq!(twin.code, 5, "{}", twin.err);
    let set = lab.json(&[
        "authority",
        "fidelity",
        "v3_errors=envelope",
        "null_clears=true",
    ]);
    assert_eq!(
        (&set["v3_errors"], &set["null_clears"], &set["rule_status"]),
        (&json!("envelope"), &json!(true), &json!(409))
    );
    let twin = lab.run(&["create", "Europe"]);
    assert_eq!(twin.code, 5, "{}", twin.err);
    assert!(twin.err.contains("ORG_DUPLICATE"), "{}", twin.err);
    let again = lab.json(&["authority", "fidelity", "--reset"]);
    assert_eq!(again["null_clears"], false);
    assert_eq!(again["rule_status"], 409, "as at the start");
    let wrong = lab.run(&["authority", "fidelity", "rule_status=200"]);
    assert_eq!(wrong.code, 2, "{}", wrong.err);
    let machine = Machine::new();
    let data = machine.data();
    let wrong = machine.run(&[
        "authority",
        "serve",
        "--data",
        &data,
        "--fidelity",
        "nul_clears=true",
    ]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.err.contains("null_clears"), "{}", wrong.err);
    assert!(!std::path::Path::new(&data).exists());
}

#[test]
fn users_with_roles_see_and_change_what_they_may() {
    let lab = Lab::new(&["--sample", "small"]);
    let made = lab.json(&[
        "authority",
        "user",
        "create",
        "olga@example.com",
        "--org",
        "/Europe",
        "--role",
        "Org Admin",
    ]);
    assert_eq!(
        (&made["orgName"], &made["roles"]),
        (&json!("Europe"), &json!(["Org Admin"]))
    );
    let password = made["password"].as_str().unwrap();
    let as_olga = |words: &[&str]| {
        let mut command = lab.machine.command(words);
        command
            .env("ORG42_URL", &lab.served.url)
            .env("ORG42_USERNAME", "olga@example.com")
            .env("ORG42_PASSWORD", password);
        Run::of(command.output().unwrap())
    };
    let tree = as_olga(&["tree"]);
    assert!(tree.out.starts_with("Europe "), "{} {}", tree.out, tree.err);
    assert!(!tree.out.contains("Americas"));
    assert_eq!(as_olga(&["block", "Lyon", "--yes"]).code, 0);
    let beside = lab.json(&["show", "Americas"])["orgGuid"].clone();
    let beside = beside.as_str().unwrap();
    assert_eq!(as_olga(&["show", beside]).code, 3, "it is not in her list");
    let own = as_olga(&["create", "Somewhere", "--parent", "Europe"]);
    assert_eq!(own.code, 0, "{}", own.err);
    let settings = as_olga(&["settings", "set", "Lyon", "archive_hold_days=3", "--yes"]);
    assert_eq!(settings.code, 6, "{}", settings.err);
    assert!(settings.err.contains("403 Forbidden"), "{}", settings.err);
    assert_eq!(as_olga(&["authority", "requests"]).code, 4);
    let unknown = lab.run(&["authority", "user", "create", "x", "--role", "King"]);
    assert_eq!(unknown.code, 2, "{}", unknown.err);
    assert!(unknown.err.contains("Org Manager"), "{}", unknown.err);
    let listed = lab.json(&["authority", "user", "list", "--org", "Europe"]);
    let names: Vec<&Value> = (listed.as_array().unwrap().iter())
        .map(|user| &user["username"])
        .collect();
    assert!(names.contains(&&json!("olga@example.com")) && !names.contains(&&json!("x")));
    let secret = lab.machine.home().join("secret");
    std::fs::write(&secret, "given by me\n").unwrap();
    let file = secret.display().to_string();
    let given = lab.json(&[
        "authority",
        "user",
        "create",
        "ben",
        "--password-file",
        &file,
    ]);
    assert!(given["password"].is_null() && given["roles"] == json!(["Desktop User"]));
    let twin = lab.run(&["authority", "user", "create", "ben", "--no-password"]);
    assert_eq!(twin.code, 5, "{}", twin.err);
}

#[test]
fn a_restoration_says_what_comes_back_and_kept_sessions_are_simply_begun_anew() {
    let lab = Lab::new(&["--sample", "none"]);
    let made = lab.json(&[
        "authority",
        "user",
        "create",
        "eve@example.com",
        "--role",
        "Customer Cloud Admin",
    ]);
    lab.ok(&["authority", "snapshot", "save", "then"]);
    let words = [
        "profile",
        "create",
        "lab",
        "--url",
        &lab.served.url,
        "--username",
        "admin@example.com",
        "--no-password",
    ];
    let at_lab = |words: &[&str]| {
        let mut command = lab.machine.command(words);
        Run::of(command.env("ORG42_PASSWORD", "hunter22").output().unwrap())
    };
    let created = at_lab(&words);
    assert_eq!(created.code, 0, "{created:?}");
    assert_eq!(at_lab(&["list", "--profile", "lab"]).code, 0);
    let uid = {
        let users = lab.json(&["authority", "user", "list"]);
        let users = users.as_array().unwrap().iter();
        let mut eve = users.filter(|user| user["username"] == made["username"]);
        eve.next().unwrap()["userUid"].clone()
    };
    let roles = demote(&lab.served.url, uid.as_str().unwrap());
    assert!(roles.starts_with("HTTP/1.1 200"), "{roles}");
    let asked = lab.run(&["authority", "snapshot", "restore", "then"]);
    assert_eq!(asked.code, 8, "{asked:?}");
    let told = lab.ok(&["authority", "snapshot", "restore", "then", "--yes"]);
    for err in [&asked.err, &told.err] {
        assert!(
            err.contains("comes back as it was: 1 organization and 2 users"),
            "{err}"
        );
        assert!(err.contains("the administrator admin@example.com"), "{err}");
        assert!(
            err.contains("eve@example.com (Customer Cloud Admin) comes back without it"),
            "{err}"
        );
    }
    assert!(
        told.err.contains("every session from before is over"),
        "{told:?}"
    );
    let listed = at_lab(&["list", "--profile", "lab"]);
    assert_eq!(listed.code, 0, "{listed:?}");
    // The same through the directory.
    let data = lab.machine.data();
    let words = [
        "authority",
        "snapshot",
        "restore",
        "then",
        "--yes",
        "--data",
        &data,
    ];
    let beside = lab.machine.run(&words);
    assert!(
        beside.code == 0 && beside.err.contains("every session from before is over"),
        "{beside:?}"
    );
    let listed = at_lab(&["list", "--profile", "lab"]);
    assert_eq!(listed.code, 0, "{listed:?}");
}

/// Takes every role but that of ordinary users from a person, as the administrator; returns the answer.
fn demote(url: &str, uid: &str) -> String {
    use std::io::{Read as _, Write as _};
    let host = url.strip_prefix("http://").unwrap();
    let mut stream = std::net::TcpStream::connect(host).unwrap();
    let login = format!(
        "GET /api/v3/auth/jwt?useBody=true HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
         Authorization: Basic YWRtaW5AZXhhbXBsZS5jb206aHVudGVyMjI=\r\n\r\n"
    );
    stream.write_all(login.as_bytes()).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let document: Value = serde_json::from_str(text.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    let token = document["data"]["v3_user_token"].as_str().unwrap();
    let body = r#"{"roleIds":["desktop-user"]}"#;
    let put = format!(
        "PUT /api/v3/users/{uid}/roles HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
         Authorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = std::net::TcpStream::connect(host).unwrap();
    stream.write_all(put.as_bytes()).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}
