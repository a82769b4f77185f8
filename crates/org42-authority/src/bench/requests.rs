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
const SECRET: &[&str] = &["password", "secret", "token", "totp", "registrationkey"];
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

    /// Notes how a request was answered, and which fault hit it.
    pub(crate) fn answered(&self, number: u64, answer: Option<Answer>, fault: Option<u64>) {
        self.with(|kept| {
            if let Some(row) = kept.rows.iter_mut().find(|row| row.number == number) {
                row.fault = fault;
                if let Some(Answer { status, body }) = answer {
                    row.status = Some(status);
                    // Its two halves have no name.
                    let is_token = row.path.to_ascii_lowercase().contains(TOKENS);
                    row.answer = match is_token && !body.is_null() {
                        true => REMOVED.into(),
                        false => body,
                    };
                }
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

/// A path without the token that is in some.
fn shown_path(path: &str) -> String {
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
            let shown = |(name, value): (String, Value)| {
                let value = match is_secret(&name) {
                    true => REMOVED.into(),
                    false => without_secrets(value),
                };
                (name, value)
            };
            Value::Object(fields.into_iter().map(shown).collect())
        }
        Value::Array(rows) => Value::Array(rows.into_iter().map(without_secrets).collect()),
        plain => plain,
    }
}
