//! The document of an organization: the text that came, shared with the answer that it came in.

use std::fmt;
use std::mem::size_of;

use bytestring::ByteString;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::transcode::Transcode;

/// The text of a JSON object that has been read once without an error.
///
/// The fields of a document take many times the memory of its text, and few callers want them of many organizations, so
/// they are built when they are asked for and not kept.
#[derive(Clone)]
pub(super) struct Document(ByteString);

impl Document {
    pub(super) fn new(text: ByteString) -> Self {
        Self(text)
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn fields(&self) -> Map<String, Value> {
        serde_json::from_str(&self.0).unwrap_or_default()
    }

    /// Returns the same document in memory of its own.
    pub(super) fn detached(&self) -> Self {
        Self(ByteString::from(self.as_str()))
    }

    /// Returns about how many bytes the text takes in memory.
    pub(super) fn memory(&self) -> usize {
        allocated(&self.0)
    }
}

/// Returns how many bytes a text takes, with the overhead of its allocation.
pub(super) fn allocated(text: &str) -> usize {
    text.len() + 2 * size_of::<usize>()
}

/// Documents are equal when they have the same fields with the same values; order and white space do not count.
impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0 || self.fields() == other.fields()
    }
}

/// The document holds the registration key, so debug output shows only which fields there are.
impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.fields().keys()).finish()
    }
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Transcode::new(&mut serde_json::Deserializer::from_str(&self.0)).serialize(serializer)
    }
}
