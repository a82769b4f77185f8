//! Reads keys, groups and values from texts and documents, and explains why a text is none. Their types are in the
//! files beside this one.

use std::str::FromStr;

use serde_json::Value;

use crate::error::{Error, Result};
use crate::settings::keys::key::{SetPart, SettingKey};
use crate::settings::keys::near::near;
use crate::settings::keys::places::SettingsGroup;
use crate::settings::keys::value::{Days, Gigabytes, SettingValue};

const FIND: &str = "find the setting";

impl SettingKey {
    /// Returns the setting of this name; the same as parsing.
    ///
    /// # Errors
    ///
    /// [`is_invalid_input`](Error::is_invalid_input) for a name that does not exist; the message lists similar names.
    pub fn of(name: &str) -> Result<Self> {
        name.parse()
    }

    /// Reads a value as a person types it: a number, `true` or `false`, `unlimited`, a text; lists by comma or as a JSON
    /// array.
    ///
    /// # Errors
    ///
    /// [`is_invalid_input`](Error::is_invalid_input) if the text is not a value of this setting.
    pub fn parse_value(&self, text: &str) -> Result<SettingValue> {
        self.kind()
            .parse(text)
            .ok_or_else(|| self.refused(&format!("{text:?}")))
    }

    /// Reads a value from JSON, as serializing one writes it.
    ///
    /// # Errors
    ///
    /// [`is_invalid_input`](Error::is_invalid_input) if the JSON is not a value of this setting.
    pub fn value_from_json(&self, json: &Value) -> Result<SettingValue> {
        self.kind()
            .read_json(json)
            .ok_or_else(|| self.refused(&json.to_string()))
    }

    /// Checks that this can be the value of the setting: right in kind and size.
    ///
    /// # Errors
    ///
    /// [`is_invalid_input`](Error::is_invalid_input) if not.
    pub fn check(&self, value: &SettingValue) -> Result<()> {
        self.accept(value.clone()).map(drop)
    }

    /// Returns the value in the form in which it is compared and sent.
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

    /// Returns whether a text looks like the key of a t-setting rather than like a mistyped name.
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

    /// Reads a name. A t-setting is also read by its key on the wire; any text after `t:` is such a key.
    fn from_str(text: &str) -> Result<Self> {
        let text = text.trim();
        let forced = text.strip_prefix("t:").filter(|key| !key.is_empty());
        if let Some(key) = forced {
            return Ok(Self::t_setting(key));
        }
        if let Some(key) = Self::all().find(|key| key.name() == text) {
            return Ok(key);
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

impl FromStr for SettingsGroup {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let all = [
            Self::Quota,
            Self::Reporting,
            Self::Destinations,
            Self::DeviceDefaults,
        ];
        let found = all
            .into_iter()
            .find(|group| group.to_string() == text.trim());
        found.ok_or_else(|| {
            let message = format!("{text:?} is no group of settings");
            Error::input("find the group of settings", message)
                .with_hint("there are quota, reporting and destinations")
        })
    }
}

impl FromStr for Gigabytes {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = || {
            let message =
                format!("{text:?} is no number of gigabytes with at most nine decimal places");
            Error::input("read a number of gigabytes", message)
        };
        let (whole, part) = text.trim().split_once('.').unwrap_or((text.trim(), "0"));
        let digits =
            |digits: &str| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(part) || part.len() > 9 {
            return Err(wrong());
        }
        let whole: u64 = whole.parse().map_err(|_| wrong())?;
        let part: u64 = format!("{part:0<9}").parse().map_err(|_| wrong())?;
        let bytes = whole
            .checked_mul(Self::ONE)
            .and_then(|b| b.checked_add(part));
        // The servers count in signed numbers.
        bytes
            .filter(|bytes| i64::try_from(*bytes).is_ok())
            .map(Self::from_bytes)
            .ok_or_else(wrong)
    }
}

impl FromStr for Days {
    type Err = Error;

    /// Reads days or parts of a day, rounded to whole minutes.
    fn from_str(text: &str) -> Result<Self> {
        let wrong = || {
            let message = format!("{text:?} is no number of days");
            Error::input("read a number of days", message)
        };
        let plain = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let days: f64 = Some(text.trim())
            .filter(|text| plain(text))
            .and_then(|text| text.parse().ok())
            .ok_or_else(wrong)?;
        let minutes = (days * 1440.0).round();
        if minutes > f64::from(i32::MAX) {
            return Err(wrong());
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "whole, not negative and small"
        )]
        Ok(Self::from_minutes(minutes as u64))
    }
}
