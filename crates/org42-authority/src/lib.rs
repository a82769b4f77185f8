//! The authority: an embedded server that behaves like the real organization API.
//!
//! - [`tree`]: what organizations, users, devices and archives are, and the rules; no HTTP, no SQL
//! - [`store`]: where a tenant is kept; one trait, its backends, one conformance suite
//! - [`tenant`]: what can be asked of a tenant; reads a snapshot, applies the rules, commits
//! - `auth`: passwords, tokens, one-time codes and the brake on guessing
//! - [`Fidelity`]: the switches for what is unknown about the real server
//! - `bench`: what was asked, faults on request, a clock that can be set, and snapshots
//! - `data`: the directory that a tenant is kept in; `founding`: opens and founds tenants there
//! - `renew`: a tenant filled further, begun anew, or brought back as it was
//! - [`http`]: routes and shapes; translates, decides nothing
//! - [`Authority`]: all of it, listening

mod auth;
mod authority;
mod bench;
mod clock;
mod copy;
mod data;
mod fidelity;
mod founding;
pub mod http;
mod listening;
mod log;
mod renew;
mod sample;
mod start;
pub mod store;
pub mod tenant;
pub mod tree;

pub use auth::PasswordCost;
pub use authority::{Authority, DEFAULT_ADMIN, Options, StartError, new_password};
pub use clock::{Clock, ManualClock, SystemClock};
pub use copy::{Told, ToldOrg};
pub use fidelity::{
    ErrorType, Fidelity, GatewayCounts, Listed, NoSuchSwitch, UniqueNames, V3Dates, V3Errors,
};
pub use http::forwarded::Network;
pub use http::hosts::{Host, NoHost};
pub use listening::{Door, Limits, Listening, Pace, Running, Tls};
pub use sample::Sample;
pub use start::START_PASSWORD;
