//! Where the server keeps settings, which of them are inherited together, and the units of numbers.

use std::fmt;

/// The unit of a setting's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unit {
    /// No unit, or the thing itself.
    None,
    /// Days.
    Days,
    /// Megabytes.
    Megabytes,
    /// Decimal gigabytes.
    Gigabytes,
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::None => "",
            Self::Days => "days",
            Self::Megabytes => "MB",
            Self::Gigabytes => "GB",
        })
    }
}

/// The place of a setting: the group that is inherited together, if there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Place {
    /// The organization's own row, in no group.
    Organization,
    /// The quota group.
    Quota,
    /// The reporting group.
    Reporting,
    /// The destinations that are offered.
    Destinations,
    /// The settings that new devices start with.
    DeviceDefaults,
    /// A t-setting, which is inherited by itself.
    TSetting,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Organization => "organization",
            Self::Quota => "quota",
            Self::Reporting => "reporting",
            Self::Destinations => "destinations",
            Self::DeviceDefaults => "device-defaults",
            Self::TSetting => "t-setting",
        })
    }
}

/// Settings that are inherited together, or are an organization's own together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum SettingsGroup {
    /// Cold storage, subscriptions and quotas.
    Quota,
    /// The mails to administrators.
    Reporting,
    /// The destinations that are offered.
    Destinations,
    /// The settings that new devices start with. The API has no way back to the parent's.
    DeviceDefaults,
}

impl SettingsGroup {
    pub(crate) const SWITCHED: [Self; 3] = [Self::Quota, Self::Reporting, Self::Destinations];

    /// Returns the group that the settings of a place belong to; none for those that stand alone.
    #[must_use]
    pub fn of(place: Place) -> Option<Self> {
        match place {
            Place::Quota => Some(Self::Quota),
            Place::Reporting => Some(Self::Reporting),
            Place::Destinations => Some(Self::Destinations),
            Place::DeviceDefaults => Some(Self::DeviceDefaults),
            Place::Organization | Place::TSetting => None,
        }
    }

    pub(super) fn place(self) -> Place {
        match self {
            Self::Quota => Place::Quota,
            Self::Reporting => Place::Reporting,
            Self::Destinations => Place::Destinations,
            Self::DeviceDefaults => Place::DeviceDefaults,
        }
    }
}

impl fmt::Display for SettingsGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.place().fmt(f)
    }
}
