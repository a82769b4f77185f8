//! The `tracing` spans of a call: one for the operation, and in it one for each attempt and each wait; and an event for
//! each decision. They contain no address, header or body. Without the feature `tracing` there are none.

use std::time::Duration;

use org42_types::Endpoint;

#[cfg(feature = "tracing")]
use crate::error::Happened;
use crate::error::Result;

/// A span of `tracing`, or nothing.
#[derive(Clone)]
pub(crate) struct Span(#[cfg(feature = "tracing")] tracing::Span);

#[cfg(feature = "tracing")]
impl Span {
    /// Opens the span of one operation, with its sign-ins, attempts and waits.
    pub(crate) fn operation(operation: &str, endpoint: Endpoint) -> Self {
        use tracing::field::Empty;
        Self(tracing::info_span!(
            "operation",
            operation,
            method = %endpoint.method,
            route = endpoint.route,
            status = Empty,
            happened = Empty,
            kind = Empty
        ))
    }

    /// Opens the span of one attempt to send a request; the first is number 1.
    pub(crate) fn attempt(number: u32) -> Self {
        use tracing::field::Empty;
        Self(tracing::debug_span!(
            "attempt",
            number,
            status = Empty,
            happened = Empty,
            kind = Empty
        ))
    }

    /// Opens the span of the pause before the next attempt.
    pub(crate) fn wait(pause: Duration) -> Self {
        let pause_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
        Self(tracing::debug_span!("wait", pause_ms))
    }

    /// Returns the span that the present work is in.
    pub(crate) fn here() -> Self {
        Self(tracing::Span::current())
    }

    /// Runs some work within the span.
    pub(crate) async fn around<T>(&self, work: impl Future<Output = T>) -> T {
        tracing::Instrument::instrument(work, self.0.clone()).await
    }

    /// Runs some work within the span, and notes how it ended.
    pub(crate) async fn noting<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let result = self.around(work).await;
        match &result {
            Ok(_) => drop(self.0.record("happened", Happened::Yes.as_str())),
            Err(error) => {
                if let Some(status) = error.http_status() {
                    self.0.record("status", status);
                }
                self.0.record("happened", error.happened().as_str());
                self.0.record("kind", tracing::field::debug(error.kind()));
            }
        }
        result
    }
}

#[cfg(not(feature = "tracing"))]
impl Span {
    pub(crate) fn operation(_: &str, _: Endpoint) -> Self {
        Self()
    }

    pub(crate) fn attempt(_: u32) -> Self {
        Self()
    }

    pub(crate) fn wait(_: Duration) -> Self {
        Self()
    }

    pub(crate) fn here() -> Self {
        Self()
    }

    pub(crate) async fn around<T>(&self, work: impl Future<Output = T>) -> T {
        work.await
    }

    pub(crate) async fn noting<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        work.await
    }
}

/// Notes a decision, in words.
#[cfg(feature = "tracing")]
pub(crate) fn decided(decision: std::fmt::Arguments<'_>) {
    tracing::debug!(%decision);
}

#[cfg(not(feature = "tracing"))]
pub(crate) fn decided(_: std::fmt::Arguments<'_>) {}
