//! [`Brake`], the delays that failures of a key cause.

use std::time::Duration;

/// The delays that failures of a key cause.
#[derive(Clone, Copy, Debug)]
pub(super) struct Brake {
    /// The number of failures that cause no delay.
    pub(super) free: u32,
    first_millis: u64,
    /// The longest delay. After this long one failure is forgiven, so guesses come no more often than this in the
    /// long run.
    pub(super) longest_millis: u64,
}

impl Brake {
    pub(super) const fn new(free: u32, first_millis: u64, longest_millis: u64) -> Self {
        Self {
            free,
            first_millis,
            longest_millis,
        }
    }

    /// Returns the delay between the last of so many failures and the next attempt.
    pub(super) fn delay(self, failures: u32) -> Duration {
        if failures < self.free {
            return Duration::ZERO;
        }
        let mut millis = self.first_millis;
        for _ in self.free..failures.min(self.free + 64) {
            millis = (millis + millis / 2).min(self.longest_millis);
        }
        Duration::from_millis(millis)
    }

    /// Returns the most failures that are counted: more would cause no longer delay, and only take longer to be
    /// forgiven.
    pub(super) fn most(self) -> u32 {
        let longest = Duration::from_millis(self.longest_millis);
        let mut slower = self.free..self.free + 64;
        let first = slower.find(|failures| self.delay(*failures) >= longest);
        first.unwrap_or(self.free) + 2
    }
}
