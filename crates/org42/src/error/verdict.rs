//! Classifies failures: one function decides what became of a request, and everything that asks follows from it.

use std::fmt;

use org42_types::idempotency::KEY_RUNNING;

use crate::error::Stage;
use crate::error::fault::Fault;
use crate::error::refusal::Refusal;

/// What became of a request that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Verdict {
    /// It certainly never reached the server.
    NotSent,
    /// The server answered, and certainly did not carry it out.
    Answered(Answered),
    /// It was sent, and whether it was carried out is not known.
    Unknown,
}

/// What an answer means for a further try.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Answered {
    /// The same request would be refused again.
    Permanent,
    /// The server asks to slow down.
    Throttled,
    /// The server, or something before it, is in trouble that may pass. Only of reads: the same answers leave open
    /// whether a change was carried out.
    Transient,
}

/// Whether what was attempted has happened: look here before repeating a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Happened {
    /// Nothing has happened.
    No,
    /// It has happened, although something failed.
    Yes,
    /// It may have happened or not.
    Unknown,
}

impl Happened {
    /// Returns the word for it: `no`, `yes` or `unknown`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Yes => "yes",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Happened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a request was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    Read,
    Change,
}

/// Decides what became of a request.
pub(super) fn verdict(fault: &Fault, stage: Stage, effect: Effect) -> Verdict {
    if stage != Stage::Itself {
        return Verdict::NotSent;
    }
    match fault {
        Fault::Input(_)
        | Fault::ReadOnly(_)
        | Fault::Lacking(_)
        | Fault::NotFound(_)
        | Fault::Ambiguous { .. }
        | Fault::Conflict(_)
        | Fault::Credentials(_)
        | Fault::TokenProvider
        | Fault::Connect { .. }
        | Fault::Paused(_)
        | Fault::Late
        | Fault::Stopped { sent: false }
        | Fault::Proxy {
            perhaps_done: false,
            ..
        } => Verdict::NotSent,
        Fault::NotCarriedOut(_) | Fault::PartlyCarriedOut(_) => {
            Verdict::Answered(Answered::Permanent)
        }
        Fault::Timeout
        | Fault::Stopped { sent: true }
        | Fault::Interrupted { .. }
        | Fault::Proxy { .. } => Verdict::Unknown,
        Fault::Unverified(_) => Verdict::Unknown,
        Fault::Malformed { .. } | Fault::Listing(_) | Fault::Short(_) => match effect {
            Effect::Read => Verdict::Answered(Answered::Permanent),
            Effect::Change => Verdict::Unknown,
        },
        Fault::Refused(refusal) => of_answer(refusal, effect),
    }
}

fn of_answer(refusal: &Refusal, effect: Effect) -> Verdict {
    let certainty = match refusal.status {
        429 => return Verdict::Answered(Answered::Throttled),
        // This API reports refusals of its business rules as 500; no other failure of a server is certain.
        500 if refusal.names_business_rule() => Certainty::Refused,
        // Early Hints and the like end no request, and a success that reports problems contradicts itself.
        ..=299 => match refusal.names_business_rule() {
            true => Certainty::Refused,
            false => Certainty::Contradiction,
        },
        // A redirect may come after the work is done, as 303 does by its meaning.
        300..=399 => Certainty::Contradiction,
        408 | 425 | 500.. => Certainty::Trouble,
        // The first request with the key has no outcome yet.
        409 if refusal.names(KEY_RUNNING) => Certainty::Trouble,
        // What has no API behind it may be a proxy that lost the answer.
        404 if !refusal.is_of_the_api() => Certainty::Contradiction,
        _ => Certainty::Refused,
    };
    match (certainty, effect) {
        (Certainty::Refused, _) | (Certainty::Contradiction, Effect::Read) => {
            Verdict::Answered(Answered::Permanent)
        }
        (Certainty::Trouble, Effect::Read) => Verdict::Answered(Answered::Transient),
        (Certainty::Contradiction | Certainty::Trouble, Effect::Change) => Verdict::Unknown,
    }
}

/// How certain it is that an answer means that nothing was done.
enum Certainty {
    Refused,
    /// It may pass.
    Trouble,
    /// It will not pass, and says nothing certain about a change.
    Contradiction,
}
