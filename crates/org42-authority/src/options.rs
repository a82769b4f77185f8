//! [`Options`], which decide how an authority behaves.

use std::sync::Arc;

use crate::auth::PasswordCost;
use crate::clock::{Clock, SystemClock};
use crate::domain::Entropy;
use crate::fidelity::Fidelity;
use crate::http::forwarded::Network;

/// The administrator's name unless another is chosen.
pub const DEFAULT_ADMIN: &str = "admin@example.com";

/// The options of an authority.
#[derive(Clone, Debug)]
pub struct Options {
    /// The switches for what is unknown about the real server.
    pub fidelity: Fidelity,
    /// The clock of the tenant; with a test bench, until another time is set there.
    pub clock: Arc<dyn Clock>,
    /// The source of ids and secrets.
    pub entropy: Arc<Entropy>,
    /// The cost of a password hash, and so of guessing passwords from the tenant's file.
    pub password_cost: PasswordCost,
    /// The proxies whose `Forwarded` and `X-Forwarded-For` headers are trusted.
    pub trusted_proxies: Vec<Network>,
    /// Whether the tenant is served with its test bench, where requests are noted, and administrators may set the
    /// clock, have requests run into faults, and replace the tenant. Otherwise those routes do not exist.
    pub test_bench: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            fidelity: Fidelity::default(),
            clock: Arc::new(SystemClock),
            entropy: Arc::new(Entropy::from_system()),
            password_cost: PasswordCost::default(),
            trusted_proxies: Vec::new(),
            test_bench: true,
        }
    }
}
