//! An organization with its typed fields, decoded from the text of its document.

use std::borrow::Cow;

use super::document::Document;
use super::{Org, OrgFields};
use crate::{Field, OrgGuid, OrgUid, RegistrationKey};

/// Reads the typed fields of a document. Where a document has a field twice, the last one counts.
pub(super) fn decode(document: Document) -> serde_json::Result<Org> {
    let fields = OrgFields::read_strictly(document.as_str())?;
    let uid = |uid: Option<Cow<'_, str>>| uid.and_then(|uid| OrgUid::try_from(&*uid).ok());
    let guid = |guid: Option<Cow<'_, str>>| guid.and_then(|guid| OrgGuid::try_from(&*guid).ok());
    let key = fields.registration_key();
    let key = key.and_then(|key| key.parse::<RegistrationKey>().ok());
    Ok(Org {
        org_id: fields.org_id(),
        org_uid: uid(fields.org_uid()),
        org_guid: guid(fields.org_guid()),
        org_name: fields.org_name().into_owned(),
        org_ext_ref: owned(fields.org_ext_ref()),
        notes: owned(fields.notes()),
        status: fields.status().map(Cow::into_owned),
        active: fields.active(),
        blocked: fields.blocked(),
        parent_org_id: fields.parent_org_id(),
        parent_org_uid: uid(fields.parent_org_uid()),
        parent_org_guid: guid(fields.parent_org_guid()),
        creation_date: fields.creation_date(),
        modification_date: fields.modification_date(),
        deactivation_date: fields.deactivation_date(),
        registration_key: key,
        document: document.clone(),
    })
}

fn owned(field: Field<Cow<'_, str>>) -> Field<String> {
    match field {
        Field::Absent => Field::Absent,
        Field::Null => Field::Null,
        Field::Value(text) => Field::Value(text.into_owned()),
    }
}
