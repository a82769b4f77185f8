//! The transport of clients unless they are given another one: connections, kept ones, and the way through proxies.
//!
//! The connections are made here because no HTTP client repeats what a proxy has answered.

pub(crate) mod connector;
pub(crate) mod environment;
pub(crate) mod failure;
pub(crate) mod link;
pub(crate) mod pool;
pub(crate) mod proxy;
pub(crate) mod target;
pub(crate) mod tunnel;
