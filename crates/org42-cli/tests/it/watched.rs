//! How much memory a process takes.

use std::io::Read as _;
use std::process::{Command, Stdio};
use std::time::Duration;

/// The most memory that a process has had until now, in KiB, while it is there.
pub(crate) fn peak_memory(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// How a watched run ended.
#[derive(Debug)]
pub(crate) struct Watched {
    /// The most memory that it had, in MiB.
    pub(crate) peak: u64,
    pub(crate) code: Option<i32>,
    pub(crate) err: String,
}

/// What no run may need, whatever the server does, in MiB.
pub(crate) const MOST: u64 = 128;

/// Runs a command to its end, unless it fills the memory.
pub(crate) fn watched(mut command: Command) -> Watched {
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut err = child.stderr.take().unwrap();
    let reading = std::thread::spawn(move || {
        let mut text = Vec::new();
        let _ = err.read_to_end(&mut text);
        String::from_utf8_lossy(&text).into_owned()
    });
    let mut peak = 0;
    let code = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status.code();
        }
        peak = peak.max(peak_memory(child.id()).unwrap_or(0) / 1024);
        if peak > 4 * MOST {
            child.kill().unwrap();
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let err = reading.join().unwrap();
    Watched { peak, code, err }
}
