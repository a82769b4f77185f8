//! Settings without anything that shows whose they are: numbers, switches, schedules and the structure are left.

use org42_types::Timestamp;
use serde_json::Value;

/// Settings by key whose value is a document of numbers and switches.
const STRUCTURED: &[&str] = &[
    "device_engine_pause_allowedTypes",
    "device_network_utilization_schedule",
    "device_network_utilization_schedule_rate",
];

/// Fields of device defaults that hold what people have typed, and so are hidden whatever they contain.
const TYPED: &[&str] = &[
    "name", "@include", "@exclude", "@regex", "@prefix", "@value",
];

/// Names of operating systems and values of switches, which are left.
const WORDS: &[&str] = &[
    "true",
    "false",
    "Linux",
    "Macintosh",
    "Windows",
    "Solaris",
    "ENTERPRISE",
    "BUSINESS",
    "CONSUMER",
    "ON",
    "OFF",
    "AUTOMATIC",
    "FULL",
    "MINIMAL",
    "NONE",
];

/// Returns whether a text says nothing about any person or company: a number, a time, a date, days of the week, a
/// known word.
fn is_plain(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_number = digits.chars().all(|c| c.is_ascii_digit());
    let is_time = text.len() == 5 && text.split(':').all(|part| part.parse::<u8>().is_ok());
    let is_date = text.parse::<Timestamp>().is_ok();
    let is_days = text.chars().all(|c| "SMTWHF_".contains(c));
    is_number || is_time || is_date || is_days || WORDS.contains(&text)
}

/// Returns device defaults with a number in place of each name, path and pattern.
pub(super) fn device_defaults(defaults: &Value) -> Value {
    let mut count = 0;
    let mut left = defaults.clone();
    hide(&mut left, false, &mut count);
    left
}

fn hide(value: &mut Value, is_typed: bool, count: &mut u32) {
    match value {
        Value::Object(fields) => {
            for (key, field) in fields.iter_mut() {
                let is_typed = TYPED.contains(&key.as_str()) || (is_typed && key == "#text");
                hide(field, is_typed, count);
            }
        }
        Value::Array(rows) => rows.iter_mut().for_each(|row| hide(row, is_typed, count)),
        Value::String(text) if is_typed || !is_plain(text) => {
            *count += 1;
            *text = format!("hidden{count}");
        }
        _ => {}
    }
}

/// Returns whether a setting by key may be copied as it is.
pub(super) fn may_stay(key: &str, value: &str) -> bool {
    is_plain(value) || STRUCTURED.contains(&key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_paths_and_patterns_go_and_the_shape_stays() {
        let defaults = json!({
            "@version": "13",
            "@modified": "2020-09-28T10:16:42:696-0500",
            "userHome": "/home/ann",
            "backupSets": [{
                "@id": "1",
                "name": {"@locked": "true", "#text": "ANN"},
                "backupPaths": {"pathset": [{"path": {"@include": "C:/"}, "@os": "Linux"}]},
                "excludeUser": [{"pattern": {"@regex": "12"}}],
                "backupRunWindow": [{"@always": "true", "@days": "SMTWHFS"}],
            }],
        });
        let left = device_defaults(&defaults);
        let set = &left["backupSets"][0];
        assert_eq!(left["@modified"], defaults["@modified"]);
        assert_eq!(
            set["backupRunWindow"],
            defaults["backupSets"][0]["backupRunWindow"]
        );
        assert_eq!(set["name"]["@locked"], "true");
        assert_eq!(set["backupPaths"]["pathset"][0]["@os"], "Linux");
        for gone in [
            &left["userHome"],
            &set["name"]["#text"],
            &set["backupPaths"]["pathset"][0]["path"]["@include"],
            &set["excludeUser"][0]["pattern"]["@regex"],
        ] {
            assert!(gone.as_str().unwrap().starts_with("hidden"), "{gone}");
        }
    }

    #[test]
    fn numbers_times_and_dates_are_plain_and_addresses_are_not() {
        for text in [
            "",
            "13",
            "-1",
            "01:00",
            "SM_WHF_",
            "2020-09-28T10:16:42:696-0500",
            "ON",
        ] {
            assert!(is_plain(text), "{text}");
        }
        for text in [
            "10.0.0.1:4282",
            "+4917012345",
            "1-2-3",
            "Ann",
            "C:/",
            "1.2.3.4",
        ] {
            assert!(!is_plain(text), "{text}");
        }
    }

    #[test]
    fn settings_by_key_stay_if_they_are_numbers_switches_or_schedules() {
        assert!(may_stay("device_upgrade_delay", "60"));
        assert!(may_stay("device_webRestore_enabled", "true"));
        assert!(may_stay(
            "device_network_utilization_schedule",
            "{\"Monday\":1}"
        ));
        assert!(!may_stay(
            "device_fileForensics_fileExclusions_org",
            "/Users/ann"
        ));
        assert!(!may_stay("c42.msa.acceptance", "1;ann;2"));
    }
}
