//! How fast a client may go: what the server has asked for, and how many repeats there may be. All clients of a process
//! share it for a host, so that an outage does not become a storm.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::time::Instant;

/// How many repeats there may be in a row: each costs one, and each request that succeeds earns a tenth.
const REPEATS: f64 = 100.0;
const EARNED: f64 = 0.1;

/// After how many tries in a row that met silence a server is taken for dead.
const DEAD: u32 = 2;

/// The pace of the requests to one host.
#[derive(Debug)]
pub(crate) struct Pace(Mutex<State>);

#[derive(Debug)]
struct State {
    repeats: f64,
    quiet_until: Option<Instant>,
    /// How many tries in a row have met silence.
    silences: u32,
}

impl Default for Pace {
    fn default() -> Self {
        Self(Mutex::new(State {
            repeats: REPEATS,
            quiet_until: None,
            silences: 0,
        }))
    }
}

impl Pace {
    /// Returns the pace of a host, which is given as it stands in its address.
    pub(crate) fn of(host: &str) -> Arc<Self> {
        static HOSTS: LazyLock<Mutex<HashMap<String, Weak<Pace>>>> = LazyLock::new(Mutex::default);
        let mut hosts = HOSTS.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = hosts.get(host).and_then(Weak::upgrade) {
            return known;
        }
        hosts.retain(|_, pace| pace.strong_count() > 0);
        let pace = Arc::default();
        hosts.insert(host.to_owned(), Arc::downgrade(&pace));
        pace
    }

    /// Takes one of the repeats; false if there are none left.
    pub(crate) fn may_repeat(&self) -> bool {
        let mut state = self.lock();
        let is_left = state.repeats >= 1.0;
        if is_left {
            state.repeats -= 1.0;
        }
        is_left
    }

    /// Notes a request that has succeeded.
    pub(crate) fn succeeded(&self) {
        let mut state = self.lock();
        state.repeats = (state.repeats + EARNED).min(REPEATS);
    }

    /// Notes that something of an answer has come.
    pub(crate) fn answered(&self) {
        self.lock().silences = 0;
    }

    /// Notes a try that the server was silent to.
    pub(crate) fn was_silent(&self) {
        let mut state = self.lock();
        state.silences = state.silences.saturating_add(1);
    }

    /// Returns whether the server was silent to the last try.
    pub(crate) fn is_silent(&self) -> bool {
        self.lock().silences > 0
    }

    /// Returns whether the server was silent to one try after the other: another would take as long, for nothing.
    pub(crate) fn is_dead(&self) -> bool {
        self.lock().silences >= DEAD
    }

    /// Notes that the server asked to wait: nothing is sent to it for so long.
    pub(crate) fn quiet_for(&self, wait: Duration) {
        let until = Instant::now().checked_add(wait);
        let mut state = self.lock();
        state.quiet_until = state.quiet_until.max(until);
    }

    /// Returns how long the server asked not to be sent anything.
    pub(crate) fn wait(&self) -> Option<Duration> {
        let until = self.lock().quiet_until?;
        let wait = until.saturating_duration_since(Instant::now());
        (!wait.is_zero()).then_some(wait)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeats_are_used_up_and_earned() {
        let pace = Pace::default();
        assert_eq!((0..500).filter(|_| pace.may_repeat()).count(), 100);
        (0..10).for_each(|_| pace.succeeded());
        assert!(pace.may_repeat() || pace.lock().repeats > 0.9);
        assert!(!pace.may_repeat());
    }

    #[test]
    fn clients_of_a_host_share_its_pace() {
        let one = Pace::of("one.test");
        assert!(Arc::ptr_eq(&one, &Pace::of("one.test")));
        assert!(!Arc::ptr_eq(&one, &Pace::of("other.test")));
    }
}
