//! The forms of a backup set in the device defaults. They are XML that became JSON, in which locked values look
//! different.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::settings::document::org_document::{Document, Edit, Path, Step, path, step};
use crate::settings::keys::key::SetPart;
use crate::settings::keys::kind::guid_in;

const SETS: &str = "deviceDefaults.serviceBackupConfig.backupConfig.backupSets";

/// A backup set in a document.
#[derive(Clone)]
pub(crate) struct SetShape<'a> {
    /// The `@id`; `#` and the place in the list if the set has none.
    pub(crate) id: String,
    pub(crate) path: Path,
    pub(crate) set: &'a Map<String, Value>,
}

/// Returns the backup sets of a document, without those of legal holds, which the organization cannot change.
pub(crate) fn sets(document: &Document) -> Vec<SetShape<'_>> {
    let mut at = path(SETS);
    let Some(mut sets) = document.get(&at) else {
        return Vec::new();
    };
    // A locked list is an object, which contains a single set without a list.
    if let Some(locked) = sets.get("backupSet") {
        at.push("backupSet".into());
        sets = locked;
    }
    let all: Vec<(Path, &Map<String, Value>)> = match sets {
        Value::Array(items) => {
            let placed = items.iter().enumerate();
            placed
                .filter_map(|(place, set)| Some((below(&at, place), set.as_object()?)))
                .collect()
        }
        Value::Object(set) if set.contains_key("backupPaths") => vec![(at, set)],
        _ => Vec::new(),
    };
    named(all)
}

fn below(at: &Path, step: impl Into<Step>) -> Path {
    at.iter().cloned().chain([step.into()]).collect()
}

fn named(all: Vec<(Path, &Map<String, Value>)>) -> Vec<SetShape<'_>> {
    let mut taken = BTreeSet::new();
    all.into_iter()
        .enumerate()
        .map(|(place, (path, set))| {
            let own = set.get("@id").and_then(Value::as_str).unwrap_or_default();
            let id = match own.is_empty() || !taken.insert(own) {
                true => format!("#{}", place + 1),
                false => own.to_owned(),
            };
            SetShape { id, path, set }
        })
        .filter(|set| !set.is_legal_hold())
        .collect()
}

/// Returns a scalar's text, whether it is locked or not.
pub(crate) fn scalar(value: &Value) -> Option<&str> {
    value.get("#text").unwrap_or(value).as_str()
}

pub(crate) fn is_locked(value: &Value) -> bool {
    value.get("@locked").and_then(Value::as_str) == Some("true")
}

/// Returns the items of a value that stands alone or in a list.
fn one_or_many(value: Option<&Value>) -> &[Value] {
    match value {
        None | Some(Value::Null) => &[],
        Some(Value::Array(items)) => items,
        Some(one) => std::slice::from_ref(one),
    }
}

fn attributes(items: &[Value], name: &str) -> Vec<String> {
    let text = |item: &Value| item.get(name)?.as_str().map(str::to_owned);
    items.iter().filter_map(text).collect()
}

impl SetShape<'_> {
    fn at(&self, keys: &'static str) -> Option<&Value> {
        let mut steps = path(keys).into_iter();
        let Step::Key(first) = steps.next()? else {
            return None;
        };
        steps.try_fold(self.set.get(&*first)?, |value, to| step(value, &to))
    }

    pub(crate) fn name(&self) -> &str {
        self.set.get("name").and_then(scalar).unwrap_or_default()
    }

    pub(crate) fn is_locked(&self) -> bool {
        self.set.get("@locked").and_then(Value::as_str) == Some("true")
    }

    /// Returns whether the set belongs to a legal hold: its destinations are locked.
    fn is_legal_hold(&self) -> bool {
        self.set
            .get("destinations")
            .is_some_and(|destinations| destinations.get("@locked").is_some())
    }

    /// Returns a value that is wrapped in a list of one when it is free, and in an object when it is locked.
    fn wrapped<'b>(&'b self, keys: &'static str, locked: &str) -> Option<&'b Value> {
        let value = self.at(keys)?;
        value.get(0).or_else(|| value.get(locked))
    }

    fn paths(&self) -> &[Value] {
        let paths = self.wrapped("backupPaths.pathset", "paths");
        one_or_many(paths.and_then(|paths| paths.get("path")))
    }

    pub(crate) fn list(&self, part: SetPart) -> Vec<String> {
        match part {
            SetPart::IncludedFiles => attributes(self.paths(), "@include"),
            SetPart::ExcludedFiles => attributes(self.paths(), "@exclude"),
            SetPart::FilenameExclusions => {
                let list = self.wrapped("backupPaths.excludeUser", "patternList");
                attributes(
                    one_or_many(list.and_then(|list| list.get("pattern"))),
                    "@regex",
                )
            }
            SetPart::Destinations => {
                let text = |item: &Value| {
                    let lock = if is_locked(item) { ":locked" } else { "" };
                    Some(format!("{}{lock}", item.get("@id")?.as_str()?))
                };
                let used = one_or_many(self.set.get("destinations"));
                let mut used: Vec<String> = used.iter().filter_map(text).collect();
                used.sort();
                used
            }
        }
    }

    /// Returns whether the set has the place that this part is written into.
    pub(crate) fn has(&self, part: SetPart) -> bool {
        match part {
            SetPart::Destinations => true,
            _ => self.at("backupPaths").is_some_and(Value::is_object),
        }
    }

    /// Returns the edit that writes the file selection, in the shape that the vendor's client writes.
    pub(crate) fn with_paths(&self, included: &[String], excluded: &[String]) -> Edit {
        let os = self.wrapped("backupPaths.pathset", "paths");
        let os = os
            .and_then(|paths| paths.get("@os"))
            .and_then(Value::as_str);
        let included = included
            .iter()
            .map(|path| json!({"@include": path, "@und": "false"}));
        let excluded = excluded
            .iter()
            .map(|path| json!({"@exclude": path, "@und": "false"}));
        let all: Vec<Value> = included.chain(excluded).collect();
        let cleared = all.is_empty().to_string();
        let paths = json!({"@os": os.unwrap_or("Linux"), "path": all, "@cleared": cleared});
        self.edit("pathset", json!({ "paths": paths }))
    }

    /// Returns the edit that writes the patterns. Patterns for a single operating system stay as they are.
    pub(crate) fn with_patterns(&self, patterns: &[String]) -> Edit {
        let list = self.wrapped("backupPaths.excludeUser", "patternList");
        let of_system = |system: &str| match list.and_then(|list| list.get(system)) {
            Some(kept) if *kept != json!([]) => kept.clone(),
            _ => json!({"pattern": []}),
        };
        let patterns: Vec<Value> = patterns
            .iter()
            .map(|regex| json!({ "@regex": regex }))
            .collect();
        let list = json!({
            "pattern": patterns,
            "windows": of_system("windows"),
            "macintosh": of_system("macintosh"),
            "linux": of_system("linux"),
        });
        self.edit("excludeUser", json!({ "patternList": list }))
    }

    fn edit(&self, what: &'static str, value: Value) -> Edit {
        (below(&below(&self.path, "backupPaths"), what), value)
    }

    /// Returns the edit that writes the destinations. Those that stay keep their order and their other members.
    pub(crate) fn with_destinations(&self, wanted: &[String]) -> Edit {
        let used = one_or_many(self.set.get("destinations"));
        let id = |item: &Value| item.get("@id").and_then(Value::as_str).map(str::to_owned);
        let of = |guid: &str| wanted.iter().find(|item| guid_in(item) == guid);
        let mut now: Vec<Value> = Vec::new();
        for item in used {
            if let Some(wish) = id(item).and_then(|guid| of(&guid).cloned()) {
                now.push(relocked(item.clone(), wish.ends_with(":locked")));
            }
        }
        for wish in wanted {
            let guid = guid_in(wish);
            if !now.iter().any(|item| id(item).as_deref() == Some(guid)) {
                now.push(relocked(json!({ "@id": guid }), wish.ends_with(":locked")));
            }
        }
        let value = match now.is_empty() {
            true => json!({"@cleared": "true"}),
            false => Value::Array(now),
        };
        (below(&self.path, "destinations"), value)
    }
}

fn relocked(mut item: Value, locked: bool) -> Value {
    if let Some(item) = item.as_object_mut() {
        match locked {
            true => item.insert("@locked".to_owned(), json!("true")),
            false => item.remove("@locked"),
        };
    }
    item
}
