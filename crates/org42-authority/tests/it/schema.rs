//! Compares answers with the OpenAPI document: each field is documented, each is of its type.

use std::collections::HashSet;
use std::sync::LazyLock;

use serde_json::{Map, Value};

static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(&org42_authority::openapi()).unwrap());

/// Asserts that an answer that succeeded is one that the document promises.
#[track_caller]
pub(crate) fn check(method: &str, path: &str, status: u16, text: &str) {
    let Some(operation) = operation(method, path) else {
        return;
    };
    let answer = &operation["responses"][status.to_string()];
    if !(200..300).contains(&status) || answer.is_null() {
        return;
    }
    let schema = &answer["content"]["application/json"]["schema"];
    if schema.is_null() {
        return assert_eq!(text, "", "{method} {path} has no document");
    }
    // Faults spoil answers on purpose.
    let Ok(value) = serde_json::from_str(text) else {
        return;
    };
    let documented = fits(schema, &value);
    assert_eq!(documented, Ok(()), "{method} {path} is not as documented");
}

/// Finds the operation of a path that is spelled as in the document.
fn operation(method: &str, path: &str) -> Option<&'static Value> {
    let path = path.split('?').next().unwrap_or_default();
    let matches = |route: &str| {
        let (mut route, mut path) = (route.split('/'), path.split('/'));
        loop {
            match (route.next(), path.next()) {
                (None, None) => return true,
                (Some(wanted), Some(is)) if wanted == is || wanted.starts_with('{') => {}
                _ => return false,
            }
        }
    };
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let routes = paths.iter().filter(|(route, _)| matches(route));
    let (_, route) = routes.min_by_key(|(route, _)| route.matches('{').count())?;
    route.get(method.to_ascii_lowercase())
}

fn resolved(schema: &Value) -> &Value {
    match schema["$ref"].as_str() {
        Some(name) => resolved(DOCUMENT.pointer(name.trim_start_matches('#')).unwrap()),
        None => schema,
    }
}

/// Whether a value is of a schema, and has no field that the schema does not know.
fn fits(schema: &Value, value: &Value) -> Result<(), String> {
    let mut known = HashSet::new();
    reads(schema, value, &mut known)?;
    let is_open = |schema: &Value| {
        let text = resolved(schema)["description"].as_str();
        text.is_some_and(|text| text.contains("Untyped because "))
    };
    let fields = value.as_object().filter(|_| !is_open(schema));
    let unknown = fields.and_then(|fields| fields.keys().find(|name| !known.contains(*name)));
    match unknown {
        Some(name) => Err(format!("{name} is not documented")),
        None => Ok(()),
    }
}

/// Whether a value is of a schema. Notes the fields that the schema knows.
fn reads(schema: &Value, value: &Value, known: &mut HashSet<String>) -> Result<(), String> {
    let schema = resolved(schema);
    let parts = |name: &str| schema[name].as_array().into_iter().flatten();
    for part in parts("allOf") {
        reads(part, value, known)?;
    }
    let mut refusals = Vec::new();
    let mut fitting = 0;
    for part in parts("oneOf") {
        match reads(part, value, known) {
            Ok(()) => fitting += 1,
            Err(why) => refusals.push(why),
        }
    }
    if schema["oneOf"].is_array() && fitting != 1 {
        return Err(format!(
            "{value} is of {fitting} schemas of one: {refusals:?}"
        ));
    }
    if !is_of_type(&schema["type"], value) {
        return Err(format!("{value} is no {}", schema["type"]));
    }
    let mut choices = schema["enum"].as_array().into_iter().flatten().peekable();
    if choices.peek().is_some() && !choices.any(|choice| choice == value) {
        return Err(format!("{value} is none of {}", schema["enum"]));
    }
    match value {
        Value::Object(fields) => fields_read(schema, fields, known),
        Value::Array(list) if schema["items"].is_object() => list
            .iter()
            .try_for_each(|item| fits(&schema["items"], item)),
        _ => Ok(()),
    }
}

fn fields_read(
    schema: &Value,
    fields: &Map<String, Value>,
    known: &mut HashSet<String>,
) -> Result<(), String> {
    for name in schema["required"].as_array().into_iter().flatten() {
        let name = name.as_str().unwrap();
        if !fields.contains_key(name) {
            return Err(format!("{name} is missing"));
        }
    }
    let properties = schema["properties"].as_object();
    let property = |name: &str| properties.and_then(|properties| properties.get(name));
    let others = &schema["additionalProperties"];
    for (name, value) in fields {
        match property(name) {
            Some(schema) => fits(schema, value).map_err(|why| format!("{name}: {why}"))?,
            None if *others == Value::Bool(false) => return Err(format!("{name} is one too many")),
            None if others.is_object() => fits(others, value)?,
            None => continue,
        }
        known.insert(name.clone());
    }
    Ok(())
}

fn is_of_type(wanted: &Value, value: &Value) -> bool {
    let is = |kind: &str| match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        // A type that JSON has not fits nothing, so its answer fails the test.
        _ => false,
    };
    match wanted {
        Value::String(kind) => is(kind),
        Value::Array(kinds) => kinds.iter().any(|kind| is(kind.as_str().unwrap())),
        _ => true,
    }
}
