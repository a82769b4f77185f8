//! The document of an organization: its text as received, in which single places can be replaced.
//!
//! An update sends the text that was read with the changed places replaced, so that nothing unknown is lost: no key,
//! and no digit of a number.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// One step of a path into a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Key(Cow<'static, str>),
    Item(usize),
}

impl From<&'static str> for Step {
    fn from(key: &'static str) -> Self {
        Self::Key(key.into())
    }
}

impl From<usize> for Step {
    fn from(place: usize) -> Self {
        Self::Item(place)
    }
}

/// A path into a document.
pub(crate) type Path = Vec<Step>;

/// Splits dotted keys into the steps of a path.
pub(crate) fn path(keys: &'static str) -> Path {
    keys.split('.').map(Step::from).collect()
}

/// A place in a document, and the value to write there.
pub(crate) type Edit = (Path, Value);

/// The document of an organization.
#[derive(Clone, PartialEq)]
pub(crate) struct Document {
    text: String,
    value: Map<String, Value>,
}

/// The document contains the registration key, so only the names of its fields are shown.
impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.value.keys()).finish()
    }
}

impl Document {
    /// Reads the document in an answer: the `data` of the envelope, or the whole answer.
    pub(crate) fn in_answer(answer: &str) -> serde_json::Result<Self> {
        let members: Members<'_> = serde_json::from_str(answer)?;
        let data = members.0.iter().rfind(|(key, _)| key == "data");
        let text = data.map_or(answer, |(_, data)| data.get());
        Ok(Self {
            text: text.to_owned(),
            value: serde_json::from_str(text)?,
        })
    }

    /// Returns the length of the text in bytes.
    pub(crate) fn length(&self) -> usize {
        self.text.len()
    }

    pub(crate) fn value(&self) -> &Map<String, Value> {
        &self.value
    }

    pub(crate) fn get(&self, path: &[Step]) -> Option<&Value> {
        let (first, rest) = path.split_first()?;
        let Step::Key(key) = first else { return None };
        rest.iter().try_fold(self.value.get(&**key)?, step)
    }

    /// Returns the text with the values at these places replaced. A key that is missing is added if its parent exists.
    pub(crate) fn with(&self, edits: &[Edit]) -> serde_json::Result<String> {
        let edits: Vec<_> = edits
            .iter()
            .map(|(path, value)| (path.as_slice(), value))
            .collect();
        let mut written = String::with_capacity(self.text.len());
        write(&self.text, &edits, &mut written)?;
        Ok(written)
    }
}

pub(crate) fn step<'a>(value: &'a Value, step: &Step) -> Option<&'a Value> {
    match step {
        Step::Key(key) => value.get(&**key),
        Step::Item(place) => value.get(*place),
    }
}

fn write(text: &str, edits: &[(&[Step], &Value)], out: &mut String) -> serde_json::Result<()> {
    if edits.is_empty() {
        out.push_str(text);
        return Ok(());
    }
    if let Some((_, value)) = edits.iter().rfind(|(path, _)| path.is_empty()) {
        out.push_str(&serde_json::to_string(value)?);
        return Ok(());
    }
    match text.trim_start().starts_with('[') {
        true => write_items(text, edits, out),
        false => write_members(text, edits, out),
    }
}

fn write_items(
    text: &str,
    edits: &[(&[Step], &Value)],
    out: &mut String,
) -> serde_json::Result<()> {
    let items: Vec<&RawValue> = serde_json::from_str(text)?;
    out.push('[');
    for (place, item) in items.into_iter().enumerate() {
        if place > 0 {
            out.push(',');
        }
        write(item.get(), &below(edits, &Step::Item(place)), out)?;
    }
    out.push(']');
    Ok(())
}

fn write_members(
    text: &str,
    edits: &[(&[Step], &Value)],
    out: &mut String,
) -> serde_json::Result<()> {
    let members: Members<'_> = serde_json::from_str(text)?;
    let is_there = |key: &str| members.0.iter().any(|(there, _)| there == key);
    let mut separator = '{';
    let mut begin = |key: &str, out: &mut String| {
        out.push(std::mem::replace(&mut separator, ','));
        out.push_str(&serde_json::to_string(key)?);
        out.push(':');
        serde_json::Result::Ok(())
    };
    for (key, value) in &members.0 {
        begin(key, out)?;
        write(
            value.get(),
            &below(edits, &Step::Key(Cow::Owned(key.clone()))),
            out,
        )?;
    }
    for (path, value) in edits {
        if let [Step::Key(key)] = path
            && !is_there(key)
        {
            begin(key, out)?;
            out.push_str(&serde_json::to_string(value)?);
        }
    }
    if separator == '{' {
        out.push('{');
    }
    out.push('}');
    Ok(())
}

fn below<'a>(edits: &[(&'a [Step], &'a Value)], at: &Step) -> Vec<(&'a [Step], &'a Value)> {
    edits
        .iter()
        .filter_map(|(path, value)| match path.split_first() {
            Some((first, rest)) if first == at => Some((rest, *value)),
            _ => None,
        })
        .collect()
}

/// The members of an object in order, with values that are not parsed.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> serde::Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Vec<(String, &'de RawValue)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(members)
            }
        }

        deserializer.deserialize_map(InOrder).map(Members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const TEXT: &str = r#"{"data": {"a":1.10, "b":{"c":[1e400, {"d":18446744073709551616}],"\u00e9":"x"}, "e":{}}}"#;

    fn edited(edits: &[Edit]) -> String {
        Document::in_answer(TEXT.replace("1e400", "1e300").as_str())
            .unwrap()
            .with(edits)
            .unwrap()
    }

    #[test]
    fn nothing_changed_is_the_very_text() {
        assert_eq!(
            edited(&[]),
            r#"{"a":1.10, "b":{"c":[1e300, {"d":18446744073709551616}],"\u00e9":"x"}, "e":{}}"#
        );
    }

    #[test]
    fn only_what_is_changed_is_written_anew() {
        let edits = [
            (
                vec!["b".into(), "c".into(), 1.into(), "f".into()],
                json!("new"),
            ),
            (path("e.g"), json!([1])),
            (path("b.é"), json!(null)),
        ];
        assert_eq!(
            edited(&edits),
            r#"{"a":1.10,"b":{"c":[1e300,{"d":18446744073709551616,"f":"new"}],"é":null},"e":{"g":[1]}}"#
        );
    }

    #[test]
    fn without_an_envelope_it_is_the_whole() {
        let document = Document::in_answer(r#"{"orgId":7}"#).unwrap();
        assert_eq!(document.get(&path("orgId")), Some(&json!(7)));
        assert!(Document::in_answer("[]").is_err());
    }
}
