//! The documents of the API, typed: answers, bodies and queries. How the tenant's views become documents belongs
//! here; what is true does not.

pub(super) mod administration;
pub(super) mod agents;
pub(super) mod archives;
pub(super) mod devices;
pub(crate) mod orgs;
pub(super) mod queries;
pub(super) mod roles;
pub(crate) mod schemas;
pub(super) mod settings;
pub(super) mod tenant;
pub(super) mod users;
