//! Times as users write them, in options and profiles.

use std::time::Duration;

/// Parses a time such as `30s`, `2m` or `1h 30m`.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let time = text.parse::<jiff::SignedDuration>();
    match time.ok().and_then(|time| Duration::try_from(time).ok()) {
        Some(time) if !time.is_zero() => Ok(time),
        _ => Err("a time is a number with a unit, such as 30s, 2m or 1h".to_owned()),
    }
}
