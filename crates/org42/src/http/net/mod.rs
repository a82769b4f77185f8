//! The default transport of clients: opening connections, keeping them, and going through proxies.
//!
//! Connections are opened here, because no HTTP client reports what a proxy has answered.

pub(crate) mod connector;
pub(crate) mod environment;
pub(crate) mod failure;
pub(crate) mod link;
pub(crate) mod pool;
pub(crate) mod proxy;
pub(crate) mod target;
pub(crate) mod tunnel;
