//! The binary as its users run it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod bench;
mod changes;
mod crash;
mod embedded;
mod files;
mod flavors;
mod large;
mod machine;
mod outputs;
mod profiles;
mod pull;
mod scripted;
mod serve;
mod settings;
mod targets;
mod terminal;
