//! A value of a document that may be absent, null or present.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The value of a field of a document, or why there is none.
///
/// "Not mentioned", `null` and `""` mean different things in some fields of the API (`notes`, `orgExtRef`).
///
/// ```
/// use org42_types::Field;
///
/// let notes = Field::Value("VIP".to_owned());
/// assert_eq!(notes.as_deref(), Some("VIP"));
/// assert_eq!(Field::<String>::Null.as_deref(), None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Field<T> {
    /// The document does not mention the field.
    #[default]
    Absent,
    /// The document says `null`.
    Null,
    /// The document has a value, which may be empty.
    Value(T),
}

impl<T> Field<T> {
    /// Returns whether the document does not mention the field; used to leave it out of a body.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// Returns the value, where there is one.
    #[must_use]
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// Returns the value, or the default where there is none.
    ///
    /// ```
    /// use org42_types::Field;
    ///
    /// assert_eq!(Field::Value("VIP".to_owned()).unwrap_or_default(), "VIP");
    /// assert_eq!(Field::<String>::Absent.unwrap_or_default(), "");
    /// ```
    #[must_use]
    pub fn unwrap_or_default(self) -> T
    where
        T: Default,
    {
        Option::from(self).unwrap_or_default()
    }
}

/// The value, where there is one.
impl<T> From<Field<T>> for Option<T> {
    fn from(field: Field<T>) -> Self {
        match field {
            Field::Value(value) => Some(value),
            Field::Absent | Field::Null => None,
        }
    }
}

impl<T: std::ops::Deref> Field<T> {
    /// Returns the value as a reference to what it points to, where there is one.
    #[must_use]
    pub fn as_deref(&self) -> Option<&T::Target> {
        self.value().map(|value| &**value)
    }
}

impl<T: Serialize> Serialize for Field<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Option::deserialize(deserializer)? {
            Some(value) => Self::Value(value),
            None => Self::Null,
        })
    }
}
