//! The typed fields of an organization, decoded straight from the text of its document.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::Error as Unexpected;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, IntoDeserializer, MapAccess};
use serde::de::{SeqAccess, Visitor};

use super::Org;
use super::document::Document;
use super::transcode::{Skip, Skipped};
use crate::Field;

/// Reads the typed fields of a document. Where a document has a field twice, the last one counts.
pub(super) fn decode(document: Document) -> serde_json::Result<Org> {
    let mut org = Org::blank(document.clone());
    let mut deserializer = serde_json::Deserializer::from_str(document.as_str());
    deserializer.deserialize_map(Members(&mut org))?;
    deserializer.end()?;
    Ok(org)
}

/// The fields that have a type.
#[derive(serde::Deserialize)]
#[serde(field_identifier, rename_all = "camelCase")]
enum Member {
    OrgId,
    OrgUid,
    OrgGuid,
    OrgName,
    OrgExtRef,
    Notes,
    Status,
    Active,
    Blocked,
    ParentOrgId,
    ParentOrgUid,
    ParentOrgGuid,
    CreationDate,
    ModificationDate,
    DeactivationDate,
    RegistrationKey,
    #[serde(other)]
    Other,
}

struct Members<'a>(&'a mut Org);

impl<'de> Visitor<'de> for Members<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an organization")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let org = self.0;
        while let Some(name) = members.next_key()? {
            match name {
                Member::OrgId => org.org_id = value(&mut members)?,
                Member::OrgUid => org.org_uid = value(&mut members)?,
                Member::OrgGuid => org.org_guid = value(&mut members)?,
                Member::OrgName => org.org_name = field(&mut members)?.unwrap_or_default(),
                Member::OrgExtRef => org.org_ext_ref = field(&mut members)?,
                Member::Notes => org.notes = field(&mut members)?,
                Member::Status => org.status = value(&mut members)?,
                Member::Active => org.active = value(&mut members)?,
                Member::Blocked => org.blocked = value(&mut members)?,
                Member::ParentOrgId => org.parent_org_id = value(&mut members)?,
                Member::ParentOrgUid => org.parent_org_uid = value(&mut members)?,
                Member::ParentOrgGuid => org.parent_org_guid = value(&mut members)?,
                Member::CreationDate => org.creation_date = value(&mut members)?,
                Member::ModificationDate => org.modification_date = value(&mut members)?,
                Member::DeactivationDate => org.deactivation_date = value(&mut members)?,
                Member::RegistrationKey => org.registration_key = value(&mut members)?,
                Member::Other => {
                    members.next_value::<Skipped>()?;
                }
            }
        }
        Ok(())
    }
}

fn value<'de, T: DeserializeOwned, A: MapAccess<'de>>(
    members: &mut A,
) -> Result<Option<T>, A::Error> {
    Ok(field(members)?.into())
}

fn field<'de, T: DeserializeOwned, A: MapAccess<'de>>(
    members: &mut A,
) -> Result<Field<T>, A::Error> {
    Ok(members.next_value::<Lenient<T>>()?.0)
}

/// A value of any kind, of which only an expected one counts.
struct Lenient<T>(Field<T>);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyKind(PhantomData)).map(Self)
    }
}

struct AnyKind<T>(PhantomData<T>);

impl<T: DeserializeOwned> AnyKind<T> {
    fn of<'de>(scalar: impl IntoDeserializer<'de, Unexpected>) -> Field<T> {
        T::deserialize(scalar.into_deserializer()).map_or(Field::Absent, Field::Value)
    }
}

impl<'de, T: DeserializeOwned> Visitor<'de> for AnyKind<T> {
    type Value = Field<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of JSON")
    }

    fn visit_unit<E>(self) -> Result<Field<T>, E> {
        Ok(Field::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Field<T>, E> {
        Ok(Self::of(value))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Field<T>, E> {
        Ok(Self::of(number))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Field<T>, E> {
        Ok(Self::of(number))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Field<T>, E> {
        Ok(Self::of(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Field<T>, E> {
        Ok(Self::of(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Field<T>, A::Error> {
        Skip.visit_seq(items)?;
        Ok(Field::Absent)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Field<T>, A::Error> {
        Skip.visit_map(members)?;
        Ok(Field::Absent)
    }
}
