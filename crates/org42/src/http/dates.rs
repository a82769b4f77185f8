//! Times in headers, and the clock of this machine.

use std::time::Duration;

use http::header::{AGE, DATE, HeaderMap, RETRY_AFTER};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

/// Returns the wait that `Retry-After` asks for: seconds, or a date, which is compared with the server's own clock in
/// `Date`.
///
/// A date in the past means now; a value that cannot be read, such as a negative number, asks for nothing.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let until = http_date(text)?;
    let seconds = until.as_second() - server_time(headers).as_second();
    Some(Duration::from_secs(seconds.try_into().unwrap_or(0)))
}

/// Returns the server's time when it answered, or this machine's if there is no `Date`.
pub(crate) fn server_time(headers: &HeaderMap) -> Timestamp {
    date(headers).unwrap_or_else(now)
}

pub(crate) fn date(headers: &HeaderMap) -> Option<Timestamp> {
    http_date(headers.get(DATE)?.to_str().ok()?)
}

/// Returns how many seconds the server's clock is ahead of this machine's, by a `Date` that was just sent.
pub(crate) fn clock_ahead(headers: &HeaderMap) -> Option<i64> {
    match headers.contains_key(AGE) {
        true => None,
        false => Some(date(headers)?.as_second() - now().as_second()),
    }
}

fn http_date(text: &str) -> Option<Timestamp> {
    DateTimeParser::new().parse_timestamp(text).ok()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the clock; tests send a Date header"
)]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_retry_after_is_read() {
        let asked = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(DATE, "Wed, 21 Oct 2015 07:28:00 GMT".parse().unwrap());
            headers.insert(RETRY_AFTER, text.parse().unwrap());
            retry_after(&headers).map(|wait| wait.as_secs())
        };
        for (text, seconds) in [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("99999999999999999999999", Some(u64::MAX)),
            ("Wed, 21 Oct 2015 07:29:30 GMT", Some(90)),
            ("Wed, 21 Oct 2015 07:00:00 GMT", Some(0)),
            ("-5", None),
            ("1.5", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(asked(text), seconds, "{text:?}");
        }
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}
