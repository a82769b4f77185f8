//! Runs the built program with a home of its own.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_org42");

/// Somebody's machine: an empty home, no settings in the environment, no terminal.
pub(crate) struct Home(TempDir);

/// What a run of the program left.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Home {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn command<S: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = S>) -> Command {
        self.prepare(Command::new(PROGRAM), words)
    }

    /// A shell that finds the program by its name.
    pub(crate) fn shell(&self, line: &str) -> Command {
        let mut command = self.prepare(Command::new("sh"), ["-c", line]);
        let program = Path::new(PROGRAM).parent().unwrap().to_path_buf();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let places = std::iter::once(program).chain(std::env::split_paths(&path));
        command.env("PATH", std::env::join_paths(places).unwrap());
        command
    }

    fn prepare<S: AsRef<OsStr>>(
        &self,
        mut command: Command,
        words: impl IntoIterator<Item = S>,
    ) -> Command {
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("ORG42_") {
                command.env_remove(name);
            }
        }
        command
            .args(words)
            .env("HOME", self.0.path())
            .env("XDG_DATA_HOME", self.0.path().join("data"))
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, words: &[&str]) -> Ran {
        finish(self.command(words))
    }

    /// Runs the program, which must succeed; gives what it printed.
    pub(crate) fn ok(&self, words: &[&str]) -> String {
        self.run(words).ok()
    }

    pub(crate) fn json(&self, words: &[&str]) -> Value {
        let words = [words, &["-o", "json"]].concat();
        serde_json::from_str(&self.ok(&words)).unwrap()
    }
}

pub(crate) fn finish(mut command: Command) -> Ran {
    let output = command.output().unwrap();
    Ran {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Ran {
    pub(crate) fn ok(self) -> String {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.out
    }
}

/// `authority serve`, on a free port; killed when dropped.
pub(crate) struct Serve {
    child: Child,
    out: BufReader<ChildStdout>,
    pub(crate) url: String,
}

impl Serve {
    pub(crate) fn start(home: &Home, words: &[&str]) -> Self {
        let always = ["authority", "serve", "--listen", "127.0.0.1:0"];
        let mut command = home.command([&always, words].concat());
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let url = line.trim_end().strip_prefix("listening on ").unwrap();
        let url = url.to_owned();
        Self { child, out, url }
    }

    /// What it says after where it listens, to the line for org42 itself.
    pub(crate) fn instructions(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        while !lines
            .last()
            .is_some_and(|line: &String| line.ends_with("org42 tree"))
        {
            let mut line = String::new();
            assert_ne!(self.out.read_line(&mut line).unwrap(), 0, "{lines:?}");
            lines.push(line.trim_end().to_owned());
        }
        lines
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// `kill -9`
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub(crate) fn wait(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }
}

impl Drop for Serve {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The environment that signs in as an API client.
pub(crate) fn sign_in<'a>(command: &'a mut Command, url: &str, client: &Value) -> &'a mut Command {
    command
        .env("ORG42_URL", url)
        .env("ORG42_API_CLIENT_ID", client["clientId"].as_str().unwrap())
        .env(
            "ORG42_API_CLIENT_SECRET",
            client["secret"].as_str().unwrap(),
        )
}
