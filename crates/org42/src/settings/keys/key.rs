//! The settings by name, with unit, meaning and place.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::settings::keys::places::{Place, SettingsGroup, Unit};
use crate::settings::keys::table::{Kind, ROWS, Row};

/// A setting: one with a name of its own, one of a backup set, or any t-setting, which the API keeps by key.
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
    /// The key of a t-setting that is not in the table.
    Unnamed(String),
}

/// The parts of a backup set that can be set.
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

    pub(super) fn name(self) -> &'static str {
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

/// The place of a setting on the wire.
pub(crate) enum Site<'a> {
    Row(&'static Row),
    BackupSet(&'a str, SetPart),
    TSetting(&'a str),
}

impl SettingKey {
    /// Returns every setting that has a name, and every known t-setting, ordered by place.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..ROWS.len()).map(|row| Self(Repr::Row(row)))
    }

    /// Returns the t-setting with this key on the wire, known or not.
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

    /// Returns the name: `archive_hold_days`, `device_defaults.warning_alert_days`,
    /// `device_defaults.backup_sets.1.destinations`, or a t-setting's key if it has no name of its own.
    #[must_use]
    pub fn name(&self) -> &str {
        match &self.0 {
            Repr::Row(row) => ROWS[*row].name,
            Repr::BackupSet { name, .. } | Repr::Unnamed(name) => name,
        }
    }

    /// Returns the unit of its numbers.
    #[must_use]
    pub fn unit(&self) -> Unit {
        self.row().map_or(Unit::None, |row| row.unit)
    }

    /// Returns its meaning in a sentence.
    #[must_use]
    pub fn meaning(&self) -> &'static str {
        match &self.0 {
            Repr::Row(row) => ROWS[*row].meaning,
            Repr::BackupSet { part, .. } => part.meaning(),
            Repr::Unnamed(_) => "A t-setting that is not known here.",
        }
    }

    /// Returns where the server keeps it.
    #[must_use]
    pub fn place(&self) -> Place {
        match &self.0 {
            Repr::Row(row) => ROWS[*row].place,
            Repr::BackupSet { .. } => Place::DeviceDefaults,
            Repr::Unnamed(_) => Place::TSetting,
        }
    }

    /// Returns its name on the wire: a path in the organization's document, a name in its device defaults, or a key.
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

    /// Returns whether the setting can only be read.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.row().is_some_and(|row| row.read_only)
    }

    /// Returns whether this crate knows the setting's meaning; only t-settings can be unknown.
    #[must_use]
    pub fn is_known(&self) -> bool {
        !matches!(self.0, Repr::Unnamed(_))
    }

    /// Returns whether the setting identifies the organization, and so differs between any two.
    #[must_use]
    pub fn is_identity(&self) -> bool {
        self.row()
            .is_some_and(|row| row.place == Place::Organization && !row.wire.contains('.'))
    }

    /// Returns the group that this setting switches between inherited and own.
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
}

impl SettingsGroup {
    /// Returns the setting that switches the group between inherited and own, if there is one.
    #[must_use]
    pub fn switch(self) -> Option<SettingKey> {
        SettingKey::all().find(|key| key.switched() == Some(self))
    }

    /// Returns the settings of the group that can be set.
    pub(crate) fn members(self) -> impl Iterator<Item = SettingKey> {
        SettingKey::all().filter(move |key| {
            key.place() == self.place() && !key.is_read_only() && key.switched().is_none()
        })
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
