//! Secrets go to their tenant alone: whose they are is decided before anything is sent.

use std::ffi::OsString;
use std::process::Command;
use std::sync::{Arc, Mutex};

use crate::machine::{Machine, Run};
use crate::scripted::{page, server};

/// A server that counts what it is asked.
fn counting() -> (String, Arc<Mutex<Vec<String>>>) {
    server(|target| page(target, 1).unwrap_or((404, String::new())))
}

/// Makes a profile without asking anybody, and without a kept password.
fn profile(machine: &Machine, name: &str, url: &str, who: [&str; 2], more: &[&str]) {
    let words = ["profile", "create", name, "--url", url];
    let words = [&words[..], &who, &["--no-test"], more].concat();
    machine.ok(&words);
}

const ROOT: [&str; 2] = ["--username", "root@prod"];

#[test]
fn a_password_of_one_tenant_is_not_sent_to_another() {
    let (prod, seen) = counting();
    let (test, _) = counting();
    let machine = Machine::new();
    profile(&machine, "prod", &prod, ROOT, &["--no-password"]);
    let robot = ["--api-client-id", "key-42-a"];
    profile(&machine, "robot", &prod, robot, &["--no-password"]);
    let run = |words: &[&str], set: &[(&str, &str)]| {
        let mut command = machine.command(words);
        Run::of(command.envs(set.iter().copied()).output().unwrap())
    };
    let audit = ("ORG42_USERNAME", "audit@test");
    let password = ("ORG42_PASSWORD", "hunter22");
    let client = ("ORG42_API_CLIENT_ID", "key-42-b");
    let secret = ("ORG42_API_CLIENT_SECRET", "hunter22");
    let elsewhere = ("ORG42_URL", test.as_str());
    for (words, set) in [
        (&["list"][..], &[audit, password][..]),
        (&["list", "--profile", "prod"], &[audit, password]),
        (&["list", "--username", "audit@test"], &[password]),
        (&["list"], &[client, secret]),
        (&["list", "--profile", "prod"], &[elsewhere, password]),
        (&["list", "--profile", "robot"], &[client, secret]),
        (&["list", "--profile", "robot"], &[audit, password]),
        (&["profile", "test"], &[audit, password]),
        (&["whoami"], &[audit, password]),
        (&["settings", "show", "1"], &[audit, password]),
        (&["authority", "reset", "--yes"], &[audit, password]),
        (&["authority", "user", "list"], &[audit, password]),
        (
            &["pull", "--into", "/nonexistent/x", "--dry-run"],
            &[audit, password],
        ),
        (&["list"], &[("ORG42_PROFILE", "")]),
        (&["profile", "show"], &[("ORG42_PROFILE", "")]),
        (
            &["list", "--url", &prod, "--username", "a"],
            &[audit, password],
        ),
        (
            &["list", "--url", &prod],
            &[audit, password, client, secret],
        ),
    ] {
        let run = run(words, set);
        assert_eq!(
            (run.code, run.out.as_str()),
            (2, ""),
            "{words:?} {set:?}: {run:?}"
        );
        assert!(!run.err.contains("hunter22"), "{run:?}");
    }
    assert_eq!(*seen.lock().unwrap(), Vec::<String>::new());
    let refused = run(&["list"], &[audit, password]);
    for word in ["root@prod", "audit@test", "ORG42_USERNAME", "--url"] {
        assert!(refused.err.contains(word), "{refused:?}");
    }
    // The same name is the same person.
    let same = ("ORG42_USERNAME", "Root@Prod");
    let run = run(&["list", "-o", "ids"], &[same, password]);
    assert_eq!(run.code, 0, "{run:?}");
}

#[test]
fn what_a_profile_keeps_goes_before_the_environment() {
    let machine = Machine::new();
    let served = machine.serving("none");
    let file = machine.home().join("password");
    std::fs::write(&file, "hunter22\n").unwrap();
    let who = ["--username", "admin@example.com"];
    let kept = ["--password-file", file.to_str().unwrap()];
    profile(&machine, "lab", &served.url, who, &kept);
    let mut list = machine.command(&["list"]);
    let run = Run::of(list.env("ORG42_PASSWORD", "wrong guess").output().unwrap());
    assert_eq!(run.code, 0, "{run:?}");
}

#[test]
fn a_keyring_that_is_not_there_hides_nothing() {
    let machine = Machine::new();
    let served = machine.serving("none");
    let config = machine.home().join(".config/org42");
    std::fs::create_dir_all(&config).unwrap();
    let text = format!(
        "default = 'lab'\n[profiles.lab]\nurl = '{}'\nusername = 'admin@example.com'\nsecret = 'keyring'\n",
        served.url
    );
    std::fs::write(config.join("config.toml"), text).unwrap();
    let without = machine.run(&["list"]);
    assert_eq!(without.code, 4, "{without:?}");
    assert!(without.err.contains("keyring"), "{without:?}");
    let mut list = machine.command(&["list"]);
    let run = Run::of(list.env("ORG42_PASSWORD", "hunter22").output().unwrap());
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.err.contains("ORG42_PASSWORD is used"), "{run:?}");
    // One that accepts connections and says nothing, and no token that would do without it.
    std::fs::remove_dir_all(machine.home().join(".cache")).unwrap();
    let socket = machine.home().join("bus");
    let listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let mut list = machine.command(&["whoami"]);
    list.env("ORG42_PASSWORD", "hunter22");
    let address = format!("unix:path={}", socket.display());
    let run = Run::of(
        list.env("DBUS_SESSION_BUS_ADDRESS", address)
            .output()
            .unwrap(),
    );
    assert_eq!(run.code, 0, "{run:?}");
    drop(listener);
}

#[test]
fn a_variable_is_never_silently_something_else() {
    use std::os::unix::ffi::OsStringExt as _;
    let machine = Machine::new();
    let (url, _) = counting();
    for name in [
        "ORG42_URL",
        "ORG42_USERNAME",
        "ORG42_PASSWORD",
        "ORG42_TOTP",
        "ORG42_API_CLIENT_ID",
        "ORG42_API_CLIENT_SECRET",
        "ORG42_PROFILE",
    ] {
        let set = |command: &mut Command| {
            let mut complete = vec![("ORG42_URL", url.as_str()), ("ORG42_PASSWORD", "hunter22")];
            match name.contains("API_CLIENT") {
                true => complete = vec![("ORG42_URL", &url), ("ORG42_API_CLIENT_ID", "key-42-a")],
                false => complete.push(("ORG42_USERNAME", "a")),
            }
            command.envs(complete);
            command.env(name, OsString::from_vec(b"hunter\xff".to_vec()));
        };
        let mut list = machine.command(&["list"]);
        set(&mut list);
        let run = Run::of(list.output().unwrap());
        assert_eq!(run.code, 2, "{name}: {run:?}");
        assert!(run.err.contains(name), "{run:?}");
        assert!(!run.err.contains("hunter"), "{run:?}");
    }
    for option in ["--url", "--profile", "--username", "--totp"] {
        for value in ["", " "] {
            let run = machine.run(&["list", option, value]);
            assert_eq!(run.code, 2, "{option}: {run:?}");
        }
    }
    let help = machine.ok(&["--help"]);
    for name in [
        "ORG42_TOTP",
        "ORG42_API_CLIENT_SECRET",
        "XDG_DATA_HOME",
        "set to nothing",
    ] {
        assert!(help.contains(name), "{name}: {help}");
    }
}

#[test]
fn an_address_with_a_password_in_it_is_refused_before_anybody_is_asked() {
    let machine = Machine::new();
    let url = "http://joe:hunter22@127.0.0.1:9";
    for words in [
        &["list", "--url", url, "--username", "a"][..],
        &[
            "profile",
            "create",
            "x",
            "--url",
            url,
            "--username",
            "a",
            "--no-password",
        ],
    ] {
        let run = machine.run(words);
        assert_eq!(run.code, 2, "{run:?}");
        assert!(!run.err.contains("hunter22"), "{run:?}");
    }
}

/// Writes the file of profiles.
fn configured(machine: &Machine, text: &str) -> std::path::PathBuf {
    let config = machine.home().join(".config/org42");
    std::fs::create_dir_all(&config).unwrap();
    let file = config.join("config.toml");
    std::fs::write(&file, text).unwrap();
    file
}

#[test]
fn secrets_of_the_environment_s_tenant_are_sent_to_no_other() {
    let (prod, _) = counting();
    let (test, seen) = counting();
    let machine = Machine::new();
    profile(&machine, "prod", &prod, ROOT, &["--no-password"]);
    let audit = ["--username", "audit@test"];
    profile(&machine, "test", &test, audit, &["--no-password"]);
    let run = |words: &[&str], set: &[(&str, &str)]| {
        let mut command = machine.command(words);
        Run::of(command.envs(set.iter().copied()).output().unwrap())
    };
    let named = ("ORG42_PROFILE", "prod");
    let at = ("ORG42_URL", prod.as_str());
    let password = ("ORG42_PASSWORD", "hunter22");
    let code = ("ORG42_TOTP", "123456");
    let id = ("ORG42_API_CLIENT_ID", "key-42-b");
    let secret = ("ORG42_API_CLIENT_SECRET", "hunter22");
    let by_url = ["list", "--url", &test, "--username", "audit@test"];
    let create = [
        &["profile", "create", "n"][..],
        &by_url[1..],
        &["--no-password"],
    ]
    .concat();
    for (words, set) in [
        (
            &["--profile", "test", "list"][..],
            &[named, password, code][..],
        ),
        (&["--profile", "test", "list"], &[named, code]),
        (&["--profile", "test", "list"], &[at, password]),
        (&by_url, &[named, password]),
        (&by_url, &[at, password]),
        (&by_url, &[("ORG42_PROFILE", "gone"), password]),
        (
            &["list", "--url", &test],
            &[at, ("ORG42_USERNAME", "root@prod"), password],
        ),
        (&["list", "--url", &test], &[at, id, secret]),
        (&["list", "--url", &test], &[named, id, secret]),
        (&create, &[named, password]),
        (&create, &[at, password]),
        (&["profile", "test", "test"], &[named, password]),
        (&["profile", "test", "test"], &[at, password]),
    ] {
        let run = run(words, set);
        assert_eq!(
            (run.code, run.out.as_str()),
            (2, ""),
            "{words:?} {set:?}: {run:?}"
        );
        assert!(
            !run.err.contains("hunter22") && run.err.contains("nothing was sent"),
            "{run:?}"
        );
    }
    assert_eq!(*seen.lock().unwrap(), Vec::<String>::new());
    // One that names the same tenant is in nobody's way, and what is for nothing is told.
    let shown = test.replace("http", "HTTP") + "/";
    for set in [
        &[("ORG42_URL", shown.as_str()), password][..],
        &[("ORG42_PROFILE", "test"), password],
        &[password, secret],
    ] {
        let ran = run(&by_url, set);
        assert_eq!(ran.code, 0, "{ran:?}");
        let is_told = ran.err.contains("ORG42_API_CLIENT_SECRET is not used");
        assert_eq!(is_told, set.contains(&secret), "{ran:?}");
    }
}

#[test]
fn a_refusal_founds_no_tenant() {
    for (words, set) in [
        (
            &["list"][..],
            &[("ORG42_PROFILE", "embedded"), ("ORG42_USERNAME", "x@y")][..],
        ),
        (&["list", "--profile", "embedded", "--username", "x@y"], &[]),
        (&["authority", "requests"], &[]),
    ] {
        let machine = Machine::new();
        let mut command = machine.command(words);
        let run = Run::of(command.envs(set.iter().copied()).output().unwrap());
        assert_eq!(run.code, 2, "{words:?}: {run:?}");
        let home = std::fs::read_dir(machine.home()).unwrap();
        assert_eq!(home.count(), 0, "{words:?}");
    }
}

#[test]
fn what_a_keyring_that_is_not_there_keeps_from_being_done_is_told() {
    let text = "[profiles.lab]\nurl = 'http://127.0.0.1:1'\nusername = 'u'\nsecret = 'keyring'\n";
    for (words, code, told) in [
        (
            &["profile", "update", "lab", "--no-password"][..],
            6,
            "is changed, but",
        ),
        (
            &["profile", "rename", "lab", "new"],
            4,
            "was not renamed and is as it was",
        ),
        (
            &["profile", "update", "lab", "--url", "h"],
            1,
            "was not changed and is as it was",
        ),
    ] {
        let machine = Machine::new();
        let file = configured(&machine, text);
        let run = machine.run(words);
        assert_eq!(run.code, code, "{run:?}");
        assert!(
            run.err.contains("profile lab") && run.err.contains(told),
            "{run:?}"
        );
        let is_same = std::fs::read_to_string(file).unwrap() == text;
        assert_eq!(is_same, code != 6, "{words:?}");
    }
}

#[test]
fn a_profile_that_was_written_by_hand_is_shown_without_passwords() {
    let machine = Machine::new();
    let proxy = "http://joe:hunter22@proxy";
    let text = format!(
        "[profiles.lab]\nurl = 'http://joe:hunter22@h'\nusername = 'u'\nproxy = '{proxy}'\n"
    );
    configured(&machine, &text);
    for words in [
        &["profile", "list"][..],
        &["profile", "show", "lab"],
        &["profile", "delete", "lab"],
    ] {
        let run = machine.run(words);
        assert!(!format!("{run:?}").contains("hunter22"), "{run:?}");
    }
    configured(&machine, "[profiles.lab]\nurl = 'h\n");
    let broken = machine.run(&["profile", "list"]);
    assert!(
        broken.err.contains("line 2 cannot be read as TOML"),
        "{broken:?}"
    );
}

#[test]
fn nothing_is_kept_in_what_is_no_ordinary_file() {
    let machine = Machine::new();
    let file = configured(&machine, "");
    std::fs::remove_file(&file).unwrap();
    std::os::unix::fs::symlink("/dev/null", &file).unwrap();
    let words = [
        "profile",
        "create",
        "a",
        "--url",
        "h",
        "--username",
        "u",
        "--no-test",
        "--no-password",
    ];
    let run = machine.run(&words);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.err.contains("no ordinary file"), "{run:?}");
}
