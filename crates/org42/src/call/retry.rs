//! When a request is tried again, and after which pause.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use org42_types::endpoints::Repeat;
use reqwest::header::{AGE, DATE, HeaderMap, RETRY_AFTER};

use crate::error::{Error, Outcome, Result};

/// How often reads are tried, and how long to pause in between.
///
/// What is tried again is not a setting. Reads are, on faults of the connection, timeouts, 408, 429, and a 5xx in which
/// the server names no reason. Requests that change something are only when they certainly were not carried out: there
/// was no connection, or the answer was 429. Pauses are random between nothing and a bound that doubles each time; a
/// server's `Retry-After` is obeyed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Retry {
    attempts: u32,
    first_pause: Duration,
    longest_pause: Duration,
    longest_wait: Duration,
}

impl Default for Retry {
    /// Three attempts, pauses up to 0.5 s and 1 s, and a `Retry-After` of up to 60 s.
    fn default() -> Self {
        Self {
            attempts: Self::MOST_ATTEMPTS,
            first_pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(10),
            longest_wait: Duration::from_secs(60),
        }
    }
}

impl Retry {
    /// More attempts do not help a server that is in trouble.
    pub const MOST_ATTEMPTS: u32 = 3;

    /// How often a request is tried altogether: 1 to 3, where 1 means never again.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.clamp(1, Self::MOST_ATTEMPTS);
        self
    }

    /// The bound of the first pause; it doubles with each further one, up to 10 s.
    pub fn first_pause(mut self, pause: Duration) -> Self {
        self.first_pause = pause;
        self
    }

    /// How long a `Retry-After` may be to be obeyed. If the server asks for more, the call fails at once and
    /// [`Error::retry_after`] says for how much.
    pub fn longest_wait(mut self, wait: Duration) -> Self {
        self.longest_wait = wait;
        self
    }

    /// Tries until it succeeds or must not be tried again.
    pub(crate) async fn run<T, F>(
        &self,
        repeat: Repeat,
        mut attempt: impl FnMut() -> F,
    ) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let mut tried = 0;
        loop {
            tried += 1;
            let failure = match attempt().await {
                Ok(value) => return Ok(value),
                Err(failure) => failure.after_attempts(tried),
            };
            match self.pause_before_next(&failure, repeat, tried, rand::random_range(0.0..=1.0)) {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return Err(failure),
            }
        }
    }

    /// The pause before the next attempt, or `None` when there must be none.
    fn pause_before_next(
        &self,
        failure: &Error,
        repeat: Repeat,
        tried: u32,
        jitter: f64,
    ) -> Option<Duration> {
        let surely_not_done = failure.outcome() == Outcome::NotSent || failure.is_rate_limited();
        let may = failure.will_pass() && (repeat == Repeat::Freely || surely_not_done);
        // Signing in has its own attempts; repeating it here would multiply them.
        if !may || failure.is_sign_in() || tried >= self.attempts {
            return None;
        }
        let asked = failure.retry_after().unwrap_or_default();
        if asked > self.longest_wait {
            return None;
        }
        let bound = self
            .first_pause
            .saturating_mul(1 << (tried - 1))
            .min(self.longest_pause);
        Some(asked.max(bound.mul_f64(jitter)))
    }
}

/// What `Retry-After` asks for: seconds, or a date, of which the server's own clock says how far off it is.
///
/// A date that has passed means now; what cannot be read, a negative number included, asks for nothing.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let until = http_date(text)?;
    let seconds = until.as_second() - server_time(headers).as_second();
    Some(Duration::from_secs(seconds.try_into().unwrap_or(0)))
}

/// The time by the server's clock when it answered, or by ours when it does not tell.
pub(crate) fn server_time(headers: &HeaderMap) -> Timestamp {
    date(headers).unwrap_or_else(now)
}

fn date(headers: &HeaderMap) -> Option<Timestamp> {
    http_date(headers.get(DATE)?.to_str().ok()?)
}

/// How many seconds the server's clock is ahead of ours, if it tells the time, and told it just now.
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
    use crate::error::fault::Fault;
    use crate::error::refusal::Refusal;

    fn answered(status: u16, body: &str, wait: Option<u64>) -> Error {
        Error::new(
            "try",
            Fault::Refused(Refusal {
                status,
                problems: org42_types::problems_in(body),
                text: String::new(),
                retry_after: wait.map(Duration::from_secs),
                location: None,
                clock_ahead: None,
            }),
        )
    }

    fn no_connection(lasting: bool) -> Error {
        let message = String::new();
        Error::new("try", Fault::Connect { message, lasting })
    }

    #[test]
    fn only_what_may_be_sent_again_is() {
        let named = r#"[{"name":"USER_DUPLICATE"}]"#;
        let interrupted = Error::new("try", Fault::Interrupted { status: None });
        for (failure, read, change) in [
            (no_connection(false), true, true),
            (no_connection(true), false, false),
            (Error::new("try", Fault::Timeout), true, false),
            (interrupted, true, false),
            (answered(429, "", None), true, true),
            (answered(408, "", None), true, false),
            (answered(500, "", None), true, false),
            (answered(503, r#"{"message":"busy"}"#, None), true, false),
            (answered(500, named, None), false, false),
            (answered(503, named, None), false, false),
            (answered(302, "", None), false, false),
            (answered(400, "", None), false, false),
            (answered(401, "", None), false, false),
            (answered(404, "", None), false, false),
            (answered(409, "", None), false, false),
            (no_connection(false).during_sign_in("try"), false, false),
            (Error::input("try", "nonsense"), false, false),
        ] {
            let again = |repeat| {
                let pause = Retry::default().pause_before_next(&failure, repeat, 1, 0.5);
                pause.is_some()
            };
            let both = (again(Repeat::Freely), again(Repeat::WhenNotDone));
            assert_eq!(both, (read, change), "{failure:?}");
        }
    }

    #[test]
    fn pauses_double_up_to_a_bound_and_obey_the_server() {
        let retry = Retry {
            attempts: 99,
            ..Retry::default()
        };
        let pause = |wait, tried, jitter| {
            retry
                .pause_before_next(&answered(503, "", wait), Repeat::Freely, tried, jitter)
                .map(|pause| pause.as_millis())
        };
        assert_eq!(pause(None, 1, 0.0), Some(0));
        assert_eq!(pause(None, 1, 1.0), Some(500));
        assert_eq!(pause(None, 2, 1.0), Some(1000));
        assert_eq!(pause(None, 20, 1.0), Some(10_000));
        assert_eq!(pause(Some(3), 1, 1.0), Some(3000));
        assert_eq!(pause(Some(0), 1, 1.0), Some(500));
        assert_eq!(pause(Some(60), 1, 1.0), Some(60_000));
        assert_eq!(pause(Some(61), 1, 1.0), None);
        assert_eq!(pause(None, 99, 1.0), None);
    }

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
