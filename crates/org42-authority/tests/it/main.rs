//! The authority from outside.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bench;
mod fidelity;
mod gateway;
mod histories;
mod listings;
mod logins;
mod model;
mod preconditions;
mod semantics;
mod settings;
mod store;
mod wire;
