//! Settings on their way: fetched from the server, and sent there until it is known what became of them.

pub(crate) mod fetch;
pub(crate) mod update;
