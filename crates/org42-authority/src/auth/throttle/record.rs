//! The record of a key's failures, and the wait that follows from it.

use std::collections::HashMap;
use std::time::Duration;

use org42_types::Timestamp;

use super::brake::Brake;
use super::limits::{Key, Limits};

/// The failures of a key, and its attempts whose outcome is open.
#[derive(Debug)]
pub(super) struct Record {
    failures: u32,
    /// The time of the last failure.
    last: Timestamp,
    /// The time until which failures have been forgiven.
    faded: Timestamp,
    pub(super) in_flight: usize,
    pub(super) waiting: usize,
}

impl Default for Record {
    fn default() -> Self {
        Self {
            failures: 0,
            last: Timestamp::EPOCH,
            faded: Timestamp::EPOCH,
            in_flight: 0,
            waiting: 0,
        }
    }
}

impl Record {
    pub(super) fn failures(&self) -> u32 {
        self.failures
    }

    /// Returns the number of failures, and of attempts that may become failures.
    pub(super) fn taken(&self) -> usize {
        self.in_flight + self.failures as usize
    }

    /// Removes the failures that have faded by `now`.
    pub(super) fn at(&mut self, now: Timestamp, brake: Brake) -> &mut Self {
        // A clock that is set back must not make an attempt wait for longer than the delay.
        self.last = self.last.min(now);
        self.faded = self.faded.min(now);
        let fade = i64::try_from(brake.longest_millis)
            .unwrap_or(i64::MAX)
            .max(1);
        let steps = (now.as_millis() - self.faded.as_millis()) / fade;
        if steps > 0 {
            let forgiven = u32::try_from(steps).unwrap_or(u32::MAX);
            self.failures = self.failures.saturating_sub(forgiven);
            self.faded = self.faded.plus_millis(steps.saturating_mul(fade));
        }
        self
    }

    pub(super) fn fail(&mut self, now: Timestamp, brake: Brake) {
        if self.failures == 0 {
            self.faded = now;
        }
        self.failures = (self.failures + 1).min(brake.most());
        self.last = now;
    }

    pub(super) fn forgive(&mut self) {
        self.failures = 0;
    }

    /// Returns how long it is until the next attempt may look at the credentials.
    pub(super) fn wait(&self, now: Timestamp, brake: Brake) -> Duration {
        let passed = now.as_millis().saturating_sub(self.last.as_millis());
        let passed = Duration::from_millis(u64::try_from(passed).unwrap_or(0));
        brake.delay(self.failures).saturating_sub(passed)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.failures == 0 && !self.is_used()
    }

    fn is_used(&self) -> bool {
        self.in_flight > 0 || self.waiting > 0
    }

    /// Returns what records are ordered by: those that can be forgotten soonest, with few failures long ago, come
    /// first.
    fn weight(&self) -> (u32, Timestamp) {
        (self.failures, self.last)
    }
}

/// Keeps the number of records bounded: first removes those that no longer count, then the lighter half.
pub(super) fn make_room(records: &mut HashMap<Key, Record>, limits: &Limits, now: Timestamp) {
    /// How many records one attempt can add.
    const ADDED: usize = 5;
    if records.len() + ADDED <= limits.records {
        return;
    }
    records.retain(|key, record| !record.at(now, limits.brake(key)).is_empty());
    if records.len() + ADDED <= limits.records {
        return;
    }
    let mut weights: Vec<_> = records.values().map(Record::weight).collect();
    weights.sort_unstable();
    if let Some(median) = weights.get(weights.len() / 2) {
        records.retain(|_, record| record.is_used() || record.weight() > *median);
    }
}
