//! The OpenAPI document is complete, typed, and the one that is committed.

use std::collections::HashSet;

use org42_authority::openapi;
use org42_types::endpoints::{ALL, authority};
use serde_json::Value;

use crate::testbench::TestBench;

fn parsed() -> Value {
    serde_json::from_str(&openapi()).unwrap()
}

/// Walks everything that is a schema, with the way to it.
fn each_schema(schema: &Value, way: &str, see: &mut dyn FnMut(&str, &Value)) {
    see(way, schema);
    for list in ["allOf", "oneOf", "anyOf"] {
        for (at, part) in schema[list].as_array().into_iter().flatten().enumerate() {
            each_schema(part, &format!("{way}/{list}/{at}"), see);
        }
    }
    for (name, part) in schema["properties"].as_object().into_iter().flatten() {
        each_schema(part, &format!("{way}/{name}"), see);
    }
    for inner in ["items", "additionalProperties", "propertyNames"] {
        if schema[inner].is_object() {
            each_schema(&schema[inner], &format!("{way}/{inner}"), see);
        }
    }
}

/// Walks the schemas wherever the document has one.
fn each(value: &Value, way: &str, see: &mut dyn FnMut(&str, &Value)) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                let way = format!("{way}/{name}");
                match name.as_str() {
                    "schema" => each_schema(field, &way, see),
                    "schemas" => {
                        for (name, schema) in field.as_object().into_iter().flatten() {
                            each_schema(schema, &format!("{way}/{name}"), see);
                        }
                    }
                    _ => each(field, &way, see),
                }
            }
        }
        Value::Array(list) => {
            for (at, item) in list.iter().enumerate() {
                each(item, &format!("{way}/{at}"), see);
            }
        }
        _ => {}
    }
}

#[test]
fn every_schema_has_a_type_or_says_why_not() {
    let document = parsed();
    let mut seen = 0;
    each(&document, "", &mut |way, schema| {
        seen += 1;
        let is_said = |keys: &[&str]| keys.iter().any(|key| !schema[*key].is_null());
        let is_typed = is_said(&["type", "$ref", "allOf", "oneOf", "anyOf", "enum", "const"])
            && (schema["type"] != "object" || is_said(&["properties", "additionalProperties"]));
        let reason = schema["description"].as_str().unwrap_or_default();
        assert!(
            is_typed || reason.starts_with("Untyped because "),
            "{way}: {schema}"
        );
    });
    assert!(seen > 1_000, "{seen}");
}

#[test]
fn every_property_says_what_it_is() {
    let document = parsed();
    let schemas = &document["components"]["schemas"];
    let says = |schema: &Value| {
        let name = schema["$ref"].as_str().unwrap_or_default();
        let name = name.trim_start_matches("#/components/schemas/");
        schema["description"].is_string() || schemas[name]["description"].is_string()
    };
    let mut silent = Vec::new();
    each(&document, "", &mut |way, schema| {
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let mut parts = property["oneOf"].as_array().into_iter().flatten();
            if !says(property) && !parts.any(says) {
                silent.push(format!("{way}/{name}"));
            }
        }
    });
    assert_eq!(silent, Vec::<String>::new());
}

#[test]
fn every_reference_is_resolved_and_every_schema_is_used() {
    let document = parsed();
    let known = document["components"]["schemas"].as_object().unwrap();
    let mut used = HashSet::new();
    each(&document, "", &mut |way, schema| {
        if let Some(reference) = schema["$ref"].as_str() {
            let name = reference.strip_prefix("#/components/schemas/").unwrap();
            assert!(known.contains_key(name), "{way}: {name}");
            used.insert(name.to_owned());
        }
    });
    for name in known.keys() {
        assert!(used.contains(name), "{name} is not used");
    }
}

#[test]
fn every_operation_says_who_what_and_how() {
    let document = parsed();
    let mut ids = HashSet::new();
    for endpoint in ALL.iter().chain(authority::ALL) {
        let method = endpoint.method.as_str().to_ascii_lowercase();
        let operation = &document["paths"][endpoint.route][method];
        assert_eq!(operation["summary"], endpoint.summary, "{endpoint}");
        assert_eq!(operation["x-org42"]["needs"], endpoint.access.to_string());
        assert!(
            ids.insert(operation["operationId"].to_string()),
            "{endpoint}"
        );
        let names = operation["parameters"].as_array().into_iter().flatten();
        let names: Vec<_> = names
            .filter_map(|parameter| parameter["name"].as_str())
            .collect();
        for name in endpoint.path_parameters() {
            assert!(names.contains(&name), "{endpoint}: {name}");
        }
    }
}

/// What clients are generated from does not change by accident. When it is meant to change, write it anew:
/// `cargo run -p org42-cli -- authority openapi > docs/openapi.json`.
#[test]
fn the_committed_document_is_the_one_that_is_served() {
    let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
    let committed = std::fs::read_to_string(committed).unwrap();
    let now = openapi();
    let different = committed
        .lines()
        .zip(now.lines())
        .position(|(committed, now)| committed != now);
    if let Some(line) = different {
        let near = |text: &str| {
            text.lines()
                .skip(line)
                .take(3)
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        panic!(
            "docs/openapi.json differs at line {}: {:#?} is now {:#?}; write it anew with `org42 authority openapi`",
            line + 1,
            near(&committed),
            near(&now)
        );
    }
    assert_eq!(committed.len(), now.len());
}

#[tokio::test]
async fn an_authority_serves_the_document_to_anyone() {
    let bench = TestBench::new().await;
    let answer = bench.send("GET", "/_authority/openapi.json", "", "").await;
    assert_eq!((answer.status, answer.json()), (200, parsed()));
}
