//! A terminal is as it was, however a prompt ends.

use std::process::Command;

use rexpect::session::{PtySession, spawn_command};

use crate::machine::Machine;

/// How long a test waits for a text that never comes.
const PATIENCE_MILLIS: u64 = 120_000;

/// A terminal, and the process whose child runs there.
struct Watched {
    session: PtySession,
    shell: String,
}

/// Runs a command at a terminal, through a shell that outlives signals and prints what the terminal is like at the end.
fn watched(command: &Command) -> Watched {
    const SCRIPT: &str = "trap : INT QUIT TERM HUP; stty echo icanon isig; echo \"shell $$.\"; \"$@\"; echo \"ended with $?.\"; \
                          stty -a; echo over.";
    let mut shell = Command::new("/bin/sh");
    shell
        .args(["-c", SCRIPT, "sh"])
        .arg(command.get_program())
        .args(command.get_args())
        .env_clear();
    for (name, value) in command.get_envs() {
        shell.env(name, value.unwrap());
    }
    shell.env("PATH", "/usr/bin:/bin");
    let mut session = spawn_command(shell, Some(PATIENCE_MILLIS)).unwrap();
    session.exp_string("shell ").unwrap();
    let shell = session.exp_string(".").unwrap();
    Watched { session, shell }
}

impl Watched {
    /// Waits until the command says this.
    fn says(&mut self, text: &str) {
        self.session.exp_string(text).unwrap();
    }

    /// The process that the shell runs.
    fn child(&self) -> String {
        let children = format!("/proc/{0}/task/{0}/children", self.shell);
        let children = std::fs::read_to_string(children).unwrap();
        children.split_whitespace().next().unwrap().to_owned()
    }

    fn kill(&self, signal: &str) {
        let kill = Command::new("kill").args([signal, &self.child()]).status();
        assert!(kill.unwrap().success());
    }

    /// Whether what is typed is not shown.
    fn is_hidden(&self) -> bool {
        let terminal = format!("/proc/{}/fd/0", self.shell);
        let told = Command::new("stty").args(["-a", "-F", &terminal]).output();
        let told = String::from_utf8(told.unwrap().stdout).unwrap();
        assert!(told.contains("echo "), "{told}");
        told.contains("-echo ")
    }

    /// How the command ended; the terminal shows what is typed again, line by line.
    fn ended_well(&mut self) -> String {
        self.says("ended with ");
        let code = self.session.exp_string(".").unwrap();
        let modes = self.session.exp_string("over.").unwrap();
        for mode in ["echo", "icanon", "isig"] {
            let is_on = modes.split([' ', '\r', '\n', ';']).any(|word| word == mode);
            assert!(is_on, "{mode}: {modes}");
        }
        code
    }
}

fn asking() -> Command {
    let words = ["list", "--url", "http://127.0.0.1:1", "--username", "a"];
    Machine::new().command(&words)
}

#[test]
fn a_signal_at_a_password_prompt_leaves_the_terminal_as_it_was() {
    for (signal, code) in [
        ("-INT", "130"),
        ("-TERM", "143"),
        ("-QUIT", "131"),
        ("-HUP", "129"),
    ] {
        let mut session = watched(&asking());
        session.says("Password of a at http://127.0.0.1:1: ");
        assert!(session.is_hidden(), "{signal}");
        session.kill(signal);
        assert_eq!(session.ended_well(), code, "{signal}");
    }
}

#[test]
fn a_key_at_a_password_prompt_leaves_the_terminal_as_it_was() {
    for (key, code) in [('c', "130"), ('\\', "131")] {
        let mut session = watched(&asking());
        session.says("Password of a at http://127.0.0.1:1: ");
        session.session.send_control(key).unwrap();
        assert_eq!(session.ended_well(), code, "{key}");
    }
    // The end of the input is no password.
    let mut session = watched(&asking());
    session.says("Password of a at http://127.0.0.1:1: ");
    session.session.send_control('d').unwrap();
    assert_eq!(session.ended_well(), "4");
}

#[test]
fn a_prompt_that_was_stopped_goes_on_hidden() {
    let mut session = watched(&asking());
    session.says("Password of a at http://127.0.0.1:1: ");
    let child = session.child();
    let state = || {
        let stat = std::fs::read_to_string(format!("/proc/{child}/stat")).unwrap();
        stat.rsplit(") ").next().unwrap().chars().next().unwrap()
    };
    session.kill("-TSTP");
    while state() != 'T' {
        std::thread::yield_now();
    }
    assert!(!session.is_hidden(), "a stopped command hides nothing");
    session.kill("-CONT");
    session.says("Password of a at http://127.0.0.1:1: ");
    assert!(session.is_hidden());
    session.session.send_line("hunter22").unwrap();
    let said = session.session.exp_string("ended with ").unwrap();
    assert!(!said.contains("hunter22"), "{said}");
}

#[test]
fn a_signal_at_a_question_ends_the_command() {
    let machine = Machine::new();
    machine.ok(&["list"]);
    for (signal, code) in [("-INT", "130"), ("-TERM", "143")] {
        let mut session = watched(&machine.command(&["block", "Europe"]));
        session.says("[y/N]");
        session.kill(signal);
        assert_eq!(session.ended_well(), code, "{signal}");
    }
    assert_eq!(machine.json(&["show", "Europe"])["blocked"], false);
}

#[test]
fn a_command_that_asks_by_itself_leaves_the_terminal_as_it_was() {
    let machine = Machine::new();
    let config = machine.home().join(".config/org42");
    std::fs::create_dir_all(&config).unwrap();
    let text = "[profiles.lab]\nurl = 'http://127.0.0.1:1'\nusername = 'u'\n\
                password_command = 'stty -echo; echo asked >&2; read line; stty echo'\n";
    std::fs::write(config.join("config.toml"), text).unwrap();
    let mut list = machine.command(&["list", "--profile", "lab"]);
    let mut session = watched(list.env("PATH", "/usr/bin:/bin"));
    session.says("asked");
    assert!(session.is_hidden());
    session.session.send_control('c').unwrap();
    assert_eq!(session.ended_well(), "130");
}
