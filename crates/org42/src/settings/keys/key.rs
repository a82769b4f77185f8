//! Which settings there are: by name, with unit, meaning and place.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::error::{Error, Result};
use crate::settings::keys::near::near;
use crate::settings::keys::places::{Place, SettingsGroup, Unit};
use crate::settings::keys::table::{Kind, ROWS, Row};
use crate::settings::keys::value::SettingValue;

const FIND: &str = "find the setting";

/// A setting: one that has a name of its own, one of a backup set, or any t-setting, which is what the API keeps by key.
///
/// The names are those of py42's properties. A t-setting that has a name and its key on the wire are the same setting.
///
/// ```
/// use org42::SettingKey;
///
/// let days: SettingKey = "archive_hold_days".parse()?;
/// assert_eq!(days.unit().to_string(), "days");
/// assert_eq!(days.wire_name(), "settings.archiveHoldDays");
/// assert_eq!(SettingKey::of("device_webRestore_enabled")?.name(), "web_restore_enabled");
/// let paths = SettingKey::of("device_defaults.backup_sets.1.included_files")?;
/// assert!(!paths.is_read_only());
/// let error = SettingKey::of("archive_hold_day").unwrap_err().to_string();
/// assert!(error.contains("archive_hold_days"), "{error}");
/// # Ok::<(), org42::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SettingKey(Repr);

#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Repr {
    /// A place in the table.
    Row(usize),
    BackupSet {
        id: String,
        part: SetPart,
        name: String,
    },
    /// A t-setting that is not in the table.
    Unnamed(String),
}

/// What of a backup set can be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum SetPart {
    IncludedFiles,
    ExcludedFiles,
    FilenameExclusions,
    Destinations,
}

impl SetPart {
    pub(crate) const ALL: [Self; 4] = [
        Self::IncludedFiles,
        Self::ExcludedFiles,
        Self::FilenameExclusions,
        Self::Destinations,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::IncludedFiles => "included_files",
            Self::ExcludedFiles => "excluded_files",
            Self::FilenameExclusions => "filename_exclusions",
            Self::Destinations => "destinations",
        }
    }

    fn meaning(self) -> &'static str {
        match self {
            Self::IncludedFiles => "The files and folders that this backup set backs up.",
            Self::ExcludedFiles => "The files and folders among them that it leaves out.",
            Self::FilenameExclusions => "The patterns of file names that it leaves out.",
            Self::Destinations => "The guids of the destinations that it backs up to.",
        }
    }
}

/// Where on the wire a key leads to.
pub(crate) enum Site<'a> {
    Row(&'static Row),
    BackupSet(&'a str, SetPart),
    TSetting(&'a str),
}

impl SettingKey {
    /// Every setting that has a name, and every t-setting that is known; by place.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..ROWS.len()).map(|row| Self(Repr::Row(row)))
    }

    /// The setting of this name; the same as parsing.
    ///
    /// # Errors
    ///
    /// [`is_invalid_input`](Error::is_invalid_input) for a name that there is not; it names those that are near.
    pub fn of(name: &str) -> Result<Self> {
        name.parse()
    }

    /// The t-setting with this key on the wire, known or not.
    #[must_use]
    pub fn t_setting(wire_key: &str) -> Self {
        let is_it = |row: &Row| row.place == Place::TSetting && row.wire == wire_key;
        Self(match ROWS.iter().position(is_it) {
            Some(row) => Repr::Row(row),
            None => Repr::Unnamed(wire_key.to_owned()),
        })
    }

    pub(crate) fn backup_set(id: &str, part: SetPart) -> Self {
        Self(Repr::BackupSet {
            name: format!("device_defaults.backup_sets.{id}.{}", part.name()),
            id: id.to_owned(),
            part,
        })
    }

    pub(crate) fn site(&self) -> Site<'_> {
        match &self.0 {
            Repr::Unnamed(key) => Site::TSetting(key),
            Repr::BackupSet { id, part, .. } => Site::BackupSet(id, *part),
            Repr::Row(row) => match &ROWS[*row] {
                row if row.place == Place::TSetting => Site::TSetting(row.wire),
                row => Site::Row(row),
            },
        }
    }

    fn row(&self) -> Option<&'static Row> {
        match self.0 {
            Repr::Row(row) => ROWS.get(row),
            _ => None,
        }
    }

    /// The name: `archive_hold_days`, `device_defaults.warning_alert_days`, `device_defaults.backup_sets.1.destinations`,
    /// or a t-setting's key where it has no name of its own.
    #[must_use]
    pub fn name(&self) -> &str {
        match &self.0 {
            Repr::Row(row) => ROWS[*row].name,
            Repr::BackupSet { name, .. } | Repr::Unnamed(name) => name,
        }
    }

    /// What its numbers count.
    #[must_use]
    pub fn unit(&self) -> Unit {
        self.row().map_or(Unit::None, |row| row.unit)
    }

    /// What it means, in a sentence.
    #[must_use]
    pub fn meaning(&self) -> &'static str {
        match &self.0 {
            Repr::Row(row) => ROWS[*row].meaning,
            Repr::BackupSet { part, .. } => part.meaning(),
            Repr::Unnamed(_) => "A t-setting that is not known here.",
        }
    }

    /// Where it lives.
    #[must_use]
    pub fn place(&self) -> Place {
        match &self.0 {
            Repr::Row(row) => ROWS[*row].place,
            Repr::BackupSet { .. } => Place::DeviceDefaults,
            Repr::Unnamed(_) => Place::TSetting,
        }
    }

    /// What the wire calls it: a path in the organization's document, a name in its device defaults, or a key.
    #[must_use]
    pub fn wire_name(&self) -> &str {
        match &self.0 {
            Repr::Row(row) => ROWS[*row].wire,
            Repr::BackupSet { part, .. } => match part {
                SetPart::IncludedFiles | SetPart::ExcludedFiles => "backupPaths.pathset",
                SetPart::FilenameExclusions => "backupPaths.excludeUser",
                SetPart::Destinations => "destinations",
            },
            Repr::Unnamed(key) => key,
        }
    }

    /// Whether it can only be read.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.row().is_some_and(|row| row.read_only)
    }

    /// Whether this crate knows what it means; only t-settings can be unknown.
    #[must_use]
    pub fn is_known(&self) -> bool {
        !matches!(self.0, Repr::Unnamed(_))
    }

    /// Whether it says which organization this is, and so differs between any two.
    #[must_use]
    pub fn is_identity(&self) -> bool {
        self.row()
            .is_some_and(|row| row.place == Place::Organization && !row.wire.contains('.'))
    }

    /// The group that this setting switches between inherited and own.
    pub(crate) fn switched(&self) -> Option<SettingsGroup> {
        SettingsGroup::of(self.place()).filter(|_| self.name().ends_with("_inherited"))
    }

    pub(crate) fn kind(&self) -> Kind {
        match &self.0 {
            Repr::Row(row) => ROWS[*row].kind,
            Repr::BackupSet {
                part: SetPart::Destinations,
                ..
            } => Kind::Destinations,
            Repr::BackupSet { .. } => Kind::Paths,
            Repr::Unnamed(_) => Kind::Text,
        }
    }

    /// Reads a value as a person types it: a number, `true` or `false`, `unlimited`, a text; lists by comma or as a JSON
    /// array.
    ///
    /// # Errors
    ///
    /// [`is_invalid_input`](Error::is_invalid_input) for what cannot be a value of this setting.
    pub fn parse_value(&self, text: &str) -> Result<SettingValue> {
        self.kind()
            .parse(text)
            .ok_or_else(|| self.refused(&format!("{text:?}")))
    }

    /// Reads a value from JSON, as serializing one gives it.
    ///
    /// # Errors
    ///
    /// [`is_invalid_input`](Error::is_invalid_input) for what cannot be a value of this setting.
    pub fn value_from_json(&self, json: &Value) -> Result<SettingValue> {
        self.kind()
            .read_json(json)
            .ok_or_else(|| self.refused(&json.to_string()))
    }

    /// Whether this can be the value of this setting: right in kind and size.
    ///
    /// # Errors
    ///
    /// [`is_invalid_input`](Error::is_invalid_input) if not.
    pub fn check(&self, value: &SettingValue) -> Result<()> {
        self.accept(value.clone()).map(drop)
    }

    /// The value as it is compared and sent.
    pub(crate) fn accept(&self, value: SettingValue) -> Result<SettingValue> {
        let shown = match &value {
            SettingValue::Text(text) => format!("{text:?}"),
            value => value.to_string(),
        };
        self.kind()
            .accept(value)
            .ok_or_else(|| self.refused(&shown))
    }

    fn refused(&self, shown: &str) -> Error {
        let shown: String = shown.chars().take(80).collect();
        let message = format!("{shown} is not {}", self.kind().expects());
        Error::input(format!("set {self}"), message)
    }

    /// Whether a text looks like the key of a t-setting rather than like a name that is mistyped.
    fn looks_like_t_setting(text: &str) -> bool {
        let starts = ["device_", "org-", "c42."];
        !text.starts_with("device_defaults")
            && !text.contains(char::is_whitespace)
            && (starts.iter().any(|start| text.starts_with(start))
                || text.contains(|c: char| c.is_ascii_uppercase()))
    }

    fn in_backup_set(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("device_defaults.backup_sets.")?;
        let (id, part) = rest.rsplit_once('.')?;
        let part = SetPart::ALL
            .into_iter()
            .find(|known| known.name() == part)?;
        (!id.is_empty()).then(|| Self::backup_set(id, part))
    }
}

impl FromStr for SettingKey {
    type Err = Error;

    /// Reads a name. A t-setting is also read by its key on the wire, and whatever stands behind `t:` is such a key.
    fn from_str(text: &str) -> Result<Self> {
        let text = text.trim();
        let forced = text.strip_prefix("t:").filter(|key| !key.is_empty());
        if let Some(key) = forced {
            return Ok(Self::t_setting(key));
        }
        if let Some(row) = ROWS.iter().position(|row| row.name == text) {
            return Ok(Self(Repr::Row(row)));
        }
        if let Some(key) = Self::in_backup_set(text) {
            return Ok(key);
        }
        if Self::looks_like_t_setting(text) {
            return Ok(Self::t_setting(text));
        }
        let error = Error::input(FIND, format!("there is no setting {text:?}"));
        Err(match near(text) {
            near if near.is_empty() => {
                error.with_hint("write t: before the key of a t-setting that is not known here")
            }
            near => error.with_hint(format!("is it {}?", near.join(", or "))),
        })
    }
}

impl TryFrom<&str> for SettingKey {
    type Error = Error;

    fn try_from(name: &str) -> Result<Self> {
        name.parse()
    }
}

impl fmt::Display for SettingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Debug for SettingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SettingKey({})", self.name())
    }
}

impl Serialize for SettingKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
