//! Builds errors for the tests of other programs.

use std::mem;
use std::time::Duration;

use org42_types::{Endpoint, problems_in};

use crate::error::fault::Fault;
use crate::error::refusal::Refusal;
use crate::error::{Error, ErrorKind};
use crate::list::page_cursor::Shortfall;

/// Builds an [`Error`] of any kind, for tests of code that handles errors; created by [`Error::builder`].
///
/// ```
/// use org42::{Error, ErrorKind, Happened, endpoints};
///
/// let taken = Error::builder("create organization \"Paris\"")
///     .endpoint(endpoints::ORGS_CREATE)
///     .refused(500, r#"[{"name":"ORG_DUPLICATE","description":"taken"}]"#);
/// assert!(taken.is_name_taken());
///
/// let timeout = Error::builder("block organization 42").endpoint(endpoints::ORGS_BLOCK).of_kind(ErrorKind::Timeout);
/// assert_eq!((timeout.happened(), timeout.is_transient()), (Happened::Unknown, false));
/// ```
#[derive(Debug)]
#[must_use]
pub struct ErrorBuilder {
    operation: String,
    endpoint: Option<Endpoint>,
    attempts: u32,
    retry_after: Option<Duration>,
    hint: Option<String>,
    candidates: Vec<String>,
    is_sign_in: bool,
}

impl Error {
    /// Begins to build an error, for tests; `operation` completes "could not …".
    pub fn builder(operation: impl Into<String>) -> ErrorBuilder {
        ErrorBuilder {
            operation: operation.into(),
            endpoint: None,
            attempts: 0,
            retry_after: None,
            hint: None,
            candidates: Vec::new(),
            is_sign_in: false,
        }
    }
}

impl ErrorBuilder {
    /// Sets the requested endpoint, which decides whether the call would have changed something.
    pub fn endpoint(mut self, endpoint: Endpoint) -> Self {
        self.endpoint = Some(endpoint);
        self
    }

    /// Sets how often the request was tried.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// Sets how long the server asked to wait; only a refusal has it.
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// Sets the advice that [`Error::hint`] returns.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Sets the organizations that could be meant; only [`ErrorKind::Ambiguous`] has them.
    pub fn candidates(mut self, candidates: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.candidates = candidates.into_iter().map(Into::into).collect();
        self
    }

    /// Makes it a failure to sign in, before the call itself was tried.
    pub fn during_sign_in(mut self) -> Self {
        self.is_sign_in = true;
        self
    }

    /// Builds the error of a server that answered with this HTTP status and body.
    #[must_use]
    pub fn refused(self, http_status: u16, body: &str) -> Error {
        let refusal = Refusal {
            status: http_status,
            problems: problems_in(body),
            text: body.to_owned(),
            retry_after: self.retry_after,
            location: None,
            clock_ahead: None,
        };
        self.failed(Fault::Refused(refusal))
    }

    /// Builds an error of this kind, with the simplest answer of a server that has the kind.
    #[must_use]
    pub fn of_kind(mut self, kind: ErrorKind) -> Error {
        let message = || "made for a test".to_owned();
        let fault = match kind {
            ErrorKind::InvalidInput => Fault::Input(message()),
            ErrorKind::ReadOnly => Fault::ReadOnly("this client is read-only, so nothing was sent"),
            ErrorKind::Unsupported => Fault::Lacking(message()),
            ErrorKind::NotFound => Fault::NotFound(message()),
            ErrorKind::Ambiguous => Fault::Ambiguous {
                message: message(),
                candidates: mem::take(&mut self.candidates),
            },
            ErrorKind::SettingsChanged => Fault::Conflict(Vec::new()),
            ErrorKind::TokenProvider => Fault::TokenProvider,
            ErrorKind::Timeout => Fault::Timeout,
            ErrorKind::Stopped => Fault::Stopped { sent: true },
            ErrorKind::Connect => Fault::Connect {
                message: message(),
                lasting: false,
            },
            ErrorKind::Interrupted => Fault::Interrupted { status: None },
            ErrorKind::Malformed => Fault::Malformed {
                status: 200,
                message: "not with JSON".to_owned(),
                text: String::new(),
            },
            ErrorKind::NotCarriedOut => Fault::NotCarriedOut(message()),
            ErrorKind::Unverified => Fault::Unverified(message()),
            ErrorKind::IncompleteListing => Fault::Short(Shortfall {
                came: 1,
                counted: 2,
                readings: 1,
            }),
            ErrorKind::BrokenListing => Fault::Listing(message()),
            ErrorKind::NotTheApi => return self.refused(404, ""),
            ErrorKind::NameTaken => return self.refused(500, r#"[{"name":"ORG_DUPLICATE"}]"#),
            ErrorKind::ParentBlocked => {
                return self.refused(500, r#"[{"name":"PARENT_ORG_BLOCKED"}]"#);
            }
            ErrorKind::ParentInactive => {
                return self.refused(500, r#"[{"name":"PARENT_ORG_NOT_ACTIVE"}]"#);
            }
            ErrorKind::Conflict => return self.refused(409, ""),
            ErrorKind::Unauthorized => return self.refused(401, ""),
            ErrorKind::Forbidden => return self.refused(403, ""),
            ErrorKind::RateLimited => return self.refused(429, ""),
            ErrorKind::Unavailable => return self.refused(503, ""),
            ErrorKind::Refused => return self.refused(400, ""),
        };
        self.failed(fault)
    }

    fn failed(self, fault: Fault) -> Error {
        let mut error = Error::new(&*self.operation, fault).after_attempts(self.attempts);
        if self.is_sign_in {
            error = error.during_sign_in(&self.operation);
        }
        if let Some(endpoint) = self.endpoint {
            error = error.at(endpoint);
        }
        match self.hint {
            Some(hint) => error.with_hint(hint),
            None => error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Happened;
    use org42_types::endpoints::{ORGS_BLOCK, ORGS_GET};

    const KINDS: [ErrorKind; 26] = [
        ErrorKind::InvalidInput,
        ErrorKind::ReadOnly,
        ErrorKind::Unsupported,
        ErrorKind::NotFound,
        ErrorKind::Ambiguous,
        ErrorKind::NameTaken,
        ErrorKind::ParentBlocked,
        ErrorKind::ParentInactive,
        ErrorKind::SettingsChanged,
        ErrorKind::Conflict,
        ErrorKind::Unauthorized,
        ErrorKind::TokenProvider,
        ErrorKind::Forbidden,
        ErrorKind::RateLimited,
        ErrorKind::Timeout,
        ErrorKind::Stopped,
        ErrorKind::Connect,
        ErrorKind::Interrupted,
        ErrorKind::Unavailable,
        ErrorKind::Refused,
        ErrorKind::Malformed,
        ErrorKind::NotTheApi,
        ErrorKind::NotCarriedOut,
        ErrorKind::Unverified,
        ErrorKind::IncompleteListing,
        ErrorKind::BrokenListing,
    ];

    fn of(kind: ErrorKind) -> Error {
        Error::builder("try").endpoint(ORGS_BLOCK).of_kind(kind)
    }

    #[test]
    fn an_error_of_any_kind_can_be_made() {
        for kind in KINDS {
            assert_eq!(of(kind).kind(), kind);
        }
    }

    #[test]
    fn each_question_is_true_of_its_kinds_alone() {
        use ErrorKind as K;
        type Question = (fn(&Error) -> bool, &'static [ErrorKind]);
        const CONFLICTS: [ErrorKind; 5] = [
            K::NameTaken,
            K::ParentBlocked,
            K::ParentInactive,
            K::SettingsChanged,
            K::Conflict,
        ];
        let questions: [Question; 16] = [
            (Error::is_invalid_input, &[K::InvalidInput]),
            (Error::is_read_only, &[K::ReadOnly]),
            (Error::is_unsupported, &[K::Unsupported]),
            (Error::is_not_found, &[K::NotFound]),
            (Error::is_ambiguous, &[K::Ambiguous]),
            (Error::is_name_taken, &[K::NameTaken]),
            (Error::is_parent_blocked, &[K::ParentBlocked]),
            (Error::is_parent_inactive, &[K::ParentInactive]),
            (Error::is_settings_changed, &[K::SettingsChanged]),
            (Error::is_conflict, &CONFLICTS),
            (Error::is_unauthorized, &[K::Unauthorized]),
            (Error::is_token_provider, &[K::TokenProvider]),
            (Error::is_forbidden, &[K::Forbidden]),
            (Error::is_rate_limited, &[K::RateLimited]),
            (Error::is_timeout, &[K::Timeout]),
            (Error::is_connect, &[K::Connect]),
        ];
        for (asked, (question, kinds)) in questions.iter().enumerate() {
            for kind in KINDS {
                assert_eq!(
                    question(&of(kind)),
                    kinds.contains(&kind),
                    "{asked} {kind:?}"
                );
            }
        }
    }

    #[test]
    fn a_change_whose_outcome_is_unknown_is_not_to_be_repeated() {
        let passing = [
            ErrorKind::Timeout,
            ErrorKind::Interrupted,
            ErrorKind::Unavailable,
            ErrorKind::Connect,
            ErrorKind::RateLimited,
        ];
        for kind in KINDS {
            let read = Error::builder("try").endpoint(ORGS_GET).of_kind(kind);
            assert_eq!(read.is_transient(), passing.contains(&kind), "{kind:?}");
            let change = of(kind);
            let is_known = change.happened() != Happened::Unknown;
            assert_eq!(
                change.is_transient(),
                read.is_transient() && is_known,
                "{kind:?}"
            );
        }
        assert!(
            of(ErrorKind::RateLimited).is_transient() && !of(ErrorKind::Timeout).is_transient()
        );
    }

    #[test]
    fn what_was_set_is_there() {
        let error = Error::builder("block organization 42")
            .endpoint(ORGS_BLOCK)
            .attempts(2)
            .retry_after(Duration::from_secs(7))
            .hint("wait")
            .refused(429, r#"[{"name":"SLOW","description":"d"}]"#);
        assert_eq!(
            error.to_string(),
            "could not block organization 42: the server answered 429 Too Many Requests: SLOW: d; it asks to wait 7 s \
             (POST /api/v3/orgs/{orgGuid}/block, tried 2 times); wait"
        );
        assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
        assert_eq!(
            (error.http_status(), error.problems()[0].name.as_str()),
            (Some(429), "SLOW")
        );
    }

    #[test]
    fn candidates_and_signing_in_can_be_said() {
        let several = Error::builder("create organization \"Paris\"")
            .candidates(["1", "2"])
            .of_kind(ErrorKind::Ambiguous);
        assert_eq!(several.candidates(), ["1", "2"]);
        let sign_in = Error::builder("block organization 42")
            .endpoint(ORGS_BLOCK)
            .during_sign_in()
            .refused(401, "");
        assert!(sign_in.is_sign_in() && sign_in.is_unauthorized());
        assert_eq!(sign_in.happened(), Happened::No);
    }
}
