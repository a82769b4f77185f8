//! How a request reaches the tenant and its answer comes back: the transport trait and its usual form, addresses,
//! encryption, redirects, dates, bodies and texts; nothing here knows an endpoint, a token or an organization.

pub(crate) mod address;
pub(crate) mod body;
pub(crate) mod dates;
pub(crate) mod deadline;
pub(crate) mod net;
pub(crate) mod redirect;
pub(crate) mod text;
pub(crate) mod tls;
pub(crate) mod transport;
