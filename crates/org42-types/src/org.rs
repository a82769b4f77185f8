//! The organization as the API shows it, and the bodies that create and change one.

use std::collections::HashSet;
use std::mem::size_of;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value};

use crate::org_document::{Document, allocated};
use crate::{Field, IdError, OrgGuid, OrgId, OrgUid, RegistrationKey, Timestamp};

/// One organization, as a server described it.
///
/// The model is lenient: servers of different ages and products leave fields out, so all but the name are optional, a
/// value of an unexpected kind reads as not there, and the whole document as received stays at hand in
/// [`document`](Self::document). Serializing gives that document back.
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
    /// The whole document as received, unknown fields included.
    ///
    /// An organization of a listing keeps its document as text until this is asked for, and as fields from then on, which
    /// take several times the memory. For many organizations at once, [`to_document`](Self::to_document) keeps nothing.
    #[must_use]
    pub fn document(&self) -> &Map<String, Value> {
        self.document.fields()
    }

    /// A copy of the whole [`document`](Self::document).
    #[must_use]
    pub fn to_document(&self) -> Map<String, Value> {
        self.document.to_fields()
    }

    /// Reads the model out of the text of a document, and keeps the document as that text.
    ///
    /// ```
    /// use org42_types::Org;
    ///
    /// let org = Org::from_text(r#"{"orgId": 7, "orgName": "Paris"}"#)?;
    /// assert_eq!(org.document()["orgName"], "Paris");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When it is no JSON object, or one with neither an `orgId` nor an `orgGuid`.
    pub fn from_text(text: &str) -> serde_json::Result<Self> {
        let fields = serde_json::from_str(text)?;
        let mut org = Self::from_document(fields).map_err(de::Error::custom)?;
        org.document = Document::of_text(text);
        Ok(org)
    }

    /// About how many bytes of memory it takes.
    #[must_use]
    pub fn memory(&self) -> usize {
        let uids = [&self.org_uid, &self.parent_org_uid];
        let guids = [&self.org_guid, &self.parent_org_guid];
        let texts = [
            Some(self.org_name.as_str()),
            self.org_ext_ref.as_deref(),
            self.notes.as_deref(),
            self.status.as_deref(),
        ];
        let ids = uids.into_iter().flatten().map(OrgUid::as_str);
        let ids = ids.chain(guids.into_iter().flatten().map(OrgGuid::as_str));
        let texts = ids.chain(texts.into_iter().flatten());
        size_of::<Self>() + self.document.size() + texts.map(allocated).sum::<usize>()
    }

    /// Reads the model out of a document.
    ///
    /// # Errors
    ///
    /// When it has neither an `orgId` nor an `orgGuid`: then it is no organization.
    pub fn from_document(document: Map<String, Value>) -> Result<Self, &'static str> {
        let org = Self::from_any_document(document);
        match (&org.org_id, &org.org_guid) {
            (None, None) => {
                Err("an organization has an orgId or an orgGuid, this document has neither")
            }
            _ => Ok(org),
        }
    }

    /// Reads the model out of a document that may lack the ids, such as a terse answer to a change.
    #[must_use]
    pub fn from_any_document(document: Map<String, Value>) -> Self {
        Self {
            org_id: read(&document, "orgId"),
            org_uid: read(&document, "orgUid"),
            org_guid: read(&document, "orgGuid"),
            org_name: read(&document, "orgName").unwrap_or_default(),
            org_ext_ref: field(&document, "orgExtRef"),
            notes: field(&document, "notes"),
            status: read(&document, "status"),
            active: read(&document, "active"),
            blocked: read(&document, "blocked"),
            parent_org_id: read(&document, "parentOrgId"),
            parent_org_uid: read(&document, "parentOrgUid"),
            parent_org_guid: read(&document, "parentOrgGuid"),
            creation_date: read(&document, "creationDate"),
            modification_date: read(&document, "modificationDate"),
            deactivation_date: read(&document, "deactivationDate"),
            registration_key: read(&document, "registrationKey"),
            document: Document::of_fields(document),
        }
    }
}

fn read<T: DeserializeOwned>(document: &Map<String, Value>, key: &str) -> Option<T> {
    T::deserialize(document.get(key)?).ok()
}

fn field(document: &Map<String, Value>, key: &str) -> Field<String> {
    match document.get(key) {
        Some(Value::String(text)) => Field::Value(text.clone()),
        Some(Value::Null) => Field::Null,
        _ => Field::Absent,
    }
}

impl Serialize for Org {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.document.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Org {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_document(Map::deserialize(deserializer)?).map_err(de::Error::custom)
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
    /// A page of these organizations, of a listing that has so many altogether.
    #[must_use]
    pub fn new(orgs: Vec<Org>, total_count: Option<u64>) -> Self {
        Self { total_count, orgs }
    }

    /// The ids of this page's organizations, by which two pages can be compared.
    #[must_use]
    pub fn keys(&self) -> HashSet<String> {
        self.orgs.iter().map(Org::key).collect()
    }
}

impl Org {
    /// What tells this organization from every other of its tenant: its number, or its guid where there is none.
    #[must_use]
    pub fn key(&self) -> String {
        match (&self.org_id, &self.org_guid) {
            (Some(id), _) => id.to_string(),
            (None, Some(guid)) => guid.to_string(),
            (None, None) => String::new(),
        }
    }
}

/// The body that creates an organization. What is [`Field::Absent`] is not sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateOrgBody {
    /// The name: 3 to 220 characters.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub org_name: Field<String>,
    /// External reference.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub org_ext_ref: Field<String>,
    /// Free text.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub notes: Field<String>,
    /// The parent, for the v3 route.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub parent_org_guid: Field<OrgGuid>,
    /// The parent, for the v1 route.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub parent_org_uid: Field<OrgUid>,
    /// The parent, as the oldest clients give it to the v1 route.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub parent_org_id: Field<OrgId>,
}

/// The body that changes an organization. What is [`Field::Absent`] is not sent and stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdateOrgBody {
    /// The new name.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub org_name: Field<String>,
    /// The new external reference; `""` clears it.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub org_ext_ref: Field<String>,
    /// The new notes; `""` clears them.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    pub notes: Field<String>,
}

/// What one device's agent last reported about one property.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AgentState {
    /// The device's guid, a decimal text.
    #[serde(default)]
    pub device_guid: String,
    /// The property, such as `fullDiskAccess`.
    #[serde(default)]
    pub name: String,
    /// What was reported; a text or a boolean, by server.
    #[serde(default)]
    pub value: Value,
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORDED: &str = r#"{"orgId":9087,"orgUid":"1007759454961904673","orgGuid":"a9578c3d-736b-4d96-80e5-71edd8a11ea3",
        "orgName":"19may","orgExtRef":null,"notes":"","status":"Active","active":true,"blocked":false,"parentOrgId":2689,
        "parentOrgUid":"890854247383106706","parentOrgGuid":"8c97h74umc2s8mmm","type":"ENTERPRISE",
        "classification":"BASIC","externalId":"1007759454961904673","hierarchyCounts":{},"configInheritanceCounts":{},
        "creationDate":"2021-05-19T10:10:43.459Z","modificationDate":"2021-05-20T14:43:42.276Z",
        "deactivationDate":null,"settings":{"maxSeats":null,"maxBytes":null},
        "settingsInherited":{"maxSeats":"","maxBytes":""},"settingsSummary":{"maxSeats":"","maxBytes":""},
        "registrationKey":"72RU-8P9S-M7KK-RHCC","reporting":{"orgManagers":[]},"customConfig":false,
        "someday":18446744073709551615}"#;

    #[test]
    fn the_recorded_shape_reads_and_comes_back_equal() {
        let org: Org = serde_json::from_str(RECORDED).unwrap();
        assert_eq!(org.org_id, Some(OrgId::from(9087)));
        assert_eq!(org.org_ext_ref, Field::Null);
        assert_eq!(org.notes, Field::Value(String::new()));
        assert_eq!(
            org.parent_org_guid.as_ref().unwrap().as_str(),
            "8c97h74umc2s8mmm"
        );
        assert_eq!(
            org.creation_date.unwrap().to_string(),
            "2021-05-19T10:10:43.459Z"
        );
        assert_eq!(org.deactivation_date, None);
        let before: Value = serde_json::from_str(RECORDED).unwrap();
        assert_eq!(serde_json::to_value(&org).unwrap(), before);
    }

    #[test]
    fn a_sparse_or_odd_document_still_reads() {
        let gateway: Org = serde_json::from_str(
            r#"{"orgGuid":"g","orgName":"x","userCount":"3","creationDate":7}"#,
        )
        .unwrap();
        assert_eq!(
            (gateway.org_id, gateway.creation_date, gateway.active),
            (None, None, None)
        );
        assert_eq!(gateway.key(), "g");
        let text_id: Org = serde_json::from_str(r#"{"orgId":"12","orgName":"x"}"#).unwrap();
        assert_eq!(OrgId::try_from(&text_id).unwrap(), OrgId::from(12));
        let missing = OrgGuid::try_from(&text_id).unwrap_err().to_string();
        assert!(missing.contains("no orgGuid"), "{missing}");
    }

    #[test]
    fn kept_as_text_it_is_the_same_and_takes_less() {
        let read: Org = serde_json::from_str(RECORDED).unwrap();
        let kept = Org::from_text(RECORDED).unwrap();
        let before = kept.memory();
        assert!(before < read.memory(), "{before} {}", read.memory());
        let copy = kept.to_document();
        assert_eq!(kept.memory(), before, "a copy leaves it as it is");
        assert_eq!(&copy, read.document());
        assert_eq!(
            serde_json::to_value(&kept).unwrap(),
            serde_json::to_value(&read).unwrap()
        );
        assert!(!format!("{kept:?}").contains("72RU"));
        assert_eq!(kept, read);
        assert!(Org::from_text(r#"{"orgName":"x"}"#).is_err());
    }

    #[test]
    fn what_has_no_id_is_no_organization() {
        assert!(serde_json::from_str::<Org>(r#"{"orgName":"x"}"#).is_err());
    }

    #[test]
    fn debug_output_shows_no_registration_key() {
        let org: Org = serde_json::from_str(RECORDED).unwrap();
        assert!(!format!("{org:?}").contains("72RU"));
    }

    #[test]
    fn bodies_leave_out_what_is_absent() {
        let body = UpdateOrgBody {
            notes: Field::Value(String::new()),
            ..UpdateOrgBody::default()
        };
        assert_eq!(serde_json::to_string(&body).unwrap(), r#"{"notes":""}"#);
        let read: UpdateOrgBody =
            serde_json::from_str(r#"{"orgName":"n","orgExtRef":null}"#).unwrap();
        assert_eq!((read.org_ext_ref, read.notes), (Field::Null, Field::Absent));
    }
}
