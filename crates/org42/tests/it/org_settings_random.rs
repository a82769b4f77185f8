//! Random sequences of calls: the bodies that would be sent follow the rules of the model, and undoing everything
//! leaves nothing. Some of the sequences are written to a server and read back.

use std::cell::RefCell;

use org42::{OrgService, OrgSettings, SettingKey, SettingValue, SettingsGroup};
use proptest::prelude::*;
use proptest::test_runner::Config;
use serde_json::{Map, Value, json};
use tokio::runtime::Runtime;

use crate::settings_model::{BY_KEY, Files, GROUPS, Model, Plain, SET, place, plain};
use crate::settings_tenant::{ID, Tenant, WRITE, WRITE_BY_KEY, recorded, t};

/// The state before anything is changed.
#[derive(Clone, Debug)]
struct Start {
    inherited: [bool; 2],
    own: Vec<usize>,
    parents: Vec<usize>,
    flags: Vec<Option<bool>>,
    locked: Vec<bool>,
    device_locks: Vec<bool>,
    included: usize,
    excluded: usize,
    patterns: usize,
}

#[derive(Clone, Debug)]
pub(crate) enum Call {
    Plain(usize, usize),
    Switch(usize, bool),
    Flag(usize, bool),
    Included(usize),
    Excluded(usize),
    Patterns(usize),
    Destination(usize, u8),
}

const LISTS: [&[&str]; 4] = [&[], &["C:/"], &["C:/", "D:/a,b/"], &["D:/a,b/", "C:/"]];
const GUIDS: [&str; 4] = [
    "43",
    "587738803578339329",
    "632540230984925185",
    "673679195225718785",
];

pub(crate) fn list(which: usize) -> Vec<String> {
    LISTS[which].iter().map(|&text| text.to_owned()).collect()
}

fn start() -> impl Strategy<Value = Start> {
    let choices: Vec<_> = plain().iter().map(|row| 0..row.choices.len()).collect();
    let flags = prop::collection::vec(prop::option::weighted(0.9, any::<bool>()), BY_KEY.len());
    let locked = prop::collection::vec(prop::bool::weighted(0.05), BY_KEY.len());
    let lists = (0..LISTS.len(), 0..LISTS.len(), 0..LISTS.len());
    let device_locks = prop::collection::vec(any::<bool>(), 6);
    (
        any::<[bool; 2]>(),
        choices.clone(),
        choices,
        flags,
        locked,
        device_locks,
        lists,
    )
        .prop_map(
            |(inherited, own, parents, flags, locked, device_locks, lists)| Start {
                inherited,
                own,
                parents,
                locked: locked
                    .into_iter()
                    .zip(&flags)
                    .map(|(locked, flag)| locked && flag.is_some())
                    .collect(),
                flags,
                device_locks,
                included: lists.0,
                excluded: if lists.0 == 0 { 0 } else { lists.1 },
                patterns: lists.2,
            },
        )
}

pub(crate) fn calls() -> impl Strategy<Value = Vec<Call>> {
    let choice = (0..plain().len(), 0..12_usize);
    let call = prop_oneof![
        4 => choice.prop_map(|(which, choice)| Call::Plain(which, choice)),
        2 => (0..2_usize, any::<bool>()).prop_map(|(group, on)| Call::Switch(group, on)),
        4 => (0..BY_KEY.len(), any::<bool>()).prop_map(|(key, on)| Call::Flag(key, on)),
        1 => (0..LISTS.len()).prop_map(Call::Included),
        1 => (0..LISTS.len()).prop_map(Call::Excluded),
        1 => (0..LISTS.len()).prop_map(Call::Patterns),
        2 => (0..GUIDS.len(), 0..4_u8).prop_map(|(guid, what)| Call::Destination(guid, what)),
    ];
    prop::collection::vec(call, 0..14)
}

impl Start {
    fn model(&self, table: &[Plain]) -> Model {
        let read: Vec<usize> = (0..table.len())
            .map(|which| match table[which].group {
                Some(group) if self.inherited[group] => self.parents[which],
                _ => self.own[which],
            })
            .collect();
        let files = Files {
            included: list(self.included),
            excluded: list(self.excluded),
            patterns: list(self.patterns),
            destinations: [("43", false), ("632540230984925185", false)]
                .map(|(guid, locked)| (guid.to_owned(), locked))
                .into(),
        };
        let (flags, locked) = (self.flags.clone(), self.locked.clone());
        Model::new(
            self.inherited,
            read,
            self.parents.clone(),
            flags,
            locked,
            files,
        )
    }

    /// Returns the documents of such an organization.
    fn documents(&self, table: &[Plain], model: &Model) -> (Value, Map<String, Value>) {
        let mut org = recorded();
        for (which, row) in table.iter().enumerate() {
            let value = &row.choices[model.read[which]].1;
            if row.group.is_some() {
                let parents = row.choices[self.parents[which]].1.clone();
                let inherited = row.place.replace("/settings/", "/settingsInherited/");
                *place(&mut org, &inherited) = parents;
            }
            *place(&mut org, row.place) = value.clone();
            if !row.place.starts_with('/') {
                let locked = json!({"@locked": "true", "#text": value});
                let scalar = match self.device_locks[which % 6] {
                    true => locked,
                    false => value.clone(),
                };
                org["deviceDefaults"]["serviceBackupConfig"][row.place] = scalar;
            }
        }
        for (group, (_, switch)) in self.inherited.into_iter().zip(GROUPS) {
            *place(&mut org, switch) = json!(group);
        }
        let set = org.pointer_mut(SET).unwrap();
        let element = |kind: &str, path: &str| json!({kind: path});
        let included = LISTS[self.included]
            .iter()
            .map(|path| element("@include", path));
        let excluded = LISTS[self.excluded]
            .iter()
            .map(|path| element("@exclude", path));
        let paths: Vec<Value> = included.chain(excluded).collect();
        set["backupPaths"]["pathset"] = match &paths[..] {
            [] => json!([{"@cleared": "true", "@os": "Linux"}]),
            [one] => json!([{"@os": "Linux", "path": one}]),
            many => json!([{"@os": "Linux", "path": many}]),
        };
        let patterns: Vec<Value> = LISTS[self.patterns]
            .iter()
            .map(|p| element("@regex", p))
            .collect();
        set["backupPaths"]["excludeUser"][0]["pattern"] = json!(patterns);
        let flags = self.flags.iter().enumerate();
        let by_key = flags.filter_map(|(key, flag)| {
            let value = t(&(*flag)?.to_string(), self.locked[key], 1);
            Some((BY_KEY[key].to_owned(), value))
        });
        (org, by_key.collect())
    }
}

fn key(name: &str) -> SettingKey {
    SettingKey::of(name).unwrap()
}

/// Makes a call on both, and compares whether it is allowed.
fn call(settings: &mut OrgSettings, model: &mut Model, table: &[Plain], call: &Call) {
    match *call {
        Call::Plain(which, choice) => {
            let row = &table[which];
            let choice = choice % row.choices.len();
            let key = key(row.name);
            let value = key.parse_value(row.choices[choice].0).unwrap();
            settings.set(&key, value).unwrap();
            model.set_plain(table, which, choice);
        }
        Call::Switch(group, true) => {
            let named = [SettingsGroup::Quota, SettingsGroup::Reporting][group];
            settings.inherit(named).unwrap();
            model.switch(table, group, true);
        }
        Call::Switch(group, false) => {
            settings.pin(&key(GROUPS[group].0)).unwrap();
            model.switch(table, group, false);
        }
        Call::Flag(which, on) => {
            let allowed = model.set_flag(which, on);
            let set = settings.set(&SettingKey::t_setting(BY_KEY[which]), on.into());
            assert_eq!(set.is_ok(), allowed, "{set:?}");
        }
        Call::Included(which) => {
            let mut set = settings.device_defaults_mut().backup_set("1").unwrap();
            set.set_included_files(list(which)).unwrap();
            model.set_included(list(which));
        }
        Call::Excluded(which) => {
            let mut set = settings.device_defaults_mut().backup_set("1").unwrap();
            let allowed = model.set_excluded(list(which));
            assert_eq!(set.set_excluded_files(list(which)).is_ok(), allowed);
        }
        Call::Patterns(which) => {
            let mut set = settings.device_defaults_mut().backup_set("1").unwrap();
            set.set_filename_exclusions(list(which)).unwrap();
            model.files.patterns = list(which);
        }
        Call::Destination(which, what) => destination(settings, model, GUIDS[which], what),
    }
}

fn destination(settings: &mut OrgSettings, model: &mut Model, guid: &str, what: u8) {
    let mut set = settings.device_defaults_mut().backup_set("1").unwrap();
    let used = &mut model.files.destinations;
    let is_used = used.contains_key(guid);
    match what {
        0 => {
            set.add_destination(guid).unwrap();
            used.entry(guid.to_owned()).or_insert(false);
        }
        1 => {
            set.remove_destination(guid).unwrap();
            used.remove(guid);
        }
        lock => {
            let set = match lock == 2 {
                true => set.lock_destination(guid),
                false => set.unlock_destination(guid),
            };
            assert_eq!(set.is_ok(), is_used);
            used.entry(guid.to_owned())
                .and_modify(|locked| *locked = lock == 2);
        }
    }
}

/// Compares everything that can be seen.
fn compare(settings: &OrgSettings, model: &Model, table: &[Plain], read: &Value) {
    for (which, row) in table.iter().enumerate() {
        let key = key(row.name);
        let found = settings.get(&key).unwrap();
        let expected = key.parse_value(row.choices[model.now[which]].0).unwrap();
        assert_eq!(found.value, expected, "{key}");
        if let Some(group) = row.group {
            assert_eq!(
                found.inherited,
                Some(model.groups[group].inherited),
                "{key}"
            );
        }
    }
    let sent: Value = serde_json::from_str(&settings.body().unwrap()).unwrap();
    assert_eq!(sent, model.document(table, read));
    let flags = model.flags();
    for (place, flag) in flags.iter().enumerate() {
        let value = settings
            .get(&SettingKey::t_setting(BY_KEY[place]))
            .unwrap()
            .value;
        assert_eq!(value, flag.map_or(SettingValue::Null, SettingValue::Bool));
    }
    let mut packets: Vec<_> = settings
        .packets()
        .into_iter()
        .map(|packet| (packet.key, packet.value, packet.locked))
        .collect();
    packets.sort();
    let mut expected: Vec<_> = (0..BY_KEY.len())
        .filter(|&key| flags[key] != model.flags_read[key])
        .map(|key| {
            (
                BY_KEY[key].to_owned(),
                flags[key].unwrap().to_string(),
                false,
            )
        })
        .collect();
    expected.sort();
    assert_eq!(packets, expected);
}

/// Sets every change back to what was read, until there is none.
fn set_all_back(settings: &mut OrgSettings) {
    let mut rounds = 0;
    while !settings.is_unchanged() {
        rounds += 1;
        assert!(rounds < 20, "cannot be set back: {:?}", settings.changes());
        for change in settings.changes() {
            // A t-setting that did not exist cannot be set back; and a coupled setting may have been set back already.
            match change.old {
                SettingValue::Null => settings.undo(&change.key),
                // Exclusions are refused while nothing is included: the next round sets them back.
                old => drop(settings.set(&change.key, old)),
            }
        }
    }
}

fn run(
    runtime: &Runtime,
    (tenant, orgs): &(Tenant, OrgService),
    start: &Start,
    calls: &[Call],
    over_http: bool,
) {
    let table = plain();
    let mut model = start.model(&table);
    let (org, by_key) = start.documents(&table, &model);
    tenant.change(|state| (state.org, state.by_key) = (org.clone(), by_key));
    let mut settings = runtime.block_on(orgs.get_settings(ID)).unwrap();
    for one in calls {
        call(&mut settings, &mut model, &table, one);
    }
    compare(&settings, &model, &table, &org);
    if over_http {
        let before = tenant.lines().len();
        let update = runtime.block_on(orgs.update_settings(&settings)).unwrap();
        assert!(update.is_complete(), "{update:?}");
        let lines = tenant.lines().split_off(before);
        let count = |line: &str| lines.iter().filter(|sent| *sent == line).count();
        let org_changed = model.document(&table, &org) != org;
        let flags_changed = model.flags() != model.flags_read;
        assert_eq!(count(WRITE), usize::from(org_changed));
        assert_eq!(count(WRITE_BY_KEY), usize::from(flags_changed));
        assert_eq!(lines.is_empty(), !org_changed && !flags_changed);
        let again = runtime
            .block_on(tenant.server.client().orgs().get_settings(ID))
            .unwrap();
        for found in settings.keys().map(|key| settings.get(&key).unwrap()) {
            assert_eq!(
                again.get(&found.key).unwrap().value,
                found.value,
                "{}",
                found.key
            );
        }
    }
    set_all_back(&mut settings);
    assert!(settings.packets().is_empty());
    let sent: Value = serde_json::from_str(&settings.body().unwrap()).unwrap();
    assert_eq!(sent, org);
}

#[test]
fn random_sequences_send_what_the_rules_give_read_back_and_undo_to_nothing() {
    let runtime = Runtime::new().unwrap();
    // The server remembers every request, so that a new one is faster after a while.
    let begin = || {
        let tenant = runtime.block_on(Tenant::start());
        let orgs = tenant.server.client().orgs();
        (tenant, orgs)
    };
    let state = RefCell::new((0_usize, begin()));
    proptest!(Config::with_cases(3000), |(start in start(), calls in calls())| {
        let (case, tenant) = &mut *state.borrow_mut();
        *case += 1;
        if case.is_multiple_of(100) {
            *tenant = begin();
        }
        run(&runtime, tenant, &start, &calls, case.is_multiple_of(5));
    });
    assert!(state.into_inner().0 >= 3000);
}
