//! The id by which a caller names an organization.

use std::fmt;
use std::str::FromStr;

use org42_types::{IdError, OrgGuid, OrgId, OrgUid};

/// An organization as a caller names it: by one of its three ids.
///
/// A text of up to 17 digits is a number, one of 18 to 20 digits a uid, anything else a guid. Methods take any
/// [`IntoOrgKey`](crate::IntoOrgKey), so a key needs to be created only to be kept.
///
/// ```
/// use org42::{IntoOrgKey, OrgGuid, OrgId, OrgKey};
///
/// assert_eq!("42".parse::<OrgKey>()?, OrgKey::Id(OrgId::from(42)));
/// assert_eq!(42.to_org_key()?, OrgKey::Id(OrgId::from(42)));
/// assert_eq!(OrgKey::from(OrgGuid::try_from("8c97h74umc2s8mmm")?), "8c97h74umc2s8mmm".parse()?);
/// # Ok::<(), org42::IdError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OrgKey {
    /// By number.
    Id(OrgId),
    /// By uid.
    Uid(OrgUid),
    /// By guid.
    Guid(OrgGuid),
}

impl OrgKey {
    /// Returns the id alone.
    pub(crate) fn id(&self) -> String {
        match self {
            Self::Id(id) => id.to_string(),
            Self::Uid(uid) => uid.to_string(),
            Self::Guid(guid) => guid.to_string(),
        }
    }
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
            0 => Err(IdError::new("id of an organization", text, "it is empty")),
            _ if !digits => text.parse().map(Self::Guid),
            1..=17 => text.parse().map(Self::Id),
            18..=20 => text.parse().map(Self::Uid),
            _ => Err(IdError::new(
                "id of an organization",
                text,
                "numbers have up to 10 digits, uids 18 to 20",
            )),
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
