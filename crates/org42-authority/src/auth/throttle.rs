//! The throttle on guessing: wrong credentials make the next attempts wait, longer and longer, but lock out no
//! account.
//!
//! Failures count against three keys: the address, the account, and the account at the address, a *pair*. The first
//! ten are answered at once. After that, attempts of the same key come one after another, each a delay after the last
//! failure: a short delay is waited out, for a longer one the attempt is refused and the credentials are not looked
//! at. Failures fade one by one.
//!
//! A pair is *proven* once the account was signed in to from that address. A proven pair waits for nothing but its
//! own failures, whatever happens elsewhere. And from an address that has hardly failed at an account, no attempt
//! waits for more than [`Limits::held`], nor is asked to come back later than that, because of failures at other
//! addresses. So strangers keep nobody out, wherever they guess from.
//!
//! Attempts whose outcome is not yet known count like failures, so that guessing in parallel is of no advantage; but
//! an attempt that finds no room because of them waits instead of being refused, since they may well be right.

mod account;
mod brake;
mod gate;
mod limits;
mod proven;
mod record;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use org42_types::Timestamp;
use tokio::sync::Notify;

pub(crate) use self::account::{Account, Guess};
use self::gate::{BUSY_SECONDS, Gate};
pub(crate) use self::gate::{Braked, TooManyFailures};
use self::limits::{Key, Limits};
use self::proven::Proven;
use self::record::{Record, make_room};
use crate::clock::Clock;
use crate::origin::origin;

/// A count of wrong credentials, in memory.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    state: Mutex<State>,
    limits: Limits,
    released: Notify,
}

#[derive(Debug, Default)]
struct State {
    records: HashMap<Key, Record>,
    proven: Proven,
    waiting: usize,
}

/// An attempt to log in whose outcome is not yet known.
///
/// Dropped without an outcome it counts as neither, which is right when the client went away before the credentials
/// were looked at.
#[derive(Debug)]
#[must_use = "dropping it lets the next attempt in"]
pub(crate) struct Attempt<'a> {
    throttle: &'a Throttle,
    who: Who,
    keys: Vec<Key>,
    wait: Duration,
}

/// The account of an attempt, and where the attempt comes from.
#[derive(Clone, Copy, Debug)]
struct Who {
    account: Account,
    network: IpAddr,
    is_proven: bool,
}

impl Who {
    fn pair(&self) -> Key {
        Key::Pair(self.account, self.network)
    }

    fn pair_codes(&self) -> Key {
        Key::PairCodes(self.account, self.network)
    }

    /// Returns the keys that a failure of this attempt counts against.
    fn counted(&self, guess: Guess) -> Vec<Key> {
        let mut keys = vec![self.pair()];
        if guess == Guess::Code {
            keys.push(self.pair_codes());
        }
        if !self.is_proven {
            keys.extend([Key::Address(self.network), Key::Account(self.account)]);
            if guess == Guess::Code {
                keys.push(Key::Codes(self.account));
            }
        }
        keys
    }
}

/// A place among the attempts that wait; it is free again when this is dropped.
struct Place<'a> {
    throttle: &'a Throttle,
    keys: Vec<Key>,
}

impl Throttle {
    /// Admits an attempt to log in to `account` from `address`; the caller must [wait](Attempt::wait) before it looks
    /// at the credentials.
    ///
    /// This call waits while the attempts whose outcome is open could use up what is still allowed.
    ///
    /// # Errors
    ///
    /// When it would have to wait too long, or too many wait.
    pub(crate) async fn enter(
        &self,
        account: Account,
        address: IpAddr,
        clock: &dyn Clock,
    ) -> Result<Attempt<'_>, Braked> {
        let network = origin(address);
        let mut place = None;
        loop {
            // Registered before the check, so that a release in between is not missed.
            let released = self.released.notified();
            if let Some(attempt) = self.admit(account, network, clock.now(), &mut place)? {
                return Ok(attempt);
            }
            released.await;
        }
    }

    /// Removes all failures. Attempts whose outcome is open go on, and proven pairs stay proven.
    pub(crate) fn forget(&self) {
        let mut state = self.lock();
        for record in state.records.values_mut() {
            record.forgive();
        }
        state.records.retain(|_, record| !record.is_empty());
        drop(state);
        self.released.notify_waiters();
    }

    /// Takes room for one attempt, or a place among those that wait for room.
    ///
    /// # Errors
    ///
    /// As for [`enter`](Self::enter).
    fn admit<'a>(
        &'a self,
        account: Account,
        network: IpAddr,
        now: Timestamp,
        place: &mut Option<Place<'a>>,
    ) -> Result<Option<Attempt<'a>>, Braked> {
        let state = &mut *self.lock();
        let who = Who {
            account,
            network,
            is_proven: state.proven.has(account, network),
        };
        let keys = self.keys(&mut state.records, who, now);
        let pair = state.records.get_mut(&who.pair());
        let is_fresh =
            pair.is_none_or(|pair| pair.at(now, self.limits.pair).failures() <= self.limits.slips);
        let mut gate = Gate::new(&self.limits, place.is_some());
        for key in &keys {
            let is_lenient = is_fresh && matches!(key, Key::Account(_));
            if let Some(record) = state.records.get_mut(key) {
                gate.look(record.at(now, self.limits.brake(key)), key, is_lenient, now);
            }
        }
        let Some(wait) = gate.outcome()? else {
            if place.is_none() {
                if state.waiting >= self.limits.all_waiting {
                    return Err(Braked::Busy(BUSY_SECONDS));
                }
                state.waiting += 1;
                for key in &keys {
                    state.records.entry(*key).or_default().waiting += 1;
                }
                *place = Some(Place {
                    throttle: self,
                    keys,
                });
            }
            return Ok(None);
        };
        make_room(&mut state.records, &self.limits, now);
        for key in &keys {
            state.records.entry(*key).or_default().in_flight += 1;
        }
        Ok(Some(Attempt {
            throttle: self,
            who,
            keys,
            wait,
        }))
    }

    /// Returns the keys that an attempt is held up by. Those of codes count only after a wrong code: whether a code
    /// is needed is not yet known.
    fn keys(&self, records: &mut HashMap<Key, Record>, who: Who, now: Timestamp) -> Vec<Key> {
        let mut keys = vec![who.pair()];
        let mut codes = vec![who.pair_codes()];
        if !who.is_proven {
            keys.extend([Key::Address(who.network), Key::Account(who.account)]);
            codes.push(Key::Codes(who.account));
        }
        keys.extend(codes.into_iter().filter(|key| {
            let record = records.get_mut(key);
            record.is_some_and(|record| record.at(now, self.limits.codes).failures() > 0)
        }));
        keys
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Attempt<'_> {
    /// Returns whether this account has been signed in to from this address before.
    pub(crate) fn is_proven(&self) -> bool {
        self.who.is_proven
    }

    /// Returns how long the caller must wait before it looks at the credentials.
    pub(crate) fn wait(&self) -> Duration {
        self.wait
    }

    /// Counts the attempt as a failure: its credentials were wrong.
    pub(crate) fn failed(self, guess: Guess, now: Timestamp) {
        let mut state = self.throttle.lock();
        for key in self.who.counted(guess) {
            let brake = self.throttle.limits.brake(&key);
            let record = state.records.entry(key).or_default();
            record.at(now, brake);
            record.fail(now, brake);
        }
    }

    /// Forgives the failures of this account at this address, since the credentials were right, and marks the pair as
    /// proven. Other failures at the address, and failures at the account elsewhere, are not forgiven.
    pub(crate) fn succeeded(self) {
        let mut state = self.throttle.lock();
        for key in [self.who.pair(), self.who.pair_codes()] {
            if let Some(record) = state.records.get_mut(&key) {
                record.forgive();
            }
        }
        let Who {
            account, network, ..
        } = self.who;
        state
            .proven
            .add(account, network, self.throttle.limits.proven);
    }
}

impl State {
    fn let_go(&mut self, keys: &[Key], let_go: impl Fn(&mut Record)) {
        for key in keys {
            if let Some(record) = self.records.get_mut(key) {
                let_go(record);
                if record.is_empty() {
                    self.records.remove(key);
                }
            }
        }
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        let let_go = |record: &mut Record| record.in_flight = record.in_flight.saturating_sub(1);
        self.throttle.lock().let_go(&self.keys, let_go);
        self.throttle.released.notify_waiters();
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut state = self.throttle.lock();
        state.waiting = state.waiting.saturating_sub(1);
        let let_go = |record: &mut Record| record.waiting = record.waiting.saturating_sub(1);
        state.let_go(&self.keys, let_go);
    }
}

#[cfg(test)]
mod tests;
