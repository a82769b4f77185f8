//! The rules of settings written a second time, naively: the values in force after a sequence of calls, and the bodies
//! to send.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// A value as a person types it, and as it is on the wire.
pub(crate) type Choice = (&'static str, Value);

/// A setting of the organization's document: name, group, where it is, what it may be set to.
pub(crate) struct Plain {
    pub(crate) name: &'static str,
    pub(crate) group: Option<usize>,
    pub(crate) place: &'static str,
    pub(crate) choices: Vec<Choice>,
}

/// The groups: their switches, by name and by place.
pub(crate) const GROUPS: [(&str, &str); 2] = [
    ("quota_settings_inherited", "/settings/isUsingQuotaDefaults"),
    (
        "reporting_settings_inherited",
        "/settings/isUsingReportingDefaults",
    ),
];

const CONFIG: &str = "/deviceDefaults/serviceBackupConfig";

pub(crate) fn plain() -> Vec<Plain> {
    let days = || vec![("14", json!(14)), ("30", json!(30)), ("7", json!(7))];
    let quota = || {
        vec![
            ("unlimited", json!(-1)),
            ("1.5", json!(1_500_000_000)),
            ("0", json!(0)),
        ]
    };
    let megabytes = || vec![("250", json!(250)), ("0", json!(0))];
    let flag = || vec![("true", json!("true")), ("false", json!("false"))];
    let minutes = || {
        vec![
            ("3", json!("4320")),
            ("5", json!("7200")),
            ("7", json!("10080")),
            ("0.25", json!("360")),
        ]
    };
    let rows = [
        (
            "org_name",
            None,
            "/orgName",
            vec![("TEST_ORG", json!("TEST_ORG")), ("Paris", json!("Paris"))],
        ),
        (
            "notes",
            None,
            "/notes",
            vec![("test_note", json!("test_note")), ("", json!(""))],
        ),
        (
            "web_restore_admin_limit",
            None,
            "/settings/webRestoreAdminLimitMb",
            megabytes(),
        ),
        (
            "web_restore_user_limit",
            None,
            "/settings/webRestoreUserLimitMb",
            megabytes(),
        ),
        (
            "archive_hold_days",
            Some(0),
            "/settings/archiveHoldDays",
            days(),
        ),
        (
            "maximum_user_subscriptions",
            Some(0),
            "/settings/maxSeats",
            vec![("unlimited", json!(-1)), ("5", json!(5))],
        ),
        ("org_backup_quota", Some(0), "/settings/maxBytes", quota()),
        (
            "user_backup_quota",
            Some(0),
            "/settings/defaultUserMaxBytes",
            quota(),
        ),
        (
            "backup_warning_email_days",
            Some(1),
            "/settings/warnInDays",
            days(),
        ),
        (
            "backup_critical_email_days",
            Some(1),
            "/settings/alertInDays",
            days(),
        ),
        (
            "backup_alert_recipient_emails",
            Some(1),
            "/settings/recipients",
            vec![
                ("", json!([])),
                ("a@b.c", json!(["a@b.c"])),
                ("d@e.f,a@b.c", json!(["d@e.f", "a@b.c"])),
            ],
        ),
        (
            "device_defaults.warning_email_enabled",
            None,
            "warningEmailEnabled",
            flag(),
        ),
        (
            "device_defaults.critical_email_enabled",
            None,
            "severeEmailEnabled",
            flag(),
        ),
        (
            "device_defaults.warning_alert_days",
            None,
            "minutesUntilWarning",
            minutes(),
        ),
        (
            "device_defaults.critical_alert_days",
            None,
            "minutesUntilSevere",
            minutes(),
        ),
        (
            "device_defaults.backup_status_email_enabled",
            None,
            "backupStatusEmailEnabled",
            flag(),
        ),
        (
            "device_defaults.backup_status_email_frequency_days",
            None,
            "backupStatusEmailFreqInMinutes",
            minutes(),
        ),
    ];
    rows.into_iter()
        .map(|(name, group, place, choices)| Plain {
            name,
            group,
            place,
            choices,
        })
        .collect()
}

/// The t-settings that are tried, the coupled ones first: master, advanced, four detections, metadata.
pub(crate) const BY_KEY: [&str; 9] = [
    "org-securityTools-enable",
    "device_advancedExfiltrationDetection_enabled",
    "org-securityTools-cloud-detection-enable",
    "org-securityTools-open-file-detection-enable",
    "org-securityTools-device-detection-enable",
    "org_securityTools_printer_detection_enable",
    "device_fileForensics_enabled",
    "device_webRestore_enabled",
    "device_background_priority_enabled",
];

/// Returns the settings that are coupled to one that is set.
fn along(key: usize, on: bool) -> &'static [usize] {
    match (key, on) {
        (0, true) => &[1],
        (0, false) => &[1, 2, 3, 4, 5],
        (2..=6, true) => &[0, 1],
        _ => &[],
    }
}

#[derive(Clone)]
pub(crate) struct Group {
    pub(crate) was_inherited: bool,
    pub(crate) inherited: bool,
    said_own: bool,
}

/// The values in force, call by call.
#[derive(Clone)]
pub(crate) struct Model {
    pub(crate) groups: Vec<Group>,
    /// The places of values among the choices.
    pub(crate) read: Vec<usize>,
    pub(crate) parents: Vec<usize>,
    pub(crate) now: Vec<usize>,
    pub(crate) flags_read: Vec<Option<bool>>,
    pub(crate) locked: Vec<bool>,
    history: Vec<(usize, bool)>,
    pub(crate) files_read: Files,
    pub(crate) files: Files,
}

/// The files of the backup set.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Files {
    pub(crate) included: Vec<String>,
    pub(crate) excluded: Vec<String>,
    pub(crate) patterns: Vec<String>,
    /// Guid and whether it is locked.
    pub(crate) destinations: BTreeMap<String, bool>,
}

impl Model {
    pub(crate) fn new(
        inherited: [bool; 2],
        read: Vec<usize>,
        parents: Vec<usize>,
        flags: Vec<Option<bool>>,
        locked: Vec<bool>,
        files: Files,
    ) -> Self {
        let group = |inherited| Group {
            was_inherited: inherited,
            inherited,
            said_own: false,
        };
        Self {
            groups: inherited.map(group).to_vec(),
            now: read.clone(),
            read,
            parents,
            flags_read: flags,
            locked,
            history: Vec::new(),
            files_read: files.clone(),
            files,
        }
    }

    pub(crate) fn set_plain(&mut self, table: &[Plain], which: usize, choice: usize) {
        if self.now[which] == choice {
            return;
        }
        self.now[which] = choice;
        let Some(group) = table[which].group else {
            return;
        };
        self.groups[group].inherited = false;
        let as_read = members(table, group).all(|member| self.now[member] == self.read[member]);
        let group = &mut self.groups[group];
        group.inherited = group.was_inherited && !group.said_own && as_read;
    }

    pub(crate) fn switch(&mut self, table: &[Plain], which: usize, inherited: bool) {
        let group = &mut self.groups[which];
        if group.inherited == inherited {
            return;
        }
        group.inherited = inherited;
        group.said_own = !inherited;
        if inherited {
            for member in members(table, which) {
                self.now[member] = self.parents[member];
            }
        } else if !group.was_inherited {
            // The group was not inherited when it was read either.
            for member in members(table, which) {
                self.now[member] = self.read[member];
            }
        }
    }

    pub(crate) fn flags(&self) -> Vec<Option<bool>> {
        self.played(&self.history)
    }

    fn played(&self, history: &[(usize, bool)]) -> Vec<Option<bool>> {
        let mut flags = self.flags_read.clone();
        for &(key, on) in history {
            flags[key] = Some(on);
            for &other in along(key, on) {
                flags[other] = Some(on);
            }
        }
        flags
    }

    /// Sets a flag, and returns whether that is allowed.
    pub(crate) fn set_flag(&mut self, key: usize, on: bool) -> bool {
        if self.flags()[key] == Some(on) {
            return true;
        }
        let mut history = self.history.clone();
        let is_back = self.flags_read[key] == Some(on);
        if is_back && history.iter().any(|(wished, _)| *wished == key) || key > 6 || key == 1 {
            history.retain(|(wished, _)| *wished != key);
        }
        if self.played(&history)[key] != Some(on) {
            history.push((key, on));
        }
        // Edits without effect are dropped: those that were overridden, and those that set what was read.
        'again: loop {
            for place in (0..history.len()).rev() {
                let (key, on) = history[place];
                let mut without = history.clone();
                without.remove(place);
                let (now, then) = (self.played(&history), self.played(&without));
                let is_overridden = now[key] != Some(on);
                let is_needless = self.flags_read[key] == Some(on) && then[key] == Some(on);
                if (is_overridden && now == then) || (!is_overridden && is_needless) {
                    history = without;
                    continue 'again;
                }
            }
            break;
        }
        let flags = self.played(&history);
        let locked =
            (0..flags.len()).any(|key| self.locked[key] && flags[key] != self.flags_read[key]);
        if !locked {
            self.history = history;
        }
        !locked
    }

    pub(crate) fn set_included(&mut self, files: Vec<String>) {
        let was = self.files.clone();
        if was.included == files {
            return;
        }
        self.files.included = files;
        if self.files.included.is_empty() {
            self.files.excluded.clear();
        }
        // Excluded files come back with the files that they were excluded from.
        if was.included.is_empty() || self.files.included == self.files_read.included {
            let untouched = was.excluded == self.files_read.excluded || was.included.is_empty();
            if untouched && !self.files.included.is_empty() {
                self.files.excluded.clone_from(&self.files_read.excluded);
            }
        }
    }

    /// Sets the excluded files, and returns whether that is allowed.
    pub(crate) fn set_excluded(&mut self, files: Vec<String>) -> bool {
        if self.files.included.is_empty() && !files.is_empty() {
            return false;
        }
        self.files.excluded = files;
        true
    }

    /// Returns the document that has to be sent.
    pub(crate) fn document(&self, table: &[Plain], read: &Value) -> Value {
        let mut document = read.clone();
        for (which, row) in table.iter().enumerate() {
            let is_own = row.group.is_some_and(|group| !self.groups[group].inherited);
            let is_edit = row.group.is_none() && self.now[which] != self.read[which];
            if !is_own && !is_edit {
                continue;
            }
            *place(&mut document, row.place) = row.choices[self.now[which]].1.clone();
        }
        for (group, (_, switch)) in self.groups.iter().zip(GROUPS) {
            *document.pointer_mut(switch).unwrap() = json!(group.inherited);
        }
        self.write_files(&mut document);
        document
    }

    fn write_files(&self, document: &mut Value) {
        let set = document.pointer_mut(SET).unwrap();
        let (read, now) = (&self.files_read, &self.files);
        if (&read.included, &read.excluded) != (&now.included, &now.excluded) {
            let element = |kind: &str, path: &String| json!({kind: path, "@und": "false"});
            let mut path: Vec<Value> = Vec::new();
            path.extend(now.included.iter().map(|file| element("@include", file)));
            path.extend(now.excluded.iter().map(|file| element("@exclude", file)));
            let cleared = if path.is_empty() { "true" } else { "false" };
            set["backupPaths"]["pathset"] =
                json!({"paths": {"@os": "Linux", "@cleared": cleared, "path": path}});
        }
        if read.patterns != now.patterns {
            let pattern: Vec<Value> = now.patterns.iter().map(|p| json!({"@regex": p})).collect();
            let none = json!({"pattern": []});
            set["backupPaths"]["excludeUser"] = json!({"patternList":
                {"pattern": pattern, "windows": none, "macintosh": none, "linux": none}});
        }
        if read.destinations != now.destinations {
            let (mut kept, mut new) = (Vec::new(), Vec::new());
            for (guid, locked) in &now.destinations {
                let item = match locked {
                    true => json!({"@id": guid, "@locked": "true"}),
                    false => json!({"@id": guid}),
                };
                match read.destinations.contains_key(guid) {
                    true => kept.push(item),
                    false => new.push(item),
                }
            }
            kept.append(&mut new);
            set["destinations"] = match kept.is_empty() {
                true => json!({"@cleared": "true"}),
                false => json!(kept),
            };
        }
    }
}

pub(crate) const SET: &str =
    "/deviceDefaults/serviceBackupConfig/backupConfig/backupSets/backupSet/1";

fn members(table: &[Plain], group: usize) -> impl Iterator<Item = usize> {
    let is_member = move |(_, row): &(usize, &Plain)| row.group == Some(group);
    table
        .iter()
        .enumerate()
        .filter(is_member)
        .map(|(which, _)| which)
}

/// Returns the place of a value, locked or not.
pub(crate) fn place<'a>(document: &'a mut Value, place: &str) -> &'a mut Value {
    if place.starts_with('/') {
        return document.pointer_mut(place).unwrap();
    }
    let scalar = document
        .pointer_mut(CONFIG)
        .unwrap()
        .get_mut(place)
        .unwrap();
    match scalar.get("#text").is_some() {
        true => &mut scalar["#text"],
        false => scalar,
    }
}
