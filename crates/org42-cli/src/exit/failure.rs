//! Why a command did not do what was asked, in words.

use std::error::Error;
use std::fmt::{self, Write as _};

use org42_admin::Refusal;
use org42_admin::report::RowResult;

use super::Exit;

type BoxError = Box<dyn Error + Send + Sync>;

/// Why a command did not do what was asked: its exit code, a message, and the chain of causes.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    report: BoxError,
    hint: Option<String>,
    /// The organization, as the user named it.
    organization: Option<String>,
}

/// What is said above a cause.
#[derive(Debug)]
struct Message {
    text: String,
    cause: Option<BoxError>,
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Error for Message {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as _)
    }
}

impl Failure {
    pub(crate) fn new(exit: Exit, text: impl Into<String>) -> Self {
        let text = text.into();
        let report = Box::new(Message { text, cause: None });
        Self {
            exit,
            report,
            hint: None,
            organization: None,
        }
    }

    pub(crate) fn usage(text: impl Into<String>) -> Self {
        Self::new(Exit::Usage, text)
    }

    pub(crate) fn failed(text: impl Into<String>) -> Self {
        Self::new(Exit::Failed, text)
    }

    /// Returns a failure that has an error as its cause.
    pub(crate) fn because(exit: Exit, text: impl Into<String>, cause: impl Into<BoxError>) -> Self {
        let (text, cause) = (text.into(), Some(cause.into()));
        let report = Box::new(Message { text, cause });
        Self {
            exit,
            report,
            hint: None,
            organization: None,
        }
    }

    /// Returns a failure that says nothing but what the error says.
    pub(crate) fn of(exit: Exit, error: impl Into<BoxError>) -> Self {
        let report = error.into();
        Self {
            exit,
            report,
            hint: None,
            organization: None,
        }
    }

    /// Returns the failure with something said above it, and itself as the cause.
    pub(crate) fn under(self, text: impl Into<String>) -> Self {
        let Self {
            hint, organization, ..
        } = self;
        Self {
            hint,
            organization,
            ..Self::because(self.exit, text, self.report)
        }
    }

    /// Returns the failure with another end.
    pub(crate) fn ending(self, exit: Exit) -> Self {
        Self { exit, ..self }
    }

    /// Returns the failure with the organization that it is about, as the user named it.
    pub(crate) fn about(self, organization: Option<&str>) -> Self {
        let organization = organization.map(str::to_owned).or(self.organization);
        Self {
            organization,
            ..self
        }
    }

    /// Returns the organization that it is about, as the user named it.
    pub(super) fn organization(&self) -> Option<&str> {
        let call = || self.call()?.organization();
        self.organization.as_deref().or_else(call)
    }

    /// Returns advice that was added to the error.
    pub(super) fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// Returns the error of the SDK that it comes from, if there is one.
    pub(crate) fn call(&self) -> Option<&org42::Error> {
        self.chain().find_map(|error| {
            let admin = || error.downcast_ref::<org42_admin::Error>()?.call();
            error.downcast_ref::<org42::Error>().or_else(admin)
        })
    }

    /// Returns the error of an administrator's work that it comes from, if there is one.
    pub(super) fn admin(&self) -> Option<&org42_admin::Error> {
        self.chain().find_map(|error| error.downcast_ref())
    }

    /// Returns the failure with advice on what to do about it.
    pub(crate) fn advising(self, hint: impl Into<String>) -> Self {
        let hint = Some(hint.into());
        Self { hint, ..self }
    }

    /// Returns what is said, with each cause on a line of its own; where a call to the server speaks of an organization by
    /// another name than the user did, after the user's.
    pub(crate) fn text(&self) -> String {
        let text = self.causes();
        let is_of_call = self
            .call()
            .is_some_and(|call| call.organization().is_some());
        match &self.organization {
            Some(named) if is_of_call && !text.contains(named) => format!("{named}: {text}"),
            _ => text,
        }
    }

    fn causes(&self) -> String {
        let mut text = String::new();
        for (depth, error) in self.chain().enumerate() {
            if depth > 0 {
                text.push_str("\n  because: ");
            }
            let _ = write!(text, "{error}");
            if let Some(error) = error.downcast_ref::<org42::Error>() {
                for candidate in error.candidates() {
                    let _ = write!(text, "\n  {candidate}");
                }
            }
        }
        if let Some(hint) = &self.hint {
            let _ = write!(text, "\n  {hint}");
        }
        text
    }

    /// Returns what is said, with its causes, for the middle of a sentence.
    pub(crate) fn clause(&self) -> String {
        let texts: Vec<String> = self.chain().map(ToString::to_string).collect();
        texts.join(": ")
    }

    pub(super) fn chain(&self) -> impl Iterator<Item = &(dyn Error + 'static)> {
        let first: &(dyn Error + 'static) = &*self.report;
        std::iter::successors(Some(first), |error: &&(dyn Error + 'static)| {
            (*error).source()
        })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.report.fmt(f)
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.report.source()
    }
}

impl From<org42::Error> for Failure {
    fn from(error: org42::Error) -> Self {
        Self::of(Exit::of(&error), error)
    }
}

impl From<org42_admin::Error> for Failure {
    fn from(error: org42_admin::Error) -> Self {
        use org42_admin::Error as E;
        let exit = match error {
            E::Call(error) => return error.into(),
            E::NoPerson(error) => return Self::of(Exit::NotAllowed, error),
            E::Refused(refusal) => match *refusal {
                Refusal::Invalid(error) | Refusal::Unread(error) => return error.into(),
                refusal @ (Refusal::LocksOut { .. } | Refusal::NotAllowed { .. }) => {
                    return Self::new(Exit::NotAllowed, refusal.to_string());
                }
                refusal => return Self::new(Exit::Conflict, refusal.to_string()),
            },
            E::InvalidInput(_) | E::NothingToDo(_) => Exit::Usage,
            E::NotFound(_) | E::Ambiguous(_) => Exit::NotFound,
            E::Partial(ref report) if report.count(RowResult::Unknown) > 0 => Exit::Unknown,
            E::Partial(_) => Exit::Incomplete,
            _ => Exit::Failed,
        };
        Self::of(exit, error)
    }
}

impl From<org42_authority::StartError> for Failure {
    fn from(error: org42_authority::StartError) -> Self {
        Self::of(Exit::Failed, error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_kept_and_said_line_by_line() {
        let io = std::io::Error::other("no room");
        let failure = Failure::because(Exit::Usage, "cannot write x", io).under("nothing was done");
        assert_eq!(failure.exit, Exit::Usage);
        assert_eq!(
            failure.text(),
            "nothing was done\n  because: cannot write x\n  because: no room"
        );
        assert_eq!(
            failure.clause(),
            "nothing was done: cannot write x: no room"
        );
        assert!(
            failure
                .chain()
                .last()
                .is_some_and(|cause| cause.is::<std::io::Error>())
        );
    }
}
