//! The authority: an embedded server that behaves like the real organization API.
//!
//! - [`domain`]: what organizations, users, devices and archives are, and the rules; no HTTP, no SQL
//! - [`store`]: the storage of a tenant; one trait, its backends, one conformance suite
//! - [`service`]: what can be asked of a tenant; reads a view, applies the rules, commits
//! - `auth`: passwords, tokens, one-time codes and the throttle on guessing
//! - [`Fidelity`]: the switches for what is unknown about the real server
//! - `testbench`: a log of requests, faults on demand, a settable clock, and snapshots
//! - `data`: the directory that a tenant is kept in; `founding`: opens and founds tenants there
//! - [`import`]: a tenant made from the documents of another one
//! - `sample`: tenants filled for development and tests
//! - `replace`: a served tenant seeded, reset, or restored from a snapshot
//! - [`http`]: routes and shapes; translates, decides nothing
//! - `listening`: ports, TLS and connections; `origin`: the network that a connection counts for
//! - `in_process`: the API without a port, for the process itself
//! - [`Authority`]: all of it, with its [`Options`]; `running`: an authority at a port; `start`: one for a single
//!   test
//! - `clock`: the time; `error`: why a start failed; `log`: failures written for the operator
//!
//! What is only read or chosen is `non_exhaustive`. Options, questions and edits are not, since they are built from their
//! defaults, `Options { …, ..Options::default() }`; nor are the rows of [`domain`] and what [`store`] is asked, since a
//! backend has to keep, find and answer each of them: one that misses a new kind is not to compile.

mod auth;
mod authority;
mod clock;
mod data;
pub mod domain;
mod error;
mod fidelity;
mod founding;
pub mod http;
pub mod import;
mod in_process;
mod listening;
mod log;
mod options;
mod origin;
mod replace;
mod running;
mod sample;
pub mod service;
mod start;
pub mod store;
mod testbench;

pub use auth::PasswordCost;
pub use authority::{Authority, new_password, openapi};
pub use clock::{Clock, ManualClock, SystemClock};
pub use error::StartError;
pub use fidelity::{
    ErrorType, Fidelity, GatewayCounts, Listed, NoSuchSwitch, UniqueNames, V3Dates, V3Errors,
};
pub use http::forwarded::Network;
pub use http::hosts::{Host, NoHost};
pub use in_process::AuthorityService;
pub use listening::{Door, Limits, Listening, Pace, Tls};
pub use options::{DEFAULT_ADMIN, Options};
pub use running::Running;
pub use sample::Sample;
pub use start::START_PASSWORD;

/// The README, whose examples compile and run with the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
