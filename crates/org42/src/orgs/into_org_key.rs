//! The values by which a caller can name an organization.

use std::borrow::Cow;
use std::sync::Arc;

use org42_types::{IdError, Org, OrgGuid, OrgId, OrgUid};

use crate::answer::response::Response;
use crate::orgs::org_key::OrgKey;

/// A value that names an organization: the one kind of argument by which every method takes one.
///
/// | value | names the organization by |
/// |---|---|
/// | a number of any width, `42` or `890854247383106706_u64` | number; by uid from 18 digits on |
/// | a text, `"42"`, `"890854247383106706"`, `"8c97h74umc2s8mmm"` | number; uid; guid |
/// | [`OrgId`], [`OrgUid`], [`OrgGuid`], [`OrgKey`] | what it is |
/// | [`Org`], [`Response<Org>`](Response) | guid, or number where the server sent no guid |
/// | a reference, a `Box` or an `Arc` of any of these | the same |
///
/// ```no_run
/// # async fn run(client: org42::Client) -> Result<(), org42::Error> {
/// let orgs = client.orgs();
/// let paris = orgs.get("8c97h74umc2s8mmm").await?;
/// orgs.block(&paris).await?;
/// orgs.block(890_854_247_383_106_706_u64).await?;
/// # Ok(()) }
/// ```
///
/// The compiler refuses other values, and lists those that it accepts:
///
/// ```compile_fail,E0277
/// # async fn run(client: org42::Client) -> Result<(), org42::Error> {
/// client.orgs().get(Some(42)).await?;
/// # Ok(()) }
/// ```
///
/// A type of your own needs only [`to_org_key`](Self::to_org_key):
///
/// ```
/// use org42::{IdError, IntoOrgKey, OrgKey};
///
/// struct Site { org_guid: String }
///
/// impl IntoOrgKey for Site {
///     fn to_org_key(&self) -> Result<OrgKey, IdError> {
///         self.org_guid.to_org_key()
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not name an organization",
    label = "expected a number, a text, an id or an organization",
    note = "pass a number such as `42`, a text such as `\"42\"` or a guid, an `OrgId`, `OrgUid`, `OrgGuid` or `OrgKey`, an `Org` or a `Response<Org>`, or a reference to one of these; for an `Option` or a `Result`, unwrap it first"
)]
pub trait IntoOrgKey {
    /// Returns the key that names the organization.
    ///
    /// # Errors
    ///
    /// When the value cannot be an id.
    fn to_org_key(&self) -> Result<OrgKey, IdError>;

    /// Returns the organization's number, if the value has it.
    ///
    /// # Errors
    ///
    /// When the value names the organization by another id.
    fn to_org_id(&self) -> Result<OrgId, IdError> {
        match self.to_org_key()? {
            OrgKey::Id(id) => Ok(id),
            other => Err(IdError::new("orgId", other.id(), OTHER_KIND)),
        }
    }

    /// Returns the organization's uid, if the value has it.
    ///
    /// # Errors
    ///
    /// When the value names the organization by another id.
    fn to_org_uid(&self) -> Result<OrgUid, IdError> {
        match self.to_org_key()? {
            OrgKey::Uid(uid) => Ok(uid),
            other => Err(IdError::new("orgUid", other.id(), OTHER_KIND)),
        }
    }

    /// Returns the organization's guid, if the value has it.
    ///
    /// # Errors
    ///
    /// When the value names the organization by another id.
    fn to_org_guid(&self) -> Result<OrgGuid, IdError> {
        match self.to_org_key()? {
            OrgKey::Guid(guid) => Ok(guid),
            other => Err(IdError::new("orgGuid", other.id(), OTHER_KIND)),
        }
    }
}

const OTHER_KIND: &str = "it is an id of another kind";

macro_rules! as_what_it_derefs_to {
    ($([$($generics:tt)*] $outer:ty => $inner:ty;)*) => {$(
        impl<$($generics)*> IntoOrgKey for $outer {
            fn to_org_key(&self) -> Result<OrgKey, IdError> {
                <$inner>::to_org_key(self)
            }

            fn to_org_id(&self) -> Result<OrgId, IdError> {
                <$inner>::to_org_id(self)
            }

            fn to_org_uid(&self) -> Result<OrgUid, IdError> {
                <$inner>::to_org_uid(self)
            }

            fn to_org_guid(&self) -> Result<OrgGuid, IdError> {
                <$inner>::to_org_guid(self)
            }
        }
    )*};
}

as_what_it_derefs_to! {
    [T: IntoOrgKey + ?Sized] &T => T;
    [T: IntoOrgKey + ?Sized] Box<T> => T;
    [T: IntoOrgKey + ?Sized] Arc<T> => T;
    [T: IntoOrgKey] Response<T> => T;
    [] String => str;
    [] Cow<'_, str> => str;
}

impl IntoOrgKey for OrgKey {
    fn to_org_key(&self) -> Result<OrgKey, IdError> {
        Ok(self.clone())
    }
}

/// Names the organization by guid if there is one: the newer routes take it without reading the listing.
impl IntoOrgKey for Org {
    fn to_org_key(&self) -> Result<OrgKey, IdError> {
        match &self.org_guid {
            Some(guid) => Ok(OrgKey::Guid(guid.clone())),
            None => OrgId::try_from(self).map(OrgKey::Id),
        }
    }

    fn to_org_id(&self) -> Result<OrgId, IdError> {
        self.try_into()
    }

    fn to_org_uid(&self) -> Result<OrgUid, IdError> {
        self.try_into()
    }

    fn to_org_guid(&self) -> Result<OrgGuid, IdError> {
        self.try_into()
    }
}

/// A text is an id of the requested kind; where any kind will do, its form decides.
impl IntoOrgKey for str {
    fn to_org_key(&self) -> Result<OrgKey, IdError> {
        self.parse()
    }

    fn to_org_id(&self) -> Result<OrgId, IdError> {
        self.parse()
    }

    fn to_org_uid(&self) -> Result<OrgUid, IdError> {
        self.parse()
    }

    fn to_org_guid(&self) -> Result<OrgGuid, IdError> {
        self.parse()
    }
}

macro_rules! id {
    ($($id:ty => $variant:ident;)*) => {$(
        impl IntoOrgKey for $id {
            fn to_org_key(&self) -> Result<OrgKey, IdError> {
                Ok(OrgKey::$variant(self.clone()))
            }
        }
    )*};
}

id! {
    OrgId => Id;
    OrgUid => Uid;
    OrgGuid => Guid;
}

macro_rules! number {
    ($($number:ty),*) => {$(
        impl IntoOrgKey for $number {
            fn to_org_key(&self) -> Result<OrgKey, IdError> {
                digits(self.to_string())?.parse()
            }

            fn to_org_id(&self) -> Result<OrgId, IdError> {
                self.to_string().parse()
            }

            fn to_org_uid(&self) -> Result<OrgUid, IdError> {
                digits(self.to_string())?.parse()
            }
        }
    )*};
}

number!(
    u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize
);

/// Refuses a negative number.
fn digits(number: String) -> Result<String, IdError> {
    match number.starts_with('-') {
        true => Err(IdError::new(
            "id of an organization",
            number,
            "it is negative",
        )),
        false => Ok(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(value: impl IntoOrgKey) -> Result<OrgKey, String> {
        value.to_org_key().map_err(|error| error.to_string())
    }

    fn org(text: &'static str) -> Org {
        Org::from_json(text).unwrap()
    }

    const UID: u64 = 890_854_247_383_106_706;

    #[test]
    fn a_number_is_an_id_or_a_uid_by_its_length() {
        let id = Ok(OrgKey::Id(OrgId::from(42)));
        let numbers = [
            key(42),
            key(42_u8),
            key(42_u16),
            key(42_u32),
            key(42_u64),
            key(42_usize),
            key(42_i64),
            key(42_i128),
            key("42"),
        ];
        assert!(numbers.iter().all(|key| *key == id), "{numbers:?}");
        let uid = Ok(OrgKey::Uid(OrgUid::from(UID)));
        let numbers = [
            key(UID),
            key(i64::try_from(UID).unwrap()),
            key(u128::from(UID)),
            key(UID.to_string()),
        ];
        assert!(numbers.iter().all(|key| *key == uid), "{numbers:?}");
        for wrong in [
            key(-1),
            key(u64::from(u32::MAX) + 1),
            key(u128::MAX),
            key(i64::MIN),
        ] {
            assert!(wrong.is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_text_that_is_no_id_is_refused_with_what_would_be_one() {
        let refused = |text: &str| key(text).unwrap_err();
        assert_eq!(
            refused(" "),
            "\"\" is not an id of an organization: it is empty"
        );
        assert!(
            refused("123456789012345678901")
                .ends_with("numbers have up to 10 digits, uids 18 to 20")
        );
        let long = refused(&"a b".repeat(1_000));
        assert!(long.len() < 300, "{long}");
    }

    #[test]
    #[expect(
        clippy::needless_borrows_for_generic_args,
        clippy::needless_borrow,
        reason = "references are what is tested"
    )]
    fn whatever_names_an_organization_does_so_by_reference_too() {
        let guid = OrgGuid::try_from("8c97h74umc2s8mmm").unwrap();
        let paris =
            org(r#"{"orgId":42,"orgUid":"890854247383106706","orgGuid":"8c97h74umc2s8mmm"}"#);
        let response = Response::new(paris.clone());
        let text = guid.to_string();
        let same = [
            key(&guid),
            key(OrgKey::from(&guid)),
            key(&OrgKey::from(&guid)),
            key(&paris),
            key(&response),
            key(response.clone()),
            key(&text),
            key(text.as_str()),
            key(Cow::from(text.as_str())),
            key(paris.clone()),
            key(Box::new(paris.clone())),
            key(&Arc::new(paris)),
        ];
        let guid = Ok(OrgKey::Guid(guid));
        assert!(same.iter().all(|key| *key == guid), "{same:?}");
        let old = org(r#"{"orgId":42}"#);
        assert_eq!(key(&old), Ok(OrgKey::Id(OrgId::from(42))));
        assert_eq!(key(&&42), Ok(OrgKey::Id(OrgId::from(42))));
        assert_eq!(response.to_org_id(), Ok(OrgId::from(42)));
        assert_eq!((&response).to_org_uid(), Ok(OrgUid::from(UID)));
        assert!(old.to_org_guid().is_err());
    }

    #[test]
    fn a_kind_that_is_asked_for_is_not_guessed() {
        assert_eq!("123".to_org_guid().unwrap().as_str(), "123");
        assert_eq!("SYSTEM".to_org_uid().unwrap().as_str(), "SYSTEM");
        assert_eq!(42_u64.to_org_uid().unwrap().as_str(), "42");
        let uid = OrgUid::from(UID);
        assert_eq!(
            uid.to_org_id().unwrap_err().to_string(),
            r#""890854247383106706" is not an orgId: it is an id of another kind"#
        );
        assert!(OrgId::from(42).to_org_guid().is_err());
        assert!(42.to_org_guid().is_err() && (-1).to_org_uid().is_err());
        assert!(UID.to_org_id().is_err());
    }
}
