//! Describes what a restoration brings back and what it does not.

use serde_json::Value;

/// The most names in a line, which nobody reads beyond.
const NAMES: usize = 10;

/// Returns a preview as text, with a line for each thing that a user might not expect.
pub(super) fn in_words(preview: &Value) -> String {
    let back = &preview["comesBack"];
    let mut lines = vec![
        format!(
            "comes back as it was: {} and {}, with the devices and, but for the administrators of now, the passwords and \
             one-time codes of then",
            counted(&preview["orgs"], "organization", "organizations"),
            counted(&preview["users"], "user", "users")
        ),
        format!(
            "stays as it is now: {}, and {}",
            match names(&back["administrators"]) {
                (0, _) => "no administrator who can sign in".to_owned(),
                (1, name) => format!("the administrator {name}"),
                (_, names) => format!("the administrators {names}"),
            },
            counted(&back["apiClients"], "API client", "API clients")
        ),
    ];
    let without = back["withoutRoles"].as_array();
    if let Some(without) = without.filter(|all| !all.is_empty()) {
        let roles = |one: &Value| {
            let (_, roles) = names(&one["roles"]);
            Value::from(format!(
                "{} ({roles})",
                one["username"].as_str().unwrap_or_default()
            ))
        };
        let (count, names) = names(&without.iter().map(roles).collect());
        lines.push(match count {
            1 => format!("1 user had a role then and has it no more: {names} comes back without it"),
            _ => format!("{count} users had roles then and have them no more; they come back without: {names}"),
        });
    }
    if let (count @ 1.., names) = names(&back["lockedOut"]) {
        let users = counted(&count.into(), "user", "users");
        lines.push(format!(
            "{users} with a role, blocked or deactivated since, stay so: {names}"
        ));
    }
    if let Some(count @ 1..) = back["revokedApiClients"].as_u64() {
        let clients = counted(&count.into(), "API client", "API clients");
        lines.push(format!(
            "{clients} of then that the tenant does not have now stay out"
        ));
    }
    lines.join("\n")
}

fn counted(number: &Value, one: &str, many: &str) -> String {
    let word = if *number == 1 { one } else { many };
    format!("{number} {word}")
}

/// Returns how many there are, and the first of them.
fn names(list: &Value) -> (usize, String) {
    let all = list.as_array().map(Vec::as_slice).unwrap_or_default();
    let first = all.iter().take(NAMES).filter_map(Value::as_str);
    let mut shown: Vec<String> = first.map(plain).collect();
    if all.len() > NAMES {
        shown.push(format!("and {} more", all.len() - NAMES));
    }
    (all.len(), shown.join(", "))
}

/// Returns a name that cannot write lines of its own or move the cursor.
fn plain(name: &str) -> String {
    name.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_part_has_a_line_and_nothing_is_said_about_nothing() {
        let mut preview = json!({"orgs": 1, "users": 3, "comesBack": {
            "administrators": ["ann"], "apiClients": 0, "revokedApiClients": 0, "withoutRoles": [], "lockedOut": [],
        }});
        let words = in_words(&preview);
        assert_eq!(words.lines().count(), 2, "{words}");
        assert!(
            words.contains("1 organization and 3 users") && words.contains("the administrator ann")
        );
        let back = &mut preview["comesBack"];
        back["withoutRoles"] =
            json!([{"username": "ev\u{1b}e", "roles": ["Customer Cloud Admin"]}]);
        back["lockedOut"] = json!((0..12).map(|n| n.to_string()).collect::<Vec<_>>());
        back["revokedApiClients"] = json!(2);
        let words = in_words(&preview);
        assert!(
            words.contains("ev\u{fffd}e (Customer Cloud Admin) comes back without it"),
            "{words}"
        );
        assert!(
            words.contains("12 users") && words.contains("and 2 more"),
            "{words}"
        );
        assert!(words.contains("2 API clients of then"), "{words}");
    }
}
