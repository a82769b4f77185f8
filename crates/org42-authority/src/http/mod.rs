//! The API over HTTP. Routes, parameters and answers belong here; what is true is decided in [`crate::service`].
//!
//! - `table`, `routes`, `gate_kind`: the handler of each row of the endpoint table · `handlers/`: they translate
//! - `access/`: the caller of a request, and the gates that hand out the tenant
//! - `dto/`: the documents of the API, typed · `query`, `params`, `body`: reading them · `answer`, `listing`,
//!   `error_reply`: writing them · `describe`, `openapi`: the OpenAPI document
//! - `edge`, `guard`, `hosts`, `forwarded`, `connection`: the first checks of every request · `admission`, `intake`,
//!   `lanes`, `rate`: which requests are handled, and how many at once · `headers`, `spelling`: the forms of answers
//!   and paths

mod access;
pub(crate) mod admission;
pub(crate) mod answer;
pub(crate) mod body;
mod carried;
pub(crate) mod connection;
pub(crate) mod describe;
pub(crate) mod dto;
pub(crate) mod edge;
pub(crate) mod error_reply;
pub(crate) mod forwarded;
mod gate_kind;
pub(crate) mod guard;
mod handlers;
pub(crate) mod headers;
pub(crate) mod hosts;
pub(crate) mod intake;
mod keyed;
pub(crate) mod lanes;
pub(crate) mod listing;
pub(crate) mod openapi;
mod params;
mod query;
mod rate;
mod routes;
pub(crate) mod spelling;
pub(crate) mod table;

pub(crate) use access::{Admin, App};
pub(crate) use routes::{routes, service};
