//! The one error type of this crate: what was attempted, what became of it, and what to do next. Reading answers
//! belongs to `answer`.

pub(crate) mod builder;
mod excerpt;
pub(crate) mod fault;
mod kind;
pub(crate) mod refusal;
mod sign_in_problem;
mod verdict;
#[cfg(test)]
mod verdict_table;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use org42_types::idempotency::ANSWER_NOT_KEPT;
use org42_types::{Endpoint, IdError, Problem};

use crate::error::fault::Fault;
use crate::error::refusal::Refusal;
use crate::error::verdict::{Effect, verdict};

pub use self::kind::ErrorKind;
pub use self::sign_in_problem::SignInProblem;
pub use self::verdict::{Answered, Happened, Verdict};

/// The result of this crate's methods.
pub type Result<T, E = Error> = std::result::Result<T, E>;

type Source = Arc<dyn std::error::Error + Send + Sync>;

/// The error of a call that failed.
///
/// [`Display`](fmt::Display) is one line for people: what was attempted on which organization, what the server
/// answered and what to do next. [`kind`](Self::kind) and the questions below are for programs. None ever shows a
/// password, a code or a token. The cause, if there is one (a refused connection, a document that does not parse), is
/// the [`source`](std::error::Error::source).
///
/// ```
/// # async fn run(client: org42::Client) -> Result<(), org42::Error> {
/// match client.orgs().get(42).await {
///     Ok(org) => println!("{}", org.org_name),
///     Err(error) if error.is_not_found() => println!("no such organization"),
///     Err(error) => return Err(error),
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    operation: String,
    organization: Option<String>,
    fault: Fault,
    stage: Stage,
    endpoint: Option<Endpoint>,
    attempts: u32,
    hint: Option<String>,
    sign_in_problem: Option<SignInProblem>,
    source: Option<Source>,
}

/// The part of a call in which it failed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    SigningIn,
    /// Reading the listing to find the id that the route needs.
    LookingUp,
    /// Reading the state before a change.
    ReadingFirst,
    Itself,
}

impl Error {
    pub(crate) fn new(operation: impl Into<String>, fault: Fault) -> Self {
        Self(Box::new(Inner {
            operation: operation.into(),
            organization: None,
            fault,
            stage: Stage::Itself,
            endpoint: None,
            attempts: 0,
            hint: None,
            sign_in_problem: None,
            source: None,
        }))
    }

    pub(crate) fn input(operation: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(operation, Fault::Input(message.into()))
    }

    /// Returns the error of a program that refuses an argument before anything is sent; `operation` completes "could not
    /// …".
    ///
    /// ```
    /// use org42::Error;
    ///
    /// let error = Error::invalid_input("read organizations", "the file has no names");
    /// assert_eq!(error.to_string(), "could not read organizations: the file has no names");
    /// ```
    #[must_use]
    pub fn invalid_input(operation: impl Into<String>, message: impl Into<String>) -> Self {
        Self::input(operation, message)
    }

    /// Returns the error of a program that has stopped before it sent a change; `operation` completes "could not …".
    ///
    /// ```
    /// use org42::{Error, Happened};
    ///
    /// let stopped = Error::stopped("block organization 42");
    /// assert_eq!(stopped.happened(), Happened::No);
    /// ```
    #[must_use]
    pub fn stopped(operation: impl Into<String>) -> Self {
        Self::new(operation, Fault::Stopped { sent: false })
    }

    pub(crate) fn credentials(message: impl Into<String>) -> Self {
        Self::new("sign in", Fault::Credentials(message.into())).during_sign_in("sign in")
    }

    pub(crate) fn token_provider() -> Self {
        Self::new("sign in", Fault::TokenProvider).during_sign_in("sign in")
    }

    pub(crate) fn because(
        self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.because_of(Arc::from(source.into()))
    }

    /// Adds a cause that other errors share.
    pub(crate) fn because_of(mut self, source: Source) -> Self {
        self.0.source = Some(source);
        self
    }

    pub(crate) fn at(mut self, endpoint: Endpoint) -> Self {
        self.0.endpoint = Some(endpoint);
        self
    }

    /// Says which organization the call is about, as the caller named it, unless that is said already.
    ///
    /// ```
    /// use org42::Error;
    ///
    /// let error = Error::stopped("block organizations").about("/Europe/Paris");
    /// assert_eq!(error.organization(), Some("/Europe/Paris"));
    /// ```
    #[must_use]
    pub fn about(mut self, organization: impl fmt::Display) -> Self {
        let organization = || organization.to_string();
        self.0.organization.get_or_insert_with(organization);
        self
    }

    pub(crate) fn after_attempts(mut self, attempts: u32) -> Self {
        if self.0.stage == Stage::Itself {
            self.0.attempts = attempts;
        }
        self
    }

    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    pub(crate) fn with_sign_in_problem(mut self, problem: SignInProblem) -> Self {
        self.0.sign_in_problem = Some(problem);
        self
    }

    /// Marks a failure to get a token as the reason why `operation` was not tried.
    pub(crate) fn during_sign_in(self, operation: &str) -> Self {
        self.before(Stage::SigningIn, operation)
    }

    /// Marks a failure to read the listing as the reason why `operation` was not tried.
    pub(crate) fn during_look_up(self, operation: &str) -> Self {
        self.before(Stage::LookingUp, operation)
    }

    /// Marks a failure to read as the reason why the write `operation` was not tried.
    pub(crate) fn before_writing(self, operation: &str) -> Self {
        self.before(Stage::ReadingFirst, operation)
    }

    fn before(mut self, stage: Stage, operation: &str) -> Self {
        operation.clone_into(&mut self.0.operation);
        if self.0.stage == Stage::Itself {
            self.0.stage = stage;
        }
        self
    }

    /// Returns what was attempted, such as `block organization 42`.
    #[must_use]
    pub fn operation(&self) -> &str {
        &self.0.operation
    }

    /// Returns the method and the route's template, such as `POST /api/v3/orgs/{orgGuid}/block`, once a request was made.
    #[must_use]
    pub fn endpoint(&self) -> Option<Endpoint> {
        self.0.endpoint
    }

    /// Returns the HTTP status of the server's answer, if it answered.
    #[must_use]
    pub fn http_status(&self) -> Option<u16> {
        match &self.0.fault {
            Fault::Refused(refusal) => Some(refusal.status),
            Fault::Malformed { status, .. } => Some(*status),
            Fault::Interrupted { status } => *status,
            _ => None,
        }
    }

    /// Returns the server's own names and texts for what is wrong; empty when it named none.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        self.refusal().map_or(&[], |refusal| &refusal.problems)
    }

    /// Returns the body of the server's answer as text, at most 8 KiB of it; empty when there was none.
    #[must_use]
    pub fn text(&self) -> &str {
        match &self.0.fault {
            Fault::Refused(refusal) => &refusal.text,
            Fault::Malformed { text, .. } => text,
            _ => "",
        }
    }

    /// Returns how long the server asked to wait, if it did.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match &self.0.fault {
            Fault::Paused(wait) => Some(*wait),
            _ => self.refusal()?.retry_after,
        }
    }

    /// Returns how often the request was tried; 0 when it never came to that.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Returns what became of the request.
    ///
    /// | verdict | of a read | of a change |
    /// |---|---|---|
    /// | [`NotSent`](Verdict::NotSent) | no connection, bad input, no token | the same |
    /// | [`Answered`](Verdict::Answered), [`Permanent`](Answered::Permanent) | refused, or not the API's answer | 4xx but 408 and 425, a 404 with the API's error; a 500 that names a business rule |
    /// | `Answered`, [`Throttled`](Answered::Throttled) | 429 | 429 |
    /// | `Answered`, [`Transient`](Answered::Transient) | 408, 425, other 5xx | never |
    /// | [`Unknown`](Verdict::Unknown) | no answer, or half of one | that, and everything else |
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let effect = match self.is_of_change() {
            true => Effect::Change,
            false => Effect::Read,
        };
        verdict(&self.0.fault, self.0.stage, effect)
    }

    /// Returns whether what was attempted has happened.
    #[must_use]
    pub fn happened(&self) -> Happened {
        match self.verdict() {
            _ if matches!(self.0.fault, Fault::PartlyCarriedOut(_)) => Happened::Yes,
            _ if self.refusal().is_some_and(|no| no.names(ANSWER_NOT_KEPT)) => Happened::Yes,
            Verdict::Unknown if self.is_of_change() => Happened::Unknown,
            // A read that may have been answered has changed nothing.
            _ => Happened::No,
        }
    }

    /// Returns the organization that the call was about, as the caller named it.
    #[must_use]
    pub fn organization(&self) -> Option<&str> {
        self.0.organization.as_deref()
    }

    /// Returns why a person could not sign in, where that is why the call failed.
    #[must_use]
    pub fn sign_in_problem(&self) -> Option<SignInProblem> {
        self.0.sign_in_problem
    }

    /// Returns what to do next, if there is advice; there always is where it is not known whether a change was carried
    /// out.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        let look = || match self.is_of_change() && self.happened() == Happened::Unknown {
            true => Some("look before trying again"),
            false => None,
        };
        self.0.hint.as_deref().or_else(look)
    }

    /// Returns how many seconds the server's clock is ahead of ours, if it refused and sent its time.
    pub(crate) fn clock_ahead(&self) -> Option<i64> {
        self.refusal().and_then(|refusal| refusal.clock_ahead)
    }

    fn refusal(&self) -> Option<&Refusal> {
        match &self.0.fault {
            Fault::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        write!(f, "could not {}: ", inner.operation)?;
        f.write_str(match inner.stage {
            Stage::SigningIn if inner.operation != "sign in" => "signing in failed: ",
            Stage::LookingUp => "reading the listing failed: ",
            Stage::ReadingFirst => "reading it first failed: ",
            _ => "",
        })?;
        write!(f, "{}", inner.fault)?;
        if let Some(endpoint) = inner.endpoint {
            write!(f, " ({endpoint}")?;
            if inner.attempts > 1 {
                write!(f, ", tried {} times", inner.attempts)?;
            }
            f.write_str(")")?;
        }
        if self.is_of_change() && self.happened() == Happened::Unknown {
            f.write_str("; whether it was carried out is not known")?;
        }
        match self.hint() {
            Some(hint) => write!(f, "; {hint}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("message", &self.to_string())
            .field("happened", &self.happened())
            .field("kind", &self.kind())
            .field("http_status", &self.http_status())
            .field("problems", &self.problems())
            .field("source", &self.0.source)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0
            .source
            .as_deref()
            .map(|source| source as &(dyn std::error::Error + 'static))
    }
}

impl From<IdError> for Error {
    fn from(error: IdError) -> Self {
        Self::input("name an organization", error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, body: &str) -> Error {
        Error::new(
            "block organization 42",
            Fault::Refused(Refusal {
                status,
                problems: org42_types::problems_in(body),
                text: body.to_owned(),
                retry_after: None,
                location: None,
                clock_ahead: None,
            }),
        )
        .at(org42_types::endpoints::ORGS_BLOCK)
        .after_attempts(1)
    }

    #[test]
    fn it_is_as_small_as_a_pointer() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }

    #[test]
    fn a_named_refusal_reads_as_a_sentence() {
        let error = refused(500, r#"[{"name":"ORG_DUPLICATE","description":"taken"}]"#);
        assert_eq!(
            error.to_string(),
            "could not block organization 42: the server answered 500 Internal Server Error: ORG_DUPLICATE: taken \
             (POST /api/v3/orgs/{orgGuid}/block)"
        );
        assert!(error.is_conflict() && !error.is_transient());
        assert_eq!(error.happened(), Happened::No);
    }

    #[test]
    fn an_unnamed_fault_of_the_server_leaves_the_outcome_open() {
        let error = refused(502, "<html>\n <h1>Bad\tGateway</h1>\u{1b}[31m");
        assert_eq!(
            error.to_string(),
            "could not block organization 42: the server answered 502 Bad Gateway: \"<html> <h1>Bad Gateway</h1> [31m\" \
             (POST /api/v3/orgs/{orgGuid}/block); whether it was carried out is not known; look before trying again"
        );
        assert!(!error.is_transient(), "it may have been carried out");
        assert_eq!(error.happened(), Happened::Unknown);
    }

    #[test]
    fn long_text_is_cut_in_the_sentence() {
        let sentence = refused(403, &"ä".repeat(8000)).to_string();
        assert!(sentence.chars().count() < 400, "{sentence}");
    }
}
