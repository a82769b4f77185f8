//! The brake on guessing: wrong credentials count against the account and the address they come from.
//!
//! Within a minute the first ten failures are answered at once, the next nine later and later, and after those nothing
//! is looked at any more. Attempts whose outcome is not yet known take up room as if they were failures, so that
//! guessing in parallel gains nothing; but whoever finds the room taken waits instead of being refused, since those
//! attempts may well be right.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use org42_types::Timestamp;
use tokio::sync::Notify;

use super::secrets::digest;
use crate::clock::Clock;

const WINDOW_MILLIS: u64 = 60_000;
const ANSWERED_AT_ONCE: usize = 10;
const ANSWERED: usize = 19;
const LONGEST_DELAY: Duration = Duration::from_secs(2);
const MAX_KEYS: usize = 50_000;

/// Counts wrong credentials, in memory.
#[derive(Debug)]
pub(crate) struct Throttle {
    records: Mutex<HashMap<Key, Record>>,
    max_keys: usize,
    released: Notify,
}

/// What failures count against.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    /// Digest of the account's name, so that a record is small however long the name, and no name is kept.
    Account(Vec<u8>),
    /// An address, or for IPv6 the network of 64 bits that one subscriber has.
    Address(IpAddr),
}

#[derive(Debug, Default)]
struct Record {
    failures: Vec<Timestamp>,
    in_flight: usize,
}

/// There were too many failures: the credentials were not looked at, and the answer is 429.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooManyFailures {
    /// After how many seconds trying again makes sense; at least 1.
    pub(crate) retry_after_seconds: u64,
}

/// An attempt to log in whose outcome is not yet known.
///
/// Dropped without an outcome it counts for nothing, which is right when the credentials were good but a block or a
/// deactivation forbids the login, and when the caller went away before they were looked at.
#[derive(Debug)]
#[must_use = "dropping it lets the next attempt in"]
pub(crate) struct Attempt<'a> {
    throttle: &'a Throttle,
    keys: [Key; 2],
}

impl Default for Throttle {
    fn default() -> Self {
        Self {
            records: Mutex::default(),
            max_keys: MAX_KEYS,
            released: Notify::new(),
        }
    }
}

impl Throttle {
    /// Lets an attempt to log in to `account` from `address` through, whatever the case of the account's letters.
    ///
    /// Waits while the attempts in flight could use up what is still allowed.
    ///
    /// # Errors
    ///
    /// When the account or the address has had too many failures.
    pub(crate) async fn enter(
        &self,
        account: &str,
        address: IpAddr,
        clock: &dyn Clock,
    ) -> Result<Attempt<'_>, TooManyFailures> {
        let keys = [
            Key::Account(digest(&account.trim().to_lowercase())),
            Key::Address(network(address)),
        ];
        loop {
            // Made before the look, so that what is released in between is not missed.
            let released = self.released.notified();
            if self.reserve(&keys, clock.now())? {
                return Ok(Attempt {
                    throttle: self,
                    keys,
                });
            }
            released.await;
        }
    }

    /// Forgets all failures; attempts in flight go on.
    pub(crate) fn forget(&self) {
        for record in self.lock().values_mut() {
            record.failures.clear();
        }
    }

    /// Takes room for one attempt, if there is any.
    fn reserve(&self, keys: &[Key; 2], now: Timestamp) -> Result<bool, TooManyFailures> {
        let mut records = self.lock();
        let mut has_room = true;
        let mut wait = None;
        for key in keys {
            let Some(record) = records.get_mut(key) else {
                continue;
            };
            let record = record.at(now);
            has_room &= record.failures.len() + record.in_flight < ANSWERED;
            wait = wait.max(record.wait_millis(now));
        }
        if let Some(millis) = wait {
            return Err(TooManyFailures {
                retry_after_seconds: millis.div_ceil(1000).max(1),
            });
        }
        if has_room {
            make_room(&mut records, self.max_keys, now);
            for key in keys {
                records.entry(key.clone()).or_default().in_flight += 1;
            }
        }
        Ok(has_room)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Record>> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Attempt<'_> {
    /// The credentials were wrong: counts that, and says how long to wait before answering.
    pub(crate) fn failed(self, now: Timestamp) -> Duration {
        let mut records = self.throttle.lock();
        let counts = self.keys.iter().map(|key| {
            let record = records.entry(key.clone()).or_default().at(now);
            record.failures.push(now);
            record.failures.len()
        });
        delay(counts.max().unwrap_or_default())
    }

    /// The credentials were right: the account and the address start anew.
    pub(crate) fn succeeded(self) {
        let mut records = self.throttle.lock();
        for key in &self.keys {
            if let Some(record) = records.get_mut(key) {
                record.failures.clear();
            }
        }
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        let mut records = self.throttle.lock();
        for key in &self.keys {
            if let Some(record) = records.get_mut(key) {
                record.in_flight = record.in_flight.saturating_sub(1);
                if record.is_empty() {
                    records.remove(key);
                }
            }
        }
        drop(records);
        self.throttle.released.notify_waiters();
    }
}

impl Record {
    /// The record without the failures that no longer count at `now`.
    fn at(&mut self, now: Timestamp) -> &mut Self {
        // Failures from the future appear when the clock is set back; they must not count for longer than others.
        self.failures
            .retain(|at| at.as_millis().abs_diff(now.as_millis()) < WINDOW_MILLIS);
        self
    }

    /// How long it takes until one more failure is allowed; none when it is already.
    fn wait_millis(&self, now: Timestamp) -> Option<u64> {
        let oldest = self
            .failures
            .iter()
            .min()
            .filter(|_| self.failures.len() >= ANSWERED)?;
        let age = u64::try_from(now.as_millis() - oldest.as_millis()).unwrap_or(0);
        Some(WINDOW_MILLIS.saturating_sub(age))
    }

    fn is_empty(&self) -> bool {
        self.failures.is_empty() && self.in_flight == 0
    }

    /// The less, the sooner it can be forgotten: few failures, long ago.
    fn weight(&self) -> (usize, Option<Timestamp>) {
        (self.failures.len(), self.failures.iter().max().copied())
    }
}

/// Keeps the number of records bounded: first those go that no longer count, then the lighter half.
fn make_room(records: &mut HashMap<Key, Record>, max_keys: usize, now: Timestamp) {
    if records.len() + 2 <= max_keys {
        return;
    }
    records.retain(|_, record| !record.at(now).is_empty());
    if records.len() + 2 <= max_keys {
        return;
    }
    let mut weights: Vec<_> = records.values().map(Record::weight).collect();
    weights.sort_unstable();
    if let Some(median) = weights.get(weights.len() / 2) {
        records.retain(|_, record| record.in_flight > 0 || record.weight() > *median);
    }
}

/// How long the answer to the `nth` failure in a minute takes.
fn delay(nth: usize) -> Duration {
    let steps = ANSWERED - ANSWERED_AT_ONCE;
    LONGEST_DELAY * nth.saturating_sub(ANSWERED_AT_ONCE).min(steps) as u32 / steps as u32
}

fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((u128::from(address) >> 64 << 64).into()),
        address => address,
    }
}

#[cfg(test)]
mod tests;
