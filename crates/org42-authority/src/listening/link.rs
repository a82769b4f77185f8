//! The state of a connection: which side is waited for, and since when.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::Duration;

use axum::http::StatusCode;
use futures_util::task::AtomicWaker;
use tokio::time::Instant;

use super::limits::{Limits, Pace};

/// The state of one connection. The connection reports to it, and limits are decided by it.
#[derive(Debug)]
pub(super) struct Link {
    limits: Limits,
    state: Mutex<State>,
    gives_way: AtomicBool,
    /// Wakes the connection's task.
    pub(super) task: AtomicWaker,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    /// The time since which the client is waited for, in phases in which it is.
    since: Instant,
    /// The number of bytes of the head that is arriving.
    head_bytes: usize,
    /// Whether part of the next request has come before the answer to this one was sent.
    is_early: bool,
    /// Whether the answer has been made, so that no other can be sent.
    is_answered: bool,
    /// Whether all of the request has been received.
    is_received: bool,
    body: Flow,
    answer: Flow,
    /// The status with which the HTTP library refuses the request.
    refused: Option<StatusCode>,
    /// Wakes the reader, which waits until the last answer is sent.
    reader: Option<Waker>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The TLS handshake is in progress.
    Handshake,
    /// Waiting for the first request.
    First,
    /// Waiting for another request.
    Idle,
    /// A head has begun to arrive.
    Head,
    /// A request is in progress.
    Work,
    /// The answer is complete, but not yet sent.
    Sending,
    /// The connection is being closed.
    Closing,
}

/// A flow of bytes. Only the time counts during which the client is waited for.
#[derive(Debug, Default)]
struct Flow {
    bytes: u64,
    waited: Duration,
    waiting: Option<Instant>,
}

impl Flow {
    fn waits(&mut self, now: Instant) {
        self.waiting.get_or_insert(now);
    }

    fn moved(&mut self, bytes: usize, pace: Pace, now: Instant) {
        self.bytes = self.bytes.saturating_add(bytes as u64);
        if let Some(since) = self.waiting.take() {
            self.waited += now - since;
        }
        if self.waited >= pace.within {
            self.next_window(pace, now);
        }
    }

    fn deadline(&self, pace: Pace) -> Option<Instant> {
        let since = self.waiting?;
        Some(since + pace.within.saturating_sub(self.waited))
    }

    /// Starts a new period if enough bytes came in this one; returns whether there were enough.
    fn next_window(&mut self, pace: Pace, now: Instant) -> bool {
        let is_enough = self.bytes >= pace.bytes;
        if is_enough {
            let waiting = self.waiting.map(|_| now);
            *self = Self {
                waiting,
                ..Self::default()
            };
        }
        is_enough
    }

    fn is_late(&mut self, pace: Pace, now: Instant) -> bool {
        let is_over = self.deadline(pace).is_some_and(|deadline| deadline <= now);
        is_over && !self.next_window(pace, now)
    }
}

/// The way in which a connection is ended that has exceeded a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// Without an answer, since nothing was asked.
    Silent,
    /// With the answer that the request did not arrive in time.
    TooSlow,
    /// By a reset; whatever has not been sent yet is thrown away.
    Reset,
}

/// The rank of a connection among those that may be ended: lower ranks go first, within a rank the one that has
/// waited longest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Claim {
    pub(super) rank: u8,
    pub(super) since: Instant,
}

impl Link {
    pub(super) fn new(limits: Limits) -> Self {
        let state = State {
            phase: Phase::First,
            since: Instant::now(),
            head_bytes: 0,
            is_early: false,
            is_answered: false,
            is_received: true,
            body: Flow::default(),
            answer: Flow::default(),
            refused: None,
            reader: None,
        };
        Self {
            limits,
            state: Mutex::new(state),
            gives_way: AtomicBool::new(false),
            task: AtomicWaker::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self, phase: Phase) {
        let mut state = self.state();
        (state.phase, state.since) = (phase, Instant::now());
    }

    pub(super) fn handshake_begins(&self) {
        self.enter(Phase::Handshake);
    }

    pub(super) fn handshake_is_done(&self) {
        self.enter(Phase::First);
    }

    pub(super) fn closes(&self) {
        self.enter(Phase::Closing);
    }

    /// Returns whether reading has to wait until the answer before is sent; wakes the reader then.
    ///
    /// So bytes that are written between two requests are not part of an answer.
    pub(super) fn holds_reading(&self, reader: &Waker) -> bool {
        let mut state = self.state();
        let holds = state.phase == Phase::Sending;
        if holds {
            state.reader = Some(reader.clone());
        }
        holds
    }

    /// Counts bytes that have come in; returns how many of them belong to an incomplete head.
    pub(super) fn read(&self, bytes: usize) -> usize {
        let mut state = self.state();
        match state.phase {
            Phase::First => state.phase = Phase::Head,
            Phase::Idle => (state.phase, state.since) = (Phase::Head, Instant::now()),
            Phase::Head => {}
            _ => {
                // They belong to a body, or to what follows it: that is known only when they are read.
                state.is_early |= state.is_received;
                return 0;
            }
        }
        state.head_bytes += bytes;
        bytes
    }

    /// Counts a complete head; returns how many bytes are no longer part of an incomplete one.
    pub(super) fn asked(&self) -> usize {
        let mut state = self.state();
        (state.phase, state.since) = (Phase::Work, Instant::now());
        state.is_early = false;
        state.is_answered = false;
        state.is_received = false;
        state.body = Flow::default();
        std::mem::take(&mut state.head_bytes)
    }

    /// Returns how many bytes of an incomplete head there are.
    pub(super) fn unfinished(&self) -> usize {
        self.state().head_bytes
    }

    pub(super) fn body_waits(&self) {
        self.state().body.waits(Instant::now());
    }

    pub(super) fn body_came(&self, bytes: usize) {
        let mut state = self.state();
        state.body.moved(bytes, self.limits.body, Instant::now());
    }

    /// Records that no more of the body is needed; `whole` is whether all of it has come.
    pub(super) fn body_ends(&self, whole: bool) {
        let mut state = self.state();
        state.body.waiting = None;
        state.is_received |= whole;
    }

    /// Returns whether the client may still be sending a request that is not read.
    pub(super) fn is_unread(&self) -> bool {
        let state = self.state();
        !state.is_received || state.refused.is_some()
    }

    pub(super) fn is_answered(&self) {
        self.state().is_answered = true;
    }

    /// Records that the answer is complete.
    pub(super) fn answer_ends(&self) {
        let mut state = self.state();
        if state.phase == Phase::Work {
            state.phase = Phase::Sending;
        }
    }

    pub(super) fn sending_waits(&self) {
        self.state().answer.waits(Instant::now());
    }

    pub(super) fn sent(&self, bytes: usize) {
        let mut state = self.state();
        state
            .answer
            .moved(bytes, self.limits.answer, Instant::now());
    }

    /// Records that everything was sent.
    pub(super) fn flushed(&self) {
        let mut state = self.state();
        state.answer = Flow::default();
        if state.phase != Phase::Sending {
            return;
        }
        state.since = Instant::now();
        state.phase = match state.is_early {
            true => Phase::Head,
            false => Phase::Idle,
        };
        if let Some(reader) = state.reader.take() {
            reader.wake();
        }
    }

    /// Returns whether the bytes to be written are the HTTP library's refusal of a request; remembers its status.
    pub(super) fn refuses(&self, words: &[u8]) -> bool {
        let mut state = self.state();
        let is_between = matches!(state.phase, Phase::First | Phase::Idle | Phase::Head);
        if is_between && state.refused.is_none() {
            let status = words
                .get(9..12)
                .and_then(|digits| StatusCode::from_bytes(digits).ok());
            state.refused = Some(status.unwrap_or(StatusCode::BAD_REQUEST));
        }
        is_between
    }

    /// Returns the status with which the HTTP library has refused a request.
    pub(super) fn refused(&self) -> Option<StatusCode> {
        self.state().refused
    }

    /// Returns whether a stopping server may end the connection now, because no request is in progress.
    pub(super) fn is_waiting(&self) -> bool {
        !matches!(self.state().phase, Phase::Work | Phase::Sending)
    }

    /// Returns the time until which the client has to do something; `None` while it is the authority's turn.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let state = self.state();
        let limits = &self.limits;
        match state.phase {
            Phase::Handshake => Some(state.since + limits.handshake),
            Phase::First | Phase::Head => Some(state.since + limits.head),
            Phase::Idle => Some(state.since + limits.idle),
            Phase::Work | Phase::Sending => {
                let body = state.body.deadline(limits.body);
                let answer = state.answer.deadline(limits.answer);
                body.into_iter().chain(answer).min()
            }
            Phase::Closing => None,
        }
    }

    /// Returns how the connection ends, if its deadline has passed.
    pub(super) fn is_overdue(&self) -> Option<Ending> {
        let now = Instant::now();
        let deadline = self.deadline()?;
        let limits = &self.limits;
        let mut state = self.state();
        if matches!(state.phase, Phase::Work | Phase::Sending) {
            let is_body_late = state.body.is_late(limits.body, now);
            let is_answer_late = state.answer.is_late(limits.answer, now);
            return (is_body_late || is_answer_late).then(|| state.ending());
        }
        (deadline <= now).then(|| state.ending())
    }

    /// Returns the connection's rank among those that may be ended; `None` while its request is in progress.
    pub(super) fn claim(&self) -> Option<Claim> {
        match self.is_pressed() {
            true => None,
            false => self.state().claim(),
        }
    }

    /// Returns since when a head has been arriving, if one is.
    pub(super) fn head_since(&self) -> Option<Instant> {
        let state = self.state();
        let is_head = state.phase == Phase::Head && !self.is_pressed();
        is_head.then_some(state.since)
    }

    /// Asks the connection to end, to make room.
    pub(super) fn give_way(&self) {
        self.gives_way.store(true, Ordering::SeqCst);
        self.task.wake();
    }

    /// Returns how the connection ends, if it was asked to. A request that has begun meanwhile is finished first.
    pub(super) fn has_to_go(&self) -> Option<Ending> {
        if !self.is_pressed() {
            return None;
        }
        let state = self.state();
        if state.claim().is_some() {
            return Some(state.ending());
        }
        self.gives_way.store(false, Ordering::SeqCst);
        None
    }

    /// Returns whether the connection was asked to end at once.
    pub(super) fn is_pressed(&self) -> bool {
        self.gives_way.load(Ordering::SeqCst)
    }
}

impl State {
    fn claim(&self) -> Option<Claim> {
        let is_waited_for = self.body.waiting.or(self.answer.waiting).is_some();
        let rank = match self.phase {
            Phase::Closing => 0,
            Phase::Handshake | Phase::First | Phase::Idle | Phase::Head => 1,
            Phase::Work | Phase::Sending if is_waited_for => 2,
            Phase::Work | Phase::Sending => return None,
        };
        let since = self.since;
        Some(Claim { rank, since })
    }

    fn ending(&self) -> Ending {
        match self.phase {
            Phase::Handshake | Phase::First | Phase::Idle | Phase::Closing => Ending::Silent,
            Phase::Head => Ending::TooSlow,
            Phase::Work if !self.is_answered => Ending::TooSlow,
            Phase::Work | Phase::Sending => Ending::Reset,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACE: Pace = Pace {
        bytes: 10,
        within: Duration::from_secs(10),
    };

    #[test]
    fn only_time_in_which_the_client_is_waited_for_counts() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut flow = Flow::default();
        assert_eq!(flow.deadline(PACE), None);
        flow.waits(at(0));
        flow.waits(at(3));
        assert_eq!(flow.deadline(PACE), Some(at(10)));
        flow.moved(4, PACE, at(4));
        // A minute of the authority's own.
        assert!(!flow.is_late(PACE, at(64)));
        flow.waits(at(64));
        assert_eq!(flow.deadline(PACE), Some(at(70)));
        assert!(!flow.is_late(PACE, at(69)));
        assert!(flow.is_late(PACE, at(70)));
    }

    #[test]
    fn what_was_fast_once_has_to_stay_so() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut flow = Flow::default();
        flow.moved(1_000_000, PACE, at(0));
        flow.waits(at(0));
        assert!(!flow.is_late(PACE, at(10)));
        assert_eq!(flow.deadline(PACE), Some(at(20)));
        flow.moved(9, PACE, at(19));
        flow.waits(at(19));
        assert!(flow.is_late(PACE, at(20)));
    }
}
