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
mod flavors;
mod large;
mod machine;
mod outputs;
mod profiles;
mod proxies;
mod pull;
mod scripted;
mod serve;
mod settings;
mod sockets;
mod targets;
mod terminal;
mod trust;
