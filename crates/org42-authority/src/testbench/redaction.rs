//! Removes secrets from requests and answers before they are shown, however the secrets are written.
//!
//! Names are read the way programs read them: escapes are resolved, the case does not count, and they are split into
//! words. What looks like a secret without a name, such as a token, is removed too, and so is everything that is in
//! doubt.

mod names;
mod sentences;
mod twins;

use serde_json::{Map, Value};

use names::{is_secret, undone, words};
use sentences::{has_a_value, has_user_info, is_token};
use twins::has_twins;

/// The text that is shown in place of a secret.
pub(super) const REMOVED: &str = "[removed]";

/// Endings of the names of fields that name what the fields beside them hold.
const NAMING: &[&str] = &[
    "key",
    "name",
    "id",
    "field",
    "property",
    "propertyname",
    "setting",
    "parameter",
    "param",
    "header",
    "attribute",
    "variable",
    "label",
    "type",
    "k",
    "keys",
    "names",
    "columns",
    "fields",
];
/// Words in the names of fields that hold what a naming field beside them names.
const NAMED: &[&str] = &[
    "value", "values", "val", "data", "content", "contents", "text", "new", "old", "default",
    "setting", "raw", "v", "rows",
];
/// The signs between a name and its value in a text.
const SIGNS: [char; 6] = ['=', ':', '|', '\t', '：', '＝'];
/// How many levels of documents within texts are read.
const DEPTH: usize = 4;

/// The route of the older tokens, in lower case.
const TOKENS: &str = "authtoken";

/// Returns whether a text is a secret, or contains one: a token, a document, a form, a line of settings, an address.
fn reveals(text: &str, depth: usize) -> bool {
    let text = undone(text);
    let trimmed = text.trim();
    if is_token(trimmed) || has_user_info(trimmed) || has_a_value(trimmed) {
        return true;
    }
    if trimmed.starts_with(['{', '[', '"'])
        && let Ok(document) = serde_json::from_str::<Value>(trimmed)
    {
        return depth == 0
            || has_twins(trimmed.as_bytes())
            || without_secrets(document.clone(), depth - 1) != document;
    }
    let mut rest = trimmed;
    while let Some(at) = rest.find(SIGNS) {
        let name =
            rest[..at].trim_end_matches(|c: char| c.is_whitespace() || "\"'\\])".contains(c));
        let from = name.rfind(|c: char| c.is_whitespace() || "\"'\\,;&?{}()<>|=:/".contains(c));
        let name = from.map_or(name, |from| {
            name[from..].trim_start_matches(|c: char| !c.is_alphanumeric())
        });
        if is_secret(name) {
            return true;
        }
        rest = &rest[at + rest[at..].chars().next().map_or(1, char::len_utf8)..];
    }
    // A text in none of these forms may still be a secret's name and value as a whole.
    trimmed.contains(['{', '=']) && is_secret(trimmed)
}

fn shown_text(text: &str, depth: usize) -> String {
    match reveals(text, depth) {
        true => REMOVED.to_owned(),
        false => text.to_owned(),
    }
}

fn without_secrets(document: Value, depth: usize) -> Value {
    match document {
        Value::Object(fields) => Value::Object(fields_without_secrets(fields, depth)),
        Value::Array(rows) => {
            let mut named = false;
            let shown = rows.into_iter().map(|row| {
                let is_named = std::mem::take(&mut named);
                // A row that names a secret makes the next row its value.
                named = row.as_str().is_some_and(is_secret);
                match is_named {
                    true => REMOVED.into(),
                    false => without_secrets(row, depth),
                }
            });
            Value::Array(shown.collect())
        }
        Value::String(text) => shown_text(&text, depth).into(),
        plain => plain,
    }
}

fn fields_without_secrets(fields: Map<String, Value>, depth: usize) -> Map<String, Value> {
    let is_named = fields
        .iter()
        .any(|(name, value)| names_a_secret(name, value));
    let shown = |(name, value): (String, Value)| {
        let value = match is_secret(&name) || (is_named && is_value(&name)) {
            true => REMOVED.into(),
            false if is_named => without_values(without_secrets(value, depth)),
            false => without_secrets(value, depth),
        };
        (shown_text(&name, depth), value)
    };
    fields.into_iter().map(shown).collect()
}

/// Returns whether a field names what the fields beside it hold, and one of those is a secret: a setting that is kept
/// by key, a table with its columns.
fn names_a_secret(name: &str, value: &Value) -> bool {
    let is_naming = words(name).last().is_some_and(|last| {
        NAMING
            .iter()
            .any(|naming| last == naming || (naming.len() > 2 && last.ends_with(naming)))
    });
    let has_secret = match value {
        Value::String(text) => is_secret(text) && !is_token(text),
        Value::Array(names) => names.iter().filter_map(Value::as_str).any(is_secret),
        _ => false,
    };
    is_naming && has_secret
}

fn is_value(name: &str) -> bool {
    words(name)
        .iter()
        .any(|word| NAMED.contains(&word.as_str()))
}

/// Removes every value from a document that something around it marks as that of a secret.
fn without_values(document: Value) -> Value {
    match document {
        Value::Object(fields) => {
            let shown = fields.into_iter().map(|(name, value)| {
                let value = match is_value(&name) {
                    true => REMOVED.into(),
                    false => without_values(value),
                };
                (name, value)
            });
            Value::Object(shown.collect())
        }
        Value::Array(rows) => rows.into_iter().map(without_values).collect(),
        plain => plain,
    }
}

/// Returns the document of a body without secrets. A body that is not JSON, or has a name twice, is only measured:
/// its secrets cannot be found.
pub(super) fn shown_document(body: &[u8]) -> Value {
    if body.trim_ascii().is_empty() {
        return Value::Null;
    }
    match serde_json::from_slice(body) {
        Ok(document) if !has_twins(body) => without_secrets(document, DEPTH),
        _ => measured(body).into(),
    }
}

/// Returns whether a path or a query names a secret whose value may be in the body.
pub(super) fn asks_for_secret(path: &str, query: &[u8]) -> bool {
    let parts: Vec<&str> = path.split(['/', ';']).collect();
    let is_asked = parts
        .windows(2)
        .any(|two| is_secret(two[1]) && !is_of_routes(two[0]));
    is_asked
        || form_urlencoded::parse(query).any(|(name, value)| {
            (value.is_empty() && is_secret(&name)) || names_a_secret(&name, &Value::from(value))
        })
}

/// Returns whether the part after this one in a path is a route, whatever its name: `/api/v1/authToken`,
/// `/v3/auth/jwt`.
fn is_of_routes(part: &str) -> bool {
    const ROUTES: [&str; 4] = ["api", "c42api", "auth", "oauth"];
    let version = part.strip_prefix('v').unwrap_or("x");
    let is_version = version.bytes().all(|byte| byte.is_ascii_digit());
    part.is_empty() || is_version || ROUTES.iter().any(|route| route.eq_ignore_ascii_case(part))
}

/// Returns the document of a body without any values, since they belong to a secret that the address names.
pub(super) fn shown_values(body: &[u8]) -> Value {
    match shown_document(body) {
        Value::String(text) if text == measured(body) => text.into(),
        document => without_leaves(document),
    }
}

fn without_leaves(document: Value) -> Value {
    match document {
        Value::Object(fields) => {
            let shown = fields
                .into_iter()
                .map(|(name, value)| (name, without_leaves(value)));
            Value::Object(shown.collect())
        }
        Value::Array(rows) => rows.into_iter().map(without_leaves).collect(),
        Value::String(_) | Value::Number(_) => REMOVED.into(),
        plain => plain,
    }
}

fn measured(body: &[u8]) -> String {
    format!("[{} bytes]", body.len())
}

/// Returns the parameters of a query without secrets. They are examined one by one, before a later one of the same
/// name hides an earlier one.
pub(super) fn shown_query(query: &[u8]) -> Map<String, Value> {
    let pairs: Vec<(String, Value)> = form_urlencoded::parse(query)
        .map(|(name, value)| (name.into_owned(), Value::from(value)))
        .collect();
    let is_named = pairs
        .iter()
        .any(|(name, value)| names_a_secret(name, value));
    let shown = pairs.into_iter().map(|(name, value)| {
        let value = match is_secret(&name) || (is_named && is_value(&name)) {
            true => REMOVED.into(),
            false => without_secrets(value, DEPTH),
        };
        (shown_text(&name, DEPTH), value)
    });
    shown.collect()
}

/// Returns whether a path is that of the older tokens, in any spelling.
pub(super) fn shows_token(path: &str) -> bool {
    undone(path).to_lowercase().contains(&format!("/{TOKENS}"))
}

/// Returns a path without tokens, sessions and other secrets in it.
pub(super) fn shown_path(path: &str) -> String {
    let mut shown = String::with_capacity(path.len());
    let mut is_named = false;
    for (place, part) in path.split('/').enumerate() {
        if place > 0 {
            shown.push('/');
        }
        let (part, matrix) = part
            .split_once(';')
            .map_or((part, false), |(part, _)| (part, true));
        let plain = undone(part);
        // An encoded slash hides where a part ends.
        let hides = plain.len() != part.len() && plain.contains(['/', ';']);
        let is_removed = (is_named && !part.is_empty()) || hides || reveals(part, DEPTH);
        shown.push_str(if is_removed { REMOVED } else { part });
        if matrix {
            shown.push(';');
            shown.push_str(REMOVED);
        }
        if is_named && !part.is_empty() || matrix {
            return shown;
        }
        // The part after `auth` is a kind of it, not a secret.
        is_named |= is_secret(part) && !is_of_routes(part);
    }
    shown
}

#[cfg(test)]
mod tests;
