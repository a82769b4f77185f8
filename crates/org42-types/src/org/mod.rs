//! An organization as the API shows it, and one page of a listing of organizations.
//!
//! Types that are read from answers belong here; the bodies that create and change an organization are in `bodies`.

mod bodies;
mod decode;
mod document;
mod fields;
#[cfg(test)]
mod tests;
mod transcode;

use std::mem::size_of;

use bytestring::ByteString;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value};

pub use self::bodies::{AgentState, CreateOrgBody, UpdateOrgBody};
use self::decode::decode;
use self::document::{Document, allocated};
pub use self::fields::{OrgFields, OrgMember};
use crate::{Field, IdError, OrgGuid, OrgId, OrgUid, RegistrationKey, Timestamp};

/// The message that refuses a document without an id.
const NO_ID: &str = "an organization has an orgId or an orgGuid, this document has neither";

/// One organization, as a server described it.
///
/// The model is lenient: servers of different ages and products leave fields out, so all but the name are optional, a
/// value of an unexpected kind reads as not there, and the whole document as received stays at hand:
/// [`as_json`](Self::as_json) is its text, [`get`](Self::get) one of its fields. Serializing writes that document.
///
/// The text is a slice of the answer that the organization came in, so cloning is cheap, and an organization kept from a
/// page of 500 keeps the text of the whole page. [`detach`](Self::detach) lets go of the rest.
///
/// Two organizations are equal when their typed fields are, and their documents say the same.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Org {
    /// The number, which the older routes use. The gateway API does not send it.
    pub org_id: Option<OrgId>,
    /// The long number. The gateway API does not send it.
    pub org_uid: Option<OrgUid>,
    /// The opaque id, which the newer routes use. Servers before 2021 do not send it.
    pub org_guid: Option<OrgGuid>,
    /// The name: 3 to 220 characters. A deactivated organization is renamed by the server.
    pub org_name: String,
    /// External reference, such as a serial number, asset tag or help desk issue.
    pub org_ext_ref: Field<String>,
    /// Free text.
    pub notes: Field<String>,
    /// The state in words: `Active`, `Active, Blocked`, `Deactivated` or `Deactivated, Blocked`.
    pub status: Option<String>,
    /// Whether it is not deactivated.
    pub active: Option<bool>,
    /// Whether it is blocked, by itself or from above.
    pub blocked: Option<bool>,
    /// The parent's number; none for the top organization of a tenant.
    pub parent_org_id: Option<OrgId>,
    /// The parent's long number; none for the top organization of a tenant.
    pub parent_org_uid: Option<OrgUid>,
    /// The parent's opaque id. The top organization may have one that belongs to no organization one can see.
    pub parent_org_guid: Option<OrgGuid>,
    /// When it was created.
    pub creation_date: Option<Timestamp>,
    /// When it was last changed.
    pub modification_date: Option<Timestamp>,
    /// When it was deactivated.
    pub deactivation_date: Option<Timestamp>,
    /// The key with which devices register.
    pub registration_key: Option<RegistrationKey>,
    document: Document,
}

impl Org {
    /// Returns the text of the document as received, unknown fields included: one JSON object.
    #[must_use]
    pub fn as_json(&self) -> &str {
        self.document.as_str()
    }

    /// Finds the typed fields in the document, as they stand there.
    #[must_use]
    pub fn fields(&self) -> OrgFields<'_> {
        // Decoding the organization has read this text once without an error.
        OrgFields::read(self.as_json()).unwrap_or_default()
    }

    /// Reads the whole document, unknown fields included.
    ///
    /// The fields are built anew at each call, and take several times the memory of the text; nothing is kept.
    #[must_use]
    pub fn document(&self) -> Map<String, Value> {
        self.document.fields()
    }

    /// Reads one field of the document by its name on the wire, such as `classification`; `None` if it has no such
    /// field.
    ///
    /// A `userCount`, which servers send when asked with `incCounts`, counts the users of all descendants too.
    ///
    /// ```
    /// use org42_types::Org;
    ///
    /// let org = Org::from_json(r#"{"orgId": 7, "orgName": "Paris", "userCount": 12}"#)?;
    /// assert_eq!(org.get("userCount").and_then(|count| count.as_u64()), Some(12));
    /// assert_eq!(org.get("planCount"), None);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Value> {
        self.document().remove(name)
    }

    /// Decodes an organization from the text of its document, which it keeps without a copy.
    ///
    /// ```
    /// use org42_types::Org;
    ///
    /// let org = Org::from_json(r#"{"orgId": 7, "orgName": "Paris"}"#)?;
    /// assert_eq!(org.org_name, "Paris");
    /// assert_eq!(org.as_json(), r#"{"orgId": 7, "orgName": "Paris"}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the text is not a JSON object, or has neither an `orgId` nor an `orgGuid`.
    pub fn from_json(json: impl Into<ByteString>) -> serde_json::Result<Self> {
        let org = Self::from_any_json(json)?;
        match (&org.org_id, &org.org_guid) {
            (None, None) => Err(de::Error::custom(NO_ID)),
            _ => Ok(org),
        }
    }

    /// Decodes an organization from a document that may lack the ids, such as a terse answer to a change.
    ///
    /// # Errors
    ///
    /// When the text is not a JSON object.
    pub fn from_any_json(json: impl Into<ByteString>) -> serde_json::Result<Self> {
        decode(Document::new(json.into()))
    }

    /// Decodes an organization from the fields of a document.
    ///
    /// # Errors
    ///
    /// When there is neither an `orgId` nor an `orgGuid` among them.
    pub fn from_document(document: &Map<String, Value>) -> serde_json::Result<Self> {
        Self::from_json(serde_json::to_string(document)?)
    }

    /// Copies the document into memory of its own, so that the answer it came in can be freed.
    ///
    /// Worth its copy for a few organizations that are kept from a long listing.
    #[must_use]
    pub fn detach(self) -> Self {
        Self {
            document: self.document.detached(),
            ..self
        }
    }

    /// Returns about how many bytes of memory the organization takes: its fields and its own document, without the rest
    /// of the answer that the document is a slice of.
    #[must_use]
    pub fn memory(&self) -> usize {
        let uids = [&self.org_uid, &self.parent_org_uid];
        let guids = [&self.org_guid, &self.parent_org_guid];
        let texts = [
            Some(self.org_name.as_str()),
            self.org_ext_ref.as_deref(),
            self.notes.as_deref(),
            self.status.as_deref(),
            self.registration_key.as_ref().map(RegistrationKey::as_str),
        ];
        let ids = uids.into_iter().flatten().map(OrgUid::as_str);
        let ids = ids.chain(guids.into_iter().flatten().map(OrgGuid::as_str));
        let texts = ids.chain(texts.into_iter().flatten());
        size_of::<Self>() + self.document.memory() + texts.map(allocated).sum::<usize>()
    }

    /// Returns the number as a text, or the guid where there is no number: unique in the tenant.
    #[must_use]
    pub fn key(&self) -> String {
        match (&self.org_id, &self.org_guid) {
            (Some(id), _) => id.to_string(),
            (None, Some(guid)) => guid.to_string(),
            (None, None) => String::new(),
        }
    }
}

impl Serialize for Org {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.document.serialize(serializer)
    }
}

/// Reads from any format, so the document is written anew as JSON; [`Org::from_json`] keeps the text as it is.
impl<'de> Deserialize<'de> for Org {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_document(&Map::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

macro_rules! id_of_org {
    ($($id:ty, $field:ident, $wire:literal;)*) => {$(
        impl TryFrom<&Org> for $id {
            type Error = IdError;

            fn try_from(org: &Org) -> Result<Self, IdError> {
                org.$field.clone().ok_or_else(|| {
                    IdError::of_org(&org.org_name, concat!("this server sent no ", $wire, " for the organization"))
                })
            }
        }
    )*};
}

id_of_org! {
    OrgId, org_id, "orgId";
    OrgUid, org_uid, "orgUid";
    OrgGuid, org_guid, "orgGuid";
}

/// One page of a listing of organizations.
///
/// The organizations of a page are slices of one answer: each of them keeps all of it, see [`Org::detach`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct OrgPage {
    /// How many organizations the whole listing has; some servers do not say.
    #[serde(default)]
    pub total_count: Option<u64>,
    /// The organizations of this page.
    pub orgs: Vec<Org>,
}

impl OrgPage {
    /// Returns a page of these organizations, of a listing that has `total_count` altogether.
    #[must_use]
    pub fn new(orgs: Vec<Org>, total_count: Option<u64>) -> Self {
        Self { total_count, orgs }
    }
}
