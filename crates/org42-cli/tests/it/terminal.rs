//! What is asked and shown where a person sits at a terminal.

use std::process::Command;
use std::sync::Mutex;
use std::sync::mpsc::channel;

use rexpect::session::{PtySession, spawn_command};

use crate::machine::Machine;
use crate::scripted::{page, server};

/// How long a test waits for a text that never comes.
const PATIENCE_MILLIS: u64 = 120_000;

/// Runs a command at a terminal, through a shell that prints how it ended.
pub(crate) fn at_terminal(command: &Command) -> PtySession {
    let mut shell = Command::new("/bin/sh");
    shell
        .args(["-c", "\"$@\"; echo \"ended with $?.\"", "sh"])
        .arg(command.get_program())
        .args(command.get_args())
        .env_clear();
    for (name, value) in command.get_envs() {
        shell.env(name, value.unwrap());
    }
    spawn_command(shell, Some(PATIENCE_MILLIS)).unwrap()
}

/// How the command ended, and what it still said.
pub(crate) fn end(session: &mut PtySession) -> (i32, String) {
    let said = session.exp_string("ended with ").unwrap();
    let code = session.exp_string(".").unwrap();
    (code.parse().unwrap(), said)
}

#[test]
fn a_verb_is_asked_about_and_only_yes_is_yes() {
    let machine = Machine::new();
    let blocked = || machine.json(&["show", "France"])["blocked"].clone();
    for (answer, expected) in [("n", 8), ("", 8), ("maybe", 8), ("y", 0)] {
        assert_eq!(blocked(), false);
        let mut session = at_terminal(&machine.command(&["block", "France"]));
        session.exp_string("2 organizations below it").unwrap();
        session
            .exp_string("in \"Northwind Group\", the embedded authority? [y/N]")
            .unwrap();
        session.send_line(answer).unwrap();
        assert_eq!(end(&mut session).0, expected, "{answer:?}");
    }
    assert_eq!(blocked(), true);
}

#[test]
fn a_new_start_is_asked_about_with_the_name_of_the_tenant() {
    let machine = Machine::new();
    let served = machine.serving("small");
    let mut reset = machine.command(&["authority", "reset", "--sample", "none"]);
    reset
        .env("ORG42_URL", &served.url)
        .env("ORG42_USERNAME", "admin@example.com")
        .env("ORG42_PASSWORD", "hunter22");
    for (answer, expected) in [("n", 8), ("y", 0)] {
        let mut session = at_terminal(&reset);
        session
            .exp_string("device and archive of \"Northwind Group\", http://")
            .unwrap();
        session
            .exp_string("organizations and 79 users? [y/N]")
            .unwrap();
        session.send_line(answer).unwrap();
        assert_eq!(end(&mut session).0, expected, "{answer:?}");
    }
}

#[test]
fn a_password_is_asked_for_and_not_shown() {
    let machine = Machine::new();
    let served = machine.serving("none");
    let words = ["whoami", "-o", "json", "--url", &served.url];
    let words = [&words[..], &["--username", "admin@example.com"]].concat();
    for (password, expected) in [("hunter22", 0), ("wrong guess", 4)] {
        let mut session = at_terminal(&machine.command(&words));
        session
            .exp_string("Password of admin@example.com at ")
            .unwrap();
        session.exp_string(": ").unwrap();
        session.send_line(password).unwrap();
        let (code, said) = end(&mut session);
        assert!(!said.contains(password), "{said}");
        assert_eq!(code, expected, "{said}");
    }
}

#[test]
fn what_takes_long_is_shown_while_it_does() {
    let (release, released) = channel();
    let released = Mutex::new(released);
    let (url, _) = server(move |target| {
        let answer = page(target, 1).unwrap_or((404, String::new()));
        if target.starts_with("/api/v1/Org?") && !target.contains("active") {
            released.lock().unwrap().recv().unwrap();
        }
        answer
    });
    let mut list = Machine::new().command(&["list", "--url", &url, "--username", "a"]);
    list.env("ORG42_PASSWORD", "b").env("TERM", "xterm");
    let mut session = at_terminal(&list);
    // The server answers only once the progress has been seen.
    session
        .exp_string("listing the organizations of http://")
        .unwrap();
    release.send(()).unwrap();
    session.exp_string("Org 500").unwrap();
    assert_eq!(end(&mut session).0, 0);
}
