//! The organizations of a tenant: how one is named and found, and what can be asked of it and changed; its settings are
//! in `settings`, the walk through all of them in `list`.

pub(crate) mod children;
pub(crate) mod found;
pub(crate) mod id_map;
pub(crate) mod into_org_key;
pub(crate) mod listing;
pub(crate) mod look_up;
pub(crate) mod org_key;
pub(crate) mod requests;
pub(crate) mod service;
