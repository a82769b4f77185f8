//! The device defaults, the document of what new devices start with: how clients write it, and how it is kept.
//!
//! The document is XML turned into JSON: every scalar is a text, `@` marks attributes, a locked scalar is an object
//! with `#text`, a list is an array while it is unlocked and an object when it is locked.

use serde_json::{Map, Value, json};

use super::settings::Destination;

/// Settings of the backup that are whole numbers of minutes.
const MINUTES: [&str; 3] = [
    "minutesUntilWarning",
    "minutesUntilSevere",
    "backupStatusEmailFreqInMinutes",
];

/// Settings of the backup that are true or false.
const SWITCHES: [&str; 3] = [
    "warningEmailEnabled",
    "severeEmailEnabled",
    "backupStatusEmailEnabled",
];

/// Returns the document as it is kept, from one that a client wrote; `known` are the tenant's destinations.
///
/// # Errors
///
/// When a part has the wrong form, is missing, or names an unknown destination; the text says where, and what is
/// wanted.
pub fn read(written: &Value, known: &[Destination]) -> Result<Value, String> {
    let mut document = object(written, "deviceDefaults")?.clone();
    // The vendor's own clients leave a copy of a part of the document here.
    document.remove("settings");
    // Consoles send this along to publish a change at once; it is no setting.
    document.remove("publishMode");
    let backup = field_mut(&mut document, "serviceBackupConfig", "deviceDefaults")?;
    for name in MINUTES {
        check(backup, name, "a text with a whole number from 0", |text| {
            text.parse::<u32>().is_ok()
        })?;
    }
    for name in SWITCHES {
        check(backup, name, "\"true\" or \"false\"", |text| {
            matches!(text, "true" | "false")
        })?;
    }
    let config = field_mut(backup, "backupConfig", "serviceBackupConfig")?;
    let sets = config
        .get_mut("backupSets")
        .ok_or("serviceBackupConfig.backupConfig.backupSets is missing")?;
    for set in sets_in(sets)? {
        read_set(set, known)?;
    }
    for (name, value) in &mut document {
        read_scalars(value, name)?;
    }
    Ok(Value::Object(document))
}

fn object<'a>(value: &'a Value, name: &str) -> Result<&'a Map<String, Value>, String> {
    value
        .as_object()
        .ok_or_else(|| format!("{name}: an object is wanted"))
}

fn field_mut<'a>(
    object: &'a mut Map<String, Value>,
    name: &str,
    of: &str,
) -> Result<&'a mut Map<String, Value>, String> {
    let field = object.get_mut(name).and_then(Value::as_object_mut);
    field.ok_or_else(|| format!("{of}.{name}: an object is wanted"))
}

/// Refuses scalars that are not texts, and removes every `@publish`.
fn read_scalars(value: &mut Value, name: &str) -> Result<(), String> {
    match value {
        Value::String(_) => Ok(()),
        Value::Array(list) => list
            .iter_mut()
            .try_for_each(|item| read_scalars(item, name)),
        Value::Object(fields) => {
            fields.remove("@publish");
            fields
                .iter_mut()
                .try_for_each(|(name, value)| read_scalars(value, name))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {
            Err(format!("deviceDefaults: {name}: a text is wanted"))
        }
    }
}

/// Returns the text of a scalar, locked or not.
fn scalar(value: &Value) -> Option<&str> {
    value.as_str().or_else(|| value.get("#text")?.as_str())
}

fn check(
    backup: &Map<String, Value>,
    name: &str,
    wanted: &str,
    is: impl FnOnce(&str) -> bool,
) -> Result<(), String> {
    match backup.get(name) {
        Some(value) if !scalar(value).is_some_and(is) => {
            Err(format!("serviceBackupConfig.{name}: {wanted} is wanted"))
        }
        _ => Ok(()),
    }
}

/// Returns the backup sets, in each of the three shapes that their list has.
fn sets_in(sets: &mut Value) -> Result<Vec<&mut Map<String, Value>>, String> {
    const WANTED: &str = "backupSets: a list of objects is wanted";
    let list: Vec<&mut Value> = match sets {
        Value::Array(list) => list.iter_mut().collect(),
        Value::Object(locked) => match locked.get_mut("backupSet") {
            Some(Value::Array(list)) => list.iter_mut().collect(),
            Some(one) => vec![one],
            None => Vec::new(),
        },
        _ => return Err(WANTED.to_owned()),
    };
    list.into_iter()
        .map(|set| set.as_object_mut().ok_or_else(|| WANTED.to_owned()))
        .collect()
}

fn read_set(set: &mut Map<String, Value>, known: &[Destination]) -> Result<(), String> {
    // Clients cannot read a set that lacks one of these.
    let missing = |name: &str| format!("backupSets: a set without {name}");
    check_destinations(
        set.get("destinations").ok_or(missing("destinations"))?,
        known,
    )?;
    let paths = field_mut(set, "backupPaths", "backupSets")?;
    let pathset = paths.get_mut("pathset").ok_or(missing("pathset"))?;
    *pathset = pathset_as_read(pathset)?;
    let exclusions = paths.get_mut("excludeUser").ok_or(missing("excludeUser"))?;
    *exclusions = exclusions_as_read(exclusions)?;
    Ok(())
}

fn check_destinations(destinations: &Value, known: &[Destination]) -> Result<(), String> {
    let list = match destinations {
        Value::Array(list) => list.iter().collect(),
        Value::Object(one) => match one.get("destination") {
            Some(Value::Array(list)) => list.iter().collect(),
            Some(one) => vec![one],
            None => Vec::new(),
        },
        _ => return Err("backupSets.destinations: a list is wanted".to_owned()),
    };
    let mut seen = Vec::new();
    for chosen in list {
        let guid = chosen.get("@id").and_then(Value::as_str);
        let guid = guid.ok_or("backupSets.destinations: each has an @id")?;
        if seen.contains(&guid) {
            return Err(format!("backupSets.destinations: {guid:?} is there twice"));
        }
        seen.push(guid);
        if !known.iter().any(|known| known.guid == guid) {
            return Err(format!(
                "backupSets.destinations: there is no destination {guid:?}"
            ));
        }
    }
    Ok(())
}

/// Returns a list as documents write it: nothing, a single item without a list, or an array.
fn listed(items: Vec<Value>) -> Option<Value> {
    match items.len() {
        0 => None,
        1 => items.into_iter().next(),
        _ => Some(Value::Array(items)),
    }
}

fn items(value: Option<&Value>) -> Vec<Value> {
    match value {
        None => Vec::new(),
        Some(Value::Array(items)) => items.clone(),
        Some(one) => vec![one.clone()],
    }
}

/// Returns a list of paths as it is kept: `[{"path": …, "@os": …}]` unlocked, `{"@locked": "true", "paths": …}`
/// locked. The vendor's clients write `{"paths": …}`, which is unlocked.
fn pathset_as_read(pathset: &Value) -> Result<Value, String> {
    const WANTED: &str = "backupPaths.pathset: a list of paths with @include or @exclude is wanted";
    let (lists, locked) = match pathset {
        Value::Array(lists) => (lists.clone(), false),
        Value::Object(whole) if whole.contains_key("paths") => {
            (items(whole.get("paths")), is_locked(whole))
        }
        Value::Object(_) => (vec![pathset.clone()], false),
        _ => return Err(WANTED.to_owned()),
    };
    let read = |list: &Value| {
        let list = list.as_object().ok_or(WANTED)?;
        let paths = items(list.get("path"))
            .iter()
            .map(path_as_read)
            .collect::<Result<Vec<_>, _>>();
        let mut read = Map::new();
        match listed(paths?) {
            Some(paths) => read.insert("path".to_owned(), paths),
            None => read.insert("@cleared".to_owned(), json!("true")),
        };
        let os = list.get("@os").cloned().unwrap_or_else(|| json!("Linux"));
        read.insert("@os".to_owned(), os);
        Ok::<_, String>(Value::Object(read))
    };
    let mut lists = lists.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    if lists.is_empty() {
        lists.push(json!({"@cleared": "true", "@os": "Linux"}));
    }
    Ok(match locked {
        true => json!({"@locked": "true", "paths": listed(lists)}),
        false => Value::Array(lists),
    })
}

fn is_locked(whole: &Map<String, Value>) -> bool {
    whole.get("@locked").is_some_and(|locked| locked == "true")
}

fn path_as_read(path: &Value) -> Result<Value, String> {
    for kind in ["@include", "@exclude"] {
        if let Some(Value::String(text)) = path.get(kind) {
            return Ok(json!({kind: text}));
        }
    }
    Err("backupPaths.pathset: each path is an @include or an @exclude with a text".to_owned())
}

/// Returns the exclusions, patterns of names that are not backed up, as they are kept: `[{…}]` unlocked, `{"@locked":
/// "true", "patternList": {…}}` locked. The vendor's clients write `{"patternList": {…}}`, which is unlocked.
fn exclusions_as_read(exclusions: &Value) -> Result<Value, String> {
    const WANTED: &str = "backupPaths.excludeUser: a list of patterns with @regex is wanted";
    let (list, locked) = match exclusions {
        Value::Array(lists) => (lists.first().cloned().unwrap_or_else(|| json!({})), false),
        Value::Object(whole) if whole.contains_key("patternList") => (
            whole.get("patternList").cloned().unwrap_or_default(),
            is_locked(whole),
        ),
        _ => return Err(WANTED.to_owned()),
    };
    let list = list.as_object().ok_or(WANTED)?;
    let mut read = Map::new();
    for system in ["windows", "macintosh", "linux"] {
        let of_system = match list.get(system) {
            // Clients write an object with an empty list of patterns where they read an empty list.
            Some(Value::Object(patterns)) if items(patterns.get("pattern")).is_empty() => json!([]),
            Some(patterns) => patterns.clone(),
            None => json!([]),
        };
        read.insert(system.to_owned(), of_system);
    }
    let patterns = items(list.get("pattern"));
    if patterns
        .iter()
        .any(|pattern| !pattern["@regex"].is_string())
    {
        return Err(WANTED.to_owned());
    }
    if let Some(patterns) = listed(patterns) {
        read.insert("pattern".to_owned(), patterns);
    }
    let read = Value::Object(read);
    Ok(match locked {
        true => json!({"@locked": "true", "patternList": read}),
        false => json!([read]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(written: &Value) -> Result<Value, String> {
        read(written, &Destination::of_new_tenant())
    }
    use crate::domain::settings::InForce;

    fn set_with(paths: &Value) -> Value {
        let mut document =
            InForce::above_top(2.into(), &Destination::of_new_tenant()).device_defaults;
        let sets = &mut document["serviceBackupConfig"]["backupConfig"]["backupSets"];
        for (part, value) in paths.as_object().unwrap() {
            sets[0]["backupPaths"][part] = value.clone();
        }
        document
    }

    fn paths_of(document: &Value) -> &Value {
        &document["serviceBackupConfig"]["backupConfig"]["backupSets"][0]["backupPaths"]
    }

    #[test]
    fn what_is_read_is_kept_as_it_is() {
        let document = InForce::above_top(2.into(), &Destination::of_new_tenant()).device_defaults;
        assert_eq!(kept(&document), Ok(document));
        for paths in [
            json!({"pathset": [{"@cleared": "true", "@os": "Linux"}], "excludeUser": [{"windows": [], "macintosh": [], "linux": []}]}),
            json!({"pathset": {"@locked": "true", "paths": {"@os": "Linux", "path": {"@include": "C:/"}}},
                   "excludeUser": {"@locked": "true", "patternList": {"windows": [], "macintosh": [], "linux": []}}}),
            json!({"pathset": [{"path": [{"@include": "/b"}, {"@include": "/a"}, {"@exclude": "/b/x"}], "@os": "Linux"}]}),
        ] {
            let document = set_with(&paths);
            assert_eq!(kept(&document), Ok(document));
        }
    }

    #[test]
    fn what_the_vendors_clients_write_reads_as_they_expect() {
        let written = json!({
            "pathset": {"paths": {"@os": "Linux", "@cleared": "false",
                "path": [{"@include": "/b", "@und": "false"}, {"@exclude": "/b/x", "@und": "false"}]}},
            "excludeUser": {"patternList": {"pattern": [{"@regex": ".*tmp"}], "windows": {"pattern": []},
                "macintosh": {"pattern": []}, "linux": {"pattern": []}}},
        });
        let read = kept(&set_with(&written)).unwrap();
        assert_eq!(
            *paths_of(&read),
            json!({
                "lastModified": "1",
                "pathset": [{"path": [{"@include": "/b"}, {"@exclude": "/b/x"}], "@os": "Linux"}],
                "excludeUser": [{"windows": [], "macintosh": [], "linux": [], "pattern": {"@regex": ".*tmp"}}],
            })
        );
        let cleared =
            json!({"pathset": {"paths": {"@os": "Linux", "path": [], "@cleared": "true"}}});
        let read = kept(&set_with(&cleared)).unwrap();
        assert_eq!(
            paths_of(&read)["pathset"],
            json!([{"@cleared": "true", "@os": "Linux"}])
        );
    }

    #[test]
    fn nonsense_is_refused_by_name() {
        let with = |change: fn(&mut Value)| {
            let mut document =
                InForce::above_top(2.into(), &Destination::of_new_tenant()).device_defaults;
            change(&mut document["serviceBackupConfig"]);
            kept(&document).unwrap_err()
        };
        let complaints = [
            (
                with(|config| config["minutesUntilWarning"] = json!("-1")),
                "minutesUntilWarning",
            ),
            (
                with(|config| config["minutesUntilSevere"] = json!(5)),
                "minutesUntilSevere",
            ),
            (
                with(|config| config["severeEmailEnabled"] = json!(true)),
                "severeEmailEnabled",
            ),
            (
                with(|config| {
                    config["backupConfig"]["backupSets"][0]["destinations"] = json!([{"@id": "7"}])
                }),
                "destination \"7\"",
            ),
            (
                with(|config| config["backupStatus"] = json!(5)),
                "backupStatus",
            ),
            (
                with(|config| {
                    config["backupConfig"]["backupSets"][0]["destinations"] =
                        json!([{"@id": "43"}, {"@id": "43"}])
                }),
                "twice",
            ),
            (
                with(|config| {
                    config["backupConfig"]["backupSets"][0]["destinations"] = json!({"a": 1})
                }),
                "a: a text",
            ),
            (
                with(|config| config["backupConfig"]["backupSets"] = json!([{"@id": "1"}])),
                "destinations",
            ),
            (
                with(|config| config["backupConfig"]["backupSets"] = json!("x")),
                "backupSets",
            ),
            (
                with(|config| {
                    config["backupConfig"]["backupSets"][0]["backupPaths"]["pathset"] =
                        json!([{"path": 1}])
                }),
                "pathset",
            ),
        ];
        for (complaint, name) in complaints {
            assert!(complaint.contains(name), "{complaint}");
        }
        assert!(kept(&json!([])).is_err());
    }
}
