//! One script, three APIs.

use serde_json::Value;

use crate::machine::{Machine, Run, Served};

/// Runs as an API client of the served tenant, through one of its APIs.
struct Robot<'a> {
    machine: &'a Machine,
    served: &'a Served,
    client: Value,
    flavor: &'static str,
}

impl Robot<'_> {
    fn run(&self, words: &[&str]) -> Run {
        let mut command = self.machine.command(words);
        command
            .args(["--url", &self.served.url, "--flavor", self.flavor])
            .env(
                "ORG42_API_CLIENT_ID",
                self.client["clientId"].as_str().unwrap(),
            )
            .env(
                "ORG42_API_CLIENT_SECRET",
                self.client["secret"].as_str().unwrap(),
            );
        Run::of(command.output().unwrap())
    }

    fn json(&self, words: &[&str]) -> Value {
        self.run(&[words, &["-o", "json"]].concat()).json()
    }
}

/// What an administrator does in a day; gives what was seen, without ids and dates.
fn script(robot: &Robot<'_>) -> Vec<String> {
    let mut seen = Vec::new();
    let list = robot.json(&["list"]);
    seen.push(list.as_array().unwrap().len().to_string());
    let made = robot.json(&[
        "create",
        "Lab",
        "--parent",
        "/Europe/France",
        "--notes",
        "first",
    ]);
    seen.push(made["orgName"].to_string());
    let guid = made["orgGuid"].as_str().unwrap();
    for name in [guid, "Lab", "/Northwind Group/Europe/France/Lab"] {
        let shown = robot.json(&["show", name]);
        assert_eq!(shown["orgGuid"], guid, "{name}");
        seen.push(format!("{} {}", shown["notes"], shown["active"]));
    }
    let changed = robot.json(&["update", "Lab", "--name", "Lab Two", "--ext-ref", "T-7"]);
    seen.push(format!("{} {}", changed["orgName"], changed["orgExtRef"]));
    let gone = robot.run(&["deactivate", "Lab Two", "--yes"]);
    assert_eq!(gone.code, 0, "{gone:?}");
    assert!(gone.err.contains("0 active users"), "{gone:?}");
    seen.push(robot.json(&["show", guid])["active"].to_string());
    assert_eq!(robot.run(&["reactivate", guid]).code, 0);
    seen.push(robot.json(&["show", guid])["orgName"].to_string());
    let tree = robot.run(&["tree", "/Europe/France"]).out;
    let names = tree
        .lines()
        .map(|line| line.rsplit_once(" (").unwrap().0.to_owned());
    seen.extend(names);
    seen
}

#[test]
fn the_same_script_runs_on_all_three() {
    let seen = ["console", "crashplan", "gateway"].map(|flavor| {
        let machine = Machine::new();
        // Counts may be texts at the gateway.
        let switch = ["--fidelity", "gateway_counts=texts"];
        let served = machine.serve(&[&["--sample", "small"][..], &switch].concat());
        let words = [
            "authority",
            "api-client",
            "create",
            "--data",
            &machine.data(),
        ];
        let client = machine.json(&words);
        let robot = Robot {
            machine: &machine,
            served: &served,
            client,
            flavor,
        };
        let who = robot.json(&["whoami"]);
        assert_eq!(
            (&who["flavor"], &who["tenant"]),
            (&flavor.into(), &"Northwind Group".into())
        );
        script(&robot)
    });
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0], seen[2]);
    assert!(
        seen[0].contains(&"└── Lab Two".to_owned()) || seen[0].contains(&"├── Lab Two".to_owned()),
        "{seen:?}"
    );
}

#[test]
fn what_the_gateway_lacks_is_said_before_anybody_is_asked() {
    let machine = Machine::new();
    let served = machine.serve(&["--sample", "small"]);
    let client = machine.json(&[
        "authority",
        "api-client",
        "create",
        "--data",
        &machine.data(),
    ]);
    let robot = Robot {
        machine: &machine,
        served: &served,
        client,
        flavor: "gateway",
    };
    let lacking: [&[&str]; 11] = [
        &["block", "France", "--dry-run"],
        &[
            "settings",
            "set",
            "France",
            "archive_hold_days=3",
            "--dry-run",
            "-r",
        ],
        &["settings", "inherit", "France", "quota"],
        &["settings", "diff", "France", "Europe"],
        &["list", "--blocked"],
        &["block", "France", "--yes"],
        &["unblock", "France", "--yes"],
        &["agent-state", "France", "fullDiskAccess"],
        &["settings", "show", "France"],
        &["show", "42"],
        &["settings", "set", "France", "archive_hold_days=3", "--yes"],
    ];
    for words in lacking {
        let run = robot.run(words);
        assert_eq!(run.code, 5, "{words:?}: {run:?}");
        assert!(run.err.contains("gateway"), "{run:?}");
    }
    let table = robot.run(&["list"]).out;
    assert!(
        table.starts_with("orgGuid "),
        "what it is named by: {table}"
    );
}
