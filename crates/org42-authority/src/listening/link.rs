//! The state of a connection: who is waited for, and since when.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::Duration;

use axum::http::StatusCode;
use futures_util::task::AtomicWaker;
use tokio::time::Instant;

use super::limits::{Limits, Pace};

/// The state of one connection, for what decides about it.
#[derive(Debug)]
pub(super) struct Link {
    limits: Limits,
    state: Mutex<State>,
    gives_way: AtomicBool,
    /// Of the task that the connection is in.
    pub(super) task: AtomicWaker,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    /// Since when the client is waited for, where the phase is one of waiting.
    since: Instant,
    /// Of the head that is arriving.
    head_bytes: usize,
    /// Part of the next request has come before the answer to this one was sent.
    is_early: bool,
    /// Whether the answer has been made, so that no other can be sent.
    is_answered: bool,
    /// Whether all of the request has been received.
    is_received: bool,
    body: Flow,
    answer: Flow,
    /// With what the protocol's own reader refuses the request.
    refused: Option<StatusCode>,
    /// Who wants to read the next request before the last answer is sent.
    reader: Option<Waker>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The encryption is being agreed on.
    Handshake,
    /// For the first request.
    First,
    /// For another request.
    Idle,
    /// A head has begun to arrive.
    Head,
    /// A request is in work.
    Work,
    /// All of the answer is made, and not all of it is sent.
    Sending,
    /// The connection is being closed.
    Closing,
}

/// Bytes on their way, of which only the time counts in which the client is waited for.
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

    /// Begins to count anew if there was enough; says whether there was.
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

/// How a connection is ended that has taken too much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// Nothing was asked, so nothing is said.
    Silent,
    /// It is said that the request did not arrive in time.
    TooSlow,
    /// Whatever has not been sent yet is thrown away.
    Reset,
}

/// How readily a connection gives way: first those that have asked nothing, among them the one that has waited longest.
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

    /// Whether reading has to wait until the answer before is sent; wakes the reader then.
    ///
    /// So whatever is written between two requests is not part of an answer.
    pub(super) fn holds_reading(&self, reader: &Waker) -> bool {
        let mut state = self.state();
        let holds = state.phase == Phase::Sending;
        if holds {
            state.reader = Some(reader.clone());
        }
        holds
    }

    /// Counts bytes that have come in; returns how many of them belong to a head that is not complete.
    pub(super) fn read(&self, bytes: usize) -> usize {
        let mut state = self.state();
        match state.phase {
            Phase::First => state.phase = Phase::Head,
            Phase::Idle => (state.phase, state.since) = (Phase::Head, Instant::now()),
            Phase::Head => {}
            _ => {
                // Of a body, or of what comes after it: that is known only when it is read.
                state.is_early |= state.is_received;
                return 0;
            }
        }
        state.head_bytes += bytes;
        bytes
    }

    /// Counts a complete head; returns how many bytes are no longer part of an unfinished one.
    pub(super) fn asked(&self) -> usize {
        let mut state = self.state();
        (state.phase, state.since) = (Phase::Work, Instant::now());
        state.is_early = false;
        state.is_answered = false;
        state.is_received = false;
        state.body = Flow::default();
        std::mem::take(&mut state.head_bytes)
    }

    /// Returns how many bytes there are of an unfinished head.
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

    /// Notes that no more of the body is wanted; `whole` says whether all of it has come.
    pub(super) fn body_ends(&self, whole: bool) {
        let mut state = self.state();
        state.body.waiting = None;
        state.is_received |= whole;
    }

    /// Whether the client may still be sending a request that is not read.
    pub(super) fn is_unread(&self) -> bool {
        let state = self.state();
        !state.is_received || state.refused.is_some()
    }

    pub(super) fn is_answered(&self) {
        self.state().is_answered = true;
    }

    /// Notes that all of the answer is made.
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

    /// Notes that all that was to be sent has been.
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

    /// Whether what is written now is the protocol's own reader refusing a request; remembers how.
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

    /// Returns how the protocol's own reader has refused a request.
    pub(super) fn refused(&self) -> Option<StatusCode> {
        self.state().refused
    }

    /// Whether a stopping server has nothing to wait for here.
    pub(super) fn is_waiting(&self) -> bool {
        !matches!(self.state().phase, Phase::Work | Phase::Sending)
    }

    /// Returns until when the client has to do something; `None` while it is the authority's turn.
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

    /// Returns how the connection ends, if its time is over.
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

    /// Returns how readily the connection gives way to another; `None` while its request is in work.
    pub(super) fn claim(&self) -> Option<Claim> {
        match self.is_pressed() {
            true => None,
            false => self.state().claim(),
        }
    }

    /// Whether a head has begun to arrive, and since when.
    pub(super) fn head_since(&self) -> Option<Instant> {
        let state = self.state();
        let is_head = state.phase == Phase::Head && !self.is_pressed();
        is_head.then_some(state.since)
    }

    /// Asks the connection to end, for the room that it takes.
    pub(super) fn give_way(&self) {
        self.gives_way.store(true, Ordering::SeqCst);
        self.task.wake();
    }

    /// Returns how the connection ends, where it gives way. A request that has come to work meanwhile is finished first.
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

    /// Whether the connection has to end at once.
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
