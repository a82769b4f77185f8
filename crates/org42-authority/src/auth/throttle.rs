//! The brake on guessing: wrong credentials make the next attempts wait, longer and longer, but lock nobody out.
//!
//! Failures count against three keys: the address, the account, and the account at the address. The first ten are
//! answered at once. After that attempts of the same key come one after another, each a while after the last failure: a
//! short while is waited out, a longer one is told instead of looking at the credentials. Failures fade one by one.
//!
//! Whoever has once come in to an account from an address, a *proven* pair, waits for nothing but their own failures
//! there, whatever others do. And from an address that has hardly failed at an account nobody waits for more than
//! [`Limits::held`], nor is told to come back later than that, on account of those who have. So strangers keep nobody
//! out, wherever they guess from.
//!
//! Attempts whose outcome is not yet known take up room as if they were failures, so that guessing in parallel gains
//! nothing; but whoever finds the room taken by them waits instead of being refused, since they may well be right.

mod proven;
mod record;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use org42_types::Timestamp;
use sha2::{Digest as _, Sha256};
use tokio::sync::Notify;

use self::proven::Proven;
use self::record::{Brake, Record, make_room};
use crate::clock::Clock;
use crate::origin::origin;
use crate::store::username_key;

/// Whose credentials are shown. Neither a long name nor any name itself is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Account {
    kind: Kind,
    digest: [u8; 32],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    User,
    Program,
    Device,
}

impl Account {
    /// A user's, by name; names that the tenant takes for the same are the same here.
    pub(crate) fn user(name: &str) -> Self {
        Self::new(Kind::User, &username_key(name.trim()))
    }

    /// An API client's, by id.
    pub(crate) fn program(client_id: &str) -> Self {
        Self::new(Kind::Program, client_id)
    }

    /// A device's, by guid.
    pub(crate) fn device(guid: &str) -> Self {
        Self::new(Kind::Device, guid)
    }

    fn new(kind: Kind, name: &str) -> Self {
        Self {
            kind,
            digest: Sha256::digest(name.as_bytes()).into(),
        }
    }
}

/// What was wrong with credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Guess {
    /// The name, the password or the secret, or a code was wanted and there was none.
    Secret,
    /// The password was right and the one-time code was not. There are so few codes that this is braked harder.
    Code,
}

/// What failures count against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Key {
    /// An address, or for IPv6 the network of 64 bits that one subscriber has.
    Address(IpAddr),
    Account(Account),
    Pair(Account, IpAddr),
    /// The one-time codes of an account, from everywhere but proven pairs.
    Codes(Account),
    PairCodes(Account, IpAddr),
}

/// How many failures and attempts are too many.
#[derive(Clone, Copy, Debug)]
struct Limits {
    pair: Brake,
    address: Brake,
    account: Brake,
    codes: Brake,
    /// How long an attempt is kept waiting; it is told to come back where it would be longer.
    held: Duration,
    /// How many attempts wait at a key for others whose outcome is not known.
    waiting: usize,
    /// How many wait at a key behind one that is kept waiting itself.
    behind: usize,
    /// How often an address may have failed at an account and still wait no longer than `held` there.
    slips: u32,
    /// How many attempts at an account are looked at side by side, of addresses that have hardly failed there, and how
    /// many of them wait.
    fresh: usize,
    /// How many attempts wait in all.
    all_waiting: usize,
    records: usize,
    /// How many accounts of a kind have proven pairs.
    proven: usize,
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
    fn brake(&self, key: &Key) -> Brake {
        match key {
            Key::Address(_) => self.address,
            Key::Account(_) => self.account,
            Key::Pair(..) => self.pair,
            Key::Codes(_) | Key::PairCodes(..) => self.codes,
        }
    }
}

/// Counts wrong credentials, in memory.
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

/// Why an attempt is not even looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Braked {
    /// There were too many failures.
    Failures(TooManyFailures),
    /// Too many others wait; says after how many seconds trying again makes sense.
    Busy(u64),
}

/// There were too many failures: the credentials were not looked at, and the answer is 429.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooManyFailures {
    /// After how many seconds trying again makes sense; at least 1.
    pub(crate) retry_after_seconds: u64,
}

/// An attempt to log in whose outcome is not yet known.
///
/// Dropped without an outcome it counts for nothing, which is right when the caller went away before the credentials
/// were looked at.
#[derive(Debug)]
#[must_use = "dropping it lets the next attempt in"]
pub(crate) struct Attempt<'a> {
    throttle: &'a Throttle,
    who: Who,
    keys: Vec<Key>,
    wait: Duration,
}

/// Who tries.
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

    /// What this attempt's failure counts against.
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

/// A place among those who wait.
struct Place<'a> {
    throttle: &'a Throttle,
    keys: Vec<Key>,
}

impl Throttle {
    /// Lets an attempt to log in to `account` from `address` through; it must [wait](Attempt::wait) before it looks at
    /// the credentials.
    ///
    /// Waits itself while the attempts in flight could use up what is still allowed.
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
            // Made before the look, so that what is released in between is not missed.
            let released = self.released.notified();
            if let Some(attempt) = self.admit(account, network, clock.now(), &mut place)? {
                return Ok(attempt);
            }
            released.await;
        }
    }

    /// Forgets all failures. Attempts in flight go on, and who is proven stays so.
    pub(crate) fn forget(&self) {
        let mut state = self.lock();
        for record in state.records.values_mut() {
            record.forgive();
        }
        state.records.retain(|_, record| !record.is_empty());
        drop(state);
        self.released.notify_waiters();
    }

    /// Takes room for one attempt, or a place among those who wait for room.
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

    /// What brakes this attempt. Codes do only where there were wrong ones: whether one is wanted is not yet known.
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

/// When those who found too many waiting may find fewer.
const BUSY_SECONDS: u64 = 2;

/// What the records of an attempt's keys come to.
struct Gate<'a> {
    limits: &'a Limits,
    has_place: bool,
    wait: Duration,
    come_back: Option<Duration>,
    is_busy: bool,
    has_room: bool,
}

impl<'a> Gate<'a> {
    fn new(limits: &'a Limits, has_place: bool) -> Self {
        Self {
            limits,
            has_place,
            wait: Duration::ZERO,
            come_back: None,
            is_busy: false,
            has_room: true,
        }
    }

    /// Takes a record into account. Who is looked at leniently is not made to wait for what others did.
    fn look(&mut self, record: &Record, key: &Key, is_lenient: bool, now: Timestamp) {
        let (limits, brake) = (self.limits, self.limits.brake(key));
        let mut left = record.wait(now, brake);
        if is_lenient {
            left = left.min(limits.held);
        }
        self.wait = self.wait.max(left);
        if left > limits.held {
            self.come_back = self.come_back.max(Some(left));
        }
        let is_slow = record.failures() >= brake.free;
        let has_room = match is_lenient {
            true => record.in_flight < limits.fresh,
            false => record.in_flight == 0 || record.taken() < brake.free as usize,
        };
        if has_room {
            return;
        }
        self.has_room = false;
        let places = match (is_slow, is_lenient) {
            (false, _) => limits.waiting,
            (true, false) => limits.behind,
            (true, true) => limits.fresh,
        };
        if record.waiting - usize::from(self.has_place && record.waiting > 0) < places {
            return;
        }
        match is_slow {
            true => {
                let delay = brake.delay(record.failures());
                let most = if is_lenient { limits.held } else { delay };
                self.come_back = self.come_back.max(Some(delay.min(most)));
            }
            false => self.is_busy = true,
        }
    }

    /// How long the attempt waits before it looks; none when it has to wait for others first.
    fn outcome(self) -> Result<Option<Duration>, Braked> {
        if let Some(left) = self.come_back {
            let millis = u64::try_from(left.as_millis()).unwrap_or(u64::MAX);
            return Err(Braked::Failures(TooManyFailures {
                retry_after_seconds: millis.div_ceil(1000).max(1),
            }));
        }
        if self.is_busy {
            return Err(Braked::Busy(BUSY_SECONDS));
        }
        Ok(self.has_room.then_some(self.wait))
    }
}

impl Attempt<'_> {
    /// Whether this account has been got into from this address before.
    pub(crate) fn is_proven(&self) -> bool {
        self.who.is_proven
    }

    /// How long to wait before looking at the credentials.
    pub(crate) fn wait(&self) -> Duration {
        self.wait
    }

    /// The credentials were wrong.
    pub(crate) fn failed(self, guess: Guess, now: Timestamp) {
        let mut state = self.throttle.lock();
        for key in self.who.counted(guess) {
            let brake = self.throttle.limits.brake(&key);
            let record = state.records.entry(key).or_default();
            record.at(now, brake);
            record.fail(now, brake);
        }
    }

    /// The credentials were right: this account starts anew at this address, and is proven there. What else failed at
    /// the address, and what failed at the account elsewhere, is not forgiven.
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
