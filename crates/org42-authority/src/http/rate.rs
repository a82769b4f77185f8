//! Counts the requests in a minute.

use std::sync::{Mutex, PoisonError};

use org42_types::Timestamp;

const MINUTE_MILLIS: i64 = 60_000;

/// A counter of the requests in the current minute.
#[derive(Debug, Default)]
pub(crate) struct Rate(Mutex<(i64, u32)>);

impl Rate {
    /// Counts a request; returns the seconds until the next minute if there were `limit` already. 0 is no limit.
    pub(crate) fn too_many(&self, limit: u32, now: Timestamp) -> Option<u32> {
        if limit == 0 {
            return None;
        }
        let (minute, into_it) = (
            now.as_millis().div_euclid(MINUTE_MILLIS),
            now.as_millis().rem_euclid(MINUTE_MILLIS),
        );
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.0 != minute {
            *counted = (minute, 0);
        }
        if counted.1 < limit {
            counted.1 += 1;
            return None;
        }
        let left = (MINUTE_MILLIS - into_it + 999) / 1000;
        Some(u32::try_from(left).unwrap_or(60))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_has_so_many_requests() {
        let (rate, start) = (Rate::default(), Timestamp::EPOCH.plus_millis(20_500));
        assert_eq!(
            [(); 3].map(|()| rate.too_many(2, start)),
            [None, None, Some(40)]
        );
        assert_eq!(
            rate.too_many(2, start.plus_millis(39_500)),
            None,
            "the next one"
        );
        assert_eq!(rate.too_many(0, start), None);
    }
}
