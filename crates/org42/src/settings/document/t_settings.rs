//! The settings that the API keeps by key, and the packets that change them.

use std::collections::BTreeMap;
use std::fmt;

use org42_types::OrgId;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A t-setting as it is in force for an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TSetting {
    /// The value in force, always a text.
    pub value: String,
    /// Whether the organizations below the one that provides it cannot have another value.
    pub locked: bool,
    /// The organization that provides it; another one than the requested if the setting is inherited.
    pub id: Option<OrgId>,
    /// The scope; only `ORG` was ever seen.
    pub scope: Option<String>,
}

/// Accepts any JSON: values are texts, but a server may send `true` itself.
impl From<Value> for TSetting {
    fn from(sent: Value) -> Self {
        let value = if sent.is_object() {
            &sent["value"]
        } else {
            &sent
        };
        Self {
            value: match value {
                Value::String(text) => text.clone(),
                Value::Null => String::new(),
                other => other.to_string(),
            },
            locked: sent["locked"] == true || sent["locked"] == "true",
            id: OrgId::deserialize(&sent["id"]).ok(),
            scope: sent["scope"].as_str().map(str::to_owned),
        }
    }
}

/// A change of a t-setting, in the form in which it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Packet {
    /// The key on the wire.
    pub key: String,
    /// The new value.
    pub value: String,
    /// Whether the organizations below are kept from setting another value. An update leaves it as it is.
    pub locked: bool,
}

/// The body that changes t-settings.
#[derive(Serialize)]
pub(crate) struct Packets<'a> {
    pub(crate) packets: &'a [Packet],
}

/// The t-settings of an organization, by key.
pub(crate) type TSettings = BTreeMap<String, TSetting>;

impl fmt::Display for Packet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}", self.key, self.value)
    }
}
