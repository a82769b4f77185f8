//! The last requests, without what is secret in them.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use org42_types::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

/// How many requests are kept; the oldest go first.
pub(crate) const KEPT: usize = 1_000;
/// The largest body that is kept, in bytes.
const MAX_BODY: usize = 16 * 1024;
/// A field or parameter is secret when its name has one of these in it, in any case.
const SECRET: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "totp",
    "apikey",
    "credential",
    "authorization",
    "jwt",
    "registrationkey",
];
const REMOVED: &str = "[removed]";

/// One request, and what became of it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Received {
    /// Counted from 1 since the start.
    number: u64,
    time: Timestamp,
    method: String,
    path: String,
    query: Map<String, Value>,
    body: Value,
    /// None while it is worked on, and where the client got no answer.
    status: Option<u16>,
    /// The document that it was answered with.
    answer: Value,
    /// The number of the fault that hit it.
    fault: Option<u64>,
}

/// What a request was answered with.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answer {
    status: u16,
    body: Value,
}

impl Answer {
    pub(crate) fn new(status: u16, body: &[u8]) -> Self {
        let body = shown_body(body);
        Self { status, body }
    }
}

/// The last requests.
#[derive(Debug, Default)]
pub(crate) struct Requests(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    last: u64,
    rows: VecDeque<Received>,
}

impl Kept {
    fn find(&mut self, number: u64) -> Option<&mut Received> {
        self.rows.iter_mut().find(|row| row.number == number)
    }
}

impl Requests {
    fn with<T>(&self, act: impl FnOnce(&mut Kept) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Notes a request before anything is done about it; gives its number.
    pub(crate) fn note(
        &self,
        time: Timestamp,
        method: &str,
        path: &str,
        query: &str,
        body: &[u8],
    ) -> u64 {
        let (query, body) = (shown_query(query), shown_body(body));
        self.with(|kept| {
            kept.last += 1;
            if kept.rows.len() == KEPT {
                kept.rows.pop_front();
            }
            kept.rows.push_back(Received {
                number: kept.last,
                time,
                method: method.to_owned(),
                path: shown_path(path),
                query,
                body,
                status: None,
                answer: Value::Null,
                fault: None,
            });
            kept.last
        })
    }

    /// Notes which fault hit a request.
    pub(crate) fn hit(&self, number: u64, fault: u64) {
        self.with(|kept| {
            if let Some(row) = kept.find(number) {
                row.fault = Some(fault);
            }
        });
    }

    /// Notes how a request was answered.
    pub(crate) fn answered(&self, number: u64, answer: Option<Answer>) {
        self.with(|kept| {
            if let Some(row) = kept.find(number)
                && let Some(Answer { status, body }) = answer
            {
                row.status = Some(status);
                // Its two halves have no name.
                let is_token = row.path.to_ascii_lowercase().contains(TOKENS);
                row.answer = match is_token && !body.is_null() {
                    true => REMOVED.into(),
                    false => body,
                };
            }
        });
    }

    /// All that are kept, oldest first.
    pub(crate) fn all(&self) -> Vec<Received> {
        self.with(|kept| kept.rows.iter().cloned().collect())
    }

    /// Forgets them; the numbers go on.
    pub(crate) fn forget(&self) {
        self.with(|kept| kept.rows.clear());
    }
}

/// The route of the older tokens, in any of its spellings.
const TOKENS: &str = "/authtoken";

/// A path without the token, or the session, that is in some.
fn shown_path(path: &str) -> String {
    if let Some((path, _)) = path.split_once(';') {
        return format!("{};{REMOVED}", shown_path(path));
    }
    let lower = path.to_ascii_lowercase();
    match lower.find(TOKENS).map(|at| at + TOKENS.len()) {
        Some(end) if lower[end..].len() > 1 => format!("{}/{REMOVED}", &path[..end]),
        _ => path.to_owned(),
    }
}

fn is_secret(name: &str) -> bool {
    let name = name.to_lowercase().replace(['_', '-'], "");
    SECRET.iter().any(|word| name.contains(word))
}

fn shown_query(query: &str) -> Map<String, Value> {
    let shown = |(name, value): (std::borrow::Cow<'_, str>, std::borrow::Cow<'_, str>)| {
        let value = if is_secret(&name) { REMOVED } else { &*value };
        (name.into_owned(), Value::from(value))
    };
    form_urlencoded::parse(query.as_bytes())
        .map(shown)
        .collect()
}

/// The document of a body. What is no JSON, or too much, is only measured: nobody knows what is secret in it.
fn shown_body(body: &[u8]) -> Value {
    if body.trim_ascii().is_empty() {
        return Value::Null;
    }
    match serde_json::from_slice(body) {
        Ok(document) if body.len() <= MAX_BODY => without_secrets(document),
        _ => format!("[{} bytes]", body.len()).into(),
    }
}

fn without_secrets(document: Value) -> Value {
    match document {
        Value::Object(fields) => {
            // A setting that is kept by key has its name beside its value.
            let key = fields.get("key").and_then(Value::as_str);
            let is_named = key.is_some_and(is_secret);
            let shown = |(name, value): (String, Value)| {
                let value = match is_secret(&name) || (is_named && name == "value") {
                    true => REMOVED.into(),
                    false => without_secrets(value),
                };
                (name, value)
            };
            Value::Object(fields.into_iter().map(shown).collect())
        }
        Value::Array(rows) => Value::Array(rows.into_iter().map(without_secrets).collect()),
        // A text that has fields of its own, written as JSON or as in a form.
        Value::String(text) if is_secret(&text) && text.contains(['{', '=']) => REMOVED.into(),
        plain => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_secret_is_removed_wherever_it_stands() {
        let body = json!({
            "packets": [{"key": "c42.proxy.password", "value": "hunter2"}, {"key": "a", "value": "b"}],
            "data": "{\"password\": \"hunter2\"}",
            "note": "the password is not here",
            "nested": {"Api-Key": "hunter2", "pwd": "hunter2"},
        });
        let shown = shown_body(body.to_string().as_bytes());
        assert!(!shown.to_string().contains("hunter"), "{shown}");
        assert_eq!(shown["packets"][1]["value"], "b");
        assert_eq!(shown["note"], body["note"]);
        assert_eq!(shown_body(br#""password=hunter2""#), json!(REMOVED));
        assert_eq!(
            shown_path("/api/Org/2;jsessionid=hunter2"),
            "/api/Org/2;[removed]"
        );
        assert_eq!(shown_path("/api/authToken"), "/api/authToken");
    }
}
