//! The three ids of an organization, and its registration key: four types, so that they cannot be mixed up.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::Serialize;
use serde::de::{self, Deserialize, Deserializer, Visitor};

/// The reason why a text or a number is not an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdError {
    kind: &'static str,
    given: String,
    reason: &'static str,
}

impl IdError {
    /// Creates an error that reads `"TEXT" is not an KIND: REASON`.
    ///
    /// ```
    /// let error = org42_types::IdError::new("orgId", "Paris", "it is a whole number");
    /// assert_eq!(error.to_string(), r#""Paris" is not an orgId: it is a whole number"#);
    /// ```
    #[must_use]
    pub fn new(kind: &'static str, given: impl fmt::Display, reason: &'static str) -> Self {
        Self {
            kind,
            given: given.to_string(),
            reason,
        }
    }

    pub(crate) fn of_org(name: &str, reason: &'static str) -> Self {
        Self::new("organization to address this way", name, reason)
    }
}

/// How many letters of a value an error shows: it may be a whole file that was passed by mistake.
const SHOWN: usize = 100;

impl fmt::Display for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.given.chars();
        let start: String = rest.by_ref().take(SHOWN).collect();
        let cut = if rest.next().is_some() { "…" } else { "" };
        write!(f, "{start:?}{cut} is not an {}: {}", self.kind, self.reason)
    }
}

impl std::error::Error for IdError {}

/// The number of an organization: `orgId` on the wire, unique in its tenant.
///
/// ```
/// use org42_types::OrgId;
///
/// assert_eq!("42".parse::<OrgId>()?, OrgId::from(42));
/// assert!("4x2".parse::<OrgId>().is_err());
/// # Ok::<(), org42_types::IdError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct OrgId(u32);

impl OrgId {
    const KIND: &str = "orgId";

    /// Returns the number that is sent on the wire.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }
}

impl fmt::Display for OrgId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for OrgId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let reason = "it is a whole number from 0 to 4294967295";
        match text.trim() {
            digits if digits.bytes().all(|b| b.is_ascii_digit()) => digits
                .parse()
                .map(Self)
                .map_err(|_| IdError::new(Self::KIND, text, reason)),
            _ => Err(IdError::new(Self::KIND, text, reason)),
        }
    }
}

impl From<u32> for OrgId {
    fn from(number: u32) -> Self {
        Self(number)
    }
}

impl From<&OrgId> for OrgId {
    fn from(id: &OrgId) -> Self {
        *id
    }
}

impl From<OrgId> for String {
    fn from(id: OrgId) -> Self {
        id.to_string()
    }
}

macro_rules! org_id_from_number {
    ($($number:ty),*) => {$(
        impl TryFrom<$number> for OrgId {
            type Error = IdError;

            fn try_from(number: $number) -> Result<Self, IdError> {
                u32::try_from(number)
                    .map(Self)
                    .map_err(|_| IdError::new(Self::KIND, number, "it is a whole number from 0 to 4294967295"))
            }
        }
    )*};
}

org_id_from_number!(i32, i64, u64);

impl TryFrom<&str> for OrgId {
    type Error = IdError;

    fn try_from(text: &str) -> Result<Self, IdError> {
        text.parse()
    }
}

impl TryFrom<String> for OrgId {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl TryFrom<&String> for OrgId {
    type Error = IdError;

    fn try_from(text: &String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl<'de> Deserialize<'de> for OrgId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberOrText(PhantomData))
    }
}

/// The API sends some ids as numbers in one place and as texts in another.
struct NumberOrText<T>(PhantomData<T>);

impl<T: FromStr<Err = IdError>> Visitor<'_> for NumberOrText<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an id, as a number or a text")
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<T, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

/// Returns whether a text can be a uid or a guid: there is no white space in it.
pub(crate) fn is_word(text: &str) -> bool {
    let is_space = |c: char| c.is_whitespace() || c.is_control();
    !text.is_empty()
        && match text.is_ascii() {
            true => text.bytes().all(|byte| byte.is_ascii_graphic()),
            false => !text.chars().any(is_space),
        }
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Returns the id as it is sent on the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                match text.trim() {
                    "" => Err(IdError::new($kind, text, "it is empty")),
                    id if !is_word(id) => {
                        Err(IdError::new($kind, text, "it has white space in it"))
                    }
                    id => Ok(Self(id.to_owned())),
                }
            }
        }

        impl TryFrom<&str> for $name {
            type Error = IdError;

            fn try_from(text: &str) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                match is_word(&text) {
                    true => Ok(Self(text)),
                    false => text.parse(),
                }
            }
        }

        impl TryFrom<&String> for $name {
            type Error = IdError;

            fn try_from(text: &String) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl From<&$name> for $name {
            fn from(id: &$name) -> Self {
                id.clone()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(NumberOrText(PhantomData))
            }
        }
    };
}

text_id! {
    /// The long number of an organization: `orgUid` on the wire, 18 to 20 digits, or a word for system organizations.
    ///
    /// ```
    /// use org42_types::OrgUid;
    ///
    /// assert_eq!(OrgUid::from(890854247383106706_u64), "890854247383106706".parse()?);
    /// # Ok::<(), org42_types::IdError>(())
    /// ```
    OrgUid, "orgUid"
}

impl From<u64> for OrgUid {
    fn from(number: u64) -> Self {
        Self(number.to_string())
    }
}

text_id! {
    /// The opaque id of an organization that the newer routes use: `orgGuid` on the wire.
    ///
    /// Often a UUID; for older organizations 16 lower-case letters and digits. It has no structure to rely on.
    OrgGuid, "orgGuid"
}

/// The key with which devices register to an organization, such as `72RU-8P9S-M7KK-RHCC`.
///
/// Anyone who has it can register devices, so it stays out of debug output; [`as_str`](Self::as_str) returns it.
///
/// ```
/// use org42_types::RegistrationKey;
///
/// let key: RegistrationKey = "72RU-8P9S-M7KK-RHCC".parse()?;
/// assert_eq!(format!("{key:?}"), "RegistrationKey([redacted])");
/// # Ok::<(), org42_types::IdError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct RegistrationKey(String);

impl RegistrationKey {
    /// The sixteen symbols that keys are made of.
    pub const ALPHABET: &[u8; 16] = b"24789CHJKMPRSTUW";

    /// Creates a key from 64 bits.
    #[must_use]
    pub fn from_bits(bits: u64) -> Self {
        let mut key = String::with_capacity(19);
        for (i, byte) in bits.to_be_bytes().into_iter().enumerate() {
            if i > 0 && i % 2 == 0 {
                key.push('-');
            }
            key.push(char::from(Self::ALPHABET[usize::from(byte >> 4)]));
            key.push(char::from(Self::ALPHABET[usize::from(byte & 15)]));
        }
        Self(key)
    }

    /// Returns the key as it is sent on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for RegistrationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RegistrationKey([redacted])")
    }
}

impl FromStr for RegistrationKey {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        match text.trim() {
            "" => Err(IdError::new("registrationKey", "", "it is empty")),
            key => Ok(Self(key.to_owned())),
        }
    }
}

impl TryFrom<String> for RegistrationKey {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl<'de> Deserialize<'de> for RegistrationKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_numbers_and_texts_alike() {
        assert_eq!(serde_json::from_str::<OrgId>("7").unwrap(), OrgId::from(7));
        assert_eq!(
            serde_json::from_str::<OrgId>("\"7\"").unwrap(),
            OrgId::from(7)
        );
        let uid = serde_json::from_str::<OrgUid>("890854247383106706").unwrap();
        assert_eq!(uid, serde_json::from_str("\"890854247383106706\"").unwrap());
        assert_eq!(
            OrgId::try_from(7_i64).unwrap(),
            OrgId::try_from("7").unwrap()
        );
    }

    #[test]
    fn what_cannot_be_an_id_is_refused() {
        for text in ["", "-1", "+1", "1.5", "4294967296", "orgs"] {
            assert!(text.parse::<OrgId>().is_err(), "{text}");
        }
        assert!(OrgId::try_from(-1_i64).is_err());
        assert!(" ".parse::<OrgUid>().is_err());
        assert!("a b".parse::<OrgGuid>().is_err());
    }

    #[test]
    fn a_key_of_bits_uses_the_recorded_alphabet() {
        assert_eq!(
            RegistrationKey::from_bits(0).as_str(),
            "2222-2222-2222-2222"
        );
        assert_eq!(
            RegistrationKey::from_bits(0x0123_4567_89ab_cdef).as_str(),
            "2478-9CHJ-KMPR-STUW"
        );
    }
}
