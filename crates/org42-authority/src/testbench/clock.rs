//! A clock that can be set, advanced and stopped while the tenant is served.

use std::sync::{Arc, Mutex, PoisonError};

use org42_types::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Clock;

/// The longest step: a hundred years.
const MAX_SECONDS: u32 = 100 * 366 * 86_400;

/// The end of 2999, well before tokens and dates exceed their ranges.
const MAX_MILLIS: i64 = 32_503_680_000_000;

/// A clock that shows the time of another one until it is set.
#[derive(Debug)]
pub(crate) struct SettableClock {
    under: Arc<dyn Clock>,
    shown: Mutex<Shown>,
}

#[derive(Clone, Copy, Debug)]
enum Shown {
    /// The clock runs this many milliseconds ahead of the other one.
    Runs(i64),
    Stands(Timestamp),
}

/// What is to be done with the clock.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ClockTurn)]
pub(crate) enum Turn {
    /// Shows this time and stands still.
    Set(Timestamp),
    /// Shows a later time; stands or runs as before.
    AdvanceSeconds(u32),
    /// Stands still.
    Stop,
    /// Runs on from the time it shows.
    Run,
}

/// What the clock shows.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(as = ClockReading)]
pub(crate) struct Reading {
    /// The time.
    now: Timestamp,
    /// Whether the clock runs.
    runs: bool,
}

impl SettableClock {
    /// Returns a clock that shows the time of `under` until it is set.
    pub(crate) fn over(under: Arc<dyn Clock>) -> Self {
        let shown = Mutex::new(Shown::Runs(0));
        Self { under, shown }
    }

    fn with<T>(&self, act: impl FnOnce(&mut Shown) -> T) -> T {
        act(&mut self.shown.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn read(&self, shown: Shown) -> Reading {
        match shown {
            Shown::Runs(ahead) => Reading {
                now: self.under.now().plus_millis(ahead),
                runs: true,
            },
            Shown::Stands(now) => Reading { now, runs: false },
        }
    }

    pub(crate) fn reading(&self) -> Reading {
        self.with(|shown| self.read(*shown))
    }

    /// Turns the clock.
    ///
    /// # Errors
    ///
    /// When the step or the time is out of range; the text says why.
    pub(crate) fn turn(&self, turn: Turn) -> Result<Reading, String> {
        self.with(|shown| {
            let before = self.read(*shown);
            *shown = match (turn, *shown) {
                (Turn::AdvanceSeconds(seconds), _) if seconds > MAX_SECONDS => {
                    return Err(format!("no step is longer than {MAX_SECONDS} seconds"));
                }
                (Turn::Set(time), _) if !(0..MAX_MILLIS).contains(&time.as_millis()) => {
                    return Err("a time from 1970 to 2999 is wanted".to_owned());
                }
                (Turn::AdvanceSeconds(seconds), _)
                    if before.now.as_millis() + i64::from(seconds) * 1000 >= MAX_MILLIS =>
                {
                    return Err("the clock ends in 2999".to_owned());
                }
                (Turn::Set(time), _) => Shown::Stands(time),
                (Turn::Stop, _) => Shown::Stands(before.now),
                (Turn::Run, Shown::Stands(time)) => {
                    Shown::Runs(time.as_millis() - self.under.now().as_millis())
                }
                (Turn::Run, runs @ Shown::Runs(_)) => runs,
                (Turn::AdvanceSeconds(seconds), Shown::Stands(time)) => {
                    Shown::Stands(time.plus_millis(i64::from(seconds) * 1000))
                }
                (Turn::AdvanceSeconds(seconds), Shown::Runs(ahead)) => {
                    Shown::Runs(ahead.saturating_add(i64::from(seconds) * 1000))
                }
            };
            Ok(self.read(*shown))
        })
    }

    /// Makes the clock show the time of the other one again.
    pub(crate) fn let_go(&self) {
        self.with(|shown| *shown = Shown::Runs(0));
    }
}

impl Clock for SettableClock {
    fn now(&self) -> Timestamp {
        self.reading().now
    }
}
