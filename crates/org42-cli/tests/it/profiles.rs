//! Profiles: tenants by name, secrets where they belong, one sign-in for many commands.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::Stdio;

use org42::blocking::Client;
use org42::{LocalAccount, endpoints};

use crate::machine::{Machine, Run, Served};
use crate::scripted::{page, server};

const PASSWORD: &str = "hunter22";

fn served(machine: &Machine) -> Served {
    machine.serve(&["--sample", "none", "--admin-password", PASSWORD])
}

/// Runs with a line on standard input.
fn typed(machine: &Machine, words: &[&str], line: &str) -> Run {
    let mut command = machine.command(words);
    let piped = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "{line}").unwrap();
    Run::of(child.wait_with_output().unwrap())
}

fn create(machine: &Machine, url: &str, more: &[&str]) -> Run {
    let words = ["profile", "create", "lab", "--url", url];
    let words = [&words[..], &["--username", "admin@example.com"], more].concat();
    typed(machine, &words, PASSWORD)
}

fn secrets(machine: &Machine) -> PathBuf {
    machine.home().join(".local/share/org42/secrets.toml")
}

#[test]
fn a_profile_is_made_used_and_forgotten() {
    let machine = Machine::new();
    let served = served(&machine);
    let made = create(&machine, &served.url, &["--password-stdin"]);
    assert_eq!(made.code, 0, "{made:?}");
    assert!(made.err.contains("there is no keyring here"), "{made:?}");
    assert!(
        std::fs::read_to_string(secrets(&machine))
            .unwrap()
            .contains(PASSWORD)
    );
    let config = machine.home().join(".config/org42/config.toml");
    assert!(!std::fs::read_to_string(config).unwrap().contains(PASSWORD));

    let who = machine.run(&["whoami", "-o", "json"]);
    assert_eq!(who.json()["username"], "admin@example.com", "{who:?}");
    assert!(!who.err.contains("embedded"), "{}", who.err);
    let shown = machine.json(&["profile", "show"]);
    assert_eq!(
        (&shown["name"], &shown["secret"], &shown["default"]),
        (&"lab".into(), &"file".into(), &true.into())
    );
    machine.ok(&["profile", "rename", "lab", "bench"]);
    assert_eq!(
        machine.json(&["profile", "test"])["url"],
        served.url.as_str()
    );
    let said = machine.run(&["block", "/", "--dry-run"]);
    assert!(said.err.contains("profile bench (http://"), "{said:?}");

    machine.ok(&["profile", "use", "embedded"]);
    assert!(machine.run(&["whoami"]).err.contains("embedded authority"));
    let named = machine.run(&["whoami", "--profile", "bench", "-o", "json"]);
    assert_eq!(named.json()["url"], served.url.as_str());

    machine.ok(&["profile", "delete", "bench", "--yes"]);
    assert!(
        !std::fs::read_to_string(secrets(&machine))
            .unwrap()
            .contains(PASSWORD)
    );
    assert_eq!(machine.run(&["whoami", "--profile", "bench"]).code, 3);
    assert_eq!(machine.json(&["profile", "list"]), serde_json::json!([]));
}

#[test]
fn no_secret_is_ever_shown() {
    let machine = Machine::new();
    let served = served(&machine);
    let runs = [
        create(&machine, &served.url, &["--password-stdin"]),
        create(&machine, &served.url, &["--password-stdin"]),
        machine.run(&["profile", "list", "-o", "json"]),
        machine.run(&["profile", "show", "-o", "json"]),
        machine.run(&["profile", "test"]),
        machine.run(&["tree"]),
        typed(
            &machine,
            &["profile", "set-secret", "lab", "--password-stdin"],
            "hunter23",
        ),
        machine.run(&["tree"]),
    ];
    assert_eq!(
        runs.each_ref().map(|run| run.code),
        [0, 5, 0, 0, 0, 0, 0, 4]
    );
    for run in runs {
        for text in [run.out, run.err] {
            assert!(!text.contains("hunter2"), "{text}");
        }
    }
}

#[test]
fn what_does_not_sign_in_is_not_kept() {
    let machine = Machine::new();
    let served = served(&machine);
    let words = ["profile", "create", "lab", "--url", &served.url];
    let words = [
        &words[..],
        &["--username", "admin@example.com", "--password-stdin"],
    ]
    .concat();
    let refused = typed(&machine, &words, "wrong guess");
    assert_eq!(refused.code, 4, "{refused:?}");
    assert!(refused.err.contains("no profile was made"), "{refused:?}");
    assert!(!secrets(&machine).exists());
    assert_eq!(machine.json(&["profile", "list"]), serde_json::json!([]));
    let untested = typed(
        &machine,
        &[&words[..], &["--no-test"]].concat(),
        "wrong guess",
    );
    assert_eq!(untested.code, 0, "{untested:?}");
}

#[test]
fn a_read_only_profile_changes_nothing() {
    let machine = Machine::new();
    let served = served(&machine);
    let made = create(&machine, &served.url, &["--password-stdin", "--read-only"]);
    assert_eq!(made.code, 0, "{made:?}");
    let before = machine.json(&["list"]);
    let refused = machine.run(&["create", "Paris"]);
    assert_eq!(refused.code, 9, "{refused:?}");
    assert!(refused.err.contains("read-only"), "{refused:?}");
    assert_eq!(machine.run(&["update", "/", "--notes", "x"]).code, 9);
    for words in [
        &["block", "/"][..],
        &["settings", "set", "/", "archive_hold_days=3"],
        &["settings", "set", "/", "archive_hold_days=3", "--recursive"],
        &["settings", "inherit", "/", "quota"],
        &["authority", "seed"],
        &["authority", "reset"],
        &["authority", "snapshot", "restore", "x"],
        &["authority", "snapshot", "delete", "x"],
    ] {
        let refused = machine.run(words);
        assert_eq!(
            refused.code, 9,
            "nobody is asked first: {words:?}: {refused:?}"
        );
    }
    let dry = machine.run(&["settings", "set", "/", "archive_hold_days=3", "--dry-run"]);
    assert_eq!(dry.code, 0, "{dry:?}");
    assert_eq!(machine.json(&["list"]), before);
}

#[test]
fn a_password_can_come_from_a_command_or_the_environment() {
    let machine = Machine::new();
    let served = served(&machine);
    let command = format!("echo {PASSWORD}; echo and more");
    let made = create(&machine, &served.url, &["--password-command", &command]);
    assert_eq!(made.code, 0, "{made:?}");
    assert!(!secrets(&machine).exists());
    machine.ok(&["tree"]);
    machine.ok(&["profile", "delete", "lab", "--yes"]);

    let made = create(&machine, &served.url, &["--no-password", "--no-test"]);
    assert_eq!(made.code, 0, "{made:?}");
    assert_eq!(machine.run(&["tree"]).code, 4);
    let mut tree = machine.command(&["tree"]);
    let run = Run::of(tree.env("ORG42_PASSWORD", PASSWORD).output().unwrap());
    assert_eq!(run.code, 0, "{run:?}");
}

#[test]
fn what_is_said_twice_is_refused() {
    let machine = Machine::new();
    let mut both = machine.command(&["tree"]);
    both.env("ORG42_URL", "http://127.0.0.1:9")
        .env("ORG42_PROFILE", "lab");
    let run = Run::of(both.output().unwrap());
    assert_eq!(run.code, 2, "{run:?}");
    let words = ["tree", "--profile", "lab", "--url", "http://127.0.0.1:9"];
    assert_eq!(machine.run(&words).code, 2);
    for name in ["embedded", "", "../up", ".hidden", "a b"] {
        let words = ["profile", "create", name, "--url", "h", "--username", "u"];
        let run = machine.run(&[&words[..], &["--no-password", "--no-test"]].concat());
        assert_eq!(run.code, 2, "{name:?}: {run:?}");
    }
}

#[cfg(unix)]
#[test]
fn secrets_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let machine = Machine::new();
    let served = served(&machine);
    assert_eq!(create(&machine, &served.url, &["--password-stdin"]).code, 0);
    let mode = |path: &PathBuf| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&secrets(&machine)), 0o600);
    assert_eq!(
        mode(&machine.home().join(".cache/org42/tokens/lab.json")),
        0o600
    );
    let open = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(secrets(&machine), open).unwrap();
    std::fs::remove_file(machine.home().join(".cache/org42/tokens/lab.json")).unwrap();
    let refused = machine.run(&["tree"]);
    assert_eq!(refused.code, 4, "{refused:?}");
    assert!(refused.err.contains("others can read it"), "{refused:?}");
}

#[test]
fn a_hundred_commands_sign_in_once() {
    let (url, seen) = server(|target| match target.starts_with("/api/v3/auth/jwt") {
        // {"exp":4102444800}: the year 2100.
        true => {
            let token = r#"{"data":{"v3_user_token":"aaaa.eyJleHAiOjQxMDI0NDQ4MDB9.cccc"}}"#;
            (200, token.to_owned())
        }
        false => page(target, 1).unwrap_or((404, String::new())),
    });
    let machine = Machine::new();
    let made = create(&machine, &url, &["--password-stdin", "--no-test"]);
    assert_eq!(made.code, 0, "{made:?}");
    for _ in 0..10 {
        let mut started: Vec<_> = (0..10)
            .map(|_| {
                let mut list = machine.command(&["list", "-o", "ids"]);
                list.stdout(Stdio::null()).stderr(Stdio::null());
                list.spawn().unwrap()
            })
            .collect();
        assert!(
            started
                .iter_mut()
                .all(|list| list.wait().unwrap().success())
        );
    }
    let seen = seen.lock().unwrap();
    let logins = seen
        .iter()
        .filter(|target| target.starts_with("/api/v3/auth/jwt"));
    // Each lists one page, and asks for those that are not active.
    assert_eq!((logins.count(), seen.len()), (1, 201));
}

#[test]
fn a_secret_that_is_kept_elsewhere_or_nowhere_is_kept_no_more_where_it_was() {
    let machine = Machine::new();
    let served = served(&machine);
    let kept = || std::fs::read_to_string(secrets(&machine)).unwrap_or_default();
    for elsewhere in [
        &["--password-command", "echo hunter22"][..],
        &["--no-password"],
    ] {
        assert_eq!(create(&machine, &served.url, &["--password-stdin"]).code, 0);
        assert!(kept().contains(PASSWORD));
        machine.ok(&[&["profile", "set-secret", "lab"], elsewhere].concat());
        assert!(!kept().contains(PASSWORD), "{}", kept());
        machine.ok(&["profile", "delete", "lab", "--yes"]);
    }
}

#[test]
fn profiles_made_at_once_are_all_kept_with_their_secrets() {
    let machine = Machine::new();
    let mut made: Vec<_> = (0..20)
        .map(|number| {
            let name = format!("p{number}");
            let words = ["profile", "create", &name, "--url", "h", "--username", "u"];
            let words = [&words[..], &["--no-test", "--password-stdin"]].concat();
            let mut command = machine.command(&words);
            command.stdin(Stdio::piped()).stderr(Stdio::null());
            let mut child = command.spawn().unwrap();
            writeln!(child.stdin.take().unwrap(), "secret {number}.").unwrap();
            child
        })
        .collect();
    assert!(made.iter_mut().all(|child| child.wait().unwrap().success()));
    let profiles = machine.json(&["profile", "list"]);
    assert_eq!(profiles.as_array().unwrap().len(), 20);
    let kept = std::fs::read_to_string(secrets(&machine)).unwrap();
    for number in 0..20 {
        assert!(kept.contains(&format!("secret {number}.")), "{kept}");
    }
}

#[test]
fn a_password_is_looked_for_only_where_a_login_needs_it() {
    let machine = Machine::new();
    let served = served(&machine);
    let count = machine.home().join("count");
    let command = format!("echo x >>{}; echo {PASSWORD}", count.display());
    // As somebody would write it by hand.
    let config = machine.home().join(".config/org42");
    std::fs::create_dir_all(&config).unwrap();
    let text = format!(
        "default = \"lab\"\n[profiles.lab]\nurl = \"{}\"\nusername = \"admin@example.com\"\npassword_command = \"{command}\"\n",
        served.url
    );
    std::fs::write(config.join("config.toml"), text).unwrap();
    for _ in 0..5 {
        machine.ok(&["tree"]);
    }
    assert_eq!(std::fs::read_to_string(&count).unwrap().lines().count(), 1);
    // A test signs in anew.
    machine.ok(&["profile", "test"]);
    assert_eq!(std::fs::read_to_string(&count).unwrap().lines().count(), 2);
    assert_eq!(machine.json(&["profile", "show"])["flavor"], "console");
}

#[test]
fn what_stands_in_a_wrong_place_is_not_repeated() {
    let machine = Machine::new();
    let config = machine.home().join(".config/org42");
    std::fs::create_dir_all(&config).unwrap();
    let file = config.join("config.toml");
    let wrong = |text: &str| {
        std::fs::write(&file, text).unwrap();
        let run = machine.run(&["profile", "list"]);
        assert_eq!(run.code, 1, "{run:?}");
        assert!(!run.err.contains("hunter"), "{}", run.err);
        run.err
    };
    let said = wrong("[profiles.lab]\nurl = \"h\"\npassword = \"hunter22\"\n");
    assert!(said.contains("line 3"), "{said}");
    wrong("[profiles.lab]\nurl = \"h\"\nread_only = \"hunter22\"\n");
    let said = wrong("[profiles.\"../../evil\"]\nurl = \"h\"\nusername = \"u\"\n");
    assert!(said.contains("letters, digits"), "{said}");
    std::fs::remove_file(&file).unwrap();
    let words = ["profile", "create", "lab", "--url", "h", "--no-test"];
    let without_url = ["profile", "create", "lab", "--no-test"];
    for more in [
        &["--username", "u", "--proxy", "http://joe:hunter22@proxy"][..],
        &["--username", "a:b"],
        &["--username", ""],
        &["--username", "u", "--totp-secret-file", "/dev/null"],
        &["--api-client-id", "key-42-x", "--totp", "123456"],
        &["--username", "u", "--url", "http://joe:hunter22@10.9.9.9"],
        &["--username", "u", "--url", "not:a/url/%%"],
    ] {
        let words = match more.contains(&"--url") {
            true => &without_url[..],
            false => &words[..],
        };
        let run = machine.run(&[words, &["--no-password"], more].concat());
        assert_eq!(run.code, 2, "{more:?}: {run:?}");
        assert!(!run.err.contains("hunter"), "{}", run.err);
        assert!(!file.exists());
    }
    let command = "no-such-program --token hunter22";
    let words = [&words[..4], &["http://127.0.0.1:9", "--username", "u"]].concat();
    let run = machine.run(
        &[
            &words[..],
            &["--flavor", "code42", "--password-command", command],
        ]
        .concat(),
    );
    assert_ne!(run.code, 0);
    assert!(
        run.err.contains("no-such-program") && !run.err.contains("hunter"),
        "{}",
        run.err
    );
}

#[test]
fn the_profile_of_the_environment_is_meant_by_profile_commands_too() {
    let machine = Machine::new();
    let served = served(&machine);
    assert_eq!(create(&machine, &served.url, &["--password-stdin"]).code, 0);
    let mut command = machine.command(&["profile", "create", "env", "--password-file"]);
    let file = machine.home().join("password");
    std::fs::write(&file, format!("\u{feff}{PASSWORD}\r\n")).unwrap();
    command
        .arg(&file)
        .env("ORG42_URL", &served.url)
        .env("ORG42_USERNAME", "admin@example.com");
    let made = Run::of(command.output().unwrap());
    assert_eq!(made.code, 0, "{made:?}");
    let mut command = machine.command(&["profile", "show", "-o", "json"]);
    let shown = Run::of(command.env("ORG42_PROFILE", "env").output().unwrap());
    assert_eq!(shown.json()["name"], "env");
}

#[test]
fn one_time_codes_come_from_a_secret_that_is_kept() {
    let machine = Machine::new();
    let served = served(&machine);
    let account = LocalAccount::new("admin@example.com", PASSWORD);
    let client = Client::builder(&served.url).local_account(account);
    let client = client.build().unwrap();
    let me = client.get(endpoints::USER_MY, &[], &[]).unwrap();
    let path = [("userUid", me["userUid"].as_str().unwrap())];
    let on = client.send(endpoints::authority::TOTP_ON, &path, &[], None);
    let secret = on.unwrap()["secret"].as_str().unwrap().to_owned();
    let without = create(&machine, &served.url, &["--password-stdin"]);
    assert_eq!(without.code, 4, "{without:?}");
    assert!(without.err.contains("one-time code"), "{without:?}");
    let file = machine.home().join("shared");
    std::fs::write(&file, format!("{secret}\n")).unwrap();
    let words = [
        "--password-stdin",
        "--totp-secret-file",
        file.to_str().unwrap(),
    ];
    let made = create(&machine, &served.url, &words);
    assert_eq!(made.code, 0, "{made:?}");
    assert_eq!(machine.json(&["profile", "show"])["totp"], "file");
    assert!(
        std::fs::read_to_string(secrets(&machine))
            .unwrap()
            .contains(&secret)
    );
    machine.ok(&["tree"]);
    // The same code is not taken twice, and that is said.
    let again = machine.run(&["profile", "test"]);
    assert!(
        again.code == 0 || again.err.contains("good once"),
        "{again:?}"
    );
    assert!(!format!("{made:?}{again:?}").contains(&secret));
    machine.ok(&["profile", "delete", "lab", "--yes"]);
    assert!(
        !std::fs::read_to_string(secrets(&machine))
            .unwrap()
            .contains(&secret)
    );
}
