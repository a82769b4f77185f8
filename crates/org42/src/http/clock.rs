//! The clock of the server, as its answers show it.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use http::HeaderMap;
use org42_types::Timestamp;

use crate::http::dates::date;

/// Remembers what a server's clock showed, and how long ago.
#[derive(Debug, Default)]
pub(crate) struct ServerClock(Mutex<Option<(Timestamp, Instant)>>);

impl ServerClock {
    /// Learns from the `Date` of an answer that has just come. A cached answer shows an older time.
    pub(crate) fn learn(&self, headers: &HeaderMap) {
        if headers.contains_key(http::header::AGE) {
            return;
        }
        if let Some(time) =
            date(headers).and_then(|date| Timestamp::from_millis(date.as_millisecond()))
        {
            let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            *seen = Some((time, Instant::now()));
        }
    }

    /// Returns what the clock shows now, or up to a second ago, since `Date` has whole seconds; `None` before the first
    /// answer.
    pub(crate) fn now(&self) -> Option<Timestamp> {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (time, at) = (*seen)?;
        let passed = i64::try_from(at.elapsed().as_millis()).ok()?;
        Timestamp::from_millis(time.as_millis().checked_add(passed)?)
    }
}
