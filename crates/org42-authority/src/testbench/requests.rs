//! The log of the last requests, raw and within bounds; secrets are removed when they are shown.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use org42_types::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::http::intake::values;

use super::redaction::{
    REMOVED, asks_for_secret, shown_document, shown_path, shown_query, shown_values, shows_token,
};

/// How many requests are kept; the oldest are dropped first.
const KEPT: usize = 1_000;
/// The most memory that all of them together may take, in bytes; the oldest are dropped first.
const BUDGET: usize = 16 * 1024 * 1024;
/// The longest body, query or answer that is kept, in bytes. Longer ones are only measured.
pub(crate) const MAX_TEXT: usize = 16 * 1024;
/// The longest path that is kept, in bytes.
const MAX_PATH: usize = 2 * 1024;
/// The longest method that is kept, in bytes.
const MAX_METHOD: usize = 32;
/// The memory that a row takes beside its texts, in bytes.
const ROW: usize = 512;
/// The memory that each value of a document takes for a reader that parses it, in bytes.
const VALUE: usize = 64;

/// A text that was received or sent, unchanged.
#[derive(Clone, Default)]
enum Text {
    #[default]
    Nothing,
    Kept(Kept),
    /// A text that is too long to be kept; its length in bytes.
    Measured(usize),
}

/// A text with the memory that it takes, counted once.
#[derive(Clone)]
struct Kept {
    text: Box<[u8]>,
    weight: usize,
}

impl Text {
    /// Copies a text, so that no larger buffer stays in memory.
    fn of(text: &[u8], longest: usize) -> Self {
        match text.len() {
            0 => Self::Nothing,
            length if length <= longest => Self::Kept(Kept {
                text: text.into(),
                weight: length + VALUE * values(text),
            }),
            length => Self::Measured(length),
        }
    }

    fn weight(&self) -> usize {
        match self {
            Self::Kept(kept) => kept.weight,
            Self::Nothing | Self::Measured(_) => 0,
        }
    }

    fn shown<T: Default>(
        &self,
        show: impl FnOnce(&[u8]) -> T,
        measured: impl Fn(String) -> T,
    ) -> T {
        match self {
            Self::Nothing => T::default(),
            Self::Kept(kept) => show(&kept.text),
            Self::Measured(length) => measured(format!("[{length} bytes]")),
        }
    }
}

/// One request, with its answer.
#[derive(Clone)]
struct Row {
    /// The number, counted from 1 since the start.
    number: u64,
    time: Timestamp,
    method: Text,
    path: Text,
    query: Text,
    body: Text,
    status: Option<u16>,
    answer: Text,
    fault: Option<u64>,
}

impl Row {
    fn weight(&self) -> usize {
        let texts = [
            &self.method,
            &self.path,
            &self.query,
            &self.body,
            &self.answer,
        ];
        ROW + texts.into_iter().map(Text::weight).sum::<usize>()
    }

    fn shown(&self) -> NotedRequest {
        let lossy = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
        let path = self.path.shown(lossy, |measure| measure);
        let query = self.query.shown(<[u8]>::to_vec, |_| Vec::new());
        let show = match asks_for_secret(&path, &query) {
            true => shown_values,
            false => shown_document,
        };
        let document = |text: &Text| text.shown(show, Value::from);
        NotedRequest {
            number: self.number,
            time: self.time,
            method: self.method.shown(lossy, |measure| measure),
            query: self.query.shown(shown_query, |measure| {
                Map::from_iter([(measure, Value::from(""))])
            }),
            body: document(&self.body),
            status: self.status,
            answer: match (shows_token(&path), &self.answer) {
                (_, Text::Nothing) => Value::Null,
                // The two halves of a token have no names by which they could be found.
                (true, _) => REMOVED.into(),
                (false, answer) => document(answer),
            },
            path: shown_path(&path),
            fault: self.fault,
        }
    }
}

/// A request as it is shown.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NotedRequest {
    /// The number of the request, from 1.
    number: u64,
    /// When it came.
    time: Timestamp,
    /// The method.
    method: String,
    /// The path, without secrets.
    path: String,
    /// A later parameter of a name hides an earlier one.
    #[schema(value_type = std::collections::HashMap<String, String>)]
    query: Map<String, Value>,
    /// Untyped because it is what a client sent, whatever that was.
    body: Value,
    /// `null` while the request is worked on, and where the client got no answer.
    status: Option<u16>,
    /// Untyped because it is what the request was answered with, whatever that was.
    answer: Value,
    /// The number of the fault that hit it.
    fault: Option<u64>,
}

/// The answer to a request.
#[derive(Default)]
pub(crate) struct Answer {
    status: u16,
    body: Text,
}

impl Answer {
    pub(crate) fn new(status: u16, body: &[u8]) -> Self {
        let body = Text::of(body, MAX_TEXT);
        Self { status, body }
    }

    /// Returns an answer of whose body only the length is known.
    pub(crate) fn measured(status: u16, length: usize) -> Self {
        let body = Text::Measured(length);
        Self { status, body }
    }
}

/// The log of the last requests.
#[derive(Default)]
pub(crate) struct Requests(Mutex<Log>);

// Requests hold secrets until they are shown.
impl fmt::Debug for Requests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kept = self.kept();
        f.debug_struct("Requests")
            .field("last", &kept.last)
            .field("weight", &kept.weight)
            .finish_non_exhaustive()
    }
}

#[derive(Default)]
struct Log {
    last: u64,
    weight: usize,
    rows: VecDeque<Row>,
}

impl Log {
    /// Returns the index of a number's row, or of the place where it would be.
    fn place(&self, number: u64) -> usize {
        self.rows.partition_point(|row| row.number < number)
    }

    fn change(&mut self, number: u64, change: impl FnOnce(&mut Row)) {
        let place = self.place(number);
        let Some(row) = self.rows.get_mut(place).filter(|row| row.number == number) else {
            return;
        };
        let before = row.weight();
        change(row);
        self.weight = self.weight - before + row.weight();
        self.keep_within_bounds();
    }

    fn keep_within_bounds(&mut self) {
        while self.rows.len() > KEPT || self.weight > BUDGET {
            let Some(oldest) = self.rows.pop_front() else {
                return;
            };
            self.weight -= oldest.weight();
        }
    }
}

impl Requests {
    fn kept(&self) -> MutexGuard<'_, Log> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a request before it is handled; returns its number.
    pub(crate) fn note(
        &self,
        time: Timestamp,
        method: &str,
        path: &str,
        query: &str,
        body: &[u8],
    ) -> u64 {
        let mut row = Row {
            number: 0,
            time,
            method: Text::of(method.as_bytes(), MAX_METHOD),
            path: Text::of(path.as_bytes(), MAX_PATH),
            query: Text::of(query.as_bytes(), MAX_TEXT),
            body: Text::of(body, MAX_TEXT),
            status: None,
            answer: Text::Nothing,
            fault: None,
        };
        let mut kept = self.kept();
        kept.last += 1;
        row.number = kept.last;
        kept.weight += row.weight();
        kept.rows.push_back(row);
        kept.keep_within_bounds();
        kept.last
    }

    /// Notes the fault that hit a request.
    pub(crate) fn hit(&self, number: u64, fault: u64) {
        self.kept().change(number, |row| row.fault = Some(fault));
    }

    /// Notes the answer to a request.
    pub(crate) fn answered(&self, number: u64, Answer { status, body }: Answer) {
        self.kept().change(number, |row| {
            row.status = Some(status);
            row.answer = body;
        });
    }

    /// Notes the length of a body that was too long to be kept or even read.
    pub(crate) fn body_measured(&self, number: u64, length: usize) {
        self.kept()
            .change(number, |row| row.body = Text::Measured(length));
    }

    /// Returns the number of the last request.
    pub(crate) fn last(&self) -> u64 {
        self.kept().last
    }

    /// Returns the first kept request after `number`, as JSON without secrets, with its number.
    pub(crate) fn after(&self, number: u64) -> Option<(u64, Vec<u8>)> {
        let row = {
            let kept = self.kept();
            kept.rows.get(kept.place(number + 1))?.clone()
        };
        let shown = serde_json::to_vec(&row.shown()).unwrap_or_else(|_| b"null".to_vec());
        Some((row.number, shown))
    }

    /// Removes all requests; the numbers go on.
    pub(crate) fn forget(&self) {
        let mut kept = self.kept();
        kept.rows = VecDeque::new();
        kept.weight = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(requests: &Requests, body: &[u8]) -> u64 {
        requests.note(Timestamp::EPOCH, "POST", "/x", "", body)
    }

    #[test]
    fn they_are_bounded_in_number_and_in_weight() {
        let requests = Requests::default();
        for _ in 0..KEPT + 100 {
            note(&requests, b"{}");
        }
        assert_eq!(requests.kept().rows.len(), KEPT);
        let hostile = [&b"["[..], &b"{},".repeat(5_000), b"0]"].concat();
        for _ in 0..500 {
            let number = note(&requests, &hostile);
            requests.answered(number, Answer::new(200, &hostile));
        }
        let kept = requests.kept();
        let weight: usize = kept.rows.iter().map(Row::weight).sum();
        assert_eq!(kept.weight, weight);
        assert!(weight <= BUDGET && kept.rows.len() < 100);
    }

    #[test]
    fn what_is_gone_is_passed_over() {
        let requests = Requests::default();
        let first = note(&requests, b"1");
        requests.forget();
        requests.answered(first, Answer::new(200, b""));
        let second = note(&requests, b"2");
        assert_eq!(requests.after(0).map(|row| row.0), Some(second));
        assert_eq!(requests.after(second), None);
    }
}
