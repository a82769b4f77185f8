//! The API over HTTP. Routes, parameters and answers belong here; what is true is decided in [`crate::service`].
//!
//! - `table`, `routes`: which handler answers which row of the endpoint table · `handlers/`: they translate
//! - `access/`: who is asking, and the gates that hand out the tenant
//! - `dto/`: what goes over the wire, typed · `query`, `params`, `body`: reading it · `answer`, `listing`, `error_reply`:
//!   writing it · `describe`, `openapi`: the document of all that
//! - `edge`, `guard`, `hosts`, `forwarded`, `connection`: what every request passes first · `admission`, `intake`, `lanes`,
//!   `rate`: what is let in, and how much at once · `headers`, `spelling`

mod access;
pub(crate) mod admission;
pub(crate) mod answer;
pub(crate) mod body;
pub(crate) mod connection;
pub(crate) mod describe;
pub(crate) mod dto;
pub(crate) mod edge;
pub(crate) mod error_reply;
pub(crate) mod forwarded;
pub(crate) mod guard;
mod handlers;
pub(crate) mod headers;
pub(crate) mod hosts;
pub(crate) mod intake;
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
