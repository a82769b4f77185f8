//! What every call has in common, whatever it asks for: the client, its settings, who is calling, retries, one exchange;
//! nothing here knows what an endpoint means.

pub(crate) mod auth;
pub(crate) mod builder;
pub(crate) mod client;
pub(crate) mod exchange;
pub(crate) mod flavor;
pub(crate) mod request;
pub(crate) mod retry;
pub(crate) mod runtime;
pub(crate) mod single_flight;
pub(crate) mod trace;
