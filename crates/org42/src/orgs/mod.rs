//! The organizations of a tenant: naming, finding, reading and changing them. Their settings belong to `settings`,
//! going through all of them to `list`.

mod changes;
pub(crate) mod children;
pub(crate) mod found;
pub(crate) mod id_map;
pub(crate) mod into_org_key;
pub(crate) mod lifecycle;
pub(crate) mod listing;
pub(crate) mod look_up;
pub(crate) mod many;
pub(crate) mod org_key;
pub(crate) mod requests;
pub(crate) mod service;
mod verified;
