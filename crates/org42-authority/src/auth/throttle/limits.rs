//! The keys that failures count against, and the limits of each.

use std::net::IpAddr;
use std::time::Duration;

use super::account::Account;
use super::brake::Brake;

/// A key that failures count against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    /// An address, or for IPv6 the network of 64 bits that one customer has.
    Address(IpAddr),
    Account(Account),
    Pair(Account, IpAddr),
    /// The one-time codes of an account, from all addresses at which it is not proven.
    Codes(Account),
    PairCodes(Account, IpAddr),
}

/// The limits of failures and attempts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) pair: Brake,
    pub(super) address: Brake,
    pub(super) account: Brake,
    pub(super) codes: Brake,
    /// The longest that an attempt waits; if it would be longer, it is refused and may come back later.
    pub(super) held: Duration,
    /// How many attempts wait at a key for others whose outcome is not known.
    pub(super) waiting: usize,
    /// How many attempts wait at a key behind one that waits for a delay itself.
    pub(super) behind: usize,
    /// How often an address may have failed at an account and still wait no longer than `held` there.
    pub(super) slips: u32,
    /// How many attempts at one account are looked at side by side, from addresses that have hardly failed there, and
    /// how many more of them wait.
    pub(super) fresh: usize,
    /// How many attempts wait in all.
    pub(super) all_waiting: usize,
    pub(super) records: usize,
    /// How many accounts of each kind may have proven pairs.
    pub(super) proven: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            pair: Brake::new(10, 150, 60_000),
            address: Brake::new(10, 150, 30_000),
            account: Brake::new(20, 100, 10_000),
            codes: Brake::new(5, 1000, 120_000),
            held: Duration::from_secs(2),
            waiting: 256,
            behind: 4,
            slips: 3,
            fresh: 16,
            all_waiting: 1024,
            records: 50_000,
            proven: 10_000,
        }
    }
}

impl Limits {
    pub(super) fn brake(&self, key: &Key) -> Brake {
        match key {
            Key::Address(_) => self.address,
            Key::Account(_) => self.account,
            Key::Pair(..) => self.pair,
            Key::Codes(_) | Key::PairCodes(..) => self.codes,
        }
    }
}
