//! [`Gate`], which decides whether an attempt may look at the credentials now, later, or not at all.

use std::time::Duration;

use org42_types::Timestamp;

use super::limits::{Key, Limits};
use super::record::Record;

/// The reason why an attempt's credentials are not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Braked {
    /// There were too many failures.
    Failures(TooManyFailures),
    /// Too many others wait; the number is the seconds after which trying again makes sense.
    Busy(u64),
}

/// Too many failures: the credentials were not looked at, and the answer is 429.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooManyFailures {
    /// The seconds after which trying again makes sense; at least 1.
    pub(crate) retry_after_seconds: u64,
}

/// The seconds after which fewer may wait.
pub(super) const BUSY_SECONDS: u64 = 2;

/// The sum of what the records of an attempt's keys demand.
pub(super) struct Gate<'a> {
    limits: &'a Limits,
    has_place: bool,
    wait: Duration,
    come_back: Option<Duration>,
    is_busy: bool,
    has_room: bool,
}

impl<'a> Gate<'a> {
    pub(super) fn new(limits: &'a Limits, has_place: bool) -> Self {
        Self {
            limits,
            has_place,
            wait: Duration::ZERO,
            come_back: None,
            is_busy: false,
            has_room: true,
        }
    }

    /// Takes a record into account. With `is_lenient` the attempt does not have to wait long for failures of others.
    pub(super) fn look(&mut self, record: &Record, key: &Key, is_lenient: bool, now: Timestamp) {
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

    /// Returns how long the attempt waits before it looks at the credentials; `None` when it has to wait for others
    /// first.
    ///
    /// # Errors
    ///
    /// When the attempt is refused.
    pub(super) fn outcome(self) -> Result<Option<Duration>, Braked> {
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
