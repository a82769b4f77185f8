//! Takes ids out of the map of the tenant, or explains why there is none.

use std::fmt;
use std::sync::Arc;

use org42_types::OrgGuid;

use crate::call::single_flight::Versioned;
use crate::error::fault::Fault;
use crate::error::{Error, Result};
use crate::orgs::id_map::{Ids, OrgIdMap};
use crate::orgs::org_key::OrgKey;
use crate::redact::Secrets;

/// An organization that was looked up.
pub(crate) struct FoundOrg {
    pub(crate) guid: OrgGuid,
    pub(crate) generation: u64,
    pub(crate) just_read: bool,
}

/// How many bytes of an organization an error shows.
pub(crate) const LONGEST_CANDIDATE: usize = 1024;

pub(crate) fn lacks(
    id: &str,
    operation: &str,
    org: &impl fmt::Display,
    secrets: &Secrets,
) -> Error {
    let org = secrets.start_of(&org.to_string(), LONGEST_CANDIDATE);
    let message = format!("this server tells no {id} for {org}, and the route takes nothing else");
    Error::input(operation, message)
}

pub(crate) fn guid_in(
    map: &Versioned<Arc<OrgIdMap>>,
    key: &OrgKey,
    operation: &str,
    secrets: &Secrets,
) -> Result<OrgGuid> {
    let ids = ids_in(map, key, operation)?;
    ids.guid
        .clone()
        .ok_or_else(|| lacks("orgGuid", operation, ids, secrets))
}

pub(crate) fn ids_in<'a>(
    map: &'a Versioned<Arc<OrgIdMap>>,
    key: &OrgKey,
    operation: &str,
) -> Result<&'a Ids> {
    map.value.find(key).ok_or_else(|| {
        let message = format!(
            "none of the {} visible organizations is {key}",
            map.value.len()
        );
        Error::new(operation, Fault::NotFound(message))
    })
}
