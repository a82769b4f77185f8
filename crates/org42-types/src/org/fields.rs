//! The typed fields of an organization, read from the text of its document when they are asked for: what a reader of many
//! organizations needs, without a copy of each.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::transcode::Skipped;
use crate::ids::is_word;
use crate::{Field, OrgId, Timestamp};

/// Declares the members of an organization's document that have a type.
macro_rules! members {
    ($($member:ident $name:literal,)*) => {
        /// A member of an organization's document that has a type.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum OrgMember {
            $(#[doc = concat!("`", $name, "`")] $member,)*
        }

        impl OrgMember {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$member),*];

            /// Returns the name on the wire.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$member => $name,)*
                }
            }

            /// Returns the member of this name, if it has a type.
            #[must_use]
            pub fn named(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$member),)*
                    _ => None,
                }
            }
        }
    };
}

members! {
    OrgId "orgId",
    OrgUid "orgUid",
    OrgGuid "orgGuid",
    OrgName "orgName",
    OrgExtRef "orgExtRef",
    Notes "notes",
    Status "status",
    Active "active",
    Blocked "blocked",
    ParentOrgId "parentOrgId",
    ParentOrgUid "parentOrgUid",
    ParentOrgGuid "parentOrgGuid",
    CreationDate "creationDate",
    ModificationDate "modificationDate",
    DeactivationDate "deactivationDate",
    RegistrationKey "registrationKey",
}

/// The typed fields of an organization, borrowed from the text of its document.
///
/// As lenient as [`Org`](crate::Org): a value of an unexpected kind reads as not there, and of a field that stands there
/// twice the last one counts. Each field is read when it is asked for, and copied only where it stands there with escapes.
///
/// ```
/// use org42_types::OrgFields;
///
/// let fields = OrgFields::read(r#"{"orgId": 7, "orgName": "Paris", "other": [1, 2]}"#)?;
/// assert_eq!((fields.org_id(), &*fields.org_name()), (Some(7.into()), "Paris"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Default)]
pub struct OrgFields<'a>([&'a str; OrgMember::ALL.len()]);

impl<'a> OrgFields<'a> {
    /// Finds the fields of a document.
    ///
    /// # Errors
    ///
    /// When the text is not a JSON object.
    pub fn read(document: &'a str) -> serde_json::Result<Self> {
        serde_json::from_str(document)
    }

    /// Finds the fields of a document, and reads everything in it as strictly as if it were built.
    pub(super) fn read_strictly(document: &'a str) -> serde_json::Result<Self> {
        let mut deserializer = serde_json::Deserializer::from_str(document);
        let fields = deserializer.deserialize_map(Members::<Skipped>(PhantomData))?;
        deserializer.end()?;
        for text in fields.0 {
            // Other values are as they are read.
            if text.contains(['\\', '[', '{']) || text.len() > 15 && !text.starts_with('"') {
                serde_json::from_str::<Skipped>(text)?;
            }
        }
        Ok(fields)
    }

    /// Returns fields whose values have these texts, in the order of [`OrgMember::ALL`].
    #[must_use]
    pub fn of_texts(texts: [&'a str; OrgMember::ALL.len()]) -> Self {
        Self(texts)
    }

    /// Returns the values as they stand in the document, as JSON, in the order of [`OrgMember::ALL`]; empty texts for those
    /// that do not.
    #[must_use]
    pub fn texts(&self) -> &[&'a str; OrgMember::ALL.len()] {
        &self.0
    }

    /// Returns a value as it stands in the document, as JSON; an empty text if it does not.
    #[must_use]
    pub fn text(&self, member: OrgMember) -> &'a str {
        self.0[member as usize]
    }

    /// Returns the number.
    #[must_use]
    pub fn org_id(&self) -> Option<OrgId> {
        number(self.text(OrgMember::OrgId))
    }

    /// Returns the long number.
    #[must_use]
    pub fn org_uid(&self) -> Option<Cow<'a, str>> {
        word(self.text(OrgMember::OrgUid))
    }

    /// Returns the opaque id.
    #[must_use]
    pub fn org_guid(&self) -> Option<Cow<'a, str>> {
        word(self.text(OrgMember::OrgGuid))
    }

    /// Returns the name; empty where there is none.
    #[must_use]
    pub fn org_name(&self) -> Cow<'a, str> {
        letters(self.text(OrgMember::OrgName)).unwrap_or_default()
    }

    /// Returns the external reference.
    #[must_use]
    pub fn org_ext_ref(&self) -> Field<Cow<'a, str>> {
        field(self.text(OrgMember::OrgExtRef))
    }

    /// Returns the free text.
    #[must_use]
    pub fn notes(&self) -> Field<Cow<'a, str>> {
        field(self.text(OrgMember::Notes))
    }

    /// Returns the state in words.
    #[must_use]
    pub fn status(&self) -> Option<Cow<'a, str>> {
        letters(self.text(OrgMember::Status))
    }

    /// Returns whether it is not deactivated.
    #[must_use]
    pub fn active(&self) -> Option<bool> {
        self.text(OrgMember::Active).parse().ok()
    }

    /// Returns whether it is blocked, by itself or from above.
    #[must_use]
    pub fn blocked(&self) -> Option<bool> {
        self.text(OrgMember::Blocked).parse().ok()
    }

    /// Returns the parent's number.
    #[must_use]
    pub fn parent_org_id(&self) -> Option<OrgId> {
        number(self.text(OrgMember::ParentOrgId))
    }

    /// Returns the parent's long number.
    #[must_use]
    pub fn parent_org_uid(&self) -> Option<Cow<'a, str>> {
        word(self.text(OrgMember::ParentOrgUid))
    }

    /// Returns the parent's opaque id.
    #[must_use]
    pub fn parent_org_guid(&self) -> Option<Cow<'a, str>> {
        word(self.text(OrgMember::ParentOrgGuid))
    }

    /// Returns when it was created.
    #[must_use]
    pub fn creation_date(&self) -> Option<Timestamp> {
        date(self.text(OrgMember::CreationDate))
    }

    /// Returns when it was last changed.
    #[must_use]
    pub fn modification_date(&self) -> Option<Timestamp> {
        date(self.text(OrgMember::ModificationDate))
    }

    /// Returns when it was deactivated.
    #[must_use]
    pub fn deactivation_date(&self) -> Option<Timestamp> {
        date(self.text(OrgMember::DeactivationDate))
    }

    /// Returns the key with which devices register.
    #[must_use]
    pub fn registration_key(&self) -> Option<Cow<'a, str>> {
        letters(self.text(OrgMember::RegistrationKey))
    }
}

/// Shows the ids alone: the registration key is a secret.
impl fmt::Debug for OrgFields<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OrgFields")
            .field("org_id", &self.org_id())
            .field("org_guid", &self.org_guid())
            .finish_non_exhaustive()
    }
}

impl<'de> Deserialize<'de> for OrgFields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members::<IgnoredAny>(PhantomData))
    }
}

/// Reads the members of an object; those without a type as `O`.
struct Members<O>(PhantomData<O>);

impl<'de, O: Deserialize<'de>> Visitor<'de> for Members<O> {
    type Value = OrgFields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an organization")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut fields = OrgFields::default();
        while let Some(Named(member)) = members.next_key()? {
            match member {
                Some(member) => {
                    let value: &'de RawValue = members.next_value()?;
                    fields.0[member as usize] = value.get();
                }
                None => drop(members.next_value::<O>()?),
            }
        }
        Ok(fields)
    }
}

/// The name of a member: one that has a type, or another.
struct Named(Option<OrgMember>);

impl<'de> Deserialize<'de> for Named {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;

        impl Visitor<'_> for Name {
            type Value = Named;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a member")
            }

            fn visit_str<E>(self, name: &str) -> Result<Named, E> {
                Ok(Named(OrgMember::named(name)))
            }
        }

        deserializer.deserialize_str(Name)
    }
}

/// Reads a text.
fn letters(json: &str) -> Option<Cow<'_, str>> {
    let inner = json.strip_prefix('"')?.strip_suffix('"')?;
    match inner.contains('\\') {
        false => Some(Cow::Borrowed(inner)),
        true => serde_json::from_str(json).ok().map(Cow::Owned),
    }
}

fn field(json: &str) -> Field<Cow<'_, str>> {
    match json {
        "null" => Field::Null,
        json => letters(json).map_or(Field::Absent, Field::Value),
    }
}

/// Reads a uid or a guid, which is a text or a number.
fn word(json: &str) -> Option<Cow<'_, str>> {
    let Some(text) = letters(json) else {
        return json.parse::<u64>().is_ok().then_some(Cow::Borrowed(json));
    };
    let text = match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    };
    Some(text).filter(|text| is_word(text))
}

fn number(json: &str) -> Option<OrgId> {
    match letters(json) {
        Some(text) => text.parse().ok(),
        None => json.parse::<u32>().ok().map(OrgId::from),
    }
}

fn date(json: &str) -> Option<Timestamp> {
    letters(json)?.parse().ok()
}
