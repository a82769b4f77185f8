//! How requests reach the tenant: over which connections, and through which proxy.
//!
//! The connections are made here, and not by reqwest, because it keeps to itself what a proxy has answered.

mod connector;
mod environment;
mod failure;
mod http;
mod link;
mod proxy;
mod tunnel;

pub(crate) use environment::{is_blank, proxy_for};
pub(crate) use failure::{End, NoConnection, behind, forwarded};
pub(crate) use http::{Http, Settings, Unanswered};
pub(crate) use proxy::{Kind, Proxy};
