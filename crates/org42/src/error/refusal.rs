//! An answer with a failure status, reduced to what an error may keep of it.

use std::fmt;
use std::time::Duration;

use http::HeaderMap;
use org42_types::{Problem, problems_in};

use crate::answer::weight::weight;
use crate::error::excerpt::{excerpt, one_line};
use crate::http::dates::{clock_ahead, retry_after};
use crate::redact::Secrets;

/// How many bytes of a refusal's body an error keeps.
pub(crate) const KEPT_TEXT: usize = 8 * 1024;

/// How many problems an error keeps.
const KEPT_PROBLEMS: usize = 32;

/// The memory that the problems of a body may take, in bytes.
const PROBLEMS: usize = 2 * 1024 * 1024;

/// An answer with a failure status.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) problems: Vec<Problem>,
    pub(crate) text: String,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) location: Option<String>,
    /// How many seconds the server's clock is ahead of this machine's, if the server sent its time.
    pub(crate) clock_ahead: Option<i64>,
}

impl Refusal {
    pub(crate) fn new(status: u16, headers: &HeaderMap, text: &str, secrets: &Secrets) -> Self {
        // Read before the text is redacted, because a secret may be escaped in the text.
        let mut problems = match weight(text) {
            ..=PROBLEMS => problems_in(text),
            _ => Vec::new(),
        };
        problems.truncate(KEPT_PROBLEMS);
        let problems = problems
            .into_iter()
            .map(|problem| secrets.redact_problem(problem, KEPT_TEXT))
            .collect();
        Self {
            status,
            problems,
            text: secrets.start_of(text, KEPT_TEXT),
            retry_after: retry_after(headers),
            location: None,
            clock_ahead: clock_ahead(headers),
        }
    }

    /// Returns whether a rule of the tenant is named, so that the answer is certainly a refusal.
    pub(crate) fn names_business_rule(&self) -> bool {
        self.problems.iter().any(Problem::is_business_rule)
    }

    /// Returns whether one of the problems has this name.
    pub(crate) fn names(&self, name: &str) -> bool {
        self.problems.iter().any(|problem| problem.name == name)
    }

    /// Returns whether the body is an error of the API, rather than of a proxy, of another program, or nothing.
    pub(crate) fn is_of_the_api(&self) -> bool {
        self.problems.iter().any(|problem| !problem.name.is_empty())
    }

    /// Returns whether the answer says that what was asked for does not exist, rather than the route.
    pub(crate) fn is_not_found(&self) -> bool {
        let is_about_it = |problem: &Problem| match problem.name.as_str() {
            "" => false,
            // The name of everything that has no better one, unknown routes included.
            "SYSTEM" => problem.description.contains("not found"),
            _ => true,
        };
        self.status == 404 && self.problems.iter().any(is_about_it)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the server answered {}", self.status)?;
        let reason = http::StatusCode::from_u16(self.status).ok();
        if let Some(reason) = reason.and_then(|status| status.canonical_reason()) {
            write!(f, " {reason}")?;
        }
        if let Some(location) = &self.location {
            write!(f, " and pointed to {location}, which is not followed")?;
        } else if self.problems.is_empty() {
            excerpt(f, &self.text)?;
        }
        for problem in &self.problems {
            let parts = [problem.name.as_str(), problem.description.as_str()];
            for part in parts.into_iter().filter(|part| !part.is_empty()) {
                write!(f, ": {}", one_line(part, 200))?;
            }
        }
        match self.retry_after {
            Some(wait) if !wait.is_zero() => {
                write!(f, "; it asks to wait {} s", wait.as_secs())
            }
            _ => Ok(()),
        }
    }
}
