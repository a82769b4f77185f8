//! How an authority behaves.

use std::sync::Arc;

use crate::auth::PasswordCost;
use crate::clock::{Clock, SystemClock};
use crate::domain::Entropy;
use crate::fidelity::Fidelity;
use crate::http::forwarded::Network;

/// The name of the administrator where no other is wanted.
pub const DEFAULT_ADMIN: &str = "admin@example.com";

/// How an authority behaves.
#[derive(Clone, Debug)]
pub struct Options {
    /// The switches for what is unknown about the real server.
    pub fidelity: Fidelity,
    /// The clock that the tenant goes by; with a test bench, until that sets another time.
    pub clock: Arc<dyn Clock>,
    /// Where ids and secrets come from.
    pub entropy: Arc<Entropy>,
    /// How much work it is to guess passwords from the tenant's file.
    pub password_cost: PasswordCost,
    /// The proxies whose `Forwarded` and `X-Forwarded-For` headers say where a request comes from.
    pub trusted_proxies: Vec<Network>,
    /// Whether the tenant is served with its test bench: requests are noted, and administrators may set the clock, have
    /// requests run into faults, and replace the tenant. Otherwise the routes for that are unknown ones.
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
