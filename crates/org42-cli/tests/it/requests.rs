//! How many requests a command sends, by the kind of name that it is given: `docs/REQUESTS.md`.

use std::path::Path;

use serde_json::Value;

use crate::machine::{Machine, Served};

/// The organizations of the tenant: three pages.
const SAMPLE: &str = "1200";

const KINDS: [&str; 6] = ["guid", "id", "uid", "path", "name", "ext"];

const BEFORE: &str = "\
# Requests

How many requests each command sends to find the organization that it is given, and to do its work, in a tenant of 1,200
organizations, which is a listing of three pages. The organization is on the third level. Signing in is not counted: a profile keeps
its token for many commands.

| command | `guid:` | `id:` | `uid:` | a path | a name | `ext:` |
|---|---|---|---|---|---|---|
";

const AFTER: &str = "
- A guid, a number and a uid take one request (`GET /api/v3/orgs/{orgGuid}`, `GET /api/v1/Org/{orgId}`, `idType=orgUid`), which is
  the work itself where an organization is shown.
- A name is a search (`q`), a path a search for each of its names and a look at what is above the first. Where that finds none or
  several, and for an external reference, the listing is read.
- A change is one request between two that look whether it has happened. What says first what it touches, as `block` does,
  with `--yes` too, reads the listing for that and finds the organization in it.

The authority counts them in `crates/org42-cli/tests/it/requests.rs`, and a test fails when this file is not what it counts
(`ORG42_WRITE_REQUESTS=1 cargo test -p org42-cli requests` writes it anew).
";

struct Lab {
    machine: Machine,
    served: Served,
}

impl Lab {
    fn ok(&self, words: &[&str]) -> String {
        let run = self.machine.run_at(&self.served, words);
        assert_eq!(run.code, 0, "{words:?}: {}", run.err);
        run.out
    }

    fn json(&self, words: &[&str]) -> Value {
        let text = self.ok(&[words, &["-o", "json"]].concat());
        serde_json::from_str(&text).unwrap()
    }

    /// Returns how many requests a command sends, apart from signing in.
    fn requests(&self, words: &[&str]) -> usize {
        self.ok(&["authority", "requests", "--forget"]);
        self.ok(words);
        let seen = self.json(&["authority", "requests"]);
        let seen = seen.as_array().unwrap().iter();
        seen.filter(|row| row["path"] != "/api/v3/auth/jwt").count()
    }
}

/// What is measured: the command as it is shown, and its words before and after the organization.
const COMMANDS: [(&str, &[&str], &[&str]); 10] = [
    ("`show ORG`", &["show"], &[]),
    ("`update ORG --notes TEXT`", &["update"], &["--notes"]),
    ("`block ORG --yes`", &["block"], &["--yes"]),
    ("`unblock ORG --yes`", &["unblock"], &["--yes"]),
    ("`deactivate ORG --yes`", &["deactivate"], &["--yes"]),
    ("`reactivate ORG`", &["reactivate"], &[]),
    ("`create NAME --parent ORG`", &["create"], &["--parent"]),
    ("`settings show ORG`", &["settings", "show"], &[]),
    (
        "`agent-state ORG PROPERTY`",
        &["agent-state"],
        &["fullDiskAccess"],
    ),
    ("`tree ORG`", &["tree"], &[]),
];

#[test]
fn the_document_is_up_to_date() {
    let machine = Machine::new();
    let served = machine.serving(SAMPLE);
    let lab = Lab { machine, served };
    lab.ok(&["update", "name:Organization 100", "--ext-ref", "T-100"]);
    let org = lab.json(&["show", "name:Organization 100"]);
    let parent = lab.json(&["show", &format!("id:{}", org["parentOrgId"])]);
    let text = |org: &Value, field: &str| match &org[field] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let names = [
        format!("guid:{}", text(&org, "orgGuid")),
        format!("id:{}", text(&org, "orgId")),
        format!("uid:{}", text(&org, "orgUid")),
        format!("/{}/{}", text(&parent, "orgName"), text(&org, "orgName")),
        format!("name:{}", text(&org, "orgName")),
        "ext:T-100".to_owned(),
    ];
    // A deactivated organization has another name, so it is looked for by that.
    let deactivated = |kind: usize, name: &str| {
        let left = lab.json(&["show", &names[0]]);
        let new = text(&left, "orgName");
        match KINDS[kind] {
            "path" => format!("/{}/{new}", text(&parent, "orgName")),
            "name" => format!("name:{new}"),
            _ => name.to_owned(),
        }
    };
    let mut table = String::new();
    for (shown, before, after) in COMMANDS {
        table.push_str(&format!("| {shown} |"));
        for (kind, name) in names.iter().enumerate() {
            let own = format!("by {}", KINDS[kind]);
            let (undo, name): (Option<&[&str]>, String) = match before[0] {
                "deactivate" => (Some(&["reactivate"]), name.clone()),
                "reactivate" => {
                    lab.ok(&["deactivate", &names[0], "--yes"]);
                    (None, deactivated(kind, name))
                }
                "unblock" => {
                    lab.ok(&["block", &names[0], "--yes"]);
                    (None, name.clone())
                }
                "block" => (Some(&["unblock", "--yes"]), name.clone()),
                _ => (None, name.clone()),
            };
            let words: Vec<&str> = match before[0] {
                "update" => vec!["update", &name, "--notes", &own],
                "create" => vec!["create", &own, "--parent", &name],
                _ => [before, &[&*name], after].concat(),
            };
            let count = lab.requests(&words);
            if let Some(undo) = undo {
                lab.ok(&[undo, &[&*names[0]]].concat());
            }
            table.push_str(&format!(" {count} |"));
        }
        table.push('\n');
    }
    let document = format!("{BEFORE}{table}{AFTER}");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/REQUESTS.md");
    if std::env::var_os("ORG42_WRITE_REQUESTS").is_some() {
        std::fs::write(&file, &document).unwrap();
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(committed, document, "docs/REQUESTS.md");
}
