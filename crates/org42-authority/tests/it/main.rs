//! The authority from outside.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bounds;
mod clock;
mod connections;
mod faults;
mod fidelity;
mod full;
mod gateway;
mod histories;
mod keys;
mod listings;
mod logins;
mod model;
mod openapi;
mod preconditions;
mod refusals;
mod registrations;
mod replace;
mod restorations;
mod roles;
mod schema;
mod semantics;
mod settings;
mod settings_by_key;
mod store;
mod strangers;
mod switches;
mod testbench;
mod tokens;
mod web;
mod wire;
mod without_test_bench;
