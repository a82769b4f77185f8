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
mod echoes;
mod embedded;
mod flavors;
mod hostile;
mod large;
mod machine;
mod outputs;
mod profiles;
mod pull;
mod raw;
mod scripted;
mod serve;
mod settings;
mod targets;
mod terminal;
