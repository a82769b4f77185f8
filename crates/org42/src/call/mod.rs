//! What every call has in common, whatever it asks for: the client, its settings, who is calling, retries, one exchange,
//! and secrets kept out of what is shown; nothing here knows what an endpoint means.

pub(crate) mod auth;
pub(crate) mod builder;
pub(crate) mod client;
pub(crate) mod exchange;
pub(crate) mod flavor;
pub(crate) mod redact;
pub(crate) mod retry;
pub(crate) mod single_flight;
