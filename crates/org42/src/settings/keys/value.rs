//! The values of settings, with their units.

use std::fmt;

use serde::{Serialize, Serializer};

/// The value of a setting.
///
/// Equality is that of the wire: two quotas are equal if their bytes are. [`Display`](fmt::Display) is for tables;
/// serializing writes the natural JSON (`"unlimited"`, a number, a list).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SettingValue {
    /// No value: nothing is set, or the server does not send it.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A whole number, in the unit of the setting.
    Number(u64),
    /// A size of storage.
    Gigabytes(Gigabytes),
    /// A time that the API keeps in minutes.
    Days(Days),
    /// No limit, for a setting that can have one; `-1` on the wire.
    Unlimited,
    /// A text. A value of another kind than expected is also kept as this, in JSON.
    Text(String),
    /// Several texts, in order.
    List(Vec<String>),
}

/// Storage in decimal gigabytes: 1 GB is 1,000,000,000 bytes.
///
/// ```
/// use org42::Gigabytes;
///
/// assert_eq!(Gigabytes::new(250).bytes(), 250_000_000_000);
/// assert_eq!("1.5".parse::<Gigabytes>()?, Gigabytes::from_bytes(1_500_000_000));
/// assert_eq!(Gigabytes::from_bytes(1_234_567_891).to_string(), "1.234567891");
/// # Ok::<(), org42::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Gigabytes {
    bytes: u64,
}

impl Gigabytes {
    pub(super) const ONE: u64 = 1_000_000_000;

    /// Creates a size in gigabytes; sizes over 18 billion gigabytes become the largest possible one.
    #[must_use]
    pub const fn new(gigabytes: u64) -> Self {
        Self {
            bytes: gigabytes.saturating_mul(Self::ONE),
        }
    }

    /// Creates a size in bytes.
    #[must_use]
    pub const fn from_bytes(bytes: u64) -> Self {
        Self { bytes }
    }

    /// Returns the bytes, as they are sent on the wire.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        self.bytes
    }
}

impl fmt::Display for Gigabytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.bytes / Self::ONE, self.bytes % Self::ONE);
        match part {
            0 => f.pad(&whole.to_string()),
            _ => f.pad(format!("{whole}.{part:09}").trim_end_matches('0')),
        }
    }
}

impl Serialize for Gigabytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.bytes % Self::ONE {
            0 => serializer.serialize_u64(self.bytes / Self::ONE),
            _ => serializer.serialize_f64(ratio(self.bytes, Self::ONE)),
        }
    }
}

/// A time in days, which the API keeps in minutes.
///
/// ```
/// use org42::Days;
///
/// assert_eq!(Days::new(3).minutes(), 4320);
/// assert_eq!("0.5".parse::<Days>()?, Days::from_minutes(720));
/// # Ok::<(), org42::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Days {
    minutes: u64,
}

impl Days {
    const ONE: u64 = 1440;

    /// Creates a duration in days.
    #[must_use]
    pub const fn new(days: u32) -> Self {
        Self {
            minutes: days as u64 * Self::ONE,
        }
    }

    /// Creates a duration in minutes; a day has 1440.
    #[must_use]
    pub const fn from_minutes(minutes: u64) -> Self {
        Self { minutes }
    }

    /// Returns the minutes, as they are sent on the wire.
    #[must_use]
    pub const fn minutes(self) -> u64 {
        self.minutes
    }

    /// Returns the days, if the duration is a whole number of them.
    #[must_use]
    pub const fn whole(self) -> Option<u64> {
        match self.minutes % Self::ONE {
            0 => Some(self.minutes / Self::ONE),
            _ => None,
        }
    }
}

/// Shows parts of a day with as many decimal places as it takes to distinguish minutes.
impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.whole() {
            Some(days) => f.pad(&days.to_string()),
            None => {
                let places = format!("{:.5}", ratio(self.minutes, Self::ONE));
                f.pad(places.trim_end_matches('0'))
            }
        }
    }
}

impl Serialize for Days {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.whole() {
            Some(days) => serializer.serialize_u64(days),
            None => serializer.serialize_f64(ratio(self.minutes, Self::ONE)),
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "for showing; the exact number stays in the value"
)]
fn ratio(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}

/// A number, or no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limit<T> {
    /// No limit.
    Unlimited,
    /// The limit.
    Of(T),
}

/// How much may be stored.
pub type Quota = Limit<Gigabytes>;

impl<T: fmt::Display> fmt::Display for Limit<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unlimited => f.pad("unlimited"),
            Self::Of(limit) => limit.fmt(f),
        }
    }
}

impl SettingValue {
    /// Returns whether nothing is set, or the server does not send the value.
    #[must_use]
    pub fn is_null(&self) -> bool {
        *self == Self::Null
    }
}

impl fmt::Display for SettingValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.pad("not set"),
            Self::Bool(on) => on.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Gigabytes(gigabytes) => gigabytes.fmt(f),
            Self::Days(days) => days.fmt(f),
            Self::Unlimited => f.pad("unlimited"),
            Self::Text(text) => f.pad(text),
            Self::List(items) if items.is_empty() => f.pad("none"),
            Self::List(items) => f.pad(&items.join(", ")),
        }
    }
}

impl Serialize for SettingValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(on) => serializer.serialize_bool(*on),
            Self::Number(number) => serializer.serialize_u64(*number),
            Self::Gigabytes(gigabytes) => gigabytes.serialize(serializer),
            Self::Days(days) => days.serialize(serializer),
            Self::Unlimited => serializer.serialize_str("unlimited"),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(items) => items.serialize(serializer),
        }
    }
}

impl From<bool> for SettingValue {
    fn from(on: bool) -> Self {
        Self::Bool(on)
    }
}

impl From<u32> for SettingValue {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<&str> for SettingValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for SettingValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Vec<String>> for SettingValue {
    fn from(items: Vec<String>) -> Self {
        Self::List(items)
    }
}

impl From<Gigabytes> for SettingValue {
    fn from(gigabytes: Gigabytes) -> Self {
        Self::Gigabytes(gigabytes)
    }
}

impl From<Days> for SettingValue {
    fn from(days: Days) -> Self {
        Self::Days(days)
    }
}

impl<T: Into<Self>> From<Limit<T>> for SettingValue {
    fn from(limit: Limit<T>) -> Self {
        match limit {
            Limit::Unlimited => Self::Unlimited,
            Limit::Of(limit) => limit.into(),
        }
    }
}

/// A type that the typed getters read a value as; `None` for a value of another kind.
pub(crate) trait FromSetting: Sized {
    fn from_setting(value: SettingValue) -> Option<Self>;
}

macro_rules! from_setting {
    ($($type:ty: $pattern:pat => $value:expr;)*) => {$(
        impl FromSetting for $type {
            fn from_setting(value: SettingValue) -> Option<Self> {
                match value {
                    $pattern => $value,
                    _ => None,
                }
            }
        }
    )*};
}

from_setting! {
    bool: SettingValue::Bool(on) => Some(on);
    u32: SettingValue::Number(number) => u32::try_from(number).ok();
    Gigabytes: SettingValue::Gigabytes(gigabytes) => Some(gigabytes);
    Days: SettingValue::Days(days) => Some(days);
    String: SettingValue::Text(text) => Some(text);
    Vec<String>: SettingValue::List(items) => Some(items);
}

impl<T: FromSetting> FromSetting for Limit<T> {
    fn from_setting(value: SettingValue) -> Option<Self> {
        match value {
            SettingValue::Unlimited => Some(Self::Unlimited),
            value => T::from_setting(value).map(Self::Of),
        }
    }
}
