//! How a request reaches the tenant and its answer comes back: addresses, connections, encryption, redirects and bodies;
//! nothing here knows an endpoint, a token or an organization.

pub(crate) mod address;
pub(crate) mod body;
pub(crate) mod net;
pub(crate) mod redirect;
pub(crate) mod tls;
