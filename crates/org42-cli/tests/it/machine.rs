//! A machine with an empty home, on which the binary runs.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;

use serde_json::Value;
use tempfile::TempDir;

pub(crate) struct Machine {
    home: TempDir,
}

/// What a run printed and how it ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Run {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.out, self.err))
    }
}

impl Machine {
    pub(crate) fn new() -> Self {
        Self {
            home: TempDir::new().unwrap(),
        }
    }

    pub(crate) fn home(&self) -> &std::path::Path {
        self.home.path()
    }

    pub(crate) fn data(&self) -> String {
        self.home.path().join("data").display().to_string()
    }

    pub(crate) fn command(&self, words: &[&str]) -> Command {
        hear_signals();
        let mut command = Command::new(env!("CARGO_BIN_EXE_org42"));
        command
            .args(words)
            .stdin(Stdio::null())
            .env_clear()
            .env("HOME", self.home.path());
        command
    }

    /// Runs the binary with nothing configured.
    pub(crate) fn run(&self, words: &[&str]) -> Run {
        Run::of(self.command(words).output().unwrap())
    }

    /// Runs the binary, which must succeed; gives what it printed.
    pub(crate) fn ok(&self, words: &[&str]) -> String {
        let run = self.run(words);
        assert_eq!(run.code, 0, "{words:?}: {}", run.err);
        run.out
    }

    /// Runs the binary, which must succeed; gives the document that it printed.
    pub(crate) fn json(&self, words: &[&str]) -> Value {
        let words = [words, &["-o", "json"]].concat();
        serde_json::from_str(&self.ok(&words)).unwrap()
    }

    /// Runs the binary against a served tenant, as its administrator.
    pub(crate) fn run_at(&self, served: &Served, words: &[&str]) -> Run {
        let mut command = self.command(words);
        command
            .env("ORG42_URL", &served.url)
            .env("ORG42_USERNAME", "admin@example.com");
        Run::of(command.env("ORG42_PASSWORD", "hunter22").output().unwrap())
    }

    /// Lists the organizations of a tenant as an API client.
    pub(crate) fn list_as_client(
        &self,
        url: &str,
        words: &[&str],
        variables: &[(&str, &str)],
    ) -> Run {
        let words = [&["list", "--url", url], words].concat();
        let mut command = self.command(&words);
        command
            .env("ORG42_API_CLIENT_ID", "key-42")
            .env("ORG42_API_CLIENT_SECRET", "tenant-s3cret")
            .envs(variables.iter().copied());
        Run::of(command.output().unwrap())
    }

    /// The command that serves the tenant in a directory, on a free port.
    pub(crate) fn serve_command(&self, data: &str, words: &[&str]) -> Command {
        let serve = ["authority", "serve", "--listen", "127.0.0.1:0"];
        self.command(&[&serve[..], &["--data", data], words].concat())
    }

    /// Serves the tenant in this machine's data directory.
    pub(crate) fn serve(&self, words: &[&str]) -> Served {
        Served::start(self.serve_command(&self.data(), words))
    }

    /// Serves a tenant filled with this sample, whose administrator's password is `hunter22`.
    pub(crate) fn serving(&self, sample: &str) -> Served {
        self.serve(&["--sample", sample, "--admin-password", "hunter22"])
    }
}

/// A running `authority serve`, killed at the end.
pub(crate) struct Served {
    pub(crate) url: String,
    pub(crate) lines: Vec<String>,
    child: Child,
}

impl Served {
    pub(crate) fn start(mut command: Command) -> Self {
        command.stderr(Stdio::null());
        Self::start_as_it_is(command)
    }

    /// Its messages go where the command says.
    pub(crate) fn start_as_it_is(mut command: Command) -> Self {
        let mut served = Self {
            child: command.stdout(Stdio::piped()).spawn().unwrap(),
            url: String::new(),
            lines: Vec::new(),
        };
        let lines = BufReader::new(served.child.stdout.take().unwrap()).lines();
        for line in lines {
            served.lines.push(line.unwrap());
            if served.lines.last().unwrap().ends_with("org42 tree") {
                break;
            }
        }
        let url = served.lines[0].strip_prefix("listening on ").unwrap();
        served.url = url.to_owned();
        served
    }

    /// The most memory that the server has had until now, in KiB.
    #[cfg(target_os = "linux")]
    pub(crate) fn peak_memory(&self) -> u64 {
        crate::watched::peak_memory(self.id()).unwrap()
    }

    /// Asks the server to end, as `kill -SIGNAL` does; gives its exit code.
    pub(crate) fn end(&mut self, signal: &str) -> Option<i32> {
        let id = self.child.id().to_string();
        let kill = Command::new("kill").args([signal, &id]).status().unwrap();
        assert!(kill.success());
        self.child.wait().unwrap().code()
    }

    /// The number of the process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// As `kill -9` does.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The same command with a limit of `ulimit`, such as `-f 200`.
#[cfg(unix)]
pub(crate) fn limited(command: &Command, limit: &str) -> Command {
    let mut limited = Command::new("/bin/bash");
    limited
        .arg("-c")
        .arg(format!("ulimit {limit}; exec \"$0\" \"$@\""))
        .arg(command.get_program())
        .args(command.get_args())
        .env_clear()
        .stdin(Stdio::null());
    for (name, value) in command.get_envs() {
        limited.envs(value.map(|value| (name, value)));
    }
    limited
}

/// Lets the commands of a test hear every signal, also where the tests were started not to, as by `nohup` or in the
/// background: what a process handles, its children meet as if nobody had spoken of it.
fn hear_signals() {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
    static HEARD: std::sync::Once = std::sync::Once::new();
    HEARD.call_once(|| {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let ignored = status
            .lines()
            .find_map(|line| line.strip_prefix("SigIgn:"))
            .map_or(0, |mask| u64::from_str_radix(mask.trim(), 16).unwrap());
        for signal in [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP] {
            if ignored & (1 << (signal - 1)) != 0 {
                signal_hook::flag::register(signal, Arc::default()).unwrap();
            }
        }
    });
}
