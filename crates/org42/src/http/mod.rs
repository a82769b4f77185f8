//! The path of a request to the tenant and of its answer back: the transport trait and its default form, addresses,
//! encryption, redirects, dates, bodies and texts. Nothing here knows an endpoint, a token or an organization.

pub(crate) mod address;
pub(crate) mod body;
pub(crate) mod buffers;
pub(crate) mod clock;
pub(crate) mod dates;
pub(crate) mod deadline;
pub(crate) mod net;
pub(crate) mod redirect;
pub(crate) mod text;
pub(crate) mod tls;
pub(crate) mod transport;
