//! How a command ends: exit codes, and failures with their causes. What a failure looks like is decided here alone.

mod document;
mod failure;

use std::process::ExitCode;

use org42::{ErrorKind, Happened};

pub(crate) use failure::Failure;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    Done = 0,
    Failed = 1,
    Usage = 2,
    NotFound = 3,
    NotAllowed = 4,
    Conflict = 5,
    Incomplete = 6,
    Unreachable = 7,
    Declined = 8,
    ReadOnly = 9,
    Different = 10,
    Unknown = 11,
    Interrupted = 130,
}

impl Exit {
    /// Every exit code, in the order of the help.
    const ALL: [Self; 13] = [
        Self::Done,
        Self::Failed,
        Self::Usage,
        Self::NotFound,
        Self::NotAllowed,
        Self::Conflict,
        Self::Incomplete,
        Self::Unreachable,
        Self::Declined,
        Self::ReadOnly,
        Self::Different,
        Self::Unknown,
        Self::Interrupted,
    ];

    fn meaning(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Usage => "wrong usage",
            Self::NotFound => "organization not found or ambiguous, or no such profile",
            Self::NotAllowed => "not signed in, or not allowed",
            Self::Conflict => "conflict, or not possible in this state",
            Self::Incomplete => "not everything was written, or listed",
            Self::Unreachable => "not reachable, or asked to slow down",
            Self::Declined => "declined, or --yes is needed",
            Self::ReadOnly => "the profile is read-only",
            Self::Different => "something differs from what is expected",
            Self::Unknown => "whether it happened is not known: look before repeating it",
            Self::Interrupted => "interrupted; what was done until then is said",
        }
    }

    /// Returns the number that the process ends with.
    pub(crate) fn code(self) -> u8 {
        self as u8
    }

    /// Returns the code for an error of the SDK.
    fn of(error: &org42::Error) -> Self {
        let is_passing = matches!(
            error.kind(),
            ErrorKind::Connect
                | ErrorKind::Timeout
                | ErrorKind::Stopped
                | ErrorKind::Interrupted
                | ErrorKind::RateLimited
                | ErrorKind::Unavailable
        );
        match error.happened() {
            Happened::Unknown => return Self::Unknown,
            // Something was done, although not all of it.
            Happened::Yes => return Self::Incomplete,
            _ => {}
        }
        match () {
            () if error.is_not_found() || error.is_ambiguous() => Self::NotFound,
            () if error.is_unauthorized() || error.is_forbidden() => Self::NotAllowed,
            () if error.is_conflict() || error.is_unsupported() => Self::Conflict,
            () if error.is_read_only() => Self::ReadOnly,
            () if is_passing => Self::Unreachable,
            () if error.kind() == ErrorKind::NotTheApi => Self::Failed,
            () if error.is_sign_in() => Self::NotAllowed,
            () if error.is_invalid_input() => Self::Usage,
            () if error.kind() == ErrorKind::IncompleteListing => Self::Incomplete,
            () => Self::Failed,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

/// Returns the number and the meaning of every exit code, in the order of the help.
pub(crate) fn rows() -> impl Iterator<Item = (u8, &'static str)> {
    Exit::ALL.iter().map(|exit| (exit.code(), exit.meaning()))
}
