//! What an organization's document is kept as: the fields that were read, or the text, read when it is asked for.

use std::fmt;
use std::mem::size_of;
use std::sync::OnceLock;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

/// The fields of a document take many times the memory of its text, and of the many organizations of a listing hardly
/// anybody wants them all.
#[derive(Clone)]
pub(crate) struct Document {
    text: Option<Box<str>>,
    fields: OnceLock<Map<String, Value>>,
}

impl Document {
    pub(crate) fn of_fields(fields: Map<String, Value>) -> Self {
        Self {
            text: None,
            fields: OnceLock::from(fields),
        }
    }

    /// Of a text that was read before, and is an object.
    pub(crate) fn of_text(text: &str) -> Self {
        Self {
            text: Some(text.into()),
            fields: OnceLock::new(),
        }
    }

    /// The fields, which are kept from then on.
    pub(crate) fn fields(&self) -> &Map<String, Value> {
        self.fields.get_or_init(|| self.read())
    }

    /// A copy of the fields; none are kept.
    pub(crate) fn to_fields(&self) -> Map<String, Value> {
        self.fields.get().cloned().unwrap_or_else(|| self.read())
    }

    fn read(&self) -> Map<String, Value> {
        let text = self.text.as_deref().unwrap_or("{}");
        serde_json::from_str(text).unwrap_or_default()
    }

    /// About how many bytes it takes.
    pub(crate) fn size(&self) -> usize {
        let fields = self.fields.get().map_or(0, |fields| {
            let each = fields.iter().map(|(key, value)| entry(key, value));
            each.sum::<usize>()
        });
        self.text.as_deref().map_or(0, allocated) + fields
    }
}

/// What a text takes, with what its place in the heap costs.
pub(crate) fn allocated(text: &str) -> usize {
    text.len() + 16
}

fn entry(key: &str, value: &Value) -> usize {
    // The nodes of the map are about half full.
    2 * (size_of::<String>() + size_of::<Value>()) + allocated(key) + below(value)
}

fn below(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => allocated(text),
        Value::Array(items) => items
            .iter()
            .map(|item| 2 * size_of::<Value>() + below(item))
            .sum(),
        Value::Object(fields) => fields.iter().map(|(key, value)| entry(key, value)).sum(),
    }
}

impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        self.fields() == other.fields()
    }
}

/// The document holds the registration key, so debug output shows only which fields there are.
impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.to_fields().keys()).finish()
    }
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.fields.get() {
            Some(fields) => fields.serialize(serializer),
            None => self.read().serialize(serializer),
        }
    }
}
