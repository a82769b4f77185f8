//! The values that each kind of setting accepts, and their form on the wire.

use serde_json::{Value, json};

use crate::settings::keys::table::Kind;
use crate::settings::keys::value::{Days, Gigabytes, SettingValue};

/// The largest number: the server counts in signed 32-bit numbers.
const MOST: u64 = i32::MAX as u64;

impl Kind {
    /// Returns a description of the values of this kind, to end a sentence with.
    pub(crate) fn expects(self) -> &'static str {
        match self {
            Self::Flag => "true or false",
            Self::Name => "3 to 220 characters",
            Self::Note | Self::Text => "a text",
            Self::Json => "a list or an object of JSON",
            Self::Number => "a whole number from 0 to 2147483647",
            Self::Limit => "a whole number from 0 to 2147483647, or the word unlimited",
            Self::Gigabytes => "a number of gigabytes, or the word unlimited",
            Self::Days => "a number of days",
            Self::Emails => "mail addresses, separated by commas or as a JSON array",
            Self::Words => "words without commas in them, separated by commas or as a JSON array",
            Self::Paths => "paths or patterns, separated by commas or as a JSON array",
            Self::Destinations => {
                "guids of destinations, :locked behind those to lock, separated by commas or as a JSON array"
            }
        }
    }

    /// Returns the value in the form in which it is compared and sent, if it is one of this kind.
    pub(crate) fn accept(self, value: SettingValue) -> Option<SettingValue> {
        use SettingValue as V;
        match (self, value) {
            (Self::Flag, V::Bool(on)) => Some(V::Bool(on)),
            (Self::Name, V::Text(name)) => {
                let name = name.trim();
                (3..=220)
                    .contains(&name.chars().count())
                    .then(|| V::Text(name.to_owned()))
            }
            (Self::Note, V::Null) => Some(V::Null),
            (Self::Note, V::Text(text)) if text.is_empty() => Some(V::Null),
            (Self::Note | Self::Text, V::Text(text)) => Some(V::Text(text)),
            (Self::Json, V::Text(text)) => is_document(&text).then_some(V::Text(text)),
            (Self::Number | Self::Limit, V::Number(number)) if number <= MOST => {
                Some(V::Number(number))
            }
            (Self::Limit | Self::Gigabytes, V::Unlimited) => Some(V::Unlimited),
            (Self::Gigabytes, V::Gigabytes(quota)) if i64::try_from(quota.bytes()).is_ok() => {
                Some(V::Gigabytes(quota))
            }
            (Self::Days, V::Days(days)) if days.minutes() <= MOST => Some(V::Days(days)),
            (kind, V::List(items)) => kind.accept_list(items).map(V::List),
            _ => None,
        }
    }

    fn accept_list(self, mut items: Vec<String>) -> Option<Vec<String>> {
        let is_item = |item: &String| match self {
            Self::Emails => item.contains('@') && !item.contains(char::is_whitespace),
            Self::Words => !item.is_empty() && !item.contains(','),
            Self::Paths => !item.is_empty(),
            Self::Destinations => !guid_in(item).is_empty(),
            _ => false,
        };
        if !items.iter().all(is_item) || !self.is_list() {
            return None;
        }
        if self == Self::Destinations {
            items.sort();
            items.dedup_by(|later, earlier| guid_in(later) == guid_in(earlier));
        }
        Some(items)
    }

    fn is_list(self) -> bool {
        matches!(
            self,
            Self::Emails | Self::Words | Self::Paths | Self::Destinations
        )
    }

    /// Reads a value that a person typed.
    pub(crate) fn parse(self, text: &str) -> Option<SettingValue> {
        let word = text.trim();
        let value = match self {
            Self::Flag => SettingValue::Bool(flag(word)?),
            Self::Name | Self::Note | Self::Text | Self::Json => {
                SettingValue::Text(text.to_owned())
            }
            Self::Limit | Self::Gigabytes if word.eq_ignore_ascii_case("unlimited") => {
                SettingValue::Unlimited
            }
            Self::Number | Self::Limit => SettingValue::Number(word.parse().ok()?),
            Self::Gigabytes => SettingValue::Gigabytes(word.parse().ok()?),
            Self::Days => SettingValue::Days(word.parse().ok()?),
            _ if word.is_empty() => SettingValue::List(Vec::new()),
            _ if word.starts_with('[') => SettingValue::List(serde_json::from_str(word).ok()?),
            _ => SettingValue::List(word.split(',').map(|item| item.trim().to_owned()).collect()),
        };
        self.accept(value)
    }

    /// Reads the natural JSON of a value, as serializing one writes it.
    pub(crate) fn read_json(self, json: &Value) -> Option<SettingValue> {
        match json {
            Value::Null => self.accept(SettingValue::Null),
            Value::Bool(on) => match self {
                Self::Text => self.accept(SettingValue::Text(on.to_string())),
                _ => self.accept(SettingValue::Bool(*on)),
            },
            Value::Number(number) => self.parse(&number.to_string()),
            Value::String(text) => self.parse(text),
            Value::Array(_) => self.parse(&json.to_string()),
            Value::Object(_) if self == Self::Json => self.parse(&json.to_string()),
            Value::Object(_) => None,
        }
    }

    /// Reads a value from the document of an organization. A value of another kind is kept as its JSON text.
    pub(crate) fn read_native(self, json: &Value) -> SettingValue {
        use SettingValue as V;
        let odd = || V::Text(json.to_string());
        match (self, json) {
            (_, Value::Null) => V::Null,
            (Self::Note, Value::String(text)) if text.is_empty() => V::Null,
            (Self::Name | Self::Note | Self::Text, Value::String(text)) => V::Text(text.clone()),
            // In `settingsInherited` and `settingsSummary`, an empty text means that no value was computed.
            (_, Value::String(text)) if text.is_empty() => V::Null,
            (Self::Flag, Value::Bool(on)) => V::Bool(*on),
            (Self::Flag, Value::String(text)) => flag(text).map_or_else(odd, V::Bool),
            (Self::Limit | Self::Gigabytes, json) if json.as_i64() == Some(-1) => V::Unlimited,
            (Self::Number | Self::Limit, json) => json.as_u64().map_or_else(odd, V::Number),
            (Self::Gigabytes, json) => json
                .as_u64()
                .map_or_else(odd, |bytes| V::Gigabytes(Gigabytes::from_bytes(bytes))),
            (Self::Emails, Value::String(text)) => V::List(vec![text.clone()]),
            (Self::Emails, Value::Array(items)) => items
                .iter()
                .map(|item| item.as_str().map(str::to_owned))
                .collect::<Option<_>>()
                .map_or_else(odd, V::List),
            (Self::Destinations, Value::Array(items)) => {
                let guid = |item: &Value| Some(item.get("guid")?.as_str()?.to_owned());
                let mut guids: Vec<String> = items.iter().filter_map(guid).collect();
                guids.sort();
                V::List(guids)
            }
            _ => odd(),
        }
    }

    pub(crate) fn write_native(self, value: &SettingValue) -> Value {
        match value {
            // An empty text clears the setting; what null does differs by server.
            SettingValue::Null => json!(""),
            SettingValue::Bool(on) => json!(on),
            SettingValue::Number(number) => json!(number),
            SettingValue::Gigabytes(quota) => json!(quota.bytes()),
            SettingValue::Days(days) => json!(days.minutes()),
            SettingValue::Unlimited => json!(-1),
            SettingValue::Text(text) => json!(text),
            SettingValue::List(items) => json!(items),
        }
    }

    /// Reads a value from places where everything is text: device defaults, and settings that are kept by key.
    pub(crate) fn read_text(self, text: &str) -> SettingValue {
        let odd = || SettingValue::Text(text.to_owned());
        match self {
            Self::Flag => flag(text).map_or_else(odd, SettingValue::Bool),
            Self::Number => text
                .trim()
                .parse()
                .map_or_else(|_| odd(), SettingValue::Number),
            Self::Days => text.trim().parse().map_or_else(
                |_| odd(),
                |minutes| SettingValue::Days(Days::from_minutes(minutes)),
            ),
            Self::Words => {
                let words = text.split(',').filter(|word| !word.is_empty());
                SettingValue::List(words.map(str::to_owned).collect())
            }
            _ => odd(),
        }
    }

    pub(crate) fn write_text(self, value: &SettingValue) -> String {
        match value {
            SettingValue::Null => String::new(),
            SettingValue::Days(days) => days.minutes().to_string(),
            SettingValue::List(items) => items.join(","),
            value => value.to_string(),
        }
    }
}

/// Returns whether a text is a list or an object of JSON.
fn is_document(text: &str) -> bool {
    let read = serde_json::from_str(text);
    matches!(read, Ok(Value::Array(_) | Value::Object(_)))
}

/// Returns the guid in the text that stands for a destination of a backup set.
pub(crate) fn guid_in(item: &str) -> &str {
    item.strip_suffix(":locked").unwrap_or(item)
}

pub(crate) fn flag(text: &str) -> Option<bool> {
    match text {
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}
