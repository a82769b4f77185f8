//! Refuses what cannot be read or changed, with the reason.

use serde_json::Value;

use crate::error::{Error, Result};
use crate::settings::document::backup_sets::SetShape;
use crate::settings::document::org_document::path;
use crate::settings::edit::org_settings::OrgSettings;
use crate::settings::keys::key::{SetPart, SettingKey, Site};
use crate::settings::keys::kind::guid_in;
use crate::settings::keys::places::Place;
use crate::settings::keys::table::Kind;
use crate::settings::keys::value::SettingValue;

impl OrgSettings {
    pub(crate) fn was_read(&self, verb: &str, key: &SettingKey) -> Result<()> {
        let was_read = match key.place() {
            Place::TSetting => self.by_key.is_some(),
            _ => self.org.is_some(),
        };
        match was_read {
            true => Ok(()),
            false => Err(self
                .refused(verb, key, "it was left out when the settings were read")
                .with_hint("read it too, see GetSettings::only")),
        }
    }

    pub(crate) fn found(&self, verb: &str, id: &str) -> Result<SetShape<'_>> {
        self.set_shape(id).ok_or_else(|| {
            let operation = format!("{verb} a backup set of organization {}", self.org_id);
            let known: Vec<_> = self.set_shapes().into_iter().map(|set| set.id).collect();
            let error = Error::input(operation, format!("there is none with the id {id:?}"));
            match known.is_empty() {
                true => error,
                false => error.with_hint(format!("there is {}", known.join(", "))),
            }
        })
    }

    /// Checks that the document has a place for the setting.
    pub(crate) fn is_there(&self, key: &SettingKey) -> Result<()> {
        let is_there = match key.site() {
            Site::TSetting(_) => true,
            Site::BackupSet(id, part) => self.found("set", id)?.has(part),
            Site::Row(_) if key.is_identity() => true,
            Site::Row(row) if row.place == Place::DeviceDefaults => {
                self.device_default(row).is_some()
            }
            Site::Row(row) => self
                .org
                .as_ref()
                .is_some_and(|org| org.get(&path(row.wire)).is_some()),
        };
        match is_there {
            true => Ok(()),
            false => Err(self.refused("set", key, "the server sent no such setting")),
        }
    }

    /// Returns whether the server says that no organization is above this one.
    pub(crate) fn is_top(&self) -> bool {
        let document = self.org.as_deref();
        let parent = document.and_then(|org| org.get(&path("parentOrgId")));
        parent.is_some_and(Value::is_null)
    }

    /// Refuses to write a word over a list, an object or a flag, in a t-setting that may be any text. An empty one clears it.
    pub(crate) fn keeps_form(&self, key: &SettingKey, value: &SettingValue) -> Result<()> {
        let (now, SettingValue::Text(new)) = (self.as_read(key), value) else {
            return Ok(());
        };
        let form = match now {
            SettingValue::Text(now) if key.kind() == Kind::Text && !new.is_empty() => form(&now),
            _ => None,
        };
        match form {
            Some(known) if self::form(new) != form => {
                Err(self.refused("set", key, &format!("it has to stay {known}")))
            }
            _ => Ok(()),
        }
    }

    /// Refuses to change a locked setting.
    pub(crate) fn may_change(&self, key: &SettingKey) -> Result<()> {
        match key.site() {
            Site::TSetting(_) if self.is_locked_from_above(key) => {
                let from = self
                    .by_key(key)
                    .and_then(|set| set.id)
                    .map(|id| self.named(id));
                let by = from.map_or(String::new(), |from| format!(" by organization {from}"));
                Err(self.refused("set", key, &format!("it is locked from above{by}")))
            }
            Site::BackupSet(..) if self.is_locked(key) => Err(self
                .refused("set", key, "the backup set is locked")
                .with_hint("its destinations can be changed, nothing else")),
            _ => Ok(()),
        }
    }

    /// Refuses destinations that are not offered, and exclusions from an empty selection.
    pub(crate) fn fits(
        &self,
        key: &SettingKey,
        id: &str,
        part: SetPart,
        value: &SettingValue,
    ) -> Result<()> {
        let SettingValue::List(items) = value else {
            return Ok(());
        };
        match part {
            SetPart::Destinations => {
                let used = self.found("set", id)?.list(part);
                let offered = self.offered();
                let guid = guid_in;
                let is_known = |item: &&String| {
                    offered.iter().any(|(known, _)| known == guid(item))
                        || used.iter().any(|known| guid(known) == guid(item))
                };
                match items.iter().find(|item| !is_known(item)) {
                    None => Ok(()),
                    Some(unknown) => {
                        let why = format!(
                            "the destination {:?} is not offered to the organization",
                            guid(unknown)
                        );
                        let offered: Vec<_> = offered
                            .iter()
                            .map(|(guid, name)| format!("{guid} ({name})"))
                            .collect();
                        Err(self
                            .refused("set", key, &why)
                            .with_hint(format!("offered are {}", offered.join(", "))))
                    }
                }
            }
            SetPart::ExcludedFiles if !items.is_empty() => {
                let included = SettingKey::backup_set(id, SetPart::IncludedFiles);
                match self.now(&included) == SettingValue::List(Vec::new()) {
                    true => Err(self.refused(
                        "set",
                        key,
                        "the backup set includes nothing that could be left out",
                    )),
                    false => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn refused(&self, verb: &str, key: &SettingKey, why: &str) -> Error {
        Error::input(format!("{verb} {key} of organization {}", self.org_id), why)
    }
}

/// Returns what a text is, if it is more than a word.
fn form(text: &str) -> Option<&'static str> {
    match serde_json::from_str(text) {
        Ok(Value::Bool(_)) => Some("true or false"),
        Ok(Value::Array(_)) => Some("a list of JSON"),
        Ok(Value::Object(_)) => Some("an object of JSON"),
        _ => None,
    }
}
