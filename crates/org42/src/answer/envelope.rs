//! The envelope around most answers, such as `{"metadata": …, "data": …}`: finds its content in the text without
//! building anything.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Finds the content of an answer: that of the envelope, or the whole document if there is no envelope. `None` if the
/// answer reports problems, in an envelope or as the bare array of the oldest routes.
pub(crate) fn content_of(text: &str) -> serde_json::Result<Option<&str>> {
    if !text.trim_start().starts_with('{') {
        let whole: &RawValue = serde_json::from_str(text)?;
        return Ok(match reports_problems(whole.get()) {
            true => None,
            false => Some(whole.get()),
        });
    }
    let envelope: Envelope<'_> = serde_json::from_str(text)?;
    let reported = |member: Option<&RawValue>, nothing: &[&str]| {
        member.is_some_and(|member| !nothing.contains(&member.get()))
    };
    Ok(match envelope.data {
        _ if reported(envelope.error, &["null"]) || reported(envelope.errors, &["null", "[]"]) => {
            None
        }
        Some(data) => Some(data.get()),
        None => Some(text),
    })
}

/// Returns whether a list is one of problems, each a name with its description and nothing else.
pub(crate) fn reports_problems(list: &str) -> bool {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Reported<'a> {
        #[serde(borrow, rename = "name")]
        _name: &'a RawValue,
        #[serde(borrow, rename = "description")]
        _description: &'a RawValue,
        #[serde(borrow, default, rename = "objects")]
        _objects: Option<&'a RawValue>,
    }
    /// As many as any server names.
    const MOST: usize = 64 * 1024;
    let reported = || serde_json::from_str::<Vec<Reported<'_>>>(list);
    list.len() <= MOST && reported().is_ok_and(|reported| !reported.is_empty())
}

/// The members of an envelope; the last of each name counts.
#[derive(Default)]
struct Envelope<'a> {
    data: Option<&'a RawValue>,
    error: Option<&'a RawValue>,
    errors: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum Member {
    Data,
    Error,
    Errors,
    #[serde(other)]
    Other,
}

impl<'de> Deserialize<'de> for Envelope<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Envelope<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a document")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut envelope = Envelope::default();
        while let Some(member) = members.next_key()? {
            match member {
                Member::Data => envelope.data = Some(members.next_value()?),
                Member::Error => envelope.error = Some(members.next_value()?),
                Member::Errors => envelope.errors = Some(members.next_value()?),
                Member::Other => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(envelope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_is_in_the_envelope_or_is_all() {
        for (text, content) in [
            (
                r#" {"metadata":{},"data": {"a":1} ,"error":null}"#,
                Some(r#"{"a":1}"#),
            ),
            (r#"{"data":null}"#, Some("null")),
            (r#"{"data":1,"data":[2]}"#, Some("[2]")),
            (r#"{"a":{"data":1}}"#, Some(r#"{"a":{"data":1}}"#)),
            (" [1, 2] ", Some("[1, 2]")),
            ("null", Some("null")),
            (r#"{"data":1,"errors":[],"error":null}"#, Some("1")),
            (r#"{"data":1,"error":[]}"#, None),
            (r#"{"error":"no"}"#, None),
            (r#"{"data":1,"errors":[{"code":"X"}]}"#, None),
            (r#"[{"name":"SYSTEM","description":null}]"#, None),
            (
                r#"[{"name":"SYSTEM","description":"d","objects":[1]}]"#,
                None,
            ),
            (
                r#"[{"name":"n","value":"v"}]"#,
                Some(r#"[{"name":"n","value":"v"}]"#),
            ),
            ("[]", Some("[]")),
        ] {
            assert_eq!(content_of(text).unwrap(), content, "{text}");
        }
    }

    #[test]
    fn what_is_no_json_has_no_content() {
        for text in ["", "<html>", r#"{"data":1"#, r#"{"data":1}}"#, "[1", "1 2"] {
            assert!(content_of(text).is_err(), "{text}");
        }
    }
}
