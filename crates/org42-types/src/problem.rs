//! The problems that a server names when it refuses a request.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One reason of a refusal: the server's name for it, and its text.
///
/// The console API answers `[{"name":"ORG_DUPLICATE","description":"…"}]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct Problem {
    /// A code such as `ORG_NAME_TOO_SHORT`; `SYSTEM` if the server has no better one.
    #[serde(default)]
    pub name: String,
    /// A text, often the name of a class of the server.
    #[serde(default)]
    pub description: String,
    /// The objects of the problem, as the server sent them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::schema::objects))]
    pub objects: Vec<Value>,
}

impl Problem {
    /// Returns a problem without objects.
    #[must_use]
    pub fn new(name: impl Into<String>, description: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            description: description.into(),
            objects: Vec::new(),
        }
    }

    /// Returns whether its name is that of a rule of the tenant, such as `ORG_DUPLICATE`, so that a server that answers
    /// with it has certainly refused. `SYSTEM` and names that nobody has recorded are none: a server in trouble has
    /// them too.
    #[must_use]
    pub fn is_business_rule(&self) -> bool {
        BUSINESS_RULES.contains(&self.name.as_str())
    }
}

/// The names by which servers refuse what a rule of the tenant forbids: those that were recorded, that clients know, and
/// that the authority of this project uses.
const BUSINESS_RULES: &[&str] = &[
    "ACTIVE_LEGAL_HOLD",
    "ALREADY_ACTIVE",
    "ALREADY_DEACTIVATED",
    "API_CLIENT_NOT_FOUND",
    "BACKUP_STOPPED",
    "COMPUTER_BLOCKED",
    "COMPUTER_DEACTIVATED",
    "COMPUTER_NOT_FOUND",
    "EMAIL_INVALID",
    "INVALID_USERNAME",
    "LOCKED_ROLE",
    "NAME_EXISTS",
    "NEW_PASSWORD_INVALID",
    "ORG_DUPLICATE",
    "ORG_IS_BLOCKED",
    "ORG_IS_DEACTIVATED",
    "ORG_NAME_MISSING",
    "ORG_NAME_TOO_LONG",
    "ORG_NAME_TOO_SHORT",
    "ORG_NOT_FOUND",
    "ORG_TREE_TOO_DEEP",
    "OWN_TENANT",
    "PARENT_ORG_BLOCKED",
    "PARENT_ORG_NOT_ACTIVE",
    "PERMISSIONS_MISSING",
    "SETTING_LOCKED",
    "TOO_MANY_DEVICES",
    "USERNAME_NOT_AN_EMAIL",
    "USERNAME_NOT_EMAIL",
    "USER_DUPLICATE",
    "USER_IS_BLOCKED",
    "USER_IS_DEACTIVATED",
    "USER_NOT_FOUND",
];

/// Returns the problems that an error body names, in any of the shapes that servers use.
///
/// Known shapes: the array of the console API, the `{"error": …}` envelope of its newer routes, and the
/// `{"problem": …}` object of the newest services. Anything else, such as a proxy's HTML page, names none.
///
/// ```
/// let body = r#"[{"name":"SYSTEM","description":"Invalid or missing credentials"}]"#;
/// assert_eq!(org42_types::problems_in(body)[0].name, "SYSTEM");
/// assert!(org42_types::problems_in("<html>502</html>").is_empty());
/// ```
#[must_use]
pub fn problems_in(body: &str) -> Vec<Problem> {
    serde_json::from_str(body)
        .map(problems_of)
        .unwrap_or_default()
}

fn problems_of(value: Value) -> Vec<Problem> {
    match value {
        Value::Array(items) => items.into_iter().flat_map(problems_of).collect(),
        Value::Object(mut object) => {
            if let Some(inner @ (Value::Array(_) | Value::Object(_))) = object.remove("error") {
                return problems_of(inner);
            }
            let mut text = |keys: &[&str]| {
                keys.iter().find_map(|key| match object.remove(*key) {
                    Some(Value::String(text)) => Some(text),
                    _ => None,
                })
            };
            let name = text(&["name", "problem", "primaryErrorKey", "code"]);
            let description = text(&["description", "message", "detail"]);
            if name.is_none() && description.is_none() {
                return Vec::new();
            }
            let objects = match object.remove("objects") {
                Some(Value::Array(objects)) => objects,
                _ => Vec::new(),
            };
            vec![Problem {
                name: name.unwrap_or_default(),
                description: description.unwrap_or_default(),
                objects,
            }]
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_shape_names_its_problem() {
        for body in [
            r#"[{"name":"ORG_DUPLICATE","description":"d","objects":[]}]"#,
            r#"{"data":null,"error":{"name":"ORG_DUPLICATE","description":"d"},"warnings":null}"#,
            r#"{"data":null,"error":[{"name":"ORG_DUPLICATE","description":"d"}],"warnings":null}"#,
            r#"{"problem":"ORG_DUPLICATE","description":"d"}"#,
        ] {
            assert_eq!(
                problems_in(body),
                [Problem::new("ORG_DUPLICATE", "d")],
                "{body}"
            );
        }
    }

    #[test]
    fn what_is_no_error_document_names_none() {
        for body in [
            "",
            "<html>",
            "null",
            "[]",
            "{}",
            r#"{"data":{}}"#,
            "[1,2]",
            r#"{"error":null}"#,
        ] {
            assert!(problems_in(body).is_empty(), "{body}");
        }
    }
}
