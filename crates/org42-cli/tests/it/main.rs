//! The binary as its users run it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod bench;
mod changes;
mod codes;
mod crash;
mod directory;
mod door;
mod echoes;
mod embedded;
mod files;
mod flavors;
mod hostile;
mod identity;
mod imports;
#[cfg(unix)]
mod kills;
mod large;
mod limits;
mod logs;
mod machine;
#[cfg(target_os = "linux")]
mod memory;
mod outputs;
mod profiles;
mod prompts;
mod proxies;
mod pull;
mod requests;
mod scope;
mod scripted;
mod serve;
mod settings;
mod targets;
mod terminal;
mod trust;
#[cfg(unix)]
mod verdicts;
#[cfg(target_os = "linux")]
mod watched;
