//! How a command ends: its exit code, and what it says about a failure.

use org42::ErrorKind;
use std::fmt::Write as _;
use std::process::ExitCode;

/// A command that did not do what was asked.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: u8,
    pub(crate) message: String,
}

impl Failure {
    pub(crate) const USAGE: u8 = 2;
    pub(crate) const NOT_FOUND: u8 = 3;
    pub(crate) const NOT_ALLOWED: u8 = 4;
    pub(crate) const CONFLICT: u8 = 5;
    pub(crate) const INCOMPLETE: u8 = 6;
    pub(crate) const DECLINED: u8 = 8;
    pub(crate) const READ_ONLY: u8 = 9;
    pub(crate) const DIFFERENT: u8 = 10;
    pub(crate) const INTERRUPTED: u8 = 130;

    pub(crate) fn new(code: u8, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code)
    }
}

impl From<org42::Error> for Failure {
    fn from(error: org42::Error) -> Self {
        let passing = matches!(
            error.kind(),
            ErrorKind::Connect
                | ErrorKind::Timeout
                | ErrorKind::Interrupted
                | ErrorKind::RateLimited
                | ErrorKind::Unavailable
        );
        let code = match () {
            () if error.is_not_found() || error.is_ambiguous() => Self::NOT_FOUND,
            () if error.is_unauthorized() || error.is_forbidden() => Self::NOT_ALLOWED,
            () if error.is_conflict() || error.is_unsupported() => Self::CONFLICT,
            () if error.is_read_only() => Self::READ_ONLY,
            () if passing => 7,
            () if error.is_sign_in() => Self::NOT_ALLOWED,
            () if error.is_invalid_input() => Self::USAGE,
            () => 1,
        };
        let mut message = error.to_string();
        for candidate in error.candidates() {
            let _ = write!(message, "\n  {candidate}");
        }
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            let _ = write!(message, "\n  because: {cause}");
            source = cause.source();
        }
        Self { code, message }
    }
}

impl From<org42_authority::StartError> for Failure {
    fn from(error: org42_authority::StartError) -> Self {
        Self::new(1, format!("authority: {error}"))
    }
}
