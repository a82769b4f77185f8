//! Decides when a request is tried again, and after which pause. Sending it does not belong here.

use std::time::Duration;

use org42_types::endpoints::Repeat;

use crate::call::pace::Pace;
use crate::call::trace::{Span, decided};
use crate::error::{Answered, Error, Happened, Result, Verdict};
use crate::http::deadline::Deadline;

/// How often reads are tried, and how long to pause in between.
///
/// Which requests are tried again is not a setting. Reads are, after failures of the connection, timeouts, 408, 429,
/// and a 5xx in which the server names no reason. Requests that change something are only if they were certainly not
/// carried out: there was no connection, or the answer was 429; or, if they are POSTs to a server that announces
/// idempotency keys, with the key that they had before, by which they are carried out once. Pauses are random, up to a bound that doubles each
/// time; a server's `Retry-After` is obeyed, by every client of the process that calls this host. They share a number of
/// repeats too, 100 in a row: a server that is down is not sent many times as many requests as usual.
///
/// Each attempt may last as long as something of an answer comes, see [`silence`](crate::ClientBuilder::silence), and the
/// pauses come on top. [`call_timeout`](crate::ClientBuilder::call_timeout) bounds all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Retry {
    attempts: u32,
    first_pause: Duration,
    longest_pause: Duration,
    longest_wait: Duration,
}

impl Default for Retry {
    /// Returns three attempts, pauses of up to 0.5 s and 1 s, and a `Retry-After` of up to 60 s.
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
    /// The most attempts that can be set. More do not help a server that is in trouble.
    pub const MOST_ATTEMPTS: u32 = 3;

    /// How often a request is tried at most when the server is silent.
    const MOST_AFTER_SILENCE: u32 = 2;

    /// Sets how often a request is tried altogether: 1 to 3, where 1 means never again. Any other number is refused when
    /// the client is built.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// Sets the bound of the first pause; it doubles with each further one, up to 10 s.
    pub fn first_pause(mut self, pause: Duration) -> Self {
        self.first_pause = pause;
        self
    }

    /// Sets the longest `Retry-After` that is obeyed. If the server asks for more, the call fails at once, and
    /// [`Error::retry_after`] returns how long it asked for.
    pub fn longest_wait(mut self, wait: Duration) -> Self {
        self.longest_wait = wait;
        self
    }

    /// Returns whether anything may be sent again.
    pub(crate) fn repeats(&self) -> bool {
        self.attempts > 1
    }

    /// Refuses an impossible number of attempts.
    pub(crate) fn check(&self, operation: &str) -> Result<()> {
        match self.attempts {
            1..=Self::MOST_ATTEMPTS => Ok(()),
            other => {
                let most = Self::MOST_ATTEMPTS;
                let message = format!("a request is tried 1 to {most} times, not {other}");
                Err(Error::input(operation, message))
            }
        }
    }

    /// Tries until it succeeds or must not be tried again, or until the deadline would pass before the next attempt.
    pub(crate) async fn run<T, F>(
        &self,
        repeat: Repeat,
        deadline: &Deadline,
        pace: &Pace,
        mut attempt: impl FnMut() -> F,
    ) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let mut tried = 0;
        loop {
            tried += 1;
            let failure = match Span::attempt(tried).noting(attempt()).await {
                Ok(value) => {
                    pace.succeeded();
                    return Ok(value);
                }
                Err(failure) => failure.after_attempts(tried),
            };
            let jitter = rand::random_range(0.0..=1.0);
            let pause = self.pause_before_next(&failure, repeat, tried, jitter);
            if let (true, Some(asked)) = (failure.is_rate_limited(), failure.retry_after()) {
                pace.quiet_for(asked.min(self.longest_wait));
            }
            let is_over = failure.is_timeout() && pace.is_dead();
            if pause.is_none() || is_over {
                decided(format_args!(
                    "not sent again: {}",
                    self.why_not(&failure, repeat, tried, is_over)
                ));
            }
            match pause.filter(|pause| !is_over && deadline.leaves(*pause)) {
                Some(_) if !pace.may_repeat() => {
                    decided(format_args!(
                        "not sent again: there were too many repeats lately"
                    ));
                    return Err(failure.with_hint(
                        "it is not tried again, since too many requests to this server were lately",
                    ));
                }
                Some(pause) => {
                    let after = pause.as_millis();
                    decided(format_args!(
                        "sent again in {after} ms: {:?}",
                        failure.kind()
                    ));
                    let waiting = deadline.within(tokio::time::sleep(pause));
                    if Span::wait(pause).around(waiting).await.is_err() {
                        return Err(failure);
                    }
                }
                None => return Err(failure),
            }
        }
    }

    /// Returns why there is no other attempt, in words.
    fn why_not(&self, failure: &Error, repeat: Repeat, tried: u32, is_dead: bool) -> &'static str {
        match failure.happened() {
            _ if is_dead => "the server is silent to everything",
            _ if failure.is_sign_in() => "signing in has failed",
            Happened::Yes => "it has happened",
            _ if !failure.will_pass() => "it would come to the same",
            Happened::Unknown if repeat != Repeat::Freely && tried < self.attempts => {
                "it may have been carried out"
            }
            _ if failure.retry_after() > Some(self.longest_wait) => {
                "the server asks to wait for too long"
            }
            _ => "it was tried often enough",
        }
    }

    /// Returns the pause before the next attempt; `None` if there must be no other attempt.
    fn pause_before_next(
        &self,
        failure: &Error,
        repeat: Repeat,
        tried: u32,
        jitter: f64,
    ) -> Option<Duration> {
        let surely_not_done = matches!(
            failure.verdict(),
            Verdict::NotSent | Verdict::Answered(Answered::Throttled)
        );
        let may_again = match repeat {
            Repeat::Freely => true,
            // A server that was silent may be at work still: a look at it comes first.
            Repeat::ByKey => surely_not_done || !failure.is_timeout(),
            _ => surely_not_done,
        };
        let may = failure.will_pass() && may_again;
        let most = match failure.is_timeout() {
            // Each further try of a dead server takes as long as the first.
            true => self.attempts.min(Self::MOST_AFTER_SILENCE),
            false => self.attempts,
        };
        // A sign-in has its own attempts; repeating it here would multiply them.
        if !may || failure.is_sign_in() || tried >= most {
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
            (answered(503, named, None), true, false),
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
    fn a_number_of_attempts_that_cannot_be_is_refused() {
        let checked = |attempts| Retry::default().attempts(attempts).check("build");
        assert!([1, 2, 3].map(checked).iter().all(Result::is_ok));
        for wrong in [0, 4, 10] {
            let error = checked(wrong).unwrap_err();
            assert!(error.is_invalid_input(), "{error}");
            assert!(error.to_string().contains("1 to 3"), "{error}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn no_pause_goes_beyond_the_deadline() {
        let tried = std::cell::Cell::new(0);
        let run = async |left: u64| {
            tried.set(0);
            let deadline = Deadline::after(Duration::from_secs(left));
            let attempt = || {
                tried.set(tried.get() + 1);
                async { Err::<(), _>(answered(429, "", Some(10))) }
            };
            let result = Retry::default()
                .run(Repeat::WhenNotDone, &deadline, &Pace::default(), attempt)
                .await;
            assert!(result.unwrap_err().is_rate_limited());
            tried.get()
        };
        assert_eq!((run(5).await, run(15).await, run(60).await), (1, 2, 3));
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
}
