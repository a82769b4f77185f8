//! What a call gives: the value, and the answer that it was read from.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use org42_types::{Endpoint, Org, OrgPage};
use reqwest::header::HeaderMap;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::answer::limits::Bounds;
use crate::answer::weight::{megabytes, weight};
use crate::call::redact::Secrets;
use crate::error::fault::Fault;
use crate::error::refusal::{KEPT_TEXT, Refusal};
use crate::error::{Error, Result};
use crate::list::rows;

/// What is said of an answer that is JSON, and something else than what was asked for.
const NOT_THE_DOCUMENT: &str = "not with the document that belongs here";

/// A value and the server's answer that it came in.
///
/// It can be used like the value itself. What else the answer says is at hand without a second request.
///
/// ```
/// # async fn run(client: org42::Client) -> Result<(), org42::Error> {
/// let org = client.orgs().get_by_id(42).await?;
/// println!("{} (HTTP {})", org.org_name, org.status());
/// println!("{}", org.json()["data"]["customConfig"]);
/// let org: org42::Org = org.into_value();
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Response<T> {
    value: T,
    answer: Arc<Received>,
}

struct Received {
    answer: Answer,
    json: OnceLock<Value>,
}

/// A complete answer that is a success, not yet read.
pub(crate) struct Answer {
    pub(crate) operation: String,
    pub(crate) endpoint: Endpoint,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) url: String,
    pub(crate) text: String,
    pub(crate) bounds: Bounds,
    pub(crate) secrets: Arc<Secrets>,
}

impl<T> Response<T> {
    /// The value alone.
    pub fn into_value(self) -> T {
        self.value
    }

    /// The answer's status, a success: 200 to 299.
    pub fn status(&self) -> u16 {
        self.answer.answer.status
    }

    /// The answer's headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.answer.answer.headers
    }

    /// One header of the answer, if it is there and is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().get(name)?.to_str().ok()
    }

    /// The address that was asked.
    pub fn url(&self) -> &str {
        &self.answer.answer.url
    }

    /// The answer's body as received, unpacked.
    pub fn text(&self) -> &str {
        &self.answer.answer.text
    }

    /// The answer's body as JSON, whole, as received: with the envelope, if the server sent one. `null` for a body that
    /// is empty, and for one of which far more memory would be taken than is usual for its length.
    pub fn json(&self) -> &Value {
        /// What is usual, with much to spare.
        const USUAL: usize = 16;
        let text = self.text();
        let most = self
            .answer
            .answer
            .bounds
            .built
            .max(text.len().saturating_mul(USUAL));
        let read = || match weight(text) {
            weight if weight > most => Value::Null,
            _ => serde_json::from_str(text).unwrap_or_default(),
        };
        self.answer.json.get_or_init(read)
    }

    /// About how many bytes of memory the answer's body takes as JSON values; rather more than fewer. Nothing is built to
    /// tell that.
    pub fn json_memory(&self) -> usize {
        weight(self.text())
    }

    pub(crate) fn map<U>(self, read: impl FnOnce(T) -> U) -> Response<U> {
        Response {
            value: read(self.value),
            answer: self.answer,
        }
    }
}

impl<T> Deref for Response<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// The answer's headers and text may hold anything, so only the value is shown, by its own rules.
impl<T: fmt::Debug> fmt::Debug for Response<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status())
            .field("value", &self.value)
            .finish_non_exhaustive()
    }
}

impl Answer {
    /// Reads the document that a call is for.
    pub(crate) fn read<T: DeserializeOwned>(self) -> Result<Response<T>> {
        let content = self.content()?;
        match T::deserialize(content) {
            Ok(value) => Ok(self.with(value)),
            Err(reason) => Err(self.malformed_because(NOT_THE_DOCUMENT, &reason)),
        }
    }

    /// Reads a page of organizations, row by row: each keeps its document as text.
    pub(crate) fn read_page(self) -> Result<Response<OrgPage>> {
        match rows::page_in(&self.text, &self.bounds) {
            Ok(Some(page)) => Ok(self.with(page)),
            Ok(None) => Err(self.refused()),
            Err(rows::Wrong::TooMuch(weight)) => Err(self.too_heavy(weight)),
            Err(rows::Wrong::Unreadable(reason)) if reason.is_data() => {
                Err(self.malformed_because(NOT_THE_DOCUMENT, &reason))
            }
            Err(rows::Wrong::Unreadable(reason)) => Err(self.unreadable(&reason)),
        }
    }

    /// Reads the organization that a change answers with. The change is done, so whatever came is taken, even if it
    /// lacks the ids.
    pub(crate) fn read_changed_org(self) -> Result<Response<Org>> {
        let content = match self.text.trim().is_empty() {
            true => Value::Null,
            false => self.content()?,
        };
        match content {
            document @ (Value::Object(_) | Value::Null) => {
                let text = match document {
                    Value::Null => "{}".to_owned(),
                    document => document.to_string(),
                };
                match Org::from_any_json(text) {
                    Ok(org) => Ok(self.with(org)),
                    Err(reason) => Err(self.malformed_because(NOT_THE_DOCUMENT, &reason)),
                }
            }
            _ => Err(self.malformed("not with an organization", true)),
        }
    }

    /// Reads whatever a change answers with; null where that is nothing.
    pub(crate) fn read_changed(self) -> Result<Response<Value>> {
        match self.text.trim().is_empty() {
            true => Ok(self.with(Value::Null)),
            false => self.read(),
        }
    }

    /// Makes sure that a change which answers with nothing in particular was answered by the API, and not by the page of
    /// a proxy.
    pub(crate) fn read_nothing(self) -> Result<Response<()>> {
        if !self.text.trim().is_empty() {
            self.content()?;
        }
        Ok(self.with(()))
    }

    /// Reads a document that has a secret in it: nothing of it gets into the error.
    pub(crate) fn read_secret<T: DeserializeOwned>(self) -> Result<T> {
        let wrong = |answer: &Self| {
            let fault = Fault::Malformed {
                status: answer.status,
                message: "without a token".to_owned(),
                text: String::new(),
                done: false,
            };
            Error::new(&*answer.operation, fault).at(answer.endpoint)
        };
        let content = self.content().map_err(|_| wrong(&self))?;
        T::deserialize(content).map_err(|_| wrong(&self))
    }

    /// The content of the answer: what is in the envelope, or all of it where there is none.
    fn content(&self) -> Result<Value> {
        match self.document()? {
            Value::Object(mut object) => match object.get("error") {
                None | Some(Value::Null) => {
                    Ok(object.remove("data").unwrap_or(Value::Object(object)))
                }
                Some(_) => Err(self.refused()),
            },
            other => Ok(other),
        }
    }

    /// Builds the document, unless it would take too much memory.
    fn document(&self) -> Result<Value> {
        match weight(&self.text) {
            weight if weight > self.bounds.built => Err(self.too_heavy(weight)),
            _ => serde_json::from_str(&self.text).map_err(|reason| self.unreadable(&reason)),
        }
    }

    fn too_heavy(&self, weight: usize) -> Error {
        let message = format!(
            "with a document that would take about {} in memory, and no more than {} is taken",
            megabytes(weight),
            megabytes(self.bounds.built),
        );
        self.malformed(&message, false)
    }

    fn unreadable(&self, reason: &serde_json::Error) -> Error {
        let message = match self.text.trim_start().chars().next() {
            None => "with an empty body",
            Some('<') => "with a web page instead of the API's document",
            Some(_) => "not with JSON",
        };
        self.malformed_because(message, reason)
    }

    fn malformed_because(&self, message: &str, reason: &serde_json::Error) -> Error {
        let reason = self.secrets.reason(reason);
        self.malformed(message, false).because(reason)
    }

    fn malformed(&self, message: &str, done: bool) -> Error {
        let fault = Fault::Malformed {
            status: self.status,
            message: message.to_owned(),
            text: self.secrets.start_of(&self.text, KEPT_TEXT),
            done,
        };
        Error::new(&*self.operation, fault).at(self.endpoint)
    }

    /// Some servers say no in the envelope of a success.
    fn refused(&self) -> Error {
        let refusal = Refusal::new(self.status, &self.headers, &self.text, &self.secrets);
        Error::new(&*self.operation, Fault::Refused(refusal)).at(self.endpoint)
    }

    fn with<T>(self, value: T) -> Response<T> {
        Response {
            value,
            answer: Arc::new(Received {
                answer: self,
                json: OnceLock::new(),
            }),
        }
    }
}
