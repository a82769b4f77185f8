//! The result of a call: the value, and the answer that it was read from.

use std::fmt;
use std::hash::RandomState;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::{HeaderMap, StatusCode};
use org42_types::{ByteString, Endpoint, Org, OrgGuid, OrgPage};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use crate::answer::envelope::content_of;
use crate::answer::limits::Bounds;
use crate::answer::weight::{megabytes, weight};
use crate::error::fault::Fault;
use crate::error::refusal::{KEPT_TEXT, Refusal};
use crate::error::{Error, Result};
use crate::list::row::Scanned;
use crate::list::scan::{Wrong, scan};
use crate::redact::Secrets;

/// The message for an answer that is JSON, but another document than the call asks for.
const NOT_THE_DOCUMENT: &str = "not with the document that belongs here";

/// A value, and the server's answer that contained it.
///
/// It derefs to the value and serializes as the value. The rest of the answer can be read without a second request.
///
/// ```no_run
/// # async fn run(client: org42::Client) -> Result<(), org42::Error> {
/// let org = client.orgs().get(42).await?;
/// println!("{} (HTTP {})", org.org_name, org.http_status());
/// println!("{}", org.json()["data"]["customConfig"]);
/// let org: org42::Org = org.into_value();
/// # Ok(()) }
/// ```
///
/// Tests of other programs create a response from any value:
///
/// ```
/// use org42::{Org, Response};
///
/// let org = Org::from_json(r#"{"orgId": 42, "orgName": "Paris"}"#)?;
/// let response = Response::new(org).with_http_status(201);
/// assert_eq!((response.org_name.as_str(), response.http_status()), ("Paris", 201));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone)]
pub struct Response<T> {
    value: T,
    answer: Arc<Received>,
}

/// The parts of an answer that a response keeps.
#[derive(Clone)]
struct Received {
    status: u16,
    headers: HeaderMap,
    url: String,
    text: ByteString,
    /// The memory that values built from the text may take, in bytes.
    most: usize,
    json: OnceLock<Value>,
}

/// A complete answer with a success status that is not read yet.
pub(crate) struct Answer {
    pub(crate) operation: String,
    pub(crate) endpoint: Endpoint,
    /// How often the request was sent.
    pub(crate) attempts: u32,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) url: String,
    pub(crate) text: ByteString,
    /// The time from the request to the end of the answer.
    pub(crate) took: Duration,
    pub(crate) bounds: Bounds,
    pub(crate) secrets: Arc<Secrets>,
}

/// What a server says that it has done.
pub(crate) struct Acknowledged {
    pub(crate) status: StatusCode,
    operation: String,
    endpoint: Endpoint,
    attempts: u32,
}

impl Acknowledged {
    pub(crate) fn failed(&self, fault: Fault) -> Error {
        Error::new(&*self.operation, fault)
            .at(self.endpoint)
            .after_attempts(self.attempts)
    }
}

impl<T> Response<T> {
    /// Creates a response for tests: status 200, no headers, an empty URL and an empty body.
    pub fn new(value: T) -> Self {
        Self {
            value,
            answer: Arc::new(Received {
                status: 200,
                headers: HeaderMap::new(),
                url: String::new(),
                text: ByteString::new(),
                most: usize::MAX,
                json: OnceLock::new(),
            }),
        }
    }

    /// Replaces the HTTP status, for tests.
    #[must_use]
    pub fn with_http_status(self, status: u16) -> Self {
        self.having(|answer| answer.status = status)
    }

    /// Replaces the headers, for tests.
    #[must_use]
    pub fn with_headers(self, headers: HeaderMap) -> Self {
        self.having(|answer| answer.headers = headers)
    }

    /// Replaces the requested address, for tests.
    #[must_use]
    pub fn with_url(self, url: impl Into<String>) -> Self {
        self.having(|answer| answer.url = url.into())
    }

    /// Replaces the body, for tests; the value stays as it is.
    #[must_use]
    pub fn with_text(self, text: impl Into<String>) -> Self {
        self.having(|answer| {
            answer.text = text.into().into();
            answer.json = OnceLock::new();
        })
    }

    fn having(self, change: impl FnOnce(&mut Received)) -> Self {
        let mut answer = Arc::unwrap_or_clone(self.answer);
        change(&mut answer);
        Self {
            value: self.value,
            answer: Arc::new(answer),
        }
    }

    /// Returns the value alone.
    pub fn into_value(self) -> T {
        self.value
    }

    /// Returns the HTTP status of the answer, a success: 200 to 299. An organization's own `status` is a text.
    pub fn http_status(&self) -> u16 {
        self.answer.status
    }

    /// Returns the answer's headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.answer.headers
    }

    /// Returns one header of the answer, if it is there and is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().get(name)?.to_str().ok()
    }

    /// Returns the address that was requested.
    pub fn url(&self) -> &str {
        &self.answer.url
    }

    /// Returns the answer's body as received, unpacked.
    pub fn text(&self) -> &str {
        &self.answer.text
    }

    /// Returns the whole body of the answer as JSON, with the envelope if the server sent one. `null` for an empty
    /// body, and for one that would take far more memory than is usual for its length.
    ///
    /// The value is built at the first call and kept with the response.
    pub fn json(&self) -> &Value {
        /// Bytes of memory for each byte of text: far more than usual answers need.
        const USUAL: usize = 16;
        let text = self.text();
        let most = self.answer.most.max(text.len().saturating_mul(USUAL));
        let read = || match weight(text) {
            weight if weight > most => Value::Null,
            _ => serde_json::from_str(text).unwrap_or_default(),
        };
        self.answer.json.get_or_init(read)
    }

    /// Returns about how many bytes of memory the answer's body would take as JSON values; rather too many than too
    /// few. Builds nothing.
    pub fn json_memory(&self) -> usize {
        weight(self.text())
    }
}

impl<T> Deref for Response<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// Serializes as the value alone.
impl<T: Serialize> Serialize for Response<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(serializer)
    }
}

/// Shows the status alone. Headers, text and a value that is plain JSON may hold secrets; a value that hides its own, as
/// [`Org`] does, is shown by `{:?}` of `*response`.
impl<T> fmt::Debug for Response<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("http_status", &self.http_status())
            .finish_non_exhaustive()
    }
}

impl Answer {
    /// Reads the document that a call asks for.
    pub(crate) fn read<T: DeserializeOwned>(self) -> Result<Response<T>> {
        self.check_weight()?;
        let value = serde_json::from_str(self.content()?).map_err(|reason| self.unread(&reason))?;
        Ok(self.with(value))
    }

    /// Reads an organization, which keeps its document as a slice of the answer.
    pub(crate) fn read_org(self) -> Result<Response<Org>> {
        self.check_weight()?;
        let document = self.text.slice_ref(self.content()?);
        let org = Org::from_json(document).map_err(|reason| self.unread(&reason))?;
        Ok(self.with(org))
    }

    /// Reads a page of organizations: each keeps its document as a slice of the answer.
    pub(crate) fn read_page(self) -> Result<Response<OrgPage>> {
        let scanned = self.scan(&RandomState::new())?;
        self.decode(scanned)
    }

    /// Finds the organizations of a page; builds none.
    pub(crate) fn scan(&self, hashes: &RandomState) -> Result<Scanned> {
        match scan(&self.text, &self.bounds, hashes) {
            Ok(Some(page)) => Ok(page),
            Ok(None) => Err(self.refused()),
            Err(Wrong::TooMuch { weight, most }) => Err(self.too_heavy(weight, most)),
            Err(Wrong::Unreadable(reason)) => Err(self.unread(&reason)),
        }
    }

    /// Decodes the organizations that were found on a page, as long as they take no more memory than their text
    /// justifies.
    pub(crate) fn decode(self, page: Scanned) -> Result<Response<OrgPage>> {
        let mut orgs = Vec::with_capacity(page.rows.len());
        let (mut taken, mut length) = (0_usize, 0_usize);
        for row in page.rows {
            let text = self.text.slice_ref(&self.text[row.place]);
            length += text.len();
            let org = Org::from_json(text).map_err(|reason| self.unread(&reason))?;
            taken = taken.saturating_add(org.memory());
            let most = self.bounds.of_rows(length);
            if taken > most {
                return Err(self.too_heavy(taken, most));
            }
            orgs.push(org);
        }
        Ok(self.with(OrgPage::new(orgs, page.total)))
    }

    /// Reads which organization a change has created; `None` where the answer does not say. What it says of the
    /// organization is not used: it is read anew.
    pub(crate) fn created(self) -> Result<(Acknowledged, Option<OrgGuid>)> {
        #[derive(Deserialize)]
        struct Created {
            #[serde(rename = "orgGuid")]
            guid: OrgGuid,
        }
        let created = self.content().ok().map(serde_json::from_str::<Created>);
        let guid = created.and_then(Result::ok).map(|created| created.guid);
        Ok((self.acknowledged()?, guid))
    }

    /// Reads the answer to a change, whatever it contains; null if it is empty.
    pub(crate) fn read_changed(self) -> Result<Response<Value>> {
        match self.text.trim().is_empty() {
            true => Ok(self.with(Value::Null)),
            false => self.read(),
        }
    }

    /// Checks that the answer to a change came from the API, and reports no problem.
    pub(crate) fn read_nothing(self) -> Result<Response<()>> {
        self.check_change()?;
        Ok(self.with(()))
    }

    /// Reads the organization in the answer to a change of its settings; an empty one where the answer has none, since
    /// what became of the settings is read anew.
    pub(crate) fn read_changed_org(self) -> Result<Response<Org>> {
        self.check_weight()?;
        self.check_change()?;
        let document = match self.content() {
            Ok(content) if content.starts_with('{') => self.text.slice_ref(content),
            _ => ByteString::from_static("{}"),
        };
        let org = Org::from_any_json(document).map_err(|reason| self.unread(&reason))?;
        Ok(self.with(org))
    }

    fn check_change(&self) -> Result<()> {
        if !self.text.trim().is_empty() {
            let content = self.content()?;
            serde_json::from_str::<IgnoredAny>(content).map_err(|reason| self.unread(&reason))?;
        }
        Ok(())
    }

    /// Checks the answer to a change as [`read_nothing`](Self::read_nothing) does. What it says beyond that is not used.
    pub(crate) fn acknowledged(self) -> Result<Acknowledged> {
        self.check_change()?;
        Ok(Acknowledged {
            status: StatusCode::from_u16(self.status).unwrap_or_default(),
            operation: self.operation,
            endpoint: self.endpoint,
            attempts: self.attempts,
        })
    }

    /// Reads a document that contains a secret: nothing of it gets into the error.
    pub(crate) fn read_secret<T: DeserializeOwned>(self) -> Result<T> {
        let read = self.content().ok().map(serde_json::from_str);
        match read {
            Some(Ok(secret)) if weight(&self.text) <= self.bounds.built => Ok(secret),
            _ => {
                let fault = Fault::Malformed {
                    status: self.status,
                    message: "without a token".to_owned(),
                    text: String::new(),
                };
                Err(Error::new(&*self.operation, fault)
                    .at(self.endpoint)
                    .after_attempts(self.attempts))
            }
        }
    }

    /// Returns the content of the envelope, or the whole answer if there is none.
    fn content(&self) -> Result<&str> {
        match content_of(&self.text) {
            Ok(Some(content)) => Ok(content),
            Ok(None) => Err(self.refused()),
            Err(reason) => Err(self.unread(&reason)),
        }
    }

    /// Refuses a document that would take too much memory once it is built.
    fn check_weight(&self) -> Result<()> {
        match weight(&self.text) {
            weight if weight > self.bounds.built => Err(self.too_heavy(weight, self.bounds.built)),
            _ => Ok(()),
        }
    }

    fn too_heavy(&self, weight: usize, most: usize) -> Error {
        let message = format!(
            "with a document that would take about {} in memory, and no more than {} is taken",
            megabytes(weight),
            megabytes(most),
        );
        self.malformed(&message)
    }

    fn unread(&self, reason: &serde_json::Error) -> Error {
        match reason.is_data() {
            true => self.malformed_because(NOT_THE_DOCUMENT, reason),
            false => self.unreadable(reason),
        }
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
        self.malformed(message).because(reason)
    }

    fn malformed(&self, message: &str) -> Error {
        let fault = Fault::Malformed {
            status: self.status,
            message: message.to_owned(),
            text: self.secrets.start_of(&self.text, KEPT_TEXT),
        };
        Error::new(&*self.operation, fault)
            .at(self.endpoint)
            .after_attempts(self.attempts)
    }

    /// Returns the refusal that some servers send with a success status, as an envelope that reports problems.
    fn refused(&self) -> Error {
        let refusal = Refusal::new(self.status, &self.headers, &self.text, &self.secrets);
        Error::new(&*self.operation, Fault::Refused(refusal))
            .at(self.endpoint)
            .after_attempts(self.attempts)
    }

    pub(crate) fn with<T>(self, value: T) -> Response<T> {
        Response {
            value,
            answer: Arc::new(Received {
                status: self.status,
                headers: self.headers,
                url: self.url,
                text: self.text,
                most: self.bounds.built,
                json: OnceLock::new(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_can_be_made_for_a_test() {
        let mut headers = HeaderMap::new();
        headers.insert("x-trace", "7".parse().unwrap());
        let made = Response::new(7)
            .with_http_status(204)
            .with_headers(headers)
            .with_url("http://localhost/x")
            .with_text(r#"{"data":[1]}"#);
        let copy = made.clone().with_text("");
        assert_eq!(
            (*made, made.http_status(), made.url()),
            (7, 204, "http://localhost/x")
        );
        assert_eq!(
            (made.header("X-Trace"), &made.json()["data"][0]),
            (Some("7"), &Value::from(1))
        );
        assert_eq!(
            (copy.header("X-Trace"), copy.json()),
            (Some("7"), &Value::Null)
        );
        assert_eq!(made.text(), r#"{"data":[1]}"#);
    }

    #[test]
    fn it_serializes_as_its_value() {
        let made = Response::new(vec![1, 2]).with_text("x");
        assert_eq!(serde_json::to_string(&made).unwrap(), "[1,2]");
    }
}
