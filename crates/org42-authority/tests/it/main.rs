//! The authority from outside.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bench;
mod clock;
mod faults;
mod fidelity;
mod gateway;
mod histories;
mod listings;
mod logins;
mod model;
mod preconditions;
mod renewal;
mod restorations;
mod roles;
mod semantics;
mod settings;
mod settings_by_key;
mod store;
mod switches;
mod wire;
