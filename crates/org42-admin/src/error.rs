//! What can go wrong with an administrator's work, beyond a single request.

use std::fmt;

use crate::refusal::Refusal;
use crate::report::SettingsReport;
use crate::text::one_line;

/// What the methods of this crate return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something was not done, or not completely.
///
/// [`Display`](fmt::Display) is for people. Where a request failed, the error of the SDK is kept, see
/// [`call`](Self::call); its own cause is the [`source`](std::error::Error::source).
///
/// ```no_run
/// # async fn run(admin: org42_admin::Admin) -> Result<(), org42_admin::Error> {
/// use org42_admin::Error;
///
/// match admin.find(&"Paris".parse()?).await {
///     Ok(org) => println!("{}", org.key()),
///     Err(Error::Ambiguous(several)) => {
///         for candidate in &several.candidates {
///             println!("{}", candidate.path);
///         }
///     }
///     Err(error) if error.is_not_found() => println!("{error}"),
///     Err(error) => return Err(error),
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Error {
    /// A call of the SDK failed.
    Call(org42::Error),
    /// `my` was asked for by an API client, which belongs to no organization.
    NoPerson(org42::Error),
    /// A text or an argument that cannot be used; nothing was sent because of it.
    InvalidInput(String),
    /// There is no such organization, or the caller may not see it.
    NotFound(String),
    /// Several organizations could be meant.
    Ambiguous(Box<Ambiguous>),
    /// The state of the tenant, or the SDK, refuses the change; nothing was sent.
    Refused(Box<Refusal>),
    /// A change that changes nothing; nothing was sent.
    NothingToDo(String),
    /// Something was done and something was not; the report says which is which.
    Partial(Box<SettingsReport>),
    /// A server sends more than any tenant has, and was not read to its end.
    TooMuch(String),
}

/// Several organizations that could be meant by one name.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Ambiguous {
    /// What they have in common, such as `the name "Paris"`.
    pub what: String,
    /// How many there are.
    pub count: usize,
    /// The first of them, at most 20.
    pub candidates: Vec<Candidate>,
}

/// An organization that could be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Candidate {
    /// Its number, or its guid where there is none.
    pub key: String,
    /// Its path; of one that is very long, the end.
    pub path: String,
}

impl Ambiguous {
    pub(crate) fn new(what: String, count: usize, candidates: Vec<Candidate>) -> Self {
        Self {
            what,
            count,
            candidates,
        }
    }
}

impl Candidate {
    pub(crate) fn new(key: String, path: String) -> Self {
        Self { key, path }
    }
}

impl Error {
    /// Returns the error of the SDK, where a call of it failed.
    #[must_use]
    pub fn call(&self) -> Option<&org42::Error> {
        match self {
            Self::Call(error) | Self::NoPerson(error) => Some(error),
            Self::Refused(refusal) => match &**refusal {
                Refusal::Invalid(error) | Refusal::Unread(error) => Some(error),
                _ => None,
            },
            _ => None,
        }
    }

    /// Returns whether there is no such organization, or none that the caller may see.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound(_)) || self.call().is_some_and(org42::Error::is_not_found)
    }

    /// Returns whether several organizations could be meant.
    #[must_use]
    pub fn is_ambiguous(&self) -> bool {
        matches!(self, Self::Ambiguous(_)) || self.call().is_some_and(org42::Error::is_ambiguous)
    }
}

/// How many errors of a run over many organizations are said.
const SHOWN: usize = 3;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(error) | Self::NoPerson(error) => error.fmt(f),
            Self::InvalidInput(message)
            | Self::NotFound(message)
            | Self::NothingToDo(message)
            | Self::TooMuch(message) => f.write_str(message),
            Self::Ambiguous(several) => several.fmt(f),
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Partial(report) => {
                write!(f, "not everything was written: {report}")?;
                let mut texts: Vec<String> =
                    report.errors.iter().map(ToString::to_string).collect();
                texts.dedup();
                texts
                    .iter()
                    .take(SHOWN)
                    .try_for_each(|text| write!(f, "\n  {text}"))?;
                match texts.len().saturating_sub(SHOWN) {
                    0 => Ok(()),
                    more => write!(f, "\n  and {more} more"),
                }
            }
        }
    }
}

impl fmt::Display for Ambiguous {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} organizations have {}; say which by id:",
            self.count, self.what
        )?;
        for Candidate { key, path } in &self.candidates {
            let (key, path) = (one_line(key, 100), one_line(path, usize::MAX));
            write!(f, "\n  {key}  {path}")?;
        }
        match self.count - self.candidates.len() {
            0 => Ok(()),
            more => write!(f, "\n  …and {more} more"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.call().and_then(std::error::Error::source)
    }
}

impl From<org42::Error> for Error {
    fn from(error: org42::Error) -> Self {
        Self::Call(error)
    }
}
