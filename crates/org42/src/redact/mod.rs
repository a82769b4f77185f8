//! Removes secrets from what a server sends, in whichever encoding it repeats them. Nothing here knows a request or an
//! error.

mod encodings;
mod packed;
mod shapes;
mod traces;
mod unescape;

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use org42_types::Problem;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use encodings::Needle;
use traces::Traces;

/// The text that replaces a secret.
pub(crate) const REDACTED: &str = "[redacted]";

/// How many secrets are remembered: the tokens of a whole day, and the secrets that do not change.
const REMEMBERED: usize = 64;

/// The most bytes of a secret that is also searched for in base64 and hexadecimal.
const LONGEST_ENCODED: usize = 256;

/// The most bytes of a text that are searched and shown; the rest is cut off.
const LONGEST_TEXT: usize = 256 * 1024;

/// The most bytes that are kept of one text in a document: searching more for secrets takes too long.
const KEPT_VALUE: usize = 16 * 1024;

/// The fewest bytes of such a secret: shorter ones are found by chance.
const SHORTEST_ENCODED: usize = 4;

/// The secrets that a client has used, so that none of them is shown if a server repeats it, in the answer to the same
/// request or in a later one.
#[derive(Default)]
pub(crate) struct Secrets(Mutex<VecDeque<KnownSecret>>);

struct KnownSecret {
    secret: SecretString,
    needles: Vec<Needle>,
    traces: Traces,
}

impl KnownSecret {
    fn new(secret: &SecretString) -> Self {
        let text = secret.expose_secret();
        let mut forms = vec![text.to_owned()];
        if (SHORTEST_ENCODED..=LONGEST_ENCODED).contains(&text.len()) {
            let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
            forms.extend([
                STANDARD_NO_PAD.encode(text),
                URL_SAFE_NO_PAD.encode(text),
                hex,
            ]);
            // The secret may be base64 itself, and be repeated without the padding.
            forms.push(text.trim_end_matches('=').to_owned());
        }
        forms.retain(|form| !form.is_empty());
        forms.sort();
        forms.dedup();
        Self {
            traces: Traces::new(text),
            secret: secret.clone(),
            needles: forms.iter().map(|form| Needle::new(form)).collect(),
        }
    }
}

impl Secrets {
    /// Remembers secrets, each once; those that have not been used for the longest time are forgotten.
    pub(crate) fn learn<'a>(&self, secrets: impl IntoIterator<Item = &'a SecretString>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for secret in secrets {
            let text = secret.expose_secret();
            if text.is_empty() {
                continue;
            }
            let place = known
                .iter()
                .position(|known| known.secret.expose_secret() == text);
            let this = match place {
                Some(0) => continue,
                Some(place) => known.remove(place),
                None => None,
            };
            known.push_front(this.unwrap_or_else(|| KnownSecret::new(secret)));
            known.truncate(REMEMBERED);
        }
    }

    /// Returns the text without the known secrets, and without anything that looks like a secret.
    pub(crate) fn redact(&self, text: &str) -> String {
        let text = &text[..text.floor_char_boundary(LONGEST_TEXT)];
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let needles: Vec<&Needle> = known.iter().flat_map(|known| &known.needles).collect();
        let mut shown = String::with_capacity(text.len());
        let mut place = 0;
        while let Some(next) = text[place..].chars().next() {
            let ends = needles.iter().filter_map(|needle| needle.at(text, place));
            let end = ends.max().or_else(|| shapes::at(text, place));
            match end.filter(|end| *end > place) {
                Some(end) => {
                    shown.push_str(REDACTED);
                    place = end;
                }
                None => {
                    shown.push(next);
                    place += next.len_utf8();
                }
            }
        }
        let traces: Vec<&Traces> = known.iter().map(|known| &known.traces).collect();
        match traces::are_in(&shown, &traces) {
            true => REDACTED.to_owned(),
            false => shown,
        }
    }

    /// Returns the start of a text as an error may keep it: at most `kept` bytes.
    ///
    /// Only the start is searched. The last bytes before the cut may be the beginning of a secret, and are left out.
    pub(crate) fn start_of(&self, text: &str, kept: usize) -> String {
        let window = kept.saturating_mul(2);
        let cut = text.floor_char_boundary(window);
        let mut shown = self.redact(&text[..cut]);
        if cut < text.len() {
            let unsure = self.longest();
            shown.truncate(shown.floor_char_boundary(shown.len().saturating_sub(unsure)));
        }
        shown.truncate(shown.floor_char_boundary(kept));
        shown
    }

    /// Returns how many bytes a secret can take in the longest of its usual encodings.
    fn longest(&self) -> usize {
        let length = |c: char| match c {
            '-' | '.' | '_' => 1,
            plain if plain.is_ascii_alphanumeric() => 1,
            // For instance `&quot;` and `%25C3%25A9`.
            other if other.is_ascii() => 6,
            _ => 20,
        };
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lengths = known
            .iter()
            .map(|known| known.secret.expose_secret().chars().map(length).sum());
        lengths.max().unwrap_or_default()
    }

    /// Returns a problem without secrets in any of its texts.
    pub(crate) fn redact_problem(&self, mut problem: Problem, kept: usize) -> Problem {
        problem.name = self.start_of(&problem.name, kept);
        problem.description = self.start_of(&problem.description, kept);
        let objects = problem.objects.into_iter();
        problem.objects = objects.map(|object| self.redact_value(object)).collect();
        problem
    }

    fn redact_value(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.start_of(&text, KEPT_VALUE)),
            Value::Array(items) => items
                .into_iter()
                .map(|item| self.redact_value(item))
                .collect(),
            Value::Object(fields) => fields
                .into_iter()
                .map(|(key, value)| (self.redact(&key), self.redact_value(value)))
                .collect(),
            Value::Number(number) => match self.redact(&number.to_string()) {
                same if same == number.to_string() => Value::Number(number),
                redacted => Value::String(redacted),
            },
            other => other,
        }
    }

    /// Returns the reason why an answer could not be read, without secrets, since such a reason may quote the answer.
    pub(crate) fn reason(&self, reason: &impl fmt::Display) -> Reason {
        Reason(self.start_of(&reason.to_string(), 1024))
    }
}

/// A redacted cause of an error.
#[derive(Debug)]
pub(crate) struct Reason(String);

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Reason {}

#[cfg(test)]
mod tests;
