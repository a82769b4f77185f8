//! Which settings there are: by name, with unit, meaning and place.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::settings::keys::places::{Place, SettingsGroup, Unit};
use crate::settings::keys::table::{Kind, ROWS, Row};

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
}

impl SettingsGroup {
    /// The setting that says whether the group is inherited, where there is one.
    #[must_use]
    pub fn switch(self) -> Option<SettingKey> {
        SettingKey::all().find(|key| key.switched() == Some(self))
    }

    /// The settings of the group that can be set.
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
