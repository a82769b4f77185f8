//! What all calls have in common: the client, its settings, credentials, retries, and the exchange of one request for
//! one answer. Nothing here knows what an endpoint means.

pub(crate) mod auth;
pub(crate) mod builder;
pub(crate) mod client;
pub(crate) mod exchange;
pub(crate) mod flavor;
pub(crate) mod keys;
pub(crate) mod pace;
pub(crate) mod request;
pub(crate) mod retry;
pub(crate) mod runtime;
pub(crate) mod single_flight;
pub(crate) mod trace;
