//! What the tests of the other crates share, and nothing else: servers with scripted answers, clients that send raw
//! bytes, fixtures, and a tenant within the process.
//!
//! - [`Server`]: HTTP from a script, by [`Reply`]; [`fixtures`]: answers of a tenant for it
//! - [`Model`]: a tenant for it that changes, and counts its changes
//! - [`Counter`]: how many requests are handled at once
//! - [`raw_server`]: a server that writes whatever bytes; [`raw_client`]: a client that does
//! - [`sockets`]: listeners, proxies, and a tenant with TLS
//! - [`Tenant`]: the authority without a port, and the SDK's transport to it

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod counter;
pub mod fixtures;
mod in_process;
mod model;
pub mod raw_client;
pub mod raw_server;
mod scripted;
pub mod sockets;

pub use counter::Counter;
pub use in_process::{InProcess, Tenant};
pub use model::Model;
pub use scripted::{Reply, Seen, Server, Then, quick};

/// The examples of the README compile and run with the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
