//! The handlers, by subject. They translate: a typed request into a question to the tenant, its views into a typed
//! answer. Each takes the gate that its endpoint's row requires; method, route and right are the row's.

pub(super) mod agents;
pub(super) mod api_clients;
pub(super) mod archives;
pub(super) mod auth_tokens;
pub(super) mod devices;
pub(super) mod gateway;
pub(super) mod openapi;
pub(super) mod orgs;
pub(super) mod roles;
pub(super) mod settings;
pub(super) mod sign_in;
pub(super) mod totp;
pub(super) mod users;
