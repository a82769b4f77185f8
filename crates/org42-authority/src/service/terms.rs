//! What a tenant's service needs beside the store: the clock, the switches, and the source of ids.

use std::fmt;
use std::sync::Arc;

use super::kept::Kept;
use crate::clock::Clock;
use crate::domain::Entropy;
use crate::fidelity::{Fidelity, Switches};

/// The clock, the switches and the source of ids of a tenant's service, and what it keeps of the tenant.
#[derive(Clone)]
pub struct Terms {
    clock: Arc<dyn Clock>,
    entropy: Arc<Entropy>,
    // All clones share the switches, which can be changed while the tenant is served.
    fidelity: Arc<Switches>,
    kept: Arc<Kept>,
}

impl fmt::Debug for Terms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Terms")
            .field("fidelity", &self.fidelity())
            .finish_non_exhaustive()
    }
}

impl Terms {
    pub(super) fn new(clock: Arc<dyn Clock>, entropy: Arc<Entropy>, fidelity: Fidelity) -> Self {
        Self {
            clock,
            entropy,
            fidelity: Arc::new(fidelity.into()),
            kept: Arc::default(),
        }
    }

    /// Returns what is kept of the tenant's present state.
    pub(super) fn kept(&self) -> &Kept {
        &self.kept
    }

    /// Returns the clock.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Returns the source of ids and secrets.
    #[must_use]
    pub fn entropy(&self) -> &Arc<Entropy> {
        &self.entropy
    }

    /// Returns the switches.
    #[must_use]
    pub fn fidelity(&self) -> Fidelity {
        self.fidelity.now()
    }

    /// Changes the switches, for this and every clone.
    ///
    /// # Errors
    ///
    /// The error that `change` returns; nothing is changed then.
    pub fn change_fidelity<E>(
        &self,
        change: impl FnOnce(Fidelity) -> Result<Fidelity, E>,
    ) -> Result<Fidelity, E> {
        self.fidelity.change(change)
    }

    /// Sets the switches back to what they were at the start, for this and every clone.
    pub fn reset_fidelity(&self) {
        self.fidelity.reset();
    }
}
