//! The settings that the API keeps by key, and the packets that change them.

use std::collections::BTreeMap;
use std::fmt;

use org42_types::OrgId;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// A t-setting as the server has it in force for an organization.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct TSetting {
    /// What is in force, always a text.
    #[serde(default, deserialize_with = "text")]
    pub value: String,
    /// Whether the organizations below the one that provides it cannot have another value.
    #[serde(default, deserialize_with = "yes")]
    pub locked: bool,
    /// The organization that provides it; not the asked one where it is inherited.
    #[serde(default, deserialize_with = "id")]
    pub id: Option<OrgId>,
    /// What it is set for; only `ORG` was ever seen.
    #[serde(default, deserialize_with = "maybe_text")]
    pub scope: Option<String>,
}

/// A change of a t-setting, as it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Packet {
    /// The key on the wire.
    pub key: String,
    /// The new value.
    pub value: String,
    /// Whether the organizations below are to have no other value. It stays as it is.
    pub locked: bool,
}

/// The body that changes t-settings.
#[derive(Serialize)]
pub(crate) struct Packets<'a> {
    pub(crate) packets: &'a [Packet],
}

/// What the read gives.
pub(crate) type TSettings = BTreeMap<String, TSetting>;

impl fmt::Display for Packet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}", self.key, self.value)
    }
}

/// Values are texts, but a server that means `true` may say so.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => text,
        Value::Null => String::new(),
        other => other.to_string(),
    })
}

fn maybe_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    Ok(value.as_str().map(str::to_owned))
}

fn yes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    let value = Value::deserialize(deserializer)?;
    Ok(value == Value::Bool(true) || value.as_str() == Some("true"))
}

fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<OrgId>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    Ok(OrgId::deserialize(value).ok())
}
