//! Every command honours the options about a tenant, or refuses them.

use std::collections::BTreeSet;

use crate::machine::{Machine, Run};
use crate::scripted::server;

/// What a command does with the options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Does {
    /// Reads a tenant.
    Reads,
    /// Changes a tenant, and can say what it would change.
    Changes,
    /// Changes an authority: there is no dry run of that.
    Turns,
    /// Reads what only an authority has.
    Looks,
    /// Has no tenant.
    Alone,
    /// Is about a profile.
    Profile,
}

/// Every command with words that can be read.
const COMMANDS: &[(&str, Does)] = &[
    ("tree", Does::Reads),
    ("list", Does::Reads),
    ("show 2", Does::Reads),
    ("create Paris", Does::Changes),
    ("update 2 --notes x", Does::Changes),
    ("block 2", Does::Changes),
    ("unblock 2", Does::Changes),
    ("deactivate 2", Does::Changes),
    ("reactivate 2", Does::Changes),
    ("agent-state 2 x", Does::Reads),
    ("settings show 2", Does::Reads),
    ("settings set 2 archive_hold_days=3", Does::Changes),
    ("settings inherit 2 quota", Does::Changes),
    ("settings diff 2 3", Does::Reads),
    ("settings check 2 --expect EXPECT", Does::Reads),
    ("settings keys", Does::Alone),
    ("whoami", Does::Reads),
    ("pull --into INTO", Does::Reads),
    ("profile create x", Does::Profile),
    ("profile update lab", Does::Profile),
    ("profile list", Does::Profile),
    ("profile show lab", Does::Profile),
    ("profile use lab", Does::Profile),
    ("profile test lab", Does::Profile),
    ("profile rename lab x", Does::Profile),
    ("profile set-secret lab --no-password", Does::Profile),
    ("profile delete lab", Does::Profile),
    ("profile import --from incydr", Does::Profile),
    ("completion bash", Does::Alone),
    ("authority openapi", Does::Alone),
    ("authority serve --listen 127.0.0.1:0", Does::Alone),
    ("authority api-client create", Does::Turns),
    ("authority api-client list", Does::Looks),
    ("authority api-client revoke key-42-x", Does::Turns),
    ("authority user create ann@example.com", Does::Turns),
    ("authority user list", Does::Looks),
    ("authority user roles", Does::Looks),
    ("authority seed", Does::Turns),
    ("authority reset", Does::Turns),
    ("authority snapshot save x", Does::Turns),
    ("authority snapshot restore x", Does::Turns),
    ("authority snapshot list", Does::Looks),
    ("authority snapshot delete x", Does::Turns),
    ("authority requests", Does::Looks),
    ("authority requests --forget", Does::Turns),
    ("authority faults list", Does::Looks),
    ("authority faults add /x reset", Does::Turns),
    ("authority faults clear", Does::Turns),
    ("authority clock show", Does::Looks),
    ("authority clock set 2027-01-01T00:00:00Z", Does::Turns),
    ("authority clock advance 5s", Does::Turns),
    ("authority clock stop", Does::Turns),
    ("authority clock run", Does::Turns),
    ("authority clock reset", Does::Turns),
    ("authority fidelity", Does::Looks),
    ("authority fidelity null_clears=true", Does::Turns),
    ("authority fidelity --reset", Does::Turns),
];

/// A machine on which there is nothing but a read-only profile of a tenant that is served.
struct Setup {
    machine: Machine,
    served: crate::machine::Served,
    expect: String,
    into: String,
}

impl Setup {
    fn new() -> Self {
        let machine = Machine::new();
        let served = machine.serving("small");
        let path = |name: &str| machine.home().join(name).display().to_string();
        let (expect, into, password) = (path("expect"), path("into"), path("password"));
        std::fs::write(&expect, "archive_hold_days=3\n").unwrap();
        std::fs::write(&password, "hunter22\n").unwrap();
        let words = [
            "profile",
            "create",
            "lab",
            "--url",
            &served.url,
            "--username",
        ];
        let more = [
            "admin@example.com",
            "--password-file",
            &password,
            "--read-only",
        ];
        machine.ok(&[&words[..], &more].concat());
        machine.ok(&["profile", "use", "embedded"]);
        Self {
            machine,
            served,
            expect,
            into,
        }
    }

    fn words(&self, command: &str) -> Vec<String> {
        let words = command.split(' ').map(|word| match word {
            "EXPECT" => self.expect.clone(),
            "INTO" => self.into.clone(),
            word => word.to_owned(),
        });
        words.collect()
    }

    fn run(&self, command: &str, options: &[&str], set: &[(&str, &str)]) -> Run {
        let words = self.words(command);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let mut command = self.machine.command(&[&words[..], options].concat());
        Run::of(command.envs(set.iter().copied()).output().unwrap())
    }

    /// Whether the tenant that needs no profile was ever founded.
    fn has_embedded(&self) -> bool {
        self.machine
            .home()
            .join(".local/share/org42/tenant.db")
            .exists()
            || std::fs::read_dir(self.machine.home().join(".local/share/org42")).is_ok_and(
                |mut files| {
                    files.any(|file| file.unwrap().path().extension().is_some_and(|e| e == "db"))
                },
            )
    }
}

#[test]
fn every_command_goes_to_the_tenant_that_is_said_or_refuses() {
    // It lets nobody in, and remembers who came.
    let (strict, seen) = server(|_| (401, "[]".to_owned()));
    let strict = strict.as_str();
    let came = || std::mem::take(&mut *seen.lock().unwrap()).len();
    let setup = Setup::new();
    let who = [("ORG42_USERNAME", "a"), ("ORG42_PASSWORD", "b")];
    for (command, does) in COMMANDS {
        let by_option = ["--url", strict, "--yes"];
        let by_variable = [("ORG42_URL", strict), who[0], who[1]];
        match does {
            Does::Reads | Does::Changes | Does::Turns | Does::Looks => {
                let run = setup.run(command, &by_option, &who);
                assert_eq!(run.code, 4, "{command}: {run:?}");
                assert!(came() > 0, "{command}");
                let run = setup.run(command, &["--yes"], &by_variable);
                assert_eq!(run.code, 4, "{command}: {run:?}");
                assert!(came() > 0, "{command}");
                let run = setup.run(command, &["--profile", "none", "--yes"], &[]);
                assert_eq!(run.code, 3, "{command}: {run:?}");
                let run = setup.run(command, &["--url", strict, "--profile", "lab"], &who);
                assert_eq!(run.code, 2, "{command}: {run:?}");
            }
            Does::Alone => {
                for option in [["--url", strict], ["--profile", "lab"], ["--username", "a"]] {
                    let run = setup.run(command, &option, &[]);
                    assert_eq!((run.code, run.out.as_str()), (2, ""), "{command}: {run:?}");
                }
            }
            Does::Profile => {
                let run = setup.run(command, &["--profile", "lab"], &[]);
                assert_eq!((run.code, run.out.as_str()), (2, ""), "{command}: {run:?}");
            }
        }
        if matches!(does, Does::Turns | Does::Looks)
            || ["completion bash", "authority openapi"].contains(command)
        {
            let run = setup.run(command, &["--dry-run", "--yes"], &by_variable);
            assert_eq!((run.code, run.out.as_str()), (2, ""), "{command}: {run:?}");
        }
    }
    assert_eq!(came(), 0, "what is refused sends nothing");
    assert!(!setup.has_embedded(), "nothing was done to another tenant");
    let profiles = setup.machine.json(&["profile", "list"]);
    assert_eq!(profiles[0]["name"], "lab", "{profiles}");
}

#[test]
fn a_read_only_profile_changes_nothing_by_any_command() {
    let setup = Setup::new();
    let admin = [
        ("ORG42_URL", setup.served.url.as_str()),
        ("ORG42_USERNAME", "admin@example.com"),
        ("ORG42_PASSWORD", "hunter22"),
    ];
    let state = || {
        let seen = [
            "list -o json",
            "authority api-client list",
            "authority user list",
        ];
        seen.map(|command| setup.run(command, &[], &admin).out)
    };
    let before = state();
    for (command, does) in COMMANDS {
        if !matches!(does, Does::Changes | Does::Turns) {
            continue;
        }
        let run = setup.run(command, &["--profile", "lab", "--yes"], &[]);
        assert_eq!((run.code, run.out.as_str()), (9, ""), "{command}: {run:?}");
        // Nobody is asked first.
        let run = setup.run(command, &["--profile", "lab"], &[]);
        assert_eq!(run.code, 9, "{command}: {run:?}");
    }
    assert_eq!(state(), before);
    assert!(!setup.has_embedded());
}

#[test]
fn a_directory_goes_before_the_variables_and_beside_no_option() {
    let setup = Setup::new();
    let data = setup.machine.data();
    let dead = [
        ("ORG42_URL", "http://127.0.0.1:1"),
        ("ORG42_USERNAME", "a"),
        ("ORG42_PASSWORD", "b"),
    ];
    let at = ["--data", data.as_str()];
    let made = setup.run("authority api-client create -o json", &at, &dead);
    assert_eq!(made.code, 0, "{made:?}");
    let id = made.json()["clientId"].as_str().unwrap().to_owned();
    // Of the very tenant that is served.
    let listed = setup.run("authority api-client list", &["--profile", "lab"], &[]);
    assert!(listed.out.contains(&id), "{listed:?}");
    for command in [
        "authority api-client create",
        "authority api-client list",
        "authority api-client revoke key-42-x",
        "authority user list",
        "authority seed",
        "authority reset",
        "authority snapshot list",
    ] {
        for option in [
            ["--url", "h"],
            ["--profile", "lab"],
            ["--username", "a"],
            ["--totp", "1"],
            ["--flavor", "console"],
        ] {
            let run = setup.run(command, &[&at[..], &option].concat(), &[]);
            assert_eq!((run.code, run.out.as_str()), (2, ""), "{command}: {run:?}");
            // An option may stand before the command too.
            let words = setup.words(command);
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let run = setup.machine.run(&[&option[..], &words, &at].concat());
            assert_eq!((run.code, run.out.as_str()), (2, ""), "{command}: {run:?}");
        }
    }
    for twice in [
        ["--profile", "lab", "list", "--url", "h"],
        ["--url", "h", "list", "--url", "i"],
    ] {
        assert_eq!(setup.machine.run(&twice).code, 2, "{twice:?}");
    }
}

/// The commands that a help lists.
fn subcommands(machine: &Machine, words: &[&str]) -> Vec<String> {
    let help = machine.ok(&[words, &["--help"]].concat());
    let commands = help.split("Commands:\n").nth(1).unwrap_or_default();
    let commands = commands.lines().take_while(|line| line.starts_with("  "));
    let names = commands.filter(|line| !line.starts_with("   "));
    let names = names.filter_map(|line| line.split_whitespace().next());
    names
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

#[test]
fn no_command_is_left_out() {
    let machine = Machine::new();
    let mut missing = BTreeSet::new();
    let mut open: Vec<Vec<String>> = vec![Vec::new()];
    while let Some(words) = open.pop() {
        let texts: Vec<&str> = words.iter().map(String::as_str).collect();
        for name in subcommands(&machine, &texts) {
            let command = [&words[..], &[name]].concat();
            let text = command.join(" ");
            let is_known = COMMANDS
                .iter()
                .any(|(known, _)| *known == text || known.starts_with(&format!("{text} ")));
            match is_known {
                // What goes wrong is a word of a fault, not a command.
                true if text != "authority faults add" => open.push(command),
                true => {}
                false => drop(missing.insert(text)),
            }
        }
    }
    assert_eq!(missing, BTreeSet::new());
}

#[test]
fn api_clients_are_made_by_administrators_alone() {
    let setup = Setup::new();
    let at = [("ORG42_URL", setup.served.url.as_str())];
    let admin = [
        at[0],
        ("ORG42_USERNAME", "admin@example.com"),
        ("ORG42_PASSWORD", "hunter22"),
    ];
    let made = setup.run("authority user create ann@example.com -o json", &[], &admin);
    let password = made.json()["password"].as_str().unwrap().to_owned();
    let ann = [
        at[0],
        ("ORG42_USERNAME", "ann@example.com"),
        ("ORG42_PASSWORD", password.as_str()),
    ];
    for command in ["create", "list", "revoke key-42-x"] {
        let run = setup.run(&format!("authority api-client {command}"), &[], &ann);
        assert_eq!((run.code, run.out.as_str()), (4, ""), "{command}: {run:?}");
    }
    let made = setup.run("authority api-client create -o json", &[], &admin);
    let made = made.json();
    let (id, secret) = (
        made["clientId"].as_str().unwrap(),
        made["secret"].as_str().unwrap(),
    );
    let robot = [
        at[0],
        ("ORG42_API_CLIENT_ID", id),
        ("ORG42_API_CLIENT_SECRET", secret),
    ];
    assert_eq!(setup.run("list", &[], &robot).code, 0);
    let listed = setup.run("authority api-client list -o json", &[], &robot);
    assert!(!listed.out.contains(secret), "{listed:?}");
    assert_eq!(listed.json()[0]["clientId"], id);
    let revoke = format!("authority api-client revoke {id}");
    assert_eq!(setup.run(&revoke, &[], &admin).code, 0);
    assert_eq!(setup.run("list", &[], &robot).code, 4);
}
