//! How a caller names an organization.

use std::fmt;
use std::str::FromStr;

use org42_types::{IdError, Org, OrgGuid, OrgId, OrgUid};

/// An organization as a caller names it: by one of its three ids.
///
/// A text of up to 17 digits is a number, one of 18 to 20 digits a uid, anything else a guid.
///
/// ```
/// use org42::{OrgGuid, OrgId, OrgKey};
///
/// assert_eq!(OrgKey::try_from(42)?, OrgKey::Id(OrgId::from(42)));
/// assert_eq!("42".parse::<OrgKey>()?, OrgKey::Id(OrgId::from(42)));
/// assert_eq!(OrgKey::from(OrgGuid::try_from("8c97h74umc2s8mmm")?), "8c97h74umc2s8mmm".parse()?);
/// # Ok::<(), org42::IdError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum OrgKey {
    /// By number.
    Id(OrgId),
    /// By uid.
    Uid(OrgUid),
    /// By guid.
    Guid(OrgGuid),
}

impl fmt::Display for OrgKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(f, "organization {id}"),
            Self::Uid(uid) => write!(f, "the organization with uid {uid}"),
            Self::Guid(guid) => write!(f, "the organization with guid {guid}"),
        }
    }
}

impl FromStr for OrgKey {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let text = text.trim();
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        match text.len() {
            18..=20 if digits => text.parse().map(Self::Uid),
            1.. if !digits => text.parse().map(Self::Guid),
            _ => text.parse().map(Self::Id),
        }
    }
}

macro_rules! key_from {
    ($($id:ty => $variant:ident;)*) => {$(
        impl From<$id> for OrgKey {
            fn from(id: $id) -> Self {
                Self::$variant(id)
            }
        }

        impl From<&$id> for OrgKey {
            fn from(id: &$id) -> Self {
                Self::$variant(id.clone())
            }
        }
    )*};
}

key_from! {
    OrgId => Id;
    OrgUid => Uid;
    OrgGuid => Guid;
}

macro_rules! key_try_from {
    ($($given:ty => $read:expr;)*) => {$(
        impl TryFrom<$given> for OrgKey {
            type Error = IdError;

            fn try_from(given: $given) -> Result<Self, IdError> {
                let read: fn($given) -> Result<Self, IdError> = $read;
                read(given)
            }
        }
    )*};
}

key_try_from! {
    u32 => |number| Ok(Self::Id(number.into()));
    i32 => |number| number.try_into().map(Self::Id);
    i64 => |number| number.try_into().map(Self::Id);
    u64 => |number| number.try_into().map(Self::Id);
    &str => |text| text.parse();
    &String => |text| text.parse();
    String => |text| text.parse();
}

/// By guid where there is one: every route takes it without a look at the listing.
impl TryFrom<&Org> for OrgKey {
    type Error = IdError;

    fn try_from(org: &Org) -> Result<Self, IdError> {
        match &org.org_guid {
            Some(guid) => Ok(Self::Guid(guid.clone())),
            None => OrgId::try_from(org).map(Self::Id),
        }
    }
}
